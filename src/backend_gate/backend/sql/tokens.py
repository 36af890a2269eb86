"""The words of a SQL text with holes.

A forgiving reader for every dialect at once: it never fails, whatever the text. It knows what a hole can be
*inside of* (a quoted literal, a quoted name, a placeholder, a comment), which no later step could find out.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backend_gate.backend.sql.keywords import words

HOLE = "\ue000"
"""Stands for one hole in a text (a character of the private-use area, so no letter, digit or blank)."""


class Kind(enum.Enum):
    """What a token is.

    ``HOLE`` is one or more holes and nothing else; a name such as ``idx_{x}`` is a ``WORD``.
    """

    WORD = "word"
    NUMBER = "number"
    STRING = "string"
    NAME = "quoted name"
    BODY = "dollar-quoted text"
    PLACEHOLDER = "placeholder"
    OPERATOR = "operator"
    COMMENT = "comment"
    HOLE = "hole"


@dataclass(frozen=True, slots=True)
class Token:
    """``text`` as written with :data:`HOLE` for a hole; ``upper`` is set for words without a hole.

    ``glued``: nothing stands between this token and the one before. ``holes`` are indices in order
    of occurrence.
    """

    kind: Kind
    text: str
    upper: str
    glued: bool
    holes: tuple[int, ...]


# Words that end where a hole begins ("LIMIT{n}") or begin where one ends ("{condition}ORDER BY").
_SPLITTING = words(
    "SELECT FROM WHERE AND OR NOT IN IS LIKE SET VALUES INTO JOIN ON BY ORDER GROUP HAVING LIMIT "
    "OFFSET UNION AS DESC ASC BETWEEN RETURNING USING TRUE FALSE NULL END"
)

_PATTERN = r"""
    (?P<blank>\s+)
  | (?P<comment>--[^\n]*{hash_comment}|/\*.*?(?:\*/|\Z))
  | (?P<body>\$(?P<tag>[A-Za-z_]\w*)?\$.*?(?:\$(?P=tag)\$|\Z)|\$\$.*?(?:\$\$|\Z))
  | (?P<escaped>[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z))
  | (?P<string>(?:[nNbBxX]|[uU]&)?'{string_body}(?:'|\Z))
  | (?P<double>"{double_body}(?:"|\Z))
  | (?P<back>`(?:[^`]|``)*(?:`|\Z))
  | (?P<bracket>\[[\w\ $\#@\-H]{{0,64}}[A-Za-z_H][\w\ $\#@\-H]{{0,64}}\])
  | (?P<placeholder>%\([^()]*\)[A-Za-z]|%[sbt](?!\w)
      |(?<![:\w]):[A-Za-z_H][\wH]*|(?<![:\w]):\d+
      |\$H+|\$\d+|\$\{{[^{{}}\s]*\}}|\$[A-Za-z_]\w*|\?(?![|&])\d*|@@?[A-Za-z_H][\wH.]*)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\wH])|\d+(?:\.\d+)?(?=H))
  | (?P<word>(?:[^\W\d]|H)[\w$\#H]*|\d\w+)
  | (?P<operator>::|->>|->|\#>>|\#>|\|\||<=>|<=|>=|<>|!=|:=|=>|==|!~\*|~\*|!~|&&|<<|>>|@>|<@|@@|@\?|\?\||\?&|.)
"""


def _compile(*, backslash: bool, hash_comment: bool) -> re.Pattern[str]:
    literal = r"(?:[^{q}\\]|\\.|{q}{q})*" if backslash else r"(?:[^{q}]|{q}{q})*"
    pattern = _PATTERN.format(
        hash_comment=r"|\#[^\n]*" if hash_comment else "",
        string_body=literal.replace("{q}", "'"),
        double_body=literal.replace("{q}", '"'),
    )
    return re.compile(pattern.replace("H", HOLE), re.VERBOSE | re.DOTALL)


_STANDARD = _compile(backslash=False, hash_comment=False)
_BACKSLASH = _compile(backslash=True, hash_comment=False)
_MYSQL = _compile(backslash=True, hash_comment=True)

_KINDS = {
    "comment": Kind.COMMENT,
    "body": Kind.BODY,
    "escaped": Kind.STRING,
    "string": Kind.STRING,
    "double": Kind.NAME,
    "back": Kind.NAME,
    "bracket": Kind.NAME,
    "placeholder": Kind.PLACEHOLDER,
    "number": Kind.NUMBER,
    "word": Kind.WORD,
    "operator": Kind.OPERATOR,
}
_SUBSCRIPTABLE = frozenset({Kind.WORD, Kind.NAME, Kind.HOLE, Kind.PLACEHOLDER})


def text_of(parts: Sequence[object]) -> str:
    """One text of literal pieces and holes: every part that is not a ``str`` is a hole.

    The private-use character that stands for holes is blanked out of the literal pieces.
    """
    return "".join(p.replace(HOLE, " ") if isinstance(p, str) else HOLE for p in parts)


def tokenize(text: str, dialect: str | None) -> list[Token]:
    """All tokens, comments included, in order. Never fails; a quote that nobody closes runs to the end."""
    if dialect == "mysql":
        return list(_scan(text, _MYSQL))
    tokens = list(_scan(text, _STANDARD))
    if "\\'" in text and dialect is None and _is_open(tokens):
        escaped = list(_scan(text, _BACKSLASH))
        if not _is_open(escaped):
            return escaped
    return tokens


def _is_open(tokens: list[Token]) -> bool:
    """The last token is a quoted literal without its closing quote."""
    if not tokens or tokens[-1].kind is not Kind.STRING:
        return False
    quoted = tokens[-1].text
    return quoted.count("'") - 2 * quoted.count("\\'") < 2 or not quoted.endswith("'")


def _scan(text: str, pattern: re.Pattern[str]) -> Iterator[Token]:
    hole = 0
    glued = False
    last: Token | None = None
    for match in pattern.finditer(text):
        group = match.lastgroup or ""
        if group == "blank":
            glued = False
            continue
        if group == "tag":  # the named group inside a dollar-quoted text
            group = "body"
        for piece, kind in _pieces(match.group(), group, last, glued):
            count = piece.count(HOLE)
            holes = tuple(range(hole, hole + count))
            hole += count
            upper = piece.upper() if kind is Kind.WORD and not count else ""
            last = Token(kind, piece, upper, glued, holes)
            yield last
            glued = True


def _pieces(text: str, group: str, last: Token | None, glued: bool) -> list[tuple[str, Kind]]:
    """A match as tokens: a word may hold a keyword and a hole, a bracket may be a subscript."""
    kind = _KINDS[group]
    if group == "bracket" and (
        (last is not None and last.upper == "ARRAY")
        or (glued and last is not None and last.kind in _SUBSCRIPTABLE)
    ):
        return [("[", Kind.OPERATOR), *_words(text[1:-1]), ("]", Kind.OPERATOR)]
    if kind is Kind.WORD and HOLE in text:
        return _split(text)
    return [(text, kind)]


def _words(text: str) -> list[tuple[str, Kind]]:
    pieces: list[tuple[str, Kind]] = []
    for match in re.finditer(rf"[\w{HOLE}]+|\S", text):
        word = match.group()
        if HOLE in word:
            pieces += _split(word)
        elif word.isdigit():
            pieces.append((word, Kind.NUMBER))
        else:
            pieces.append((word, Kind.WORD if word[0].isalpha() or word[0] == "_" else Kind.OPERATOR))
    return pieces


def _split(text: str) -> list[tuple[str, Kind]]:
    """A word that touches holes: keywords at its ends come off, the rest is a name or holes alone."""
    before = text[: text.index(HOLE)]
    after = text[text.rindex(HOLE) + 1 :]
    pieces: list[tuple[str, Kind]] = []
    start, end = 0, len(text)
    if before.upper() in _SPLITTING:
        pieces.append((before, Kind.WORD))
        start = len(before)
    tail = after.upper() in _SPLITTING
    if tail:
        end -= len(after)
    core = text[start:end]
    pieces.append((core, Kind.HOLE if not core.strip(HOLE) else Kind.WORD))
    if tail:
        pieces.append((after, Kind.WORD))
    return pieces
