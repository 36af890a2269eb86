"""What a function promises by its type: ``def get(kind: type[T]) -> T`` gives an object of the class it is given.

A container of services may find the class by a name that stands in a setting. Which one it is nobody can see
then; that it is one of the promised kind is said by the code. Where guards are looked for, only kinds of which
there is no plain object are taken at their word: for each method, somebody else has to bring it. A normal run
believes an annotation of what hangs on the application, or of which nothing at all is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_gate.backend import implementations
from backend_gate.backend.attributes import instance_of
from backend_gate.backend.values import (
    Class,
    Derived,
    External,
    Instance,
    Scope,
    TypeApplication,
    Unknown,
    Value,
    alternatives,
    is_given,
    join,
)
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.arguments import Arguments
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.values import Function

_TYPES = frozenset({"type", "Type"})
_MAX_DEPTH = 5


def as_promised(
    interpreter: Interpreter, function: Function, arguments: Arguments, receiver: Value | None, result: Value
) -> Value:
    """The result of a function, with what it promises in place of what the code did not lead to."""
    trace, node = interpreter.trace, function.node
    if not isinstance(node, ir.FunctionDef):
        return result
    if trace is not None and not trace.absent:
        if isinstance(node.returns, ir.Name) and _is_left_open(interpreter, result):
            kind = interpreter.module_attribute(function.module, node.returns.id)
            return as_annotated(interpreter, result, kind) if kind is not None else result
        return result
    found = list(alternatives(result))
    if node.returns is None or not any(map(_comes_from_elsewhere, found)):
        return result
    variable, gives_class = _promise(node.returns)
    if not variable:
        return result
    kind = _given_class(interpreter, function, arguments, receiver, variable)
    if kind is None or not implementations.is_abstract(kind):
        return result
    promised = (
        kind if gives_class else instance_of(interpreter, kind, f"what {function.full_name} promises to give")
    )
    return join(promised if _comes_from_elsewhere(value) else value for value in found)


def as_annotated(interpreter: Interpreter, value: Value, annotation: Value) -> Value:
    """An object of the annotated class of the project where nothing else is known of ``value``."""
    if not isinstance(annotation, Class) or not _is_left_open(interpreter, value):
        return value
    return instance_of(
        interpreter, annotation, f"an object of {annotation.full_name} that comes from elsewhere"
    )


def _is_left_open(interpreter: Interpreter, value: Value, depth: int = 0) -> bool:
    """Nothing at all is known of it, not even who has a say in it: it hangs on the application, for instance."""
    given = value.cls if isinstance(value, Instance) else value
    if type(value) is Derived and depth < _MAX_DEPTH:
        return all(_is_left_open(interpreter, source, depth + 1) for source in value.sources)
    if not isinstance(given, External):
        return type(value) is Unknown
    kept = interpreter.vocabulary.extra.get("application_state", [])
    return any(given.name == name or given.name.startswith(f"{name}.") for name in kept)


def _comes_from_elsewhere(value: Value) -> bool:
    """Nothing is known of it, or a library gave it."""
    given = value.base if isinstance(value, TypeApplication) else value
    return type(value) in (Unknown, Derived) or is_given(given) or isinstance(given, External)


def _promise(returns: ir.Expression) -> tuple[str, bool]:
    """The type variable of ``-> T`` or ``-> type[T]``, and whether it is the latter; empty for another type."""
    if isinstance(returns, ir.Name):
        return returns.id, False
    return _of_type(returns), True


def _of_type(annotation: ir.Expression) -> str:
    match annotation:
        case ir.Subscript(value=ir.Name(id=name) | ir.Attribute(name=name), index=ir.Name(id=variable)):
            return variable if name in _TYPES else ""
    return ""


def _given_class(
    interpreter: Interpreter, function: Function, arguments: Arguments, receiver: Value | None, variable: str
) -> Class | None:
    """The class of the project that a call puts in the place of ``variable``."""
    from backend_gate.backend.calls import bind_parameters
    from backend_gate.backend.frame import Frame

    wanted = [
        parameter.name
        for parameter in function.node.parameters
        if parameter.annotation is not None and _of_type(parameter.annotation) == variable
    ]
    if len(wanted) != 1 or isinstance(interpreter.module_attribute(function.module, variable), Class):
        return None  # no variable, but a class: what is given may be any kind of it
    frame = Frame(function.module, Scope("function", function.module), receiver=receiver)
    bind_parameters(interpreter, function, arguments, frame)
    given = frame.scope.names.get(wanted[0])
    return given if isinstance(given, Class) else None
