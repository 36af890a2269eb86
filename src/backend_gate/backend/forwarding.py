"""Handlers that hand the request as it is, its scope with what receives and sends, to another application."""

from __future__ import annotations

from backend_gate.backend.trace import CallEvent, Trace
from backend_gate.backend.unparse import unparse
from backend_gate.backend.values import External, Function, Instance, Mapping, Value, alternatives

HEADERS = "backend_gate.request_headers"


def forwards_to(trace: Trace) -> str:
    """What is called with the scope of the request and cannot be followed to its end; empty if nothing is."""
    for event in trace.calls:
        if len(event.arguments.positional) != 3 or not _is_scope(event.arguments.positional[0]):
            continue
        if trace.gave_up or not all(isinstance(callee, Function) for callee in alternatives(event.callee)):
            return _called(event)
    return next(iter(trace.forwarded), "")


def _is_scope(value: Value) -> bool:
    """The scope of the request, or a copy of it: the headers of the request are in it."""
    return any(
        isinstance(one, Mapping)
        and any(
            isinstance(held, Instance) and isinstance(held.cls, External) and held.cls.name == HEADERS
            for _, held in one.entries.values()
        )
        for one in alternatives(value)
    )


def _called(event: CallEvent) -> str:
    return unparse(event.node.function)
