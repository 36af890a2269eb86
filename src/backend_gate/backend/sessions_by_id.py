"""Endpoints that are told by their address which session it is, and turn away whom they know no session of.

``if not signed_in(session_id): return Response(status_code=401)``. The id is the credential then, if nobody can guess
it, which only who makes the ids knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_gate.backend.decisions import Origin, decided_by
from backend_gate.backend.model import Condition, Place
from backend_gate.backend.outcomes import Outcome, is_refusal
from backend_gate.backend.public_work import only_computes
from backend_gate.backend.spans import covers, is_made_in
from backend_gate.backend.trace import CLOSED_SOCKET, CallEvent, RaiseEvent, ReturnEvent, Trace
from backend_gate.backend.values import (
    Alternatives,
    Derived,
    External,
    Input,
    Instance,
    Native,
    Tested,
    TextValue,
    Unknown,
    Value,
    alternatives,
)
from backend_gate.backend.vocabulary import Vocabulary

_OF_SESSION = re.compile(r"the (?:(?:path|query) )?parameter \w*(?:session|(?:^|_| )sid$)\w*$", re.IGNORECASE)
_OF_CLIENT = frozenset({Origin.REQUEST, Origin.DEPLOYMENT})
_LOOKS_UP = frozenset({"get of a container", "pop of a container"})
_MAX_DEPTH = 6


def decides_by_session(outcome: Outcome, trace: Trace, vocabulary: Vocabulary) -> bool:
    """Whoever names no session that is known is turned away, and everybody else was looked up.

    401 and 403, or a socket that is closed, say that it is about who asks: an unknown chat is not found.
    """
    refusals: list[RaiseEvent | ReturnEvent] = [
        *outcome.answers,
        *(e for e in trace.raises if is_refusal(e) or _closes(e)),
    ]
    places = {c.place for refusal in refusals for c in refusal.conditions if _is_lookup(trace, c, vocabulary)}
    ways = [way for way in trace.returns if way not in outcome.answers]
    return (
        bool(places)
        and bool(ways)
        and all(any(c.place in places for c in way.conditions) for way in ways)
        and (all(refusal.number == 0 for refusal in refusals) or all(_comes_first(trace, p) for p in places))
    )


def _comes_first(trace: Trace, place: Place) -> bool:
    """Nothing was done before the test; what the guard does itself, to know a session, is its own affair."""
    made = [event for event in trace.calls if covers(place, event.place)]
    return bool(made) and all(event.number == 0 for event in made[:1])


def _closes(event: RaiseEvent) -> bool:
    cls = event.exception.cls if isinstance(event.exception, Instance) else None
    return isinstance(cls, External) and cls.name == CLOSED_SOCKET


def _is_lookup(trace: Trace, condition: Condition, vocabulary: Vocabulary) -> bool:
    """What is tested is no property of the id itself: something else was asked with it."""
    if condition.by_default is not None or condition.setting is not None:
        return False
    if decided_by(trace, condition) <= _OF_CLIENT:
        return False
    asked = [event for event in trace.calls if _is_asked(event, vocabulary)]
    return any(is_made_in(event, condition.place) for event in asked) or any(
        _gives(event, value) for event in asked for value in trace.tests.get(condition.place, ())
    )


def _is_asked(event: CallEvent, vocabulary: Vocabulary) -> bool:
    """A dict, or something that does more than compute, is asked by the id of a session."""
    return any(_is_session(value, 0) for value in event.arguments.all()) and any(
        (isinstance(callee, Native) and callee.label in _LOOKS_UP)
        or (isinstance(callee, External) and not only_computes(event, vocabulary))
        or type(callee) in (Unknown, Derived)
        for callee in alternatives(event.callee)
    )


def _is_session(value: Value, depth: int) -> bool:
    """The id of a session, as the client sends it, or a text that is made of it. A number can be guessed."""
    if isinstance(value, Input):
        return value.kind == "request" and _OF_SESSION.search(value.source) is not None
    return depth < _MAX_DEPTH and any(_is_session(part, depth + 1) for part in _parts(value))


def _parts(value: Value) -> Iterator[Value]:
    match value:
        case TextValue(parts=parts):
            yield from (part for part in parts if isinstance(part, Value))
        case Derived(sources=sources) | Tested(sources=sources) | Alternatives(values=sources):
            yield from sources
        case Instance(cls=External()):
            yield from (*value.arguments, *value.keywords.values())


def _gives(event: CallEvent, value: Value) -> bool:
    """What is tested was made by a library that was given the id: ``row = await store.get(session_id)``."""
    names = {one.name for one in alternatives(event.callee) if isinstance(one, External)}
    return any(
        isinstance(one, Instance) and isinstance(one.cls, External) and one.cls.name in names
        for one in alternatives(value)
    )
