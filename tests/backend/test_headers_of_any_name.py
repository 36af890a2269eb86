"""Headers whose names say nothing: one without which a request is refused with 401 is a credential."""

from __future__ import annotations

import pytest
from linking import verdict_of

from backend_gate.backend.model import Verdict

HEAD = """\
import os
import sqlite3
from fastapi import Cookie, Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic_settings import BaseSettings

app = FastAPI()
db = sqlite3.connect("x.db")
KEYS = {"a", "b"}
OWNERS = {"a": "anna"}
SET_UP = os.environ["KEYS"].split(",")
LANGUAGES = {"de", "en"}

class Settings(BaseSettings):
    keys: set[str] = {"a"}

settings = Settings()

def listed(value):
    return value in KEYS

def owner(x: str = Header()):
    return OWNERS.get(x)

"""
NOTES = 'def notes():\n    return db.execute("SELECT * FROM note").fetchall()\n'
REFUSE = "raise HTTPException({0})"


def verdict(test: str, status: int = 401, parameters: str = "x: str = Header()") -> Verdict:
    guard = f"def guard({parameters}, request: Request = None):\n    if {test}:\n        {REFUSE.format(status)}\n"
    return verdict_of(f'{HEAD}{guard}\n@app.get("/notes", dependencies=[Depends(guard)])\n{NOTES}')


@pytest.mark.parametrize(
    "test",
    [
        "x not in KEYS",
        "not x or x not in KEYS",
        "x not in OWNERS",
        "OWNERS.get(x) is None",
        "x not in SET_UP",
        "x not in settings.keys",
        "not listed(x)",
        'x != os.environ["THE_KEY"]',
        'request.headers.get("X-Client") not in KEYS',
    ],
)
def test_a_list_of_keys(test: str) -> None:
    assert verdict(test) is Verdict.PROTECTED
    assert verdict(test, status=400) is Verdict.UNPROTECTED


def test_where_it_may_come_from() -> None:
    assert verdict("x not in KEYS", parameters="x: str | None = Header(default=None)") is Verdict.PROTECTED
    assert verdict("x not in KEYS", parameters='x: str = Header(alias="X-From")') is Verdict.PROTECTED
    assert verdict("x not in KEYS", parameters="x: str = Cookie()") is Verdict.PROTECTED
    assert verdict("who is None", parameters="who=Depends(owner)") is Verdict.PROTECTED


@pytest.mark.parametrize("name", ["host", "origin", "accept_language", "user_agent"])
def test_what_every_client_sends(name: str) -> None:
    assert verdict(f"{name} not in KEYS", parameters=f"{name}: str = Header()") is Verdict.UNPROTECTED


def test_what_403_is_about() -> None:
    assert verdict("x not in KEYS", status=403) is Verdict.PROTECTED
    assert verdict("x not in LANGUAGES", status=403) is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    "exempt", ["", 'if request.url.path == "/health":\n        return await go_on(request)\n    ']
)
def test_a_middleware(exempt: str) -> None:
    middleware = (
        '@app.middleware("http")\nasync def check(request: Request, go_on):\n'
        f'    {exempt}if request.headers.get("X-Client") not in KEYS:\n'
        "        return JSONResponse({}, status_code=401)\n    return await go_on(request)\n"
    )
    assert verdict_of(f'{HEAD}{middleware}\n@app.get("/notes")\n{NOTES}') is Verdict.PROTECTED


def test_the_handler_itself() -> None:
    handler = f"def notes(x: str = Header()):\n    if x not in KEYS:\n        {REFUSE.format(401)}\n"
    answer = '    return db.execute("SELECT * FROM note").fetchall()\n'
    assert verdict_of(f'{HEAD}@app.get("/notes")\n{handler}{answer}') is Verdict.PROTECTED


WITHOUT_REGION = "    if region is None:\n        raise HTTPException({0})\n"
BANNED = "    if request.client.host in KEYS:\n        raise HTTPException(401)\n"


@pytest.mark.parametrize(("status", "expected"), [(400, Verdict.UNPROTECTED), (401, Verdict.PROTECTED)])
def test_a_header_that_the_refusal_is_not_about(status: int, expected: Verdict) -> None:
    parameters = "request: Request, region: str | None = Header(None)"
    body = BANNED + WITHOUT_REGION.replace("{0}", str(status))
    guard = f'def guard({parameters}):\n{body}\n@app.get("/notes", dependencies=[Depends(guard)])\n'
    handler = NOTES.replace("notes():\n", f"notes({parameters}):\n{body}")

    assert verdict_of(f"{HEAD}{guard}{NOTES}") is expected
    assert verdict_of(f'{HEAD}@app.get("/notes")\n{handler}') is expected


@pytest.mark.parametrize(("status", "expected"), [(400, Verdict.UNPROTECTED), (401, Verdict.PROTECTED)])
def test_a_middleware_that_wants_to_know_the_tenant(status: int, expected: Verdict) -> None:
    middleware = (
        '@app.middleware("http")\nasync def check(request: Request, go_on):\n'
        '    tenant = request.headers.get("X-Tenant")\n'
        f"    if not tenant:\n        return JSONResponse({{}}, status_code={status})\n"
        "    if tenant not in KEYS:\n        return JSONResponse({}, status_code=401)\n"
        "    return await go_on(request)\n"
    )
    assert verdict_of(f'{HEAD}{middleware}\n@app.get("/notes")\n{NOTES}') is expected
