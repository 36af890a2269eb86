"""Endpoints are judged in shares: by one process or by several, the answers are the same."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from linking import linker

from backend_gate.backend import judges
from backend_gate.backend.judges import shares
from backend_gate.backend.processes import WorkerDiedError, in_processes
from backend_gate.settings import Settings

BACKENDS = Path(__file__).parents[1] / "backends"


def answers(files: dict[str, str], jobs: int) -> list[Any]:
    """All that the judges find out, as plain data."""
    found = linker(files)
    backend = found.run()
    found.judge(Settings(), jobs)
    numbers = {id(endpoint): number for number, endpoint in enumerate(backend.endpoints)}
    found_out: list[Any] = msgspec.to_builtins(
        [
            [(e.path, e.methods, e.auth, e.bodies, e.code) for e in backend.endpoints],
            backend.statements,
            backend.choices,
            [(numbers[id(e.endpoint)], e.place, e.exception, e.kind, e.steps) for e in backend.escapes],
            [
                ([numbers[id(e)] for e in c.endpoints], c.place, c.exits, c.in_handler)
                for c in backend.clauses
            ],
            [
                (g.place, g.name, g.kind, g.effect, [numbers[id(u.endpoint)] for u in g.uses])
                for g in backend.guards
            ],
            backend.unresolved,
            sorted(found.vocabulary.matched),
        ],
        enc_hook=repr,
    )
    return found_out


@pytest.mark.parametrize("folder", sorted(p.name for p in BACKENDS.iterdir() if p.is_dir()))
def test_several_processes_find_what_one_finds(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judges, "FEW", 2)
    monkeypatch.setattr(judges, "MANY", 6)
    root = BACKENDS / folder
    files = {
        p.relative_to(root).as_posix(): p.read_text(encoding="utf-8") for p in sorted(root.rglob("*.py"))
    }

    assert answers(files, 3) == answers(files, 1)


@pytest.mark.parametrize("number", [0, 1, 59, 60, 599, 600, 601, 5000])
def test_every_endpoint_is_in_one_share(number: int) -> None:
    found = [position for share in shares(number) for position in share]

    assert sorted(found) == list(range(number))


def test_answers_come_in_the_order_of_the_shares() -> None:
    assert in_processes(lambda n: n * n, [1, 2, 3, 4, 5], 2, []) == [1, 4, 9, 16, 25]


def test_this_process_has_work_of_its_own_while_others_work() -> None:
    done: list[str] = []
    answers = in_processes(
        lambda n: [n, list(done)], [0, 1], 2, [], meanwhile=lambda: done.append("meanwhile")
    )
    assert answers == [[0, []], [1, []]]
    assert done == ["meanwhile"]


def test_what_is_common_arrives_as_itself() -> None:
    common = [object(), object()]

    found = in_processes(lambda n: [common[n]], [0, 1], 2, common)

    assert found[1][0] is common[1]


def test_a_share_that_fails_says_how() -> None:
    def work(share: int) -> int:
        if share:
            raise ValueError("out of order")
        return share

    with pytest.raises(WorkerDiedError, match="out of order"):
        in_processes(work, [0, 1], 2, [])


def test_an_answer_that_cannot_be_sent_says_why() -> None:
    with pytest.raises(WorkerDiedError, match="lambda"):
        in_processes(lambda share: (lambda: share) if share else None, [0, 1], 2, [])


def test_an_answer_larger_than_a_pipe_waits_for_the_parent() -> None:
    assert [len(one) for one in in_processes(lambda n: b"x" * n, [1, 3_000_000, 2_000_000], 3, [])] == [
        1,
        3_000_000,
        2_000_000,
    ]


def test_a_process_that_dies_is_no_silence() -> None:
    def work(share: int) -> int:
        if share:
            os._exit(3)
        return share

    with pytest.raises(WorkerDiedError, match="without an answer"):
        in_processes(work, [0, 1], 2, [])


@pytest.mark.parametrize("folder", ["public_marks", "public_routes"])
def test_without_fork_the_answers_are_the_same(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = BACKENDS / folder
    files = {
        p.relative_to(root).as_posix(): p.read_text(encoding="utf-8") for p in sorted(root.rglob("*.py"))
    }
    monkeypatch.setattr(judges, "FEW", 2)
    monkeypatch.setattr(judges, "MANY", 6)
    forked = answers(files, 2)
    monkeypatch.setattr("multiprocessing.get_all_start_methods", lambda: ["spawn"])

    assert answers(files, 2) == forked


CHANGED_BY_A_REQUEST = """
from fastapi import Depends, FastAPI, HTTPException, Request

class State:
    def __init__(self):
        self.mode = "closed"
        self.spare = 1

app = FastAPI()
state = State()

def guard(request: Request):
    if state.mode == "closed":
        if "authorization" not in request.headers:
            raise HTTPException(401)

@app.post("/mode", dependencies=[Depends(guard)])
def open_all():
    state.mode = "open"
    del state.spare

@app.get("/lines", dependencies=[Depends(guard)])
def lines():
    return state.spare
"""


def test_what_a_request_changes_is_as_before_for_the_next_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judges, "FEW", 1)
    monkeypatch.setattr(judges, "BLOCK", 1)
    monkeypatch.setattr(judges, "MANY", 9)
    monkeypatch.setattr("multiprocessing.get_all_start_methods", lambda: ["spawn"])
    found = linker({"main.py": CHANGED_BY_A_REQUEST})
    backend = found.run()
    found.judge(Settings())

    assert [(e.path, e.auth.verdict.value) for e in backend.endpoints] == [
        ("/mode", "protected"),
        ("/lines", "protected"),
    ]
