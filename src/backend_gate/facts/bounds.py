"""Refuses code that would exhaust the parser, before the parser sees it.

libcst recurses for every bracket, ``elif`` and operator: some thousands of them end the process, a
sum of ten thousand terms takes half a minute, and twenty brackets in a ``case`` or behind ``del`` take
longer than anybody waits. Two passes look for that. The first drops everything but punctuation and finds
nothing to ask about in nearly all files; it costs 2 % of parsing. The second goes over the tokens
and weighs how deep the parser would go at every place: an upper bound made without a grammar, where
operators on one level of brackets count as if each nested in the one before it.
"""

from __future__ import annotations

import re
from itertools import accumulate

from backend_gate.facts.positions import Cursor
from backend_gate.facts.source import UnreadableError

#: CPython's own limit for brackets.
MAX_BRACKETS = 200
#: Lines and items of lists; the parser builds some 20,000 of them a second.
MAX_ITEMS = 300_000
#: The parser needs three times as long for every further bracket of a pattern.
MAX_PATTERN_BRACKETS = 5
#: The parser needs twice as long for every further bracket behind ``del``, if the code is broken.
MAX_DEL_BRACKETS = 10
#: How deep the parser may go at one place, in links of a chain; it is safe and quick up to twice that.
MAX_WEIGHT = 1_000
# A bracket takes the parser through about this many times the frames of an operator.
_bracket_weight = 3

# --- first pass -----------------------------------------------------------------------------------

_punctuation = b"()[]{}\"'\\\n,#+-*/%@&|^<>=!~."
_other = bytes(set(range(256)) - set(_punctuation))
_text_in_punctuation = re.compile(
    rb'''"""[^"\\]*(?:\\.[^"\\]*|"(?!"")[^"\\]*)*(?:""")?'''
    rb"""|'''[^'\\]*(?:\\.[^'\\]*|'(?!'')[^'\\]*)*(?:''')?"""
    rb"""|"[^"\\\n]*(?:\\.[^"\\\n]*)*"?|'[^'\\\n]*(?:\\.[^'\\\n]*)*'?|\#[^\n]*|\\""",
    re.DOTALL,
)
_steps = [(byte in b"([{") - (byte in b")]}") for byte in range(256)]
_long_chain = re.compile(rb"[^,]{300}")
_long_text_chain = re.compile(rb"[^,]{1500}")
_case = re.compile(rb"^[ \t]*case\b([^\n]*)", re.MULTILINE)
_del = re.compile(rb"del(?<!\wdel)\b([^\n]*)")  # begins with letters: quick to search for
_chaining_words = (b"elif", b"else", b"lambda", b"not", b"and", b"or")


def _is_plain(data: bytes) -> bool:
    """Whether nothing in the file can nest deeply; cheap, and right when it says yes."""
    if sum(map(data.count, _chaining_words)) > MAX_WEIGHT * 2 // 3 + len(data) // 60:
        return False
    if b"case" in data and any(map(_may_be_deep_pattern, _case.findall(data))):
        return False
    if b"del" in data and any(map(_may_be_deep_del, _del.findall(data))):
        return False
    punctuation = data.translate(None, _other)
    code = _text_in_punctuation.sub(b"", punctuation)
    if _may_nest(code) or _long_chain.search(code.replace(b"\n", b"")):
        return False
    # A quote in an f-string can make code look like text, so text is looked at as well.
    texts = _text_in_punctuation.findall(punctuation)
    # Code stands in the braces of f-strings. Where it holds the same quotes again, text and code are
    # mistaken for each other, and a piece of such a string has a brace of its own.
    is_mistaken = any(text.count(b"{") != text.count(b"}") for text in texts)
    if is_mistaken and sum(map(_unbalanced, texts)) > MAX_BRACKETS // 4:
        return False
    long_chain = _long_chain if is_mistaken else _long_text_chain
    return not any(
        _may_nest(text) or long_chain.search(text.replace(b"\n", b"")) for text in texts if len(text) > 100
    )


def _may_nest(punctuation: bytes) -> bool:
    depths = list(accumulate(map(_steps.__getitem__, punctuation), initial=0))
    return max(depths) - min(depths) > MAX_BRACKETS // 4


