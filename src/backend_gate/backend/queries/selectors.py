"""What a client may choose in a query without writing SQL: the fields to sort by, the operators of a filter."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import Choice, Place, Step
from backend_gate.backend.queries.origins import Origins
from backend_gate.backend.queries.sinks import method_name
from backend_gate.backend.queries.words import Words
from backend_gate.backend.sql.lattice import Origin
from backend_gate.backend.trace import CallEvent
from backend_gate.backend.unparse import unparse
from backend_gate.backend.values import (
    BodyInput,
    BoundMethod,
    Class,
    External,
    Function,
    Instance,
    Mapping,
    Sequence,
    TextValue,
    Unknown,
    Value,
    alternatives,
)
from backend_gate.facts import model as ir

MAX_DEPTH = 4


def choices(event: CallEvent, words: Words, origins: Origins) -> Iterator[Choice]:
    """What a call lets a client choose."""
    name = method_name(event.node)
    if name == "getattr":
        yield from _attribute(event, words, origins)
    elif name in words.sorting:
        yield from _sorting(event, words, origins)
    elif name in words.filters or name in words.typed_filters:
        yield from _filter(event, words, name)


def _attribute(event: CallEvent, words: Words, origins: Origins) -> Iterator[Choice]:
    """``getattr(User, sort)``"""
    given = event.arguments.positional
    is_getattr = any(
        isinstance(c, External) and c.name == "builtins.getattr" for c in alternatives(event.callee)
    )
    if not is_getattr or len(given) < 2 or not any(_is_table(one, words) for one in alternatives(given[0])):
        return
    yield from _chosen("field", given[1], event, 1, origins)


def _is_table(value: Value, words: Words) -> bool:
    if isinstance(value, Class):
        bases = {base.name for base in value.mro() if isinstance(base, External)}
        made = {b.cls.name for b in value.mro() if isinstance(b, Instance) and isinstance(b.cls, External)}
        tablename = any(isinstance(b, Class) and "__tablename__" in b.scope.names for b in value.mro())
        return bool((bases | made) & words.row_classes) or tablename
    return (
        isinstance(value, Instance)
        and isinstance(value.cls, External)
        and value.cls.name == "sqlalchemy.Table"
    )


def _sorting(event: CallEvent, words: Words, origins: Origins) -> Iterator[Choice]:
    """``queryset.order_by(sort)`` of a library whose names of fields are no SQL."""
    for callee in alternatives(event.callee):
        if isinstance(callee, (Function, BoundMethod, Class)):
            return
        if isinstance(callee, External) and words.sinks(callee.name, is_method=callee.owner is not None):
            return  # a text there is SQL
    for number, value in enumerate(event.arguments.positional):
        yield from _chosen("field", value, event, number, origins)


def _chosen(kind: str, value: Value, event: CallEvent, number: int, origins: Origins) -> Iterator[Choice]:
    for one in alternatives(value):
        holes = [h.value.value for h in one.template.holes] if isinstance(one, TextValue) else [one]
        for held in holes:
            if not isinstance(held, (Unknown, Instance, External)):
                continue
            found = origins.of(held)
            if found.origin is Origin.REQUEST_TAINTED:
                yield _choice(kind, event, number, found.steps)
                return


def _filter(event: CallEvent, words: Words, name: str) -> Iterator[Choice]:
    """``collection.find_one(body)``, ``collection.find_one({"name": body["name"]})``"""
    if not isinstance(event.node.function, ir.Attribute):
        return
    for callee in alternatives(event.callee):
        if isinstance(callee, (Function, BoundMethod, Class)):
            return
        root = callee.name.partition(".")[0] if isinstance(callee, External) else ""
        if name in words.typed_filters and root not in words.document_stores:
            return
    given = event.arguments.get(0, "filter")
    body = _open_part(given, 0) if given is not None else None
    if body is not None:
        steps = [Step(body.origin.place, f"`{body.origin.name}` is a body that nothing has checked")]
        yield _choice("operator", event, 0, steps)


def _open_part(value: Value, depth: int) -> BodyInput | None:
    """A part of a body whose type nobody has checked: it may be a mapping of operators."""
    for one in alternatives(value):
        if isinstance(one, BodyInput) and one.kind == "request" and not one.raw:
            return one
        inner: list[Value] = []
        if isinstance(one, Mapping):
            inner = [held for _, held in one.entries.values()]
        elif isinstance(one, Sequence):
            inner = one.items
        for held in inner if depth < MAX_DEPTH else []:
            found = _open_part(held, depth + 1)
            if found is not None:
                return found
    return None


def _choice(kind: str, event: CallEvent, number: int, steps: list[Step]) -> Choice:
    plain = [a for a in event.node.arguments if a.name is None and not a.star]
    node: ir.Expression = plain[number].value if number < len(plain) else event.node
    place = Place(event.place.file, node.span)
    way = [*steps, *(Step(where, f"{caller} calls on") for where, caller in event.calls)]
    return Choice(kind, unparse(node), place, method_name(event.node), event.function, way)
