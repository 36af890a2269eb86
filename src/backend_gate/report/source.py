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
        self._data: bytes | None = None
        self._lines: list[str] | None = None

    def lines(self, file: str, first: int, last: int) -> list[tuple[int, str]]:
        """The lines ``first`` to ``last`` (from 1, both included) of ``file``, with their numbers.

        Empty if the file is gone, lies outside the tree, is no regular file, or is larger than
        what the reader takes: a report without a code frame is still a report.
        """
        data = self.data(file)
        if self._lines is None:
            self._lines = (
                _LINE_END.split(_decode(data)) if data is not None and len(data) <= MAX_BYTES else []
            )
        start = max(1, first)
        return list(enumerate(self._lines[start - 1 : last], start))

    def data(self, file: str) -> bytes | None:
        """The bytes of ``file``, cut behind what the reader takes; ``None`` where :meth:`lines` is empty
        because the file is gone, lies outside the tree or is no regular file.
        """
        if file != self._file:
            self._file, self._data, self._lines = file, self._read(file), None
        return self._data

    def _read(self, file: str) -> bytes | None:
        try:
            return read_bytes(self._root, file)
        except (CannotOpenError, OSError, ValueError):  # a folder; a NUL in the name
            return None


def _decode(data: bytes) -> str:
    """As the reader decodes it; a file that the reader refuses is shown as far as UTF-8 goes."""
    try:
        return decode(data)
    except UnreadableError:
        return data.decode("utf-8-sig", errors="replace")
