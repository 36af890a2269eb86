"""Writes by a statement in text whose failure nobody has thought of.

A plain read is clean: if the database is down, 500 is the right answer. A write is different: it fails
because of what the client sent, a name that is taken or a value that does not fit. A call counts if all of
this holds:

* its statement is an ``INSERT``, ``UPDATE``, ``REPLACE`` or ``MERGE`` in text without a clause for conflicts;
* a value of the request that nothing has validated goes into it: written into the text, or as a parameter
  where the endpoint's body is untyped;
* no ``try`` around it, in the handler or between, is for errors of a library or for everything;
* nothing was checked before: the run has no way out with status 400, 404, 409 or 422.

Whether a handler of the application, middleware or a dependency answers is asked as for any exception.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_gate.backend.trace import CallEvent, RaiseEvent, Trace, TryContext, exception_class, status_of
from backend_gate.backend.values import (
    Class,
    Constant,
    External,
    Input,
    Instance,
    Mapping,
    Sequence,
    TextValue,
    Value,
    alternatives,
)
from backend_gate.backend.vocabulary import Vocabulary
from backend_gate.facts import model as ir

_WRITES = re.compile(r"\s*(?:INSERT|UPDATE|REPLACE|MERGE)\s+[\w\"'`\[{]", re.IGNORECASE)
_SETTLES_CONFLICTS = re.compile(
    r"ON\s+CONFLICT|ON\s+DUPLICATE|OR\s+(?:IGNORE|REPLACE)|WHEN\s+(?:NOT\s+)?MATCHED|^\s*REPLACE",
    re.IGNORECASE,
)
_RUNS = frozenset({"execute", "executemany", "exec_driver_sql", "exec", "fetchrow", "fetchval", "fetch_one"})
_CHECKED = frozenset({400, 404, 409, 422})
_MAX_NESTING = 6


def failing_writes(trace: Trace, vocabulary: Vocabulary, *, untyped: bool) -> Iterator[RaiseEvent]:
    """The exceptions with which unguarded writes of a run fail; ``untyped``: the endpoint's body is."""
    if any(status_of(event.exception) in _CHECKED for event in trace.raises if not event.implicit):
        return
    for event in trace.calls:
        if _is_write(event, untyped=untyped) and not any(
            _is_for_libraries(context) for context in event.tries
        ):
            exception = Instance(External(_exception(event, vocabulary)), event.place)
            yield RaiseEvent(
                exception, event.place, event.calls, event.conditions, event.function, implicit=True
            )


def _is_write(event: CallEvent, *, untyped: bool) -> bool:
    node = event.node.function
    if not isinstance(node, ir.Attribute) or node.name not in _RUNS:
        return False
    if any(
        not isinstance(callee, External) and _is_followed(callee) for callee in alternatives(event.callee)
    ):
        return False
    given = event.arguments.all()
    text = _text(given[0]) if given else None
    if text is None or not _WRITES.match(text) or _SETTLES_CONFLICTS.search(text):
        return False
    return any(_holds_request(value, 0) for value in (given if untyped else given[:1]))


def _is_followed(callee: Value) -> bool:
    """A function of the project: the call inside of it is looked at."""
    from backend_gate.backend.values import BoundMethod, Function

    return isinstance(callee, (Function, BoundMethod, Class))


def _text(value: Value) -> str | None:
    """The statement as far as it is known; holes are empty. ``text("…")`` counts as its argument."""
    if isinstance(value, Instance) and isinstance(value.cls, External) and value.arguments:
        return _text(value.arguments[0]) if value.cls.name.endswith((".text", ".SQL")) else None
    if isinstance(value, Constant):
        return value.value if isinstance(value.value, str) else None
    if isinstance(value, TextValue):
        return "".join(part if isinstance(part, str) else "{}" for part in value.parts)
    return None


def _holds_request(value: Value, depth: int) -> bool:
    """A value of the request that may be any text is in it."""
    if depth > _MAX_NESTING:
        return False
    inner: list[Value] = []
    match value:
        case Input(kind=kind):
            return kind == "request"
        case TextValue(parts=parts):
            inner = [part for part in parts if not isinstance(part, str)]
        case Sequence(items=items):
            inner = items
        case Mapping(entries=entries):
            inner = [entry for _, entry in entries.values()]
        case Instance():
            inner = [*value.arguments, *value.keywords.values(), *value.attributes.values()]
        case _:
            inner = [one for one in alternatives(value) if one is not value]
    return any(_holds_request(one, depth + 1) for one in inner)


def _is_for_libraries(context: TryContext) -> bool:
    """Some clause may catch what a database raises: all but those for the project's own exceptions."""
    for clause in context.clauses:
        kinds = clause.items if isinstance(clause, Sequence) else [clause]
        for kind in kinds:
            cls = exception_class(kind) if kind is not None else None
            narrow = isinstance(cls, External) and cls.name in _NARROW
            if not isinstance(cls, Class) and not narrow:
                return True
    return False


_NARROW = frozenset(
    {"builtins.KeyError", "builtins.ValueError", "builtins.TypeError", "builtins.AttributeError"}
)


def _exception(event: CallEvent, vocabulary: Vocabulary) -> str:
    """The driver's error for a violated constraint; where the driver is not known, its usual name."""
    for callee in alternatives(event.callee):
        name = callee.name if isinstance(callee, External) else ""
        while name:
            if name in vocabulary.integrity_errors:
                return vocabulary.integrity_errors[name]
            name = name.rpartition(".")[0]
    return "IntegrityError"
