"""What other requests have left in the memory of the process, and a page shows to everybody.

A list or dict of a module, or of an object that all requests share, which a function fills with what it is given.
A cache that the page fills itself is none, nor is one that is filled at the start.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from backend_gate.backend.interpreter import MUTATING, Interpreter
from backend_gate.backend.public_work import around, followed, home_of, is_changeable, of_other_modules
from backend_gate.backend.trace import Trace
from backend_gate.backend.values import BoundMethod, Class, Function, Instance, alternatives
from backend_gate.backend.walk import expressions_in, names_bound_by
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.modules import ModuleState

_NO_INPUT = frozenset({"self", "cls", "app", "application"})
_COUNTS = frozenset({"len", "bool", "sum"})


def shows_store(interpreter: Interpreter, handler: Function | None, trace: Trace) -> bool:
    """A run gives more than the number of what others have put there."""
    if handler is None:
        return False
    functions = followed(handler, trace)
    nodes = {id(one.node) for one in functions}
    return any(_reads_store(interpreter, one, nodes) for one in functions) or any(
        isinstance(callee, BoundMethod) and _lists_own(interpreter, callee, nodes)
        for event in trace.calls
        for callee in alternatives(event.callee)
    )


def _reads_store(interpreter: Interpreter, function: Function, running: set[int]) -> bool:
    if not isinstance(function.node, ir.FunctionDef):
        return False
    body = interpreter.modules.body(function.module.path, function.node)
    shown = list(_shown(body))
    local = {parameter.name for parameter in function.node.parameters} | set(_bound(body))
    names = {node.id for node in shown if isinstance(node, ir.Name)} - local
    for name in names:
        value = around(function, name)
        home, original = function.module, name
        if value is None:
            home, original = home_of(interpreter, function.module, name)
            value = interpreter.module_attribute(home, original)
        if is_changeable(value) and _is_filled(interpreter, home, original, running):
            return True
    for node in shown:
        if isinstance(node, ir.Attribute) and isinstance(node.value, ir.Name) and node.value.id in names:
            value = interpreter.module_attribute(function.module, node.value.id)
            if isinstance(value, Instance) and _is_own_filled(interpreter, value, node.name, running):
                return True
    return any(
        is_changeable(interpreter.module_attribute(home, name))
        and _is_filled(interpreter, home, name, running)
        for home, name in of_other_modules(interpreter, function.module, body)
    )


def _shown(body: Sequence[ir.Node]) -> Iterator[ir.Node]:
    """The nodes of a body, or of expressions, outside of what is only counted."""
    counted: set[int] = set()
    for node in expressions_in(body):
        match node:
            case ir.Call(function=ir.Name(id=name), arguments=[ir.Argument(value=value)]) if name in _COUNTS:
                counted.add(id(value))
            case _ if id(node) not in counted:
                yield node


def _bound(body: list[ir.Statement]) -> Iterator[str]:
    for node in expressions_in(body):
        if isinstance(node, ir.Assign):
            for target in node.targets:
                yield from names_bound_by(target)


def _is_filled(interpreter: Interpreter, home: ModuleState, name: str, running: set[int]) -> bool:
    """A function of the module that is given something puts it there; none of those that are running."""
    body_of = partial(interpreter.modules.body, home.path)
    statements = [home.statement(number) for number in range(len(home.facts.statements))]
    return any(
        isinstance(node, ir.FunctionDef)
        and id(node) not in running
        and _is_given_something(node)
        and any(isinstance(one, ir.Name) and one.id == name for one in _changed(body_of(node)))
        for node in expressions_in(statements, body_of=body_of)
    )


def _lists_own(interpreter: Interpreter, method: BoundMethod, running: set[int]) -> bool:
    """``store.all()`` gives all of what other methods of the object have kept."""
    function, receiver = method.function, method.receiver
    if not isinstance(receiver, Instance) or receiver.in_run or not isinstance(function.node, ir.FunctionDef):
        return False
    body = interpreter.modules.body(function.module.path, function.node)
    answers = [node.value for node in expressions_in(body) if isinstance(node, ir.Return) and node.value]
    single = {
        id(node.value)
        for node in expressions_in(answers)
        if isinstance(node, ir.Subscript) or (isinstance(node, ir.Attribute) and node.name in ("get", "pop"))
    }
    return any(
        isinstance(node, ir.Attribute)
        and isinstance(node.value, ir.Name)
        and node.value.id == "self"
        and id(node) not in single
        and _is_own_filled(interpreter, receiver, node.name, running)
        for node in _shown(answers)
    )


def _is_own_filled(interpreter: Interpreter, owner: Instance, name: str, running: set[int]) -> bool:
    """Another method of an object puts what it is given into a part of it."""
    for base in owner.cls.classes() if isinstance(owner.cls, Class) else ():
        for method in base.scope.names.values():
            if not isinstance(method, Function) or not isinstance(method.node, ir.FunctionDef):
                continue
            if id(method.node) in running or not _is_given_something(method.node):
                continue
            # The class may have borrowed the function: its body stands where it was written.
            for changed in _changed(interpreter.modules.body(method.module.path, method.node)):
                if isinstance(changed, ir.Attribute) and changed.name == name:
                    return True
    return False


def _is_given_something(node: ir.FunctionDef) -> bool:
    return any(parameter.name not in _NO_INPUT for parameter in node.parameters)


def _changed(body: list[ir.Statement]) -> Iterator[ir.Expression]:
    """The lists and dicts into which a body puts something; ``orders[name].append(order)`` changes the orders."""
    for node in expressions_in(body, into_functions=False):
        match node:
            case (
                ir.Assign(targets=[ir.Subscript(value=owner), *_])
                | ir.AugmentedAssign(target=ir.Subscript(value=owner))
            ):
                yield _whole(owner)
            case ir.Call(function=ir.Attribute(value=owner, name=name)) if name in MUTATING:
                yield _whole(owner)


def _whole(node: ir.Expression) -> ir.Expression:
    while isinstance(node, ir.Subscript):
        node = node.value
    return node
