"""One normal run of each handler and dependency, for everybody who asks what they do with a request.

A normal run is lazy and follows a request that carries everything (see
:class:`backend_gate.backend.trace.Trace`). What only starts when the answer is under way (a streamed answer,
background tasks) runs after it, with a trace of its own. Handlers and dependencies run once; whoever asks
later gets the same traces.
"""

from __future__ import annotations

import copy
from itertools import chain
from typing import TYPE_CHECKING

from backend_gate.backend.arguments import Arguments
from backend_gate.backend.attributes import instance_of
from backend_gate.backend.behaviour import Runner
from backend_gate.backend.dependencies import Dependency, handler_function, split_annotated
from backend_gate.backend.model import Body, Endpoint, Place
from backend_gate.backend.promises import as_annotated
from backend_gate.backend.signatures import signature_of
from backend_gate.backend.trace import Trace
from backend_gate.backend.values import (
    Alternatives,
    BodyInput,
    BodyOrigin,
    BoundMethod,
    Class,
    External,
    Function,
    Input,
    Instance,
    Sequence,
    SignatureParameter,
    Suspended,
    Unknown,
    Value,
    alternatives,
)

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.link import Operation

ADD_TASK = ("fastapi.background.BackgroundTasks.add_task", "starlette.background.BackgroundTasks.add_task")
MAX_LATER = 20


class Run:
    """One callable that has run: its trace, what it gave, and the trace of what it left to run later.

    ``raises`` is how much of what the trace holds as raised has passed all decorators that wrap the callable:
    what comes behind was seen without one that cannot be followed. ``request_free``: neither the callable nor
    what it depends on takes anything of a request. ``is_dependency``: the callable is one, not a handler.
    """

    __slots__ = ("callee", "is_dependency", "later", "raises", "request_free", "trace", "value")

    def __init__(self, callee: Value, trace: Trace, value: Value, later: Trace, raises: int) -> None:
        self.callee = callee
        self.raises = raises
        self.request_free = False
        self.is_dependency = False
        self.trace = trace
        self.value = value
        self.later = later


