"""A new password for an account: with a proof of whose it is, and for whoever names the account."""

from __future__ import annotations

import pytest
from linking import verdict_of

from backend_gate.backend.model import Verdict

HEAD = """\
import sqlite3
from typing import Annotated
import jwt
from elsewhere import people
from fastapi import Body, Depends, FastAPI, Form, HTTPException, Request
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
    {3}
    db.execute("UPDATE account SET password = ?", ("x",))
"""


def verdict(
    fields: str,
    route: str = "post('/auth/reset-password')",
    parameters: str = "new: New",
    before: str = "pass",
) -> Verdict:
    text = HEAD.replace("{0}", fields.replace("; ", "\n    ")).replace("{1}", route)
    return verdict_of(text.replace("{2}", parameters).replace("{3}", before.replace("\n", "\n    ")))


@pytest.mark.parametrize(
    "fields", ["email: str; password: str", "user_id: int; new_password: str", "password: str"]
)
def test_a_reset_that_anybody_may_ask_for(fields: str) -> None:
    assert verdict(fields) is Verdict.UNPROTECTED
    assert verdict(fields, "put('/password-reset')") is Verdict.UNPROTECTED


def test_fields_of_a_form() -> None:
    form = "email: Annotated[str, Form()], password: Annotated[str, Form()]"
    assert verdict("x: int", parameters=form) is Verdict.UNPROTECTED
    with_token = f"token: Annotated[str, Form()], {form}"
    assert verdict("x: int", parameters=with_token) is Verdict.UNPROTECTED
    assert verdict("x: int", parameters=with_token, before=LOOKED_UP.format("token")) is Verdict.PROTECTED


LOOKED_UP = """\
row = db.execute("SELECT 1 FROM reset WHERE token = ?", ({0},)).fetchone()
if row is None:
    raise HTTPException(400)
"""
COMPARED = """\
row = db.execute("SELECT * FROM account WHERE email = ?", (new.email,)).fetchone()
if row is None or row["proof"] != {0}:
    raise HTTPException(400)
"""
DECODED = """\
try:
    claims = jwt.decode({0}, "secret", algorithms=["HS256"])
except jwt.PyJWTError as error:
    raise HTTPException(400) from error
"""


@pytest.mark.parametrize(
    ("fields", "proof", "check"),
    [
        ("token: str; new_password: str", "token", LOOKED_UP),
        ("token: str; new_password: str", "token", DECODED),
        ("email: str; code: str; password: str", "code", COMPARED),
        ("email: str; old_password: str; new_password: str", "old_password", COMPARED),
        ("email: str; answer: str; password: str", "answer", COMPARED),
        ("token: str; new_password: str", "token", "people.change({0})"),
    ],
)
def test_a_proof_that_is_checked(fields: str, proof: str, check: str) -> None:
    assert verdict(fields, before=check.format(f"new.{proof}")) is Verdict.PUBLIC_BY_NATURE
    assert verdict(fields) is Verdict.UNPROTECTED
    assert verdict(fields, before=f"print(new.{proof})") is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    ("fields", "parameters"),
    [
        ("email: str", "new: New"),
        ("email: str; password: str", "new: New, request: Request"),
        ("email: str; password: str", "new: New, known: str = Depends(proof)"),
    ],
)
def test_a_reset_that_may_have_a_proof(fields: str, parameters: str) -> None:
    assert verdict(fields, parameters=parameters) is Verdict.PUBLIC_BY_NATURE


def test_a_token_in_the_address() -> None:
    fields, parameters = "email: str; password: str", "new: New, token: str"
    assert verdict(fields, parameters=parameters) is Verdict.UNPROTECTED
    assert verdict(fields, parameters=parameters, before=LOOKED_UP.format("token")) is Verdict.PROTECTED


@pytest.mark.parametrize("path", ["/login", "/register", "/auth/signup"])
def test_signing_in_takes_a_password_and_nothing_else(path: str) -> None:
    assert verdict("email: str; password: str", f"post('{path}')") is Verdict.PUBLIC_BY_NATURE


ASK = """\
import random
import secrets
import uuid
import jwt
from elsewhere import make_token, post
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
waiting = {}

class Ask(BaseModel):
    email: str

class Answer(BaseModel):
    message: str
    reset_token: str

def made(email):
    return jwt.encode({"sub": email}, "secret")

@app.post("/auth/forgot-password")
def ask(asked: Ask):
    token = secrets.token_urlsafe(32)
    waiting[token] = asked.email
    post(asked.email, token)
    return %s
"""


@pytest.mark.parametrize(
    "answer",
    [
        '{"reset_token": token}',
        "token",
        '{"message": "done", "data": {"token": token}}',
        '{"message": f"use {token}"}',
        '{"link": f"https://shop/reset?token={token}"}',
        '{"token": str(uuid.uuid4())}',
        '{"code": random.randint(100_000, 999_999)}',
        '{"token": make_token(asked.email)}',
        'Answer(message="done", reset_token=made(asked.email))',
    ],
)
def test_a_token_that_is_handed_to_whoever_asks(answer: str) -> None:
    assert verdict_of(ASK % answer) is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    "answer",
    [
        '{"message": "look into your mailbox"}',
        '{"token_sent": True, "email": asked.email}',
        '{"request": str(uuid.uuid4())}',
        "None",
    ],
)
def test_a_token_that_is_sent_to_the_owner(answer: str) -> None:
    assert verdict_of(ASK % answer) is Verdict.PUBLIC_BY_NATURE


SILENT = """\
from elsewhere import find, save
from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

app = FastAPI()

class New(BaseModel):
    email: str
    token: str
    password: str

@app.post("/auth/reset-password")
def change(new: New):
    account = find(new.email)
    if account and account.code == new.token:
        account.password = new.password
        save(account)
    return {"ok": True}
"""


def test_a_reset_that_tells_nobody_whether_the_token_was_right() -> None:
    assert verdict_of(SILENT) is Verdict.PUBLIC_BY_NATURE
    assert verdict_of(SILENT.replace(" and account.code == new.token", "")) is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ('RedirectResponse(url=f"/login?sent={email}")', Verdict.PUBLIC_BY_NATURE),
        ('{"status_code": send(email)}', Verdict.PUBLIC_BY_NATURE),
        ('{"reset_token": send(email)}', Verdict.UNPROTECTED),
        ('{"reset_link": send(email)}', Verdict.UNPROTECTED),
    ],
)
def test_where_a_recovery_goes_on_is_no_token(answer: str, expected: Verdict) -> None:
    text = (
        "from elsewhere import send\n"
        "from fastapi import FastAPI\n"
        "from fastapi.responses import RedirectResponse\n"
        "app = FastAPI()\n"
        '@app.post("/auth/forgot-password")\n'
        "def forgot(email: str):\n"
        "    send(email)\n"
        f"    return {answer}\n"
    )
    assert verdict_of(text) is expected
