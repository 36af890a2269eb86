"""What a test of its type says about a body, or about a part of it: ``isinstance(data.get("tags"), list)``.

A text or a number of which the type was tested is checked as far as types go. Of a dict or list it is known only
that it has parts: what they are is as open as before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, TypeGuard

from backend_gate.backend.model import Condition
from backend_gate.backend.unparse import unparse
from backend_gate.backend.values import (
    BodyInput,
    Constant,
    External,
    Mapping,
    Sequence,
    TypeApplication,
    Value,
    alternatives,
    join,
)
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.frame import Frame
    from backend_gate.backend.interpreter import Interpreter

Narrowed = dict[str, tuple[ir.Expression, Value]]
_CONTAINERS = frozenset(
    {
        "builtins.dict",
        "builtins.list",
        "builtins.set",
        "builtins.tuple",
        "builtins.frozenset",
        "collections.abc.Mapping",
        "collections.abc.MutableMapping",
        "collections.abc.Sequence",
        "collections.abc.MutableSequence",
        "collections.abc.Iterable",
        "collections.abc.Collection",
        "typing.Mapping",
        "typing.MutableMapping",
        "typing.Sequence",
        "typing.Iterable",
        "typing.Dict",
        "typing.List",
    }
)


def narrowed(
    interpreter: Interpreter, target: ir.Expression, kinds: Value, frame: Frame, known: Narrowed
) -> Narrowed:
    """``isinstance(target, kinds)`` holds; ``known`` is what else that says about ``target``."""
    names = [one.name for one in _kinds(kinds) if isinstance(one, External)]
    subject = _subject(target)
    if subject is None or not _kinds(kinds) or "builtins.object" in names:
        return known
    key = unparse(subject)
    value = known[key][1] if key in known else interpreter.evaluate(subject, frame)
    before = list(alternatives(value))
    if not any(_is_part(one) for one in before):
        return known
    plain = _CONTAINERS.isdisjoint(names)
    typed = [one.of_type(plain=plain) if _is_part(one) else one for one in before]
    return {**known, key: (subject, join(typed))}


def _is_part(value: Value) -> TypeGuard[BodyInput]:
    """That the whole is a dict says nothing about what stands in it."""
    return isinstance(value, BodyInput) and value.parent is not None and not value.parent.raw


def _kinds(kinds: Value) -> list[Value]:
    if isinstance(kinds, Sequence):
        return [kind for item in kinds.items for kind in _kinds(item)]
    if isinstance(kinds, TypeApplication):
        union = isinstance(kinds.base, External) and kinds.base.name == "typing.Union"
        return [kind for one in kinds.arguments for kind in _kinds(one)] if union else [kinds.base]
    return [kinds]


def _subject(target: ir.Expression) -> ir.Name | ir.Attribute | ir.Subscript | None:
    """What is tested: a name, an attribute, an item, or ``data.get("key")``, which is one as well."""
    match target:
        case ir.Name() | ir.Attribute() | ir.Subscript():
            return target
        case ir.NamedExpression(target=ir.Name() as named):
            return named
        case ir.Call(function=ir.Attribute(name="get", value=owner), arguments=[first, *_]) if not first.star:
            return ir.Subscript(span=target.span, value=owner, index=first.value)
    return None


def part_read(
    interpreter: Interpreter, target: ir.Expression, frame: Frame
) -> ir.Name | ir.Attribute | ir.Subscript | None:
    """``data["key"]`` for ``data.get("key")`` of a body."""
    subject = _subject(target) if isinstance(target, ir.Call) else None
    if not isinstance(subject, ir.Subscript):
        return None
    owner = interpreter.evaluate(subject.value, frame)
    return subject if any(True for _ in _bodies(owner)) else None


def kept(owner: Value, index: Value, value: Value) -> list[Callable[[], None]]:
    """Remember for a part of a body that its type was tested; gives what takes that back."""
    found = next((one for one in alternatives(value) if isinstance(one, BodyInput) and one.typed), None)
    if found is None or not isinstance(index, Constant):
        return []
    undo: list[Callable[[], None]] = []
    key = str(index.value)
    for body in _bodies(owner):
        if key not in body.parts.typed:
            body.parts.typed[key] = found.plain
            undo.append(partial(_forget, body, key))
    return undo


def _bodies(owner: Value) -> Iterator[BodyInput]:
    """The bodies that an item is read from: ``dict(data)`` has those of ``data``."""
    for one in alternatives(owner):
        if isinstance(one, BodyInput):
            yield one
        elif isinstance(one, Mapping):
            yield from one.rest


def _forget(body: BodyInput, key: str) -> None:
    body.parts.typed.pop(key, None)


def replaced(interpreter: Interpreter, test: ir.Expression, frame: Frame, holds: Condition) -> None:
    """``if not isinstance(data.get("meta"), dict): data["meta"] = {}``: it is a dict afterwards, whoever sent it.

    ``holds`` is the condition under which the body of the statement has run.
    """
    for one in test.values if isinstance(test, ir.BooleanOperation) and test.operator == "or" else [test]:
        if not isinstance(one, ir.UnaryOperation) or one.operator != "not" or not tests_type(one):
            continue
        call = one.value
        if not isinstance(call, ir.Call) or len(call.arguments) != 2:
            continue
        subject = _subject(call.arguments[0].value)
        if not isinstance(subject, ir.Subscript) or not isinstance(subject.value, ir.Name):
            continue
        if not isinstance(subject.index, ir.Constant):
            continue
        key, conditions = str(subject.index.value), (*interpreter.conditions, holds)
        for body in _bodies(interpreter.evaluate(subject.value, frame)):
            own = body.parts.own.get(key)
            if own is not None and own[1] == conditions:
                body.parts.typed.setdefault(key, False)


def tests_type(node: ir.Expression) -> bool:
    """``isinstance(…)`` or ``not isinstance(…)``"""
    while isinstance(node, ir.UnaryOperation) and node.operator == "not":
        node = node.value
    return (
        isinstance(node, ir.Call) and isinstance(node.function, ir.Name) and node.function.id == "isinstance"
    )
