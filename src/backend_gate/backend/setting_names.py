"""Settings that are reached by a way nobody can follow, and what they are by default all the same.

A settings object, however it was made, has the fields of its class; and a name in upper case that a module
looks up at run time (``__getattr__``) is the setting which that environment variable fills.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_gate.backend.arguments import Arguments
from backend_gate.backend.values import (
    Class,
    External,
    Function,
    Instance,
    Unknown,
    Value,
    alternatives,
    join,
)
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter


def as_declared(interpreter: Interpreter, function: Function, result: Value) -> Value:
    """The result of a function that promises a settings object, where the code did not lead to one."""
    node = function.node
    if interpreter.trace is not None or not isinstance(node, ir.FunctionDef) or node.returns is None:
        return result
    found = list(alternatives(result))
    if not any(_comes_from_elsewhere(value) for value in found):
        return result
    from backend_gate.backend.frame import Frame

    declared = interpreter.evaluate(node.returns, Frame(function.module, function.module.scope))
    if not isinstance(declared, Class) or not interpreter.vocabulary.is_settings(declared):
        return result
    known = [value for value in found if not _comes_from_elsewhere(value)]
    return join(known) if known else interpreter.call(declared, Arguments(), function.place)


def _comes_from_elsewhere(value: Value) -> bool:
    """Unknown, or what a library gave."""
    return isinstance(value, (Unknown, External)) or (
        isinstance(value, Instance) and isinstance(value.cls, External)
    )


def by_variable(interpreter: Interpreter, name: str) -> Value | None:
    """The setting that the environment variable ``name`` fills: a field's alias; ``None``: there is not one."""
    alias = name.lower()
    found = [
        (cls, field)
        for module_name in interpreter.modules.names()
        if (module := interpreter.modules.get(module_name)) is not None and module.mentions(alias)
        for number, statement in enumerate(module.facts.statements)
        if isinstance(node := module.statement(number), ir.ClassDef)
        for field in _fields_with(node, alias)
        if isinstance(cls := interpreter.module_attribute(module, statement.binds[0]), Class)
        and interpreter.vocabulary.is_settings(cls)
    ]
    if len(found) != 1:
        return None
    cls, field = found[0]
    made = interpreter.call(cls, Arguments(), cls.place)
    return interpreter.attribute(made, field) if isinstance(made, Instance) else None


def _fields_with(node: ir.ClassDef, alias: str) -> list[str]:
    """The fields of a class whose definition holds the text ``alias``."""
    return [
        statement.target.id
        for statement in node.body
        if isinstance(statement, ir.AnnotatedAssign)
        and isinstance(statement.target, ir.Name)
        and statement.value is not None
        and any(
            isinstance(part, ir.Constant) and isinstance(part.value, str) and part.value.lower() == alias
            for part in expressions_in([statement])
        )
    ]