class NormalRuns:
    """The normal runs of one linked unit."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self.runner = Runner(interpreter)
        self._dependencies: dict[int, Run | None] = {}
        self._handlers: dict[tuple[int, tuple[str, ...], tuple[Place, ...]], list[Run]] = {}

    def of(self, endpoint: Endpoint, operation: Operation) -> list[Run]:
        """The runs of an endpoint in the order of a request: its dependencies, then the handler.

        A handler that is a class runs once for each method. What cannot be called gives no run.
        """
        nodes = [*operation.declared, *operation.dependencies.children]
        found: dict[int, Run] = {}
        for node in nodes:
            for below in reversed(node.walk()):
                run = self.dependency(below, endpoint)
                if run is not None:
                    found.setdefault(id(below.value), run)
        return [*found.values(), *self.handler(endpoint, operation)]

    def forget(self, operation: Operation) -> None:
        """Let go of the runs of a handler: nobody asks for them again."""
        handler = id(operation.handler)
        self._handlers = {key: runs for key, runs in self._handlers.items() if key[0] != handler}

    def handler(self, endpoint: Endpoint, operation: Operation) -> list[Run]:
        """The runs of the handler alone; its dependencies give their values."""
        places = tuple(sorted(body.place for body in endpoint.bodies if body.untyped))
        key = (id(operation.handler), tuple(endpoint.methods), places)
        if key not in self._handlers:
            self._handlers[key] = self._run_handler(endpoint, operation)
        return self._handlers[key]

    def _run_handler(self, endpoint: Endpoint, operation: Operation) -> list[Run]:
        handler = operation.handler
        if isinstance(handler, (Unknown, External)):
            return []
        if endpoint.framework == "starlette":
            request = self.runner.request(None, endpoint.methods)
            callees = [handler]
            if isinstance(handler, Class):
                made = Instance(handler)
                found = [self.interpreter.attribute(made, m.lower()) for m in endpoint.methods]
                callees = [c for c in found if not isinstance(c, Unknown)]
            return [self._run(c, Arguments([request]), Trace(), endpoint.place) for c in callees]
        results = {c.parameter: self._value(c, endpoint) for c in operation.dependencies.children}
        trace = Trace()
        arguments = self._arguments(handler, results, trace, endpoint)
        return [self._run(handler, arguments, trace, endpoint.place)] if arguments is not None else []

    # --- dependencies ----------------------------------------------------------------------------

    def dependency(self, node: Dependency, endpoint: Endpoint) -> Run | None:
        """The run of one dependency, after those that it depends on; ``None`` for one of a library."""
        key = id(node.value)
        if key in self._dependencies:
            return self._dependencies[key]
        self._dependencies[key] = None  # what a cycle sees, and what stays for one that cannot be run
        results = {child.parameter: self._value(child, endpoint) for child in node.children}
        trace = Trace()
        arguments = self._arguments(node.value, results, trace, endpoint)
        if arguments is None:
            return None
        run = self._dependencies[key] = self._run(node.value, arguments, trace, node.place)
        own = len(arguments.positional) + len(arguments.keywords) - len(node.children)
        below = [self.dependency(child, endpoint) for child in node.children]
        run.is_dependency = True
        run.request_free = own == 0 and all(b is not None and b.request_free for b in below)
        return run

    def _value(self, node: Dependency, endpoint: Endpoint) -> Value:
        """What a dependency hands to the parameter that asks for it."""
        run = self.dependency(node, endpoint)
        if run is None:
            return instance_of(self.interpreter, node.value, f"what {node.name} gives")
        value = run.value
        if isinstance(value, Sequence) and value.kind == "generator":
            value = value.items[0] if value.items else Unknown(f"what {node.name} yields")
        if run.request_free and type(value) is Unknown:
            return Input("configuration", f"what {node.name} gives", value.place)
        return _own(value, in_run=not run.request_free)

    # --- running ---------------------------------------------------------------------------------

    def _run(self, callee: Value, arguments: Arguments, trace: Trace, place: Place | None) -> Run:
        home = handler_function(callee)
        trace.home = home.full_name if home is not None else ""
        value = self.runner.run(callee, arguments, trace, place)
        raises = len(trace.raises)
        if home is not None and not trace.ended_early and not _reaches(callee, home, trace):
            # A decorator that cannot be followed: it is taken to hand the request on.
            receiver = callee.receiver if isinstance(callee, BoundMethod) else None
            given = arguments.prepend(receiver) if receiver is not None else arguments
            value = self.runner.run(home, given, trace, place)
        return Run(callee, trace, value, self._later(trace, place), raises)

    def _later(self, trace: Trace, place: Place | None) -> Trace:
        """Run what the answer streams and the background tasks that were added."""
        later = Trace()
        later.home = trace.home
        pending = [one for event in trace.returns for one in suspended_in(event.value)]
        for one in pending[:MAX_LATER]:
            self.runner.finish(one, later)
        tasks = [e for e in trace.calls if isinstance(e.callee, External) and e.callee.name in ADD_TASK]
        for event in tasks[:MAX_LATER]:
            given = event.arguments
            if given.positional:
                rest = Arguments(given.positional[1:], given.keywords, open=given.open, rest=given.rest)
                self.runner.run(given.positional[0], rest, later, place)
        return later

    def _arguments(
        self, value: Value, results: dict[str, Value], trace: Trace, endpoint: Endpoint
    ) -> Arguments | None:
        if isinstance(value, (External, Unknown)):
            return None
        if isinstance(value, Instance) and isinstance(value.cls, External):
            known = self.interpreter.vocabulary.method(value.cls.name, "__call__")
            return Arguments([self.runner.request(None, endpoint.methods)]) if known else None
        signature = signature_of(self.interpreter, value)
        if signature is None:
            return None
        bodies = {body.place: body for body in endpoint.bodies if body.untyped}
        arguments = Arguments()
        for parameter in signature.parameters:
            if parameter.kind in ("*", "**"):
                continue
            given = results.get(parameter.name)
            if given is None:
                given = self._parameter(parameter, bodies, trace, endpoint)
            elif parameter.annotation is not None:
                annotation, _ = split_annotated(parameter.annotation)
                if annotation is not None and type(given) is Unknown:
                    given = instance_of(self.interpreter, annotation, given.reason)
                elif annotation is not None:
                    given = as_annotated(self.interpreter, given, annotation)
            if parameter.kind == "positional":
                arguments.positional.append(given)
            else:
                arguments.keywords[parameter.name] = given
        return arguments

    def _parameter(
        self, parameter: SignatureParameter, bodies: dict[Place, Body], trace: Trace, endpoint: Endpoint
    ) -> Value:
        body = bodies.get(parameter.place) if parameter.place is not None else None
        if body is not None:
            return BodyInput(BodyOrigin("parameter", body.name, body.place))
        return self.runner.parameter(parameter, trace, None, endpoint.methods)


def _reaches(callee: Value, home: Function, trace: Trace) -> bool:
    """The run has called the function that the decorators wrap."""
    called = chain([callee], (one for event in trace.calls for one in alternatives(event.callee)))
    functions = (one.function if isinstance(one, BoundMethod) else one for one in called)
    return any(isinstance(one, Function) and one.node is home.node for one in functions)


def _own(value: Value, *, in_run: bool) -> Value:
    """A copy of what a dependency gave: what one handler writes to it, no other sees.

    ``in_run``: whether it counts as made for this request.
    """
    if isinstance(value, Alternatives):
        return Alternatives(tuple(_own(one, in_run=in_run) for one in value.values))
    if isinstance(value, Instance) and value.in_run:
        made = copy.copy(value)
        made.attributes = dict(value.attributes)
        made.in_run = in_run
        return made
    return value


def suspended_in(value: Value, depth: int = 0) -> list[Suspended]:
    """Generators and coroutines that an answer holds and that have not run."""
    found: list[Suspended] = []
    for one in alternatives(value):
        if isinstance(one, Suspended):
            found.append(one)
        elif isinstance(one, Instance) and depth < 3:
            for argument in [*one.arguments, *one.keywords.values(), *one.attributes.values()]:
                found += suspended_in(argument, depth + 1)
    return found
