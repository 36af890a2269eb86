"""The parser's opinion: positions of holes from a syntax tree.

sqlglot is imported on the first call only. It reads a copy of the statement in which placeholders are
normalised and holes are names that occur nowhere else. What it cannot parse, or keeps as an opaque
command, it has no opinion on.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from backend_gate.backend.sql import keywords as kw
from backend_gate.backend.sql.frame import Reading, begins_operand
from backend_gate.backend.sql.position import Position
from backend_gate.backend.sql.tokens import Kind, Token

if TYPE_CHECKING:
    from sqlglot import exp

MAX_TOKENS = 4_000
"""Longer statements are left to the token reader. sqlglot needs about a millisecond for 100 tokens."""
MAX_DEPTH = 16
"""Deeper nesting is left to the token reader: sqlglot recurses, about twenty frames a level."""

_DIALECTS = ("postgres", "sqlite", "mysql", "tsql")
_LIKELY = (  # what a dialect alone writes, so that the first try is the right one
    ("mysql", re.compile(r"`|\bON\s+DUPLICATE\s+KEY\b", re.IGNORECASE)),
    ("tsql", re.compile(r"\bSELECT\s+TOP\b|\bFROM\s+\[|\bNOLOCK\b", re.IGNORECASE)),
)
_KEEP_FRAGMENT_AFTER = kw.words("WHERE AND OR NOT ON HAVING WHEN ( , SET SELECT BY")


def parse(tokens: list[Token], readings: dict[int, Reading], dialect: str | None) -> dict[int, Position]:
    """What a syntax tree says about the holes that ``readings`` leave in doubt.

    ``dialect`` is a name sqlglot knows; without one several are tried. Empty if nothing parses, or if
    the statement is too long or too deep.
    """
    words = [t for t in tokens if t.kind is not Kind.COMMENT]
    if len(words) > MAX_TOKENS or _depth(words) > MAX_DEPTH:
        return {}
    prefix = _unused_prefix(words)
    texts = list(dict.fromkeys(_render(words, readings, prefix, fill=f) for f in (False, True)))
    for text in texts:
        for name in [dialect] if dialect else _order("".join(t.text + " " for t in words)):
            found = _read(text, name, prefix, words)
            if found is not None:
                return found
    return {}


def _depth(tokens: list[Token]) -> int:
    depth = deepest = chain = 0
    for token in tokens:
        opens = token.text in ("(", "[") or token.upper == "CASE"
        depth += opens - (token.text in (")", "]") or token.upper == "END")
        chain = chain + 1 if token.text in ("-", "+", "~") or token.upper == "NOT" else 0
        deepest = max(deepest, depth, chain)
    return deepest


def _order(text: str) -> list[str]:
    likely = [name for name, pattern in _LIKELY if pattern.search(text)]
    return list(dict.fromkeys((*likely, *_DIALECTS)))


def _unused_prefix(tokens: list[Token]) -> str:
    text = " ".join(t.text for t in tokens).lower()
    number = 0
    while f"hole{number}x" in text:
        number += 1
    return f"hole{number}x"


def _render(tokens: list[Token], readings: dict[int, Reading], prefix: str, *, fill: bool) -> str:
    """The statement for the parser; ``fill``: without the fragments that no name can stand for."""
    out: list[str] = []
    for index, token in enumerate(tokens):
        if token.holes and token.kind in (Kind.HOLE, Kind.WORD):
            text = (
                _hole_text(tokens, index, readings[token.holes[0]], prefix) if fill else _name(token, prefix)
            )
        else:
            text = _plain(token, index, prefix)
        out.append(text if token.glued and text else f" {text}")
    return "".join(out).strip()


def _name(token: Token, prefix: str) -> str:
    literal = re.sub(r"\W", "", token.text)
    return f"{prefix}{token.holes[0]}x{literal}"


def _plain(token: Token, index: int, prefix: str) -> str:
    match token.kind:
        case Kind.PLACEHOLDER:
            return "?"
        case Kind.NAME:
            return f"{prefix}n{index}"
        case Kind.STRING:
            inner = token.text[token.text.index("'") + 1 :]
            return "'" + re.sub(r"[^\w\s:.\-]", "0", inner.removesuffix("'")) + "'"
        case Kind.BODY:
            return "'body'"
        case _:
            return token.text


def _hole_text(tokens: list[Token], index: int, reading: Reading, prefix: str) -> str:
    before = tokens[index - 1] if index else None
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    word = (before.upper or before.text) if before else ""
    if reading.position is Position.KEYWORD and word not in ("::", "AS"):
        operator = (
            before is not None and word not in kw.PHRASES and after is not None and begins_operand(after)
        )
        return "=" if operator else ""
    if reading.position is Position.FRAGMENT and word not in _KEEP_FRAGMENT_AFTER:
        return ""
    return _name(tokens[index], prefix)


@functools.cache
def _sqlglot() -> Any:
    import logging

    import sqlglot

    # It warns on stderr about every statement that it keeps as a command; we see that in the tree.
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    return sqlglot


def _read(text: str, dialect: str, prefix: str, tokens: list[Token]) -> dict[int, Position] | None:
    """Positions by hole, or None if the text does not parse in this dialect."""
    sqlglot = _sqlglot()
    try:
        trees = sqlglot.parse(text, read=dialect, error_level=sqlglot.ErrorLevel.RAISE)
    except (sqlglot.errors.SqlglotError, RecursionError):
        # RecursionError: how much stack is left depends on how deep the caller is.
        return None
    if any(isinstance(tree, sqlglot.exp.Command) for tree in trees):
        return None
    classify = _Classifier(dialect)
    found: dict[int, Position] = {}
    runs = {t.holes[0]: t.holes for t in tokens if t.holes}
    marker = re.compile(re.escape(prefix) + r"(\d+)x", re.IGNORECASE)
    for tree in trees:
        for node in tree.find_all(sqlglot.exp.Identifier) if tree is not None else ():
            match = marker.match(node.name)
            position = classify.identifier(node) if match else None
            if match and position is not None:
                found.update(dict.fromkeys(runs[int(match.group(1))], position))
    return found


class _Classifier:
    """Climbs from a name in the tree to the node that decides what it is."""

    def __init__(self, dialect: str) -> None:
        self.exp = _sqlglot().exp
        self.dialect = dialect

    def identifier(self, node: exp.Expr) -> Position | None:
        exp, parent = self.exp, node.parent
        if isinstance(parent, exp.Column):
            if node.arg_key != "this" or parent.args.get("table"):
                return Position.IDENTIFIER
            return self._operand(parent)
        if isinstance(parent, exp.DataType):
            return Position.KEYWORD
        if isinstance(parent, (exp.Table, exp.Dot, exp.ColumnDef, exp.Index)):
            return Position.IDENTIFIER
        return None

    def _operand(self, node: exp.Expr) -> Position | None:
        """The position of an expression that is nothing but a hole, or that begins with one."""
        is_argument = False
        while (parent := node.parent) is not None:
            decided = self._by_parent(node, parent)
            if decided is Position.FRAGMENT and is_argument:
                return Position.IDENTIFIER  # WHERE touches({column}, …): the call is the condition
            if decided is not _CLIMB:
                return decided if isinstance(decided, Position) else None
            is_argument = is_argument or isinstance(parent, self.exp.Func)
            node = parent
        return None

    def _by_parent(self, node: exp.Expr, parent: exp.Expr) -> Position | object | None:
        for rule in (self._condition, self._clause, self._expression):
            decided = rule(node, parent)
            if decided is not None:
                return decided
        return None

    def _condition(self, node: exp.Expr, parent: exp.Expr) -> Position | object | None:
        exp, left = self.exp, node.arg_key == "this"
        if isinstance(parent, exp.Is):
            return Position.IDENTIFIER if left else Position.KEYWORD
        if isinstance(parent, (exp.In, exp.Between)):
            return Position.IDENTIFIER if left else Position.VALUE
        if isinstance(parent, (exp.Connector, exp.Not)):
            return Position.FRAGMENT
        if isinstance(parent, exp.Predicate) and isinstance(parent, exp.Binary):
            if not left or isinstance(parent.expression, (exp.Any, exp.All)):
                return Position.VALUE
            return Position.IDENTIFIER
        if isinstance(parent, exp.If):
            if not left:
                return Position.VALUE
            return Position.VALUE if parent.parent is not None and parent.parent.this else Position.FRAGMENT
        if isinstance(parent, exp.Case):
            return Position.IDENTIFIER if left else Position.VALUE
        return None

    def _clause(self, node: exp.Expr, parent: exp.Expr) -> Position | object | None:
        exp = self.exp
        if isinstance(
            parent, (exp.Where, exp.Having, exp.Join, exp.Update, exp.CTE, exp.Subquery, exp.Exists)
        ):
            return Position.FRAGMENT
        if isinstance(parent, (exp.Limit, exp.Offset, exp.Fetch, exp.Values)):
            return Position.VALUE
        if isinstance(parent, (exp.Group, exp.Order, exp.Returning, exp.Window)):
            return Position.IDENTIFIER
        if isinstance(parent, exp.Select):
            return (
                Position.IDENTIFIER if parent.args.get("from_") or parent.args.get("from") else Position.VALUE
            )
        if isinstance(parent, exp.Interval):
            return Position.VALUE if self.dialect == "mysql" else Position.UNBINDABLE
        if isinstance(parent, exp.DefaultColumnConstraint):
            return Position.UNBINDABLE
        return None

    def _expression(self, node: exp.Expr, parent: exp.Expr) -> Position | object | None:
        exp, left = self.exp, node.arg_key == "this"
        if isinstance(parent, exp.AggFunc):
            return Position.IDENTIFIER
        if isinstance(parent, exp.Extract):  # EXTRACT(unit FROM operand)
            return Position.KEYWORD if left else _CLIMB
        if isinstance(parent, (exp.Paren, exp.Alias, exp.Ordered, exp.Distinct, exp.Tuple, exp.Neg)):
            return _CLIMB
        if isinstance(parent, (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.DPipe)):
            return _CLIMB if left and not isinstance(parent.expression, exp.Column) else Position.VALUE
        if isinstance(parent, (exp.Binary, exp.Func, exp.Cast, exp.Collate, exp.AtTimeZone, exp.Bracket)):
            first = left or (isinstance(parent, exp.Anonymous) and node.index == 0)
            return _CLIMB if first else Position.VALUE
        return None


_CLIMB = object()
