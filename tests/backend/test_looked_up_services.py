"""Services that a dependency of the project looks up in a container: what is known of them is their class."""

from __future__ import annotations

from linking import verdicts

from backend_gate.backend.model import Verdict

SOURCE = """
import sqlite3
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.security import APIKeyHeader
from corp import container

app = FastAPI()


class Caller:
    def __init__(self, key):
        self.key = key


class Notes:
    def __init__(self, db):
        self.db = db

    def own(self, caller):
        if caller.key is None:
            raise HTTPException(403)
        return self.db.execute("SELECT * FROM note").fetchall()

    def every(self):
        return self.db.execute("SELECT * FROM note").fetchall()


def found(kind):
    async def look_up(request: Request):
        yield container(request).resolve(kind)

    return look_up


def caller(key: str | None = Depends(APIKeyHeader(name="x-api-key", auto_error=False))):
    return Caller(key)


@app.get("/own")
def own(notes: Notes = Depends(found(Notes)), who: Caller = Depends(caller)):
    return notes.own(who)


@app.get("/every")
def every(notes: Notes = Depends(found(Notes)), who: Caller = Depends(caller)):
    return notes.every()
"""


def test_the_methods_of_a_service_are_followed_by_its_declared_class() -> None:
    assert verdicts(SOURCE) == {"/own": Verdict.PROTECTED, "/every": Verdict.UNPROTECTED}
