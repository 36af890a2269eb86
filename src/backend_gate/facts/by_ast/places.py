"""Where a node of the standard library's ``ast`` stands, and what else the text says about it.

``ast`` gives lines from 1 and columns in bytes from 0; the spans of the intermediate form count
characters from 1. Tokens that leave no node behind (the parentheses of a signature, the ``as`` of a
clause) are found with the cursor.
"""

from __future__ import annotations

from typing import Any

from backend_gate.facts.depth import MAX_DEPTH, TooDeepError
from backend_gate.facts.model import Span
from backend_gate.facts.positions import Cursor


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
        return octets if wide is None else len(wide[:octets].decode(errors="replace"))

    def skip(self, characters: str) -> None:
        """Move behind all tokens of one character that are in ``characters``."""
        end = self.position
        text = self.text
        while text[self.next() : self.position + 1] in characters and self.position < len(text):
            self.position += 1
            end = self.position
        self.position = end


def _wide_lines(text: str, starts: list[int]) -> dict[int, bytes]:
    if text.isascii():
        return {}
    bounds = [*starts, len(text)]
    found = {}
    for number, start in enumerate(starts, start=1):
        line = text[start : bounds[number]]
        if not line.isascii():
            found[number] = line.encode()
    return found
