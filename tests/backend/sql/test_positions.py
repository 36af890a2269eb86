"""Positions of holes. A case writes each hole as the position it has to get: ``WHERE id = {value}``.

``{value:x}`` and ``{identifier:x}`` are holes that are filled with the same value.
"""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_gate.backend.sql.parse import parse
from backend_gate.backend.sql.statement import (
    CONTEXTS,
    MAX_HOLES,
    MAX_LENGTH,
    HoleMark,
    Position,
    dialect_of,
    positions,
)
from backend_gate.backend.sql.tokens import HOLE, Kind, text_of, tokenize
from backend_gate.backend.sql.walk import walk

_HOLE = re.compile(r"\{(value|identifier|keyword|fragment|unbindable|unknown)(?::(\w+))?\}")


def read(case: str) -> tuple[list[str | HoleMark], list[str]]:
    """The parts of a case, and the positions it expects."""
    parts: list[str | HoleMark] = []
    end = 0
    for match in _HOLE.finditer(case):
        parts += [case[end : match.start()], HoleMark(match[2] or "")]
        end = match.end()
    return [*parts, case[end:]], [match[1] for match in _HOLE.finditer(case)]


def check(case: str, dialect: str | None = None, context: str = "statement") -> None:
    parts, expected = read(case)
    assert [p.value for p in positions(parts, dialect, context=context)] == expected


VALUES = [
    "SELECT * FROM t WHERE id = {value}",
    "SELECT * FROM t WHERE id={value} AND b > {value} OR c <> {value}",
    "SELECT a FROM t WHERE a = '{value}'",
    "SELECT a FROM t WHERE a LIKE '%{value}%' ESCAPE '!'",
    "SELECT a FROM t WHERE a LIKE {value}",
    "SELECT a FROM t WHERE a NOT LIKE {value}",
    "SELECT a FROM t WHERE a IN ({value})",
    "SELECT a FROM t WHERE a NOT IN ({value}, {value})",
    "SELECT a FROM t WHERE a IN {value}",
    "SELECT a FROM t WHERE a BETWEEN {value} AND {value} AND b = {value}",
    "SELECT a FROM t WHERE {value} = ANY(tags)",
    "SELECT a FROM t WHERE a = ANY({value})",
    "SELECT a FROM t WHERE a IS DISTINCT FROM {value}",
    "SELECT a FROM t WHERE lower(a) = lower({value})",
    "SELECT a FROM t WHERE a = COALESCE(NULL, {value})",
    "SELECT a FROM t LIMIT {value} OFFSET {value}",
    "SELECT a FROM t LIMIT {value}, {value}",
    "SELECT a FROM t ORDER BY b LIMIT{value}",
    "SELECT a FROM t OFFSET {value} ROWS FETCH NEXT {value} ROWS ONLY",
    "SELECT TOP {value} a FROM t",
    "SELECT TOP ({value}) a FROM t",
    "INSERT INTO t VALUES({value})",
    "INSERT INTO t (a, b) VALUES ({value}, '{value}')",
    "INSERT INTO t (a) VALUES ({value}), ({value})",
    "INSERT INTO t VALUES {value}",
    "INSERT INTO t (a) VALUES (?) ON CONFLICT (a) DO UPDATE SET b = {value}",
    "INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = VALUES(a), b = {value}",
    "UPDATE t SET a = {value}, b = '{value}' WHERE c = {value}",
    "UPDATE t SET a = a + {value}",
    "DELETE FROM t WHERE a < {value}",
    "WITH old AS (SELECT id FROM t WHERE a = {value}) DELETE FROM t USING old WHERE b = {value}",
    "SELECT CASE WHEN a = {value} THEN {value} ELSE {value} END FROM t",
    "SELECT 'id-' || {value} FROM t",
    "SELECT (({value} - a) || 'x')::text AS b FROM t",
    "SELECT a FROM t WHERE d > DATE '{value}'",
    "SELECT a FROM t WHERE d > TIMESTAMP '{value}' - ('{value} days')::interval",
    "SELECT a->'{value}' FROM t WHERE b->>{value} = 'x'",
    "SELECT pg_sleep({value})",
    "SELECT set_config('app.tenant', '{value}', true)",
    "SELECT nextval('{value}')",
    "SELECT {value} + {value}",
    "SELECT * FROM read_parquet('{value}://{value}')",
    "SELECT a FROM t AS OF TIMESTAMP '{value}'",
    "MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = {value}",
    "CALL refresh({value}, '{value}')",
    "EXEC dbo.refresh @id = {value}, @name = '{value}'",
    "SELECT 1 WHERE n='{value}'",
    "EXPLAIN ANALYZE SELECT a FROM t WHERE a = {value}",
    "CREATE TABLE copy AS SELECT * FROM t WHERE a = '{value}'",
    "SET @n = {value}",
    "SELECT a FROM t WHERE a = N'{value}' AND b = E'it\\'s {value}'",
    "SELECT a FROM t WHERE (a, b) = ({value}, {value})",
    "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.id = {value})",
    "SELECT a FROM t JOIN u ON u.id = t.id AND u.x = {value}",
    "SELECT a FROM t GROUP BY a HAVING count(*) > {value}",
    "SELECT a FROM t WHERE a AT TIME ZONE {value} > b",
    "ATTACH DATABASE '{value}' AS other",
    "SELECT a[{value}] FROM t",
    "SELECT a FROM t WHERE d < 10{value}",
    "SELECT a FROM t WHERE b = {value}ORDER BY c",
    "SELECT count(*) FILTER (WHERE a = {value}) FROM t",
    "SELECT a FROM t WHERE b = ARRAY[1, x, {value}]",
    "SELECT a FROM t WHERE b = ARRAY [x y, 2, {value}]",
]

