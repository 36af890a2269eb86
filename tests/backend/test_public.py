"""Endpoints that anybody may call by what they are, and those that only look like it."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.backend.model import Verdict
from backend_gate.settings import Settings

HEAD = """\
import sqlite3
from fastapi import FastAPI

app = FastAPI()
db = sqlite3.connect("x.db")

def heartbeat():
    return db.execute("SELECT now()").fetchone()

"""


def verdict(method: str, path: str, body: str) -> Verdict:
    """The verdict on one endpoint."""
    parameters = ", ".join(f"{part.strip('{}')}: str" for part in path.split("/") if part.startswith("{"))
    found = linker({"main.py": f'{HEAD}@app.{method}("{path}")\ndef handler({parameters}):\n    {body}\n'})
    backend = found.run()
    found.judge(Settings())
    (endpoint,) = backend.endpoints
    return endpoint.auth.verdict


ROWS = 'return db.execute("SELECT * FROM t").fetchall()'


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "/app/theme", ROWS),
        ("get", "/app/custom-logo", ROWS),
        ("get", "/health/db", ROWS),
        ("get", "/api/v2", 'return {"at": int(heartbeat())}'),
        ("post", "/login/exchange", ROWS),
    ],
)
def test_public_by_what_it_is(method: str, path: str, body: str) -> None:
    assert verdict(method, path, body) is Verdict.PUBLIC_BY_NATURE


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/app/theme", ROWS),
        ("get", "/users/{user}/theme", ROWS),
        ("get", "/app/logos", ROWS),
        ("get", "/api/v2", ROWS),
        ("get", "/api/users", 'return {"at": heartbeat()}'),
        ("post", "/rates/exchange", ROWS),
        ("get", "/health/{patient}", ROWS),
    ],
)
def test_public_only_by_a_word(method: str, path: str, body: str) -> None:
    assert verdict(method, path, body) is Verdict.UNPROTECTED
