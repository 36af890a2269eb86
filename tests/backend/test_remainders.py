from __future__ import annotations

import pytest

from backend_gate.backend.link import _parse_expression
from backend_gate.backend.remainders import emptied
from backend_gate.backend.unparse import unparse
from backend_gate.facts import model as ir


def expression(text: str) -> ir.Expression:
    found = _parse_expression(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("test", "holds", "rest"),
    [
        ("set(given) - ALLOWED", False, "set(given) - ALLOWED"),
        ("set(given).difference(ALLOWED)", False, "set(given).difference(ALLOWED)"),
        ("sorted(set(given) - ALLOWED)", False, "set(given) - ALLOWED"),
        ("(rest := set(given) - ALLOWED)", False, "rest"),
        ("len(rest) > 0", False, "rest"),
        ("len(rest) >= 1", False, "rest"),
        ("len(rest) == 0", True, "rest"),
        ("len(rest := set(given) - ALLOWED) != 0", False, "rest"),
        ("rest == set()", True, "rest"),
        ("rest != set()", False, "rest"),
    ],
)
def test_a_test_of_emptiness_is_seen_in_the_branch_where_it_holds(test: str, holds: bool, rest: str) -> None:
    found = emptied(expression(test), holds=holds)
    assert found is not None
    assert unparse(found) == rest
    assert emptied(expression(test), holds=not holds) is None


@pytest.mark.parametrize(
    "test", ["len(rest) > 1", "len(rest) == limit", "rest == other", "check(rest)", "a + b"]
)
@pytest.mark.parametrize("holds", [True, False])
def test_another_test_says_nothing(test: str, holds: bool) -> None:
    assert emptied(expression(test), holds=holds) is None
