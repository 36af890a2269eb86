"""What an answer is read from: lists and dicts that another module keeps for all requests."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.backend.model import Verdict
from backend_gate.settings import Settings

STORE = """\
MEMBERS = {}
SEEN = []
TARIFFS = {"small": 1, "large": 2}
GUESTS = {"anna": 1}
FIXED = [1, 2, 3]
NONE = ()

def check_in(name):
    GUESTS[name] = 1
"""
MAIN = """\
import kept
import kept.store as shelf
from fastapi import FastAPI
from kept import SEEN as visits
from kept.store import FIXED, GUESTS, MEMBERS, NONE, TARIFFS

app = FastAPI()

@app.get("/answer")
def answer():
    {0}
"""


def verdict(line: str) -> Verdict:
    linked = linker(
        {
            "main.py": MAIN.format(line),
            "kept/__init__.py": "from kept.store import SEEN, TARIFFS\n",
            "kept/store.py": STORE,
        }
    )
    backend = linked.run()
    linked.judge(Settings())
    (endpoint,) = backend.endpoints
    return endpoint.auth.verdict


@pytest.mark.parametrize(
    "line",
    [
        "return list(MEMBERS.values())",
        "return MEMBERS['anna']",
        "return shelf.MEMBERS",
        "return GUESTS",
        "return sorted(shelf.GUESTS)",
        "return visits",
        "return kept.SEEN",
    ],
)
def test_a_store_of_another_module(line: str) -> None:
    assert verdict(line) is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    "line",
    ["return TARIFFS", "return shelf.TARIFFS", "return kept.TARIFFS", "return sum(FIXED)", "return NONE"],
)
def test_what_another_module_says_once_and_for_all(line: str) -> None:
    assert verdict(line) is Verdict.PUBLIC_BY_NATURE
