"""What Python raises where a credential is missing: a key, a piece of a text, an attribute of ``None``."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.backend.model import Verdict
from backend_gate.settings import Settings

HEAD = """\
import contextlib
import httpx
import sqlite3
from fastapi import Cookie, Depends, FastAPI, Header, HTTPException, Request

app = FastAPI()
db = sqlite3.connect("x.db")

@contextlib.contextmanager
def turned_away():
    try:
        yield
    except KeyError as missing:
        raise HTTPException(401) from missing

@contextlib.contextmanager
def lenient():
    try:
        yield
    except KeyError:
        print("somebody unknown")

"""
ROUTE = """

@app.get("/notes", dependencies=[Depends(guard)])
def notes():
    return db.execute("SELECT * FROM note").fetchall()
"""


def verdict(body: str, parameters: str = "request: Request") -> Verdict:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    linked = linker({"main.py": f"{HEAD}def guard({parameters}):\n{lines}{ROUTE}"})
    backend = linked.run()
    linked.judge(Settings())
    (endpoint,) = backend.endpoints
    return endpoint.auth.verdict


HANDLED = """\
try:
    {0}
except {1}:
    {2}
"""
DENY = "raise HTTPException(401)"


@pytest.mark.parametrize(
    ("read", "errors"),
    [
        ('key = request.headers["authorization"]', "KeyError"),
        ('key = request.cookies["session"]', "LookupError"),
        ('key = request.session["member"]', "KeyError"),
        ('kind, key = request.headers["authorization"].split()', "(KeyError, ValueError)"),
        ('kind, key = request.headers.get("authorization", "").split(" ", 1)', "ValueError"),
        ('key = (request.headers.get("authorization") or "").split()[1]', "IndexError"),
        ('key = request.headers.get("authorization").split()[1]', "(AttributeError, IndexError)"),
    ],
)
def test_what_is_raised_for_want_of_it(read: str, errors: str) -> None:
    assert verdict(HANDLED.format(read, errors, DENY)) is Verdict.PROTECTED
    assert verdict(HANDLED.format(read, errors, "key = None")) is Verdict.UNPROTECTED


def test_nobody_handles_it() -> None:
    assert verdict('return request.headers["authorization"]') is Verdict.PROTECTED
    assert verdict('return request.headers.get("authorization").strip()') is Verdict.PROTECTED


def test_an_empty_text_as_the_default_of_a_parameter() -> None:
    split = HANDLED.format('kind, key = given.split(" ", 1)', "ValueError", DENY)

    assert verdict(split, 'given: str = Header("", alias="authorization")') is Verdict.PROTECTED
    assert verdict(split, 'given: str = Cookie(default="", alias="session")') is Verdict.PROTECTED


@pytest.mark.parametrize(
    "test",
    [
        'len((request.headers.get("authorization") or "").split()) != 2',
        'len(request.headers.get("authorization", "").split(" ")) != 2',
        'request.headers.get("authorization", "")[7:] == ""',
        'request.headers.get("authorization") is None',
        'len(request.headers.get("authorization", "").strip()) == 0',
    ],
)
def test_what_an_empty_text_is(test: str) -> None:
    assert verdict(f"if {test}:\n    {DENY}") is Verdict.PROTECTED


def test_an_empty_text_is_not_none() -> None:
    assert verdict(f'if request.headers.get("authorization", "") is None:\n    {DENY}') is Verdict.UNPROTECTED


def test_who_suppresses_it() -> None:
    inside = 'return request.headers["authorization"]'

    assert verdict(f"with contextlib.suppress(KeyError):\n    {inside}\n{DENY}") is Verdict.PROTECTED
    assert verdict(f"with contextlib.suppress(KeyError):\n    {inside}") is Verdict.UNPROTECTED
    assert verdict(f"with turned_away():\n    {inside}") is Verdict.PROTECTED
    assert verdict(f"with lenient():\n    {inside}") is Verdict.UNPROTECTED


def test_a_cookie_that_says_nothing_of_the_caller_is_no_credential_where_it_crashes() -> None:
    assert verdict('return request.cookies["theme"]') is Verdict.UNPROTECTED


ASKED = """\
answer = {0}
if answer.status_code {1}:
    raise HTTPException(401)
"""


@pytest.mark.parametrize("status", ["!= 200", "== 401", ">= 400"])
@pytest.mark.parametrize(
    "call",
    [
        'httpx.get("http://people/me", headers={"Authorization": request.headers.get("authorization")})',
        'httpx.get("http://people/me", headers={"Authorization": f"Bearer {request.cookies.get(\'key\')}"})',
        'httpx.Client().get("http://people/me", cookies=request.cookies)',
    ],
)
def test_whether_another_service_refuses_is_not_known(call: str, status: str) -> None:
    assert verdict(ASKED.format(call, status)) is Verdict.UNRESOLVED
    assert verdict(f"answer = {call}\nanswer.raise_for_status()") is Verdict.UNRESOLVED
    assert verdict(f"return {call}.json()") is Verdict.UNPROTECTED


def test_a_service_that_is_not_handed_the_credential_says_nothing_of_the_caller() -> None:
    asked = ASKED.format('httpx.get("http://weather/today")', "!= 200")
    seen = 'print(request.headers.get("authorization"))\n'

    assert verdict(f"{seen}{asked}") is Verdict.UNPROTECTED
    assert verdict(f'{seen}httpx.get("http://weather/today").raise_for_status()') is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    "found",
    [
        'any(k == "authorization" for k, _ in request.headers.items())',
        'any(k.lower() == b"x-api-key" for k, _ in request.scope["headers"])',
        'next((v for k, v in request.headers.items() if k == "authorization"), None)',
        '[v for k, v in request.scope["headers"] if k == b"authorization"]',
        '[v for k, v in request.headers.items() if "authorization" == k and v]',
    ],
)
def test_headers_that_are_gone_through(found: str) -> None:
    assert verdict(f"if not {found}:\n    {DENY}") is Verdict.PROTECTED
    assert verdict(f"if {found}:\n    {DENY}") is Verdict.UNPROTECTED


def test_a_loop_over_headers() -> None:
    loop = 'for key, value in request.headers.items():\n    if key == "{0}":\n        return value\n{1}'

    assert verdict(loop.format("authorization", DENY)) is Verdict.PROTECTED
    assert verdict(loop.format("accept-language", DENY)) is not Verdict.PROTECTED


@pytest.mark.parametrize(
    "found",
    [
        'any(k == "accept-language" for k, _ in request.headers.items())',
        'next((v for k, v in request.headers.items() if k == "accept-language"), None)',
        "list(request.headers.items())",
    ],
)
def test_headers_that_everybody_sends(found: str) -> None:
    assert verdict(f"if not {found}:\n    {DENY}") is not Verdict.PROTECTED
    assert verdict(f"if {found}:\n    {DENY}") is not Verdict.PROTECTED


@pytest.mark.parametrize(
    ("name", "asks"),
    [
        ("page_token", False),
        ("nextPageToken", False),
        ("continuation_token", False),
        ("token", True),
        ("share_token", True),
        ("one_time_token", True),
    ],
)
def test_where_a_list_goes_on_is_no_credential(name: str, asks: bool) -> None:
    body = f"if {name} is None:\n    {DENY}"
    assert (verdict(body, f"{name}: str | None = None") is Verdict.PROTECTED) is asks
