"""Rows that a statement of SQL looks for by a credential: a request that brings none finds none."""

from __future__ import annotations

import pytest
from linking import verdict_of

from backend_gate.backend.model import Verdict

HEAD = """\
import asyncpg
import contextlib
import hashlib
import psycopg2
import sqlite3
from elsewhere import connection
from fastapi import Depends, FastAPI, Header, HTTPException
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

app = FastAPI()
db = sqlite3.connect("x.db")
server = psycopg2.connect("x")
session = Session(create_engine("sqlite://"))

async def pool():
    return await asyncpg.create_pool("x")

async def later() -> AsyncSession:
    ...

class Keys:
    def find(self, key):
        with contextlib.closing(sqlite3.connect("x.db")) as own:
            row = own.execute("SELECT * FROM keys WHERE key = ? AND active = 1", (key,)).fetchone()
        return dict(row) if row else None

    def knows(self, key):
        cursor = db.cursor()
        cursor.execute("SELECT 1 FROM keys WHERE key = ?", (key,))
        return cursor.fetchone() is not None

keys = Keys()
"""
PARAMETERS = (
    'key: str = Header(alias="x-api-key"), other=Depends(connection), pg=Depends(pool), '
    "s: AsyncSession = Depends(later)"
)
NOTES = 'db.execute("SELECT * FROM note").fetchall()'
BY_KEY = "SELECT owner FROM keys WHERE key"


def _lines(body: str) -> str:
    return "".join(f"    {line}\n" for line in body.splitlines())


def guarded(body: str) -> Verdict:
    route = f'\n@app.get("/notes", dependencies=[Depends(guard)])\ndef notes():\n    return {NOTES}\n'
    return verdict_of(f"{HEAD}\nasync def guard({PARAMETERS}):\n{_lines(body)}{route}")


def handled(body: str) -> Verdict:
    head = f'{HEAD}\n@app.get("/notes")\ndef notes(key: str = Header(alias="x-api-key")):\n'
    return verdict_of(f"{head}{_lines(body)}    return {NOTES}\n")


@pytest.mark.parametrize(
    "row",
    [
        f'db.execute("{BY_KEY} = ?", (key,)).fetchone()',
        f'db.execute("{BY_KEY} = ?", [key]).fetchall()',
        f'db.execute("{BY_KEY} = :key", {{"key": key}}).fetchone()',
        f'db.execute("{BY_KEY} = ?", (hashlib.sha256(key.encode()).hexdigest(),)).fetchone()',
        f'other.execute("{BY_KEY} = ?", (key,)).fetchone()',
        f'await pg.fetchrow("{BY_KEY} = $1", key)',
        f'await pg.fetchval("{BY_KEY} = $1 AND active", key)',
        f'session.execute(text("{BY_KEY} = :key"), {{"key": key}}).first()',
        f'session.execute(text("{BY_KEY} = :key"), {{"key": key}}).scalar_one_or_none()',
        f'session.execute(text("{BY_KEY} = :key"), params={{"key": key}}).mappings().first()',
        f'(await s.execute(text("{BY_KEY} = :key"), {{"key": key}})).mappings().first()',
        "keys.find(key)",
    ],
)
def test_a_row(row: str) -> None:
    assert guarded(f"row = {row}\nif not row:\n    raise HTTPException(401)") is Verdict.PROTECTED
    assert guarded(f"row = {row}\nif not row:\n    print('a guest')") is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    "execute",
    [
        f'cursor = db.cursor()\ncursor.execute("{BY_KEY} = ?", (key,))',
        f'cursor = other.cursor()\ncursor.execute("{BY_KEY} = ?", (key,))',
        f'with server.cursor() as cursor:\n    cursor.execute("{BY_KEY} = %(key)s", {{"key": key}})',
    ],
)
def test_a_cursor_that_is_asked_afterwards(execute: str) -> None:
    deny = "if cursor.fetchone() is None:\n    raise HTTPException(401)"
    again = 'cursor.execute("SELECT 1 FROM note")'

    assert guarded(f"{execute}\n{deny}") is Verdict.PROTECTED
    assert guarded(f"{execute}\n{again}\n{deny}") is Verdict.UNRESOLVED
    assert guarded(f"{execute}\nprint(cursor.fetchone())") is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT owner FROM keys WHERE shared OR key = ?",
        "SELECT owner FROM keys WHERE key != ?",
        "SELECT owner FROM keys WHERE key = coalesce(?, key)",
    ],
)
def test_what_finds_rows_without_a_credential(statement: str) -> None:
    row = f'db.execute("{statement}", (key,)).fetchone()'
    assert guarded(f"row = {row}\nif row is None:\n    raise HTTPException(401)") is Verdict.UNRESOLVED


def test_rows_that_are_counted() -> None:
    count = 'db.execute("SELECT count(*) FROM keys WHERE key = ?", (key,)).fetchone()'

    assert guarded(f"if {count}[0] == 0:\n    raise HTTPException(401)") is Verdict.PROTECTED
    assert guarded(f"(n,) = {count}\nif n < 1:\n    raise HTTPException(401)") is Verdict.PROTECTED
    assert guarded(f"if {count} is None:\n    raise HTTPException(401)") is Verdict.UNPROTECTED
    rows = f'db.execute("{BY_KEY} = ?", (key,)).fetchall()'
    assert guarded(f"rows = {rows}\nif len(rows) == 0:\n    raise HTTPException(401)") is Verdict.PROTECTED


@pytest.mark.parametrize(
    "body",
    [
        f'row = db.execute("{BY_KEY} = ?", (key,)).fetchone()\nif row is None:\n    raise HTTPException(401)',
        "if not keys.knows(key):\n    raise HTTPException(401)",
        (
            'row = db.execute("DELETE FROM links WHERE key = ? RETURNING owner", (key,)).fetchone()\n'
            "if row is None:\n    raise HTTPException(401)"
        ),
        (
            'cursor = db.cursor()\ncursor.execute("UPDATE keys SET used = 1 WHERE key = ?", (key,))\n'
            "if cursor.rowcount == 0:\n    raise HTTPException(401)"
        ),
    ],
)
def test_looking_a_key_up_is_no_effect_that_comes_before_the_denial(body: str) -> None:
    assert handled(body) is Verdict.PROTECTED
    assert handled(f'db.execute("DELETE FROM note")\n{body}') is Verdict.UNPROTECTED


def test_a_session_is_no_cursor() -> None:
    looked = f'session.execute(text("{BY_KEY} = :key"), {{"key": key}})\n'
    other = 'if session.scalar(text("SELECT 1 FROM note")) is None:\n    raise HTTPException(401)'
    assert guarded(looked + other) is Verdict.UNRESOLVED


def test_a_filter_that_is_left_out_is_no_credential() -> None:
    row = 'db.execute("SELECT 1 FROM note WHERE category = ?", (category,)).fetchone()'
    body = f"row = {row}\n    if row is None:\n        raise HTTPException({{0}})\n    return {NOTES}\n"
    handler = f'\n@app.get("/notes")\ndef notes(category: str | None = None):\n    {body}'
    for status in (401, 403):
        assert verdict_of(HEAD + handler.replace("{0}", str(status))) is Verdict.UNPROTECTED
