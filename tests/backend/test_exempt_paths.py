"""A dependency that lets some paths through: what a placeholder of the route stands for is up to the client."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.backend.model import Verdict
from backend_gate.settings import Settings

SOURCE = """\
import sqlite3
from fastapi import Depends, FastAPI, HTTPException, Request

app = FastAPI()
db = sqlite3.connect("x.db")

def guard(request: Request):
    path = request.url.path
    if {test}:
        return
    if "authorization" not in request.headers:
        raise HTTPException(401)

@app.get("{route}", dependencies=[Depends(guard)])
def read():
    return db.execute("SELECT * FROM t").fetchall()
"""
INLINE = """\
import sqlite3
from fastapi import FastAPI, HTTPException, Request

app = FastAPI()
db = sqlite3.connect("x.db")

@app.get("{route}")
def read(request: Request):
    path = request.url.path
    if not ({test}):
        if "authorization" not in request.headers:
            raise HTTPException(401)
    return db.execute("SELECT * FROM t").fetchall()
"""
ANY = "/files/{rest:path}"
ONE = "/rows/{key}"


def verdict(test: str, route: str, source: str = SOURCE) -> Verdict:
    linked = linker({"main.py": source.replace("{test}", test).replace("{route}", route)})
    backend = linked.run()
    linked.judge(Settings())
    (endpoint,) = backend.endpoints
    return endpoint.auth.verdict


@pytest.mark.parametrize(
    ("test", "route"),
    [
        ('path.endswith(".css")', ANY),
        ('path.endswith(".css")', ONE),
        ('path.endswith((".css", "/icon"))', ANY),
        ('path.endswith("/icon")', ANY),
        ('"/shared/" in path', ANY),
        ('"shared" in path', ONE),
        ('path.startswith("/files/shared/")', ANY),
        ('path.startswith(("/about", "/files/shared/"))', ANY),
        ('path == "/files/icon.svg"', ANY),
        ('path in ("/about", "/files/icon.svg")', ANY),
    ],
)
def test_a_placeholder_may_stand_for_it(test: str, route: str) -> None:
    assert verdict(test, route) is Verdict.UNRESOLVED
    assert verdict(test, route, INLINE) is not Verdict.PROTECTED


@pytest.mark.parametrize(
    ("test", "route"),
    [
        ('path.endswith(".css")', "/rows"),
        ('"/shared/" in path', ONE),
        ('path.startswith("/shared/")', ANY),
        ('path.startswith("/shared/")', ONE),
        ('path == "/about"', ANY),
        ('path in ("/about", "/icon.svg")', ANY),
        ('path.endswith("/rows/{key}/icon")', ONE),
    ],
)
def test_none_can(test: str, route: str) -> None:
    assert verdict(test, route) is Verdict.PROTECTED


def test_the_route_is_exempt_by_what_it_is() -> None:
    assert verdict('path.startswith("/files/")', ANY) is Verdict.UNPROTECTED
    assert verdict('"/files/" in path', ANY) is Verdict.UNPROTECTED
