"""Which values the conditions on the way have checked, by the identity of the value.

A check in one place holds wherever the same value goes: a function that raises unless a name is allowed has
checked it for its caller, a loop that raises has checked each item. What one branch has checked holds after the
branches only if all that go on have checked it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_gate.backend.values import (
    Alternatives,
    Class,
    External,
    Input,
    Instance,
    Mapping,
    Sequence,
    Unknown,
    Value,
    alternatives,
)

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter

MAX_DEPTH = 3
_CHECKED = ("allow-listed", "coerced")
Known = dict[int, tuple[Value, Value]]
"""By identity: the value, kept alive, and what it is once it was checked."""


class Checks:
    """What has been checked up to this moment of a run."""

    def __init__(self) -> None:
        self.known: Known = {}

    def mark(self, before: Value, after: Value) -> list[int]:
        """``before`` was checked and is ``after`` now; gives the marks that were made."""
        checked = next((v for v in alternatives(after) if isinstance(v, Input) and v.kind in _CHECKED), None)
        made: list[int] = []
        for one in alternatives(before) if checked is not None else ():
            is_open = isinstance(one, Unknown) or (
                isinstance(one, Instance) and isinstance(one.cls, External)
            )
            if checked is not None and is_open and one is not checked and id(one) not in self.known:
                self.known[id(one)] = (one, checked)
                made.append(id(one))
        return made

    def seen(self, value: Value) -> Value:
        """``value`` as the checks have left it; for a collection its items."""
        if not self.known:
            return value
        found = self.known.get(id(value))
        if found is not None:
            return found[1]
        if isinstance(value, Alternatives):
            if any(id(one) in self.known for one in value.values):
                return Alternatives(tuple(self.seen(one) for one in value.values))
        elif isinstance(value, Sequence):
            if any(id(item) in self.known for item in value.items):
                items = [self.seen(item) for item in value.items]
                return Sequence(value.kind, items, open=value.open, sample=value.sample)
        elif isinstance(value, Mapping) and any(id(v) in self.known for _, v in value.entries.values()):
            return Mapping(((k, self.seen(v)) for k, v in value.entries.values()), open=value.open)
        return value

    def settle(self, value: Value, depth: int = 0) -> None:
        """Let what ``value`` holds be what the checks have left, wherever it goes: it leaves the function here."""
        if not self.known or depth > MAX_DEPTH:
            return
        for one in alternatives(value):
            if isinstance(one, Sequence):
                one.items[:] = [self._settled(item, depth) for item in one.items]
            elif isinstance(one, Mapping):
                for key, (name, held) in list(one.entries.items()):
                    one.entries[key] = (name, self._settled(held, depth))
            elif isinstance(one, Instance) and isinstance(one.cls, Class):
                for attribute, held in list(one.attributes.items()):
                    one.attributes[attribute] = self._settled(held, depth)

    def _settled(self, value: Value, depth: int) -> Value:
        found = self.known.get(id(value))
        if found is not None:
            return found[1]
        self.settle(value, depth + 1)
        return value


class Branches:
    """The checks of a statement with branches: each branch starts with what was checked before."""

    def __init__(self, interpreter: Interpreter) -> None:
        trace = interpreter.trace
        self.checks = trace.checks if trace is not None and trace.lazy else Checks()
        self.before = dict(self.checks.known)
        self.ways: list[Known] = []

    def start(self) -> None:
        """Another branch begins."""
        self.checks.known = dict(self.before)

    def goes_on(self) -> None:
        """The branch that has run reaches what stands behind the statement."""
        self.ways.append(dict(self.checks.known))

    def finish(self) -> None:
        """Behind the statement holds what each branch that gets there has checked."""
        first, *others = self.ways or [self.before]
        if first and others:
            first = {key: entry for key, entry in first.items() if all(key in way for way in others)}
        self.checks.known = first
