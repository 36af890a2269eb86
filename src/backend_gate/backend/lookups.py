"""Rows that a request asks for and that nobody looks whether they are there.

A row is looked up by something that the request brings: a client may name one that does not exist. The lookup gives
``None`` then. Whoever takes a part of it fails with a bare 500, whoever returns it answers "nothing" with 200.
Handlers, dependencies and what they call are read (:mod:`backend_gate.backend.lookup_flow`); a row that a function
returns is one where it is called.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, NamedTuple

from backend_gate.backend.errors import MAX_DEPTH
from backend_gate.backend.library_models import is_library
from backend_gate.backend.lookup_flow import LookupFlow, Row, State
from backend_gate.backend.model import Endpoint, MissingRow, Place, Step
from backend_gate.backend.runs import NormalRuns, Run
from backend_gate.backend.trace import CallEvent, Trace
from backend_gate.backend.values import BoundMethod, Class, Function, Native, Value, alternatives
from backend_gate.backend.vocabulary import Vocabulary
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.dependencies import Dependency
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.link import Operation

_SURROUNDINGS = frozenset({"Request", "Response", "WebSocket", "HTTPConnection", "BackgroundTasks"})
"""What the framework hands to a handler beside what the client chose."""


_Taken = tuple[Place, str, tuple[Step, ...]]


class _OfDependency(NamedTuple):
    """The row that a dependency gives, what of the request it has proved to be there, and rows it takes for granted."""

    row: Row | None
    proved: AbstractSet[str]
    taken: list[_Taken]


class LookupReader:
    """Finds them on the way of each endpoint."""

    def __init__(self, interpreter: Interpreter, runs: NormalRuns) -> None:
        self.interpreter = interpreter
        self.runs = runs
        self._kinds: dict[str, list[str]] = {}
        self._dependencies: dict[int, _OfDependency] = {}  # by the identity of runs, which stay

    def judge(self, endpoint: Endpoint, operation: Operation) -> list[MissingRow]:
        """The rows that one endpoint takes for granted, or returns as they are, each place once."""
        if endpoint.methods == ["WEBSOCKET"]:
            return []
        found: dict[Place, MissingRow] = {}
        proved: set[str] = set()
        given: dict[int, Row] = {}
        for node in reversed(operation.nodes()):
            run = self.runs.dependency(node, endpoint)
            function = _function(node.value)
            if run is None or function is None:
                continue
            rows = {c.parameter: given[id(c.value)] for c in node.children if id(c.value) in given}
            read = self._of_dependency(node, run, function, rows)
            if read.row is not None:
                given[id(node.value)] = read.row
            proved |= read.proved
            _collect(found, endpoint, "taken", read.taken)
        handler = operation.function
        if handler is None:
            return [found[place] for place in sorted(found)]
        children = operation.dependencies.children
        for run in self.runs.handler(endpoint, operation):
            reading = _Reading(self.interpreter, run, self._kinds)
            rows = {c.parameter: given[id(c.value)] for c in children if id(c.value) in given}
            state = State(rows, proved, _brought(handler, [child.parameter for child in children]))
            result = reading.read(handler, state, ())
            _collect(found, endpoint, "taken", reading.taken)
            if result.row is not None and _function(run.callee) is handler and not handler.decorators:
                _collect(found, endpoint, "returned", [(result.place, "", result.row.steps)])
        return [found[place] for place in sorted(found)]

    def _of_dependency(
        self, node: Dependency, run: Run, function: Function, rows: dict[str, Row]
    ) -> _OfDependency:
        """What reading a dependency has found: once for all endpoints, unless one below it gives it a row."""
        if not rows and id(run) in self._dependencies:
            return self._dependencies[id(run)]
        brought = _brought(function, [child.parameter for child in node.children])
        reading = _Reading(self.interpreter, run, self._kinds)
        result = reading.read(function, State(rows, set(), dict(brought)), ())
        raises = any(not event.implicit for event in run.trace.raises)
        proved = brought.keys() | self._named(function) if raises else frozenset[str]()
        read = _OfDependency(result.row, proved, reading.taken)
        if not rows:
            self._dependencies[id(run)] = read
        return read

    def _named(self, function: Function) -> set[str]:
        """The parts of the request that a dependency takes by their names: ``request.path_params["number"]``."""
        node = function.node
        if isinstance(node, ir.Lambda) or not any(
            _annotation(p.annotation) in _SURROUNDINGS for p in node.parameters
        ):
            return set()
        body = self.interpreter.modules.body(function.module.path, node)
        constants = (n.value for n in expressions_in(body) if isinstance(n, ir.Constant))
        return {value for value in constants if isinstance(value, str) and value.isidentifier()}


class _Result(NamedTuple):
    """What a function gives where a row is missing: the row and the ``return``; nothing where it does not."""

    row: Row | None
    place: Place


_LOOKUPS = ("lookups", "query_lookups", "class_lookups")


class _Reading:
    """One run, and the bodies of the functions in it."""

    def __init__(self, interpreter: Interpreter, run: Run, named: dict[str, list[str]]) -> None:
        """``named`` is what any reading has found out about names of calls: the kinds of lookups that they are."""
        self.interpreter = interpreter
        self._named = named
        self.vocabulary: Vocabulary = interpreter.vocabulary
        self.events: dict[int, CallEvent] = {id(event.node): event for event in run.trace.calls}
        self.raising = {id(function.node) for function in _left_by_exceptions(run.trace)}
        self.taken: list[_Taken] = []
        self._looks_up = any(self._kinds(event.node) for event in run.trace.calls)
        self._active: list[Function] = []
        self._given: dict[int, Row] = {}
        self._known: dict[tuple[int, frozenset[str], frozenset[str], bool], _Result] = {}

    def read(
        self, function: Function, state: State, way: tuple[Step, ...], *, guarded: bool = False
    ) -> _Result:
        """Read a body; ``way`` leads to the function. ``guarded``: a clause on the way catches what fails."""
        nowhere = _Result(None, function.place)
        if not self._looks_up and not state.rows:
            return nowhere
        if isinstance(function.node, ir.Lambda) or is_library(function.place):
            return nowhere
        if len(self._active) > MAX_DEPTH or any(known.node is function.node for known in self._active):
            return nowhere
        self._active.append(function)
        path = function.module.path
        flow = LookupFlow(
            look_up=lambda call, now: self._row(call, now, path),
            proves=lambda call, now, inside: self._enter(call, now, path, way, guarded=inside),
            spreads=self._spreads,
            takes=lambda name: name in self.vocabulary.names("row_takers"),
            guarded=guarded,
        )
        flow.read(self.interpreter.modules.body(path, function.node), state)
        self._active.pop()
        for use in flow.uses:
            self.taken.append((Place(path, use.node.span), use.text, (*way, *use.row.steps)))
        if flow.given and not function.node.is_generator:
            node, row = flow.given[0]
            return _Result(row, Place(path, node.span))
        return nowhere

    # --- calls ---------------------------------------------------------------------------------------

    def _row(self, call: ir.Call, state: State, path: str) -> Row | None:
        """The row that a call gives, if the request decides which."""
        event = self.events.get(id(call))
        if event is None:
            return None
        if any(True for _ in _functions(event.callee)):
            given = self._given.get(id(call))
            return given if given is not None and not given.keys <= state.proved else None
        if any(isinstance(one, (Class, Native)) for one in alternatives(event.callee)):
            return None
        keys = self._keys(call, state)
        if not keys or keys <= state.proved:
            return None
        return Row(keys, (Step(Place(path, call.span), "this gives None where there is no such row"),))

    def _keys(self, call: ir.Call, state: State) -> frozenset[str]:
        """What of the request a row is looked up by; nothing where the call is no such lookup."""
        kinds = self._kinds(call)
        if not kinds:
            return frozenset()
        whole = state.whole(call)
        names = {_last_name(n.function) for n in expressions_in(whole) if isinstance(n, ir.Call)}
        others = {
            _last_name(n.function) for n in expressions_in(whole) if isinstance(n, ir.Call) and n is not call
        }
        is_lookup = (
            "lookups" in kinds
            or ("query_lookups" in kinds and self._any(others, "queries"))
            or ("class_lookups" in kinds and self._names_class(call))
        )
        if not is_lookup or self._any(names, "aggregates") or _always_gives(whole):
            return frozenset()
        receiver = call.function.value if isinstance(call.function, ir.Attribute) else None
        executed = (
            state.executed.get(receiver.id, frozenset()) if isinstance(receiver, ir.Name) else frozenset()
        )
        return state.keys(whole) | executed

    def _kinds(self, call: ir.Call) -> list[str]:
        """The kinds of lookups that a call can be by its name."""
        name = _last_name(call.function)
        known = self._named.get(name)
        if known is None:
            known = self._named[name] = [kind for kind in _LOOKUPS if name in self.vocabulary.names(kind)]
        return known

    def _names_class(self, call: ir.Call) -> bool:
        """``session.get(Order, number)``, ``session.query(Order).get(number)``"""
        before = call.function.value if isinstance(call.function, ir.Attribute) else None
        given = [self.events[id(c)].arguments.positional[:1] for c in (call, before) if id(c) in self.events]
        return any(isinstance(value, Class) for values in given for value in values) and bool(call.arguments)

    def _any(self, names: set[str], key: str) -> bool:
        known = self.vocabulary.names(key)
        return any(name in known for name in names)

    def _enter(
        self, call: ir.Call, state: State, path: str, way: tuple[Step, ...], *, guarded: bool
    ) -> frozenset[str]:
        """Read what a call runs, and give what of the request it has proved to be there."""
        self._given.pop(id(call), None)
        event = self.events.get(id(call))
        functions = list(_functions(event.callee)) if event is not None else []
        keys = state.keys([argument.value for argument in call.arguments]) if functions else frozenset()
        if not keys or keys <= state.proved:
            return frozenset()
        self._follow(call, functions, state, path, way, guarded)
        raises = any(id(function.node) in self.raising for function, _ in functions)
        return keys if raises else frozenset()

    def _follow(
        self,
        call: ir.Call,
        functions: list[tuple[Function, bool]],
        state: State,
        path: str,
        way: tuple[Step, ...],
        guarded: bool,
    ) -> None:
        if len(functions) != 1:
            return  # which of them runs is not known
        function, is_bound = functions[0]
        step = Step(Place(path, call.span), f"`{function.full_name}` is called here")
        given = _bound(call, function, is_bound, state)
        brought = frozenset(name for name, keys in given.items() if not keys <= state.proved)
        proved = frozenset(
            f"{name}{key[len(root) :]}"
            for name, keys in given.items()
            for root in keys
            for key in state.proved
            if key.startswith(f"{root}.")
        )
        if not brought:
            return
        key = (id(function.node), brought, proved, guarded)
        if key not in self._known:
            self._known[key] = _Result(None, function.place)  # what a recursion sees
            inside = State({}, set(proved), {name: frozenset([name]) for name in brought})
            self._known[key] = self.read(function, inside, (*way, step), guarded=guarded)
        row = self._known[key].row
        if row is not None:
            roots = {one.partition(".")[0] for one in row.keys}
            keys = frozenset(k for name in roots for k in given.get(name, ()))
            self._given[id(call)] = Row(keys, (step, *row.steps))

    def _spreads(self, value: ir.Expression) -> bool:
        """A value made of others that is neither looked up nor what the project's own code gives."""
        for node in expressions_in([value]):
            if isinstance(node, ir.Await):
                return False
            if isinstance(node, ir.Call):
                event = self.events.get(id(node))
                if event is None or any(True for _ in _functions(event.callee)):
                    return False
        return True


