"""Credentials among the fields of a form: that one is missing is no denial, what is in it may be."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.backend.model import Verdict
from backend_gate.settings import Settings

SOURCE = """\
import os
from fastapi import Body, Depends, FastAPI, Form, HTTPException
from elsewhere import accounts

app = FastAPI()


def knows(name, password):
    return accounts.find(name).password == password

def filled_in(password: str = Form(None)):
    if password is None:
        raise HTTPException(401)

@app.post("/things"{more})
def things({parameters}):
    if {test}:
        raise HTTPException({status})
    open("things", "a").write("thing")
"""
FORM = "name: str, password: str = Form(None)"


def verdict(parameters: str, test: str, status: int = 422, more: str = "") -> Verdict:
    source = SOURCE.format(parameters=parameters, test=test, status=status, more=more)
    found = linker({"main.py": source})
    backend = found.run()
    found.judge(Settings())
    (endpoint,) = backend.endpoints
    return endpoint.auth.verdict


@pytest.mark.parametrize("status", [401, 406, 422])
@pytest.mark.parametrize("marker", ["Form", "Body"])
def test_a_field_that_is_missing_denies_nobody(marker: str, status: int) -> None:
    parameters = f"username: str = {marker}(None), password: str = {marker}(None)"
    assert verdict(parameters, "username is None or password is None", status) is Verdict.UNPROTECTED
    assert verdict(parameters, "not password", status) is Verdict.UNPROTECTED
    assert verdict(parameters, "not password or len(password) < 8", status) is Verdict.UNPROTECTED


def test_a_dependency_that_wants_a_field_is_no_guard() -> None:
    more = ", dependencies=[Depends(filled_in)]"
    assert verdict("name: str", "not name", more=more) is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    "test",
    [
        'password != os.environ["PASSWORD"]',
        'not password or password != os.environ["PASSWORD"]',
        "not knows(name, password)",
        "not accounts.verify(name, password)",
        "accounts.get(token=password) is None",
        'accounts.execute("SELECT 1 FROM codes WHERE code = ?", (password,)).fetchone() is None',
    ],
)
def test_a_field_that_is_checked_is_a_credential(test: str) -> None:
    assert verdict(FORM, test, 401) is Verdict.PROTECTED


def test_a_header_that_is_missing_denies() -> None:
    parameters = "password: str = Form(None), token: str = Header(None)"
    source = "not password or token != os.environ['TOKEN']"
    assert (
        verdict(parameters.replace("Header", "__import__('fastapi').Header"), source, 401)
        is Verdict.PROTECTED
    )
