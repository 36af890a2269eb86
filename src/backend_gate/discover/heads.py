"""The first bytes of files, read once: enough for imports and header comments."""

from __future__ import annotations

import os
import re
from pathlib import Path

from backend_gate.discover.model import Unreadable

HEAD_BYTES = 8192

_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+([A-Za-z_][\w.]*)[ \t]+import\b[ \t(]*([A-Za-z_]\w*)?|"
    rb"import[ \t]+([A-Za-z_][\w.]*))",
    re.MULTILINE,
)


def imports_in(code: bytes) -> frozenset[str]:
    """The absolute names that Python code imports, found without parsing.

    ``from a.b import c`` gives ``a.b`` and ``a.b.c``: whether ``c`` is a module is not known here. Of several
    names in one statement the first is seen.
    """
    names: set[str] = set()
    for module, item, plain in _IMPORT.findall(code):
        name = (module or plain).decode("ascii", "ignore")
        names.add(name)
        if item:
            names.add(f"{name}.{item.decode('ascii', 'ignore')}")
    return frozenset(names)


class Heads:
    """Reads and keeps the beginnings of files below ``root``.

    A file that cannot be read is empty here and listed in ``unreadable``.
    """

    def __init__(self, root: Path) -> None:
        self._root = os.fspath(root)
        self._heads: dict[str, bytes] = {}
        self._imports: dict[str, frozenset[str]] = {}
        self.unreadable: list[Unreadable] = []

    def get(self, path: str) -> bytes:
        """The first :data:`HEAD_BYTES` of a file."""
        head = self._heads.get(path)
        if head is None:
            head = self._heads[path] = self._read(path)
        return head

    def whole(self, path: str, limit: int = 1024 * 1024) -> bytes:
        """A file up to ``limit`` bytes; not kept."""
        return self._read(path, limit)

    def imports(self, path: str) -> frozenset[str]:
        """What :func:`imports_in` finds in the head of a file."""
        found = self._imports.get(path)
        if found is None:
            found = self._imports[path] = imports_in(self.get(path))
        return found

    def _read(self, path: str, limit: int = HEAD_BYTES) -> bytes:
        try:
            descriptor = os.open(f"{self._root}/{path}", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            self.unreadable.append(Unreadable(path, f"cannot be read: {error.strerror}"))
            return b""
        try:
            return os.read(descriptor, limit)
        except OSError as error:
            self.unreadable.append(Unreadable(path, f"cannot be read: {error.strerror}"))
            return b""
        finally:
            os.close(descriptor)
