"""What passes, what fails, and what could not be judged."""

from __future__ import annotations

import msgspec
import pytest
import verdicts

from backend_gate.rules.model import Severity
from backend_gate.settle.verdict import JudgedBackend, Outcome, settle

ONLY_NOTE = verdicts.FINDINGS[-1:]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 1),
        ({"findings": ()}, 0),
        ({"findings": (), "strict": True}, 1),
        ({"findings": (), "questions": (), "strict": True}, 0),
        ({"findings": ONLY_NOTE}, 0),
        ({"findings": ONLY_NOTE, "fail_on": Severity.WARNING}, 0),
        ({"findings": ONLY_NOTE, "fail_on": Severity.INFO}, 1),
        ({"problems": (verdicts.PROBLEM,)}, 2),
        ({"findings": (), "problems": (verdicts.PROBLEM,)}, 2),
        ({"findings": (), "frameworks": (verdicts.FASTAPI, verdicts.RAILS)}, 0),
        ({"findings": (), "questions": (), "frameworks": (verdicts.RAILS,), "strict": True}, 1),
        ({"findings": (), "questions": (), "frameworks": (verdicts.FLASK,), "strict": True}, 0),
    ],
)
def test_exit_code(changes: dict[str, object], code: int) -> None:
    assert verdicts.verdict(**changes).exit_code == code  # type: ignore[arg-type]


def test_the_worst_backend_decides() -> None:
    def backend(path: str, **changes: object) -> JudgedBackend:
        return msgspec.structs.replace(verdicts.SHOP, path=path, findings=(), questions=(), **changes)

    good = backend("a")
    lenient = msgspec.structs.replace(backend("b"), findings=ONLY_NOTE)
    picky = msgspec.structs.replace(backend("c", fail_on=Severity.INFO), findings=ONLY_NOTE)
    broken = backend("d", problems=(verdicts.PROBLEM,))
    assert settle([good, lenient], rules={}).outcome is Outcome.PASSES
    assert settle([good, picky], rules={}).outcome is Outcome.FAILS
    assert settle([broken, picky], rules={}).outcome is Outcome.NOT_JUDGED


def test_each_thing_is_said_once() -> None:
    verdict = settle(
        [verdicts.SHOP, verdicts.SHOP], rules=verdicts.RULES, frameworks=[verdicts.RAILS, verdicts.FASTAPI]
    )
    assert len(verdict.findings) == len(verdicts.FINDINGS)
    assert len(verdict.questions) == len(verdicts.QUESTIONS)
    assert verdict.frameworks == (verdicts.FASTAPI, verdicts.RAILS)
