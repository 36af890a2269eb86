"""Which names of ``request.state`` hold text of the request, because some code puts it there.

Middleware and dependencies fill the state before a handler runs, with what they have found out about the request:
the entity of who asks, a connection, the name of a tenant. Only where a write is seen to take a header, a cookie
or a part of the address as it is, what a handler reads is text of the request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_gate.backend.modules import ModuleState, ModuleTable
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

_PARTS = frozenset({"headers", "query_params", "cookies", "path_params", "query_string"})
_STATE = re.compile(rb"\bstate\b")
_READS = frozenset(
    {"get", "getlist", "strip", "lower", "upper", "decode", "removeprefix", "removesuffix", "split"}
)
"""Methods whose result is what a client has sent, or a part of it."""
_MAX_DEPTH = 12


def names_with_request_text(modules: ModuleTable, files: frozenset[str]) -> frozenset[str]:
    """The names of state attributes that some function of ``files`` fills with what the client sends."""
    found: set[str] = set()
    for module in modules.of_files(files):
        if module.mentions("state") and any(module.mentions(part) for part in _PARTS):
            for body in _bodies(modules, module):
                found.update(_written(body))
    return frozenset(found)


def _bodies(modules: ModuleTable, module: ModuleState) -> Iterator[list[ir.Statement]]:
    """The bodies of the functions that have to do with a state."""

    def body_of(function: ir.FunctionDef) -> list[ir.Statement]:
        if not ir.is_read(function) and not _STATE.search(modules.code_of(module.path, function)):
            return []
        return modules.body(module.path, function)

    statements = [module.statement(number) for number in range(len(module.facts.statements))]
    for node in expressions_in(statements, body_of=body_of):
        if isinstance(node, ir.FunctionDef):
            yield body_of(node)


def _written(body: list[ir.Statement]) -> Iterator[str]:
    """Names of the state that the statements of one function give text of the request."""
    nodes = list(expressions_in(body, into_functions=False))
    variables: dict[str, list[ir.Expression]] = {}
    writes: list[tuple[str, ir.Expression]] = []
    for node in nodes:
        if isinstance(node, ir.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, (ir.AnnotatedAssign, ir.NamedExpression)) and node.value is not None:
            pairs = [(node.target, node.value)]
        else:
            continue
        for target, value in pairs:
            name = _state_attribute(target)
            if name is not None:
                writes.append((name, value))
            elif isinstance(target, ir.Name):
                variables.setdefault(target.id, []).append(value)
    for name, value in writes:
        if _is_request_text(value, variables, 0):
            yield name


def _state_attribute(target: ir.Expression) -> str | None:
    """``request.state.NAME`` or ``scope["state"]["NAME"]``; the state of an application is another thing."""
    if isinstance(target, ir.Attribute) and isinstance(target.value, ir.Attribute):
        owner = target.value
        return target.name if owner.name == "state" and not _is_application(owner.value) else None
    if isinstance(target, ir.Subscript) and isinstance(target.value, ir.Subscript):
        key, inner = target.index, target.value.index
        if isinstance(inner, ir.Constant) and inner.value == "state" and isinstance(key, ir.Constant):
            return key.value if isinstance(key.value, str) else None
    return None


def _is_application(node: ir.Expression) -> bool:
    name = node.id if isinstance(node, ir.Name) else node.name if isinstance(node, ir.Attribute) else ""
    return name in ("app", "application")


def _is_request_text(node: ir.Expression, variables: dict[str, list[ir.Expression]], depth: int) -> bool:
    """The expression gives what a client sends, not something found by it."""
    if depth > _MAX_DEPTH:
        return False

    def among(nodes: list[ir.Expression]) -> bool:
        return any(_is_request_text(one, variables, depth + 1) for one in nodes)

    match node:
        case ir.Name(id=name):
            return among(variables.get(name, []))
        case ir.Attribute(name=name):
            return name in _PARTS
        case ir.Subscript(value=value, index=index):
            is_part = isinstance(index, ir.Constant) and index.value in _PARTS
            return is_part or among([value])  # ``scope["query_string"]``
        case ir.Call(function=ir.Attribute(value=value, name=name)) if name in _READS:
            return among([value])
        case ir.BooleanOperation(values=values):
            return among(values)
        case ir.Conditional(body=body, orelse=orelse):
            return among([body, orelse])
        case ir.BinaryOperation(left=left, right=right):
            return among([left, right])
        case ir.Text(parts=parts):
            return among([part.value for part in parts if not isinstance(part, str)])
        case _:
            return False
