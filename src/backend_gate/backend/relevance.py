"""Whether it depends on the request that an exception is raised.

A name that is taken, a row that is not there, a state that does not allow it: the client can do something
about those, and deserves to be told. That a setting is missing or that a worker has not started is for the
operator: a 500 is the right answer. What decides is the test that leads to the ``raise``: it looks at
something that came in through the parameters of the function, or only at the state of the server.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from backend_gate.backend.behaviour import STATE_ATTRIBUTE
from backend_gate.backend.trace import CallEvent, RaiseEvent, Trace, exception_class
from backend_gate.backend.values import (
    Absent,
    BoundMethod,
    Class,
    Constant,
    Derived,
    External,
    Function,
    GivenUp,
    Input,
    Instance,
    Mapping,
    Repeated,
    Sequence,
    Setting,
    TextValue,
    Unknown,
    Unpassed,
    Value,
    alternatives,
)
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir
from backend_gate.facts.model import Span

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter

_MAX_NESTING = 5


class Relevance(enum.IntEnum):
    """What the test before a ``raise`` looks at."""

    SERVER = 0
    """Only at the state of the server."""
    OBJECT = 1
    """At the object whose method raises."""
    REQUEST = 2
    """At what the request brought, or was looked up by it; also where this is not known."""
    DIRECT = 3
    """At what the request brought, or the function with the test has looked up by it."""


def relevance(interpreter: Interpreter, event: RaiseEvent, trace: Trace, depth: int = 0) -> Relevance:
    """Whether it depends on the request that ``event`` happens."""
    frames = event.active
    place = event.place
    for back, function in enumerate(reversed(frames), start=1):
        if isinstance(function.node, ir.Lambda) or function.module.path != place.file:
            return Relevance.REQUEST
        is_root = back == len(frames)
        call = _call_of(function, event, back, trace) if not is_root and back <= len(event.calls) else None
        if call is None and not is_root:
            return Relevance.REQUEST
        body = interpreter.modules.body(function.module.path, function.node)
        tests = _tests(body, place.span)
        if tests:
            outages = Outages(interpreter, trace, event, depth)
            tests = [t for t in tests if not (isinstance(t, Caught) and outages.holds(t))]
            given = _given(interpreter, function, call) if call is not None else _asked(function)
            return _looks_at(tests, body, given, function, place.span.line)
        place = call.place if call is not None else place
    return Relevance.REQUEST


def _asked(function: Function) -> dict[str, Value]:
    """The parameters of a handler or dependency: what the request brings."""
    return {p.name: Input("request", p.name) for p in function.node.parameters}


def _call_of(function: Function, event: RaiseEvent, back: int, trace: Trace) -> CallEvent | None:
    """The call that entered a function, ``back`` calls before the event."""
    place = event.calls[-back][0]
    before = reversed(trace.calls[: event.position])
    return next((c for c in before if c.place == place and _enters(c, function)), None)


def _enters(call: CallEvent, function: Function) -> bool:
    for callee in alternatives(call.callee):
        entered = callee.function if isinstance(callee, BoundMethod) else callee
        if isinstance(entered, Function) and entered.node is function.node:
            return True
        if isinstance(callee, Class) and function.cls is not None and function.name == "__init__":
            return True
    return False


def _given(interpreter: Interpreter, function: Function, call: CallEvent) -> dict[str, Value]:
    """The parameters of a function as a call binds them."""
    from backend_gate.backend.calls import bind_parameters
    from backend_gate.backend.frame import Frame
    from backend_gate.backend.values import Scope

    arguments = call.arguments
    for callee in alternatives(call.callee):
        if isinstance(callee, BoundMethod) and callee.function.node is function.node:
            arguments = arguments.prepend(callee.receiver)
            break
        if isinstance(callee, Class):
            arguments = arguments.prepend(Instance(callee, in_run=True))
            break
    frame = Frame(function.module, Scope("function", function.module), function)
    bind_parameters(interpreter, function, arguments, frame)
    return frame.scope.names


# --- the tests that lead to a place ----------------------------------------------------------------


class Caught(NamedTuple):
    """An ``except`` clause as a test: whether its ``try`` body fails."""

    statement: ir.Try
    number: int

    @property
    def body(self) -> list[ir.Statement]:
        """What is tried."""
        return self.statement.body

    @property
    def clause(self) -> ir.Expression | None:
        """The classes that are caught; ``None``: all."""
        return self.statement.handlers[self.number].type


class Outages:
    """Tells for which clauses the ``try`` body fails because something is down, not because of the request."""

    def __init__(self, interpreter: Interpreter, trace: Trace, event: RaiseEvent, depth: int) -> None:
        self.interpreter = interpreter
        self.trace = trace
        self.event = event
        self.depth = depth

    def holds(self, test: Caught) -> bool:
        """A clause for what a library raises when it has no connection, or a broad one around such a call.

        A broad clause (``except Exception``) says that nobody knows what may fail. It is about the request
        where the body parses something, raises something of its own that is, or where the name of what is
        raised instead says so.
        """
        vocabulary = self.interpreter.vocabulary
        names = [_last_name(kind) for kind in _kinds(test.clause)]
        if names and all(vocabulary.means_outage(name) for name in names):
            return True
        if any(name not in _BROAD for name in names):
            return False
        raised = self._raised_inside(test)
        if raised:
            return all(self._is_for_server(event) for event in raised)
        nodes = list(expressions_in(test.body, into_functions=False))
        if raised is None and any(isinstance(node, ir.Raise) for node in nodes):
            return False
        if self._leaves_the_process(nodes):
            return True
        calls = [_last_name(node.function) for node in nodes if isinstance(node, ir.Call)]
        parses = any(vocabulary.parses(name) for name in calls)
        return not parses and not vocabulary.blames_the_client(_class_name(self.event.exception))

    def _raised_inside(self, test: Caught) -> list[RaiseEvent] | None:
        """What ``raise`` statements of the body, or of what it calls, bring to the clause; ``None``: not known."""
        contexts = {id(c): c for call in self.trace.calls for c in call.tries if c.node is test.statement}
        if not contexts:
            return None
        return [e for c in contexts.values() for e in c.caught[test.number] if not e.implicit]

    def _is_for_server(self, event: RaiseEvent) -> bool:
        if event is self.event or self.depth >= _MAX_NESTING:
            return True
        if self.interpreter.vocabulary.blames_the_server(_class_name(event.exception)):
            return True
        return relevance(self.interpreter, event, self.trace, self.depth + 1) is Relevance.SERVER

    def _leaves_the_process(self, nodes: list[Any]) -> bool:
        awaits = {id(node.value) for node in nodes if isinstance(node, ir.Await)}
        calls = {id(node) for node in nodes if isinstance(node, ir.Call)}
        for event in self.trace.calls:
            if id(event.node) not in calls:
                continue
            for callee in alternatives(event.callee):
                if isinstance(callee, External) and self.interpreter.vocabulary.is_service(callee.name):
                    return True
                if id(event.node) in awaits and (isinstance(callee, External) or type(callee) is Unknown):
                    return True
        return False


def _kinds(clause: ir.Expression | None) -> list[ir.Expression]:
    if clause is None:
        return []
    return clause.items if isinstance(clause, ir.TupleDisplay) else [clause]


def _last_name(node: ir.Expression) -> str:
    return node.name if isinstance(node, ir.Attribute) else node.id if isinstance(node, ir.Name) else ""


def _class_name(exception: Value) -> str:
    cls = exception_class(exception)
    return cls.qualname if isinstance(cls, Class) else cls.name if isinstance(cls, External) else ""


_BROAD = frozenset({"Exception", "BaseException"})


def _tests(block: list[ir.Statement], span: Span) -> list[ir.Node | Caught]:
    """The innermost test around a place; without any, those that leave before it."""
    around: list[ir.Node | Caught] = []
    leaving: list[ir.Node | Caught] = []
    while True:
        inner: list[ir.Statement] | None = None
        for statement in block:
            if _inside(span, statement.span):
                found, inner = _enter(statement, span)
                around = found or around
                break
            if _leaves(statement):
                leaving += [
                    n.test if isinstance(n, ir.If) else n.iterable
                    for n in expressions_in([statement], into_functions=False)
                    if isinstance(n, (ir.If, ir.For))
                ]
        if inner is None:
            return around or leaving
        block = inner


def _enter(statement: ir.Statement, span: Span) -> tuple[list[ir.Node | Caught], list[ir.Statement] | None]:
    """What a compound statement tests before it comes to the place, and the block that holds the place."""
    match statement:
        case ir.If(test=test, body=body, orelse=orelse):
            return [test], body if _holds(body, span) else orelse
        case ir.While(test=test, body=body):
            return [test], body
        case ir.For(body=body, orelse=orelse):
            return [], body if _holds(body, span) else orelse
        case ir.With(body=body):
            return [], body
        case ir.Match(subject=subject, cases=cases):
            return [subject], next((c.body for c in cases if _holds(c.body, span)), None)
        case ir.Try():
            for number, handler in enumerate(statement.handlers):
                if _holds(handler.body, span):
                    return [Caught(statement, number)], handler.body
            blocks = (statement.body, statement.orelse, statement.finalbody)
            return [], next((b for b in blocks if _holds(b, span)), None)
    return [], None


def _holds(block: list[ir.Statement], span: Span) -> bool:
    return any(_inside(span, statement.span) for statement in block)


def _inside(inner: Span, outer: Span) -> bool:
    start, end = (inner.line, inner.column), (inner.end_line, inner.end_column)
    return (outer.line, outer.column) <= start and end <= (outer.end_line, outer.end_column)


def _leaves(statement: ir.Statement) -> bool:
    """A statement that may end the function or the round of a loop."""
    kinds = (ir.Return, ir.Raise, ir.Break, ir.Continue)
    return not isinstance(statement, kinds) and any(
        isinstance(node, kinds) for node in expressions_in([statement], into_functions=False)
    )


# --- what they look at ------------------------------------------------------------------------------


def _looks_at(
    tests: list[ir.Node | Caught],
    body: list[ir.Statement],
    given: dict[str, Value],
    function: Function,
    line: int,
) -> Relevance:
    own = function.node.parameters[0].name if function.cls is not None and function.node.parameters else ""
    brought = {name for name, value in given.items() if name != own and may_come_from_request(value)}
    _spread(body, brought, line)
    unpassed = {
        name for name, value in given.items() if any(isinstance(v, Unpassed) for v in alternatives(value))
    }
    receiver = given.get(own)
    lasting = isinstance(receiver, Class) or (isinstance(receiver, Instance) and not receiver.in_run)
    entity = receiver is not None and not lasting
    found = Relevance.SERVER
    direct = {n for n in brought if isinstance(given.get(n), Input)}
    computed = set(direct)
    _spread(body, computed, line)
    for node in _looked_at(tests, direct):
        if isinstance(node, ir.Name) and node.id in unpassed:
            return Relevance.SERVER  # whether it is passed at all is not known
        if isinstance(node, ir.Name) and node.id in brought:
            found = max(found, Relevance.DIRECT if node.id in computed else Relevance.REQUEST)
        elif entity and isinstance(node, ir.Attribute) and _is_name(node.value, own):
            found = max(found, Relevance.OBJECT)
    return found


def _looked_at(tests: list[ir.Node | Caught], direct: set[str]) -> Iterator[ir.Node]:
    """What the tests read. The type of an object is nothing a client can change, but for what it sent."""
    for test in tests:
        if isinstance(test, Caught):
            for call in expressions_in(test.body, into_functions=False):
                if isinstance(call, ir.Call):
                    yield from expressions_in([call])
            continue
        types: set[int] = set()
        for node in expressions_in([test]):
            if isinstance(node, ir.Call) and (
                _is_name(node.function, "isinstance") or _is_name(node.function, "type")
            ):
                names = [n for n in expressions_in([node]) if isinstance(n, ir.Name)]
                types |= {id(n) for n in names if n.id not in direct}
            if isinstance(node, ir.Attribute) and (node.name in _STATUS or _is_state(node)):
                types.add(id(node.value))
            if id(node) not in types:
                yield node


def _is_name(node: ir.Expression, name: str) -> bool:
    return isinstance(node, ir.Name) and node.id == name


_STATUS = frozenset({"status_code", "is_success", "is_error", "ok"})
"""Attributes of another service's answer: if they are wrong, that service is."""
_REQUESTS = frozenset({"request", "req", "websocket"})


