"""What the branches of a statement write into objects: saved and joined as the names of a scope are.

``if settings.hosted: config.scheme = EXTERNAL`` leaves both schemes possible: the new one, and the one from before.
Each branch starts with what was there before. Behind the statement holds any of what the branches that get there
have left, and what a branch that returns has left may be there as well when the object is read elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple, Self

from backend_gate.backend.values import Instance, Value, join, newest, overridden, untested

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter

State = dict[tuple[int, str], Value | None]
"""Attributes by the identity of their owner and their name; ``None``: it has none of its own."""


class Write(NamedTuple):
    """An attribute that changes, and what the object itself held before; ``narrowed``: a test has looked at it."""

    owner: Instance
    name: str
    before: Value | None
    narrowed: bool


class Heap:
    """The writes since the outermost statement with branches that is running."""

    def __init__(self) -> None:
        self.writes: list[Write] = []
        self.depth = 0

    def changes(self, owner: Instance, name: str, *, narrowed: bool = False) -> None:
        """``owner.name`` is about to be something else."""
        if self.depth:
            self.writes.append(Write(owner, name, owner.attributes.get(name), narrowed))

    def branches(self) -> Fields:
        """A statement of which one of several branches runs, for ``with``."""
        return Fields(self)


class Fields:
    """The attributes that the branches of one statement write."""

    __slots__ = ("heap", "newest", "start")

    def __init__(self, heap: Heap) -> None:
        self.heap = heap
        self.start = len(heap.writes)
        self.newest = newest()

    def __enter__(self) -> Self:
        self.heap.depth += 1
        return self

    def __exit__(self, *exception: object) -> None:
        self.heap.depth -= 1
        if not self.heap.depth:
            self.heap.writes.clear()

    def take(self) -> State:
        """What the objects hold that the branches have written so far."""
        if len(self.heap.writes) == self.start:
            return {}
        return {(id(w.owner), w.name): w.owner.attributes.get(w.name) for w in self._own()}

    def start_again(self) -> None:
        """Another branch begins: what the branches before it have written is not there."""
        for write in self._first().values():
            _set(write, write.before)

    def join(self, interpreter: Interpreter, states: list[State], setting: str | None = None) -> None:
        """Leave what any of the branches has left, in this order; without any, what was there before.

        ``setting``: the first state is there unless somebody sets it.
        """
        default = interpreter.default_of
        for key, write in self._first().items():
            found = [state.get(key, write.before) for state in states] or [write.before]
            if all(value is found[0] for value in found):
                _set(write, found[0])
            else:
                _set(write, _joined(write, found, default, setting))

    def prefer(self, state: State) -> None:
        """Leave what one branch has left, or what was there before; of what neither has, what the others have."""
        for key, write in self._first().items():
            value = state.get(key, write.before)
            if value is not None:
                _set(write, value)

    def _own(self) -> Iterator[Write]:
        """The writes to objects that were there before the statement; any other belongs to its branch."""
        return (w for w in self.heap.writes[self.start :] if w.owner.number <= self.newest)

    def _first(self) -> dict[tuple[int, str], Write]:
        """The first change of each attribute that is more than a look at it."""
        if len(self.heap.writes) == self.start:
            return {}
        first: dict[tuple[int, str], Write] = {}
        written = set()
        for write in self._own():
            key = (id(write.owner), write.name)
            first.setdefault(key, write)
            if not write.narrowed:
                written.add(key)
        return {key: write for key, write in first.items() if key in written}


def _joined(
    write: Write,
    found: list[Value | None],
    default: Callable[[Instance, str], Value | None],
    setting: str | None,
) -> Value | None:
    inherited = default(write.owner, write.name) if None in found else None
    values = [value if value is not None else inherited for value in found]
    known = [untested(value) for value in values if value is not None]
    if setting is not None and values[0] is not None:
        return overridden(known[0], known[1:], setting)
    return join(known) if known else None


def _set(write: Write, value: Value | None) -> None:
    if value is None:
        write.owner.attributes.pop(write.name, None)
    else:
        write.owner.attributes[write.name] = value
