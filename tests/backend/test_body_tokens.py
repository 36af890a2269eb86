"""A token among the fields of a body closes an endpoint that looks it up and refuses others."""

from __future__ import annotations

import pytest
from linking import verdict_of

from backend_gate.backend.model import Verdict

SOURCE = """\
import sqlite3
import jwt
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI()
db = sqlite3.connect("x.db")
INVITED = {}

class Answer(BaseModel):
    {0}: str
    name: str

@app.post("/answers")
def answer(given: Answer):
    value = given.{0}
    {1}
    db.execute("INSERT INTO guest VALUES (?)", (given.name,))
"""
REFUSE = "raise HTTPException(403)"
LOOKED_UP = f"""\
row = db.execute("SELECT * FROM invitation WHERE token = ?", (value,)).fetchone()
    if row is None:
        {REFUSE}"""


def verdict(field: str, check: str) -> Verdict:
    return verdict_of(SOURCE.replace("{0}", field).replace("{1}", check))


@pytest.mark.parametrize("field", ["token", "share_token", "invite_code"])
@pytest.mark.parametrize(
    "check",
    [
        LOOKED_UP,
        f"if INVITED.get(value) is None:\n        {REFUSE}",
        'jwt.decode(value, "secret", algorithms=["HS256"])',
    ],
)
def test_a_token_that_is_looked_up(field: str, check: str) -> None:
    assert verdict(field, check) is Verdict.PROTECTED


@pytest.mark.parametrize(
    "check",
    ["print(value)", f"if not value:\n        {REFUSE}", 'db.execute("SELECT 1 WHERE ? = 1", (value,))'],
)
def test_a_token_that_nobody_looks_up(check: str) -> None:
    assert verdict("token", check) is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    "field",
    ["push_token", "page_token", "captcha_token", "card_token", "ticket", "code", "email", "token_type"],
)
def test_what_is_no_token(field: str) -> None:
    assert verdict(field, LOOKED_UP) is Verdict.UNPROTECTED


@pytest.mark.parametrize("status", [402, 404])
def test_what_is_not_there_is_no_denial(status: int) -> None:
    assert verdict("token", LOOKED_UP.replace("403", str(status))) is Verdict.UNPROTECTED


def test_a_denial_that_comes_too_late() -> None:
    assert verdict("token", f'db.execute("DELETE FROM guest")\n    {LOOKED_UP}') is Verdict.UNPROTECTED
