"""What happens while a body runs: which calls are made, what is raised and who catches it, what is returned.

The same interpreter that runs the wiring runs a handler, a dependency or a middleware with a trace switched
on. Exceptions are edges then: a raise looks for the enclosing ``try`` that catches it, through all calls.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from backend_gate.backend.arguments import Arguments
from backend_gate.backend.checks import Checks
from backend_gate.backend.model import Condition, Place
from backend_gate.backend.values import (
    BodyInput,
    Class,
    Derived,
    External,
    Function,
    Instance,
    Questions,
    Scope,
    Sequence,
    TextValue,
    Unknown,
    Value,
    alternatives,
    text_of,
)

if TYPE_CHECKING:
    from backend_gate.backend.decisions import Origin
    from backend_gate.backend.frame import Frame
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.facts import model as ir


MAX_TESTS = 40
"""So many values are kept of what one condition looks at in the calls of a run."""


SOCKET_MESSAGE = "a websocket message"
"""What a run without credentials calls a message that it reads; one may bring a credential, and few do."""


USER_OF_REQUEST = "the user of the request"
"""What a run without credentials calls ``request.user`` and ``request.auth``, which some middleware sets."""


class RaisedSignal(Exception):
    """Control flow of the interpreter: the expression being evaluated certainly raises."""


class RaiseEvent:
    """One exception that is raised. ``calls`` are the places of the calls on the way, outermost first.

    ``implicit``: a library raises it, perhaps; otherwise a ``raise`` statement does. ``function`` is where.
    ``number`` counts the effects that came before. ``uncertain``: a clause on the way may have caught it,
    which cannot be told. ``active`` are the functions that were running, outermost first; ``position`` is how
    many calls of the trace came before; ``deliveries`` counts how often it was raised, again and again.
    """

    __slots__ = (
        "active",
        "calls",
        "conditions",
        "deliveries",
        "exception",
        "function",
        "implicit",
        "number",
        "place",
        "position",
        "uncertain",
    )

    def __init__(
        self,
        exception: Value,
        place: Place,
        calls: tuple[tuple[Place, str], ...],
        conditions: tuple[Condition, ...],
        function: str,
        *,
        implicit: bool = False,
        uncertain: bool = False,
        active: tuple[Function, ...] = (),
        position: int = 0,
    ) -> None:
        self.exception = exception
        self.position = position
        self.active = active
        self.deliveries = 0
        self.place = place
        self.uncertain = uncertain
        self.calls = calls
        self.conditions = conditions
        self.function = function
        self.implicit = implicit
        self.number = 0

    def doubted(self) -> RaiseEvent:
        """The same, but it may have been caught."""
        return RaiseEvent(
            self.exception,
            self.place,
            self.calls,
            self.conditions,
            self.function,
            implicit=self.implicit,
            uncertain=True,
            active=self.active,
            position=self.position,
        )


class CallEvent:
    """One call, with its evaluated callee and arguments. ``calls`` as in :class:`RaiseEvent`.

    ``tries`` are the enclosing ``try`` statements at that moment, outermost first. ``may_run_text`` is what
    :func:`backend_gate.backend.queries.sinks.may_use` has found; ``None``: nobody has asked. ``number`` counts the
    effects that came before; ``None`` where that is not known.
    """

    __slots__ = (
        "arguments",
        "callee",
        "calls",
        "conditions",
        "function",
        "may_run_text",
        "node",
        "number",
        "place",
        "tries",
    )

    def __init__(
        self,
        callee: Value,
        arguments: Arguments,
        node: ir.Call,
        place: Place,
        calls: tuple[tuple[Place, str], ...],
        conditions: tuple[Condition, ...],
        function: str,
        tries: tuple[TryContext, ...],
    ) -> None:
        self.callee = callee
        self.arguments = arguments
        self.node = node
        self.place = place
        self.calls = calls
        self.conditions = conditions
        self.function = function
        self.tries = tries
        self.may_run_text: bool | None = None
        self.number: int | None = None


class ReturnEvent:
    """One way out of the traced function: what it gives and under which path conditions.

    A generator passes where it first yields; a middleware where it calls the next application.
    ``number`` counts the effects that came before.
    """

    __slots__ = ("conditions", "number", "place", "value")

    def __init__(
        self, value: Value, place: Place, conditions: tuple[Condition, ...], number: int = 0
    ) -> None:
        self.value = value
        self.number = number
        self.place = place
        self.conditions = conditions


class Touch:
    """Something is done with a body: ``kind`` is ``read`` (from the request), ``part`` or ``kept`` (in an object).

    ``after`` is the number of calls that the trace had recorded before. ``away``: in a function that the run is
    not about, which was handed the body or an object that holds it.
    """

    __slots__ = ("after", "away", "conditions", "kind", "place", "value")

    def __init__(
        self,
        kind: str,
        value: BodyInput,
        place: Place | None,
        conditions: tuple[Condition, ...],
        after: int,
        *,
        away: bool = False,
    ) -> None:
        self.kind = kind
        self.value = value
        self.place = place
        self.conditions = conditions
        self.after = after
        self.away = away


class TryContext:
    """One ``try`` whose body is running: its clauses and what they have caught so far."""

    __slots__ = ("caught", "clauses", "node", "place", "uncertain")

    def __init__(self, clauses: list[Value | None], node: ir.Try | None, place: Place) -> None:
        self.clauses = clauses
        self.caught: list[list[RaiseEvent]] = [[] for _ in clauses]
        self.node = node
        self.place = place
        self.uncertain = False


class Attempt(NamedTuple):
    """One ``try`` statement that has run in ``frame``, its clauses, and what each has caught in all rounds."""

    node: ir.Try
    frame: Frame
    clauses: list[Value | None]
    caught: list[list[RaiseEvent]]


class Handling(NamedTuple):
    """An ``except`` clause that is running: what it has caught, and the name that it has bound to it.

    ``clause`` is what it catches; ``answers``: a way out of it gives something else than what was caught.
    """

    caught: list[RaiseEvent]
    name: str = ""
    scope: Scope | None = None
    clause: Value | None = None
    answers: bool = False

    def tells_apart(self, event: RaiseEvent) -> bool:
        """The clause is for this very class and answers some of it: what it raises again is meant to go on."""
        cls = exception_class(event.exception)
        kinds = self.clause.items if isinstance(self.clause, Sequence) else [self.clause]
        return self.answers and cls is not None and any(kind is cls for kind in kinds)


def _is(value: Value, exception: Value) -> bool:
    """``value`` is the exception itself, as it was raised or as a clause has bound it."""
    return value is exception or (
        isinstance(value, Instance) and value.attributes.get("__caught__") is exception
    )


class Optional(enum.Enum):
    """What a request without credentials does with the other parameters that have a default."""

    LEFT_OUT = "none is given"
    GIVEN = "all are given"
    EITHER = "any may be given: the client picks"


class Trace:
    """The events of one run. ``absent``: credentials are missing in this run; ``optional``: which parameters with a
    default its request gives.

    ``credentials`` are the places where a credential was read. ``reads_path`` and ``reads_method`` say that the
    request's path or method was looked at, so that the result may hold for one endpoint, or one method, only; what
    is asked of a known path goes to ``questions``. ``delegated`` are library calls that were given a missing
    credential and may deny by themselves. ``unfollowed`` are functions of the project that were given the request,
    or the credential, and not followed; ``forwarded`` are those that were given its scope. ``lacks_credential``:
    what it was given misses one; ``lacks_fields``: nor these fields of a body; ``lacks_headers``: nor these headers
    and cookies, whatever they are called. ``fields`` are the credentials among the fields of its form that are
    missing, unless ``gives_fields``. ``headers`` are those that it reads and that may be credentials, though
    they have no name of one. ``gave_up``: some call was not followed to its end; ``ended_early``: the run as a
    whole was not. ``home`` is the function that the run is about, which its decorators wrap; ``touches`` are the
    uses of bodies that are no calls. ``settled`` are exceptions that a clause has caught and dealt with: what comes
    behind runs only if they were not raised. ``parts`` are the attributes of unknown objects; ``defined`` are
    functions that the run has made; ``updated`` is the entry that an augmented assignment is about to bind anew;
    ``replaced`` are the names of modules and classes that it has bound anew, with
    what they were; ``changes_outside``: it has. ``attempts`` are the ``try`` statements, by the identity of their
    nodes; ``texts`` are the texts that it has put together, if somebody wants them.
    ``tests`` are what undecided conditions look at, by their place, ``results`` what they gave, and ``tested`` the same
    in order; ``decided`` is where those come from, as far as somebody has asked; ``missed`` are the conditions that
    a missing credential alone has decided, ``for_guests`` the code that is reached only because there is none. All
    of them only in a run without credentials. ``at_start``: it is no
    request, but makes what answers them: the attributes stay that it sets.
    """

    def __init__(self, *, absent: bool = False, at_start: bool = False) -> None:
        self.absent = absent
        self.at_start = at_start
        self.optional = Optional.EITHER
        self.raises: list[RaiseEvent] = []
        self.calls: list[CallEvent] = []
        self.returns: list[ReturnEvent] = []
        self.touches: list[Touch] = []
        self.home = ""
        self.replaced: list[tuple[dict[str, Value], str, Value | None]] = []
        self.changes_outside = False
        self.updated: ir.Expression | None = None
        self.tries: list[TryContext] = []
        self.attempts: dict[int, Attempt] = {}
        self.handling: list[Handling] = []
        self.stack: list[tuple[Place, str]] = []
        self.credentials: list[tuple[Place | None, str]] = []
        self.lacks_credential = False
        self.lacks_fields: frozenset[str] = frozenset()
        self.fields: list[str] = []
        self.gives_fields = False
        self.headers: list[str] = []
        self.lacks_headers: frozenset[str] = frozenset()
        self.questions: Questions | None = None
        self.reads_path = False
        self.reads_method = False
        self.root_depth = 0
        self.max_depth = 10
        self.unresolved: list[tuple[Place | None, str]] = []
        self.gave_up = False
        self.checks = Checks()
        self.tests: dict[Place, tuple[Value, ...]] = {}
        self.results: dict[Place, tuple[Value, ...]] = {}
        self.decided: dict[Place, tuple[tuple[Value, ...], frozenset[Origin]]] = {}
        self.tested: list[Value] = []
        self.missed: list[Place] = []
        self.for_guests: list[Place] = []
        self.effects = 0
        self.first_effect: int | None = None
        self.parts: dict[tuple[int, str], tuple[Unknown, Unknown]] = {}
        self.defined: list[Function] = []
        self.texts: list[tuple[Place, Value]] | None = None
        self.settled: set[tuple[Place, Value | None]] = set()
        self.ended_early = False
        self.delegated: list[tuple[Place | None, str]] = []
        self.unfollowed: list[str] = []
        self.forwarded: list[str] = []

    def part(self, value: Unknown, name: str) -> Unknown:
        """The attribute of something unknown: reading it twice gives the same."""
        known = self.parts.get((id(value), name))
        if known is None:
            part = Derived(value.reason, (value,), value.place, name)
            known = self.parts[id(value), name] = (value, part)
        return known[1]

    @property
    def lazy(self) -> bool:
        """Coroutines and generators run where they are awaited or consumed, not where they are made."""
        return not self.absent

    def raised(
        self,
        interpreter: Interpreter,
        exception: Value,
        place: Place,
        *,
        implicit: bool = False,
    ) -> None:
        """Record a raise and find who catches it."""
        function = interpreter.active[-1].full_name if interpreter.active else ""
        for single in alternatives(exception):
            again = self._caught(single)
            if again is not None:
                for event in again:
                    self.deliver(interpreter, event)
                continue
            event = RaiseEvent(
                single,
                place,
                tuple(self.stack),
                interpreter.conditions,
                function,
                implicit=implicit,
                active=tuple(interpreter.active),
                position=len(self.calls),
            )
            self.deliver(interpreter, event)

    def fails(self, interpreter: Interpreter, exception: str, place: Place) -> NoReturn:
        """What is evaluated raises an exception of Python, whatever else is true.

        Raises:
            RaisedSignal: always.
        """
        self.raised(interpreter, Instance(External(exception), place, in_run=True), place)
        raise RaisedSignal

    def deliver(self, interpreter: Interpreter, event: RaiseEvent) -> None:
        """Hand an exception to the innermost clause that catches it; to nobody: it escapes."""
        event.deliveries += 1
        left = interpreter.summaries.followed(self)
        for reached in range(len(self.tries) - 1, -1, -1):
            while left and left[-1].surroundings.tries > reached:
                left.pop().leaves(event)
            context = self.tries[reached]
            for number, clause in enumerate(context.clauses):
                known = catches(interpreter, clause, event.exception)
                if known is False and event.implicit and covers_part(interpreter, clause, event.exception):
                    known = None
                if known is not False:
                    context.caught[number].append(event)
                if known:
                    return
                if known is None and not event.uncertain:
                    event = event.doubted()
        while left:
            left.pop().leaves(event)
        event.number = self.effects
        if (event.place, exception_class(event.exception)) not in self.settled:
            self.raises.append(event)

    def replaces(self, names: dict[str, Value], name: str) -> None:
        """The run is about to bind a name of a module or class, or an attribute of an object that it has not made.

        What it was is put back afterwards.
        """
        self.replaced.append((names, name, names.get(name)))
        self.changes_outside = True

    def restore(self) -> None:
        """Put back what the run has replaced in what outlives it: each request finds it as it was."""
        for names, name, before in reversed(self.replaced):
            if before is None:
                names.pop(name, None)
            else:
                names[name] = before
        self.replaced.clear()

    def attempted(self, context: TryContext, frame: Frame) -> None:
        """The body of a ``try`` has run."""
        if context.node is None or frame.function is None:
            return
        known = self.attempts.get(id(context.node))
        if known is None:
            caught = [list(events) for events in context.caught]  # the context goes on with its own
            self.attempts[id(context.node)] = Attempt(context.node, frame, context.clauses, caught)
        else:
            for before, new in zip(known.caught, context.caught, strict=True):
                before += [event for event in new if event not in before]

    def made_text(self, place: Place, value: Value) -> None:
        """A text with holes was put together at a place."""
        if self.texts is not None and any(isinstance(one, TextValue) for one in alternatives(value)):
            self.texts.append((place, value))

    def decides(self, place: Place, values: tuple[Value, ...]) -> None:
        """Record what an undecided condition looks at: its own value first."""
        self.results[place] = (*self.results.get(place, ())[:MAX_TESTS], *values[:1])
        self.tests[place] = (*self.tests.get(place, ())[:MAX_TESTS], *values)
        self.tested += values

    def touched(self, interpreter: Interpreter, kind: str, value: BodyInput, place: Place | None) -> None:
        """Record what is done with a body."""
        function = interpreter.active[-1].full_name if interpreter.active else self.home
        away = function != self.home and not function.startswith(f"{self.home}.")
        self.touches.append(Touch(kind, value, place, interpreter.conditions, len(self.calls), away=away))

    def effect(self) -> None:
        """Something outside the run is changed."""
        self.effects += 1
        if self.first_effect is None:
            self.first_effect = self.effects

    def _caught(self, exception: Value) -> list[RaiseEvent] | None:
        """The events of a caught exception that is raised again by its name: ``except E as e: raise e``.

        None at all where the clause is for something that nobody is seen to raise; ``None`` for a new exception.
        """
        found = [e for handling in self.handling[-1:] for e in handling.caught if _is(exception, e.exception)]
        if found:
            return [e.doubted() if self.handling[-1].tells_apart(e) else e for e in found]
        is_bound = isinstance(exception, Instance) and "__caught__" in exception.attributes
        return [] if is_bound else None

    def reraised(self, interpreter: Interpreter, frame: Frame) -> None:
        """A bare ``raise``: what the running clause has caught goes on outwards.

        A test of the name that the clause has bound may have shown what it can be here.
        """
        handling = self.handling[-1] if self.handling else None
        if handling is None:
            return
        bound = frame.scope.names.get(handling.name) if handling.scope is frame.scope else None
        kept = handling.caught
        if handling.name and bound is not None and not isinstance(bound, Unknown):
            kept = [e for e in kept if any(_is(one, e.exception) for one in alternatives(bound))]
        for event in kept:
            self.deliver(interpreter, event.doubted() if handling.tells_apart(event) else event)


def exception_class(exception: Value) -> Value | None:
    """The class of a raised value: the class itself or that of the instance; ``None`` if not known."""
    if isinstance(exception, Class):
        return exception
    if isinstance(exception, Instance):
        return exception.cls
    if isinstance(exception, External):
        return exception
    return None


CLOSED_SOCKET = "backend_gate.closed_socket"
"""What ends a run where a websocket is closed. It is no exception, and no clause catches it."""


def catches(interpreter: Interpreter, clause: Value | None, exception: Value) -> bool | None:
    """Whether ``except clause`` catches an exception; ``None`` if it cannot be told."""
    from backend_gate.backend.library import is_subclass

    cls = exception_class(exception)
    if isinstance(cls, External) and cls.name == CLOSED_SOCKET:
        return False
    if clause is None:
        return True
    kinds: list[Value] = []
    for single in alternatives(clause):
        kinds += single.items if isinstance(single, Sequence) else [single]
    found: list[bool | None] = []
    for kind in kinds:
        if isinstance(kind, External) and kind.name in ("builtins.Exception", "builtins.BaseException"):
            return True
        if cls is None:
            found.append(None)
            continue
        found.append(is_subclass(interpreter, cls, kind))
    if True in found:
        return True
    return None if None in found else False


def covers_part(interpreter: Interpreter, clause: Value | None, exception: Value) -> bool:
    """Whether a clause is for some of the failures that ``exception`` stands for, a base class of them."""
    from backend_gate.backend.library import is_subclass

    cls = exception_class(exception)
    kinds = clause.items if isinstance(clause, Sequence) else [clause]
    return cls is not None and any(
        is_subclass(interpreter, kind, cls) for kind in kinds if isinstance(kind, (Class, External))
    )


def status_of(exception: Value) -> int | None:
    """The HTTP status that an exception or response carries as its first or ``status_code`` argument.

    Exceptions of the project may have it from their class.
    """
    if isinstance(exception, Class):
        return _status_of_class(exception)
    if not isinstance(exception, Instance):
        return None
    if isinstance(exception.cls, Class) and "status_code" not in exception.attributes:
        of_class = _status_of_class(exception.cls)
        if of_class is not None:
            return of_class
    found = exception.attributes.get("status_code") or exception.keywords.get("status_code")
    if found is None and exception.arguments:
        found = exception.arguments[0]
    return status_number(found) if found is not None else None


_STATUS_NAMES = ("status_code", "http_status_code", "http_status", "status", "code")


def _status_of_class(cls: Class) -> int | None:
    """``status_code = 403`` in the class of an exception, or in one of its bases."""
    for base in cls.classes():
        for name in _STATUS_NAMES:
            found = base.scope.names.get(name)
            number = status_number(found) if found is not None else None
            if number is not None and 400 <= number < 600:
                return number
    return None


def status_number(value: Value) -> int | None:
    """A status code from a number or from a constant such as ``status.HTTP_401_UNAUTHORIZED``."""
    for single in alternatives(value):
        plain = text_of(single)
        if plain is not None and plain.isdigit():
            return int(plain)
        if isinstance(single, External):
            digits = "".join(c for c in single.name.rsplit(".", 1)[-1] if c.isdigit())
            if len(digits) >= 3:
                return int(digits[:3])
            name = single.name.rsplit(".", 1)[-1]
            if name in _NAMED_STATUS:
                return _NAMED_STATUS[name]
    return None


_NAMED_STATUS = {
    "UNAUTHORIZED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "BAD_REQUEST": 400,
    "CONFLICT": 409,
    "UNPROCESSABLE_ENTITY": 422,
    "TOO_MANY_REQUESTS": 429,
    "INTERNAL_SERVER_ERROR": 500,
    "SERVICE_UNAVAILABLE": 503,
    "OK": 200,
    "CREATED": 201,
    "NO_CONTENT": 204,
}
