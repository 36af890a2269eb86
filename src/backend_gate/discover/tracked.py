"""Which files git tracks, read from its index.

A tracked file is part of the project even where a ``.gitignore`` pattern matches it; git says so, and a
production file that was added with ``git add -f`` must not escape the gate. git itself is not run: a
repository's configuration can name programs that it would start.
"""

from __future__ import annotations

import os
import struct
from contextlib import suppress
from pathlib import Path

from backend_gate.regular import read_regular

_MAX_BYTES = 256 * 1024 * 1024
_MAX_CONFIG = 1024 * 1024
_MAX_NAME = 4096
_EXTENDED = 0x4000
_FIXED = 40  # times, device, inode, mode, owner, size: four bytes each


class TrackedFiles:
    """The tracked Python files of a repository, relative to it, and the folders around them."""

    def __init__(self, paths: frozenset[str]) -> None:
        self.paths = paths
        self._folders: set[str] = set()
        for path in paths:
            folder = path.rpartition("/")[0]
            while folder and folder not in self._folders:
                self._folders.add(folder)
                folder = folder.rpartition("/")[0]

    def any_below(self, folder: str) -> bool:
        """Whether a tracked Python file lies below a folder (no trailing ``/``)."""
        return folder in self._folders


def read_tracked(repository: Path) -> TrackedFiles:
    """The tracked files of the repository in this folder; none if it has no index that can be read.

    In a linked work tree and in a submodule ``.git`` is a file that names the folder of the index. It is followed
    wherever it leads: all that an index can say is which of the files here are judged.
    """
    folder = _git_folder(repository)
    if folder is None:
        return TrackedFiles(frozenset())
    try:
        data = read_regular(folder / "index", _MAX_BYTES)
        config = read_regular(_shared(folder) / "config", _MAX_CONFIG)
    except (OSError, ValueError):
        return TrackedFiles(frozenset())
    hash_bytes = 32 if b"sha256" in config.lower() else 20
    try:
        found, end = _python_paths(data, hash_bytes)
        base = _base(data, end, hash_bytes)
    except (struct.error, ValueError, IndexError):
        return TrackedFiles(frozenset())
    with suppress(OSError, struct.error, ValueError, IndexError):
        if base:  # what was dropped since is taken for tracked as well: no harm, as the file has to be there
            found += _python_paths(read_regular(folder / f"sharedindex.{base}", _MAX_BYTES), hash_bytes)[0]
    return TrackedFiles(frozenset(found))


def _base(data: bytes, position: int, hash_bytes: int) -> str:
    """The name of the index that a split one adds to; empty if it is whole. Extensions begin at ``position``."""
    while position + 8 + hash_bytes <= len(data):  # a checksum ends the file
        name, size = struct.unpack_from(">4sI", data, position)
        if name == b"link":
            return data[position + 8 : position + 8 + hash_bytes].hex()
        position += 8 + size
    return ""


def _git_folder(repository: Path) -> Path | None:
    """The folder where git keeps the index of a work tree."""
    named = repository / ".git"
    if named.is_symlink():
        return None
    if named.is_dir():
        return named
    try:
        text = os.fsdecode(read_regular(named, _MAX_NAME))
    except OSError:
        return None
    return repository / text.removeprefix("gitdir:").strip() if text.startswith("gitdir:") else None


def _shared(folder: Path) -> Path:
    """The folder of what the work trees of a repository share.

    Raises:
        ValueError: its name is none.
    """
    try:
        return folder / os.fsdecode(read_regular(folder / "commondir", _MAX_NAME)).strip()
    except OSError:
        return folder


def _python_paths(data: bytes, hash_bytes: int) -> tuple[list[str], int]:
    """The Python files in an index of version 2, 3 or 4, and where its entries end.

    Raises:
        ValueError: the data is no index.
        struct.error: it is cut off.
    """
    signature, version, count = struct.unpack_from(">4sII", data)
    if signature != b"DIRC" or version not in (2, 3, 4):
        raise ValueError("no index of a known version")
    found: list[str] = []
    name = b""
    position = 12
    for _ in range(count):
        start = position
        position += _FIXED + hash_bytes
        (flags,) = struct.unpack_from(">H", data, position)
        position += 4 if version >= 3 and flags & _EXTENDED else 2
        if version == 4:
            strip, position = _varint(data, position)
            end = data.index(b"\0", position)
            name = name[: len(name) - strip] + data[position:end]
            position = end + 1
        else:
            end = data.index(b"\0", position)
            name = data[position:end]
            position = start + (end - start + 8) // 8 * 8
        if name.endswith(b".py"):
            found.append(name.decode("utf-8", "surrogateescape"))
    return found, position


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """git's variable-width number at a position, and the position after it."""
    byte = data[position]
    value = byte & 0x7F
    while byte & 0x80:
        position += 1
        byte = data[position]
        value = ((value + 1) << 7) | (byte & 0x7F)
    return value, position + 1
