"""Statements with holes: where each hole stands, and whether a text is SQL at all."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backend_gate.backend.sql.frame import Reading
from backend_gate.backend.sql.parse import parse
from backend_gate.backend.sql.position import HoleMark, Position
from backend_gate.backend.sql.recognise import looks_like_sql
from backend_gate.backend.sql.tokens import HOLE, Token, text_of, tokenize
from backend_gate.backend.sql.walk import CONTEXTS, walk

__all__ = [
    "CONTEXTS",
    "HOLE",
    "MAX_HOLES",
    "MAX_LENGTH",
    "HoleMark",
    "Position",
    "dialect_of",
    "looks_like_sql",
    "positions",
]

MAX_LENGTH = 100_000
"""Characters of a statement that are read; the holes behind them are of unknown position."""
MAX_HOLES = 1_000
"""Holes of a statement that are read; the others are of unknown position."""

_DIALECTS = {
    "postgres": "postgres postgresql asyncpg psycopg psycopg2 psycopg3 pg8000 aiopg cockroachdb redshift",
    "mysql": "mysql mariadb pymysql mysqldb aiomysql asyncmy mysqlconnector mysqlclient",
    "sqlite": "sqlite sqlite3 aiosqlite pysqlite libsql",
    "tsql": "tsql mssql pyodbc pymssql aioodbc sqlserver",
    "oracle": "oracle oracledb cx_oracle",
    "duckdb": "duckdb",
    "clickhouse": "clickhouse clickhouse_driver clickhouse_connect",
    "snowflake": "snowflake",
    "bigquery": "bigquery",
}
_DIALECT_BY_NAME = {name: dialect for dialect, names in _DIALECTS.items() for name in names.split()}


def dialect_of(name: str) -> str | None:
    """The dialect behind a name; ``None`` if it is not known.

    ``name`` is an engine URL (``postgresql+asyncpg://localhost/app``), the qualified name of a driver's
    class (``aiosqlite.Connection``) or a dialect's usual name.
    """
    scheme = name.split(":", 1)[0].lower()
    for part in re.split(r"[+.]", scheme):
        if (dialect := _DIALECT_BY_NAME.get(part)) is not None:
            return dialect
    return None


def positions(
    parts: Sequence[str | HoleMark], dialect: str | None, *, context: str = "statement"
) -> list[Position]:
    """Where each hole of a statement stands: one position per :class:`HoleMark`, in order.

    ``dialect`` is a name that :func:`dialect_of` returns, or ``None``. ``context`` (one of
    :data:`CONTEXTS`) says what the text is: a statement, or what a query builder takes:
    ``condition``, ``order``, ``columns``, ``table``.

    Work is bounded by :data:`MAX_LENGTH` and :data:`MAX_HOLES`. The result depends on the arguments only.
    """
    marks = [part for part in parts if not isinstance(part, str)]
    if not marks:
        return []
    text = text_of(parts)[:MAX_LENGTH]
    if text.count(HOLE) > MAX_HOLES:
        text = text[: _find_nth(text, HOLE, MAX_HOLES + 1)]
    tokens = tokenize(text, dialect)
    readings = walk(tokens, dialect, context)
    if any(not (reading.sure or reading.settled) for reading in readings.values()):
        readings = _with_parser(tokens, readings, dialect, context)
    _share(marks, readings)
    return [readings[i].position if i in readings else Position.UNKNOWN for i in range(len(marks))]


def _find_nth(text: str, what: str, number: int) -> int:
    at = -1
    for _ in range(number):
        at = text.index(what, at + 1)
    return at


_WRAPPERS = {
    "statement": "",
    "condition": "SELECT 1 FROM t WHERE",
    "order": "SELECT 1 FROM t ORDER BY",
    "columns": "SELECT 1 FROM t ORDER BY",
    "table": "SELECT 1 FROM",
}


def _with_parser(
    tokens: list[Token], readings: dict[int, Reading], dialect: str | None, context: str
) -> dict[int, Reading]:
    """The readings, with the parser's opinion where the tokens left a doubt."""
    opinions = parse([*tokenize(_WRAPPERS[context], dialect), *tokens], readings, dialect)
    result = dict(readings)
    for hole, position in opinions.items():
        reading = readings[hole]
        bound = reading.position is Position.UNBINDABLE and position is Position.VALUE
        if not reading.sure and not bound:
            result[hole] = Reading(position, False)
    return result


def _share(marks: Sequence[HoleMark], readings: dict[int, Reading]) -> None:
    """Doubtful holes take the position of a certain hole that is filled with the same value."""
    certain: dict[str, set[Position]] = {}
    for hole, mark in enumerate(marks):
        if mark.key and hole in readings and readings[hole].sure:
            certain.setdefault(mark.key, set()).add(readings[hole].position)
    for hole, mark in enumerate(marks):
        known = certain.get(mark.key, set()) if mark.key else set()
        if hole in readings and not readings[hole].sure and len(known) == 1:
            readings[hole] = Reading(next(iter(known)), False)