def _unbalanced(text: bytes) -> int:
    opened = text.count(b"(") + text.count(b"[") + text.count(b"{")
    return abs(opened - text.count(b")") - text.count(b"]") - text.count(b"}"))


def _may_be_deep_pattern(line: bytes) -> bool:
    opened = line.count(b"(") + line.count(b"[") + line.count(b"{")
    closed = line.count(b")") + line.count(b"]") + line.count(b"}")
    return opened > MAX_PATTERN_BRACKETS or opened > closed


def _may_be_deep_del(line: bytes) -> bool:
    opened = sum(map(line.count, b"([{"))
    return opened > MAX_DEL_BRACKETS or opened > sum(map(line.count, b")]}"))


# --- second pass ----------------------------------------------------------------------------------

# Names and numbers nest nothing. A line end takes blank lines and lines of comment with it, up to
# the first word of the next line of code.
_token = re.compile(
    r"""(?P<comment>\#[^\r\n]*)
    |\\(?:\r\n?|\n)
    |(?P<line>(?:\r\n?|\n)(?:[ \t\f]*(?:\#[^\r\n]*)?(?:\r\n?|\n))*
        (?P<indent>[ \t\f]*)(?P<word>(?:elif|case)\b)?)
    |(?P<formatted>\b(?:[fFtT][rR]?|[rR][fFtT])(?P<quote>\"\"\"|'''|"|'))
    |(?P<text>
        \"\"\"[^"\\]*(?:\\.[^"\\]*|"(?!"")[^"\\]*)*(?:\"\"\")?
        |'''[^'\\]*(?:\\.[^'\\]*|'(?!\'\')[^'\\]*)*(?:''')?
        |"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"?
        |'[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'?)
    |(?P<open>[(\[{]) | (?P<close>[)\]}]) | (?P<comma>,) | (?P<colon>:)
    |(?P<operator>[-+*/%@&|^<>=!~.]+)
    |\b(?P<keyword>and|await|else|if|lambda|not|or)\b
    |\b(?P<del>del)\b | (?P<semicolon>;)
    """,
    re.VERBOSE | re.DOTALL,
)
# In an f-string: its text, and the format behind the colon of a hole, where braces are never doubled.
_text_tokens = {
    quote: re.compile(rf"\\.|{{{{|}}}}|(?P<open>{{)|(?P<end>{quote})" + cut, re.DOTALL)
    for quote, cut in {'"': r"|(?P<cut>[\r\n])", "'": r"|(?P<cut>[\r\n])", '"""': "", "'''": ""}.items()
}
_format_tokens = {
    quote: re.compile(rf"\\.|(?P<open>{{)|(?P<close>}})|(?P<end>{quote})", re.DOTALL)
    for quote in _text_tokens
}


def check_bounds(text: str, data: bytes) -> None:
    """Return if the file is safe to parse.

    Args:
        text: the file.
        data: the same in an encoding that contains ASCII.

    Raises:
        UnreadableError: it nests deeper than the limits of this module, and says where, or it is so
            long that it is data and no code.
    """
    if _items(data) > MAX_ITEMS:
        raise UnreadableError(f"more than {MAX_ITEMS:,} lines and items: this is data, not code")
    if _is_plain(data):
        return
    found = _Weigher(text).first_excess()
    if found is not None:
        offset, message = found
        raise UnreadableError(message, *Cursor(text).line_and_column(offset))


def _items(data: bytes) -> int:
    """How many lines, statements and items of lists there are. Text counts only if it is little."""
    semicolons = data.count(b";")
    found = data.count(b",") + data.count(b"\n") + data.count(b"\r") + semicolons
    if found <= MAX_ITEMS:
        return found
    code = _text_in_punctuation.sub(b"", data.translate(None, _other))
    return code.count(b",") + max(code.count(b"\n"), data.count(b"\r")) + semicolons


