"""Which names of a module one of its statements binds, and whose objects it may change in place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from backend_gate.facts import model
from backend_gate.facts.model import Expression, Statement

#: Names in the order of their first appearance, kept as keys.
Names = dict[str, None]


class Effects(msgspec.Struct):
    """What a statement does to the names of its module."""

    binds: Names = msgspec.field(default_factory=dict)
    mutates: Names = msgspec.field(default_factory=dict)


def effects(statement: Statement, *, has_walrus: bool = True) -> Effects:
    """What ``statement`` does to its module when it runs; bodies of functions do not run.

    A name counts as changed in place if it is the ``x`` of ``x[…] = …``, ``x.y = …``, ``x += …`` or
    ``del x.y``, the ``x`` of a call made for its effect (``x.method(…)``, also as a decorator), or one of
    the names handed to such a call (``install(x)``).

    With ``has_walrus`` false the search for ``:=`` is left out.
    """
    result = Effects()
    pending: list[tuple[Statement, bool]] = [(statement, True)]
    while pending:
        current, is_module = pending.pop()
        # What the body of a class binds belongs to the class.
        here = result if is_module else Effects({}, result.mutates)
        record = _records.get(type(current))
        if record is not None:
            record(current, here)
        if has_walrus:
            for value in _expressions_of(current):
                here.binds.update(dict.fromkeys(_walrus_targets(value)))
        inner = is_module and not isinstance(current, model.ClassDef)
        pending.extend((child, inner) for child in reversed(list(_children(current))))
    return result


def _assign(statement: model.Assign, result: Effects) -> None:
    for target in statement.targets:
        _bind(target, result)


def _annotated_assign(statement: model.AnnotatedAssign, result: Effects) -> None:
    if statement.value is not None:
        _bind(statement.target, result)


def _augmented_assign(statement: model.AugmentedAssign, result: Effects) -> None:
    _bind(statement.target, result)
    _mutate(statement.target, result)


def _delete(statement: model.Delete, result: Effects) -> None:
    for target in statement.targets:
        if not isinstance(target, model.Name):
            _mutate(target, result)


def _expression(statement: model.ExpressionStatement, result: Effects) -> None:
    _called(statement.value, result)


def _definition(statement: model.FunctionDef | model.ClassDef, result: Effects) -> None:
    for decorator in statement.decorators:
        _called(decorator, result)
    result.binds[statement.name] = None


def _type_alias(statement: model.TypeAlias, result: Effects) -> None:
    result.binds[statement.name] = None


def _import(statement: model.Import, result: Effects) -> None:
    for imported in statement.names:
        result.binds[imported.alias or imported.name.partition(".")[0]] = None


def _import_from(statement: model.ImportFrom, result: Effects) -> None:
    for imported in statement.names:
        result.binds[imported.alias or imported.name] = None


def _for(statement: model.For, result: Effects) -> None:
    _bind(statement.target, result)


def _with(statement: model.With, result: Effects) -> None:
    for item in statement.items:
        if item.target is not None:
            _bind(item.target, result)


def _try(statement: model.Try, result: Effects) -> None:
    for handler in statement.handlers:
        if handler.name is not None:
            result.binds[handler.name] = None


def _match(statement: model.Match, result: Effects) -> None:
    for case in statement.cases:
        result.binds.update(dict.fromkeys(case.names))


_records: dict[type[Any], Callable[[Any, Effects], None]] = {
    model.Assign: _assign,
    model.AnnotatedAssign: _annotated_assign,
    model.AugmentedAssign: _augmented_assign,
    model.Delete: _delete,
    model.ExpressionStatement: _expression,
    model.FunctionDef: _definition,
    model.ClassDef: _definition,
    model.TypeAlias: _type_alias,
    model.Import: _import,
    model.ImportFrom: _import_from,
    model.For: _for,
    model.With: _with,
    model.Try: _try,
    model.Match: _match,
}


def _bind(target: Expression, result: Effects) -> None:
    if isinstance(target, model.Name):
        result.binds[target.id] = None
    elif isinstance(target, (model.TupleDisplay, model.ListDisplay)):
        for item in target.items:
            _bind(item, result)
    elif isinstance(target, model.Starred):
        _bind(target.value, result)
    else:
        _mutate(target, result)


def _mutate(target: Expression, result: Effects) -> None:
    """The name that a chain of attributes, subscripts and calls starts with."""
    while True:
        if isinstance(target, (model.Attribute, model.Subscript, model.Await)):
            target = target.value
        elif isinstance(target, model.Call):
            target = target.function
        else:
            break
    if isinstance(target, model.Name):
        result.mutates[target.id] = None


def _called(value: Expression, result: Effects) -> None:
    """A call for its effect: its object may change, and so may the names handed over in the chain."""
    while isinstance(value, (model.Await, model.Yield)) and value.value is not None:
        value = value.value
    if not isinstance(value, model.Call):
        return
    if not isinstance(value.function, model.Name):
        _mutate(value.function, result)
    current: Expression = value
    while True:
        if isinstance(current, model.Call):
            for argument in current.arguments:
                if isinstance(argument.value, model.Name):
                    result.mutates[argument.value.id] = None
            current = current.function
        elif isinstance(current, (model.Attribute, model.Subscript)):
            current = current.value
        else:
            return


def _children(statement: Statement) -> Iterator[Statement]:
    """The statements directly inside another one, in order; none of a function."""
    match statement:
        case model.If() | model.For() | model.While():
            yield from statement.body
            yield from statement.orelse
        case model.With() | model.ClassDef():
            yield from statement.body
        case model.Try():
            yield from statement.body
            for handler in statement.handlers:
                yield from handler.body
            yield from statement.orelse
            yield from statement.finalbody
        case model.Match():
            for case in statement.cases:
                yield from case.body


_blocks = frozenset({"body", "orelse", "finalbody", "handlers", "cases"})


def _expressions_of(statement: Statement) -> Iterator[Expression]:
    """The expressions of a statement itself, not of the statements in it."""
    for field in statement.__struct_fields__:
        if field not in _blocks:
            yield from _expressions_in(getattr(statement, field))
    if isinstance(statement, model.Match):
        for case in statement.cases:
            if case.guard is not None:
                yield case.guard
    elif isinstance(statement, model.Try):
        for handler in statement.handlers:
            if handler.type is not None:
                yield handler.type


def _expressions_in(value: Any) -> Iterator[Expression]:
    """The nearest expressions in a field of any shape."""
    if isinstance(value, model.Node):
        yield value  # type: ignore[misc]  # every node in a field of an expression or a clause is one
    elif isinstance(value, list):
        for item in value:
            yield from _expressions_in(item)
    elif isinstance(value, (model.Argument, model.DictEntry, model.Hole, model.Generator, model.WithItem)):
        for field in value.__struct_fields__:
            yield from _expressions_in(getattr(value, field))
    elif isinstance(value, model.Parameter):
        # What runs where the function is made.
        yield from _expressions_in(value.annotation)
        yield from _expressions_in(value.default)


def _walrus_targets(value: Expression) -> Iterator[str]:
    """Names bound by ``:=`` anywhere in an expression, those of a lambda's own body left out."""
    pending: list[Expression] = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, model.Lambda):
            pending.extend(_expressions_in(current.parameters))
            continue
        if isinstance(current, model.NamedExpression) and isinstance(current.target, model.Name):
            yield current.target.id
        for field in current.__struct_fields__:
            pending.extend(_expressions_in(getattr(current, field)))
