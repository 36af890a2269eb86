"""Which statements run, where each hole stands and where what fills it comes from."""

from __future__ import annotations

import textwrap

import pytest
from linking import linker

from backend_gate.backend.model import Sql
from backend_gate.settings import Settings

HEAD = """\
import re
import sqlite3
from datetime import date
from enum import Enum
from string import Template
from textwrap import dedent
from typing import Annotated, ClassVar, Literal
from uuid import UUID

import asyncpg
import httpx
from fastapi import Depends, FastAPI, HTTPException, Query, Request
from pydantic import BaseModel, field_validator, model_validator
from pydantic_settings import BaseSettings
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

app = FastAPI()
db = sqlite3.connect("x.db")
engine = create_engine("postgresql://localhost/x")
TABLE = "users"
COLUMNS = ("name", "town")
SORTS = {"name": "u.name", "town": "u.town"}


class Order(str, Enum):
    NAME = "name"
    TOWN = "town"


class Settings(BaseSettings):
    schema_name: str = "public"


settings = Settings()

"""

Hole = tuple[str, str, str]


def statements(files: dict[str, str]) -> list[Sql]:
    """The statements of ``{path: source}``."""
    found = linker(files)
    found.run()
    found.judge(Settings())
    return found.backend.statements


def in_handler(body: str, parameters: str = "q: str, ids: list[str], n: int", *, head: str = "") -> list[Sql]:
    """The statements of one handler with ``body``."""
    source = f"{HEAD}{head}\n\n@app.get('/x')\ndef handler({parameters}):\n"
    return statements({"main.py": source + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ") + "\n"})


def holes(found: list[Sql]) -> list[Hole]:
    """Each hole once: expression, position, origin."""
    return list(dict.fromkeys((h.expression, h.position, h.origin) for sql in found for h in sql.holes))


TAINTED = "request-tainted"

FLAGGED = {
    "percent inside quotes": (
        "db.execute(\"SELECT * FROM t WHERE n = '%s'\" % q)",
        [("q", "value", TAINTED)],
    ),
    "percent with a tuple": (
        "db.execute(\"SELECT * FROM t WHERE n = '%s' AND m = '%s'\" % (q, TABLE))",
        [("q", "value", TAINTED)],
    ),
    "percent with a dict": (
        "db.execute(\"SELECT * FROM t WHERE n = '%(name)s'\" % {'name': q})",
        [("q", "value", TAINTED)],
    ),
    "quote opened in one literal and closed in another": (
        'db.execute("SELECT * FROM t WHERE n = \'" + q + "\' AND m = 1")',
        [("q", "value", TAINTED)],
    ),
    "no blank before the parenthesis": (
        'db.execute(f"INSERT INTO t VALUES({q})")',
        [("q", "value", TAINTED)],
    ),
    "replaced": (
        "db.execute(\"SELECT * FROM t WHERE n = '[V]'\".replace('[V]', q))",
        [("q", "value", TAINTED)],
    ),
    "between SELECT and FROM": (
        'db.execute(f"SELECT {q} FROM t")',
        [("q", "identifier", TAINTED)],
    ),
    "joined columns and a value": (
        "db.execute('SELECT ' + ', '.join(COLUMNS) + f\" FROM t WHERE n = '{q}'\")",
        [("q", "value", TAINTED)],
    ),
    "grown and run": (
        """
        query = "SELECT * FROM t WHERE 1 = 1"
        query += " AND n = '" + q + "'"
        db.execute(query)
        """,
        [("q", "value", TAINTED)],
    ),
    "copied to another name": (
        """
        first = f"SELECT * FROM t WHERE n = '{q}'"
        second = first
        db.execute(second)
        """,
        [("q", "value", TAINTED)],
    ),
    "a common table expression and DELETE": (
        "db.execute(f\"WITH old AS (SELECT 1) DELETE FROM t WHERE n = '{q}'\")",
        [("q", "value", TAINTED)],
    ),
    "joined out of a list": (
        "db.execute(''.join([\"SELECT * FROM t WHERE n = '\", q, \"'\"]))",
        [("q", "value", TAINTED)],
    ),
    "DROP TABLE": ('db.execute(f"DROP TABLE {q}")', [("q", "identifier", TAINTED)]),
    "CALL": ('db.execute(f"CALL {q}()")', [("q", "identifier", TAINTED)]),
    "no table": ("db.execute(f\"SELECT 1 WHERE n = '{q}'\")", [("q", "value", TAINTED)]),
    "a filter of a query": (
        "Session(engine).query(Order).filter(f\"n = '{q}'\")",
        [("q", "value", TAINTED)],
    ),
    "an order of a query": (
        'Session(engine).query(Order).filter(1).order_by(f"{q} DESC")',
        [("q", "identifier", TAINTED)],
    ),
    "whole": ("Session(engine).execute(text(q))", [("q", "fragment", TAINTED)]),
    "LIKE without a verb": (
        "select(Order).where(text(f\"name LIKE '%{q}%'\"))",
        [("q", "value", TAINTED)],
    ),
    "Template": (
        "db.execute(Template(\"SELECT * FROM t WHERE n = '$name'\").substitute(name=q))",
        [("q", "value", TAINTED)],
    ),
    "named fields": (
        "db.execute(\"SELECT * FROM {table} WHERE n = '{name}'\".format(table=TABLE, name=q))",
        [("q", "value", TAINTED)],
    ),
    "fields from a dict": (
        "db.execute(\"SELECT * FROM t WHERE n = '{name}'\".format(**{'name': q}))",
        [("q", "value", TAINTED)],
    ),
    "repr": ('db.execute(f"SELECT * FROM t WHERE n = {q!r}")', [("q", "value", TAINTED)]),
    "stripped and cut": (
        """
        query = f"SELECT * FROM t WHERE n = '{q}' AND "
        db.execute(query[:-5].strip())
        """,
        [("q", "value", TAINTED)],
    ),
    "a ternary": (
        """
        where = f" WHERE n = '{q}'" if n else ""
        db.execute("SELECT * FROM t" + where)
        """,
        [("q", "value", TAINTED)],
    ),
    "many branches": (
        """
        query = "SELECT * FROM t WHERE 1 = 1"
        if ids:
            query += " AND a = 1"
        if n:
            query += " AND b = 1"
        if q:
            query += f" AND c = '{q}'"
        if n > 2:
            query += " AND d = 1"
        if n > 3:
            query += " AND e = 1"
        db.execute(query + " LIMIT 1")
        """,
        [("q", "value", TAINTED)],
    ),
    "in a loop": (
        """
        parts = []
        for name in ids:
            parts.append(f"n = '{name}'")
        db.execute("SELECT * FROM t WHERE " + " OR ".join(parts))
        """,
        [("name", "value", TAINTED)],
    ),
    "in a comprehension": (
        "db.execute(f\"SELECT * FROM t WHERE n IN ({', '.join(f'{i}' for i in ids)})\")",
        [("i", "value", TAINTED)],
    ),
    "a keyword": ('db.execute(f"SELECT * FROM t ORDER BY n {q}")', [("q", "keyword", TAINTED)]),
    "what no parameter can be bound to": (
        "db.execute(f\"PRAGMA key = '{q}'\")",
        [("q", "unbindable", TAINTED)],
    ),
    "dedent": (
        'db.execute(dedent(f"""\\\n            SELECT * FROM t\n            WHERE n = \'{q}\'"""))',
        [("q", "value", TAINTED)],
    ),
    "checked on one way only": (
        """
        if n:
            if q not in COLUMNS:
                raise HTTPException(400)
        db.execute(f"SELECT * FROM t ORDER BY {q}")
        """,
        [("q", "identifier", TAINTED)],
    ),
    "a substring is no list": (
        """
        if q not in "name town":
            raise HTTPException(400)
        db.execute(f"SELECT * FROM t ORDER BY {q}")
        """,
        [("q", "identifier", TAINTED)],
    ),
    "a list that the client sends": (
        """
        if q not in ids:
            raise HTTPException(400)
        db.execute(f"SELECT * FROM t ORDER BY {q}")
        """,
        [("q", "identifier", TAINTED)],
    ),
    "checked by a function that sometimes does not": (
        """
        def check(name, strict):
            if not strict:
                return
            if name not in COLUMNS:
                raise HTTPException(400)
        check(q, n)
        db.execute(f"SELECT * FROM t ORDER BY {q}")
        """,
        [("q", "identifier", TAINTED)],
    ),
    "checked by a function whose complaint is dropped": (
        """
        def check(name):
            if name not in COLUMNS:
                raise HTTPException(400)
        try:
            check(q)
        except HTTPException:
            pass
        db.execute(f"SELECT * FROM t ORDER BY {q}")
        """,
        [("q", "identifier", TAINTED)],
    ),
    "the good ones are not what runs": (
        """
        good = [i for i in ids if i in COLUMNS]
        db.execute(f"SELECT {', '.join(ids)} FROM t")
        """,
        [("ids", "identifier", TAINTED)],
    ),
    "a pattern that lets quotes through": (
        """
        if not re.match(r"\\w+", q):
            raise HTTPException(400)
        db.execute(f"SELECT * FROM t WHERE n = '{q}'")
        """,
        [("q", "value", TAINTED)],
    ),
    "the answer of another service": (
        """
        answer = httpx.get("https://other.example.com").json()
        db.execute(f"SELECT * FROM t WHERE n = '{answer['name']}'")
        """,
        [("answer['name']", "value", "stored")],
    ),
    "a row": (
        """
        row = db.execute("SELECT name FROM t WHERE id = ?", (n,)).fetchone()
        db.execute(f"SELECT * FROM t WHERE n = '{row[0]}'")
        """,
        [("row[0]", "value", "stored")],
    ),
    "a value of a library": (
        "import tenancy\ndb.execute(f\"SELECT * FROM t WHERE n = '{tenancy.name()}'\")",
        [("tenancy.name()", "value", "unknown")],
    ),
    "a setting": (
        'db.execute(f"SELECT * FROM {settings.schema_name}.t")',
        [("settings.schema_name", "identifier", "configuration")],
    ),
}


@pytest.mark.parametrize("name", FLAGGED)
def test_flagged(name: str) -> None:
    body, expected = FLAGGED[name]
    found = in_handler(body)
    assert [hole for hole in holes(found) if hole[2] not in SAFE] == expected
    assert all(sql.reachable_from_request for sql in found)


SAFE = frozenset(
    {"constant", "placeholder-list", "coerced", "allow-listed", "quoted-identifier", "schema-derived"}
)

SILENT = {
    "a message": 'print(f"select one from the list, then update {q}")',
    "a log line with SQL in it": "import logging\nlogging.info(f\"DELETE FROM t WHERE n = '{q}'\")",
    "an error message": 'raise HTTPException(400, f"cannot update {q} or set a value where it is")',
    "a table from a constant": 'db.execute(f"SELECT * FROM {TABLE} WHERE n = ?", (q,))',
    "placeholders by repetition": "db.execute(f\"SELECT * FROM t WHERE n IN ({','.join('?' * len(ids))})\", ids)",
    "placeholders in a list": "db.execute(f\"SELECT * FROM t WHERE n IN ({','.join(['%s'] * len(ids))})\", ids)",
    "placeholders by a generator": "db.execute(f\"SELECT * FROM t WHERE n IN ({', '.join('?' for i in ids)})\", ids)",
    "numbered placeholders": """
        marks = ", ".join(f"${i + 1}" for i, _ in enumerate(ids))
        db.execute(f"SELECT * FROM t WHERE n IN ({marks})", ids)
    """,
    "named placeholders": """
        marks = ", ".join(f":n{i}" for i in range(len(ids)))
        Session(engine).execute(text(f"SELECT * FROM t WHERE n IN ({marks})"))
    """,
    "numbers": "db.execute('SELECT * FROM t WHERE a = %s AND b = %s' % (int(q), len(ids)))",
    "a format of numbers": 'db.execute(f"SELECT * FROM t WHERE a = {q:d}")',
    "clauses of literals": """
        where = "WHERE a = 1" if n else "WHERE b = 1"
        db.execute("SELECT * FROM t " + where)
    """,
    "no hole": 'db.execute(f"SELECT * FROM t WHERE n = ?", (q,))',
    "a sum of literals": 'db.execute("SELECT * FROM t LIMIT " + "3")',
    "format without values": 'db.execute("SELECT * FROM t".format())',
    "percent without values": 'db.execute("SELECT * FROM t" % ())',
    "help text": 'print(dedent(f"""\\\n    select {q} from t\n    """))',
    "an enumeration": ('db.execute(f"SELECT * FROM t ORDER BY {order.value}")', "order: Order"),
    "a member": 'db.execute(f"SELECT * FROM t ORDER BY {Order.NAME.value}")',
    "a conversion to a member": 'db.execute(f"SELECT * FROM t ORDER BY {Order(q).value}")',
    "a Literal": ('db.execute(f"SELECT * FROM t ORDER BY {by}")', 'by: Literal["name", "town"] = "name"'),
    "a number of the request": ('db.execute(f"SELECT * FROM t LIMIT {n * 2}")', "n: int"),
    "an identifier of the request": ("db.execute(f\"SELECT * FROM t WHERE i = '{i}'\")", "i: UUID"),
    "a date": ("db.execute(f\"SELECT * FROM t WHERE d = '{d.isoformat()}'\")", "d: date | None = None"),
    "a pattern of the parameter": (
        'db.execute(f"SELECT * FROM t ORDER BY {by}")',
        'by: Annotated[str, Query(pattern="^[a-z_]+$")]',
    ),
    "a membership test that raises": """
        if q not in COLUMNS:
            raise HTTPException(400)
        db.execute(f"SELECT * FROM t ORDER BY {q}")
    """,
    "a membership test that returns": """
        if q.lower() not in {"asc", "desc"}:
            return None
        db.execute(f"SELECT * FROM t ORDER BY n {q}")
    """,
    "a membership test that goes on": """
        for name in ids:
            if name not in COLUMNS:
                continue
            db.execute(f"SELECT {name} FROM t")
    """,
    "a membership test around": """
        if q in COLUMNS and n:
            db.execute(f"SELECT * FROM t ORDER BY {q}")
    """,
    "a membership test in a ternary": 'db.execute(f"SELECT * FROM t ORDER BY {q if q in COLUMNS else TABLE}")',
    "a membership test of each": """
        if not all(name in COLUMNS for name in ids):
            raise HTTPException(400)
        db.execute(f"SELECT {', '.join(ids)} FROM t")
    """,
    "a filter in a comprehension": "db.execute(f\"SELECT {', '.join(c for c in ids if c in COLUMNS)} FROM t\")",
    "compared with texts": """
        if q != "name" and q != "town":
            raise HTTPException(400)
        db.execute(f"SELECT * FROM t ORDER BY {q}")
    """,
    "matched with texts": """
        match q:
            case "name" | "town":
                db.execute(f"SELECT * FROM t ORDER BY {q}")
    """,
    "a pattern for the whole": """
        if not re.fullmatch(r"[a-z_]+", q):
            raise HTTPException(400)
        db.execute(f"SELECT * FROM {q}")
    """,
    "an identifier of Python": """
        if not q.isidentifier():
            raise HTTPException(400)
        db.execute(f"SELECT * FROM {q}")
    """,
    "a function that raises": """
        def check(name):
            if name not in COLUMNS:
                raise HTTPException(400)
        check(q)
        db.execute(f"SELECT * FROM t ORDER BY {q}")
    """,
    "a loop that raises": """
        for name in ids:
            if name not in COLUMNS:
                raise HTTPException(400)
        db.execute(f"SELECT {', '.join(ids)} FROM t")
    """,
    "what is left of a set": """
        unknown = sorted(set(ids) - set(COLUMNS))
        if unknown:
            raise HTTPException(400, f"unknown: {unknown}")
        db.execute(f"SELECT {', '.join(ids)} FROM t")
    """,
    "a list of those that are not known": """
        unknown = [name for name in ids if name not in COLUMNS]
        if unknown:
            raise HTTPException(400)
        db.execute(f"SELECT {', '.join(ids)} FROM t")
    """,
    "a lookup in a constant table": """
        column = SORTS.get(q)
        if column is None:
            raise HTTPException(400)
        db.execute(f"SELECT * FROM t u ORDER BY {column}")
    """,
    "an item of a constant table": 'db.execute(f"SELECT * FROM t u ORDER BY {SORTS[q]}")',
    "a loop over a literal": """
        for table in ("a", "b"):
            db.execute(f"SELECT count(*) FROM {table}")
    """,
    "the dialect quotes": """
        name = engine.dialect.identifier_preparer.quote(q)
        Session(engine).execute(text(f"SELECT * FROM {name}"))
    """,
    "psycopg composes": """
        import psycopg
        from psycopg import sql
        with psycopg.connect() as connection:
            connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(q)))
    """,
    "the catalogue": """
        for (name,) in db.execute("SELECT name FROM sqlite_master").fetchall():
            db.execute(f"SELECT count(*) FROM {name}")
    """,
    "a query that is no text": "Session(engine).execute(select(Order).where(Order.NAME == q))",
}


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    entry = SILENT[name]
    found = in_handler(entry) if isinstance(entry, str) else in_handler(*entry)
    assert [hole for hole in holes(found) if hole[2] not in SAFE] == []


def test_every_origin_of_the_silent_ones_is_seen() -> None:
    """Silence comes from knowing, not from missing the statement."""
    seen = set()
    for entry in SILENT.values():
        found = in_handler(entry) if isinstance(entry, str) else in_handler(*entry)
        seen |= {hole[2] for hole in holes(found)}
    assert seen == SAFE - {"constant"}  # a constant is text, no hole


def test_the_place_of_a_hole_is_its_expression() -> None:
    (sql,) = in_handler("query = f\"SELECT * FROM t WHERE n = '{q}'\"\ndb.execute(query)")
    (hole,) = sql.holes
    line = HEAD.count("\n") + 5
    assert (hole.place.file, hole.place.span.line) == ("main.py", line)
    assert hole.place.span.end_column - hole.place.span.column == 1
    assert sql.place.span.line == line + 1
    assert sql.template == "SELECT * FROM t WHERE n = '{q}'"
    assert sql.sink == "sqlite3.Connection.execute"
    assert sql.function == "main.handler"


STORE = """\
import sqlite3


class Store:
    table = "t"

    def __init__(self, connection):
        self.connection = connection
        self.cursor = connection.cursor()

    def _run(self, query, values=()):
        return self.cursor.execute(query, values).fetchall()

    def named(self, name):
        return self._run(f"SELECT * FROM {self.table} WHERE n = '{name}'")

    def sorted(self, by):
        return self._run("SELECT * FROM t ORDER BY " + by)
"""

USER = """\
import sqlite3
from fastapi import Depends, FastAPI
from store import Store
app = FastAPI()


def store():
    connection = sqlite3.connect("x.db")
    try:
        yield Store(connection)
    finally:
        connection.close()


@app.get("/named")
def named(name: str, store: Store = Depends(store)):
    return store.named(name)


@app.get("/sorted")
def in_order(store: Store = Depends(store)):
    return store.sorted("name")
"""


def test_a_wrapper_runs_what_its_callers_put_together() -> None:
    found = statements({"store.py": STORE, "main.py": USER})
    assert [(s.place.file, s.function, s.sink) for s in found] == [
        ("store.py", "store.Store._run", "sqlite3.Cursor.execute")
    ]
    (hole,) = found[0].holes
    assert (hole.expression, hole.position, hole.origin) == ("name", "value", TAINTED)
    assert hole.place.file == "store.py"
    assert hole.place.span.line == 15
    files = [step.place.file for step in hole.steps]
    assert files == ["main.py", "main.py", "store.py", "store.py"]  # enters, is passed on, runs, is put in


def test_the_worst_caller_decides() -> None:
    source = USER.replace('store.sorted("name")', 'store.sorted("name") or store.sorted(by)')
    source = source.replace("def in_order(", "def in_order(by: str, ")
    found = statements({"store.py": STORE, "main.py": source})
    assert ("by", "identifier", TAINTED) in holes(found)


def test_a_template_that_is_formatted_elsewhere() -> None:
    queries = "BY_NAME = \"SELECT * FROM t WHERE n = '{}'\"\n"
    main = f"from queries import BY_NAME\n{HEAD}\n\n@app.get('/x')\ndef handler(q: str):\n"
    found = statements({"queries.py": queries, "main.py": main + "    db.execute(BY_NAME.format(q))\n"})
    assert holes(found) == [("q", "value", TAINTED)]


def test_a_coroutine_runs_where_it_is_awaited() -> None:
    source = f"""{HEAD}
async def find(pool, name):
    async with pool.acquire() as connection:
        return await connection.fetch(f"SELECT * FROM t WHERE n = '{{name}}'")


@app.get("/x")
async def handler(q: str):
    pool = await asyncpg.create_pool("postgresql://localhost/x")
    return await find(pool, q)
"""
    (sql,) = statements({"main.py": source})
    assert sql.sink == "asyncpg.Connection.fetch"
    assert holes([sql]) == [("name", "value", TAINTED)]


VALIDATED = f"""{HEAD}
class Listing(BaseModel):
    by: str
    direction: str = "asc"
    free: str = ""

    @field_validator("by")
    @classmethod
    def known(cls, value):
        if value not in COLUMNS:
            raise ValueError("unknown column")
        return value

    @model_validator(mode="after")
    def ordered(self):
        if self.direction not in ("asc", "desc"):
            raise ValueError("unknown direction")
        return self


@app.post("/x")
def handler(listing: Listing):
    db.execute(f"SELECT * FROM t ORDER BY {{listing.by}} {{listing.direction}}")
    db.execute(f"SELECT * FROM t ORDER BY {{listing.free}}")
"""


def test_validators_say_what_they_let_through() -> None:
    assert holes(statements({"main.py": VALIDATED})) == [
        ("listing.by", "identifier", "allow-listed"),
        ("listing.direction", "keyword", "allow-listed"),
        ("listing.free", "identifier", TAINTED),
    ]


CHECKED_BY_PARTS = f"""{HEAD}
class Listing(BaseModel):
    by: str
    columns: ClassVar[list[str]] = []

    @field_validator("by")
    def known(cls, value):
        if not cls.columns:
            return value
        for part in value.split(","):
            part = part.strip()
            if not part:
                continue
            name = part[1:] if part.startswith("-") else part
            if name not in cls.columns:
                raise ValueError(name)
        return value

    def names(self):
        return [part.strip().lstrip("-") for part in self.by.split(",")]


class Shops(Listing):
    columns: ClassVar[list[str]] = ["name", "city"]


class Anything(Listing):
    pass


class Later(BaseModel):
    by: str
    columns: ClassVar[list[str]]

    @model_validator(mode="after")
    def known(self):
        for part in self.by.split(","):
            if part not in self.columns:
                raise ValueError(part)
        return self


@app.post("/shops")
def shops(listing: Shops):
    for name in listing.names():
        db.execute(f"SELECT * FROM shops ORDER BY {{name}}")


@app.post("/anything")
def anything(listing: Anything):
    for name in listing.names():
        db.execute(f"SELECT * FROM things ORDER BY {{name}}")


@app.post("/later")
def later(listing: Later):
    db.execute(f"SELECT * FROM later ORDER BY {{listing.by}}")
"""


def test_a_validator_that_looks_for_each_part_in_the_table_of_a_subclass_has_checked_the_field() -> None:
    found = statements({"main.py": CHECKED_BY_PARTS})
    assert holes(found) == [
        ("name", "identifier", "allow-listed"),
        ("name", "identifier", TAINTED),  # no table: everything passes
        ("listing.by", "identifier", "allow-listed"),  # whatever table a subclass will have
    ]


def test_what_no_handler_reaches_runs_as_its_callers_call_it() -> None:
    source = """\
import sqlite3


def drop(connection: sqlite3.Connection, table):
    connection.execute(f"DROP TABLE {table}")


def purge(connection: sqlite3.Connection):
    drop(connection, "old")


def find(connection: sqlite3.Connection, name: str, number: int):
    connection.execute(f"SELECT * FROM t WHERE n = '{name}' AND i = {number}")
"""
    found = statements({"main.py": source})
    assert holes(found) == [("name", "value", "unknown"), ("number", "value", "coerced")]
    assert not any(sql.reachable_from_request for sql in found)


def test_a_receiver_of_unknown_class_counts_if_the_text_is_sql() -> None:
    source = """
        import driver
        connection = driver.open()
        connection.execute(f"SELECT * FROM t WHERE n = '{q}'")
        connection.execute(f"run {q} now")
    """
    assert holes(in_handler(source)) == [("q", "value", TAINTED)]


def test_what_is_not_followed_is_an_open_question() -> None:
    source = f"""{HEAD}
def deep(name, left):
    return deep(name, left - 1) if left else name


@app.get("/x")
def handler(q: str, n: int):
    db.execute(f"SELECT * FROM t WHERE n = '{{deep(q, n)}}'")
"""
    found = linker({"main.py": source})
    found.run()
    found.judge(Settings())
    assert [h for h in holes(found.backend.statements) if h[2] == "unknown"] == []
    assert any("not followed" in u.reason for u in found.backend.unresolved) or holes(
        found.backend.statements
    ) == [("deep(q, n)", "value", TAINTED)]


BUILT_AT_IMPORT = f"""{HEAD}
import os
from typing import ClassVar
from elsewhere import Colour


class Base(BaseModel):
    number: int


class Item(Base):
    kind: ClassVar[str] = "item"
    name: str


SIZE = os.getenv("SIZE", 16)
try:
    SIZE = int(SIZE)
except ValueError:
    SIZE = 16
SCHEMA = os.getenv("SCHEMA", "public")
METHOD = os.getenv("METHOD", "").strip().lower()
if METHOD not in ("ivfflat", "hnsw"):
    METHOD = "hnsw"
KIND = os.environ["KIND"]
if KIND not in ("a", "b"):
    KIND = "a"
HALF = os.environ["HALF"]
if HALF not in ("a", "b") and SIZE > 3:
    HALF = "a"
NEITHER = os.environ["NEITHER"]
if NEITHER not in (SCHEMA, "b"):
    NEITHER = "b"
ORDERS = ", ".join(f"'{{order.value}}'" for order in Order)
COLOURS = ", ".join(f"'{{colour.value}}'" for colour in Colour)
FIELDS = ", ".join(f'"{{name}}"' for name in Item.model_fields)
"""


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("SELECT * FROM t WHERE kind IN ({ORDERS})", []),
        ("SELECT {FIELDS} FROM t", []),
        ("SELECT * FROM t LIMIT {SIZE}", [("SIZE", "value", "coerced")]),
        ("SELECT * FROM t WHERE kind IN ({COLOURS})", [("colour.value", "value", "unknown")]),
        ("SELECT * FROM {SCHEMA}.t", [("SCHEMA", "identifier", "configuration")]),
        ("CREATE INDEX i ON t USING {METHOD} (v)", [("METHOD", "keyword", "allow-listed")]),
        ("SELECT * FROM {KIND}", [("KIND", "identifier", "allow-listed")]),
        ("SELECT * FROM {HALF}", [("HALF", "identifier", "configuration")]),
        ("SELECT * FROM {NEITHER}", [("NEITHER", "identifier", "configuration")]),
    ],
)
def test_what_is_made_of_the_code_itself_at_import(query: str, found: list[Hole]) -> None:
    source = f"""{BUILT_AT_IMPORT}
@app.get("/x")
def handler():
    db.execute(f"{query}")
"""
    assert holes(statements({"main.py": source})) == found


