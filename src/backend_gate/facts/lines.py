"""From the bytes that tree-sitter counts to the lines and characters that people count."""

from __future__ import annotations

import re
from bisect import bisect_right

_line_end = re.compile(rb"\r\n?|\n")


class Lines:
    """The lines of a text in UTF-8; they end with ``\\n``, ``\\r\\n`` or ``\\r``.

    Offsets are bytes from 0, lines and columns start at 1, columns are characters.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._starts = [0, *(match.end() for match in _line_end.finditer(data))]

    def __len__(self) -> int:
        return len(self._starts)

    def start(self, line: int) -> int:
        """The offset of the first byte of a line."""
        return self._starts[line - 1]

    def line(self, offset: int) -> int:
        """The line that an offset lies on."""
        return bisect_right(self._starts, offset)

    def column(self, offset: int) -> int:
        """The column of an offset on its line."""
        start = self._starts[self.line(offset) - 1]
        return len(self._data[start:offset].decode(errors="replace")) + 1

    def offset(self, line: int, column: int) -> int:
        """The offset of a place; the end of the text for a place behind it."""
        if line > len(self._starts):
            return len(self._data)
        start = self._starts[line - 1]
        end = self._starts[line] if line < len(self._starts) else len(self._data)
        text = self._data[start:end].decode(errors="replace")
        return start + len(text[: column - 1].encode())
