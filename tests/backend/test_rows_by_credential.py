"""Rows that are looked for by a credential: a request that brings none finds none."""

from __future__ import annotations

import pytest
from linking import verdict_of

from backend_gate.backend.model import Verdict

HEAD = """\
from fastapi import Depends, FastAPI, Header, HTTPException
from pymongo import MongoClient
from sqlalchemy import Column, MetaData, String, Table, create_engine, func, or_, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

app = FastAPI()
session = Session(create_engine("sqlite://"))
collection = MongoClient().app.keys
table = Table("keys", MetaData(), Column("key", String))

class Base(DeclarativeBase):
    pass

class ApiKey(Base):
    __tablename__ = "api_keys"
    key: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    active: Mapped[bool]
    shared: Mapped[bool]

"""
ROUTE = """

@app.get("/notes", dependencies=[Depends(guard)])
def notes():
    return session.scalars(select(ApiKey)).all()
"""
REFUSE = "if row is None or not row.active:\n    raise HTTPException(401)"


def verdict(body: str) -> Verdict:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return verdict_of(f"{HEAD}def guard(x_api_key: str = Header()):\n{lines}{ROUTE}")


@pytest.mark.parametrize(
    "row",
    [
        "session.scalar(select(ApiKey).where(ApiKey.key == x_api_key))",
        "session.execute(select(ApiKey).where(x_api_key == ApiKey.key)).scalar_one_or_none()",
        "session.query(ApiKey).filter(ApiKey.key == x_api_key, ApiKey.active.is_(True)).first()",
        "session.scalar(select(ApiKey).where(ApiKey.owner == x_api_key))",
        "session.execute(select(table).where(table.c.key == x_api_key)).one_or_none()",
        "session.scalar(select(ApiKey).where(or_(ApiKey.key == x_api_key, ApiKey.owner == x_api_key)))",
        'collection.find_one({"key": x_api_key})',
    ],
)
def test_a_condition_of_a_query(row: str) -> None:
    assert verdict(f"row = {row}\n{REFUSE}") is Verdict.PROTECTED
    assert verdict(f"row = {row}\nif row is None:\n    print('a guest')") is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    "row",
    [
        "session.scalar(select(ApiKey).where(or_(ApiKey.shared, ApiKey.key == x_api_key)))",
        "session.scalar(select(ApiKey).where(ApiKey.shared | (ApiKey.key == x_api_key)))",
        "session.scalar(select(ApiKey).where(ApiKey.shared))",
        'collection.find_one({"shared": True})',
        'collection.find_one({"$or": [{"key": x_api_key}, {"shared": True}]})',
    ],
)
def test_what_finds_rows_without_a_credential(row: str) -> None:
    assert verdict(f"row = {row}\n{REFUSE}") is not Verdict.PROTECTED


@pytest.mark.parametrize("last", ["scalar_one()", "scalars().one()"])
def test_a_row_that_must_be_there(last: str) -> None:
    asked = f"session.execute(select(ApiKey).where(ApiKey.key == x_api_key)).{last}"

    assert verdict(f"row = {asked}") is Verdict.PROTECTED
    assert (
        verdict(f"try:\n    {asked}\nexcept NoResultFound as e:\n    raise HTTPException(401) from e")
        is Verdict.PROTECTED
    )
    assert verdict(f"try:\n    {asked}\nexcept NoResultFound:\n    print('a guest')") is Verdict.UNPROTECTED
    assert verdict("row = session.scalars(select(ApiKey)).one()") is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    ("few", "many"), [("n == 0", "n != 0"), ("n < 1", "n > 0"), ("not n", "n"), ("n != 1", "n == 1")]
)
def test_rows_that_are_counted(few: str, many: str) -> None:
    count = "session.query(ApiKey).filter(ApiKey.key == x_api_key).count()"
    assert verdict(f"n = {count}\nif {few}:\n    raise HTTPException(401)") is Verdict.PROTECTED
    assert verdict(f"n = {count}\nif {many}:\n    raise HTTPException(401)") is Verdict.UNPROTECTED


def test_a_number_that_a_query_gives() -> None:
    count = "session.scalar(select(func.count()).select_from(ApiKey).where(ApiKey.key == x_api_key))"
    assert verdict(f"if not {count}:\n    raise HTTPException(401)") is Verdict.PROTECTED
    assert verdict(f"if {count} == 0:\n    raise HTTPException(401)") is Verdict.UNRESOLVED


def test_a_comparison_that_is_no_condition_of_a_query() -> None:
    assert verdict("known = x_api_key == 'k-1'\nif known is False:\n    raise HTTPException(401)") is (
        Verdict.PROTECTED
    )