class _Formatted:
    """An f-string that is open. ``holes``: the number of open brackets in each of its open holes, with
    the brace of the hole; ``formats``: whether the place is behind the colon of that hole."""

    def __init__(self, quote: str) -> None:
        self.quote = quote
        self.holes: list[int] = []
        self.formats: list[bool] = []

    @property
    def token(self) -> re.Pattern[str]:
        """What to look for at this place."""
        if not self.holes:
            return _text_tokens[self.quote]
        return _format_tokens[self.quote] if self.formats[-1] else _token


class _Weigher:
    """Goes over a text and knows how deep the parser would be."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.brackets: list[int] = []  # the weight in front of each open bracket
        self.formatted: list[_Formatted] = []
        self.floor = 0  # the weight of an empty statement here
        self.weight = 0
        self.branches = [0]  # the number of elif at this indentation and at those around it
        self.indents = [0]
        self.in_pattern = False
        self.in_del = False

    def first_excess(self) -> tuple[int, str] | None:
        """The offset of the first place that is too deep, and what is wrong there."""
        position = 0
        while True:
            within = self.formatted[-1] if self.formatted else None
            token = within.token if within is not None else _token
            match = token.search(self.text, position)
            if match is None:
                return None
            position = match.end()
            if within is not None and token is not _token:
                self._text(match.lastgroup, within)
            else:
                self._code(match, within)
            message = self._excess()
            if message:
                return match.start(), message

    def _text(self, kind: str | None, within: _Formatted) -> None:
        """A step through the text of an f-string, or through the format of a hole in it."""
        if kind == "open":
            self._open()
            within.holes.append(len(self.brackets))
            within.formats.append(False)
        elif kind == "close":
            self._close()
            within.holes.pop()
            within.formats.pop()
        elif kind in {"end", "cut"}:
            self.formatted.pop()
            for _ in within.holes:  # an error, but not one of depth
                self._close()

    def _code(self, match: re.Match[str], within: _Formatted | None) -> None:
        kind = match.lastgroup
        is_hole = within is not None and within.holes[-1] == len(self.brackets)
        if kind == "open":
            self._open()
        elif kind == "close":
            self._close()
            if within is not None and is_hole:
                within.holes.pop()
                within.formats.pop()
        elif kind == "comma":
            self.weight = self.brackets[-1] + _bracket_weight if self.brackets else self.floor
        elif kind == "operator":
            self.weight += match.end() - match.start()
        elif kind == "keyword":
            self.weight += 1
            self._end_pattern()
        elif kind == "formatted":
            self.formatted.append(_Formatted(match["quote"]))
        elif kind == "colon":
            self._end_pattern()
            if within is not None and is_hole:
                within.formats[-1] = True
        elif kind == "del":
            self.in_del = True
        elif kind == "semicolon" and not self.brackets:
            self.in_del = False
        elif kind == "line" and not self.brackets:
            self._line(len(match["indent"].expandtabs(8)), match["word"])

    def _open(self) -> None:
        self.brackets.append(self.weight)
        self.weight += _bracket_weight

    def _close(self) -> None:
        if self.brackets:
            self.weight = self.brackets.pop() + 1

    def _end_pattern(self) -> None:
        if not self.brackets:
            self.in_pattern = False

    def _excess(self) -> str:
        if len(self.brackets) > MAX_BRACKETS:
            return f"more than {MAX_BRACKETS} brackets inside each other"
        if self.in_pattern and len(self.brackets) > MAX_PATTERN_BRACKETS:
            return f"more than {MAX_PATTERN_BRACKETS} brackets inside each other in the pattern of a case"
        if self.in_del and len(self.brackets) > MAX_DEL_BRACKETS:
            return f"more than {MAX_DEL_BRACKETS} brackets inside each other behind del"
        if self.weight > MAX_WEIGHT:
            return f"more than {MAX_WEIGHT} operators, brackets or branches inside each other"
        return ""

    def _line(self, indent: int, word: str | None) -> None:
        """A statement begins."""
        while indent < self.indents[-1]:
            self.indents.pop()
            self.branches.pop()
        if indent > self.indents[-1]:
            self.indents.append(indent)
            self.branches.append(0)
        self.branches[-1] = self.branches[-1] + 1 if word == "elif" else 0
        self.weight = self.floor = sum(self.branches) + len(self.indents)
        self.in_pattern = word == "case"
        self.in_del = False
