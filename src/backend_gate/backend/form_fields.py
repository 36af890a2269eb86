"""Credentials among the fields of a form: that one is missing says what a request looks like, not who sends it.

Whatever somebody fills in passes such a test. It is a guard only where what is in the field is checked against
something: a run in which all fields are filled in has to look at a secret together with what the client does not
choose, or to hand it to what checks it.
"""

from __future__ import annotations

from backend_gate.backend import decisions
from backend_gate.backend.decisions import Origin
from backend_gate.backend.model import Place
from backend_gate.backend.outcomes import DECIDING_CALL
from backend_gate.backend.trace import CallEvent, Trace
from backend_gate.backend.unparse import unparse
from backend_gate.backend.values import (
    Alternatives,
    Constant,
    Derived,
    External,
    Input,
    Instance,
    Mapping,
    Native,
    Present,
    Sequence,
    Tested,
    TextValue,
    Value,
    alternatives,
)

FIELD = "the credential in the field "
"""How the source of what is in such a field begins."""
_CHOSEN = frozenset({Origin.REQUEST})
_OF_TEXTS = ("builtins.", "re.", "string.")
_MAX_DEPTH = 5


def are_checked(trace: Trace) -> bool:
    """Whether a run that is given the fields checks what is in them."""
    if any(_compares(values) for values in trace.tests.values()):
        return True
    asked = [event for event in trace.calls if any(_holds_field(one, 0) for one in event.arguments.all())]
    return any(
        DECIDING_CALL.search(unparse(event.node.function).rpartition(".")[2]) is not None
        or (_may_know(event) and any(_is_within(event.place, place) for place in trace.tests))
        for event in asked
    )


def _compares(values: tuple[Value, ...]) -> bool:
    """A condition looks at a field, and at something else that the client does not choose."""
    return any(_holds_field(value, 0) for value in values) and not all(
        _is_chosen(value) for value in values[1:] or values
    )


def _is_chosen(value: Value) -> bool:
    """The client chooses it, or it is a number to measure by."""
    if isinstance(value, Constant):
        return not value.value or not isinstance(value.value, str)
    found = decisions.origins(value)
    return bool(found) and found <= _CHOSEN


def _may_know(event: CallEvent) -> bool:
    """What is called is no mere function of the text: ``len``, ``re.match``, ``password.strip``."""
    return any(
        not isinstance(callee, Native)
        and not (isinstance(callee, External) and callee.name.startswith(_OF_TEXTS))
        for callee in alternatives(event.callee)
    )


def _is_within(inner: Place, outer: Place) -> bool:
    one, two = inner.span, outer.span
    return (
        inner.file == outer.file
        and (two.line, two.column) <= (one.line, one.column)
        and (one.end_line, one.end_column) <= (two.end_line, two.end_column)
    )


def _holds_field(value: Value, depth: int) -> bool:
    if depth > _MAX_DEPTH:
        return False
    match value:
        case Input(source=source):
            return source.startswith(FIELD)
        case Present(origin=origin):
            return _holds_field(origin, depth + 1)
        case Tested(sources=inner) | Derived(sources=inner) | Alternatives(values=inner):
            return any(_holds_field(one, depth + 1) for one in inner)
        case TextValue(parts=parts):
            return any(_holds_field(one, depth + 1) for one in parts if isinstance(one, Value))
        case Sequence(items=items):
            return any(_holds_field(one, depth + 1) for one in items)
        case Mapping(entries=entries):
            return any(_holds_field(held, depth + 1) for _, held in entries.values())
        case Instance(cls=cls):
            given = [*value.arguments, *value.keywords.values()]
            if isinstance(cls, External) and cls.owner is not None:
                given.append(cls.owner)  # a row of what ``execute`` was given
            return any(_holds_field(one, depth + 1) for one in given)
        case External(owner=Value() as owner):
            return _holds_field(owner, depth + 1)
    return False
