"""Which suite runs a handler: by statements, by entry, by contexts, or not known."""

from __future__ import annotations

import pytest

from backend_gate.backend.model import ErrorBranch, FunctionCode, Place
from backend_gate.evidence.coverage.model import FileCoverage, Measured, State, SuiteCoverage
from backend_gate.evidence.endpoints import Coverage, Runs
from backend_gate.evidence.model import Evidence
from backend_gate.facts.model import Span

LONG = FunctionCode("app.order", Place("app.py", Span(6, 1, 9, 10)), lines=(8, 9), starts=(6, 7))
SHORT = FunctionCode("app.health", Place("app.py", Span(12, 1, 13, 40)), lines=(13,), starts=(12, 13))
EMPTY = FunctionCode("app.stub", Place("app.py", Span(20, 1, 21, 8)), lines=(21,), starts=(20,))


def suite(
    name: str = "integration", state: State = State.MEASURED, lost: str = "", **file: object
) -> SuiteCoverage:
    values: dict[str, object] = {"executed": (6, 7, 12, 13), "missing": (8, 9), **file}
    measured = Measured((FileCoverage("app.py", **values),))  # type: ignore[arg-type]
    return SuiteCoverage(name=name, threshold=0, state=state, lost=lost, measured=measured)


def runs(function: FunctionCode, of: SuiteCoverage) -> Runs:
    return Coverage(Evidence((of,))).runs(of, function).runs


def test_the_line_of_the_def_says_nothing() -> None:
    assert runs(LONG, suite()) is Runs.NO
    assert runs(LONG, suite(executed=(6, 7, 8), missing=(9,))) is Runs.YES


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"entered": (1, 12)}, Runs.YES),
        ({"entered": (1, 13)}, Runs.YES),
        ({"entered": (1,)}, Runs.NO),
        ({"contexts": {13: ("", "tests.test_health")}}, Runs.YES),
        ({"contexts": {6: ("tests.test_order",), 13: ("",)}}, Runs.NO),
        ({"contexts": {6: ("unit|tests.test_order",), 13: ("unit",)}}, Runs.NO),
        ({"contexts": {13: ("unit", "unit|tests.test_health")}}, Runs.YES),
        ({"contexts": {6: ("",), 13: ("",)}}, Runs.UNKNOWN),
        ({"contexts": {6: ("unit",), 13: ("unit",)}}, Runs.UNKNOWN),
        ({"contexts": {6: ("tests.test_order",), 13: ("tests.test_health",)}}, Runs.UNKNOWN),
        ({}, Runs.UNKNOWN),
        ({"executed": (), "missing": (6, 7, 12, 13)}, Runs.NO),
        ({"entered": (1,), "lost": "db.py switches greenlets"}, Runs.UNKNOWN),
    ],
)
def test_a_function_on_one_line_is_told_by_entry_or_contexts(data: dict[str, object], expected: Runs) -> None:
    assert runs(SHORT, suite(**data)) is expected  # type: ignore[arg-type]


def test_what_is_not_measured_is_not_known() -> None:
    elsewhere = FunctionCode("b.f", Place("b.py", Span(1, 1, 2, 2)), lines=(2,), starts=(1,))

    assert runs(elsewhere, suite()) is Runs.UNKNOWN
    assert runs(EMPTY, suite()) is Runs.UNKNOWN, "its body compiles to nothing"


def test_data_that_may_have_lost_lines_accuses_nobody() -> None:
    assert runs(LONG, suite(lost="db.py switches greenlets")) is Runs.UNKNOWN
    branch = ErrorBranch(Place("app.py", Span(9, 1, 9, 5)), "raises HTTPException")
    of = suite(lost="db.py switches greenlets")
    assert Coverage(Evidence((of,))).runs_branch(of, branch).runs is Runs.UNKNOWN


def test_unit_tests_decide_only_where_there_is_nothing_else() -> None:
    unit, integration = suite("unit"), suite("integration")

    assert Coverage(Evidence((unit, integration))).deciding == (integration,)
    assert Coverage(Evidence((unit, suite("integration", State.MISSING)))).deciding == ()
    assert Coverage(Evidence((unit,))).deciding == (unit,)
