"""Where a node of the standard library's ``ast`` stands, and what else the text says about it.

``ast`` gives lines from 1 and columns in bytes from 0; the spans of the intermediate form count
characters from 1. Tokens that leave no node behind (the parentheses of a signature, the ``as`` of a
clause) are found with the cursor.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import Any

from backend_gate.facts.depth import MAX_DEPTH, TooDeepError
from backend_gate.facts.model import Span
from backend_gate.facts.positions import Cursor

_STRIDE = 256
_INNER = bytes(range(0x80, 0xC0))
"""The octets of a character in UTF-8 behind its first."""


class WideLine:
    """A line with characters that are not ASCII. Characters are counted from marks, as lines may be long."""

    __slots__ = ("marks", "octets")

    def __init__(self, line: str) -> None:
        self.octets = line.encode()
        blocks = range(0, len(self.octets), _STRIDE)
        self.marks = list(accumulate((self._count(b, b + _STRIDE) for b in blocks), initial=0))

    def characters(self, octets: int) -> int:
        """How many characters the first so many octets hold."""
        block = octets // _STRIDE
        return self.marks[block] + self._count(block * _STRIDE, octets)

    def octets_of(self, characters: int) -> int:
        """How many octets the first so many characters take."""
        block = bisect_right(self.marks, characters, 0, len(self.marks) - 1) - 1
        start = block * _STRIDE
        near = self.octets[start : start + 4 * _STRIDE + 4]
        whole = near.lstrip(_INNER)  # a block may begin within a character
        there = whole.decode(errors="ignore")[: characters - self.marks[block]]
        return start + len(near) - len(whole) + len(there.encode())

    def _count(self, start: int, end: int) -> int:
        return len(self.octets[start:end].translate(None, _INNER))


class AstCursor(Cursor):
    """A cursor over the text that a tree was made of, and the state of the conversion.

    ``above``: how many lines of the text stand above the first line that was parsed.
    """

    __slots__ = ("above", "depth", "has_walrus", "has_yield", "wide")

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.above = 0
        self.depth = 0
        #: Whether a ``yield`` was seen in the scope that is being read.
        self.has_yield = False
        #: Whether a ``:=`` was seen outside of the bodies of functions.
        self.has_walrus = False
        #: The lines with characters that are not ASCII.
        self.wide = _wide_lines(text, self.starts)

    def deeper(self, levels: int = 1) -> None:
        """Go down; the caller comes up again by ``depth``."""
        self.depth += levels
        if self.depth > MAX_DEPTH:
            raise TooDeepError(*self.line_and_column(self.position))

    def place(self, node: Any) -> Span:
        """The span of a node."""
        line, end_line = node.lineno + self.above, node.end_lineno + self.above
        column, end_column = node.col_offset, node.end_col_offset
        if self.wide:
            column, end_column = self._characters(line, column), self._characters(end_line, end_column)
        return Span(line, column + 1, end_line, end_column + 1)

    def start(self, node: Any) -> int:
        """The offset of the first character of a node."""
        line: int = node.lineno + self.above
        return self.starts[line - 1] + self._characters(line, node.col_offset)

    def end(self, node: Any) -> int:
        """The offset behind the last character of a node."""
        line: int = node.end_lineno + self.above
        return self.starts[line - 1] + self._characters(line, node.end_col_offset)

    def _characters(self, line: int, octets: int) -> int:
        wide = self.wide.get(line)
        return octets if wide is None else wide.characters(octets)

    def octets_before(self, offset: int) -> int:
        """How many octets stand in front of an offset in its line."""
        line, column = self.line_and_column(offset)
        wide = self.wide.get(line)
        return column - 1 if wide is None else wide.octets_of(column - 1)

    def skip(self, characters: str) -> None:
        """Move behind all tokens of one character that are in ``characters``."""
        end = self.position
        text = self.text
        while text[self.next() : self.position + 1] in characters and self.position < len(text):
            self.position += 1
            end = self.position
        self.position = end


def _wide_lines(text: str, starts: list[int]) -> dict[int, WideLine]:
    if text.isascii():
        return {}
    bounds = [*starts, len(text)]
    found = {}
    for number, start in enumerate(starts, start=1):
        line = text[start : bounds[number]]
        if not line.isascii():
            found[number] = WideLine(line)
    return found
