"""Joins the coverage of suites to endpoints: which suite runs what of the code that answers."""

from __future__ import annotations

import enum
from collections.abc import Iterable

import msgspec

from backend_gate.backend.model import Endpoint, ErrorBranch, FunctionCode
from backend_gate.evidence.coverage.model import FileCoverage, SuiteCoverage
from backend_gate.evidence.model import Evidence
from backend_gate.suite_settings import UNIT


class Runs(enum.Enum):
    """Whether a suite runs some code."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Answer(msgspec.Struct, frozen=True):
    """Whether code is run by a suite; ``reason`` says why that is not known."""

    runs: Runs
    reason: str = ""


class _Lines:
    """One file, with its lines as sets. ``outside`` are the contexts in which no test runs, if contexts tell."""

    def __init__(self, file: FileCoverage, outside: frozenset[str] | None) -> None:
        self.file = file
        self.outside = outside
        self.executed = frozenset(file.executed)
        self.known = self.executed | frozenset(file.missing)


_YES, _NO = Answer(Runs.YES), Answer(Runs.NO)


class Coverage:
    """Answers questions about one backend's code from the suites that are evidence."""

    def __init__(self, evidence: Evidence) -> None:
        self._files = {suite.name: _files(suite) for suite in evidence.measured}
        self.suites = evidence.measured
        self.deciding = _deciding(evidence)

    def runs(self, suite: SuiteCoverage, function: FunctionCode) -> Answer:
        """Whether a suite runs a function: some statement of its body, not the ``def``."""
        file = self._files[suite.name].get(function.place.file)
        if file is None:
            return Answer(Runs.UNKNOWN, f"{function.place.file} is not in the data of {suite.name}")
        answer = _entered(file, function) if function.is_on_one_line else _body(file, function)
        return Answer(Runs.UNKNOWN, suite.lost) if suite.lost and answer.runs is Runs.NO else answer

    def runs_branch(self, suite: SuiteCoverage, branch: ErrorBranch) -> Answer:
        """Whether a suite runs a branch for errors."""
        file = self._files[suite.name].get(branch.place.file)
        line = branch.place.span.line
        if file is None or line not in file.known:
            return Answer(Runs.UNKNOWN, "its line does not count as code")
        if line in file.executed:
            return _YES
        return Answer(Runs.UNKNOWN, suite.lost) if suite.lost else _NO

    def tests(self, endpoint: Endpoint) -> dict[str, Answer]:
        """What each suite that is evidence says about the handler of an endpoint, by name of the suite."""
        if not endpoint.code or endpoint.code[0].name != endpoint.handler:
            return {
                suite.name: Answer(Runs.UNKNOWN, "its handler is not the project's") for suite in self.suites
            }
        return {suite.name: self.runs(suite, endpoint.code[0]) for suite in self.suites}

    def is_untested(self, endpoint: Endpoint) -> bool:
        """Whether every suite that decides says that it does not run the handler; false without any."""
        answers = self.tests(endpoint)
        return _all_no(answers[suite.name] for suite in self.deciding)

    def is_branch_untested(self, branch: ErrorBranch) -> bool:
        """Whether every suite that is evidence says that it does not run the branch; false without any."""
        return _all_no(self.runs_branch(suite, branch) for suite in self.suites)

    def has_run(self, function: FunctionCode) -> bool:
        """Whether some suite runs the function."""
        return any(self.runs(suite, function).runs is Runs.YES for suite in self.suites)


def join_tests(endpoints: Iterable[Endpoint], evidence: Evidence) -> None:
    """Note at every endpoint which suites run its handler."""
    coverage = Coverage(evidence)
    for endpoint in endpoints:
        endpoint.tests = {name: answer.runs.value for name, answer in coverage.tests(endpoint).items()}


def _deciding(evidence: Evidence) -> tuple[SuiteCoverage, ...]:
    """The suites that requests come from: all but the unit tests, if the project has others."""
    others = tuple(suite for suite in evidence.suites if suite.name != UNIT)
    return tuple(suite for suite in others or evidence.suites if suite.is_measured)


def _all_no(answers: Iterable[Answer]) -> bool:
    given = [answer.runs for answer in answers]
    return bool(given) and all(answer is Runs.NO for answer in given)


def _body(file: _Lines, function: FunctionCode) -> Answer:
    """A function with lines of its own: any of them tells."""
    lines = file.known.intersection(function.lines)
    if not lines:
        return Answer(Runs.UNKNOWN, "nothing of its body counts as code")
    return _YES if lines & file.executed else _NO


def _entered(lines: _Lines, function: FunctionCode) -> Answer:
    """A function on one line: its line runs when it is defined, so arcs or contexts have to tell."""
    file, starts = lines.file, lines.known.intersection(function.starts)
    if starts and not starts & lines.executed:
        return _NO  # not even defined
    if file.entered is not None:
        return _YES if set(function.starts) & set(file.entered) else _NO
    if lines.outside is None:
        return Answer(
            Runs.UNKNOWN, "it stands on one line, and the data holds neither branches nor contexts of tests"
        )
    names = {name for line in function.starts for name in file.contexts.get(line, ())}
    if not names & lines.outside:
        return Answer(
            Runs.UNKNOWN, "it stands on one line, and is imported by a test: contexts do not tell more"
        )
    return _YES if names - lines.outside else _NO


def _files(suite: SuiteCoverage) -> dict[str, _Lines]:
    files = suite.measured.files
    outside = _outside({name for file in files for names in file.contexts.values() for name in names})
    return {file.path: _Lines(file, outside) for file in files}


def _outside(names: set[str]) -> frozenset[str] | None:
    """The contexts in which no test runs: the empty one, and a static one that those of tests begin with.

    Without any other, nobody has told tests apart.
    """
    static = {name.partition("|")[0] for name in names if "|" in name}
    outside = frozenset({"", *static})
    return outside if names - outside else None
