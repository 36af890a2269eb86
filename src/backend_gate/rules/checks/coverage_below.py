"""BG701: a suite of tests covers less than is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import Place
from backend_gate.evidence.coverage.model import FileCoverage, SuiteCoverage, show_percent
from backend_gate.facts.model import Span
from backend_gate.rules.model import Finding, Related, Severity
from backend_gate.rules.project import Project

_WORST = 5


def coverage_below(project: Project) -> Iterator[Finding]:
    """One finding a suite. Without evidence there is nothing to say here; the verdict names what is missing."""
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
