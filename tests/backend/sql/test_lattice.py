"""The lattice of origins and the table of severities."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_gate.backend.sql.lattice import MANUAL_ESCAPE, Origin, is_open_question, severity, worst
from backend_gate.backend.sql.position import Position
from backend_gate.rules.model import Severity

NAMES = (
    "literal constant placeholder-list coerced allow-listed quoted-identifier schema-derived composed-safe "
    "configuration unknown stored request-tainted"
)
ORDER = NAMES.split()
SAFE = ORDER[: ORDER.index("composed-safe") + 1]
PLAIN, NAME = "sql-built-from-values", "sql-identifier-from-request"
OPEN, OPEN_NAME = ("sql-value-unproved", "info"), ("sql-identifier-unproved", "info")


def test_the_order_is_the_one_of_the_catalogue() -> None:
    assert [o.value for o in sorted(Origin, key=lambda o: o.rank)] == ORDER
    assert [o.value for o in Origin if o.is_safe] == SAFE


origins = st.lists(st.sampled_from(list(Origin)))


@given(origins, origins)
def test_worst_is_a_join(left: list[Origin], right: list[Origin]) -> None:
    assert worst([*left, *right]) is worst([worst(left), worst(right)])
    assert worst(left) is worst(reversed(left))
    assert all(o.rank <= worst(left).rank for o in left)
    assert worst(left) in [*left, Origin.LITERAL]


# position: what configuration, an unknown and a tainted origin deserve
TABLE: dict[str, tuple[object, object, object]] = {
    "value": (OPEN, OPEN, (PLAIN, "error")),
    "identifier": (OPEN_NAME, OPEN_NAME, (NAME, "error")),
    "keyword": (OPEN_NAME, OPEN_NAME, (NAME, "error")),
    "fragment": (OPEN, "unresolved", (PLAIN, "error")),
    "unbindable": (None, OPEN, (PLAIN, "error")),
    "unknown": (OPEN, "unresolved", (PLAIN, "error")),
}


def test_every_position_is_in_the_table() -> None:
    assert set(TABLE) == {p.value for p in Position}


def test_what_nobody_knows_is_open_where_no_parameter_can_stand() -> None:
    positions = {p.value for p in Position if is_open_question(p, Origin.UNKNOWN, served=True)}
    assert positions == {"identifier", "keyword", "unbindable"}
    others = set(Origin) - {Origin.UNKNOWN}
    assert not any(is_open_question(p, o, served=True) for p in Position for o in others)
    assert not any(is_open_question(p, Origin.UNKNOWN, served=False) for p in Position)


@pytest.mark.parametrize("position", list(TABLE))
def test_severity_of_configuration_and_of_what_nobody_knows(position: str) -> None:
    configuration, unknown, _ = TABLE[position]
    assert severity(Position(position), Origin.CONFIGURATION) == configuration
    assert severity(Position(position), Origin.UNKNOWN) == unknown


@pytest.mark.parametrize(
    ("position", "origin"), list(itertools.product(TABLE, ["stored", "request-tainted"]))
)
def test_a_foreign_text_is_an_error_everywhere(position: str, origin: str) -> None:
    assert severity(Position(position), Origin(origin)) == TABLE[position][2]


@pytest.mark.parametrize(("position", "origin"), list(itertools.product(TABLE, SAFE)))
def test_safe_origins_are_clean(position: str, origin: str) -> None:
    assert severity(Position(position), Origin(origin), suggest_binding=False) is None


def test_a_coerced_value_may_be_bound_anyway() -> None:
    assert severity(Position.VALUE, Origin.COERCED) == (PLAIN, "info")
    assert severity(Position.IDENTIFIER, Origin.COERCED) is None
    assert severity(Position.UNBINDABLE, Origin.COERCED) is None


@pytest.mark.parametrize("position", list(Position))
def test_severity_never_falls_on_the_way_up(position: Position) -> None:
    rank = {None: 0, "info": 1, "unresolved": 1, "warning": 2, "error": 3}
    found = [severity(position, origin, suggest_binding=False) for origin in Origin]
    ranks = [rank[f if f is None or isinstance(f, str) else f.level] for f in found]
    assert ranks == sorted(ranks)


def test_levels_are_severities_of_rules() -> None:
    found = [severity(p, o) for p in Position for o in Origin]
    levels = {f.level for f in [*found, MANUAL_ESCAPE] if f is not None and not isinstance(f, str)}
    assert {Severity(level) for level in levels} == set(Severity)


def test_quotes_doubled_by_hand_are_a_warning_of_their_own() -> None:
    assert MANUAL_ESCAPE == ("sql-manual-escape", "warning")
