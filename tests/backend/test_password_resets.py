"""A new password for an account: with a proof of whose it is, and for whoever names the account."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.backend.model import Verdict
from backend_gate.settings import Settings

HEAD = """\
import sqlite3
from typing import Annotated
from fastapi import Body, Depends, FastAPI, Form, Request
from pydantic import BaseModel

app = FastAPI()

def connection():
    return sqlite3.connect("x.db")

def proof(proof: str):
    return proof

class New(BaseModel):
    {0}

@app.{1}
def change({2}, db=Depends(connection)):
    db.execute("UPDATE account SET password = ?", ("x",))
"""


def verdict(
    fields: str, route: str = "post('/auth/reset-password')", parameters: str = "new: New"
) -> Verdict:
    text = (
        HEAD.replace("{0}", fields.replace("; ", "\n    ")).replace("{1}", route).replace("{2}", parameters)
    )
    linked = linker({"main.py": text})
    backend = linked.run()
    linked.judge(Settings())
    (endpoint,) = backend.endpoints
    return endpoint.auth.verdict


@pytest.mark.parametrize(
    "fields", ["email: str; password: str", "user_id: int; new_password: str", "password: str"]
)
def test_a_reset_that_anybody_may_ask_for(fields: str) -> None:
    assert verdict(fields) is Verdict.UNPROTECTED
    assert verdict(fields, "put('/password-reset')") is Verdict.UNPROTECTED


def test_fields_of_a_form() -> None:
    form = "email: Annotated[str, Form()], password: Annotated[str, Form()]"
    assert verdict("x: int", parameters=form) is Verdict.UNPROTECTED
    assert verdict("x: int", parameters=f"token: Annotated[str, Form()], {form}") is Verdict.PUBLIC_BY_NATURE


@pytest.mark.parametrize(
    ("fields", "parameters"),
    [
        ("token: str; new_password: str", "new: New"),
        ("email: str; code: str; password: str", "new: New"),
        ("email: str; old_password: str; new_password: str", "new: New"),
        ("email: str; answer: str; password: str", "new: New"),
        ("email: str", "new: New"),
        ("email: str; password: str", "new: New, token: str"),
        ("email: str; password: str", "new: New, request: Request"),
        ("email: str; password: str", "new: New, known: str = Depends(proof)"),
    ],
)
def test_a_reset_with_a_proof(fields: str, parameters: str) -> None:
    assert verdict(fields, parameters=parameters) is Verdict.PUBLIC_BY_NATURE


@pytest.mark.parametrize("path", ["/login", "/register", "/auth/signup"])
def test_signing_in_takes_a_password_and_nothing_else(path: str) -> None:
    assert verdict("email: str; password: str", f"post('{path}')") is Verdict.PUBLIC_BY_NATURE