def _is_state(node: ir.Attribute) -> bool:
    """``request.app`` and ``request.state``: what the server has put there itself."""
    return node.name in ("app", "state") and isinstance(node.value, ir.Name) and node.value.id in _REQUESTS


def _mentions(source: Any, names: set[str]) -> bool:
    own = {id(n.value) for n in expressions_in([source]) if isinstance(n, ir.Attribute) and _is_state(n)}
    return any(
        isinstance(n, ir.Name) and n.id in names and id(n) not in own for n in expressions_in([source])
    )


def _spread(body: list[ir.Statement], brought: set[str], line: int) -> None:
    """Add the names that are computed from those in ``brought``, up to a line."""
    before = -1
    while before != len(brought):
        before = len(brought)
        for node in expressions_in(body, into_functions=False):
            for targets, source in _assigned(node) if node.span.line <= line else ():
                if _mentions(source, brought):
                    brought.update(targets)


def _assigned(node: Any) -> Iterator[tuple[list[str], Any]]:
    match node:
        case ir.Assign(targets=targets, value=value):
            yield [name for target in targets for name in _names(target)], value
        case ir.AnnotatedAssign(target=target, value=value) if value is not None:
            yield list(_names(target)), value
        case ir.AugmentedAssign(target=target, value=value) | ir.NamedExpression(target=target, value=value):
            yield list(_names(target)), value
        case ir.For(target=target, iterable=iterable):
            yield list(_names(target)), iterable
        case ir.Comprehension(generators=generators):
            for generator in generators:
                yield list(_names(generator.target)), generator.iterable
        case ir.With(items=items):
            for item in items:
                if item.target is not None:
                    yield list(_names(item.target)), item.value


