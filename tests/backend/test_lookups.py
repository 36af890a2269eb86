"""Rows of which nobody asks whether they are there."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest
from linking import linker

from backend_gate.backend.model import MissingRow
from backend_gate.settings import Settings

HEAD = """\
import sqlite3

from fastapi import Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.orm import DeclarativeBase, Session


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"


class View(BaseModel):
    number: int


def database() -> Session: ...


def refuse(number):
    raise HTTPException(404, "There is none")


app = FastAPI()
"""


def missing(body: str, before: str = "", given: str = "number: int") -> list[MissingRow]:
    """What one endpoint with this body takes for granted."""
    text = indent(dedent(body).strip(), "    ")
    source = (
        f"{HEAD}\n{dedent(before)}\n@app.get('/orders/{{number}}')\n"
        f"async def endpoint({given}, db: Session = Depends(database)):\n{text}\n"
    )
    found = linker({"main.py": source})
    found.run()
    found.judge(Settings())
    return found.backend.missing_rows


@pytest.mark.parametrize(
    "body",
    [
        "order = db.get(Order, number)\nreturn {'state': order.state}",
        "return db.query(Order).get(number).state",
        "return db.scalars(select(Order).where(Order.number == number)).first().state",
        (
            "query = select(Order)\nquery = query.where(Order.number == number)\n"
            "order = db.execute(query).scalar_one_or_none()\norder.state = 'done'"
        ),
        "order = db.get(Order, int(number))\ndb.delete(order)",
        "order = db.get(Order, number)\nreturn View.model_validate(order)",
        "order = db.get(Order, number)\nif not order:\n    print('none')\nreturn {'state': order.state}",
        "order = db.get(Order, number)\nif number > 3:\n    return None\nreturn [order.state]",
        "order = db.get(Order, number)\ntry:\n    return order.state\nexcept KeyError:\n    return ''",
        "order = db.get(Order, number)\ntry:\n    return order.state\nexcept Exception:\n    raise HTTPException(500)",
        (
            "cursor = sqlite3.connect('x').cursor()\ncursor.execute('SELECT a FROM t WHERE b = ?', (number,))\n"
            "row = cursor.fetchone()\nreturn row[0]"
        ),
        "order = db.get(Order, number)\norder.state = 'new'\nreturn db.get(Order, number).state",
        "if number:\n    order = db.get(Order, number)\n    return order.state\nreturn ''",
    ],
)
def test_a_row_is_taken_for_granted(body: str) -> None:
    assert [row.kind for row in missing(body)] == ["taken"]


@pytest.mark.parametrize(
    "body",
    [
        "order = db.get(Order, number)\nif order is None:\n    raise HTTPException(404)\nreturn order.state",
        "order = db.get(Order, number)\nreturn order.state if order else ''",
        "order = db.get(Order, number)\nreturn order and order.state",
        "order = db.get(Order, number) or Order()\nreturn order.state",
        "order = db.get(Order, number)\nassert order\nreturn order.state",
        "order = db.get(Order, number)\nif not order:\n    order = Order()\nreturn order.state",
        "order = db.get(Order, number)\nrefuse_if_none(order)\nreturn order.state",
        "order = db.get(Order, number)\ntry:\n    return order.state\nexcept AttributeError:\n    return ''",
        "order = db.get(Order, number)\nmatch order:\n    case None:\n        return ''\nreturn order.state",
        "found = [db.get(Order, number)]\nreturn found[0].state",
        (
            "first = db.get(Order, number)\nif not first:\n    raise HTTPException(404)\n"
            "return db.get(Order, number).state"
        ),
        "refuse(number)\nreturn db.get(Order, number).state",
        "return db.execute(select(func.count(Order.number)).where(Order.number == number)).first().count",
        (
            "total = func.count()\nquery = select(total.label('all')).where(Order.number == number)\n"
            "row = db.execute(query).fetchone()\nreturn row.all"
        ),
        "row = sqlite3.connect('x').execute('SELECT MAX(a) FROM t WHERE b = ?', (number,)).fetchone()\nreturn row[0]",
        (
            "try:\n    refuse(number)\n    return db.get(Order, number).state\n"
            "except ValueError:\n    raise HTTPException(400)\nexcept Exception:\n    raise HTTPException(500)"
        ),
        "return db.get(Order, 1).state",
        "return {}.get(number).state",
        "def state():\n    return order.state\norder = db.get(Order, number)\nreturn state()",
    ],
)
def test_a_row_that_somebody_has_looked_at_is_left_alone(body: str) -> None:
    assert missing(body) == []


def test_a_row_is_the_answer_as_it_is() -> None:
    (row,) = missing("return db.query(Order).filter(Order.number == number).first()")
    assert (row.kind, row.endpoint.handler) == ("returned", "main.endpoint")


def test_the_way_to_a_row_goes_through_functions() -> None:
    before = """
        def find(db, key):
            return db.get(Order, key)


        def state(db, key):
            return find(db, key).state
        """
    (row,) = missing("return {'state': state(db, number)}", before)
    assert row.text == "find(db, key)"
    assert [step.message for step in row.steps] == [
        "`main.state` is called here",
        "`main.find` is called here",
        "this gives None where there is no such row",
    ]


def test_what_the_caller_has_shown_to_be_there_is_there_in_what_it_calls() -> None:
    before = """
        class Change(BaseModel):
            number: int
            other: int


        def cancel(db, change):
            db.get(Order, change.number).state = "cancelled"


        def move(db, change):
            db.get(Order, change.other).state = "moved"
        """
    body = """
        order = db.get(Order, change.number)
        if order is None:
            raise HTTPException(404)
        cancel(db, change)
        move(db, change)
        """
    (row,) = missing(body, before, "change: Change")
    assert row.text == "db.get(Order, change.other)"


def test_a_clause_around_a_call_is_for_what_it_runs_too() -> None:
    before = """
        def state(db, key):
            return db.get(Order, key).state
        """
    body = """
        try:
            return {"state": state(db, number)}
        except Exception:
            raise HTTPException(404)
        """
    assert missing(body, before) == []


def test_the_framework_and_dependencies_choose_no_row() -> None:
    before = """
        def user() -> int:
            return 3
        """
    assert missing("return db.get(Order, me).state", before, "me: int = Depends(user)") == []
    assert missing("return db.get(Order, request.app.state.order).state", "", "request: Request") == []


def test_a_dependency_that_refuses_has_looked_at_its_parameter() -> None:
    before = """
        def known(number: int, db: Session = Depends(database)) -> None:
            if db.get(Order, number) is None:
                raise HTTPException(404)
        """
    assert (
        missing("return db.get(Order, number).state", before, "number: int, _: None = Depends(known)") == []
    )


def test_a_dependency_that_refuses_has_looked_at_what_it_takes_from_the_request() -> None:
    before = """
        def known(request: Request, db: Session = Depends(database)) -> Order:
            order = db.get(Order, request.path_params["number"])
            if order is None:
                raise HTTPException(404)
            return order
        """
    assert (
        missing("return db.get(Order, number).state", before, "number: int, _: Order = Depends(known)") == []
    )
