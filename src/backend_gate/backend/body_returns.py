"""What a call that was not followed to its end gives back of a body: the parameter that it adds to and returns.

``data = with_defaults(data)`` of a long function is still what the client sent, as far as its text says so: each of
its ``return`` statements names a parameter, and nothing but calls that are given it put something else there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend_gate.backend.arguments import Arguments
from backend_gate.backend.body_flow import bodies_in
from backend_gate.backend.values import BodyInput, Function, GivenUp, Value, alternatives, join
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter


def given_back(interpreter: Interpreter, function: Function, arguments: Arguments, unknown: GivenUp) -> Value:
    """What the caller gets instead of ``unknown``: the body that it has handed over, or that as well."""
    trace = interpreter.trace
    if trace is None or not trace.touches or isinstance(function.node, ir.Lambda):
        return unknown
    named = [p.name for p in function.node.parameters if p.kind in ("positional", "normal", "keyword")]
    given = {**dict(zip(named, arguments.positional, strict=False)), **arguments.keywords}
    held = {
        name: value
        for name, value in given.items()
        if any(found in alternatives(value) for found in bodies_in(interpreter.vocabulary, value))
    }
    if not held:
        return unknown
    block = interpreter.modules.body(function.module.path, function.node)
    name = _returned(block)
    if name not in held or not _only_added_to(block, name):
        return unknown
    amended = [one.as_amended() if isinstance(one, BodyInput) else one for one in alternatives(held[name])]
    return join([*amended, unknown])


def _returned(block: Sequence[ir.Node]) -> str | None:
    """The name that every ``return`` of a function gives."""
    names = {
        one.value.id if isinstance(one.value, ir.Name) else None
        for one in expressions_in(block, into_functions=False)
        if isinstance(one, ir.Return)
    }
    return names.pop() if len(names) == 1 else None


def _only_added_to(block: Sequence[ir.Node], name: str) -> bool:
    """What the name is bound to anew is what a call makes of it: ``data = add_headers(data=data)``."""
    for one in expressions_in(block, into_functions=False):
        targets = one.targets if isinstance(one, ir.Assign) else []
        if isinstance(one, ir.AnnotatedAssign):
            targets = [one.target]
        if any(isinstance(target, ir.Name) and target.id == name for target in targets):
            value = one.value if isinstance(one, (ir.Assign, ir.AnnotatedAssign)) else None
            value = value.value if isinstance(value, ir.Await) else value
            if not isinstance(value, ir.Call) or not _adds_to(value, name):
                return False
    return True


def _adds_to(call: ir.Call, name: str) -> bool:
    """A function is handed what stands under the name; one that checks it, or a class, gives something else."""
    function = call.function
    called = function.name if isinstance(function, ir.Attribute) else ""
    if isinstance(function, ir.Name):
        called = function.id
    if not called.islower() or "valid" in called or "parse" in called:
        return False
    return any(
        isinstance(argument.value, ir.Name) and argument.value.id == name and not argument.star
        for argument in call.arguments
    )