NAMES = [
    "SELECT * FROM {identifier}",
    "SELECT count(*) FROM {identifier} WHERE a = ?",
    'SELECT * FROM "{identifier}" WHERE "{identifier}" = $1',
    "SELECT * FROM `{identifier}`",
    "SELECT * FROM [{identifier}] WHERE [{identifier}] = 1",
    "SELECT * FROM {identifier}.{identifier}",
    "SELECT * FROM a_{identifier}, b_{identifier}_c",
    "SELECT {identifier} FROM t",
    "SELECT {identifier} a FROM t",
    "SELECT DISTINCT {identifier}, b FROM t",
    "SELECT {identifier} AS x, count({identifier}) AS n FROM t GROUP BY {identifier} ORDER BY {identifier}",
    "SELECT t.{identifier} FROM t",
    "SELECT {identifier}.* FROM t AS {identifier}",
    "SELECT COALESCE({identifier}, 0) FROM t",
    "SELECT max({identifier}), string_agg({identifier}, ',') FROM t",
    "SELECT {identifier}(embedding, ?) FROM t",
    "SELECT a FROM t WHERE {identifier} = :owner",
    "SELECT a FROM t WHERE {identifier} = 'x' AND {identifier} IS NOT NULL OR {identifier} IN (1, 2)",
    "SELECT a FROM t WHERE {identifier} BETWEEN ? AND ?",
    "SELECT a FROM t WHERE lower({identifier}) = ?",
    "SELECT a FROM t WHERE {identifier} ILIKE $1 ESCAPE '\\'",
    "SELECT a FROM t WHERE ({identifier}) IN (SELECT b FROM u)",
    "SELECT a FROM t JOIN {identifier} ON {identifier}.id = t.id",
    "SELECT a FROM t JOIN u USING ({identifier})",
    "SELECT row_number() OVER (PARTITION BY {identifier} ORDER BY {identifier}) FROM t",
    "SELECT CASE {identifier} WHEN 1 THEN 2 END FROM t",
    "INSERT INTO {identifier} ({identifier}) VALUES (?)",
    "INSERT INTO t (a, {identifier}, b) SELECT a, {identifier}, b FROM u",
    "INSERT INTO t (a) VALUES (?) ON CONFLICT ({identifier}) DO NOTHING",
    "INSERT INTO {identifier} AS row (a) VALUES (1) RETURNING {identifier}",
    "UPDATE {identifier} SET a = ?",
    "UPDATE t SET {identifier} = ? WHERE b = 1",
    "UPDATE t SET a = {identifier}.a FROM u AS {identifier}",
    "DELETE FROM {identifier} WHERE id = %s",
    "DROP TABLE IF EXISTS {identifier}",
    "TRUNCATE TABLE {identifier}",
    "CALL {identifier}()",
    "LOCK TABLE {identifier} IN EXCLUSIVE MODE",
    "CREATE SCHEMA IF NOT EXISTS {identifier}",
    "CREATE INDEX IF NOT EXISTS idx_{identifier} ON {identifier} ({identifier})",
    "CREATE UNIQUE INDEX CONCURRENTLY {identifier} ON t (lower({identifier}))",
    "CREATE TABLE {identifier} LIKE {identifier}",
    "CREATE TABLE t ({identifier} text, FOREIGN KEY ({identifier}) REFERENCES {identifier} ({identifier}))",
    "ALTER TABLE {identifier} ADD COLUMN {identifier} TEXT",
    "ALTER TABLE t DROP CONSTRAINT IF EXISTS {identifier}",
    "ALTER TABLE t RENAME COLUMN {identifier} TO {identifier}",
    "NOTIFY {identifier}, 'x'",
    "LISTEN {identifier}",
    "USE {identifier}",
    "GRANT SELECT ON {identifier} TO {identifier}",
    "SELECT a FROM t WHERE a LIKE '%' || :{identifier} || '%' AND b = $" + "{identifier}",
    "SELECT a FROM t WHERE id IN (:id_{identifier}, :id_{identifier})",
    "SELECT a FROM t WHERE a = %({identifier})s",
    "SET {identifier} = 1",
    "PRAGMA {identifier} = 1",
    'SELECT a FROM t ORDER BY "{identifier}" DESC',
    "{identifier} = :x",
    "{identifier} DESC",
    "SELECT a COLLATE {identifier} FROM t",
    "COPY {identifier} TO STDOUT",
    "SELECT a FROM (WITH q AS (SELECT {identifier} FROM u) SELECT * FROM q) x",
    "CREATE TABLE t (a int) PARTITION BY RANGE ({identifier})",
    "SELECT extract(epoch FROM {identifier}) FROM t",
    "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY {identifier}) FROM t",
    "SELECT f(CASE WHEN a THEN 1), {identifier} FROM t",
    "SELECT a FROM t WINDOW {identifier} AS (PARTITION BY {identifier})",
    "SELECT t2.a FROM {identifier} t2 WHERE {identifier}.{identifier} = t2.{identifier}",
]

