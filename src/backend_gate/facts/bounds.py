"""Refuses code that would exhaust the parser, before the parser sees it.

libcst recurses for every bracket, ``elif`` and operator: some thousands of them end the process, a
sum of ten thousand terms takes half a minute, and twenty brackets in a ``case`` take longer than
anybody waits. Two passes look for that. The first drops everything but punctuation and finds
nothing to ask about in nearly all files; it costs 2 % of parsing. The second goes over the tokens
and weighs how deep the parser would go at every place: an upper bound made without a grammar, where
operators on one level of brackets count as if each nested in the one before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate

from backend_gate.facts.positions import Cursor
from backend_gate.facts.source import UnreadableError

#: CPython's own limit for brackets.
MAX_BRACKETS = 200
#: The parser needs three times as long for every further bracket of a pattern.
MAX_PATTERN_BRACKETS = 5
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
_long_text = re.compile(rb"[^,]{1500}")
_case = re.compile(rb"^[ \t]*case\b([^\n]*)", re.MULTILINE)
_chaining_words = (b"elif", b"else", b"lambda", b"not", b"and", b"or")


def _is_plain(data: bytes) -> bool:
    """Whether nothing in the file can nest deeply; cheap, and right when it says yes."""
    if sum(map(data.count, _chaining_words)) > MAX_WEIGHT * 2 // 3 + len(data) // 60:
        return False
    if b"case" in data and any(map(_may_be_deep_pattern, _case.findall(data))):
        return False
    punctuation = data.translate(None, _other)
    code = _text_in_punctuation.sub(b"", punctuation)
    if _may_nest(code) or _long_chain.search(code.replace(b"\n", b"")):
        return False
    # A quote in an f-string can make code look like text, so text is looked at as well.
    texts = _text_in_punctuation.findall(punctuation)
    if sum(map(_unbalanced, texts)) > MAX_BRACKETS // 2:
        return False
    return not any(
        _may_nest(text) or _long_text.search(text.replace(b"\n", b""))
        for text in texts
        if len(text) > MAX_BRACKETS
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


# --- second pass ----------------------------------------------------------------------------------

# Names and numbers nest nothing. A line end takes blank lines and lines of comment with it, up to
# the first word of the next line of code.
_token = re.compile(
    r"""(?P<comment>\#[^\r\n]*)
    |\\(?:\r\n?|\n)
    |(?P<line>(?:\r\n?|\n)(?:[ \t\f]*(?:\#[^\r\n]*)?(?:\r\n?|\n))*
        (?P<indent>[ \t\f]*)(?P<word>(?:elif|case)\b)?)
    |(?P<text>(?P<prefix>[A-Za-z]{0,2})(?:
        \"\"\"[^"\\]*(?:\\.[^"\\]*|"(?!"")[^"\\]*)*(?:\"\"\")?
        |'''[^'\\]*(?:\\.[^'\\]*|'(?!'')[^'\\]*)*(?:''')?
        |"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"?
        |'[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'?))
    |(?P<open>[(\[{]) | (?P<close>[)\]}]) | (?P<comma>,) | (?P<colon>:=?)
    |(?P<operator>[-+*/%@&|^<>=!~.]+)
    |\b(?P<keyword>and|await|else|if|lambda|not|or)\b
    """,
    re.VERBOSE | re.DOTALL,
)


def check_bounds(text: str, data: bytes) -> None:
    """Return if the file is safe to parse.

    Args:
        text: the file.
        data: the same in an encoding that contains ASCII.

    Raises:
        UnreadableError: it nests deeper than the limits of this module; says where.
    """
    if _is_plain(data):
        return
    for offset, message in _Weigher().excesses(text):
        raise UnreadableError(message, *Cursor(text).line_and_column(offset))


class _Weigher:
    """Where the parser is in a text, as far as its depth goes."""

    def __init__(self) -> None:
        self.brackets: list[int] = []  # the weight in front of each open bracket
        self.floor = 0  # the weight of an empty statement here
        self.weight = 0
        self.branches = [0]  # the number of elif at this indentation and at those around it
        self.indents = [0]
        self.in_pattern = False
        self.has_formatted = False  # whether this statement has had an f-string

    def excesses(self, text: str, *, is_formatted: bool = False) -> Iterator[tuple[int, str]]:
        """The offsets of the places that are too deep, and what is wrong there.

        With ``is_formatted``, ``text`` is the inside of an f-string: code is what stands in braces.
        """
        position = 0
        while True:
            if is_formatted and not self.brackets:
                position = _opening_brace(text, position)
                match = _token.match(text, position) if position >= 0 else None
            else:
                match = _token.search(text, position)
            if match is None:
                return
            position = match.end()
            kind = match.lastgroup
            if kind == "text":
                yield from self._text(match)
            elif kind == "comment" and self.has_formatted:
                position = match.start() + 1  # perhaps text, and code behind it
            else:
                self._step(match, kind)
            message = self._excess()
            if message:
                yield match.start(), message

    def _step(self, match: re.Match[str], kind: str | None) -> None:
        if kind == "open":
            self.brackets.append(self.weight)
            self.weight += _bracket_weight
        elif kind == "close":
            if self.brackets:
                self.weight = self.brackets.pop() + 1
        elif kind == "comma":
            self.weight = self.brackets[-1] + _bracket_weight if self.brackets else self.floor
        elif kind == "operator":
            self.weight += match.end() - match.start()
        elif kind == "keyword":
            self.weight += 1
            self._end_pattern()
        elif kind == "colon":
            self._end_pattern()
        elif kind == "line" and not self.brackets:
            self._line(len(match["indent"].expandtabs(8)), match["word"])

    def _end_pattern(self) -> None:
        if not self.brackets:
            self.in_pattern = False

    def _excess(self) -> str:
        if len(self.brackets) > MAX_BRACKETS:
            return f"more than {MAX_BRACKETS} brackets inside each other"
        if self.in_pattern and len(self.brackets) > MAX_PATTERN_BRACKETS:
            return f"more than {MAX_PATTERN_BRACKETS} brackets inside each other in the pattern of a case"
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
        self.has_formatted = False

    def _text(self, match: re.Match[str]) -> Iterator[tuple[int, str]]:
        """Code in an f-string, and whatever may be code because an f-string stands before it."""
        prefix = match["prefix"]
        is_formatted = not set("fFtT").isdisjoint(prefix)
        self.has_formatted = self.has_formatted or is_formatted
        if not self.has_formatted:
            return
        inner = _Weigher()
        inner.weight = self.weight
        inner.has_formatted = True
        inside = match[0][len(prefix) :].strip("\"'")
        for _, message in inner.excesses(inside, is_formatted=is_formatted):
            yield match.start(), message


def _opening_brace(text: str, position: int) -> int:
    """The next brace that is not doubled, or -1."""
    while True:
        position = text.find("{", position)
        if position < 0 or not text.startswith("{{", position):
            return position
        position += 2
