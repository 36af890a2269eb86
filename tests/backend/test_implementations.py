"""Guards of which the code at hand only knows the kind, and guards that stand far down."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.backend.model import Auth, Verdict
from backend_gate.settings import Settings

HEAD = """\
import functools
import os
from abc import ABC, abstractmethod
from fastapi import FastAPI, HTTPException, Request
from elsewhere import container

app = FastAPI()
rows = {}

class Guard(ABC):
    @abstractmethod
    def check(self, headers): ...

def find(kind: type[Guard], which):
    return getattr(container, which)

def get[G](kind: type[G]) -> G:
    return container[kind]
"""
ROUTE = """

@app.post("/rows/{key}")
def add(key: str, request: Request):
    get(Guard).check(request.headers)
    rows[key] = 1
"""


def kind(number: int, *, base: str = "Guard") -> str:
    return (
        f"\nclass Guard{number}({base}):\n    def check(self, headers):\n"
        f"        if 'x-key-{number}' not in headers:\n            raise HTTPException(401)\n"
    )


def auth(source: str) -> Auth:
    found = linker({"main.py": source})
    backend = found.run()
    found.judge(Settings())
    (endpoint,) = backend.endpoints
    return endpoint.auth


def test_all_that_are_seen_deny_and_another_may_be_used() -> None:
    found = auth(HEAD + kind(1) + kind(2, base="Guard1") + ROUTE)
    assert found.verdict is Verdict.CONDITIONAL
    assert found.reason == "main.add denies only depending on which Guard is used"


def test_nobody_or_too_many_to_ask() -> None:
    assert auth(HEAD + ROUTE).verdict is Verdict.UNRESOLVED
    assert auth(HEAD + "".join(map(kind, range(5))) + ROUTE).verdict is Verdict.UNRESOLVED


def test_nothing_is_promised() -> None:
    route = ROUTE.replace("get(Guard)", "find(Guard, key)")
    assert auth(HEAD + kind(1) + route).verdict is Verdict.UNRESOLVED


def test_a_setting_on_both_sides_of_a_denial_decides_nothing() -> None:
    route = ROUTE.replace(
        "    get(Guard).check(request.headers)\n",
        "    if os.environ.get('TRACING'):\n        check(request)\n    else:\n        check(request)\n",
    )
    check = (
        "\ndef check(request):\n    if os.environ.get('OPEN'):\n        return\n"
        "    if 'x-key' not in request.headers:\n        raise HTTPException(401)\n"
    )
    assert auth(HEAD + check + route).reason == "main.add denies only depending on OPEN"


def test_a_setting_of_something_else_than_a_denial_opens_nothing() -> None:
    limits = (
        "\ndef limit(request):\n    if os.environ['LICENSE'] != 'yes':\n        return\n"
        "    if len(request.query_params) > 10:\n        raise HTTPException(413)\n"
    )
    route = ROUTE.replace(
        "    get(Guard).check(request.headers)\n",
        "    limit(request)\n    if 'x-key' not in request.headers:\n"
        "        if request.query_params.get('page'):\n            raise HTTPException(401)\n",
    )
    assert auth(HEAD + limits + route).verdict is Verdict.UNPROTECTED


def deep(count: int, wrapper: str = "") -> str:
    """A check at the end of ``count`` calls."""
    steps = [f"{wrapper}\ndef step{n}(request):\n    step{n + 1}(request)\n" for n in range(count)]
    last = (
        f"def step{count}(request):\n    return check_key(request)\n\ndef check_key(request):\n"
        "    if 'x-key' not in request.headers:\n        raise HTTPException(401)\n"
    )
    return (
        HEAD
        + WRAPPER
        + "\n".join(steps)
        + last
        + ROUTE.replace("get(Guard).check(request.headers)", "step0(request)")
    )


WRAPPER = """
def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper

"""


def test_a_check_that_is_too_far_down_to_follow() -> None:
    assert auth(deep(3)).verdict is Verdict.PROTECTED
    found = auth(deep(6))
    assert found.verdict is Verdict.UNRESOLVED
    assert "main.check_key" in found.reason


def test_a_wrapper_is_no_step_of_its_own() -> None:
    assert auth(deep(4, "\n@timed")).verdict is Verdict.PROTECTED


CHOSEN = """\
import importlib
import os
from abc import ABC, abstractmethod
from typing import Protocol
from fastapi import Depends, FastAPI, HTTPException, Request

app = FastAPI()


def chosen(kind, name):
    if name is None:
        return kind
    module, attribute = name.rsplit(".", 1)
    return getattr(importlib.import_module(module), attribute)

async def caller(request: Request):
    found = await chosen(Caller, os.environ.get("CALLER")).of(request)
    if found is None:
        raise HTTPException(500)
    return found

@app.post("/rows")
def add(found=Depends(caller)):
    open("rows", "a").write("row")

class Caller({base}):
    @classmethod
{mark}    async def of(cls, request: Request):
        {body}
"""
EVERYBODY = """
class Everybody(Caller):
    @classmethod
    async def of(cls, request: Request):
        return Everybody()
"""
OWNERS = """
class Owner(Caller):
    @classmethod
    async def of(cls, request: Request):
        if request.headers.get("x-api-key") != os.environ["KEY"]:
            raise HTTPException(401)
        return Owner()
"""


@pytest.mark.parametrize(
    ("base", "mark", "body"),
    [
        ("ABC", "    @abstractmethod\n", '"""Who asks"""'),
        ("ABC", "    @abstractmethod\n", "..."),
        ("ABC", "", "raise NotImplementedError"),
        ("Protocol", "", "..."),
    ],
)
def test_what_a_class_leaves_to_its_kinds_gives_not_none(base: str, mark: str, body: str) -> None:
    source = CHOSEN.format(base=base, mark=mark, body=body)
    assert auth(source).verdict is Verdict.UNRESOLVED
    found = auth(source + EVERYBODY)
    assert found.verdict is Verdict.UNRESOLVED
    assert found.reason.endswith("denies a request without a credential is not known")
    found = auth(source.replace('chosen(Caller, os.environ.get("CALLER"))', "Caller") + OWNERS)
    assert found.verdict is Verdict.CONDITIONAL
    assert "which Caller is used" in found.reason
