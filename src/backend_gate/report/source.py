"""Lines of the judged source, read for code frames: inside the tree, regular files, bounded."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from backend_gate.facts.source import MAX_BYTES, Unreadable, decode

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
            path = (self._root / file).resolve(strict=True)
            if not path.is_relative_to(self._root):
                return []
            status = path.stat()
            if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
                return []
            with path.open("rb") as stream:
                data = stream.read(MAX_BYTES)
        except (OSError, ValueError, RuntimeError):  # ValueError: NUL in the name; RuntimeError: a link loop
            return []
        return _LINE_END.split(_decode(data))


def _decode(data: bytes) -> str:
    """As the reader decodes it; a file that the reader refuses is shown as far as UTF-8 goes."""
    try:
        return decode(data)
    except Unreadable:
        return data.decode("utf-8-sig", errors="replace")
