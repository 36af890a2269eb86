"""One registration, several handlers or dependencies: a branch before it chooses which of them stands there."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.backend.model import Backend, Verdict
from backend_gate.settings import Settings

HEAD = """\
import os
from typing import Annotated
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Security
from elsewhere import flags

app = FastAPI()
AUTH = os.environ.get("AUTH", "yes") == "yes"
OFF = os.environ.get("OFF") == "yes"
OPEN = os.environ.get("OPEN", "yes") == "yes"
LOADED = flags.load()

def clerk(request: Request):
    if not request.headers.get("authorization"):
        raise HTTPException(401)
    return "clerk"

def nobody():
    return None

def authed(user=Depends(clerk)):
    return open("accounts").read()

def anonymous():
    return open("accounts").read()

def public():
    return open("accounts").read()

"""


def linked(text: str) -> Backend:
    """The judged backend of one file."""
    found = linker({"main.py": HEAD + text})
    backend = found.run()
    found.judge(Settings())
    return backend


ROUTE = 'app.add_api_route("/accounts", handler, methods=["POST"])\n'
BRANCHES = "if {}:\n    handler = {}\nelse:\n    handler = {}\n" + ROUTE
CHOICE = "handler = {1} if {0} else {2}\n" + ROUTE


@pytest.mark.parametrize("form", [BRANCHES, CHOICE])
@pytest.mark.parametrize(
    ("test", "named"),
    [("AUTH", "AUTH"), ("not OFF", "OFF"), ("LOADED", "on LOADED")],
)
def test_a_handler_that_asks_nobody(form: str, test: str, named: str) -> None:
    (endpoint,) = linked(form.format(test, "authed", "anonymous")).endpoints
    assert (endpoint.auth.verdict, endpoint.handler) == (Verdict.CONDITIONAL, "main.authed")
    assert named in endpoint.auth.reason


@pytest.mark.parametrize("form", [BRANCHES, CHOICE])
def test_the_default_asks_nobody(form: str) -> None:
    backend = linked(form.format("not OPEN", "authed", "anonymous"))
    (endpoint,) = backend.endpoints
    assert (endpoint.auth.verdict, endpoint.handler) == (Verdict.CONDITIONAL, "main.anonymous")
    assert [opening.condition.by_default for guard in backend.guards for opening in guard.openings] == [True]


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ("authed", "authed", Verdict.PROTECTED),
        ("public", "anonymous", Verdict.UNPROTECTED),
        ("authed", "flags.handler", Verdict.CONDITIONAL),
    ],
)
def test_two_of_one_kind(first: str, second: str, verdict: Verdict) -> None:
    (endpoint,) = linked(BRANCHES.format("AUTH", first, second)).endpoints
    assert endpoint.auth.verdict is verdict


def test_handlers_defined_in_the_branches() -> None:
    text = (
        "def register(router, guard):\n    signed = guard is not None\n    if signed:\n"
        "        def with_user(user=Security(guard)):\n            return open('accounts').read()\n"
        "        handler = with_user\n    else:\n        def without():\n            return open('accounts').read()\n"
        "        handler = without\n    router.add_api_route('/accounts', handler)\n"
        "class Api:\n    def __init__(self):\n        self.guard = None\n"
        "        if AUTH:\n            self.guard = clerk\n"
        "api = Api()\nregister(app, api.guard)\n"
    )
    (endpoint,) = linked(text).endpoints
    assert endpoint.auth.verdict is Verdict.CONDITIONAL
    assert "AUTH" in endpoint.auth.reason


def test_what_the_other_handler_does_is_looked_at() -> None:
    text = (
        "def raw(body: dict):\n    return open(body['name']).read()\n"
        "def query(name: str, user=Depends(clerk)):\n"
        "    import sqlite3\n    sqlite3.connect('x').execute(f'select {name}')\n"
    )
    (endpoint,) = (backend := linked(text + BRANCHES.format("AUTH", "query", "raw"))).endpoints
    assert [body.shape for body in endpoint.bodies] == ["open-mapping"]
    assert len(backend.statements) == 1


DEPENDS = '@app.post("/accounts")\ndef accounts(user={}):\n    return open("accounts").read()\n'


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("Security(clerk) if AUTH else Depends(lambda: None)", "AUTH"),
        ("Depends(clerk) if AUTH else Depends(nobody)", "AUTH"),
        ("Depends(clerk) if not OFF else None", "OFF"),
        ("Depends(clerk) if LOADED else Depends(nobody)", "on LOADED"),
        ("Depends(clerk) if not LOADED else None", "not LOADED"),
        ("Depends(clerk if AUTH else nobody)", "AUTH"),
    ],
)
def test_a_dependency_that_a_branch_chooses(given: str, named: str) -> None:
    (endpoint,) = linked(DEPENDS.format(given)).endpoints
    assert endpoint.auth.verdict is Verdict.CONDITIONAL
    assert named in endpoint.auth.reason


def test_a_dependency_that_is_chosen_by_name() -> None:
    text = "ask = Depends(clerk)\nif OFF:\n    ask = None\n" + DEPENDS.format("ask")
    (endpoint,) = linked(text).endpoints
    assert endpoint.auth.verdict is Verdict.CONDITIONAL
    assert "OFF" in endpoint.auth.reason
    text = "Caller = Annotated[str, Depends(clerk) if AUTH else Depends(nobody)]\n"
    text += DEPENDS.replace("user={}", "user: Caller")
    (endpoint,) = linked(text).endpoints
    assert endpoint.auth.verdict is Verdict.CONDITIONAL


def test_a_dependency_of_a_dependency_that_a_branch_leaves_out() -> None:
    text = "def account(user=Depends(clerk) if not OFF else None):\n    return user\n"
    (endpoint,) = linked(text + DEPENDS.format("Depends(account)")).endpoints
    assert endpoint.auth.verdict is Verdict.CONDITIONAL


def test_two_dependencies_that_both_deny() -> None:
    text = "def also(user=Depends(clerk)):\n    return user\n"
    (endpoint,) = linked(text + DEPENDS.format("Depends(clerk) if AUTH else Depends(also)")).endpoints
    assert endpoint.auth.verdict is Verdict.PROTECTED


def test_an_application_of_one_of_two_functions() -> None:
    text = (
        "def plain():\n    made = FastAPI()\n    made.get('/one')(anonymous)\n    return made\n"
        "def other():\n    made = FastAPI()\n    made.get('/two')(anonymous)\n    return made\n"
        "make = plain if AUTH else other\nmade = make()\n"
    )
    found = {e.path: e.off_by_default for e in linked(text).endpoints}
    assert found == {"/one": False, "/two": True}


def test_what_stands_before_both_cannot_be_told() -> None:
    text = (
        "@app.middleware('http')\nasync def gate(request: Request, call_next):\n"
        "    if not flags.authenticate(request):\n"
        "        raise HTTPException(401)\n    return await call_next(request)\n"
    )
    (endpoint,) = linked(text + BRANCHES.format("AUTH", "public", "anonymous")).endpoints
    assert endpoint.auth.verdict is Verdict.UNRESOLVED
    (endpoint,) = linked(text + BRANCHES.format("AUTH", "authed", "anonymous")).endpoints
    assert endpoint.auth.verdict is Verdict.CONDITIONAL


def test_a_constant_says_that_a_guard_has_let_one_through() -> None:
    text = (
        '@app.post("/keys/check")\ndef check(user=Depends(clerk) if not LOADED else None):\n    return True\n'
    )
    (endpoint,) = linked(text).endpoints
    assert endpoint.auth.verdict is Verdict.CONDITIONAL
