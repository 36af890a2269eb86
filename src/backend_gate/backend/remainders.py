"""Which collection a condition shows to be empty.

``if set(columns) - ALLOWED: raise`` leaves nothing over that is not allowed, however the test is written.
"""

from __future__ import annotations

from backend_gate.facts import model as ir

_COPIES = frozenset({"bool", "frozenset", "len", "list", "set", "sorted", "tuple"})
"""What gives something empty, or false, exactly of something empty."""
_EMPTY = frozenset({("==", 0), ("<=", 0), ("<", 1)})
_FILLED = frozenset({("!=", 0), (">", 0), (">=", 1)})
"""Comparisons of a length."""


def emptied(test: ir.Expression, *, holds: bool) -> ir.Expression | None:
    """The collection that is empty if ``test`` holds, or does not: one that can be looked at once more."""
    match test:
        case ir.NamedExpression(target=target):
            return None if holds else target
        case ir.Comparison(left=left, operators=[operator], rights=[right]):
            return _compared(left, operator, right, holds=holds)
        case _ if not holds:
            return _collection(test)
    return None


def _compared(
    left: ir.Expression, operator: str, right: ir.Expression, *, holds: bool
) -> ir.Expression | None:
    if _is_length(left) and isinstance(right, ir.Constant) and type(right.value) is int:
        shows = (operator, right.value) in (_EMPTY if holds else _FILLED)
    else:
        shows = _is_nothing(right) and operator == ("==" if holds else "!=")
    return _collection(left.target if isinstance(left, ir.NamedExpression) else left) if shows else None


def _is_length(node: ir.Expression) -> bool:
    return isinstance(node, ir.Call) and isinstance(node.function, ir.Name) and node.function.id == "len"


def _is_nothing(node: ir.Expression) -> bool:
    """``set()`` and the like."""
    return (
        isinstance(node, ir.Call)
        and isinstance(node.function, ir.Name)
        and node.function.id in _COPIES
        and not node.arguments
    )


def _collection(node: ir.Expression) -> ir.Expression | None:
    match node:
        case ir.Call(function=ir.Name(id=name), arguments=[ir.Argument(name=None, star="", value=value), *_]):
            return _collection(value) if name in _COPIES else None
        case ir.Call(function=ir.Attribute(name="difference")):
            return node
        case ir.Name() | ir.Comprehension() | ir.BinaryOperation(operator="-"):
            return node
        case ir.NamedExpression(target=target):
            return target
    return None
