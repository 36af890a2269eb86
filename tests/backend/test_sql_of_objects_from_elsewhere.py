"""Stores of which the code shows the class, but not where the object is made."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.settings import Settings

STORES = """\
import sqlite3
from abc import ABC, abstractmethod

from fastapi import Depends, FastAPI, Request

app = FastAPI()
registry = load_registry()


class Users(ABC):
    @abstractmethod
    def find(self, name: str): ...


class SqlUsers(Users):
    def __init__(self, db: sqlite3.Connection):
        self.db = db

    def find(self, name: str):
        return self.db.execute(f"SELECT * FROM users WHERE name = '{name}'").fetchone()


class NoUsers(Users):
    def find(self, name: str):
        return None


def of_request(request: Request):
    return request.app.state.users


def promised() -> SqlUsers:
    return app.state.users


def declared() -> Users:
    return registry["users"]


class Service:
    def __init__(self, users: Users):
        self.users = users

    def get(self, name):
        return self.users.find(name)


def service(users: Users = Depends(declared)) -> Service:
    return Service(users)

"""


def origins(handler: str) -> list[str]:
    """Where the holes of all statements come from, seen from one handler."""
    found = linker({"main.py": f"{STORES}\n@app.get('/x')\n{handler}\n"})
    found.run()
    found.judge(Settings())
    return [hole.origin for sql in found.backend.statements for hole in sql.holes]


@pytest.mark.parametrize(
    "handler",
    [
        "def get(name: str, users: SqlUsers = Depends(of_request)):\n    return users.find(name)",
        (
            "def get(name: str, request: Request):\n"
            "    users: SqlUsers = request.app.state.users\n"
            "    return users.find(name)"
        ),
        "def get(name: str):\n    return promised().find(name)",
        "def get(name: str):\n    return declared().find(name)",
        "def get(name: str, users: Users = Depends(declared)):\n    return users.find(name)",
        "def get(name: str, service: Service = Depends(service)):\n    return service.get(name)",
    ],
)
def test_the_statement_of_a_store_that_comes_from_elsewhere(handler: str) -> None:
    assert origins(handler) == ["request-tainted"]


def test_what_is_known_of_a_value_is_worth_more_than_its_annotation() -> None:
    handler = (
        "def get(name: str, request: Request):\n"
        "    users: SqlUsers = request.query_params['users']\n"
        "    db = sqlite3.connect('x.db')\n"
        "    db.execute(f'SELECT * FROM {users}')"
    )
    assert "request-tainted" in origins(handler)


DEEP = """\
import sqlite3
from fastapi import FastAPI

app = FastAPI()


def as_it_is(name):
    return name


def as_it_is_as_well(name):
    first = 1
    second = 2
    third = 3
    fourth = 4
    fifth = 5
    sixth = 6
    seventh = 7
    eighth = 8
    return name


def step8(db, name):
    first = 1
    second = 2
    third = 3
    fourth = 4
    fifth = 5
    sixth = 6
    seventh = 7
    eighth = 8
    db.execute(f"SELECT * FROM t WHERE a = '{as_it_is(name)}' AND b = '{as_it_is_as_well(name)}'")


@app.get("/x")
def handler(name: str):
    step0(sqlite3.connect("x.db"), name)

"""


def test_a_short_function_is_followed_a_little_deeper_than_others() -> None:
    steps = [f"\ndef step{n}(db, name):\n    step{n + 1}(db, name)\n" for n in range(8)]
    found = linker({"main.py": DEEP + "\n".join(steps)})
    found.run()
    found.judge(Settings())
    assert [h.origin for sql in found.backend.statements for h in sql.holes] == ["request-tainted"]
    assert any("as_it_is_as_well is called too deep" in one.reason for one in found.backend.unresolved)
