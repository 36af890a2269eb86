"""Scopes of a credential, compared as sets with those that are needed: without a credential there are none."""

from __future__ import annotations

import pytest
from linking import verdict_of

from backend_gate.backend.model import Verdict

HEAD = """\
import jwt
import sqlite3
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.security import OAuth2PasswordBearer

app = FastAPI()
db = sqlite3.connect("x.db")
bearer = OAuth2PasswordBearer("token", auto_error=False)
NEEDED = {"read"}
KEYS = {"k": ["read", "write"]}

def claims(token):
    if not token:
        return {}
    return jwt.decode(token, "secret", algorithms=["HS256"])

def need(*names):
    needed = set(names)
    def check(request: Request):
        if not needed.issubset(request.session.get("scopes", [])):
            raise HTTPException(403)
    return check

"""
NOTES = 'def notes():\n    return db.execute("SELECT * FROM note").fetchall()\n'
SCOPES = [
    'set(claims(token).get("scope", "").split())',
    'set(claims(token).get("scopes", []))',
    "set(KEYS.get(api_key, []))",
    "frozenset(request.session.get('scopes') or [])",
    "set(request.auth.scopes)",
]


def verdict(scopes: str, test: str) -> Verdict:
    guard = (
        'def guard(request: Request, token: str | None = Depends(bearer), api_key: str = Header("")):\n'
        f"    scopes = {scopes}\n    if {test}:\n        raise HTTPException(403)\n"
    )
    return verdict_of(f'{HEAD}{guard}\n@app.get("/notes", dependencies=[Depends(guard)])\n{NOTES}')


@pytest.mark.parametrize("scopes", SCOPES)
@pytest.mark.parametrize(
    "test",
    [
        "not NEEDED.issubset(scopes)",
        "not scopes.issuperset(NEEDED)",
        "NEEDED - scopes",
        "NEEDED.difference(scopes)",
        "not (NEEDED & scopes)",
        "not NEEDED.intersection(scopes)",
        "NEEDED.isdisjoint(scopes)",
        "scopes.isdisjoint(NEEDED)",
        "not NEEDED <= scopes",
        "not scopes >= NEEDED",
        "not all(one in scopes for one in NEEDED)",
        '"read" not in scopes',
        "len(scopes) == 0",
    ],
)
def test_what_nobody_has(scopes: str, test: str) -> None:
    assert verdict(scopes, test) is Verdict.PROTECTED


@pytest.mark.parametrize("scopes", SCOPES)
@pytest.mark.parametrize(
    "test",
    [
        "scopes - NEEDED",
        "not scopes.issubset(NEEDED)",
        "not scopes <= NEEDED",
        "scopes & NEEDED",
        "not scopes.isdisjoint(NEEDED)",
        '"banned" in scopes',
        "scopes > NEEDED",
    ],
)
def test_what_nobody_may_have(scopes: str, test: str) -> None:
    assert verdict(scopes, test) is Verdict.UNPROTECTED


def test_a_factory_of_guards() -> None:
    assert verdict_of(f'{HEAD}@app.get("/notes", dependencies=[Depends(need("read"))])\n{NOTES}') is (
        Verdict.PROTECTED
    )