@pytest.mark.parametrize(
    ("option", "origin"), [("m = {SIZE}", "coerced"), ("m = {SIZE}, tablespace = {SCHEMA}", "configuration")]
)
def test_a_text_of_settings_is_what_they_are(option: str, origin: str) -> None:
    source = f"""{BUILT_AT_IMPORT}
def options(short):
    return "" if short else f"WITH ({option})"


@app.get("/x")
def handler(short: bool):
    added = options(short)
    query = "CREATE INDEX i ON t (v)"
    if added:
        query = f"{{query}} {{added}}"
    db.execute(query)
"""
    assert {hole[2] for hole in holes(statements({"main.py": source}))} == {origin}


def test_a_name_that_is_not_followed_is_an_open_question_of_what_is_served() -> None:
    source = f"""{HEAD}
import elsewhere

def unserved(name=elsewhere.name()):
    db.execute(f"SELECT * FROM {{name}}")


@app.get("/x")
def handler():
    db.execute(f"SELECT * FROM {{elsewhere.table()}} WHERE n = '{{elsewhere.value()}}'")
"""
    found = linker({"main.py": source})
    found.run()
    found.judge(Settings())
    assert [u.reason for u in found.backend.unresolved if "SQL" in u.reason] == [
        "a part of SQL comes from something that cannot be followed: what elsewhere.table gives"
    ]


def test_the_order_is_the_same_each_time() -> None:
    files = {"store.py": STORE, "main.py": USER}
    first, second = statements(files), statements(dict(reversed(files.items())))
    assert [(s.place, s.template, s.holes) for s in first] == [(s.place, s.template, s.holes) for s in second]