KEYWORDS = [
    "SELECT a FROM t ORDER BY a {keyword}",
    "SELECT a FROM t ORDER BY {identifier} {keyword}, b {keyword} NULLS LAST LIMIT 3",
    "SELECT a FROM t ORDER BY {identifier}{identifier} {keyword}",
    "SELECT a FROM t WHERE a {keyword} ?",
    "SELECT a FROM t WHERE {identifier} {keyword} {value}",
    "SELECT a FROM t WHERE a = 1 {keyword} b = 2",
    "SELECT a FROM t WHERE id {keyword} (1, 2)",
    "SELECT a::{keyword} FROM t",
    "SELECT CAST(a AS {keyword}) FROM t",
    "SELECT a FROM t WHERE a IS {keyword}",
    "CREATE TABLE t (a {keyword} NOT NULL, b {keyword})",
    "CREATE INDEX i ON t USING {keyword} (a {keyword})",
    "ALTER TABLE t ALTER COLUMN a TYPE {keyword}",
    "CREATE TABLE t (a int REFERENCES u ON DELETE {keyword} ON UPDATE {keyword})",
    "DROP {keyword} {identifier}",
]

FRAGMENTS = [
    "{fragment}",
    " {fragment} ;",
    "{fragment} {fragment}",
    "{fragment} WHERE id = {value}",
    "{fragment} ORDER BY {identifier} {keyword} LIMIT {value}",
    "EXPLAIN {fragment}",
    "SELECT a FROM t {fragment}",
    "SELECT a FROM t {fragment} ORDER BY b",
    "SELECT a FROM {identifier} {fragment} {fragment} LIMIT :limit",
    'SELECT a FROM "T"{fragment} GROUP BY a',
    "SELECT count(*) FROM ({fragment} {fragment}) AS n",
    "SELECT a FROM t WHERE {fragment}",
    "SELECT a FROM t WHERE {fragment} AND b = 1",
    "SELECT a FROM t WHERE b = 1 AND {fragment} ORDER BY c",
    "SELECT a FROM t WHERE b = :b {fragment} ORDER BY c",
    "SELECT a FROM t WHERE b = $1{fragment}",
    "SELECT a FROM t WHERE TRUE{fragment} GROUP BY a",
    "SELECT a FROM t WHERE NOT ({fragment})",
    "SELECT a FROM t WHERE b IS NOT NULL{fragment}",
    "SELECT a FROM t WHERE {fragment}{fragment}",
    "SELECT a FROM t WHERE (a = 1 OR b = 2){fragment} ORDER BY c",
    "SELECT a FROM t WHERE EXISTS ({fragment})",
    "SELECT a FROM t GROUP BY {identifier} {fragment} ORDER BY b",
    "SELECT a FROM t ORDER BY b DESC {fragment}",
    "SELECT a FROM t LIMIT 1 {fragment}",
    "SELECT CASE WHEN {fragment} THEN 1 ELSE 0 END FROM t",
    "SELECT a FROM t JOIN u ON {fragment}",
    "SELECT a FROM t UNION ALL {fragment}",
    "UPDATE t SET {fragment} WHERE a = 1",
    "UPDATE {identifier} SET {fragment} {fragment}",
    "INSERT INTO t (a) {fragment}",
    "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) {fragment}",
    "WITH q AS ({fragment}) SELECT * FROM q",
    "WITH {fragment}, q AS (SELECT 1) SELECT * FROM q",
    "WITH {fragment} {fragment}",
    "SELECT a FROM t LEFT JOIN LATERAL ({fragment}) x ON true",
    "CREATE TABLE {identifier} ({fragment})",
    "CREATE TABLE t AS {fragment}",
    "CREATE VIEW v AS {fragment}",
    "ALTER TABLE t ADD COLUMN {fragment}",
    "SELECT a FROM t -- {fragment}\nWHERE b = {value}",
    "SELECT /* {fragment} */ a FROM t WHERE b = {value}",
    "PRAGMA {fragment}",
    "SELECT a FROM t FOR UPDATE {fragment}",
    "SET {fragment}",
    "DROP {fragment}",
]