def _left_by_exceptions(trace: Trace) -> Iterator[Function]:
    """The functions of a run that a ``raise`` statement ends, wherever it is caught."""
    for event in trace.raises:
        yield from () if event.implicit else event.active
    for attempt in trace.attempts.values():
        own = attempt.frame.function
        for event in (one for events in attempt.caught for one in events if not one.implicit):
            around = [n for n, f in enumerate(event.active) if own is not None and f.node is own.node]
            yield from event.active[around[-1] + 1 :] if around else ()


def _functions(callee: Value) -> Iterator[tuple[Function, bool]]:
    """The functions of the project that a callee may be, and whether they are bound to an object."""
    for one in alternatives(callee):
        if isinstance(one, BoundMethod):
            yield one.function, True
        elif isinstance(one, Function):
            yield one, False


def _function(value: Value) -> Function | None:
    return next((function for function, _ in _functions(value)), None)


def _bound(call: ir.Call, function: Function, is_bound: bool, state: State) -> dict[str, frozenset[str]]:
    """The parameters of a function that a call fills with parts of the request."""
    names = [p.name for p in function.node.parameters if p.kind in ("positional", "normal")][is_bound:]
    found: dict[str, frozenset[str]] = {}
    for number, argument in enumerate(call.arguments):
        if argument.star:
            break
        name = argument.name or (names[number] if number < len(names) else "")
        keys = state.keys([argument.value])
        if name and keys:
            found[name] = keys
    return found


