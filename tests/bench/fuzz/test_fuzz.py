"""The fuzz bench: the same inputs every time, and a fault is seen, kept and counted."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from bench.fuzz import __main__ as fuzz
from bench.fuzz import inputs, judge, programs


def test_an_input_depends_on_seed_and_number_alone() -> None:
    first = [inputs.make(7, number) for number in range(1, 8)]
    assert [inputs.make(7, number) for number in range(7, 0, -1)] == first[::-1]
    assert [inputs.make(8, number) for number in range(1, 8)] != first


def test_the_gate_answers_every_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        programs, "_BATCH", 6
    )  # of the fifty that are drawn at once, three are among these inputs
    outcomes = [judge.judge(number, inputs.make(3, number)) for number in range(17)]
    assert [outcome for outcome in outcomes if outcome.fault] == []
    assert {outcome.code for outcome in outcomes} <= {0, 1, 2}
    assert len({outcome.code for outcome in outcomes}) > 1
    assert inputs.PROGRAM in {outcome.kind for outcome in outcomes}


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (lambda *_: 1 / 0, "ZeroDivisionError"),
        (lambda *_: 3, "code"),
        (lambda *_: time.sleep(60), "no answer within"),
    ],
)
def test_what_should_not_happen_is_a_fault(broken: Any, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "main", broken)
    monkeypatch.setattr(judge, "LIMIT", 0.2)
    outcome = judge.judge(1, inputs.make(1, 1))
    assert fault in outcome.fault or outcome.code not in (0, 1, 2)
    assert outcome.fault


def test_a_crashed_rule_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    from backend_gate.rules.checks import untyped_request_body as check

    def crash(project: object) -> Any:
        raise RuntimeError("out of order")

    monkeypatch.setattr(check, "untyped_request_body", crash)
    outcomes = [judge.judge(1, inputs.Input("example", tree)) for tree in inputs.examples()[:3]]
    assert all("rule-crashed: untyped-request-body" in outcome.fault for outcome in outcomes)


def test_a_death_costs_one_input(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A worker that ends without an answer is replaced, and the next input is judged."""
    script = tmp_path / "worker.py"
    script.write_text(
        "import sys, json, os\n"
        "first, number = int(sys.argv[sys.argv.index('--first') + 1]), int(sys.argv[sys.argv.index('--inputs') + 1])\n"
        "for n in range(first, first + number):\n"
        "    print(json.dumps({'next': n}), flush=True)\n"
        "    if n == 2: os.abort()\n"
        "    print(json.dumps({'number': n, 'kind': 'k', 'code': 0, 'seconds': 0.0, 'fault': ''}), flush=True)\n"
    )
    start = subprocess.Popen

    def instead(command: list[str], **options: Any) -> Any:
        return start([command[0], str(script), *command[3:]], **options)

    monkeypatch.setattr(subprocess, "Popen", instead)
    outcomes = list(fuzz._outcomes(1, 0, 5, 1, None))
    assert [outcome.number for outcome in outcomes] == [0, 1, 2, 3, 4]
    assert ["died" in outcome.fault for outcome in outcomes] == [False, False, True, False, False]
