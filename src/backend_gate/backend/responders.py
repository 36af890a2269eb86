"""Who turns an exception that leaves a handler into a response.

Handlers registered on the application, middleware, route classes and dependencies with ``yield``: each is
asked by the interpreter, with the exception at hand. What an application that is mounted does not answer
itself ends as its own 500; the applications around it no longer have a say.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from backend_gate.backend.arguments import Arguments
from backend_gate.backend.attributes import class_attribute
from backend_gate.backend.behaviour import Runner
from backend_gate.backend.coroutines import awaited
from backend_gate.backend.middleware import middleware_arguments, middleware_callable
from backend_gate.backend.model import Place, Step
from backend_gate.backend.trace import (
    RaisedSignal,
    RaiseEvent,
    Trace,
    catches,
    covers_part,
    exception_class,
    status_number,
)
from backend_gate.backend.values import (
    BoundMethod,
    Class,
    Constant,
    External,
    Function,
    Instance,
    Mapping,
    Native,
    Sequence,
    Unknown,
    Value,
    alternatives,
    key_of,
)
from backend_gate.backend.wrappers import is_around

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend_gate.backend.flatten import Registration
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.link import Operation

_CATCH_ALL = ("builtins.Exception", "builtins.BaseException")
_MAX_CONSIDERED = 5


class Answer(enum.IntEnum):
    """What becomes of an exception."""

    NONE = 0
    """Nobody answers: the server sends its bare 500."""
    GENERIC = 1
    """Only a handler for everything answers, with status 500."""
    UNKNOWN = 2
    """Whether somebody answers cannot be told."""
    FITTING = 3
    """A handler, clause or middleware that is for this exception answers."""


class Judgement:
    """The answer to one exception of one endpoint, with what was looked at."""

    __slots__ = ("answer", "considered")

    def __init__(self) -> None:
        self.answer = Answer.NONE
        self.considered: list[Step] = []

    def add(self, answer: Answer, step: Step | None = None) -> None:
        """One more that was asked: the best answer counts."""
        self.answer = max(self.answer, answer)
        if step is not None and len(self.considered) < _MAX_CONSIDERED:
            self.considered.append(step)


class Responders:
    """Asks everything between a handler and the server. One for each linked unit; answers are kept."""

    def __init__(self, interpreter: Interpreter, runner: Runner) -> None:
        self.interpreter = interpreter
        self.runner = runner
        self._answers: dict[tuple[object, ...], tuple[object, Answer]] = {}
        self._transparent: dict[int, Instance] = {}
        """Middleware that calls the rest of the application outside of any ``try`` or ``with``."""

    def judge(self, event: RaiseEvent, operation: Operation, generators: list[Value]) -> Judgement:
        """What becomes of ``event``.

        ``generators`` are the dependencies with ``yield`` of the endpoint: they see what its handler raises.
        """
        judgement = Judgement()
        registrations = [operation.registration, *(r for _, r in operation.variants)]
        for number, registration in enumerate(registrations):
            answer = self._on_the_way(event, registration, judgement if number == 0 else Judgement())
            judgement.add(answer)
        for generator in generators:
            judgement.add(self._asked(generator, event, self._through_generator))
        return judgement

    def _on_the_way(self, event: RaiseEvent, registration: Registration, into: Judgement) -> Answer:
        name = short_name(event.exception)
        found = Answer.NONE
        route = registration.route
        if isinstance(route.cls, Class) and class_attribute(route.cls, "get_route_handler") is not None:
            found = max(found, self._asked(route, event, self._through_route))
        around = [app for app in registration.applications[-2:-1] if is_around(app)]
        for app in [*around, *registration.applications[-1:]]:
            if app not in around:
                found = max(found, self._handlers(app, event, into))
            if "given_to" in app.attributes:
                found = max(found, Answer.UNKNOWN)
            chain = app.attributes.get("user_middleware")
            for item in chain.items if isinstance(chain, Sequence) else []:
                if isinstance(item, Instance):
                    answer = self._asked(item, event, self._through_middleware)
                    found = max(found, answer)
                    if answer is Answer.GENERIC and item.place is not None:
                        into.add(Answer.NONE, Step(item.place, f"this middleware answers `{name}` with 500"))
            if isinstance(chain, Sequence) and chain.open:
                found = max(found, Answer.UNKNOWN)
        return found

    # --- registered handlers ---------------------------------------------------------------------

    def _handlers(self, app: Instance, event: RaiseEvent, into: Judgement) -> Answer:
        table = app.attributes.get("exception_handlers")
        name = short_name(event.exception)
        if table is None:
            if app.place is not None:
                into.add(Answer.NONE, Step(app.place, f"this application has no handler for `{name}`"))
            return Answer.NONE
        if not isinstance(table, Mapping):
            return Answer.UNKNOWN
        found = Answer.UNKNOWN if table.open else Answer.NONE
        for kind, function in table.entries.values():
            if is_generic(kind):
                answer = self._generic(function, event)
                words = "for everything answers with 500, which says nothing to the client"
            elif isinstance(kind, Constant):
                continue
            else:
                known = catches(self.interpreter, kind, event.exception)
                if known is False and covers_part(self.interpreter, kind, event.exception):
                    known = None  # some of them are answered: this one is of the rest, perhaps on purpose
                answer = Answer.FITTING if known else Answer.UNKNOWN if known is None else Answer.NONE
                words = f"is for `{short_name(kind)}`"
            found = max(found, answer)
            place = _place_of(function)
            if answer in (Answer.NONE, Answer.GENERIC) and place is not None:
                into.add(Answer.NONE, Step(place, f"this handler {words}"))
        if not table.entries and app.place is not None:
            into.add(Answer.NONE, Step(app.place, f"this application has no handler for `{name}`"))
        return found

    def _generic(self, function: Value, event: RaiseEvent) -> Answer:
        """A handler for everything: it may look at the exception and answer with a fitting status."""
        return self._asked(function, event, self._through_handler)

    def _through_handler(self, function: Value, event: RaiseEvent) -> Answer:
        trace = Trace()
        request = self.runner.request("/", ["GET"])
        value = self._run(function, Arguments([request, _as_object(event.exception)]), trace)
        if trace.ended_early:
            return Answer.UNKNOWN
        return _answer_of([value])

    # --- middleware, route classes, dependencies ---------------------------------------------------

    def _asked(self, what: Value, event: RaiseEvent, ask: Callable[[Value, RaiseEvent], Answer]) -> Answer:
        """The answer of ``what`` to this exception, asked once for each class of exceptions."""
        cls = exception_class(event.exception)
        key = (id(what), key_of(cls) if cls is not None else None)
        known = self._answers.get(key)
        if known is None or known[0] is not what:
            known = self._answers[key] = (what, ask(what, event))
        return known[1]

    def _through_middleware(self, item: Value, event: RaiseEvent) -> Answer:
        if not isinstance(item, Instance) or id(item) in self._transparent:
            return Answer.NONE
        surrounded: list[bool] = []
        following = _raising(event, surrounded)
        callee = middleware_callable(self.runner, item, following)
        if callee is None:
            return Answer.UNKNOWN if "callable" in item.attributes else Answer.NONE
        request = self.runner.request("/", ["GET"])
        arguments = middleware_arguments(self.runner, callee, request, following)
        if arguments is None:
            return Answer.UNKNOWN
        answer = self._outcome(callee, arguments, event)
        if answer is Answer.NONE and surrounded and not any(surrounded):
            self._transparent[id(item)] = item
        return answer

    def _through_route(self, route: Value, event: RaiseEvent) -> Answer:
        following = _raising(event)
        if not isinstance(route, Instance):
            return Answer.NONE
        made = Instance(route.cls, route.place)
        made.attributes = {**route.attributes, "__route_handler__": following}
        method = self.interpreter.attribute(made, "get_route_handler")
        if not isinstance(method, BoundMethod):
            return Answer.NONE
        handler = self._run(method, Arguments(), Trace())
        request = self.runner.request("/", ["GET"])
        return self._outcome(handler, Arguments([request]), event)

    def _through_generator(self, generator: Value, event: RaiseEvent) -> Answer:
        """A dependency with ``yield``: the exception is raised where it yields."""
        from backend_gate.backend.calls import call_function

        function = generator.function if isinstance(generator, BoundMethod) else generator
        receiver = generator.receiver if isinstance(generator, BoundMethod) else None
        if not isinstance(function, Function):
            return Answer.NONE
        arguments = Arguments(open=True)
        given = arguments.prepend(receiver) if receiver is not None else arguments

        def run(interpreter: Interpreter, _: Arguments, place: Place | None) -> Value:
            def raising(value: Value) -> Value:
                if interpreter.trace is not None:
                    interpreter.trace.deliver(interpreter, event)
                raise RaisedSignal

            return call_function(interpreter, function, given, place, receiver, on_yield=raising)

        return self._outcome(Native("a dependency", run), Arguments(), event)

    def _outcome(self, callee: Value, arguments: Arguments, event: RaiseEvent) -> Answer:
        """Run what calls the raising code, and see whether the exception comes out again."""
        trace = Trace()
        value = self._run(callee, arguments, trace)
        wanted = exception_class(event.exception)
        reached = any(isinstance(c.callee, Native) and c.callee.label == _FOLLOWING for c in trace.calls)
        for raised in trace.raises:
            if raised.exception is event.exception or exception_class(raised.exception) is wanted:
                return Answer.UNKNOWN if raised.uncertain else Answer.NONE
        if trace.gave_up:
            return Answer.UNKNOWN
        if isinstance(callee, Native):
            # A dependency that swallows it leaves the framework without a response: that is a 500 as well.
            return Answer.FITTING if trace.raises else Answer.NONE
        if not reached:
            return Answer.NONE
        return Answer.FITTING if _is_named(trace, event) else _answer_of([value])

    def _run(self, callee: Value, arguments: Arguments, trace: Trace) -> Value:
        def run(interpreter: Interpreter, given: Arguments, place: Place | None) -> Value:
            return awaited(interpreter.call(callee, given, place))

        return self.runner.run(Native("a run", run), arguments, trace, None)


_FOLLOWING = "backend_gate.raising_application"


def _raising(event: RaiseEvent, surrounded: list[bool] | None = None) -> Native:
    """The rest of the application: it raises.

    ``surrounded`` is told of each call whether a ``try`` or ``with`` around it may see the exception.
    """

    def run(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
        if interpreter.trace is not None:
            if surrounded is not None:
                surrounded.append(bool(interpreter.trace.tries))
            interpreter.trace.deliver(interpreter, event)
            raise RaisedSignal
        return Unknown("the rest of the application")

    return Native(_FOLLOWING, run)


def _is_named(trace: Trace, event: RaiseEvent) -> bool:
    """A clause that is not for everything has caught it: whatever status it answers with was chosen for this."""
    for attempt in trace.attempts.values():
        for kind, caught in zip(attempt.clauses, attempt.caught, strict=True):
            kinds = list(alternatives(kind)) if kind is not None else []
            named = [
                one
                for single in kinds
                for one in (single.items if isinstance(single, Sequence) else [single])
            ]
            if event in caught and named and not any(map(is_generic, named)):
                return True
    return False


def _answer_of(values: list[Value]) -> Answer:
    """A response with status 500 is no more than the server's own; any other is an answer.

    Beside one with 500, another whose status is not known is taken for the same in another form.
    """
    singles = [single for value in values for single in alternatives(value)]
    statuses = {_status(single) for single in singles} - {None}
    if statuses and all(status >= 500 for status in statuses if status is not None):
        return Answer.GENERIC
    return Answer.FITTING


def _status(value: Value) -> int | None:
    if not isinstance(value, Instance):
        return None
    given = value.keywords.get("status_code")
    if given is None and len(value.arguments) > 1:
        given = value.arguments[1]
    return status_number(given) if given is not None else None


def is_generic(kind: Value) -> bool:
    """A handler is registered for every exception, or for the answer to those that nobody expects."""
    if isinstance(kind, Constant):
        return bool(kind.value == 500)
    return isinstance(kind, External) and kind.name in _CATCH_ALL


def _as_object(exception: Value) -> Value:
    return Instance(exception) if isinstance(exception, (Class, External)) else exception


def _place_of(function: Value) -> Place | None:
    for single in alternatives(function):
        if isinstance(single, BoundMethod):
            return single.function.place
        if isinstance(single, Function):
            return single.place
    return None


def full_name(exception: Value) -> str:
    """``module.Class`` of an exception, its class or its instance."""
    cls = exception_class(exception)
    if isinstance(cls, Class):
        return cls.full_name
    return cls.name if isinstance(cls, External) else "an exception"


def short_name(exception: Value) -> str:
    """``EmailTaken`` of ``app.errors.EmailTaken``."""
    if isinstance(exception, Sequence):
        return ", ".join(short_name(item) for item in exception.items)
    return full_name(exception).rsplit(".", 1)[-1]
