"""The evidence of each suite of a configuration: measured, or why not and what to do about it."""

from __future__ import annotations

import functools
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from backend_gate.errors import InternalError
from backend_gate.evidence.coverage.model import State, SuiteCoverage
from backend_gate.evidence.coverage.protocol import Answer, Reply, Request, SuiteRequest
from backend_gate.evidence.coverage.record import (
    REPORT,
    TRACE,
    Record,
    changed_files,
    digests,
    folder_of,
    read_record,
)
from backend_gate.evidence.coverage.reports import ReportError
from backend_gate.evidence.process import Job
from backend_gate.settings import Settings
from backend_gate.suite_settings import Suite

MAX_SHOWN = 80
_GREENLET = frozenset({"greenlet", "gevent", "eventlet"})


class Sources(msgspec.Struct, frozen=True):
    """The Python files of a project, relative to the folder of the configuration.

    ``production`` is what the suites are to cover.
    """

    files: tuple[str, ...]
    production: tuple[str, ...]


class Reading:
    """Reads the data of all suites beside everything else. Use it as a context manager.

    ``uses_greenlet`` finds a file that switches greenlets, as SQLAlchemy's asyncio does, or gives an empty string.
    ``project`` is the folder of the configuration as commands name it, seen from the tree that is judged.
    With ``partial`` a suite whose tests failed is read as far as it came.
    """

    def __init__(
        self,
        settings: Settings,
        sources: Sources,
        uses_greenlet: Callable[[], str],
        *,
        project: str = ".",
        partial: bool = False,
    ) -> None:
        self._settings = settings
        self._place = "" if project == "." else f" --project {shlex.quote(project)}"
        self._partial = partial
        self._uses_greenlet = functools.cache(uses_greenlet)
        self._sources = sources
        self._base = settings.base.resolve()
        self._known: dict[str, SuiteCoverage] = {}
        self._records: dict[str, Record] = {}
        self._requests: dict[str, SuiteRequest] = {}
        for suite in settings.suites:
            request = self._request(suite)
            if isinstance(request, SuiteCoverage):
                self._known[suite.name] = request
            else:
                self._requests[suite.name] = request
        self._job: Job | None = None
        if self._requests:
            asked = Request(str(self._base), tuple(self._requests.values()), sources.production)
            self._job = Job("coverage", msgspec.json.encode(asked), "reading coverage data")

    def result(self) -> tuple[SuiteCoverage, ...]:
        """The evidence of all suites, in the order of the configuration. Waits for it.

        Raises:
            InternalError: the worker crashed or took too long.
        """
        reply = Reply({})
        if self._job is not None:
            try:
                reply = msgspec.json.decode(self._job.result(), type=Reply)
            except msgspec.DecodeError as error:
                raise InternalError("reading coverage data", f"answered nonsense: {error}") from error
        return tuple(
            self._known.get(suite.name) or self._suite(suite, reply.suites[suite.name], reply.concurrency)
            for suite in self._settings.suites
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._job is not None:
            self._job.__exit__(kind, error, trace)

    def _request(self, suite: Suite) -> SuiteRequest | SuiteCoverage:
        """What to read for a suite, or the answer, if there is nothing to read."""
        if suite.data:
            return self._given(suite)
        try:
            record = read_record(self._base, suite.name)
        except ReportError as error:
            return self._without(suite, State.UNREADABLE, str(error))
        folder = folder_of(self._base, suite.name)
        report, trace = folder / REPORT, folder / TRACE
        if record is None or not report.is_file():
            return self._without(suite, State.MISSING, "it was never measured")
        self._records[suite.name] = record
        if not record.passed and not self._partial:
            return self._without(suite, State.FAILED, "its tests did not pass when they were last run")
        names = {*record.digests, *self._sources.files}
        changed = changed_files(record, digests(self._base, names))
        if changed:
            return self._without(suite, State.STALE, f"{_listed(changed)} changed since it was measured")
        return SuiteRequest(
            name=suite.name,
            sources=(str(report),),
            contexts=suite.contexts,
            recorded=True,
            trace=str(trace) if trace.is_file() else "",
        )

    def _given(self, suite: Suite) -> SuiteRequest | SuiteCoverage:
        found: list[Path] = []
        for pattern in suite.data:
            try:
                matching = sorted(file for file in self._base.glob(pattern) if self._is_inside(file))
            except OSError as error:  # a name that no file can have
                shown = pattern if len(pattern) <= MAX_SHOWN else f"{pattern[:MAX_SHOWN]}…"
                reason = f"{shown} cannot be looked up: {error.strerror}"
                return self._without(suite, State.UNREADABLE, reason)
            if not matching:
                return self._without(suite, State.MISSING, f"there is no file {pattern}")
            found += matching
        return SuiteRequest(suite.name, tuple(str(file) for file in dict.fromkeys(found)), suite.contexts)

    def _is_inside(self, file: Path) -> bool:
        return file.is_file() and file.resolve().is_relative_to(self._base)

    def _suite(self, suite: Suite, answer: Answer, concurrency: Sequence[str]) -> SuiteCoverage:
        measured = answer.measured
        if measured is None:
            return self._without(suite, State.UNREADABLE, answer.problem, answer.advice)
        lost = self._lost(suite, concurrency)
        if measured.stale:
            is_many = len(measured.stale) > 1
            if lost:  # what is lost comes up again in other files, beyond their ends as well
                reason = f"{_listed(measured.stale)} {'do' if is_many else 'does'} not fit what was measured: {lost}"
                return self._without(suite, State.UNREADABLE, reason, "Tell it so, and measure again")
            reason = f"{_listed(measured.stale)} {'are' if is_many else 'is'} not what was measured"
            return self._without(suite, State.STALE, reason)
        ours = {file.path: file for file in measured.files}
        inside = sum(ours[path].numbers.statements for path in self._sources.production if path in ours)
        outside = sum(answer.omitted.values())
        return SuiteCoverage(
            name=suite.name,
            threshold=suite.threshold,
            state=State.MEASURED,
            data=self._names(suite),
            measured=measured,
            omitted=outside / (inside + outside) if outside else 0.0,
            omitted_files=tuple(sorted(path for path, number in answer.omitted.items() if number)),
            lost=lost,
            file=self._file(suite),
            line=suite.line,
        )

    def _lost(self, suite: Suite, concurrency: Sequence[str]) -> str:
        """Why lines that ran may be missing, or an empty text."""
        record = self._records.get(suite.name)
        told = record.concurrency if record else concurrency
        if _GREENLET & set(told) or not (switching := self._uses_greenlet()):
            return ""
        return (
            f"{switching} switches greenlets, and coverage.py was not told so "
            '(concurrency = ["greenlet", "thread"]): lines that ran may be missing'
        )

    def _without(self, suite: Suite, state: State, reason: str, advice: str = "") -> SuiteCoverage:
        made = f"`backend-gate test {suite.name}{self._place}` makes it"
        if state is State.FAILED:
            made += " once they pass"
        if suite.data:
            made = "Write the report again from a run on this source"
        return SuiteCoverage(
            name=suite.name,
            threshold=suite.threshold,
            state=state,
            data=self._names(suite),
            reason=reason,
            advice=advice or made,
            file=self._file(suite),
            line=suite.line,
        )

    def _names(self, suite: Suite) -> tuple[str, ...]:
        request = self._requests.get(suite.name)
        if request is None:
            return suite.data
        return tuple(Path(source).relative_to(self._base).as_posix() for source in request.sources)

    def _file(self, suite: Suite) -> str:
        source = self._settings.source
        return source.name if suite.line and source is not None else ""


def _listed(paths: Sequence[str]) -> str:
    """One path, or the first and how many more."""
    if len(paths) == 1:
        return paths[0]
    return f"{paths[0]} and {len(paths) - 1} more {'file' if len(paths) == 2 else 'files'}"
