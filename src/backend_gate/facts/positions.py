"""Where a node stands: a cursor that walks the source text token by token.

libcst's own ``PositionProvider`` renders the whole tree again and costs three times as much as
parsing. The converter visits every token in source order anyway, so it names each token it passes
and the cursor finds it behind white space, comments and line continuations. A token that is not
there means that tree and text disagree: :class:`LostPositionError`, never a guess.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

from backend_gate.facts.model import Span

# Blanks, line ends, backslashes of continuation lines, semicolons and comments stand between tokens.
_between_tokens = re.compile(r"[ \t\f\r\n\\;]*(?:#[^\r\n]*[ \t\f\r\n\\;]*)*").match
_line_end = re.compile(r"\r\n?|\n")


class LostPositionError(Exception):
    """Tree and text disagree: a fault of the reader, not of the file."""

    def __init__(self, expected: str, line: int, column: int) -> None:
        super().__init__(f"expected {expected!r} at {line}:{column}")
        self.line = line
        self.column = column


def line_starts(text: str) -> list[int]:
    """Offsets of the first character of every line; lines end with ``\\n``, ``\\r\\n`` or ``\\r``."""
    if "\r" in text:
        return [0, *(match.end() for match in _line_end.finditer(text))]
    return list(accumulate([len(line) + 1 for line in text.split("\n")[:-1]], initial=0))


class Cursor:
    """A place in a text that only moves forward."""

    __slots__ = ("position", "starts", "text")

    def __init__(self, text: str, position: int = 0) -> None:
        self.text = text
        self.position = position
        self.starts = line_starts(text)

    def next(self) -> int:
        """Move to the first character of the next token and return its offset."""
        found = _between_tokens(self.text, self.position)
        assert found is not None  # noqa: S101  (the pattern matches the empty text)
        self.position = found.end()
        return self.position

    def token(self, expected: str) -> None:
        """Move behind the next token, which is ``expected``."""
        text = self.text
        position = self.position
        if not text.startswith(expected, position):
            position = self.next()
            if not text.startswith(expected, position):
                raise self.lost(expected)
        self.position = position + len(expected)

    def optional(self, expected: str) -> bool:
        """Move behind the next token if it is ``expected``; else stay."""
        end = self.position
        if self.text.startswith(expected, self.next()):
            self.position += len(expected)
            return True
        self.position = end
        return False

    def raw(self, expected: str) -> None:
        """Move behind ``expected``, which starts right here: text inside a literal."""
        if not self.text.startswith(expected, self.position):
            raise self.lost(expected)
        self.position += len(expected)

    def lost(self, expected: str) -> LostPositionError:
        line, column = self.line_and_column(self.position)
        return LostPositionError(expected, line, column)

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """The inverse of :meth:`line_and_column`."""
        return self.starts[line - 1] + column - 1

    def span(self, start: int, end: int) -> Span:
        """The span of the characters from ``start`` up to ``end``."""
        starts = self.starts
        line = bisect_right(starts, start)
        begin = starts[line - 1]
        if line == len(starts) or end < starts[line]:
            return Span(line, start - begin + 1, line, end - begin + 1)
        end_line = bisect_right(starts, end, line)
        return Span(line, start - begin + 1, end_line, end - starts[end_line - 1] + 1)

    def since(self, start: int) -> Span:
        """The span from ``start`` up to the last token that was passed."""
        return self.span(start, self.position)