UNBINDABLE = [
    "PRAGMA busy_timeout = {unbindable}",
    "PRAGMA key = '{unbindable}'",
    "PRAGMA table_info({unbindable})",
    "PRAGMA table_info(old_{unbindable})",
    "SELECT a FROM t WHERE touches({identifier}, box(?, ?)) AND b = ?",
    "SELECT a FROM read_csv(?, {identifier} := ?, sep := {value})",
    "SELECT f({identifier} => ?, b => {value})",
    "SET LOCAL lock_timeout = '{unbindable}ms'",
    "SET search_path TO {unbindable}",
    "SET LOCAL {identifier}.iterative_scan = {unbindable}",
    "NOTIFY {identifier}, '{unbindable}'",
    "SELECT a FROM t WHERE d > now() - INTERVAL '{unbindable} days'",
    "SELECT a FROM t WHERE d > now() - INTERVAL {unbindable}",
    "CREATE TABLE t (a int DEFAULT {unbindable}, b varchar({unbindable}))",
    "CREATE TABLE t (v VECTOR({unbindable}) NOT NULL, VECTOR INDEX (v) M={unbindable})",
    "ALTER TABLE t AUTO_INCREMENT = {unbindable}",
    "ALTER TABLE t ADD COLUMN a TEXT DEFAULT '{unbindable}'",
    "CREATE USER {identifier} WITH PASSWORD '{unbindable}'",
    "CREATE VIEW v AS SELECT a FROM t WHERE b = '{unbindable}'",
    "CREATE TABLE p PARTITION OF {identifier} FOR VALUES FROM ('{unbindable}') TO ('{unbindable}')",
    "COMMENT ON TABLE t IS '{unbindable}'",
    "COPY t FROM '{unbindable}'",
    "DO $$ BEGIN PERFORM f('{unbindable}'); END $$",
    "CREATE INDEX i ON t (a) WHERE b = {unbindable}",
    "CREATE TABLE t (a int GENERATED ALWAYS AS (b + {unbindable}) STORED)",
    "SELECT CAST(a AS varchar({unbindable})) FROM t",
    "SELECT a FROM t WHERE JSON_EXTRACT(b, '$.{unbindable}') = ?",
    "SELECT JSON_VALUE(b, '$[0].{unbindable}' RETURNING NUMBER) FROM t",
    "INSERT INTO t (a) VALUES ({value}) ON CONFLICT (COALESCE(a, '{unbindable}'::uuid)) DO UPDATE SET a = {value}",
    "PUT /* from here */ 'file://{unbindable}' @\"{identifier}\" PARALLEL={unbindable}",
]


