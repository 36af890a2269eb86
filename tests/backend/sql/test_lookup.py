"""What a statement finds where a value that it looks for is missing."""

from __future__ import annotations

import pytest

from backend_gate.backend.sql.lookup import Found, found_without, only_reads


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("SELECT owner FROM keys WHERE key = ?", 0),
        ("select owner from keys where active and key=? limit 1;", 0),
        ("SELECT owner FROM keys WHERE realm = ? AND key = ?", 1),
        ("SELECT owner FROM keys WHERE made BETWEEN 1 AND 2 AND (key = %s)", 0),
        ("SELECT owner FROM keys WHERE key = :key", "key"),
        ("SELECT owner FROM keys WHERE key = %(key)s FOR UPDATE", "key"),
        ("SELECT owner FROM keys WHERE $1 = key", 0),
        ("SELECT owner FROM keys WHERE digest = encode(sha256($2::bytea), 'hex')", 1),
        ("SELECT owner FROM keys WHERE key IN (?)", 0),
        ("SELECT name FROM people WHERE id = (SELECT person FROM sessions WHERE token = ?)", 0),
        ("SELECT name FROM people WHERE id IN (SELECT person FROM sessions WHERE token = ?)", 0),
        ("SELECT name FROM people p WHERE EXISTS (SELECT 1 FROM s WHERE s.p = p.id AND s.token = ?)", 0),
        ("SELECT p.* FROM people p JOIN sessions s ON s.person = p.id AND s.token = ? WHERE p.active", 0),
        ("WITH t AS (SELECT 1) SELECT owner FROM keys WHERE key = ?", 0),
        ("SELECT owner, count(*) FROM keys WHERE key = ? GROUP BY owner", 0),
        ("UPDATE links SET used = 1 WHERE token = ? RETURNING person", 0),
        ("DELETE FROM links WHERE token = ?", 0),
        ("SELECT owner FROM \ue000 WHERE key = ?", 0),
        ("SELECT owner FROM keys WHERE \ue000 = ?", 0),
    ],
)
def test_no_row(text: str, missing: int | str) -> None:
    assert found_without(text, frozenset({missing})) is Found.NO_ROW
    assert found_without(text, frozenset()) is None


@pytest.mark.parametrize(
    "text",
    [
        "SELECT count(*) FROM keys WHERE key = ?",
        "SELECT COUNT(id) AS n FROM keys WHERE key = ? AND active",
        "SELECT EXISTS (SELECT 1 FROM keys WHERE key = ?)",
    ],
)
def test_a_number(text: str) -> None:
    assert found_without(text, frozenset({0})) is Found.ZERO


@pytest.mark.parametrize(
    "text",
    [
        "SELECT owner FROM keys WHERE shared OR key = ?",
        "SELECT owner FROM keys WHERE key <> ?",
        "SELECT owner FROM keys WHERE NOT key = ?",
        "SELECT owner FROM keys WHERE key NOT IN (?)",
        "SELECT owner FROM keys WHERE key IS ?",
        "SELECT owner FROM keys WHERE key = coalesce(?, key)",
        "SELECT owner FROM keys WHERE key IN ('a', ?)",
        "SELECT owner FROM keys WHERE key = ? UNION SELECT 'all'",
        "SELECT max(made) FROM keys WHERE key = ?",
        "SELECT p.* FROM people p LEFT JOIN sessions s ON s.person = p.id AND s.token = ?",
        "SELECT owner FROM keys WHERE \ue000 AND key = ?",
        "SELECT owner FROM keys WHERE key = ? \ue000",
        "SELECT check_key(?)",
        "INSERT INTO visits VALUES (?)",
        "UPDATE people SET token = ? WHERE id = 1",
        "no statement = ?",
    ],
)
def test_what_finds_rows_all_the_same(text: str) -> None:
    assert found_without(text, frozenset({0})) is None


def test_each_arm_of_an_or_is_looked_at() -> None:
    text = "SELECT owner FROM keys WHERE key = ? OR former = ?"

    assert found_without(text, frozenset({0, 1})) is Found.NO_ROW
    assert found_without(text, frozenset({1})) is None


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("SELECT 1", True),
        ("\n  (select a from b)", True),
        ("WITH t AS (SELECT 1) SELECT * FROM t", True),
        ("WITH t AS (DELETE FROM a RETURNING *) SELECT * FROM t", False),
        ("UPDATE a SET b = 1", False),
        ("selected", False),
    ],
)
def test_what_only_reads(text: str, reads: bool) -> None:
    assert only_reads(text) is reads


@pytest.mark.parametrize(
    "chosen",
    ["json_object_agg(a, b)", "percentile_cont(0.5) WITHIN GROUP (ORDER BY n)", "lower(our_total(n))"],
)
def test_a_function_that_may_sum_up_gives_a_row_of_no_rows(chosen: str) -> None:
    text = f"SELECT {chosen} FROM keys WHERE key = ?"
    assert found_without(text, frozenset({0})) is None
    assert found_without(f"{text} GROUP BY owner", frozenset({0})) is Found.NO_ROW
    assert found_without(f"{text} GROUP BY ROLLUP (owner)", frozenset({0})) is None
    assert found_without("SELECT lower(owner) FROM keys WHERE key = ?", frozenset({0})) is Found.NO_ROW


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("key = ?", Found.NO_ROW),
        ("?::text = k.key", Found.NO_ROW),
        ("key IN (?)", Found.NO_ROW),
        ("key LIKE ?", None),
        ("key = '' || ?", None),
        ("? = ''", None),
        ("coalesce(key, '') = ?", None),
    ],
)
def test_an_empty_text_is_no_null(condition: str, found: Found | None) -> None:
    key = frozenset({0})
    assert found_without(f"SELECT owner FROM keys k WHERE {condition}", key, key) is found
