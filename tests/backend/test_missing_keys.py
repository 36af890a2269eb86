"""What is found under the key that a request does not bring: nothing, wherever it is looked for."""

from __future__ import annotations

import pytest
from linking import verdict_of, verdicts

from backend_gate.backend.model import Verdict

HEAD = """\
import boto3
import contextvars
import hashlib
import json
import sqlite3
from fastapi import Cookie, Depends, FastAPI, Header, HTTPException, Request, Security, WebSocket
from fastapi.security import OAuth2PasswordBearer, SecurityScopes
from redis import Redis

app = FastAPI()
db = sqlite3.connect("x.db")
cache = Redis()
table = boto3.resource("dynamodb").Table("keys")
bearer = OAuth2PasswordBearer("token", auto_error=False)
OWNERS = {"a": "anna"}
THEMES = {"dark": 1}
TICKETS = {}
LOCAL = {"10.0.0.1"}
current_user = contextvars.ContextVar("current_user", default=None)
request_number = contextvars.ContextVar("request_number", default=None)

def row(statement, *values):
    return db.execute(statement, values).fetchone()

def known():
    return json.load(open("keys.json"))

"""
NOTES = 'def notes():\n    return db.execute("SELECT * FROM note").fetchall()\n'
DENY = "raise HTTPException(401)"


def verdict(
    body: str, parameters: str = 'request: Request, key: str = Header("", alias="x-api-key")'
) -> Verdict:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    guard = f"def guard({parameters}):\n{lines}"
    return verdict_of(f'{HEAD}{guard}\n@app.get("/notes", dependencies=[Depends(guard)])\n{NOTES}')


@pytest.mark.parametrize(
    "found",
    [
        'cache.get(f"session:{key}")',
        'cache.hgetall("session:" + key)',
        'cache.exists(f"session:{key}")',
        "cache.get(key)",
        'OWNERS.get(f"owner:{key}")',
        'row("SELECT 1 FROM keys WHERE digest = ?", hashlib.sha256(f"x{key}".encode()).hexdigest())',
        'db.execute("SELECT 1 FROM keys WHERE id = ?", (int(key or 0),)).fetchone()',
        'table.get_item(Key={"key": key}).get("Item")',
        'db.execute("SELECT 1 FROM keys WHERE key = ?", (f"k-{key}",)).fetchone()',
        'next((one for one in known() if one["key"] == key), None)',
        '[one for one in known() if one["key"] == key]',
        'any(one["key"] == key for one in known())',
    ],
)
def test_a_key_that_is_looked_up(found: str) -> None:
    assert verdict(f"if not {found}:\n    {DENY}") is Verdict.PROTECTED
    assert verdict(f"if not {found}:\n    print('a guest')") is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    ("found", "error"),
    [
        ("OWNERS[key]", "KeyError"),
        ('int(request.session.get("id"))', "TypeError"),
        ('next(one for one in known() if one["key"] == key)', "StopIteration"),
    ],
)
def test_what_is_raised_where_nothing_is_found(found: str, error: str) -> None:
    assert verdict(f"try:\n    return {found}\nexcept {error}:\n    {DENY}") is Verdict.PROTECTED
    assert verdict(f"try:\n    return {found}\nexcept {error}:\n    return None") is Verdict.UNPROTECTED


def test_a_theme_that_is_missing_says_nothing_of_the_caller() -> None:
    assert verdict('return THEMES[request.session.get("theme")]') is Verdict.UNPROTECTED


def test_a_loop_over_what_is_not_there() -> None:
    rows = 'db.execute("SELECT 1 FROM keys WHERE key = ?", (key,))'
    assert verdict(f"for row in {rows}:\n    return row\n{DENY}") is Verdict.PROTECTED
    assert verdict(f'for row in db.execute("SELECT 1 FROM keys"):\n    return row\n{DENY}') is not (
        Verdict.PROTECTED
    )


def test_who_calls_is_kept_in_the_context() -> None:
    assert verdict(f"if current_user.get() is None:\n    {DENY}") is Verdict.PROTECTED
    other = f"if request_number.get() is None:\n    {DENY}"
    assert verdict(other, "request: Request") is Verdict.UNPROTECTED


def test_an_address_from_which_no_key_is_needed_is_not_of_the_deployment() -> None:
    exempt = "if request.client.host in LOCAL:\n    return\n"
    assert verdict(f"{exempt}if key not in OWNERS:\n    {DENY}") is Verdict.UNRESOLVED


def test_scopes_that_another_route_may_not_ask_for() -> None:
    parameters = "needed: SecurityScopes, token: str | None = Depends(bearer)"
    have = 'have = claims(token)["scopes"] if token else []\n'
    test = f"if not set(needed.scopes).issubset(have):\n    {DENY}"
    assert verdict(have + test, parameters) is Verdict.UNRESOLVED


def test_nothing_is_taken_out_for_a_ticket_that_is_missing() -> None:
    socket = (
        'async def listen(socket: WebSocket, ticket: str = ""):\n    if TICKETS.{0} is None:\n'
        "        await socket.close(code=1008)\n        return\n    await socket.accept()\n"
        '    db.execute("DELETE FROM note")\n'
    )
    taken, given = socket.replace("{0}", "pop(ticket, None)"), socket.replace("{0}", 'pop("x", None)')
    assert verdicts(f'{HEAD}@app.websocket("/a")\n{taken}')["/a"] is Verdict.PROTECTED
    assert verdicts(f'{HEAD}@app.websocket("/a")\n{given}')["/a"] is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    "use",
    [
        "VISITS[key] += 1",
        "print(VISITS[key])",
        "TICKETS[key] += 1",
        "print(SHARES[key])",
    ],
)
def test_a_dict_that_has_an_entry_for_nobody_or_makes_one_need_not_raise(use: str) -> None:
    head = 'from collections import defaultdict\nVISITS = defaultdict(int)\nSHARES = {None: 1, "a": 9}\n'
    guard = (
        "def guard(key: str | None = Header(None, alias='x-api-key')):\n"
        f"    {use}\n"
        '\n@app.get("/notes", dependencies=[Depends(guard)])\n'
    )
    assert verdict_of(f"{HEAD}{head}{guard}{NOTES}") is not Verdict.PROTECTED


@pytest.mark.parametrize(
    "lookup",
    [
        'row("SELECT 1 FROM keys WHERE key LIKE ?", f"{key}%")',
        'row("SELECT 1 FROM keys WHERE key = lower(?)", key)',
        'row("SELECT group_concat(owner) FROM keys WHERE key = ?", key)',
    ],
)
def test_a_row_that_may_be_there_for_an_empty_key(lookup: str) -> None:
    assert verdict(f"if {lookup} is None:\n    {DENY}") is Verdict.UNRESOLVED


def test_a_cursor_forgets_the_rows_of_the_statement_before() -> None:
    body = (
        "cursor = db.cursor()\n"
        'cursor.execute("SELECT 1 FROM keys WHERE key = ?", (key,))\n'
        "cursor.execute(known())\n"
        f"if cursor.fetchone() is None:\n    {DENY}"
    )
    assert verdict(body) is Verdict.UNRESOLVED
