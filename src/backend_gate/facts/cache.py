"""Encoded facts by the content they were read from.

One file an entry: a cold run of 3,000 files writes them in half a second and a warm one reads them in
a tenth, as fast as a database, and a broken entry costs itself only. Nothing here needs the parser.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import zlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

_magic = b"bgf1"
_header = len(_magic) + 4

#: Entries beyond this many bytes are removed, the oldest first.
DEFAULT_LIMIT = 512 * 1024 * 1024


@lru_cache(maxsize=1)
def reader_version() -> str:
    """Changes whenever the same bytes may give other facts: with the reader, the parsers or Python."""
    from importlib.metadata import version  # a twentieth of all that a run imports, for those who keep facts

    state = hashlib.sha256()
    folder = Path(__file__).parent
    for source in sorted(folder.rglob("*.py")):
        state.update(source.relative_to(folder).as_posix().encode() + b"\0" + source.read_bytes() + b"\0")
    for package in ("libcst", "msgspec", "tree-sitter", "tree-sitter-python"):
        state.update(f"{package} {version(package)}\0".encode())
    state.update(repr(sys.version_info[:2]).encode())
    return state.hexdigest()


def cache_key(path: str, digest: str, eager_words: frozenset[str] | None) -> str:
    """The key of everything that facts depend on: reader, path, content (its SHA-256) and what is read."""
    state = hashlib.sha256(_manner(eager_words))
    state.update(f"{digest}\0{path}".encode("utf-8", "surrogateescape"))
    return state.hexdigest()


@lru_cache(maxsize=8)
def _manner(eager_words: frozenset[str] | None) -> bytes:
    words = "" if eager_words is None else "\n".join(["eager", *sorted(eager_words)])
    return f"{reader_version()}\0{words}\0".encode()


class FactCache:
    """A folder of encoded facts, safe to share between processes.

    Whoever can write to the folder can make the gate believe anything about the code: it belongs
    outside of the tree that is judged.
    """

    def __init__(self, directory: Path, *, limit: int = DEFAULT_LIMIT) -> None:
        """
        Args:
            directory: made when the first entry is stored.
            limit: the size of the folder, in bytes, that :meth:`trim` keeps to.
        """
        self._directory = directory
        self._limit = limit

    def get(self, key: str) -> bytes | None:
        """The encoded facts stored under a key (see :func:`cache_key`); ``None`` if absent or broken."""
        try:
            data = self._entry(key).read_bytes()
        except OSError:
            return None
        payload = data[_header:]
        if data[:_header] != _magic + zlib.crc32(payload).to_bytes(4, "big"):
            return None
        return payload

    def put(self, key: str, facts: bytes) -> None:
        """Store an entry at once or not at all.

        Raises:
            OSError: the folder cannot be written.
        """
        entry = self._entry(key)
        entry.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=entry.parent, prefix=".", suffix=".new")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(_magic + zlib.crc32(facts).to_bytes(4, "big"))
                stream.write(facts)
            Path(temporary).replace(entry)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def trim(self) -> int:
        """Remove the oldest entries until the folder is within its limit; how many went."""
        entries = sorted(_sizes(self._directory))
        total = sum(size for _, size, _ in entries)
        removed = 0
        for _, size, name in entries:
            if total <= self._limit:
                break
            Path(name).unlink(missing_ok=True)
            total -= size
            removed += 1
        return removed

    def _entry(self, key: str) -> Path:
        return self._directory / key[:2] / key[2:]


def _sizes(directory: Path) -> Iterable[tuple[int, int, str]]:
    """Time of writing, size and name of every entry."""
    for shard in directory.glob("??"):
        with os.scandir(shard) as entries:
            for entry in entries:
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                yield status.st_mtime_ns, status.st_size, entry.path
