"""The vocabulary of SQL: its shape, and that it agrees with the code that reads it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from backend_gate.backend.sql.lattice import Origin
from backend_gate.backend.sql.statement import CONTEXTS, dialect_of

FILE = Path(__file__).parents[3] / "rules" / "vocabulary" / "sql.yaml"
DATA: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
SINKS: list[dict[str, Any]] = DATA["sinks"]
UNTYPED: list[dict[str, Any]] = DATA["untyped_methods"]
_NAMES = (
    "sqlalchemy sqlmodel alembic databases django flask_sqlalchemy pandas polars peewee playhouse pony "
    "tortoise prisma piccolo records pyspark google hdbcli ibm_db_dbi"
)
NEUTRAL = frozenset(_NAMES.split())
"""Libraries whose name does not tell the database."""


def test_the_file_has_these_parts_and_no_others() -> None:
    assert set(DATA) == {
        "library",
        "aliases",
        "produces",
        "sinks",
        "untyped_methods",
        "untyped_builders",
        "builder_names",
        "client_side_parameters",
        "database_names",
        "untyped_keywords",
        "sanitizers",
        "schema_attributes",
        "composers",
        "manual_escapes",
    }


@pytest.mark.parametrize("sink", SINKS, ids=lambda s: s.get("call") or s["method"])
def test_a_sink_is_complete(sink: dict[str, Any]) -> None:
    assert ("call" in sink) != ("method" in sink)
    assert ("receivers" in sink) == ("method" in sink)
    assert set(sink) <= {
        "call",
        "method",
        "receivers",
        "argument",
        "keyword",
        "parameters",
        "context",
        "items",
        "text",
    }
    assert sink["argument"] == "rest" or isinstance(sink["argument"], int)
    assert sink.get("context", "statement") in CONTEXTS
    assert sink["text"] in ("plain", "clause")
    parameters = sink.get("parameters", "rest")
    assert parameters == "rest" or parameters > sink["argument"]


def test_no_sink_stands_twice() -> None:
    keys = Counter(
        (owner, sink.get("method"), sink.get("keyword") if sink.get("items") else None)
        for sink in SINKS
        for owner in sink.get("receivers", [sink.get("call")])
    )
    assert [key for key, count in keys.items() if count > 1] == []


def test_an_untyped_method_is_a_method_of_some_sink_or_a_usual_wrapper() -> None:
    names = [entry["method"] for entry in UNTYPED]
    assert len(names) == len(set(names))
    known = {sink.get("method") or sink["call"].rpartition(".")[2] for sink in SINKS}
    wrappers = {"fetchone", "fetchall", "fetch_row", "run_sql", "mogrify", "exec_query", "run_query"}
    wrappers.add("execute_async")
    assert set(names) - known == wrappers


def test_what_counts_for_a_query_of_unknown_class_counts_for_one_of_a_known_class() -> None:
    known = {(sink["method"], sink.get("context")) for sink in SINKS if "method" in sink}
    entries = [*DATA["untyped_builders"], *DATA["untyped_keywords"]]
    assert {(e["method"], e["context"]) for e in entries} - known == {("distinct", "columns")}


def test_names_are_spelled_as_the_aliases_say() -> None:
    aliases = DATA["aliases"]
    assert not set(aliases.values()) & set(aliases)
    used = {owner for sink in SINKS for owner in sink.get("receivers", [sink.get("call")])}
    used |= set(DATA["produces"].values())
    assert not used & set(aliases)


def test_the_dialect_follows_from_the_name_of_a_driver() -> None:
    roots = {owner.partition(".")[0] for sink in SINKS for owner in sink.get("receivers", [sink.get("call")])}
    assert {root for root in roots if dialect_of(root) is None} == NEUTRAL


def test_origins_are_members_of_the_lattice() -> None:
    for entry in DATA["sanitizers"]:
        assert Origin(entry["origin"]).is_safe
        assert set(entry) > {"origin"}
        assert set(entry) <= {
            "origin",
            "calls",
            "methods",
            "methods_of",
            "types",
            "attributes",
            "attributes_of",
        }


def test_quotes_that_are_doubled_by_hand_are_listed() -> None:
    replacements = {tuple(pair) for pair in DATA["manual_escapes"]["replacements"]}
    assert {("'", "''"), ('"', '""'), ("`", "``")} <= replacements


@pytest.mark.parametrize(
    "name",
    [
        "sqlite3.Connection",
        "psycopg.AsyncConnection",
        "psycopg2.extensions.cursor",
        "asyncpg.Pool",
        "aiosqlite.Connection",
        "aiomysql.Cursor",
        "pymysql.cursors.Cursor",
        "MySQLdb.cursors.Cursor",
        "databases.Database",
        "sqlalchemy.Connection",
        "sqlalchemy.orm.Session",
        "sqlalchemy.ext.asyncio.AsyncSession",
        "sqlmodel.Session",
        "django.db.CursorWrapper",
        "peewee.SqliteDatabase",
        "prisma.Prisma",
        "tortoise.BaseDBAsyncClient",
        "duckdb.DuckDBPyConnection",
    ],
)
def test_the_usual_receivers_have_a_sink_that_binds(name: str) -> None:
    assert any(name in sink.get("receivers", ()) and "parameters" in sink for sink in SINKS)
