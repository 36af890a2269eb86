"""What the words of SQL announce: the tables of the token reader.

An entry says what stands after a word. The tables hold every dialect together, since the reader
seldom knows it.
"""

from __future__ import annotations

import enum
from typing import NamedTuple

from backend_gate.backend.sql.position import Position


class Slot(enum.Enum):
    """What would stand at the next token."""

    STATEMENT = "a statement, or a subquery"
    TABLE = "a table or another object"
    NAME = "a name that is declared or referred to"
    COLUMN = "an expression that is selected, grouped or ordered by"
    CONDITION = "a condition"
    VALUE = "the right side of an operator"
    ARGUMENT = "the first argument of a function"
    ASSIGNMENT = "an assignment of UPDATE"
    DEFINITION = "a column or constraint of a table"
    TYPE = "a type"
    INTERVAL = "the text of an interval"
    KEYWORD = "a word of the language"
    SETTING = "the name of a setting"
    LITERAL = "a literal that takes no parameter"
    DONE = "nothing: an operand stands before"


class Entry(NamedTuple):
    """``slot`` is what stands after the word.

    ``element``, if set, is what a comma returns to, and the word begins the clause ``clause``.
    """

    slot: Slot
    element: Slot | None = None
    clause: str = ""


class Verb(NamedTuple):
    """``mode`` picks the table for the following words, ``literal`` is the position of values."""

    mode: str
    literal: Position
    entry: Entry


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


def _entries(text: str, entry: Entry) -> dict[str, Entry]:
    return dict.fromkeys(text.split(), entry)


_VALUE, _UNBINDABLE = Position.VALUE, Position.UNBINDABLE


def _clause(word: str, element: Slot) -> dict[str, Entry]:
    return {word: Entry(element, element, word)}


VERBS: dict[str, Verb] = {
    "SELECT": Verb("query", _VALUE, Entry(Slot.COLUMN, Slot.COLUMN, "SELECT")),
    "WITH": Verb("query", _VALUE, Entry(Slot.NAME, Slot.NAME, "WITH")),
    "VALUES": Verb("query", _VALUE, Entry(Slot.VALUE, Slot.VALUE, "VALUES")),
    "INSERT": Verb("query", _VALUE, Entry(Slot.KEYWORD, Slot.KEYWORD, "INSERT")),
    "REPLACE": Verb("query", _VALUE, Entry(Slot.KEYWORD, Slot.KEYWORD, "INSERT")),
    "MERGE": Verb("query", _VALUE, Entry(Slot.KEYWORD, Slot.KEYWORD, "INSERT")),
    "UPDATE": Verb("query", _VALUE, Entry(Slot.TABLE, Slot.TABLE, "UPDATE")),
    "DELETE": Verb("query", _VALUE, Entry(Slot.KEYWORD, Slot.TABLE, "DELETE")),
    "EXPLAIN": Verb("query", _VALUE, Entry(Slot.STATEMENT, Slot.STATEMENT, "EXPLAIN")),
    "DECLARE": Verb("query", _VALUE, Entry(Slot.NAME, Slot.NAME, "DECLARE")),
    **dict.fromkeys(
        ("CALL", "EXEC", "EXECUTE", "ATTACH", "DETACH"),
        Verb("call", _VALUE, Entry(Slot.NAME, Slot.VALUE, "CALL")),
    ),
    **dict.fromkeys(
        (
            "SHOW",
            "USE",
            "DESCRIBE",
            "DESC",
            "SAVEPOINT",
            "RELEASE",
            "LISTEN",
            "UNLISTEN",
            "REINDEX",
            "REFRESH",
        ),
        Verb("definition", _VALUE, Entry(Slot.NAME, Slot.NAME, "NAME")),
    ),
    **dict.fromkeys(
        ("ANALYZE", "ANALYSE", "VACUUM", "TRUNCATE", "LOCK", "COPY"),
        Verb("definition", _UNBINDABLE, Entry(Slot.TABLE, Slot.TABLE, "NAME")),
    ),
    **dict.fromkeys(
        ("CREATE", "ALTER", "DROP", "COMMENT", "RENAME"),
        Verb("definition", _UNBINDABLE, Entry(Slot.KEYWORD, Slot.NAME, "OBJECT")),
    ),
    **dict.fromkeys(
        ("GRANT", "REVOKE"), Verb("definition", _UNBINDABLE, Entry(Slot.KEYWORD, Slot.KEYWORD, "GRANT"))
    ),
    "SET": Verb("setting", _UNBINDABLE, Entry(Slot.SETTING, Slot.SETTING, "SET")),
    "RESET": Verb("setting", _UNBINDABLE, Entry(Slot.SETTING, Slot.SETTING, "SET")),
    "PRAGMA": Verb("setting", _UNBINDABLE, Entry(Slot.SETTING, Slot.LITERAL, "PRAGMA")),
    "NOTIFY": Verb("notify", _UNBINDABLE, Entry(Slot.NAME, Slot.LITERAL, "NOTIFY")),
    "DO": Verb("setting", _UNBINDABLE, Entry(Slot.LITERAL, Slot.LITERAL, "DO")),
    **dict.fromkeys(  # files to and from a stage of Snowflake
        ("PUT", "GET"), Verb("setting", _UNBINDABLE, Entry(Slot.LITERAL, Slot.LITERAL, "STAGE"))
    ),
    "LOAD": Verb("setting", _UNBINDABLE, Entry(Slot.LITERAL, Slot.LITERAL, "LOAD")),
    "KILL": Verb("setting", _UNBINDABLE, Entry(Slot.LITERAL, Slot.LITERAL, "KILL")),
}
"""The words that begin a statement."""

