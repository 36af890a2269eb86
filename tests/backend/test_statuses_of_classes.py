"""Exceptions of the project that have their status from their class."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.backend.model import Verdict
from backend_gate.settings import Settings

SOURCE = """\
from fastapi import Depends, FastAPI, Header
from http import HTTPStatus
from somewhere import hours

app = FastAPI()

class Problem(Exception):
    status = 500

class Closed(Problem):
    {named} = {status}

def clerk(x_token: str | None = Header(None)):
    if x_token is None:
        return None
    return x_token

def clerk_on_duty(clerk=Depends(clerk)):
    if not Duty(clerk).begins(hours):
        raise Closed("not here")
    return clerk

class Duty:
    def __init__(self, clerk):
        self.clerk = clerk

    @property
    def plan(self):
        return hours.plans[0]

    def begins(self, hours):
        return self.plan.begins(hours)

@app.post("/keys/{{name}}")
def cut(name: str, person=Depends(clerk_on_duty)):
    open("keys", "a").write(name)
"""


@pytest.mark.parametrize(
    ("named", "status", "verdict"),
    [
        ("status", 403, Verdict.UNRESOLVED),
        ("status_code", 401, Verdict.UNRESOLVED),
        ("http_status", "HTTPStatus.FORBIDDEN", Verdict.UNRESOLVED),
        ("status", 409, Verdict.UNPROTECTED),
        ("other", 403, Verdict.UNPROTECTED),
    ],
)
def test_the_status_says_whether_it_is_a_denial(named: str, status: object, verdict: Verdict) -> None:
    found = linker({"main.py": SOURCE.format(named=named, status=status)})
    (endpoint,) = found.run().endpoints
    found.judge(Settings())

    assert endpoint.auth.verdict is verdict, endpoint.auth
