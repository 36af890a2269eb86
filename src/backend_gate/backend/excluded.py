"""What cannot hold at once, once a branch that needed all of it has left the function.

``if name not in ALLOWED and column is None: raise`` says nothing of ``name`` by itself. But further down, where
``column is None`` holds, ``name`` was checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from backend_gate.backend.unparse import unparse
from backend_gate.backend.values import Value
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

MAX_PARTS = 4
MAX_EXCLUDED = 8
"""Of one function; what came first is forgotten."""


class Fact(NamedTuple):
    """A test, and whether it holds."""

    test: ir.Expression
    holds: bool

    @property
    def key(self) -> tuple[str, bool]:
        """The same for the same fact."""
        return unparse(self.test), self.holds


class Excluded(NamedTuple):
    """Facts of which one at least is wrong, as long as what they are about is what it was."""

    facts: tuple[Fact, ...]
    about: tuple[tuple[ir.Expression, Value], ...]

    def left_by(self, known: set[tuple[str, bool]]) -> Fact | None:
        """The fact that is wrong if those hold; ``None``: none of the facts is known, or more than one is not."""
        left = [fact for fact in self.facts if fact.key not in known]
        return left[0] if len(left) == 1 else None


def facts_of(test: ir.Expression, *, holds: bool) -> list[Fact]:
    """What holds if ``test`` does, or does not."""
    match test:
        case ir.UnaryOperation(operator="not", value=value):
            return facts_of(value, holds=not holds)
        case ir.BooleanOperation(operator=operator, values=values) if (operator == "and") is holds:
            return [fact for value in values for fact in facts_of(value, holds=holds)]
        case ir.Comparison(left=left, operators=["is not" | "!=" | "not in" as operator], rights=rights):
            plain = {"is not": "is", "!=": "==", "not in": "in"}[operator]
            return [Fact(ir.Comparison(test.span, left, [plain], rights), not holds)]
    return [Fact(test, holds)]


def lists(facts: Iterable[Fact]) -> bool:
    """One of the facts is whether something is in a collection. Of others nothing is remembered: it would cost more
    steps of a run than it tells.
    """
    return any(isinstance(fact.test, ir.Comparison) and fact.test.operators == ["in"] for fact in facts)


def excluded(
    facts: list[Fact], evaluate: Callable[[ir.Expression], Value], is_path: Callable[[ir.Expression], bool]
) -> Excluded | None:
    """That not all of the facts hold, if looking at them once more does nothing and they are few enough."""
    if not 2 <= len(facts) <= MAX_PARTS or not all(is_plain(fact.test, is_path) for fact in facts):
        return None
    paths = {unparse(path): path for fact in facts for path in _paths(fact.test, is_path)}
    return Excluded(tuple(facts), tuple((path, evaluate(path)) for path in paths.values()))


def is_plain(test: ir.Expression, is_path: Callable[[ir.Expression], bool]) -> bool:
    """Names, attributes and constants, compared at most: looking at them once more does nothing."""
    match test:
        case ir.Comparison(left=left, rights=[right]):
            return all(is_path(side) or _is_written(side) for side in (left, right))
    return is_path(test)


def _is_written(side: ir.Expression) -> bool:
    """A constant, or a collection of some."""
    if isinstance(side, (ir.TupleDisplay, ir.ListDisplay, ir.SetDisplay)):
        return all(isinstance(item, ir.Constant) for item in side.items)
    return isinstance(side, ir.Constant)


def _paths(test: ir.Expression, is_path: Callable[[ir.Expression], bool]) -> Iterator[ir.Expression]:
    for node in expressions_in([test]):
        if isinstance(node, (ir.Name, ir.Attribute, ir.Subscript)) and is_path(node):
            yield node
