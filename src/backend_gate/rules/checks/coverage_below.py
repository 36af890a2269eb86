"""BG701: a suite of tests covers less than is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import Place
from backend_gate.evidence.coverage.changed import changed_coverage
from backend_gate.evidence.coverage.model import FileCoverage, SuiteCoverage, show_percent
from backend_gate.facts.model import Span
from backend_gate.rules.model import Finding, Related, Severity
from backend_gate.rules.project import Project

_WORST = 5


def coverage_below(project: Project) -> Iterator[Finding]:
    """One finding a suite, or, where changes are judged, one a stretch of changed lines. Without evidence there is
    nothing to say here; the verdict names what is missing."""
    if project.evidence.changed:
        yield from _changed(project)
        return
    for suite in project.evidence.measured:
        if suite.reaches_threshold:
            continue
        worst = sorted(suite.measured.files, key=_uncovered_first)[:_WORST]
        numbers = suite.numbers
        yield Finding(
            rule="coverage-below",
            message=(
                f"The suite `{suite.name}` covers {_percent(suite)} % of the code, "
                f"and {suite.threshold:g} % are wanted: {numbers.missing:,} of {numbers.statements:,} statements"
                + (
                    f" and {numbers.missing_branches:,} of {numbers.branches:,} branches"
                    if numbers.branches
                    else ""
                )
                + " never run"
            ),
            place=_place(suite, worst),
            severity=Severity.ERROR,
            subject=suite.name,
            related=tuple(
                Related(
                    _first_missing(file),
                    f"{len(file.missing):,} of {file.numbers.statements:,} statements of this file never run",
                )
                for file in worst
                if file.missing and _in_tree(file.path)
            ),
            fix=_fix(suite),
        )


def _changed(project: Project) -> Iterator[Finding]:
    """The changed lines that no suite runs, if too few of all changed lines do."""
    found = changed_coverage(project.evidence)
    wanted = project.settings.changed_coverage
    if found.percent >= wanted:
        return
    for path, first, last in found.stretches():
        lines = f"line {first}" if first == last else f"lines {first} to {last}"
        yield Finding(
            rule="coverage-below",
            message=(
                f"No test runs the changed {lines}: {show_percent(found.percent)} % of "
                f"{found.total:,} changed statements run in any suite, and {wanted:g} % are wanted"
            ),
            place=Place(path, Span(first, 1, last, 2)),
            severity=Severity.ERROR,
            subject=path,
            fix="Write a test that runs them.",
        )


def _percent(suite: SuiteCoverage) -> str:
    """As many decimals as it takes to see that it is too little."""
    return next(
        (
            shown
            for digits in range(2, 12)
            if float(shown := show_percent(suite.numbers.percent, digits)) < suite.threshold
        ),
        str(suite.numbers.percent),
    )


def _fix(suite: SuiteCoverage) -> str:
    fix = "Write tests for what never runs, beginning with the files named here."
    return f"{fix} First measure again with all settings: {suite.lost}." if suite.lost else fix


def _place(suite: SuiteCoverage, worst: list[FileCoverage]) -> Place:
    """Where the threshold is set; otherwise where most is missing."""
    if suite.file and _in_tree(suite.file):
        return Place(suite.file, Span(suite.line, 1, suite.line, 2))
    return next(
        (_first_missing(file) for file in worst if _in_tree(file.path)),
        Place(worst[0].path, Span(1, 1, 1, 2)),
    )


def _first_missing(file: FileCoverage) -> Place:
    line = min(file.missing, default=1)
    return Place(file.path, Span(line, 1, line, 2))


def _uncovered_first(file: FileCoverage) -> tuple[int, str]:
    return (-file.numbers.missing - file.numbers.missing_branches, file.path)


def _in_tree(path: str) -> bool:
    return not path.startswith("../")
