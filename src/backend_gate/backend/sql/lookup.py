"""What a statement finds where a value that it looks for is missing.

A comparison with ``NULL`` is never true, so ``SELECT … WHERE key = ?`` has no row for a request without a key,
and counts none. A statement that finds rows by something else as well says nothing.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from backend_gate.backend.sql.keywords import words
from backend_gate.backend.sql.tokens import HOLE, Kind, Token, tokenize

Key = int | str
"""Which of the values beside a statement: its position, or its name."""

_MAX_LENGTH = 10_000
_FIRST = re.compile(r"[\s(]*(SELECT|WITH|VALUES|SHOW|EXPLAIN)\b", re.IGNORECASE)
_CHANGES = words("INSERT UPDATE DELETE MERGE REPLACE")
_FINDS = words("SELECT UPDATE DELETE WITH")
_SETS = words("UNION EXCEPT INTERSECT MINUS")
_CLAUSES = words("GROUP HAVING ORDER LIMIT OFFSET FETCH WINDOW QUALIFY RETURNING FOR")
_JOINS = words("JOIN LEFT RIGHT FULL INNER CROSS NATURAL WHERE")
_OUTER = words("LEFT RIGHT FULL OUTER")
_AGGREGATES = words("COUNT SUM MIN MAX AVG TOTAL EXISTS BOOL_OR BOOL_AND EVERY ARRAY_AGG STRING_AGG JSON_AGG")
_ROW_FUNCTIONS = words(
    "ABS CEIL CEILING FLOOR ROUND TRUNC MOD SIGN LOWER UPPER TRIM LTRIM RTRIM LENGTH CHAR_LENGTH SUBSTR SUBSTRING "
    "REPLACE CONCAT CONCAT_WS LEFT RIGHT LPAD RPAD HEX ENCODE DECODE MD5 SHA256 COALESCE IFNULL ISNULL NVL NULLIF IIF "
    "CAST CONVERT TO_CHAR TO_DATE TO_TIMESTAMP DATE TIME DATETIME STRFTIME DATE_TRUNC DATE_FORMAT EXTRACT AGE NOW "
    "JSON JSON_EXTRACT JSON_VALUE ROW_NUMBER RANK DENSE_RANK LAG LEAD"
)
_NO_FUNCTIONS = words(
    "SELECT DISTINCT ALL ON TOP AS IN OVER AND OR NOT CASE WHEN THEN ELSE BETWEEN LIKE FROM WHERE USING BY "
    "VARCHAR CHAR CHARACTER VARYING NVARCHAR DECIMAL NUMERIC TIMESTAMP"
)
"""Words before a parenthesis that call nothing."""
_TOTALS = words("ROLLUP CUBE GROUPING SETS")
_LOOSE = words("COALESCE IFNULL ISNULL NVL CONCAT CONCAT_WS NULLIF CASE IS SELECT FILTER GREATEST LEAST")
"""What may give something for a value that is missing."""
_EQUALS = frozenset({"=", "=="})
_MATCHES = words("LIKE ILIKE IN")


class Found(enum.Enum):
    """What a statement gives without the value: no row at all, or one row with a number, which is zero."""

    NO_ROW = "no row"
    ZERO = "zero"


@lru_cache(maxsize=2_000)
def only_reads(text: str) -> bool:
    """The statement changes nothing."""
    first = _FIRST.match(text)
    if first is None:
        return False
    return first[1].upper() != "WITH" or not any(
        t.upper in _CHANGES for t in tokenize(text[:_MAX_LENGTH], None)
    )


@lru_cache(maxsize=2_000)
def found_without(text: str, missing: frozenset[Key], blank: frozenset[Key] = frozenset()) -> Found | None:
    """What a statement gives if these values are missing; ``None`` if that cannot be told.

    ``blank`` are those that may be a text all the same: an empty one, or one that is made of what is missing. No
    column equals them, but ``LIKE`` may hold of any row, and a function may make anything of them.
    Holes are written as :data:`~backend_gate.backend.sql.tokens.HOLE`.
    """
    if len(text) > _MAX_LENGTH:
        return None
    tokens = [t for t in tokenize(text, None) if t.kind is not Kind.COMMENT]
    while tokens and tokens[-1].text == ";":
        tokens.pop()
    if not tokens or tokens[0].upper not in _FINDS:
        return None
    lookup = _Lookup(tokens, missing, blank)
    if lookup.is_number(tokens):
        return Found.ZERO
    return Found.NO_ROW if lookup.finds_none(tokens) else None


class _Lookup:
    """One statement and the placeholders in it that stand for something missing."""

    def __init__(self, tokens: list[Token], missing: frozenset[Key], blank: frozenset[Key]) -> None:
        keys = list(_keys(tokens))
        self.missing = {id(token) for token, key in keys if key in missing - blank}
        self.blank = {id(token) for token, key in keys if key in missing & blank}

    def is_number(self, tokens: list[Token]) -> bool:
        """``SELECT count(*) …`` or ``SELECT EXISTS (…)`` of rows that are not there."""
        chosen, rest = _chosen(tokens)
        if len(chosen) < 3 or chosen[1].text != "(":
            return False
        end = _closing(chosen, 1)
        if not (end == len(chosen) - 1 or _is_alias(chosen[end + 1 :])):
            return False
        if chosen[0].upper == "EXISTS":
            return not rest and self.finds_none(chosen[2:end])
        return chosen[0].upper == "COUNT" and not _at_top(rest, words("GROUP")) and self._filters(rest)

    def finds_none(self, tokens: list[Token]) -> bool:
        """The statement, or the query in parentheses, gives no row."""
        chosen, rest = _chosen(tokens)
        if not _is_grouped(rest) and (_may_sum_up(chosen) or _at_top(rest, words("GROUP HAVING"))):
            return False
        return self._filters(rest if chosen else tokens)

    def _filters(self, tokens: list[Token]) -> bool:
        """No row passes the conditions of ``WHERE``, or those of the inner joins."""
        if _at_top(tokens, _SETS):
            return False
        conditions = [
            _until(tokens[at + 1 :], _CLAUSES) for at in _tops(tokens) if tokens[at].upper == "WHERE"
        ]
        if not _at_top(tokens, _OUTER):
            conditions += [
                _until(tokens[at + 1 :], _CLAUSES | _JOINS)
                for at in _tops(tokens)
                if tokens[at].upper == "ON"
            ]
        return any(map(self._is_false, conditions)) and not any(map(_is_open, conditions))

    def _is_false(self, tokens: list[Token]) -> bool:
        """The condition holds of no row."""
        while tokens and tokens[0].text == "(" and _closing(tokens, 0) == len(tokens) - 1:
            tokens = tokens[1:-1]
        arms = _split(tokens, "OR")
        if len(arms) > 1:
            return all(map(self._is_false, arms))
        arms = _split(tokens, "AND")
        if len(arms) > 1:
            return any(map(self._is_false, arms))
        if _at_top(tokens, words("NOT")):
            return False
        if tokens and tokens[0].upper == "EXISTS" and _closing(tokens, 1) == len(tokens) - 1:
            return self.finds_none(tokens[2:-1])
        for at in _tops(tokens):
            if tokens[at].text in _EQUALS or tokens[at].upper in _MATCHES:
                left, right = tokens[:at], tokens[at + 1 :]
                if self._is_null(left) or self._is_null(right):
                    return True
                if tokens[at].upper == "IN":
                    return _is_column(left) and self._is_blank(right)
                if tokens[at].text in _EQUALS:
                    return (_is_column(left) and self._is_blank(right)) or (
                        _is_column(right) and self._is_blank(left)
                    )
                return False
        return False

    def _is_blank(self, tokens: list[Token]) -> bool:
        """It is a value that no column equals, and nothing else: ``?``, ``?::text``, ``(?)``, ``(?, ?)``."""
        if len(tokens) > 2 and tokens[0].text == "(" and _closing(tokens, 0) == len(tokens) - 1:
            inner = tokens[1:-1]
            if inner[0].upper in _FINDS:
                return self.finds_none(inner)
            return all(self._is_blank(one) or self._is_null(one) for one in _split(inner, ","))
        is_plain = len(tokens) == 1 or (len(tokens) == 3 and tokens[1].text == "::")
        return is_plain and id(tokens[0]) in self.blank

    def _is_null(self, tokens: list[Token]) -> bool:
        """One side of a comparison has no value."""
        if len(tokens) > 2 and tokens[0].text == "(" and _closing(tokens, 0) == len(tokens) - 1:
            inner = tokens[1:-1]
            if inner[0].upper in _FINDS:
                return self.finds_none(inner)
            if _split(inner, ",") != [inner]:
                return all(map(self._is_null, _split(inner, ",")))
            tokens = inner
        return any(id(token) in self.missing for token in tokens) and not any(
            token.upper in _LOOSE for token in tokens
        )


def _keys(tokens: list[Token]) -> Iterator[tuple[Token, Key]]:
    """The placeholders, and which value each of them stands for."""
    position = 0
    for token in tokens:
        if token.kind is not Kind.PLACEHOLDER or HOLE in token.text:
            continue
        name = token.text.lstrip("?:$@%").strip("{}")
        if token.text.startswith("%("):
            yield token, token.text[2 : token.text.index(")")]
        elif not name or (token.text[0] == "%" and len(name) == 1):
            yield token, position
            position += 1
        else:
            yield token, int(name) - 1 if name.isdecimal() else name


def _chosen(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    """What stands between ``SELECT`` and ``FROM`` at the top, and the rest."""
    start = next((at for at in _tops(tokens) if tokens[at].upper == "SELECT"), None)
    if start is None:
        return [], tokens
    rest = tokens[start + 1 :]
    end = next((at for at in _tops(rest) if rest[at].upper in ("FROM", "WHERE")), len(rest))
    return rest[:end], rest[end:]


def _may_sum_up(chosen: list[Token]) -> bool:
    """A function among the columns may make one row of all of them, of none as well."""
    if any(token.upper in _AGGREGATES for token in chosen):
        return True
    return any(
        after.text == "("
        and token.kind in (Kind.WORD, Kind.NAME, Kind.HOLE)
        and token.upper not in _ROW_FUNCTIONS
        and token.upper not in _NO_FUNCTIONS
        for token, after in pairwise(chosen)
    )


def _is_grouped(rest: list[Token]) -> bool:
    """There is a row for each group, and none for all of them together."""
    if not _at_top(rest, words("GROUP")) or any(token.upper in _TOTALS for token in rest):
        return False
    return not any(one.text == "(" and after.text == ")" for one, after in pairwise(rest))


def _is_column(tokens: list[Token]) -> bool:
    """It is made of a column alone: nothing in it makes a text of what has no value."""
    return any(token.kind in (Kind.WORD, Kind.NAME, Kind.HOLE) for token in tokens) and not any(
        token.kind in (Kind.STRING, Kind.PLACEHOLDER) or token.upper in _LOOSE for token in tokens
    )


def _is_alias(tokens: list[Token]) -> bool:
    return len(tokens) == 1 or (len(tokens) == 2 and tokens[0].upper == "AS")


def _tops(tokens: list[Token]) -> Iterator[int]:
    """The positions outside of parentheses and of ``CASE … END``."""
    depth = 0
    for at, token in enumerate(tokens):
        depth -= token.text == ")" or token.upper == "END"
        if depth == 0:
            yield at
        depth += token.text == "(" or token.upper == "CASE"


def _at_top(tokens: list[Token], wanted: frozenset[str]) -> bool:
    return any(tokens[at].upper in wanted for at in _tops(tokens))


def _until(tokens: list[Token], ends: frozenset[str]) -> list[Token]:
    end = next((at for at in _tops(tokens) if tokens[at].upper in ends), len(tokens))
    return tokens[:end]


def _closing(tokens: list[Token], opening: int) -> int:
    """Where the parenthesis ends that is opened at ``opening``; beyond the end if it is none."""
    depth = 0
    for at in range(opening, len(tokens)):
        depth += (tokens[at].text == "(") - (tokens[at].text == ")")
        if depth == 0:
            return at if at > opening else len(tokens)
    return len(tokens)


def _split(tokens: list[Token], separator: str) -> list[list[Token]]:
    """The parts between the separators at the top; the ``AND`` of ``BETWEEN … AND …`` is none."""
    parts: list[list[Token]] = []
    start, between = 0, False
    for at in _tops(tokens):
        if separator in (tokens[at].upper, tokens[at].text):
            if between and separator == "AND":
                between = False
                continue
            parts.append(tokens[start:at])
            start = at + 1
        between = between or tokens[at].upper == "BETWEEN"
    return [*parts, tokens[start:]]


def _is_open(tokens: list[Token]) -> bool:
    """A hole stands in it that may be more than a name or a value."""
    return any(
        token.kind is Kind.HOLE
        and not any(
            0 <= near < len(tokens) and tokens[near].text in (*_EQUALS, ".") for near in (at - 1, at + 1)
        )
        for at, token in enumerate(tokens)
    )
