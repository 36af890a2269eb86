"""What a part of a row holds: as its model declares it, or as the statement that asks for it says."""

from __future__ import annotations

import textwrap

import pytest
from linking import linker

from backend_gate.settings import Settings

MODELS = """\
from datetime import datetime
from sqlalchemy import Column, ForeignKey, Integer, String, create_engine, func, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from sqlmodel import Field, SQLModel

session = Session(create_engine("postgresql://localhost/shop"))


class Base(DeclarativeBase):
    pass


class Shop(Base):
    __tablename__ = "shops"
    id = Column(Integer, primary_key=True)
    name = Column(String)
    town = Column(ForeignKey("towns.id"))


class Town(Base):
    __tablename__ = "towns"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    since: Mapped[datetime]
    shop: Mapped[Shop] = relationship()


class Item(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str

"""


def origin(row: str, part: str) -> str:
    """Where the part of a row comes from that is written into a statement."""
    code = f"def find(wanted):\n    row = {row}\n    session.execute(text(f'SELECT 1 FROM t WHERE a = {{{part}}}'))\n"
    found = linker({"main.py": MODELS + code})
    found.run()
    found.judge(Settings())
    (hole,) = [h for sql in found.backend.statements for h in sql.holes]
    return hole.origin


NUMBERS = [
    ("session.get(Shop, wanted)", "row.id"),
    ("session.get(Town, wanted)", "row.since"),
    ("session.get(Item, wanted)", "row.id"),
    ("session.scalars(select(Town).where(Town.name == wanted)).one()", "row.id"),
    ("session.query(Shop).filter(Shop.name == wanted).first()", "row.id"),
    ("session.query(Shop).all()[0]", "row.id"),
    ("session.execute(text('SELECT count(*) FROM shops')).scalar()", "row"),
    ("session.execute(text('SELECT name, count(DISTINCT town) AS n FROM shops')).fetchone()", "row[1]"),
    ("session.execute(text('SELECT name, count(DISTINCT town) AS n FROM shops')).fetchone()", "row.n"),
    ("session.execute(text('SELECT name, id FROM shops WHERE name IS NULL')).fetchone()", "row[1]"),
    ("session.execute(text('SELECT * FROM shops')).fetchone()", "row.id"),
    ("session.execute(text('SELECT shops.id FROM shops')).fetchall()[0]", "row[0]"),
]
TEXTS = [
    ("session.get(Shop, wanted)", "row.name"),
    ("session.get(Shop, wanted)", "row.town"),
    ("session.get(Town, wanted)", "row.name"),
    ("session.get(Town, wanted)", "row.shop.id"),
    ("session.get(Item, wanted)", "row.name"),
    ("session.scalars(select(Town)).one()", "row.name"),
    ("session.execute(text('SELECT max(id) FROM shops')).scalar()", "row"),
    ("session.execute(text('SELECT count(*) || name FROM shops')).scalar()", "row"),
    ("session.execute(text('SELECT id, name FROM shops')).fetchone()", "row[1]"),
    ("session.execute(text('SELECT id FROM shops, towns')).fetchone()", "row[0]"),
    ("session.execute(text('SELECT id FROM others')).fetchone()", "row[0]"),
    ("session.execute(text('SELECT name AS id FROM shops')).fetchone()", "row.id"),
]


@pytest.mark.parametrize(("row", "part"), NUMBERS)
def test_a_number_of_a_row(row: str, part: str) -> None:
    assert origin(row, part) == "coerced"


@pytest.mark.parametrize(("row", "part"), TEXTS)
def test_anything_else_of_a_row(row: str, part: str) -> None:
    assert origin(row, part) == "stored"


def test_rows_of_a_loop() -> None:
    code = textwrap.dedent("""
        def all_of(wanted):
            for number, name in session.execute(text("SELECT id, name FROM shops")):
                session.execute(text(f"SELECT 1 FROM t WHERE a = {number} AND b = '{name}'"))
            for shop in session.scalars(select(Shop)):
                session.execute(text(f"SELECT 2 FROM t WHERE a = {shop.id} AND b = '{shop.name}'"))
        """)
    found = linker({"main.py": MODELS + code})
    found.run()
    found.judge(Settings())
    assert [h.origin for sql in found.backend.statements for h in sql.holes] == [
        "coerced", "stored", "coerced", "stored"
    ]  # fmt: skip
