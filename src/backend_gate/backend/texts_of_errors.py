"""Where the text of a caught exception goes inside of its ``except`` clause.

``str(error)``, an f-string, ``error.args`` and names that are bound to one of them carry it. The name of its
class does not, nor what a function makes of it that is not one of these. A traceback is carried likewise.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

_TO_TEXT = frozenset({"str", "repr", "format", "ascii"})
_TEXT_METHODS = frozenset({"format", "join", "strip", "replace", "lower", "upper", "capitalize", "encode"})
_PARTS = frozenset({"args", "message", "msg", "strerror", "stderr", "orig", "__cause__"})
_TRACEBACKS = frozenset({"format_exc", "format_exception", "format_tb", "format_list", "print_exc"})


class Tainted:
    """The names of one clause that carry the text of what it has caught, or a traceback."""

    def __init__(self, handler: ir.Handler) -> None:
        self.names: dict[str, str] = {handler.name: "exception"} if handler.name else {}
        self._bound = handler.name
        self._spread(handler.body)
        self.is_used = any(self._is_use(node) for node in expressions_in(handler.body, into_functions=False))

    def carried(self, node: Any) -> str:
        """What an expression of an answer carries: ``traceback``, ``exception`` or nothing."""
        found = set(self._carried(node))
        return "traceback" if "traceback" in found else "exception" if found else ""

    def _carried(self, node: Any) -> Iterator[str]:
        match node:
            case ir.Name(id=name):
                if name in self.names:
                    yield self.names[name]
            case ir.Attribute(value=value, name=name):
                if name in _PARTS:
                    yield from self._carried(value)
            case ir.Call():
                yield from self._of_call(node)
            case ir.Comparison() | ir.BooleanOperation(operator="and") | ir.UnaryOperation():
                pass
            case ir.Conditional(test=test, body=body, orelse=orelse):
                if not self._tells_apart(test):
                    yield from self._carried(body)
                    yield from self._carried(orelse)
            case list() | tuple():
                for one in node:
                    yield from self._carried(one)
            case msgspec.Struct() if not isinstance(node, ir.Span):
                for name in node.__struct_fields__:
                    if name != "span":
                        yield from self._carried(getattr(node, name))

    def _tells_apart(self, test: ir.Expression) -> bool:
        """A test of the exception itself: who chooses by that has an eye on what the text may be."""
        names = (n.id for n in expressions_in([test]) if isinstance(n, ir.Name))
        return any(name in self.names for name in names)

    def _of_call(self, node: ir.Call) -> Iterator[str]:
        name = _last_name(node.function)
        if _formats_traceback(node.function):
            yield "traceback"
        elif isinstance(node.function, ir.Name) and name in _TO_TEXT:
            yield from self._carried([a.value for a in node.arguments])
        elif isinstance(node.function, ir.Attribute) and name in _TEXT_METHODS:
            yield from self._carried(node.function.value)
            yield from self._carried([a.value for a in node.arguments])

    def _spread(self, body: list[ir.Statement]) -> None:
        for node in expressions_in(body, into_functions=False):
            if (
                isinstance(node, ir.Assign)
                and len(node.targets) == 1
                and isinstance(node.targets[0], ir.Name)
            ):
                name, carried = node.targets[0].id, self.carried(node.value)
                if carried:
                    self.names[name] = carried
                elif name != self._bound:
                    self.names.pop(name, None)

    def _is_use(self, node: ir.Node) -> bool:
        """Something is done with the exception, or what has happened is logged."""
        if not isinstance(node, ir.Call):
            return False
        name = _last_name(node.function)
        if name in _LOGS or _formats_traceback(node.function):
            return True
        given = [a.value for a in node.arguments]
        return any(isinstance(n, ir.Name) and n.id in self.names for n in expressions_in(given))


_LOGS = frozenset(
    {
        "debug",
        "info",
        "warning",
        "warn",
        "error",
        "exception",
        "critical",
        "log",
        "print",
        "capture_exception",
    }
)


def _formats_traceback(function: ir.Expression) -> bool:
    """``traceback.format_exception``; without the module's name only what nobody else is called like."""
    if isinstance(function, ir.Attribute):
        return function.name in _TRACEBACKS and _last_name(function.value) == "traceback"
    return isinstance(function, ir.Name) and function.id in ("format_exc", "format_tb")


def _last_name(node: ir.Expression) -> str:
    return node.name if isinstance(node, ir.Attribute) else node.id if isinstance(node, ir.Name) else ""
