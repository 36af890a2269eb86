"""Runs suites and leaves their evidence behind."""

from __future__ import annotations

import enum
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

import msgspec

from backend_gate.errors import EvidenceError, GateError
from backend_gate.evidence.coverage.record import (
    REPORT,
    TRACE,
    Record,
    digests,
    folder_of,
    write_record,
)
from backend_gate.evidence.coverage.suites import Sources
from backend_gate.evidence.testing.interpreter import Interpreter
from backend_gate.settings import Settings
from backend_gate.suite_settings import Suite

LAUNCHER = Path(__file__).with_name("launcher.py")
_STATE = "state.json"
_PLACES = ("tests/{}", "test/{}", "tests/{}_tests", "tests/test_{}", "{}_tests", "{}-tests", "src/tests/{}")


class Ended(enum.Enum):
    """How a suite ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not-run"

    @property
    def exit_code(self) -> int:
        """0 all tests passed, 1 some failed, 2 they could not be run."""
        return (Ended.PASSED, Ended.FAILED, Ended.NOT_RUN).index(self)


class SuiteRun(msgspec.Struct, frozen=True):
    """How a suite ended, and why, as a clause, if it did not pass. ``interrupted`` by the user: no more is wanted."""

    suite: Suite
    ended: Ended
    reason: str = ""
    interrupted: bool = False


_INTERRUPTED = "it was interrupted"
_PYTEST = {
    1: (Ended.FAILED, "tests failed"),
    2: (Ended.NOT_RUN, "the tests could not be collected, or gave up"),
    3: (Ended.NOT_RUN, "pytest crashed"),
    4: (Ended.NOT_RUN, "pytest could not start; what it said above tells why"),
    5: (Ended.NOT_RUN, "there was no test to run"),
}


def tests_of(settings: Settings, suite: Suite) -> tuple[str, ...]:
    """The paths of a suite's tests; empty if a marker alone selects them.

    Raises:
        EvidenceError: nobody knows where they are.
    """
    if suite.tests or suite.marker:
        return suite.tests
    for pattern in _PLACES:
        place = pattern.format(suite.name)
        if (settings.base / place).is_dir():
            return (place,)
    raise EvidenceError(
        f"the tests of the suite {suite.name} are not known: there is no folder tests/{suite.name}",
        f'Say where they are: [tool.backend-gate.suites.{suite.name}] with tests = "…" or marker = "…".',
        file=settings.source or settings.base,
    )


def run_suite(settings: Settings, suite: Suite, interpreter: Interpreter, sources: Sources) -> SuiteRun:
    """Run one suite; its output goes where ours goes. The evidence lies in :func:`folder_of` afterwards, also
    if tests failed.

    Raises:
        EvidenceError: nobody knows which tests are meant.
        GateError: the evidence cannot be written.
    """
    tests = tests_of(settings, suite)
    folder = _clean(settings.base, suite.name)
    present = digests(settings.base, sources.files)
    # Caches of bytecode and of tests are the project's own business; the evidence is ours.
    task = {
        "data": str(folder / TRACE),
        "report": str(folder / REPORT),
        "state": str(folder / _STATE),
        "pytest": _arguments(suite, tests),
        **_source(sources),
    }
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("COVERAGE_RCFILE", "COVERAGE_FILE", "COVERAGE_PROCESS_START", "COVERAGE_CORE")
    }
    sys.stdout.flush()
    code, interrupted = _to_the_end(
        [*interpreter.command, str(LAUNCHER), json.dumps(task)], settings.base, environment
    )
    state = _state(folder / _STATE)
    if state is None or state.exit is None:
        if interrupted:
            return SuiteRun(suite, Ended.NOT_RUN, _INTERRUPTED, interrupted=True)
        if state is not None and state.report:
            return SuiteRun(suite, Ended.NOT_RUN, f"coverage.py does not start: {state.report}")
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return SuiteRun(suite, Ended.NOT_RUN, f"the tests ended before pytest did ({how})")
    ended, reason = _PYTEST.get(state.exit, (Ended.NOT_RUN, f"pytest ended with exit code {state.exit}"))
    if state.exit == 0:
        ended, reason = Ended.PASSED, ""
    if interrupted and ended is not Ended.PASSED:
        ended, reason = Ended.NOT_RUN, _INTERRUPTED
    if state.report:
        reason = f"coverage.py has no report: {state.report}"
        return SuiteRun(suite, Ended.NOT_RUN, reason, interrupted)
    write_record(
        settings.base,
        Record(
            suite=suite.name,
            passed=ended is Ended.PASSED,
            digests=present,
            concurrency=tuple(state.concurrency),
            python=state.python,
            coverage=state.coverage,
        ),
    )
    return SuiteRun(suite, ended, reason, interrupted)


def _to_the_end(command: Sequence[str], folder: Path, environment: dict[str, str]) -> tuple[int, bool]:
    """Run a command; its exit code, and whether the user interrupted it.

    A terminal interrupts the tests as well. They are given the time to clean up and to write what they have
    covered so far; whoever does not want to wait interrupts again.
    """
    interrupted = False
    with subprocess.Popen(command, cwd=folder, env=environment) as process:  # noqa: S603  what the user asked for
        while True:
            try:
                return process.wait(), interrupted
            except KeyboardInterrupt:
                if interrupted:
                    process.kill()
                    raise
                interrupted = True


class _State(msgspec.Struct):
    concurrency: list[str]
    python: str
    coverage: str
    report: str
    exit: int | None = None


def _state(file: Path) -> _State | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=_State)
    except (OSError, msgspec.DecodeError):
        return None


def _clean(base: Path, suite: str) -> Path:
    """An empty folder for the evidence: what a run that breaks leaves behind must not be an older one's."""
    folder = folder_of(base, suite)
    try:
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        ignore = base / ".backend-gate" / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise GateError(
            f"the evidence of the suite {suite} cannot be written ({error.strerror}: {folder})",
            "Make the folder writable.",
        ) from error
    return folder


def _arguments(suite: Suite, tests: Iterable[str]) -> list[str]:
    return [*tests, *(["-m", suite.marker] if suite.marker else [])]


def _source(sources: Sources) -> dict[str, list[str]]:
    """What to measure where the project does not say: the folders with production code, without the tests in them."""
    tops = {path.partition("/")[0] if "/" in path else "." for path in sources.production}
    others = sorted(set(sources.files) - set(sources.production))
    return {
        "source": sorted(tops) if "." not in tops else ["."],
        "omit": _folders(others, sources.production),
    }


def _folders(others: Sequence[str], production: Sequence[str]) -> list[str]:
    """Patterns for files that are no production code: whole folders where nothing else is in them."""
    used = {parent.as_posix() for path in production for parent in PurePosixPath(path).parents}
    patterns = set()
    for path in others:
        outermost = path
        for parent in PurePosixPath(path).parents:
            if parent.as_posix() in used or parent.as_posix() == ".":
                break
            outermost = f"{parent.as_posix()}/*"
        patterns.add(outermost)
    return sorted(patterns)