def _brought(function: Function, filled: list[str]) -> dict[str, frozenset[str]]:
    """The parameters of a handler or dependency that the client fills; others do those in ``filled``."""
    parameters = function.node.parameters
    own = parameters[1:] if function.cls is not None else parameters
    return {
        p.name: frozenset([p.name])
        for p in own
        if p.name not in filled and _annotation(p.annotation) not in _SURROUNDINGS
    }


def _annotation(node: ir.Expression | None) -> str:
    return _last_name(node) if node is not None else ""


_ALWAYS = re.compile(r"\b(COUNT|EXISTS|MAX|MIN|SUM|AVG|COALESCE)\s*\(|\bRETURNING\b", re.IGNORECASE)


def _always_gives(nodes: list[ir.Expression]) -> bool:
    """A statement that gives a row whatever there is."""
    texts = (
        n.value for n in expressions_in(nodes) if isinstance(n, ir.Constant) and isinstance(n.value, str)
    )
    return any(_ALWAYS.search(text) for text in texts)


def _last_name(node: ir.Expression) -> str:
    return node.name if isinstance(node, ir.Attribute) else node.id if isinstance(node, ir.Name) else ""


def _collect(found: dict[Place, MissingRow], endpoint: Endpoint, kind: str, taken: Iterable[_Taken]) -> None:
    for place, text, steps in taken:
        found.setdefault(place, MissingRow(endpoint, kind, text, place, list(steps)))
