"""The test files of a backend, read when they are asked for, and the suites that they belong to."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from backend_gate.discover.model import Unit, Zone
from backend_gate.errors import EvidenceError
from backend_gate.evidence.testing.run import tests_of
from backend_gate.facts.files import CannotOpenError, read_bytes
from backend_gate.facts.pool import read_file, read_files
from backend_gate.settings import Settings

_REQUEST = re.compile(
    rb"\.\s*(?:get|post|put|patch|delete|head|options|request|stream|websocket_connect)\s*\("
    rb"|\bfixture\b|Client\s*\("
)


class LazyFacts(Mapping[str, bytes]):
    """The encoded facts of all files of a backend, each read when it is first asked for."""

    def __init__(self, root: Path, unit: Unit) -> None:
        self._root = Path(os.path.realpath(root))
        self._paths = frozenset(file.path for file in (*unit.files, *unit.references))
        self._read: dict[str, bytes] = {}

    def read(self, paths: list[str], jobs: int | None) -> None:
        """Read many at once."""
        self._read |= read_files(self._root, paths, jobs=jobs)

    def __getitem__(self, path: str) -> bytes:
        if path not in self._paths:
            raise KeyError(path)
        if path not in self._read:
            self._read[path] = read_file(self._root, None, path)[2]
        return self._read[path]

    def __contains__(self, path: object) -> bool:
        return path in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._paths))

    def __len__(self) -> int:
        return len(self._paths)


def test_files(root: Path, unit: Unit) -> list[str]:
    """The files of its tests in which requests may stand, or what gives a client."""
    found = []
    for file in unit.in_zone(Zone.TESTS):
        try:
            data = read_bytes(root, file.path)
        except CannotOpenError:
            continue
        if _REQUEST.search(data):
            found.append(file.path)
    return found


def suites_by_file(settings: Settings, root: Path) -> Callable[[str], tuple[str, ...]]:
    """Tells the suites that a file belongs to; a suite that a marker selects may take any file."""
    folders: list[tuple[str, tuple[str, ...]]] = []
    for suite in settings.suites:
        try:
            tests = tests_of(settings, suite)
        except EvidenceError:
            continue
        inside = [os.path.relpath(settings.base / path, root).replace(os.sep, "/") for path in tests]
        folders.append((suite.name, tuple(inside or ["."])))

    def suites_of(path: str) -> tuple[str, ...]:
        return tuple(
            name
            for name, places in folders
            if any(PurePosixPath(path).is_relative_to(place) for place in places)
        )

    return suites_of
