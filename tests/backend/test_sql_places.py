"""Where a hole of a statement is put into the text: that is what a person has to change, not where the text runs."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.settings import Settings

MAIN = """\
import asyncpg
from fastapi import FastAPI

app = FastAPI()


async def rows(query: str, *values):
    connection = await asyncpg.connect("postgresql://localhost/shop")
    if connection.is_in_transaction():
        statement = await connection.prepare(query)
        return [row async for row in statement.cursor(*values)]
    async with connection.transaction():
        statement = await connection.prepare(query)
        return [row async for row in statement.cursor(*values)]


def conditions(given: list[str]) -> str:
    given = [one.strip() for one in given if one.strip()]
    return "WHERE " + " AND ".join(given) if given else ""


def listed(items: list[str], plain: bool = False) -> str:
    return "(" + ", ".join([str(item) if plain else f"'{item}'" for item in items]) + ")"


@app.get("/orders")
async def orders(town: str, plain: bool):
    return await rows(f"SELECT id FROM orders {conditions([LINE])}", town)
"""


def found_in(line: str) -> set[tuple[int, str, str]]:
    """Line, expression and sink of each hole that a client fills."""
    linked = linker({"main.py": MAIN.replace("LINE", line)})
    linked.run()
    linked.judge(Settings())
    return {
        (hole.place.span.line, hole.expression, sql.sink.rpartition(".")[2])
        for sql in linked.backend.statements
        for hole in sql.holes
        if hole.origin == "request-tainted"
    }


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("f'town IN {listed([town], plain)}'", {(23, "item", "prepare")}),
        ("f'town IN {listed([town], True)}'", {(23, "item", "prepare")}),
        ("'town = ' + str(town)", {(28, "town", "prepare")}),
        ("f'id = {str(town).strip()}'", {(28, "town", "prepare")}),
        ("'town = $1'", set()),
    ],
)
def test_where_a_hole_is(line: str, expected: set[tuple[int, str, str]]) -> None:
    assert found_in(line) == expected
