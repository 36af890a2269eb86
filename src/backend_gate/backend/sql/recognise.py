"""Telling SQL from prose.

Messages such as "select one from the list" or "update {name}, then set …" share their words with
SQL. What they lack is its shape: a list before FROM, an assignment after SET, a name (not an article)
where a table stands, nothing but a clause behind it. Statements that do not shout have to show
something that prose never has as well, or to be all of the text, in lower case: messages begin with a
capital.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from backend_gate.backend.sql import keywords as kw
from backend_gate.backend.sql.tokens import HOLE, Kind, Token, tokenize

_MAX_LENGTH = 20_000
_END = Token(Kind.OPERATOR, "", "", False, ())

_PROSE = kw.words(
    "AN THE THIS THAT THESE THOSE YOUR OUR MY ITS THEIR HIS HER EACH EVERY SOME SUCH BOTH EITHER "
    "NEITHER NO WHICH WHAT IT THEM US YOU WE THEY OF FOR WITH IN ON AT BY TO AS IS ARE WAS WERE BE "
    "BEEN FROM AND OR NOT BUT IF WHEN WHERE WHILE MUST SHOULD CAN CANNOT COULD MAY MIGHT WILL WOULD "
    "HAS HAVE HAD FAILED BEFORE AFTER INSTEAD WITHIN BETWEEN AMONG ONLY ABOVE BELOW ABOUT OVER UNDER "
    "INTO SELECT SET VALUES"
)
_AFTER_TABLE = kw.words(
    "WHERE JOIN LEFT RIGHT FULL INNER OUTER CROSS NATURAL GROUP ORDER HAVING LIMIT OFFSET UNION "
    "EXCEPT INTERSECT FETCH FOR WINDOW RETURNING ON USING SET VALUES AS SELECT WITH DEFAULT "
    "TABLESAMPLE PARTITION PIVOT QUALIFY LATERAL FORCE USE OVERRIDING CASCADE RESTRICT LIKE ADD DROP "
    "ALTER RENAME MODIFY CHANGE OWNER ENABLE DISABLE ATTACH DETACH TO VALIDATE OWNED INHERIT NO "
    "ENGINE AUTO_INCREMENT CONVERT REPLACE TYPE OF"
)
_OBJECTS = kw.words(
    "TABLE INDEX VIEW SCHEMA DATABASE SEQUENCE TRIGGER FUNCTION PROCEDURE EXTENSION USER ROLE DOMAIN "
    "POLICY TYPE PUBLICATION SUBSCRIPTION SERVER MATERIALIZED COLUMN"
)
_OBJECT_MODIFIERS = kw.words(
    "OR REPLACE TEMP TEMPORARY UNIQUE UNLOGGED EXTERNAL VIRTUAL FULLTEXT SPATIAL IF NOT EXISTS "
    "CONCURRENTLY ONLY MATERIALIZED GLOBAL LOCAL RECURSIVE CLUSTERED NONCLUSTERED"
)
_CLAUSES = kw.words("WHERE AND OR ORDER GROUP LIMIT OFFSET HAVING UNION RETURNING JOIN LEFT INNER SET VALUES")
_STARTS = re.compile(
    rf"(?:\s|\(|--[^\n]*\n|/\*.{{0,500}}?\*/)*(?:{HOLE}\s*(?:{'|'.join(sorted(_CLAUSES))})"
    rf"|(?:{'|'.join(sorted(kw.VERBS))}))\b",
    re.IGNORECASE | re.DOTALL,
)


def looks_like_sql(text: str) -> bool:
    """Whether a text is a SQL statement (or begins with a hole and goes on as one).

    Holes are written as :data:`~backend_gate.backend.sql.tokens.HOLE`. A text in plain words is no
    SQL, even if it begins with a verb of SQL: ``"Select one from the list"``, ``"update failed"``.
    """
    text = text[:_MAX_LENGTH]
    if not _STARTS.match(text):
        return False
    tokens = [t for t in tokenize(text, None) if t.kind is not Kind.COMMENT]
    while tokens and tokens[0].text == "(":
        tokens = tokens[1:]
    return bool(tokens) and _Text(tokens).is_sql()


class _Text:
    """The tokens of a text that begins like SQL."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.loud = tokens[0].text.isupper()
        self.evident = self._evident()

    def is_sql(self) -> bool:
        first = self.tokens[0]
        if first.kind is Kind.HOLE:
            second = self.at(1)
            return (
                second.upper in _CLAUSES
                and second.text.isupper()
                and (self.evident or self.at(2).upper == "BY")
            )
        check = _CHECKS.get(first.upper)
        return check is not None and check(self)

    def at(self, index: int) -> Token:
        return self.tokens[index] if index < len(self.tokens) else _END

    def _evident(self) -> bool:
        """Something that prose never has: an operator, a placeholder, ORDER BY, a star that is selected."""
        for index, token in enumerate(self.tokens):
            if token.kind is Kind.PLACEHOLDER and token.text != "?":
                return True
            if token.kind is Kind.OPERATOR and (token.text in kw.COMPARISONS or token.text in ("||", "::")):
                return True
            if token.text == "*" and self.at(index - 1 if index else 0).text.upper() in (
                "SELECT",
                "(",
                ".",
                ",",
            ):
                return True
            if token.upper in ("ORDER", "GROUP", "PARTITION") and self.at(index + 1).upper == "BY":
                return True
            if token.upper in ("LIMIT", "OFFSET") and self.at(index + 1).kind in (Kind.HOLE, Kind.NUMBER):
                return True
        return False

    # --- parts ------------------------------------------------------------------------------------

    def skip(self, index: int, words: frozenset[str]) -> int:
        while self.at(index).upper in words:
            index += 1
        return index

    def object_end(self, index: int) -> int | None:
        """The index behind the name of an object at ``index``; ``None`` if no name stands there."""
        if not self.is_name(index):
            return None
        index += 1
        while self.at(index).text == "." and self.is_name(index + 1, qualified=True):
            index += 2
        return index

    def is_name(self, index: int, *, qualified: bool = False) -> bool:
        """Something that can name a table: no article (such as "a" before a word), no conjunction, …"""
        token = self.at(index)
        if token.kind is not Kind.WORD:
            return token.kind in (Kind.NAME, Kind.HOLE)
        if token.upper == "A" and not qualified:
            return self.at(index + 1).kind is not Kind.WORD or self.at(index + 1).upper in _AFTER_TABLE | {
                "FROM"
            }
        return bool(token.holes) or qualified or token.upper not in _PROSE

    def goes_on(self, index: int) -> bool:
        """Behind a table: the end, a clause, a hole, a parenthesis, a comma, or an alias and one of these."""
        for alias in (0, 1):
            token = self.at(index + alias)
            if alias and not (self.at(index).kind is Kind.WORD and self.is_name(index)):
                return False
            if token is _END or token.kind in (Kind.HOLE, Kind.STRING) or token.text in ("(", ")", ",", ";"):
                if token.text != ",":
                    return True
                return self.is_name(index + alias + 1) or self.at(index + alias + 1).kind is Kind.STRING
            if token.upper in _AFTER_TABLE:
                return True
        return False

    def depth_zero(self, word: str, start: int) -> int | None:
        depth = 0
        for index in range(start, len(self.tokens)):
            token = self.tokens[index]
            depth += (token.text == "(") - (token.text == ")")
            if depth < 0 or token.text == ";":
                return None
            if depth == 0 and token.upper == word:
                return index
        return None

    def is_select_list(self, start: int, end: int) -> bool:
        """A list of expressions, none of which is a row of plain words."""
        if start >= end:
            return False
        depth, item = 0, 0
        for index, token in enumerate(self.tokens[start:end], start):
            depth += (token.text == "(") - (token.text == ")")
            if depth == 0 and token.text == ",":
                if item == 0:
                    return False
                item = 0
            elif item == 0 and token.kind is Kind.WORD and token.upper != "NOT" and not self.is_name(index):
                return False
            elif (
                token.kind is Kind.OPERATOR or depth or token.upper in ("AS", "CASE", "INTERVAL") or item < 0
            ):
                item = -1  # not a row of plain words
            else:
                item += 1
                if item > 2 or (item == 2 and token.kind is not Kind.WORD):
                    return False
        return item != 0

    # --- statements -------------------------------------------------------------------------------

    def select(self, index: int = 0) -> bool:
        start = self.skip(index + 1, kw.words("ALL DISTINCT SQL_CALC_FOUND_ROWS"))
        if self.at(start).upper == "ON" or self.at(start).upper == "TOP":
            return self.loud or self.evident
        origin = self.depth_zero("FROM", start)
        if origin is None:
            return self._select_value(start)
        if start == origin:  # PostgreSQL selects no columns, too
            if not (self.loud and self.evident):
                return False
        elif not self.is_select_list(start, origin):
            return False
        table = self.skip(origin + 1, kw.words("LATERAL ONLY"))
        if self.at(table).text != "(":
            behind = self.object_end(table)
            if behind is None or not self.goes_on(behind):
                return False
            if self.tokens[0].text.islower() and self.at(behind).text in ("", ";"):
                return True
        return self.evident or (self.loud and self.tokens[origin].text.isupper())

    def _select_value(self, start: int) -> bool:
        """SELECT without FROM: a call, a literal or a hole."""
        first, second = self.at(start), self.at(start + 1)
        if first.kind is Kind.WORD and second.text == "(" and second.glued:
            return self.loud or self.tokens[-1].text in (")", ";")
        if first.kind in (Kind.HOLE, Kind.NUMBER, Kind.STRING, Kind.PLACEHOLDER) or first.text in ("*", "("):
            return self.loud and (
                second is _END or second.kind is not Kind.WORD or second.upper in _AFTER_TABLE
            )
        holes = any(t.kind is Kind.HOLE for t in self.tokens)
        listed = second.upper == "AS" or second.text in (",", ".")
        return (
            self.loud
            and (self.evident or (holes and listed))
            and self.is_select_list(start, len(self.tokens))
        )

    def insert(self) -> bool:
        index = self.skip(1, kw.words("ABORT DELAYED FAIL IGNORE LOW_PRIORITY OR REPLACE ROLLBACK"))
        if self.at(index).upper in ("INTO", "OVERWRITE"):
            behind = self.object_end(index + 1)
            if behind == index + 2 and self.at(index + 1).upper == "TABLE" and self.is_name(behind):
                behind = self.object_end(behind)
        else:  # MySQL can do without INTO
            behind = self.object_end(index)
            if not self.loud or behind is None or self.at(behind).upper != "VALUES":
                return False
        if behind is None:
            return False
        token = self.at(behind)
        if token.upper == "AS" or (token.kind is Kind.WORD and self.at(behind + 1).text == "("):
            return True
        return (
            token.text == "("
            or token.kind is Kind.HOLE
            or token.upper in ("VALUES", "SELECT", "DEFAULT", "SET", "WITH")
        )

    def update(self) -> bool:
        behind = self.object_end(self.skip(1, kw.words("IGNORE LOW_PRIORITY ONLY OR REPLACE ROLLBACK")))
        if behind is None or not self.goes_on(behind):
            return False
        place = self.depth_zero("SET", behind)
        if place is None or place > behind + 2:
            return place is not None and self.evident and self.loud
        column = self.object_end(place + 1)
        if self.at(place + 1).kind is Kind.HOLE and self.at(place + 2).text != "=":
            return self.loud and self.tokens[place].text.isupper()
        return self.at(place + 1).text == "(" or (column is not None and self.at(column).text == "=")

    def delete(self) -> bool:
        if self.at(1).upper != "FROM":
            return False
        behind = self.object_end(self.skip(2, kw.words("ONLY")))
        if behind is None or not self.goes_on(behind):
            return False
        bare = self.at(behind) is _END
        written = self.at(2).kind is not Kind.WORD or self.at(2).holes or "_" in self.at(2).text or behind > 3
        return self.evident or (self.loud and self.at(1).text.isupper()) or bool(bare and written)

    def merge(self) -> bool:
        return self.at(1).upper == "INTO" and self.depth_zero("USING", 2) is not None and self.evident

    def with_(self) -> bool:
        index = self.skip(1, kw.words("RECURSIVE"))
        name = self.at(index)
        if name.kind is Kind.HOLE and self.loud:
            rest = self.tokens[index:]
            verbs = any(t.upper in ("SELECT", "INSERT", "UPDATE", "DELETE") for t in rest)
            return verbs or (len(rest) > 1 and all(t.kind is Kind.HOLE for t in rest))
        place = self.depth_zero("AS", index)
        if place is None or (place != index + 1 and self.at(index + 1).text != "("):
            return False
        return (
            name.kind in (Kind.WORD, Kind.NAME)
            and self.at(self.skip(place + 1, _OBJECT_MODIFIERS)).text == "("
        )

    def values(self) -> bool:
        return self.at(1).text == "(" and (self.loud or self.at(1).glued)

    def object(self) -> bool:
        """CREATE, ALTER, DROP."""
        index = self.skip(1, _OBJECT_MODIFIERS - {"MATERIALIZED"})
        if self.at(index).upper not in _OBJECTS:
            return False
        if (
            self.at(0).upper == "CREATE"
            and self.at(index).upper == "INDEX"
            and self.at(index + 1).upper == "ON"
        ):
            return self.object_end(index + 2) is not None and "(" in {t.text for t in self.tokens}
        start = self.skip(index + 1, _OBJECT_MODIFIERS | _OBJECTS)
        behind = self.object_end(start)
        if behind is not None and self.loud and self.at(index).upper == "TRIGGER":
            return True
        if behind is None or not self.goes_on(behind):
            return False
        written = (
            self.at(start).kind is not Kind.WORD or bool(self.at(start).holes) or "_" in self.at(start).text
        )
        return self.loud or self.evident or "(" in {t.text for t in self.tokens} or written

    def pragma(self) -> bool:
        behind = self.object_end(1)
        return behind is not None and (self.at(behind) is _END or self.at(behind).text in ("=", "(", ";"))

    def set_(self) -> bool:
        index = self.skip(1, kw.words("GLOBAL LOCAL SESSION"))
        behind = self.object_end(index)
        if self.at(index).text.startswith("@"):
            return self.at(index + 1).text in ("=", ":=")
        if behind is None or not self.loud:
            return False
        if self.at(behind).kind in (Kind.HOLE, Kind.NUMBER):  # SET LOCK_TIMEOUT 1000
            return "_" in self.at(index).text and self.at(behind + 1) is _END
        return self.at(behind).text in ("=", ":=") or (
            self.at(behind).upper == "TO" and self.at(behind).text.isupper()
        )

    def do(self) -> bool:
        return self.at(1).kind in (Kind.BODY, Kind.STRING) and self.loud

    def call(self) -> bool:
        behind = self.object_end(1)
        if behind is None:
            return False
        following = self.at(behind)
        if following.text == "(" and following.glued:
            return self.tokens[-1].text in (")", ";")
        return self.loud and (
            following is _END or following.text == ";" or following.kind in (Kind.PLACEHOLDER, Kind.STRING)
        )

    def grant(self) -> bool:
        place = self.depth_zero("ON", 1)
        return self.loud and place is not None and any(t.upper in ("TO", "FROM") for t in self.tokens[place:])

    def named(self) -> bool:
        """A loud verb and one name: TRUNCATE t, NOTIFY c, 'x', LOCK TABLE t, USE d."""
        behind = self.object_end(self.skip(1, kw.words("DATABASE INDEX MATERIALIZED ONLY TABLE VIEW")))
        return self.loud and behind is not None and self.goes_on(behind)

    def copy(self) -> bool:
        behind = self.object_end(1)
        if self.at(1).text == "(":
            return self.loud
        words = {t.upper for t in self.tokens[2:]}
        return self.loud and behind is not None and bool(words & {"FROM", "TO"})

    def attach(self) -> bool:
        return self.loud and self.at(1).upper in ("DATABASE", "") and self.depth_zero("AS", 1) is not None

    def explain(self) -> bool:
        index = self.skip(1, kw.words("ANALYZE FOR PLAN QUERY VERBOSE"))
        rest = self.tokens[index:]
        if not rest:
            return False
        return self.loud if rest[0].kind is Kind.HOLE else _Text(rest).is_sql()


_CHECKS: dict[str, Callable[[_Text], bool]] = {
    "SELECT": _Text.select,
    "INSERT": _Text.insert,
    "REPLACE": _Text.insert,
    "UPDATE": _Text.update,
    "DELETE": _Text.delete,
    "MERGE": _Text.merge,
    "WITH": _Text.with_,
    "VALUES": _Text.values,
    "CREATE": _Text.object,
    "ALTER": _Text.object,
    "DROP": _Text.object,
    "PRAGMA": _Text.pragma,
    "SET": _Text.set_,
    "DO": _Text.do,
    "CALL": _Text.call,
    "EXEC": _Text.call,
    "EXECUTE": _Text.call,
    "GRANT": _Text.grant,
    "REVOKE": _Text.grant,
    "COPY": _Text.copy,
    "ATTACH": _Text.attach,
    "EXPLAIN": _Text.explain,
    **dict.fromkeys(
        (
            "TRUNCATE",
            "NOTIFY",
            "LISTEN",
            "LOCK",
            "USE",
            "VACUUM",
            "ANALYZE",
            "REINDEX",
            "DESCRIBE",
            "REFRESH",
            "SAVEPOINT",
        ),
        _Text.named,
    ),
}
