"""Names in messages: short, complete, and the same in every run."""

from __future__ import annotations

import pytest
from backend_builders import endpoint, place
from hypothesis import given
from hypothesis import strategies as st

from backend_gate.backend.model import Condition, Step
from backend_gate.rules.model import Severity
from backend_gate.rules.phrases import (
    by_handler,
    last_name,
    listed,
    related,
    route,
    subject,
    under,
    unique,
    worst,
)


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ([], ""),
        (["a"], "`a`"),
        (["a", "b"], "`a` and `b`"),
        (["a", "b", "c", "d"], "`a`, `b`, `c` and `d`"),
        (["a", "b", "c", "d", "e"], "`a`, `b`, `c` and 2 more"),
    ],
)
def test_lists(names: list[str], text: str) -> None:
    assert listed(names) == text


@given(st.integers(1, 30))
def test_a_list_is_short_and_accounts_for_all(count: int) -> None:
    text = listed([f"n{number}" for number in range(count)])
    rest = text.rpartition(" and ")[2].removesuffix(" more")

    assert text.count("`") // 2 + (int(rest) if rest.isdigit() else 0) == count
    assert text.count("`") <= 8


def test_routes() -> None:
    get, post = endpoint("/b", ("GET", "HEAD")), endpoint("/a")

    assert route(get) == "GET, HEAD /b"
    assert subject([get, post, get]) == "GET, HEAD /b; POST /a" == subject([post, get])


def test_handlers_gather_their_routes() -> None:
    one, two = endpoint("/a", line=10), endpoint("/a", line=30)
    again = endpoint("/b", line=10)

    assert list(by_handler([one, two, again])) == [[one, again], [two]]


def test_related_places_are_few_and_never_the_primary() -> None:
    steps = [Step(place(number % 12), f"step {number}") for number in range(24)]

    found = related(steps, place(0))

    assert len(found) == 8
    assert place(0) not in {each.place for each in found}
    assert [each.message for each in found][:2] == ["step 1", "step 2"]


def test_small_words() -> None:
    step = Step(place(1), "m")
    condition = Condition("settings.debug", place(2))

    assert last_name("app.errors.EmailTaken") == "EmailTaken"
    assert last_name("EmailTaken") == "EmailTaken"
    assert unique([step, step]) == (step,)
    assert under([]) == ""
    assert under([condition, condition]) == ", where `settings.debug` holds"
    assert worst([Severity.INFO, Severity.ERROR, Severity.WARNING]) is Severity.ERROR