QUERY: dict[str, Entry] = {
    **_entries("FROM JOIN APPLY STRAIGHT_JOIN", Entry(Slot.TABLE, Slot.TABLE, "FROM")),
    **_entries("INTO OVERWRITE", Entry(Slot.TABLE, Slot.TABLE, "INTO")),
    **_clause("USING", Slot.TABLE),
    **_clause("WHERE", Slot.CONDITION),
    **_clause("HAVING", Slot.CONDITION),
    **_clause("QUALIFY", Slot.CONDITION),
    **_clause("ON", Slot.CONDITION),
    **_clause("WHEN", Slot.CONDITION),
    **_clause("VALUES", Slot.VALUE),
    **_clause("SET", Slot.ASSIGNMENT),
    **_clause("LIMIT", Slot.VALUE),
    **_clause("OFFSET", Slot.VALUE),
    **_clause("RETURNING", Slot.COLUMN),
    **_clause("OUTPUT", Slot.COLUMN),
    **_clause("WINDOW", Slot.NAME),
    **_entries("TOP FIRST NEXT", Entry(Slot.VALUE)),
    **_entries("UNION EXCEPT INTERSECT MINUS", Entry(Slot.STATEMENT, Slot.STATEMENT, "UNION")),
    **_entries("ORDER GROUP PARTITION CLUSTER", Entry(Slot.KEYWORD, Slot.COLUMN, "BY")),
    **_entries(
        "LIKE ILIKE RLIKE REGEXP GLOB MATCH TO ESCAPE DIV MOD XOR ZONE THEN ELSE SOUNDS CONTAINS IN BETWEEN",
        Entry(Slot.VALUE),
    ),
    **_entries("IS NULLS FOR", Entry(Slot.KEYWORD)),
    **_entries("AND OR NOT", Entry(Slot.CONDITION)),
    **_entries("COLLATE OVER", Entry(Slot.NAME)),
    "INTERVAL": Entry(Slot.INTERVAL),
    "CONFLICT": Entry(Slot.KEYWORD, Slot.COLUMN, "CONFLICT"),
    **_entries(
        "NULL TRUE FALSE DEFAULT CURRENT_TIMESTAMP CURRENT_DATE CURRENT_TIME ASC DESC", Entry(Slot.DONE)
    ),
    **_entries("ROWS ROW RANGE ONLY PRECEDING FOLLOWING PERCENT", Entry(Slot.DONE)),
}
"""SELECT, INSERT, UPDATE, DELETE and their clauses."""