@pytest.mark.parametrize("case", [*VALUES, *NAMES, *KEYWORDS, *FRAGMENTS, *UNBINDABLE])
def test_position_in_any_dialect(case: str) -> None:
    check(case)


@pytest.mark.parametrize(
    ("dialect", "case"),
    [
        ("mysql", 'SELECT a FROM t WHERE b = "{value}" AND `{identifier}` = 1'),
        ("mysql", "SELECT a FROM t WHERE b = 'it\\'s {value}'"),
        ("mysql", "SELECT a FROM t WHERE d > now() - INTERVAL {value} DAY"),
        ("mysql", "SELECT a FROM t # {fragment}\nWHERE b = {value}"),
        ("sqlite", 'SELECT a FROM t WHERE b = "{value}"'),
        ("sqlite", 'SELECT "{identifier}" FROM t'),
        ("postgres", 'SELECT a FROM t WHERE b = "{identifier}"'),
        ("postgres", "SELECT a FROM t WHERE b ? '{value}' AND c @> {value}"),
        ("postgres", "SELECT DISTINCT ON ({identifier}) {identifier} FROM t"),
        ("postgres", "SELECT ARRAY[{value}], a[{value}] FROM t"),
        ("tsql", "SELECT TOP {value} a FROM [{identifier}] WITH (NOLOCK) WHERE b = {value}"),
        (None, 'SELECT a FROM t WHERE b = "{value}"'),
        (None, "SELECT a FROM t WHERE b = 'it\\'s {value}' AND c = {value}"),
    ],
)
def test_position_in_one_dialect(dialect: str | None, case: str) -> None:
    check(case, dialect)


@pytest.mark.parametrize(
    ("context", "case"),
    [
        ("condition", "{identifier} = {value}"),
        ("condition", "name = '{value}' AND {fragment}"),
        ("condition", "{fragment}"),
        ("condition", "is_{identifier}"),
        ("condition", "is_{fragment} AND a = 1"),
        ("condition", "a = {value} OR lower({identifier}) LIKE {value}"),
        ("order", "{identifier} {keyword}"),
        ("order", "{identifier}"),
        ("order", "name {keyword}, {identifier} DESC"),
        ("columns", "{identifier}, count({identifier})"),
        ("table", "{identifier} JOIN {identifier} ON {fragment}"),
        ("statement", "name LIKE '%{value}%'"),
    ],
)
def test_position_in_what_a_query_builder_takes(context: str, case: str) -> None:
    check(case, context=context)


def test_every_context_has_a_case() -> None:
    assert {"condition", "order", "columns", "table", "statement"} == CONTEXTS


@pytest.mark.parametrize(
    "case",
    [
        "UPDATE t SET {identifier:c} = REPLACE({identifier:c}, '-', '')",
        "UPDATE t SET {identifier:c} = concat(substr({identifier:c}, 1, 8), '-', substr({identifier:c}, 9))",
        "SELECT f({identifier:c}) FROM t WHERE a = g({identifier:c}) ORDER BY {identifier:c}",
    ],
)
def test_certain_holes_tell_about_doubtful_ones_with_the_same_value(case: str) -> None:
    check(case)


def test_without_keys_holes_do_not_tell_about_each_other() -> None:
    check("UPDATE t SET {identifier} = REPLACE({value}, '-', '')")


def test_quote_that_opens_in_one_part_and_closes_in_another() -> None:
    hole = HoleMark()
    parts: list[str | HoleMark] = [
        "SELECT a FROM t ",
        "WHERE b = '",
        hole,
        "' AND ",
        "c = ",
        hole,
        " ORDER",
        " BY ",
        hole,
    ]
    assert positions(parts, None) == [Position.VALUE, Position.VALUE, Position.IDENTIFIER]


def test_quote_that_nobody_closes() -> None:
    check("SELECT a FROM t WHERE b = '{value} AND c = {value}")


def test_a_statement_without_holes_has_no_positions() -> None:
    assert positions(["SELECT 1"], None) == []


def test_several_statements_in_one_text() -> None:
    check("INSERT INTO {identifier} VALUES ({value}); SET LOCAL a = {unbindable}; DELETE FROM t {fragment}")


