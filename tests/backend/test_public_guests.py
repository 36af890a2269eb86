"""Readers who have not signed in: what is found for them on purpose, and what is merely given to them."""

from __future__ import annotations

import pytest
from linking import verdict_of

from backend_gate.backend.model import Verdict

HEAD = """\
import logging
from fastapi import FastAPI, HTTPException, Request
from sqlalchemy.orm import Session

session = Session()
app = FastAPI()
logger = logging.getLogger(__name__)

def who(request: Request):
    return request.session.get("user_id")

def harbours(user_id, name=""):
    query = db.query(Harbour)
    if user_id:
        query = query.filter(Harbour.members.any(Member.id == user_id))
    else:
        query = query.filter(Harbour.open.is_(True))
    return query.all()

def compared(user_id):
    return db.query(Harbour).filter((Harbour.owner == user_id) | Harbour.open).all()

def everything(user_id):
    return db.query(Harbour).all()

def noted(user_id):
    if user_id:
        logger.info("somebody")

def found(user_id):
    return db.query(User).get(user_id) if user_id else None

"""


def verdict(body: str, method: str = "get") -> Verdict:
    source = f'{HEAD}@app.{method}("/harbours")\ndef handler(request: Request):\n    {body}\n'
    return verdict_of(source)


QUERY = "user = who(request)\n    query = session.query(Harbour)"
ONE = "user = who(request)\n    row = session.query(Harbour).first()"


@pytest.mark.parametrize(
    "body",
    [
        f"{QUERY}\n    if not user:\n        query = query.filter(Harbour.open.is_(True))\n    return query.all()",
        f"{QUERY}\n    return query.filter(Harbour.open if user is None else Harbour.owner == user).all()",
        f"{ONE}\n    if not user:\n        return []\n    return row",
        "return harbours(who(request))",
        "user_id = who(request)\n    return harbours(user_id, name='a')",
        "rows = harbours(user_id=who(request))\n    return {'rows': rows}",
        "rows = compared(who(request))\n    rows.sort()\n    return rows",
    ],
)
def test_what_is_found_for_guests_is_public(body: str) -> None:
    assert verdict(body) is Verdict.PUBLIC_BY_NATURE
    assert verdict(body, "post") is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    "body",
    [
        "return everything(who(request))",
        "noted(who(request))\n    return everything(0)",
        "rows = everything(0)\n    noted(who(request))\n    return rows",
        "user = found(who(request))\n    return everything(0)",
        "harbours(who(request))\n    return everything(0)",
        "return harbours(0)",
        "user = who(request)\n    name = user if user else 'guest'\n    return {'rows': everything(0), 'name': name}",
        "user = who(request)\n    if user:\n        request.state.who = user\n    return everything(0)",
        f"{QUERY}\n    if user:\n        query = query.filter(Harbour.owner == user)\n    return query.all()",
        f"{ONE}\n    if user and row.owner != user:\n        raise HTTPException(404)\n    return row",
        f"{ONE}\n    session.delete(row)\n    if not user:\n        return []\n    return row",
    ],
)
def test_what_does_not_depend_on_who_asks_is_open(body: str) -> None:
    assert verdict(body) is Verdict.UNPROTECTED
