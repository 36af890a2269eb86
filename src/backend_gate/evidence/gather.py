"""Gathers the evidence on the backends of a tree, beside the analysis of their code."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from backend_gate.backend.model import Endpoint
from backend_gate.backend.vocabulary import Vocabulary
from backend_gate.discover.model import ProjectTree, Unit, Zone
from backend_gate.errors import InternalError
from backend_gate.evidence.coverage.model import Measured, SuiteCoverage
from backend_gate.evidence.coverage.suites import Reading, Sources
from backend_gate.evidence.endpoints import Coverage
from backend_gate.evidence.model import Evidence
from backend_gate.evidence.process import Job
from backend_gate.evidence.tools import ToolReply, ToolRequest
from backend_gate.facts.files import CannotOpenError, read_bytes

_ASYNC_DATABASE = (b"sqlalchemy.ext.asyncio", b"import gevent", b"import greenlet", b"import eventlet")


class Gathering:
    """The evidence on all units of a tree. It is a context manager: work begins on entering, and ends on leaving.

    Units with the same configuration share their suites. ``tools`` are asked about all production files.
    ``jobs`` processes read tests, by default one a core.
    """

    def __init__(self, tree: ProjectTree, tools: Iterable[str] = (), *, jobs: int | None = None) -> None:
        self._tree = tree
        self._jobs_of_readers = jobs
        self._tools = sorted(tools)
        self._jobs: dict[str, Job] = {}
        self._replies: dict[str, ToolReply] = {}
        self._stack = ExitStack()
        self._readings: dict[Path, Reading] = {}
        self._found: dict[Path, tuple[SuiteCoverage, ...]] = {}

    def __enter__(self) -> Self:
        for base, units in _by_base(self._tree.units).items():
            sources = _sources(self._tree.root, base, units)
            switching = functools.partial(_uses_greenlet, base, sources.production)
            project = _relative(base, self._tree.root)
            reading = Reading(units[0].settings, sources, switching, project=project)
            self._readings[base] = self._stack.enter_context(reading)
        files = tuple(file.path for file in self._tree.files if file.zone is Zone.PRODUCTION)
        request = msgspec.json.encode(ToolRequest(str(self._tree.root), files))
        for tool in self._tools:
            self._jobs[tool] = self._stack.enter_context(Job(tool, request, f"running {tool}"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def of(self, unit: Unit) -> Evidence:
        """The evidence on a unit; waits for it.

        Raises:
            InternalError: a process that gathers it crashed.
        """
        base = unit.settings.base
        if base not in self._found:
            found = self._readings[base].result()
            self._found[base] = tuple(_in_tree(suite, base, self._tree.root) for suite in found)
        own = {file.path for file in unit.files}
        replies = [self._reply(tool) for tool in self._tools]
        return Evidence(
            suites=self._found[base],
            functions=tuple(each for reply in replies for each in reply.functions if each.path in own),
            files=tuple(each for reply in replies for each in reply.files if each.path in own),
            issues=tuple(each for reply in replies for each in reply.issues if each.path in own),
            skipped=tuple(each for reply in replies for each in reply.skipped if each.path in own),
        )

    def note_requests(
        self, unit: Unit, endpoints: Sequence[Endpoint], evidence: Evidence, vocabulary: Vocabulary
    ) -> None:
        """Note at every endpoint whether the code of the tests sends requests to it, where no coverage data decides.

        Raises:
            InternalError: it crashed.
        """
        if not endpoints or not unit.in_zone(Zone.TESTS) or Coverage(evidence).deciding:
            return
        from backend_gate.evidence.requests.join import join_requests

        try:
            join_requests(endpoints, unit, self._tree.root, vocabulary, self._jobs_of_readers)
        except Exception as error:
            raise InternalError(
                "reading the requests of tests", f"{type(error).__name__}: {error}"
            ) from error

    def _reply(self, tool: str) -> ToolReply:
        if tool not in self._replies:
            reply = msgspec.json.decode(self._jobs[tool].result(), type=ToolReply)
            if reply.errors:
                raise InternalError(f"running {tool}", reply.errors[0])
            self._replies[tool] = reply
        return self._replies[tool]


def sources_of(tree: ProjectTree, base: Path) -> Sources:
    """The Python files that belong to the configuration in ``base``."""
    return _sources(tree.root, base, [unit for unit in tree.units if unit.settings.base == base])


def _by_base(units: Sequence[Unit]) -> dict[Path, list[Unit]]:
    found: dict[Path, list[Unit]] = {}
    for unit in units:
        found.setdefault(unit.settings.base, []).append(unit)
    return found


def _sources(root: Path, base: Path, units: Sequence[Unit]) -> Sources:
    files = {file.path: file for unit in units for file in unit.files}
    names = {path: name for path in files if (name := _from_base(root, base, path)) is not None}
    production = [path for path in names if files[path].zone is Zone.PRODUCTION]
    return Sources(
        files=tuple(sorted(names.values())),
        production=tuple(sorted(names[path] for path in production)),
    )


def _uses_greenlet(root: Path, paths: Sequence[str]) -> str:
    """The first file that talks to a database in a way that switches greenlets."""
    for path in paths:
        try:
            text = read_bytes(root, path)
        except CannotOpenError:
            continue
        if any(word in text for word in _ASYNC_DATABASE):
            return path
    return ""


def _from_base(root: Path, base: Path, path: str) -> str | None:
    """A file of the tree relative to the configuration's folder, if it is below."""
    relative = _relative(root / path, base)
    return None if relative.startswith("../") else relative


def _relative(path: Path, start: Path) -> str:
    return os.path.relpath(path, start).replace(os.sep, "/")


def _in_tree(suite: SuiteCoverage, base: Path, root: Path) -> SuiteCoverage:
    """The suite with files relative to the tree. Files outside count, but nothing of the tree is in them."""
    if base == root:
        return suite

    def moved(path: str) -> str:
        return _relative(base / path, root)

    measured = suite.measured
    return msgspec.structs.replace(
        suite,
        measured=Measured(
            files=tuple(msgspec.structs.replace(file, path=moved(file.path)) for file in measured.files),
            branches=measured.branches,
            left_out=measured.left_out,
            notes=measured.notes,
        ),
        omitted_files=tuple(moved(path) for path in suite.omitted_files),
        file=moved(suite.file) if suite.file else "",
    )