def test_a_procedure_holds_statements() -> None:
    check(
        "CREATE PROCEDURE p() BEGIN IF EXISTS (SELECT 1 FROM s WHERE n = '{unbindable}') THEN SELECT 1; "
        "ELSE ALTER TABLE {identifier} ADD CONSTRAINT {identifier} FOREIGN KEY ({identifier}) "
        "REFERENCES {identifier}({identifier}); END IF; END; CALL p();"
    )


def test_a_long_query_of_composed_parts() -> None:
    check(
        'WITH ranked AS (SELECT api_key,{identifier}, SUM(spend::numeric) AS rank FROM "{identifier}" '
        "WHERE {fragment} AND api_key <> ${identifier} GROUP BY api_key) "
        "SELECT (SELECT COUNT(*) FROM ranked)::bigint AS total, page.* FROM (SELECT 1) AS one "
        "LEFT JOIN LATERAL (SELECT * FROM ranked ORDER BY rank DESC, {identifier} LIMIT ${identifier} "
        "OFFSET ${identifier}) AS page ON TRUE"
    )


@pytest.mark.parametrize(
    ("name", "dialect"),
    [
        ("postgresql+asyncpg://user:pw@host/db", "postgres"),
        ("sqlite+aiosqlite:///:memory:", "sqlite"),
        ("mysql+pymysql://host", "mysql"),
        ("mariadb", "mysql"),
        ("mssql+pyodbc://host", "tsql"),
        ("psycopg2", "postgres"),
        ("AIOSQLITE", "sqlite"),
        ("psycopg2.extensions.cursor", "postgres"),
        ("MySQLdb.cursors.Cursor", "mysql"),
        ("sqlalchemy.Connection", None),
        ("mongodb://host", None),
        ("", None),
    ],
)
def test_dialect_of_a_driver_or_url(name: str, dialect: str | None) -> None:
    assert dialect_of(name) == dialect


# --- bounds ----------------------------------------------------------------------------------------


def test_holes_beyond_the_length_are_of_unknown_position() -> None:
    long = "SELECT a FROM t WHERE a = " + "x" * MAX_LENGTH
    assert positions(["SELECT ", HoleMark(), " FROM t ", long, HoleMark()], None) == [
        Position.IDENTIFIER,
        Position.UNKNOWN,
    ]


def test_holes_beyond_the_number_are_of_unknown_position() -> None:
    parts: list[str | HoleMark] = ["SELECT a FROM t WHERE b IN ("]
    for _ in range(MAX_HOLES + 2):
        parts += [HoleMark(), ", "]
    found = positions(parts, None)
    assert found == [Position.VALUE] * MAX_HOLES + [Position.UNKNOWN] * 2


@pytest.mark.parametrize(
    "text",
    [
        "SELECT " + "(" * 3_000 + "{value}" + ")" * 3_000,
        "SELECT " + "f(" * 500 + "{value}" + ")" * 500,
        "SELECT " + "CASE WHEN a THEN " * 500 + "{value}",
        "SELECT a FROM t WHERE " + "NOT " * 2_000 + "{fragment}",
        "SELECT a FROM t WHERE b = " + "- " * 2_000 + "{value}",
    ],
    ids=["parentheses", "calls", "case", "not", "minus"],
)
def test_deep_nesting_is_read_without_the_parser(text: str) -> None:
    check(text)


@pytest.mark.parametrize(
    "text",
    [
        "[" + "a" * 50_000,
        "1" * 50_000 + "a",
        "'" * 50_001,
        "%(" * 25_000,
        "/*" * 25_000,
        '"a' * 25_000,
        "$a" * 25_000,
    ],
    ids=["bracket", "digits", "quotes", "percent", "comments", "double quotes", "dollars"],
)
def test_hostile_texts_cost_little(text: str) -> None:
    import time

    start = time.process_time()
    assert len(positions([text, HoleMark()], None)) == 1
    assert time.process_time() - start < 5


def test_the_private_character_of_holes_is_no_hole_in_a_text() -> None:
    assert positions(["SELECT '\ue000' FROM ", HoleMark()], None) == [Position.IDENTIFIER]


def test_names_that_look_like_the_parsers_are_told_apart() -> None:
    check("SELECT hole0x1x, f({identifier}) FROM hole0x WHERE hole1x0x = f({value})")


