"""Counters in memory: one more under a name that the code chooses, which says nothing of anybody.

``counts["asked"] += 1`` and ``counts[name] = counts.get(name, 0) + 1``. Another amount may be money, and a name that
the client chooses may be that of something of value.
"""

from __future__ import annotations

from backend_gate.backend.decisions import Origin, origins
from backend_gate.backend.unparse import unparse
from backend_gate.backend.values import Value
from backend_gate.facts import model as ir

_OF_CODE = frozenset({Origin.DEPLOYMENT})


def adds_one(target: ir.Expression, value: ir.Expression) -> bool:
    """``value`` is what an item is, or zero where there is none, and one."""
    if not isinstance(target, ir.Subscript) or not isinstance(value, ir.BinaryOperation):
        return False
    if value.operator != "+" or not is_one(value.right):
        return False
    match value.left:
        case ir.Subscript():
            return unparse(value.left) == unparse(target)
        case ir.Call(
            function=ir.Attribute(value=owner, name="get"), arguments=[key, ir.Argument(value=zero)]
        ):
            return (
                isinstance(zero, ir.Constant)
                and zero.value == 0
                and unparse(owner) == unparse(target.value)
                and unparse(key.value) == unparse(target.index)
            )
    return False


def is_one(node: ir.Expression) -> bool:
    """The number one."""
    return isinstance(node, ir.Constant) and not isinstance(node.value, bool) and node.value == 1


def is_of_code(key: Value) -> bool:
    """No request, row or other service has a say in which of the counters it is."""
    return origins(key) <= _OF_CODE
