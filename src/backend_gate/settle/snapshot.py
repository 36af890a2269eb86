"""The files of a commit or of the index as a folder of their own, outside of the repository."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from backend_gate.discover.files import is_manifest
from backend_gate.facts.source import MAX_BYTES
from backend_gate.settle.git import Entry, Kind, Repository

# What discovery, the configuration and the vocabulary read. ``.gitignore`` is left out on purpose: all that
# is here is tracked, and what is tracked counts.
_READ = (".py", ".toml", ".cfg", ".ini", ".in", ".txt", ".yaml", ".yml")
_LICENCE = re.compile(r"(?i)licen[sc]e")
_MAX_PATH = 1024


@contextmanager
def snapshot(repository: Repository, entries: Iterable[Entry]) -> Iterator[Path]:
    """A temporary folder with those of the files that the gate could read. It is removed on leaving.

    Nothing is run on the way: contents are as git stores them. A name that could lead out of the
    folder is left out, and so is a link that does.

    Raises:
        RepositoryError: a content is not in this clone.
    """
    with tempfile.TemporaryDirectory(prefix="backend-gate-") as name:
        top = Path(name).resolve()
        (top / ".git").mkdir()  # the folder is a whole repository: nothing above it is looked at
        safe = [entry for entry in entries if _is_safe(entry.path)]
        files = [entry for entry in safe if entry.kind is Kind.FILE and is_read(entry)]
        for entry, size, data in repository.contents(files, MAX_BYTES + 1):
            _write(top / entry.path, data, size)
        for within in sorted({entry.within for entry in files}):
            (top / within / ".git").mkdir(exist_ok=True)  # and so is each submodule
        links = [entry for entry in safe if entry.kind is Kind.LINK]
        for entry, _, data in repository.contents(links, _MAX_PATH):
            _link(top, entry.path, os.fsdecode(data))
        yield top


def _is_safe(path: str) -> bool:
    """Whether a path leads to a place inside the folder, and not into its ``.git``."""
    if path.startswith("/") or "\\" in path or len(path) > _MAX_PATH:
        return False
    return not any(part in ("", ".", "..") or part.lower() == ".git" for part in path.split("/"))


def is_read(entry: Entry) -> bool:
    """Whether the gate could read what stands there: nothing else has a say in a verdict."""
    name = entry.path.rpartition("/")[2]
    if entry.kind is not Kind.FILE:
        return True
    return name.endswith(_READ) or is_manifest(name) or bool(_LICENCE.match(name))


def _write(file: Path, data: bytes, size: int) -> None:
    """Write a file; one that is larger than what was read is as large, so that it is refused as such."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        with os.fdopen(os.open(file, flags, 0o600), "wb") as stream:
            stream.write(data)
            stream.truncate(max(size, len(data)))
    except (FileExistsError, NotADirectoryError):
        return  # a broken tree names a path twice, or a file as a folder


def _link(top: Path, path: str, target: str) -> None:
    """A link, if it stays inside; discovery lists links and follows none out of the tree."""
    file = top / path
    inside = Path(os.path.normpath(file.parent / target))
    if target.startswith("/") or not inside.is_relative_to(top) or inside.name == ".git":
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.symlink_to(target)
    except (FileExistsError, NotADirectoryError):
        return