def _names(target: ir.Expression) -> Iterator[str]:
    for node in expressions_in([target]):
        if isinstance(node, ir.Name):
            yield node.id


def may_come_from_request(value: Value, depth: int = 0, *, made_before: bool = False) -> bool:
    """Something in a value came with the request, or was looked up by what did; true where it is not known.

    ``made_before``: it is part of an object that was there before the request.
    """
    if depth > _MAX_NESTING:
        return False
    inner: list[Value] = []
    match value:
        case Setting() | Absent() | Unpassed() | GivenUp() | Constant() | Class() | Function():
            return False
        case Derived(sources=sources) if sources:
            inner = list(sources)
        case Repeated(shape=shape):
            inner = [part.value.value for part in shape.parts if not isinstance(part, str)]
        case Input(kind=kind, source=source):
            return kind != "configuration" and not source.startswith(STATE_ATTRIBUTE)
        case Unknown():
            return not made_before
        case External(owner=owner):
            inner = [owner] if owner is not None else []
        case TextValue(parts=parts):
            inner = [part for part in parts if not isinstance(part, str)]
        case Sequence(items=items, open=is_open):
            inner = items
            if is_open and not made_before:
                return True
        case Mapping(entries=entries, open=is_open):
            inner = [entry for _, entry in entries.values()]
            if is_open and not made_before:
                return True
        case Instance():
            made_before = made_before or not value.in_run
            inner = [*value.arguments, *value.keywords.values(), *value.attributes.values(), value.cls]
        case BoundMethod(receiver=receiver):
            inner = [receiver]
        case _:
            inner = [one for one in alternatives(value) if one is not value]
    return any(may_come_from_request(one, depth + 1, made_before=made_before) for one in inner)
