"""Which part of the code stands in which other, and which calls of a run it makes."""

from __future__ import annotations

from backend_gate.backend.model import Place
from backend_gate.backend.trace import CallEvent, Trace
from backend_gate.backend.values import BoundMethod, Function, alternatives


def covers(place: Place, inner: Place) -> bool:
    """``inner`` is a part of ``place``."""
    outer, own = place.span, inner.span
    return (
        place.file == inner.file
        and (outer.line, outer.column) <= (own.line, own.column)
        and (own.end_line, own.end_column) <= (outer.end_line, outer.end_column)
    )


def is_made_in(event: CallEvent, place: Place) -> bool:
    """A call stands in ``place``, or in what is called there."""
    return covers(place, event.place) or any(covers(place, at) for at, _ in event.calls)


def misses_credential(trace: Trace, place: Place) -> bool:
    """A function that is called in ``place`` has decided something by the missing credential alone."""
    return bool(trace.missed) and any(
        covers(Place(function.module.path, function.node.span), missed)
        for event in trace.calls
        if is_made_in(event, place)
        for callee in alternatives(event.callee)
        if isinstance(function := callee.function if isinstance(callee, BoundMethod) else callee, Function)
        for missed in trace.missed
    )
