"""Attributes that are written under a condition: what was there before stays possible."""

from __future__ import annotations

import pytest
from linking import linker

SETTINGS = """\
import enum, os
from pydantic_settings import BaseSettings

class Entry(enum.Enum):
    KEY = 1
    CARD = 2

class Settings(BaseSettings):
    entry: Entry = Entry.KEY
    hosted: bool = False
    title: str = "inn"

settings = Settings()
"""
MAIN = """\
from fastapi import FastAPI
from conf import Entry, settings

app = FastAPI()

if settings.entry == Entry.KEY:
    @app.get("/key")
    def key(): ...
else:
    @app.get("/card")
    def card(): ...
"""


def listed(change: str, main: str = MAIN) -> dict[str, bool | None]:
    """The paths, each with what its last condition is by default; ``True`` without one."""
    backend = linker({"conf.py": SETTINGS + change, "main.py": main}).run()
    return {e.path: e.conditions[-1].by_default if e.conditions else True for e in backend.endpoints}


@pytest.mark.parametrize(
    ("change", "key", "card"),
    [
        ("", True, False),
        ("settings.entry = Entry.CARD\n", None, True),
        ("if settings.hosted:\n    settings.entry = Entry.CARD\n", True, False),
        ("if not settings.hosted:\n    settings.entry = Entry.CARD\n", False, True),
        ("if os.path.exists('card'):\n    settings.entry = Entry.CARD\n", None, None),
        ("if settings.hosted:\n    raise SystemExit\nelse:\n    settings.entry = Entry.CARD\n", None, True),
        (
            "def fill():\n    if not settings.hosted:\n        return\n    settings.entry = Entry.CARD\nfill()\n",
            True,
            False,
        ),
        (
            "def fill():\n    if settings.hosted:\n        settings.entry = Entry.CARD\n        return\nfill()\n",
            True,
            False,
        ),
        (
            "match os.name:\n    case 'nt':\n        settings.entry = Entry.CARD\n",
            None,
            None,
        ),
        ("for name in os.listdir('/srv/elsewhere'):\n    settings.entry = Entry.CARD\n", None, None),
    ],
    ids=[
        "never",
        "always",
        "under a setting that is off",
        "under a setting that is on",
        "under something that is not known",
        "where the other branch raises",
        "behind a return by default",
        "before a return under a setting",
        "in a case that is not known",
        "in a loop over who knows what",
    ],
)
def test_a_write_counts_as_far_as_its_condition_does(change: str, key: bool | None, card: bool) -> None:
    found = listed(change)

    expected = {"/key": key, "/card": card}
    if change.startswith(("settings", "if settings.hosted:\n    raise")):
        del expected["/key"]  # nothing is left to decide
    assert found == expected


def test_the_other_branch_starts_with_what_was_there() -> None:
    change = """\
if os.path.exists("sign"):
    settings.title = "sign"
else:
    settings.title = settings.title + "!"
"""
    main = """\
from fastapi import FastAPI
from conf import settings

app = FastAPI()

@app.get("/x")
def x(): ...

if settings.title == "sign!":
    @app.get("/never")
    def never(): ...
"""

    assert listed(change, main) == {"/x": True, "/never": False}


def test_what_a_branch_makes_is_its_own() -> None:
    """``Door`` has a default under the same name; the door that the branch makes never has it."""
    change = """\
class Door:
    code = "none"

    def __init__(self, code):
        self.code = code

door = Door("front")
if os.path.exists("back"):
    door = Door("back")
"""
    main = """\
from fastapi import FastAPI
from conf import door

app = FastAPI()

@app.get("/x")
def x(): ...

if door.code == "none":
    @app.get("/never")
    def never(): ...
"""

    assert listed(change, main) == {"/x": True}
