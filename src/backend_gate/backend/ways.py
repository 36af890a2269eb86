"""Under which conditions a run without credentials goes on behind a call that may deny.

``check(token)`` denies, or it returns: what stands behind the call is reached only under the conditions of one
of its returns; what stands behind an ``if``, under those of one of its branches. They are kept for the most open of
them, so that no obstacle is seen where there is a way around.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_gate.backend import decisions
from backend_gate.backend.model import Condition, Place
from backend_gate.backend.trace import RaiseEvent, Trace
from backend_gate.backend.values import BoundMethod, Function, Value

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter

Conditions = tuple[Condition, ...]


class Ways:
    """The ways past one call, past each of the callees that it may mean, or past the branches of an ``if``."""

    def __init__(self, interpreter: Interpreter, place: Place | None) -> None:
        self.interpreter = interpreter
        self.place = place
        self.before = interpreter.conditions
        self.trace = interpreter.trace if interpreter.trace is not None and interpreter.trace.absent else None
        self.escaped = [(events, len(events)) for events in _waiting(self.trace)]

    def go_on(self, ways: list[Conditions]) -> None:
        """Set the conditions behind the call, if something in it was raised and went past it.

        Where that is no denial, which settings it depends on says nothing of who gets there.
        """
        trace = self.trace
        raised = [event for events, before in self.escaped for event in events[before:]]
        if trace is None or not ways or not raised:
            return
        conditions = min(ways, key=lambda conditions: self._closed(trace, conditions))
        if not any(decisions.is_denial(trace, event) for event in raised):
            outside = len(self.before)
            added = [c for c in conditions[outside:] if not decisions.is_of_deployment(trace, c)]
            conditions = (*conditions[:outside], *added)
        self.interpreter.conditions = conditions

    def _closed(self, trace: Trace, conditions: Conditions) -> tuple[bool, bool, bool, int]:
        """How much stands in a way: a setting is most, and more so one that has to be set; nothing the client decides.

        ``if key: if given != key: raise`` is passed where no key is set, and not where what is given is that one.
        """
        added = conditions[len(self.before) :]
        is_open = all(c.by_default is not None for c in added) or decisions.is_free(trace, added)
        has_to_be_set = any(c.by_default is False for c in added)
        return bool(decisions.settings_of(trace, added)), not is_open, has_to_be_set, len(added)

    def go_on_after(self, ways: list[tuple[Value, Conditions]], callees: tuple[Value, ...]) -> None:
        """The same behind a call of one of ``callees``; those that always raise have no way."""
        found = [conditions for _, conditions in ways]
        passing = {name for callee, _ in ways if (name := _owner(callee))}
        others = {name for callee in callees if (name := _owner(callee))} - passing
        if len(ways) < len(callees) and others and passing and self.place is not None:
            text = f"{', '.join(sorted(passing))} is used, not {', '.join(sorted(others))}"
            found = [(*each, Condition(text, self.place)) for each in found]
        self.interpreter.conditions = self.before
        self.go_on(found)


def _waiting(trace: Trace | None) -> list[list[RaiseEvent]]:
    """Where the exceptions go that leave what is running: those of the clauses around it, and of nobody."""
    if trace is None:
        return []
    return [trace.raises, *(events for each in trace.tries for events in each.caught)]


def _owner(callee: Value) -> str:
    """The class whose method is called."""
    function = callee.function if isinstance(callee, BoundMethod) else callee
    if not isinstance(function, Function) or function.cls is None:
        return ""
    return function.cls.full_name.rpartition(".")[2]
