"""Calls that run SQL, and the text that they run."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from backend_gate.backend import texts
from backend_gate.backend.queries import placeholders
from backend_gate.backend.queries.variants import variants
from backend_gate.backend.queries.words import CONSTRUCTS, Sink, Words
from backend_gate.backend.sql.statement import dialect_of, looks_like_sql
from backend_gate.backend.sql.template import Hole, Template
from backend_gate.backend.sql.tokens import HOLE
from backend_gate.backend.trace import CallEvent
from backend_gate.backend.values import (
    Alternatives,
    BoundMethod,
    Constant,
    Derived,
    External,
    Function,
    Input,
    Instance,
    Mapping,
    Partial,
    Sequence,
    Slot,
    Text,
    TextValue,
    TypeApplication,
    Unknown,
    Value,
    alternatives,
    is_given,
)
from backend_gate.facts import model as ir


class Use(NamedTuple):
    """A text at a sink. ``name`` is the qualified name of the sink, or of the method as it is called.

    ``is_whole``: the text is one value that nobody put together here.
    """

    name: str
    text: Text
    dialect: str | None
    context: str
    is_whole: bool


def uses(event: CallEvent, words: Words) -> Iterator[Use]:
    """The texts with holes that a call runs as SQL."""
    seen: set[tuple[str, int]] = set()
    for callee in alternatives(event.callee):
        if isinstance(callee, Partial) and not callee.arguments:
            callee = callee.function
        for name, sink, typed in _sinks(callee, event.node, words):
            for value, node in _given(event, sink):
                if (sink.context, id(value)) in seen:
                    continue
                seen.add((sink.context, id(value)))
                if sink.context == "statement" and words.fills_on_client(name, typed=typed):
                    if (text := placeholders.filled(event, sink, value)) is not None:
                        value = TextValue(text)
                use = _use(name, sink, value, event, node, words, typed=typed)
                if use is not None:
                    yield use


def may_use(event: CallEvent, words: Words) -> bool:
    """The call has the name of a sink, or one of its callees has: any other runs no text.

    Nearly no call does, and telling so is much less work than :func:`uses`.
    """
    known = event.may_run_text
    if known is None:
        known = event.may_run_text = _may_use(event, words)
    return known


def _may_use(event: CallEvent, words: Words) -> bool:
    names, callee = words.names, event.callee
    if method_name(event.node) in names:
        return True
    if isinstance(callee, External):
        return callee.name.rpartition(".")[2] in names
    if not isinstance(callee, (Alternatives, Partial)):
        return False
    for one in alternatives(callee):
        function = one.function if isinstance(one, Partial) else one
        if isinstance(function, External) and function.name.rpartition(".")[2] in names:
            return True
    return False


def passed_on(event: CallEvent, words: Words) -> Iterator[Use]:
    """The texts of SQL with holes that a call hands to a function of the project."""
    if not any(isinstance(one, (Function, BoundMethod)) for one in alternatives(event.callee)):
        return
    for value in event.arguments.all():
        use = _use(method_name(event.node), Sink(None), value, event, None, words, typed=False)
        if use is not None:
            yield use


def method_name(node: ir.Call) -> str:
    """The last part of the name that is called."""
    if isinstance(node.function, ir.Attribute):
        return node.function.name
    return node.function.id if isinstance(node.function, ir.Name) else ""


def _sinks(callee: Value, node: ir.Call, words: Words) -> Iterator[tuple[str, Sink, bool]]:
    if isinstance(callee, External):
        found = words.sinks(callee.name, is_method=callee.owner is not None)
        yield from ((callee.name, sink, True) for sink in found)
        is_function = callee.owner is None and callee.name.count(".") < 2
        if found or (is_function and callee.name.partition(".")[0] not in words.database_names):
            return  # a function of a library; `models.Person.objects.raw` is a method of something
    elif not isinstance(callee, Unknown) and not (
        isinstance(callee, BoundMethod) and is_abstract(callee.function)
    ):
        return
    name = method_name(node)
    if not isinstance(node.function, ir.Attribute):
        return
    if name in words.untyped:
        yield name, words.untyped[name], False
    if name in words.builders and _is_called(node.function.value, words.builder_names):
        yield name, words.builders[name], False
    yield from ((name, sink, False) for sink in words.keywords.get(name, ()))


def _is_called(receiver: ir.Expression, names: Collection[str]) -> bool:
    """One of the names stands in a chain of calls and attributes: ``session.query(User).join(Team)``."""
    while True:
        match receiver:
            case ir.Call(function=function):
                receiver = function
            case ir.Attribute(name=name, value=value):
                if name in names:
                    return True
                receiver = value
            case ir.Name(id=name):
                return name in names
            case _:
                return False


def is_abstract(function: Function) -> bool:
    """The body does nothing: a subclass or another class of the same shape does it."""
    if not isinstance(function.node, ir.FunctionDef):
        return False
    return any("abstract" in str(d) for d in function.decorators)


def _given(event: CallEvent, sink: Sink) -> Iterator[tuple[Value, ir.Expression | None]]:
    plain = [a.value for a in event.node.arguments if a.name is None and not a.star]
    named = {a.name: a.value for a in event.node.arguments if a.name is not None}
    if sink.argument is None:
        for number, value in enumerate(event.arguments.positional):
            yield value, plain[number] if number < len(plain) else None
        return
    keyword = next((name for name in sink.keywords if name in event.arguments.keywords), None)
    given = event.arguments.get(sink.argument, keyword)
    if given is None:
        return
    node = named.get(keyword) if keyword is not None else None
    if node is None and sink.argument < len(plain):
        node = plain[sink.argument]
    if not sink.items:
        yield given, node
        return
    for single in alternatives(given):
        if isinstance(single, Sequence):
            yield from zip(single.items, _items(node, len(single.items)), strict=True)
        elif isinstance(single, Mapping):
            texts_in_it = [item for _, item in single.entries.values()]
            yield from zip(texts_in_it, _items(node, len(texts_in_it)), strict=True)


def _items(node: ir.Expression | None, number: int) -> list[ir.Expression | None]:
    """The expressions of a list's items or a dict's values; the whole for each if they are not written here."""
    match node:
        case ir.ListDisplay(items=items) | ir.TupleDisplay(items=items) if len(items) == number:
            return [*items]
        case ir.DictDisplay(entries=entries) if len(entries) == number:
            return [entry.value for entry in entries]
    return [node] * number


def _use(
    name: str,
    sink: Sink,
    value: Value,
    event: CallEvent,
    node: ir.Expression | None,
    words: Words,
    *,
    typed: bool,
) -> Use | None:
    if isinstance(value, Constant) and value.setting is None:
        return None  # nothing stands in it
    dialect = dialect_of(name) if typed else None
    place = event.place
    where = place if node is None else type(place)(place.file, node.span)
    made = texts.template_of(value)
    if made is None and isinstance(value, Alternatives) and any(texts.is_text(v) for v in value.values):
        made = Template.of(Hole(Slot(value, where, node)))
    if made is None:
        called = event.node.function
        # A method has a name of its own as well: `statement.cursor(value)` is none of a cursor.
        receiver = called.value if isinstance(called, ir.Attribute) else called
        in_database = typed or sink.items or _is_called(receiver, words.database_names)
        if not in_database or not _may_be_whole(value, sink, typed=typed):
            return None
        return Use(name, Template.of(Hole(Slot(value, where, node))), dialect, sink.context, True)
    if not made.holes or (isinstance(value, Constant) and value.setting is not None and len(made.parts) == 1):
        return None
    if (
        not typed
        and sink.context == "statement"
        and not any(looks_like_sql(shape(one)) for one in variants(made))
    ):
        return None
    is_whole = len(made.parts) == 1 and not isinstance(value, Alternatives)
    return Use(name, made, dialect, sink.context, is_whole)


def _may_be_whole(value: Value, sink: Sink, *, typed: bool) -> bool:
    """The value may be a text that nobody put together here: where it comes from decides.

    A library's objects are constructs where those run as well; and what builds queries from constructs takes a text
    that it is given alone for the name of one, or refuses it.
    """
    if sink.context != "statement" and not sink.only_text:
        return False
    if isinstance(value, Unknown):
        return typed or isinstance(value, (Input, Derived))
    if not is_given(value):
        return False
    made = value.base if isinstance(value, TypeApplication) else value
    made = made.cls if isinstance(made, Instance) else made
    return sink.only_text or not (isinstance(made, External) and made.name.startswith(CONSTRUCTS))


def shape(text: Text) -> str:
    """The text with a mark for each hole."""
    return "".join(part if isinstance(part, str) else HOLE for part in text.parts)
