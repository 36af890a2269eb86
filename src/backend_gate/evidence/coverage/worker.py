"""Reads the evidence of all suites, in a process of its own with bounded time and memory.

The process stands in the project's folder, so that the relative patterns of its configuration mean what they mean to
coverage.py, and imports nothing from there.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from backend_gate.evidence.coverage.data import (
    MAGIC,
    UNPARSABLE,
    ReportOptions,
    entered_lines,
    read_data,
    unparsable,
)
from backend_gate.evidence.coverage.fresh import fits_report
from backend_gate.evidence.coverage.locate import locate
from backend_gate.evidence.coverage.merge import merge
from backend_gate.evidence.coverage.model import LeftOut, Measured
from backend_gate.evidence.coverage.protocol import Answer, Reply, Request, SuiteRequest
from backend_gate.evidence.coverage.reports import Report, ReportError, read_report
from backend_gate.regular import is_file

MAX_BYTES = 256 * 1024 * 1024


class ProjectFiles:
    """The regular files below the working directory, asked one at a time."""

    def __init__(self) -> None:
        self._base = os.path.realpath(Path.cwd())
        self._known: dict[str, bool] = {}

    def __contains__(self, path: object) -> bool:
        if not isinstance(path, str):
            return False
        if path not in self._known:
            real = os.path.realpath(Path(self._base, path))
            inside = real.startswith(self._base + os.sep)
            self._known[path] = inside and is_file(Path(real))
        return self._known[path]


def run(data: bytes) -> bytes:
    """Answer an encoded :class:`Request` with an encoded :class:`Reply`."""
    request = msgspec.json.decode(data, type=Request)
    os.environ.pop("COVERAGE_RCFILE", None)
    os.chdir(request.base)
    files = ProjectFiles()
    try:
        options = ReportOptions()
    except ReportError as error:
        failed = Answer(problem=str(error), advice="Correct it")
        return msgspec.json.encode(Reply({suite.name: failed for suite in request.suites}))
    answers = {}
    for suite in request.suites:
        try:
            measured = _read(suite, files, options)
            answers[suite.name] = Answer(measured, _omitted(measured, request.production, options))
        except ReportError as error:
            answers[suite.name] = Answer(problem=str(error), advice=error.advice)
    return msgspec.json.encode(Reply(answers, tuple(sorted(options.concurrency))))


def _read(suite: SuiteRequest, files: ProjectFiles, options: ReportOptions) -> Measured:
    traces: list[Path] = []
    reports: list[Path] = []
    for source in map(Path, suite.sources):
        content = _start(source)
        (traces if content.startswith(MAGIC) else reports).append(source)
    read: list[Report] = []
    left_out: list[LeftOut] = []
    stale: list[str] = []
    if traces:
        report, others, changed = read_data(traces, files, options, suite.contexts)
        read.append(report)
        left_out += others
        stale += changed
    for source in reports:
        report, others = _located(read_report(source.read_bytes(), suite.contexts), files)
        if not report.files:
            raise ReportError(
                "the report names no file of this project" + (f", but {others[0].path}" if others else ""),
                "Name the report of this project",
            )
        if not suite.recorded:
            outdated, unknown = _changed(report, options)
            stale += outdated
            left_out += unknown
        read.append(report)
        left_out += others
    if suite.trace:
        entered = entered_lines(Path(suite.trace), files, options)
        for report in read:
            report.files = [
                msgspec.structs.replace(file, entered=entered.get(file.path)) for file in report.files
            ]
    merged = merge(read)
    return Measured(
        files=tuple(merged.files),
        branches=merged.branches,
        left_out=tuple(sorted(set(left_out))),
        notes=merged.notes,
        stale=tuple(sorted(set(stale))),
    )


def _start(source: Path) -> bytes:
    try:
        if source.stat().st_size > MAX_BYTES:
            raise ReportError(
                f"{source.name} is larger than {MAX_BYTES // 1024 // 1024} MiB", "Split the suite"
            )
        with source.open("rb") as stream:
            return stream.read(len(MAGIC))
    except OSError as error:
        raise ReportError(f"{source.name} cannot be read ({error.strerror})", "Make it readable") from error


def _located(report: Report, files: ProjectFiles) -> tuple[Report, list[LeftOut]]:
    """The report under the names of the project's files."""
    base = Path.cwd().as_posix()
    names = locate((file.path for file in report.files), files, base, report.roots)
    left_out = [
        LeftOut(file.path, "no file of this project") for file in report.files if file.path not in names
    ]
    kept = [
        msgspec.structs.replace(file, path=names[file.path]) for file in report.files if file.path in names
    ]
    return msgspec.structs.replace(report, files=kept), left_out


def _changed(report: Report, options: ReportOptions) -> tuple[Sequence[str], Sequence[LeftOut]]:
    """The files whose lines are not those of the present source, and those that cannot be compared."""
    reporter = options.reporter(None)
    changed, unknown = [], []
    for file in report.files:
        try:
            _, statements, excluded, _, _ = reporter.analysis2(str(Path.cwd() / file.path))
        except UNPARSABLE as error:
            unknown.append(LeftOut(file.path, f"not compared with the present source: {unparsable(error)}"))
            continue
        source = Path(file.path).read_bytes()
        if not fits_report(source, set(statements), set(excluded), file):
            changed.append(file.path)
    return changed, unknown


def _omitted(measured: Measured, production: Sequence[str], options: ReportOptions) -> dict[str, int]:
    """The statements of the files that are not in the data."""
    known = {file.path for file in measured.files}
    reporter = options.reporter(None)
    counts = {}
    for path in production:
        if path not in known:
            try:
                counts[path] = len(reporter.analysis2(str(Path.cwd() / path))[1])
            except UNPARSABLE:
                continue  # not Python of this version; the file is named elsewhere
    return counts