def test_the_parser_is_imported_for_a_doubt_only() -> None:
    code = (
        "import sys\n"
        "from backend_gate.backend.sql.statement import HoleMark, positions\n"
        "positions(['SELECT a FROM t WHERE b = ', HoleMark()], None)\n"
        "assert 'sqlglot' not in sys.modules\n"
        "positions(['SELECT f(', HoleMark(), ') FROM t'], None)\n"
        "assert 'sqlglot' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})


_WORDS = (
    "SELECT FROM WHERE AND OR NOT IN ( ) [ ] , . ; = < || :: * - + ' \" ` ? %s :a $1 -- /* */ $$ t 'x' 12 "
    "CASE WHEN THEN END BETWEEN LIMIT ORDER BY GROUP INSERT INTO VALUES UPDATE SET DELETE CREATE TABLE "
    "DEFAULT ALTER ADD COLUMN PRAGMA NOTIFY INTERVAL AS WITH UNION ON JOIN USING {value} {value} {value}"
)
_SNIPPETS = st.sampled_from(_WORDS.split())


@given(st.lists(_SNIPPETS, max_size=30), st.sampled_from([None, "postgres", "mysql", "sqlite", "tsql"]))
def test_any_text_gets_one_position_a_hole(words: list[str], dialect: str | None) -> None:
    parts, expected = read(" ".join(words))
    found = positions(parts, dialect)
    assert len(found) == len(expected)
    assert Position.UNKNOWN not in found


@given(st.lists(_SNIPPETS, max_size=20), st.randoms())
def test_how_a_text_is_cut_into_parts_does_not_matter(words: list[str], random: object) -> None:
    parts, _ = read(" ".join(words))
    pieces: list[str | HoleMark] = []
    for part in parts:
        pieces += list(part) if isinstance(part, str) else [part]
    assert positions(pieces, None) == positions(parts, None)


# --- the two readers -------------------------------------------------------------------------------


@pytest.mark.parametrize("case", [*VALUES, *NAMES])
def test_the_parser_says_the_same_as_the_tokens(case: str) -> None:
    """Also where the tokens leave no doubt and the parser is not asked."""
    parts, expected = read(case)
    tokens = tokenize(text_of(parts), None)
    opinions = parse(tokens, walk(tokens, None), None)
    assert {hole: position.value for hole, position in opinions.items()}.items() <= dict(
        enumerate(expected)
    ).items()


_SIDES = st.sampled_from(
    [
        "{x}",
        "?",
        "a",
        "'t'",
        "(SELECT 1)",
        "LOWER({x})",
        "CAST({x} AS TEXT)",
        "f(a, {x})",
        "{x} + 1",
        "({x})",
        "ANY(tags)",
    ]
)
_PREDICATES = st.sampled_from(["=", "<>", "<", ">=", "LIKE", "IN", "IS", "BETWEEN"])
_COLUMNS = st.sampled_from(
    ["a", "{x}", "{x} AS b", "f({x})", "COUNT({x})", "{x} + 1", "DISTINCT {x}", "({x})"]
)


@given(
    st.lists(_COLUMNS, min_size=1, max_size=3),
    st.booleans(),
    st.lists(st.tuples(_SIDES, _PREDICATES, _SIDES), max_size=3),
    st.sampled_from(["postgres", "mysql", "sqlite"]),
)
def test_where_nobody_asks_the_parser_it_would_say_the_same(
    columns: list[str], has_table: bool, conditions: list[tuple[str, str, str]], dialect: str
) -> None:
    where = " AND ".join(" ".join(one) for one in conditions)
    text = f"SELECT {', '.join(columns)}" + " FROM t" * has_table + (f" WHERE {where}" if where else "")
    tokens = tokenize(text.replace("{x}", HOLE), dialect)
    readings = walk(tokens, dialect)
    opinions = parse(tokens, readings, dialect)
    for hole, reading in readings.items():
        if reading.settled and hole in opinions:
            assert opinions[hole] is reading.position, (text, hole)


def test_the_parser_has_an_opinion_on_most_statements() -> None:
    asked = 0
    answered = 0
    for case in [*VALUES, *NAMES]:
        parts, _ = read(case)
        tokens = tokenize(text_of(parts), None)
        bare = [t for t in tokens if t.kind is Kind.HOLE]
        asked += bool(bare)
        answered += bool(bare and parse(tokens, walk(tokens, None), None))
    assert answered / asked > 0.8
