"""Lines of the judged source, read for code frames: inside the tree, regular files, bounded."""

from __future__ import annotations

import re
from pathlib import Path

from backend_gate.facts.files import CannotOpenError, read_bytes
from backend_gate.facts.source import MAX_BYTES, UnreadableError, decode

_LINE_END = re.compile(r"\r\n|\r|\n")


class SourceReader:
    """Reads lines of files below ``root``. Keeps the last file, as reports go file by file."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._file = ""
        self._lines: list[str] = []

    def lines(self, file: str, first: int, last: int) -> list[tuple[int, str]]:
        """The lines ``first`` to ``last`` (from 1, both included) of ``file``, with their numbers.

        Empty if the file is gone, lies outside the tree, is no regular file, or is larger than
        what the reader takes: a report without a code frame is still a report.
        """
        if file != self._file:
            self._file, self._lines = file, self._read(file)
        start = max(1, first)
        return list(enumerate(self._lines[start - 1 : last], start))

    def _read(self, file: str) -> list[str]:
        try:
            data = read_bytes(self._root, file)
        except (CannotOpenError, OSError, ValueError):  # a folder; a NUL in the name
            return []
        if len(data) > MAX_BYTES:
            return []
        return _LINE_END.split(_decode(data))


def _decode(data: bytes) -> str:
    """As the reader decodes it; a file that the reader refuses is shown as far as UTF-8 goes."""
    try:
        return decode(data)
    except UnreadableError:
        return data.decode("utf-8-sig", errors="replace")
