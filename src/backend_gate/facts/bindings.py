"""Which names of a module one of its statements binds, and whose objects it may change in place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from backend_gate.facts import model
from backend_gate.facts.model import Expression, Statement


class Effects(msgspec.Struct):
    """Names in the order of their first appearance, kept as keys."""

    binds: dict[str, None] = msgspec.field(default_factory=dict)
    mutates: dict[str, None] = msgspec.field(default_factory=dict)


def effects(statement: Statement, *, has_walrus: bool = True) -> Effects:
    """What ``statement`` does to its module when it runs; bodies of functions do not run.

    With ``has_walrus`` false the search for ``:=`` is left out.
    """
    result = Effects()
    _statement(statement, result, True, has_walrus)
    return result


def _block(statements: Iterable[Statement], result: Effects, binds: bool, has_walrus: bool) -> None:
    for statement in statements:
        _statement(statement, result, binds, has_walrus)


def _statement(statement: Statement, result: Effects, binds: bool, has_walrus: bool) -> None:
    """``binds`` is false in the body of a class: its names are its own."""
    pending: list[tuple[Statement, bool]] = [(statement, binds)]
    while pending:
        current, is_module = pending.pop()
        bound = result.binds if is_module else {}
        if has_walrus:
            for value in _expressions_of(current):
                for name in _walrus_targets(value):
                    bound[name] = None
        if isinstance(current, model.Assign):
            for target in current.targets:
                _bind(target, bound, result.mutates)
        elif isinstance(current, model.AnnotatedAssign):
            if current.value is not None:
                _bind(current.target, bound, result.mutates)
        elif isinstance(current, model.AugmentedAssign):
            _bind(current.target, bound, result.mutates)
            _mutate(current.target, result.mutates)
        elif isinstance(current, model.Delete):
            for target in current.targets:
                if not isinstance(target, model.Name):
                    _mutate(target, result.mutates)
        elif isinstance(current, model.TypeAlias):
            bound[current.name] = None
        elif isinstance(current, model.ExpressionStatement):
            _called(current.value, result.mutates)
        elif isinstance(current, model.FunctionDef | model.ClassDef):
            for decorator in current.decorators:
                _called(decorator, result.mutates)
            bound[current.name] = None
        elif isinstance(current, model.Import):
            for name in current.names:
                bound[name.alias or name.name.partition(".")[0]] = None
        elif isinstance(current, model.ImportFrom):
            for name in current.names:
                bound[name.alias or name.name] = None
        elif isinstance(current, model.For):
            _bind(current.target, bound, result.mutates)
        elif isinstance(current, model.With):
            for item in current.items:
                if item.target is not None:
                    _bind(item.target, bound, result.mutates)
        elif isinstance(current, model.Try):
            for handler in current.handlers:
                if handler.name is not None:
                    bound[handler.name] = None
        elif isinstance(current, model.Match):
            for case in current.cases:
                bound.update(dict.fromkeys(case.names))
        inner = is_module and not isinstance(current, model.ClassDef)
        pending.extend((child, inner) for child in reversed(list(_children(current))))


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


def _bind(target: Expression, binds: dict[str, None], mutates: dict[str, None]) -> None:
    if isinstance(target, model.Name):
        binds[target.id] = None
    elif isinstance(target, model.TupleDisplay | model.ListDisplay):
        for item in target.items:
            _bind(item, binds, mutates)
    elif isinstance(target, model.Starred):
        _bind(target.value, binds, mutates)
    else:
        _mutate(target, mutates)


def _mutate(target: Expression, mutates: dict[str, None]) -> None:
    """The name that a chain of attributes, subscripts and calls starts with."""
    while True:
        if isinstance(target, model.Attribute | model.Subscript | model.Await):
            target = target.value
        elif isinstance(target, model.Call):
            target = target.function
        else:
            break
    if isinstance(target, model.Name):
        mutates[target.id] = None


def _called(value: Expression, mutates: dict[str, None]) -> None:
    """A call for its effect, ``x.method(a, b=c)``: ``x`` may change, and so may the names handed over."""
    while isinstance(value, model.Await | model.Yield) and value.value is not None:
        value = value.value
    if not isinstance(value, model.Call):
        return
    if not isinstance(value.function, model.Name):
        _mutate(value.function, mutates)
    current: Expression = value
    while not isinstance(current, model.Name):
        if isinstance(current, model.Call):
            for argument in current.arguments:
                if isinstance(argument.value, model.Name):
                    mutates[argument.value.id] = None
            current = current.function
        elif isinstance(current, model.Attribute | model.Subscript):
            current = current.value
        else:
            break


def _expressions_of(statement: Statement) -> Iterator[Expression]:
    """The expressions of a statement itself, not of the statements in it."""
    for field in statement.__struct_fields__:
        if field not in {"span", "body", "orelse", "finalbody", "handlers", "cases", "name_span", "definition"}:
            yield from _expressions_in(getattr(statement, field))
    if isinstance(statement, model.Match):
        for case in statement.cases:
            if case.guard is not None:
                yield case.guard
    elif isinstance(statement, model.Try):
        for handler in statement.handlers:
            if handler.type is not None:
                yield handler.type


def _expressions_in(value: object) -> Iterator[Expression]:
    """The nearest expressions in a field of any shape."""
    if isinstance(value, model.Node):
        yield value  # type: ignore[misc]  # every node in a field of a node is an expression here
    elif isinstance(value, list):
        for item in value:
            yield from _expressions_in(item)
    elif isinstance(value, model.Argument | model.DictEntry | model.Hole | model.Generator | model.WithItem):
        for field in value.__struct_fields__:
            yield from _expressions_in(getattr(value, field))
    elif isinstance(value, model.Parameter):
        # Only its default and annotation run where the function is made.
        yield from _expressions_in(value.annotation)
        yield from _expressions_in(value.default)


def _walrus_targets(value: Expression) -> Iterator[str]:
    """Names bound by ``:=`` anywhere in an expression, those of a lambda's own body left out."""
    pending: list[Expression] = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, model.NamedExpression) and isinstance(current.target, model.Name):
            yield current.target.id
        if isinstance(current, model.Lambda):
            pending.extend(_expressions_in(current.parameters))
            continue
        for field in current.__struct_fields__:
            if field != "span":
                pending.extend(_expressions_in(getattr(current, field)))