DEFINITION: dict[str, Entry] = {
    **_entries(
        "TABLE TABLES INDEX VIEW SCHEMA DATABASE SEQUENCE TRIGGER FUNCTION PROCEDURE EXTENSION DOMAIN POLICY "
        "PUBLICATION SUBSCRIPTION TABLESPACE SERVER ROLE USER GROUP LOGIN KEYSPACE AGGREGATE RULE",
        Entry(Slot.NAME, Slot.NAME, "OBJECT"),
    ),
    **_entries("COLUMN ADD MODIFY CHANGE", Entry(Slot.DEFINITION, Slot.DEFINITION, "COLUMN")),
    **_entries("CONSTRAINT COLLATE RENAME PARTITION OWNED", Entry(Slot.NAME)),
    **_entries("TO OF ON REFERENCES LIKE FROM INTO INHERITS FOR", Entry(Slot.NAME, Slot.NAME, "ON")),
    **_entries("USING LANGUAGE MODE METHOD", Entry(Slot.KEYWORD)),
    **_entries("KEY UNIQUE PRIMARY FOREIGN BY INCLUDE", Entry(Slot.KEYWORD, Slot.COLUMN, "KEY")),
    **_entries("DEFAULT SET PASSWORD IS VALUES IN BETWEEN AND WITH COMMENT", Entry(Slot.LITERAL)),
    **_entries("NULL TRUE FALSE CURRENT_TIMESTAMP CURRENT_DATE CASCADE RESTRICT", Entry(Slot.DONE)),
    **_entries("CHECK WHERE WHEN", Entry(Slot.CONDITION)),
    "TYPE": Entry(Slot.TYPE),
}
"""CREATE, ALTER, DROP and other statements about objects."""

SETTING: dict[str, Entry] = {
    **_entries("TO", Entry(Slot.LITERAL)),
    **_entries("SESSION LOCAL GLOBAL PERSIST", Entry(Slot.SETTING)),
    **_entries("ROLE AUTHORIZATION CONSTRAINTS TRANSACTION ISOLATION LEVEL NAMES", Entry(Slot.LITERAL)),
}
"""SET and PRAGMA."""

TABLES: dict[str, dict[str, Entry]] = {
    "query": QUERY,
    "call": QUERY,
    "definition": DEFINITION,
    "setting": SETTING,
    "notify": {},
}

TRANSPARENT = words(
    "ONLY IF EXISTS CONCURRENTLY TEMP TEMPORARY LATERAL RECURSIVE MATERIALIZED ALL DISTINCT IGNORE "
    "LOW_PRIORITY DELAYED CASCADED LOCAL GLOBAL SESSION UNLOGGED EXTERNAL FULLTEXT SPATIAL CLUSTERED "
    "NONCLUSTERED ANALYZE VERBOSE FULL HIGH_PRIORITY SQL_CALC_FOUND_ROWS STRAIGHT_JOIN ABORT ROLLBACK "
    "FAIL DATABASE PROCEDURE"
)
"""Words that change nothing about what is expected."""

PHRASES = words(
    "INNER LEFT RIGHT FULL OUTER CROSS NATURAL GROUP ORDER BY HAVING WHERE LIMIT OFFSET UNION EXCEPT "
    "INTERSECT FETCH FOR WINDOW RETURNING ON USING SET VALUES FROM JOIN INTO SELECT WITH AS AND OR "
    "THEN ELSE END WHEN ASC DESC NULLS DO ROWS RANGE QUALIFY DEFAULT CASCADE RESTRICT OVER FILTER TO "
    "PARTITION IS"
)
"""Words that no operand begins with: they end what stands before them."""

COMPARISONS = words(
    "= <> != < > <= >= <=> == LIKE ILIKE RLIKE REGEXP GLOB MATCH SIMILAR ~ ~* !~ !~* @> <@ && @@ @?"
)
LEFT_SIDE = COMPARISONS | words("IS IN BETWEEN NOT -> ->> #> #>> :: || + - * / % [ COLLATE AT ?")
"""What follows the left side of a condition."""

AGGREGATES = words(
    "COUNT SUM AVG MIN MAX TOTAL STDDEV VARIANCE MEDIAN GROUP_CONCAT STRING_AGG ARRAY_AGG JSON_AGG "
    "JSONB_AGG BOOL_OR BOOL_AND ANY_VALUE FIRST_VALUE LAST_VALUE LAG LEAD RANK DENSE_RANK NTILE "
    "ROW_NUMBER ROLLUP CUBE SETS GROUPING"
)
"""Functions whose argument is a column."""
