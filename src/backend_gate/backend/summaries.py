"""What a call has come to, kept for the next call of the same function with the same kind of arguments.

Handlers share helpers: sessions, settings, conversions of rows. Within traced runs such a call is followed once
for each shape of its arguments; later calls take its result, renewed so that no two calls share an object, and
its calls and the exceptions that leave it are recorded again at the new place. Only a call that leaves nothing
else behind is kept: one that changes an argument or something shared, reads a credential or a body, runs a
statement with holes or was not followed to its end is followed anew each time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from backend_gate.backend.arguments import Arguments
from backend_gate.backend.model import Condition, Place
from backend_gate.backend.queries.sinks import may_use, uses
from backend_gate.backend.queries.words import Words
from backend_gate.backend.trace import CallEvent, RaiseEvent, Trace, exception_class
from backend_gate.backend.values import (
    NONE,
    Absent,
    Alternatives,
    Asked,
    AskedText,
    BodyInput,
    BoundMethod,
    Chosen,
    Class,
    ComposedText,
    Constant,
    Derived,
    Descriptor,
    Empty,
    External,
    Function,
    GivenUp,
    Input,
    Instance,
    Mapping,
    Module,
    Native,
    Nothing,
    ObjectInput,
    OptionalInput,
    Overridden,
    Pieces,
    Present,
    Repeated,
    Sequence,
    Setting,
    Signature,
    SignatureParameter,
    Slot,
    Tested,
    Text,
    TextValue,
    TypeApplication,
    Unknown,
    Unpassed,
    Value,
    WatchedMapping,
    key_of,
)

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter

WORTH_STEPS = 150
"""A function that took fewer steps when it was followed first is quicker to follow than to look up."""
MAX_VALUES = 80
"""Values in the arguments, or in a result, of a call that is kept."""
MAX_EVENTS = 400
MAX_RAISES = 40
MAX_REPLACED = 12
"""Names of modules and classes that a run has bound anew."""
MAX_FAILURES = 12
"""Calls of a function that could not be kept, one after the other, before nobody tries again."""
_LASTING = (
    Module,
    Class,
    Function,
    Native,
    Descriptor,
    TypeApplication,
    Signature,
    SignatureParameter,
    ComposedText,
    AskedText,
)
"""Values that are what they are: looked up by identity, and shared."""
_PLAIN = (Unknown, Absent, Nothing, Empty, Unpassed, GivenUp)
"""Unknown values that hold a reason and a place, and nothing else."""
_SHARED = (*_LASTING, Constant, External, Slot, TextValue)
"""Values that nothing changes."""


class _NotKeptError(Exception):
    """A value that no other value can stand for."""


class _Surroundings(NamedTuple):
    """How many calls, conditions and ``try`` statements stood around a call that is kept: the rest belongs to it."""

    calls: int
    conditions: int
    tries: int


class _Raise(NamedTuple):
    """An exception that has left a call that is kept, and what of its surroundings belongs to the call.

    ``position`` and ``effects`` count from the beginning of the call.
    """

    event: RaiseEvent
    calls: tuple[tuple[Place, str], ...]
    conditions: tuple[Condition, ...]
    active: tuple[Function, ...]
    position: int
    effects: int


class _Summary(NamedTuple):
    """``values`` are those of the arguments, in the order in which their shape lists them."""

    result: Value
    values: list[Value]
    events: list[CallEvent]
    surroundings: _Surroundings
    raises: list[_Raise]
    effects: int
    settled: frozenset[tuple[Place, Value | None]]


class Recording:
    """A call that is being followed and may be kept. ``kept`` turns false when it leaves something behind."""

    __slots__ = (
        "before",
        "depth",
        "effects",
        "events",
        "kept",
        "key",
        "raises",
        "settled",
        "stack",
        "surroundings",
        "trace",
        "values",
        "was_cut",
    )

    def __init__(self, interpreter: Interpreter, trace: Trace, key: Hashable, values: list[Value]) -> None:
        self.key = key
        self.values = values
        self.trace = trace
        self.kept = True
        self.was_cut = False
        self.depth = len(interpreter.active)
        self.events = len(trace.calls)
        self.surroundings = _Surroundings(len(trace.stack), len(interpreter.conditions), len(trace.tries))
        self.stack = tuple(trace.stack)
        self.raises: list[_Raise] = []
        self.effects = trace.effects
        self.settled = set(trace.settled)
        self.before = _state(trace)

    def leaves(self, event: RaiseEvent) -> None:
        """An exception leaves the call. Only one that it has raised itself can be raised again."""
        trace = self.trace
        calls, conditions, _ = self.surroundings
        known = (event.place, exception_class(event.exception)) in trace.settled - self.settled
        if trace.absent or known or len(self.raises) >= MAX_RAISES or event.calls[:calls] != self.stack:
            self.kept = False
            return
        self.raises.append(
            _Raise(
                event,
                event.calls[calls:],
                event.conditions[conditions:],
                event.active[self.depth :],
                event.position - self.events,
                trace.effects - self.effects,
            )
        )


class Summaries:
    """The calls that are kept of one linked unit. ``words`` tell which calls run statements."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.recordings: list[Recording] = []
        self._found: dict[Hashable, _Summary] = {}
        self._steps: dict[int, int] = {}
        self._failures: dict[int, int] = {}

    def asked(
        self, trace: Trace, function: Function, arguments: Arguments, receiver: Value | None
    ) -> tuple[Hashable, list[Value]] | None:
        """The function with the shape of its arguments, and the values in them; ``None``: it is not kept."""
        node = function.node
        if self._steps.get(id(node), 0) < WORTH_STEPS or self._failures.get(id(node), 0) >= MAX_FAILURES:
            return None
        if arguments.rest:
            return None
        asked = _key(trace, function, arguments, receiver)
        return asked if asked is not None and not _are_checked(trace, asked[1]) else None

    def recall(
        self, interpreter: Interpreter, trace: Trace, key: Hashable, values: list[Value]
    ) -> Value | None:
        """The result of a call that is kept, as if it had been followed now; ``None`` without one."""
        summary = self._found.get(key)
        if summary is None:
            return None
        renewal = _Renewal(summary.values, values)
        try:
            result = renewal.of(summary.result)
        except _NotKeptError:
            # These arguments hold what no other value can stand for: the call is followed anew.
            return None
        try:
            raised = [renewal.of(kept.event.exception) for kept in summary.raises]
        except _NotKeptError:
            return None
        position, effects = len(trace.calls), trace.effects
        for event in summary.events:
            _record_again(interpreter, trace, event, summary.surroundings, renewal)
        for kept, exception in zip(summary.raises, raised, strict=True):
            trace.effects = effects + kept.effects
            _raise_again(interpreter, trace, kept, exception, position)
        trace.effects = effects + summary.effects
        if summary.effects and trace.first_effect is None:
            trace.first_effect = effects + 1
        trace.settled |= summary.settled
        return result

    def learn(self, function: Function, steps: int) -> None:
        """Note how many steps a call of the function has taken."""
        node = id(function.node)
        self._steps[node] = max(steps, self._steps.get(node, 0))

    def keep(
        self,
        recording: Recording,
        function: Function,
        arguments: Arguments,
        receiver: Value | None,
        result: Value,
    ) -> None:
        """Keep a call that has been followed, unless it has left something behind."""
        node = id(function.node)
        summary = self._summary(recording, result)
        if summary is not None:
            after = _key(recording.trace, function, arguments, receiver)
            if after is None or after[0] != recording.key:
                summary = None  # it has changed an argument
        if summary is None and recording.was_cut:
            return
        if summary is None:
            self._failures[node] = self._failures.get(node, 0) + 1
        else:
            self._failures[node] = 0
            self._found[recording.key] = summary

    def _summary(self, recording: Recording, result: Value) -> _Summary | None:
        trace = recording.trace
        events = trace.calls[recording.events :]
        if not recording.kept or len(events) > MAX_EVENTS or _state(trace) != recording.before:
            return None
        if _are_checked(trace, recording.values) or any(self._is_lasting(event) for event in events):
            return None
        renewal = _Renewal(recording.values, recording.values)
        try:
            result = renewal.of(result)  # its caller may change it
            for raised in recording.raises:
                renewal.of(raised.event.exception)
        except _NotKeptError:
            return None
        settled = frozenset(trace.settled - recording.settled)
        effects = trace.effects - recording.effects
        return _Summary(
            result, recording.values, events, recording.surroundings, recording.raises, effects, settled
        )

    def _is_lasting(self, event: CallEvent) -> bool:
        """Others look at exactly what this call was given: a statement with holes, the next application."""
        if isinstance(event.callee, Native):
            return event.callee.label.startswith("backend_gate.")
        return may_use(event, self.words) and next(uses(event, self.words), None) is not None

    # --- what a call leaves behind ---------------------------------------------------------------

    def changed(self) -> None:
        """Something that outlives the running calls is changed."""
        for recording in self.recordings:
            recording.kept = False

    def cut(self, outermost: int) -> None:
        """A call was not followed to its end, which could have been where fewer calls run.

        ``outermost``: the function that it would run once more was called that many calls below the root.
        """
        for recording in self.recordings:
            if recording.depth > outermost:
                recording.kept, recording.was_cut = False, True

    def followed(self, trace: Trace) -> list[Recording]:
        """The calls of a trace that are being followed and may be kept, outermost first."""
        return [one for one in self.recordings if one.trace is trace and one.kept]


def _are_checked(trace: Trace, values: list[Value]) -> bool:
    known = trace.checks.known
    return bool(known) and any(id(value) in known for value in values)


def _state(trace: Trace) -> tuple[object, ...]:
    """What a call that is kept leaves as it was."""
    return (
        len(trace.credentials),
        len(trace.missed),
        len(trace.for_guests),
        len(trace.touches),
        len(trace.delegated),
        len(trace.returns),
        len(trace.unresolved),
        len(trace.defined),
        len(trace.replaced),
        trace.reads_path,
        trace.reads_method,
        trace.gave_up,
    )


def _key(
    trace: Trace, function: Function, arguments: Arguments, receiver: Value | None
) -> tuple[Hashable, list[Value]] | None:
    shape = _Shape()
    try:
        given = tuple([shape.of(value) for value in arguments.positional])
        named = tuple([(name, shape.of(value)) for name, value in arguments.keywords.items()])
        bound = shape.of(receiver) if receiver is not None else None
        if len(trace.replaced) > MAX_REPLACED:
            return None
        now = tuple([(id(names), name, shape.of(names.get(name, NONE))) for names, name, _ in trace.replaced])
    except _NotKeptError:
        return None
    shape.values.append(function)  # its id is in the key
    return (id(function), trace.absent, given, named, arguments.open, bound, now), shape.values


class _Shape:
    """Tells values apart as far as a function can: equal shapes, and the same values at the same places."""

    def __init__(self) -> None:
        self.values: list[Value] = []
        self._seen: dict[int, int] = {}
        self._sources: dict[int, int] = {}

    def of(self, value: Value) -> Hashable:
        """The shape of one value. Values are listed in the order in which they are met.

        Raises:
            _NotKeptError: no other value can stand for it, or there are too many.
        """
        if type(value) is Constant:
            return ("constant", type(value.value).__name__, value.value, value.setting)
        again = self._seen.get(id(value))
        if again is not None:
            return again
        if len(self.values) >= MAX_VALUES:
            raise _NotKeptError
        self._seen[id(value)] = len(self.values)
        self.values.append(value)
        if isinstance(value, Unknown):
            return self._unknown(value)
        match value:
            case External():
                owner = value.owner
                return ("external", value.name, self._made_of(owner) if owner is not None else None)
            case Instance(in_run=False):
                return ("shared", id(value))
            case Instance():
                attributes = tuple([(name, self.of(v)) for name, v in value.attributes.items()])
                given = tuple([self.of(v) for v in value.arguments])
                named = tuple([(name, self.of(v)) for name, v in value.keywords.items()])
                return ("instance", self.of(value.cls), attributes, given, named)
            case Pieces():
                raise _NotKeptError
            case Sequence():
                items = tuple([self.of(item) for item in value.items])
                return ("sequence", value.kind, value.open, value.sample, value.rejected, items)
            case Mapping() if not isinstance(value, WatchedMapping) and not value.rest:
                entries = tuple([(self.of(key), self.of(held)) for key, held in value.entries.values()])
                return ("mapping", value.open, entries)
            case Alternatives():
                return ("alternatives", tuple([self.of(one) for one in value.values]))
            case BoundMethod():
                return ("method", id(value.function), self.of(value.receiver))
            case TextValue():
                return ("text", self._text(value.template))
            case Slot():
                return ("slot", value.place, id(value.node), self.of(value.value))
        if isinstance(value, _LASTING):
            return ("lasting", id(value))
        raise _NotKeptError

    def _unknown(self, value: Unknown) -> Hashable:
        kind = type(value).__name__
        if isinstance(value, BodyInput):
            raise _NotKeptError
        if isinstance(value, Input):
            return (kind, value.kind)
        if isinstance(value, Setting):
            return (kind, value.name)
        if isinstance(value, Derived):
            return (kind, value.part, tuple([self._made_of(source) for source in value.sources]))
        if isinstance(value, Tested):
            return (kind, tuple([self._made_of(source) for source in value.sources]))
        if isinstance(value, Asked):
            return (kind, value.name)
        if isinstance(value, Present):
            return (kind, value.true, self.of(value.origin))
        if isinstance(value, Repeated):
            return (kind, self._text(value.shape))
        if type(value) not in _PLAIN:
            raise _NotKeptError
        return kind

    def _made_of(self, value: Value) -> Hashable:
        """What stands behind a value of its own: a function that is given the one cannot look into the other."""
        again = self._seen.get(id(value), self._sources.get(id(value)))
        if again is not None:
            return again
        if len(self.values) >= MAX_VALUES:
            raise _NotKeptError
        found = _made_of(value)
        self._sources[id(value)] = len(self.values)
        self.values.append(value)
        return found

    def _text(self, text: Text) -> Hashable:
        return tuple(
            [
                part
                if isinstance(part, str)
                else (part.value.place, id(part.value.node), part.steps, self.of(part.value.value))
                for part in text.parts
            ]
        )


def _made_of(value: Value) -> Hashable:
    """What a derived value, or the object that a library's call belongs to, is made of in the end.

    Only what a decision can depend on counts: which library has made it shows at the statement that it gets to.
    """
    found: set[Hashable] = set()
    waiting = [value]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if len(seen) > MAX_VALUES * 2:
            raise _NotKeptError
        within = _WITHIN.get(type(one))
        if within is not None:
            waiting += within(one)
        elif isinstance(one, Unknown):
            found.add(_origin(one))
    return frozenset(found)


def _origin(value: Unknown) -> Hashable:
    match value:
        case BodyInput():
            raise _NotKeptError
        case Input():
            return (type(value).__name__, value.kind)
        case Setting() | Asked():
            return (type(value).__name__, value.name)
    return type(value).__name__


def _in_text(text: Text) -> list[Value]:
    return [hole.value.value for hole in text.holes]


def _in_mapping(value: Mapping) -> list[Value]:
    return [held for _, held in value.entries.values()]


def _in_instance(value: Instance) -> list[Value]:
    if isinstance(value.cls, External) and value.in_run:
        return [value.cls, *value.arguments, *value.keywords.values()]
    return []


_WITHIN: dict[type[Value], Callable[[Any], Iterable[Value]]] = {
    Derived: lambda value: value.sources,
    Tested: lambda value: value.sources,
    Present: lambda value: (value.origin,),
    Alternatives: lambda value: value.values,
    Chosen: lambda value: value.values,
    Overridden: lambda value: value.values,
    TextValue: lambda value: _in_text(value.template),
    Repeated: lambda value: _in_text(value.shape),
    Sequence: lambda value: value.items,
    Mapping: _in_mapping,
    WatchedMapping: _in_mapping,
    External: lambda value: (value.owner,) if value.owner is not None else (),
    Instance: _in_instance,
}
"""What values of each kind are made of. Looked up by the kind: shapes of arguments are asked for all the time."""


class _Renewal:
    """Puts the values of another call in the place of those that a kept call was given."""

    def __init__(self, old: list[Value], new: list[Value]) -> None:
        self._new: dict[int, Value] = {id(one): other for one, other in zip(old, new, strict=True)}
        self._reasons = {
            (one.reason, one.place): other
            for one, other in zip(old, new, strict=True)
            if isinstance(one, Unknown) and isinstance(other, Unknown)
        }
        self._bound = len(self._new) + MAX_VALUES

    def given(self, value: Value) -> Value:
        """The argument that now stands where ``value`` stood, or ``value`` itself."""
        return self._new.get(id(value), value)

    def of(self, value: Value) -> Value:
        """A value of its own that stands for ``value``.

        Raises:
            _NotKeptError: it holds something that belongs to one call only.
        """
        known = self._new.get(id(value))
        if known is not None:
            return known
        if len(self._new) > self._bound:
            raise _NotKeptError
        if isinstance(value, _SHARED):
            if isinstance(value, Function) and value.scope.parent is not None:
                raise _NotKeptError  # a closure shares its names with the call that has made it
            return value
        if isinstance(value, Unknown):
            made: Value = self._unknown(value)
            self._new[id(value)] = made
            return made
        match value:
            case Instance(in_run=False):
                return value
            case Instance():
                instance = Instance(value.cls, value.place, conditions=value.conditions, in_run=True)
                self._new[id(value)] = instance
                instance.arguments = [self.of(one) for one in value.arguments]
                instance.keywords = {name: self.of(one) for name, one in value.keywords.items()}
                instance.attributes = {name: self.of(one) for name, one in value.attributes.items()}
                return instance
            case Pieces():
                raise _NotKeptError
            case Sequence():
                sequence = Sequence(value.kind, open=value.open, sample=value.sample)
                sequence.rejected = value.rejected
                self._new[id(value)] = sequence
                sequence.items = [self.of(item) for item in value.items]
                return sequence
            case Mapping() if not isinstance(value, WatchedMapping) and not value.rest:
                mapping = Mapping(open=value.open)
                self._new[id(value)] = mapping
                for name, (key, held) in value.entries.items():
                    renewed = self.of(key)
                    found = key_of(renewed)
                    mapping.entries[name if found is None else found] = (renewed, self.of(held))
                return mapping
            case Alternatives():
                return Alternatives(tuple([self.of(one) for one in value.values]))
            case BoundMethod():
                return BoundMethod(value.function, self.of(value.receiver))
        raise _NotKeptError

    def _unknown(self, value: Unknown) -> Unknown:
        if isinstance(value, BodyInput):
            raise _NotKeptError
        source = self._reasons.get((value.reason, value.place), value)
        match value:
            case Setting():
                return value
            case Derived():
                sources = tuple([self.of(one) for one in value.sources])
                return Derived(source.reason, sources, source.place, value.part)
            case Tested():
                return Tested(source.reason, tuple([self.of(one) for one in value.sources]))
            case Asked(name=name):
                return Asked(name, source.place)
            case Present():
                origin = self.of(value.origin)
                return Present(origin, true=value.true) if isinstance(origin, Unknown) else value
            case OptionalInput() | ObjectInput():
                return type(value)(value.kind, source.reason, source.place)
            case Input():
                return Input(value.kind, source.reason, source.place)
            case Repeated():
                return Repeated(value.shape, value.place)
        if type(value) not in _PLAIN:
            raise _NotKeptError
        return type(value)(source.reason, source.place)


def _record_again(
    interpreter: Interpreter,
    trace: Trace,
    event: CallEvent,
    surroundings: _Surroundings,
    renewal: _Renewal,
) -> None:
    arguments = Arguments(
        [renewal.given(value) for value in event.arguments.positional],
        {name: renewal.given(value) for name, value in event.arguments.keywords.items()},
        open=event.arguments.open,
    )
    callee = renewal.given(event.callee)
    if trace.tries and not isinstance(callee, (Function, BoundMethod, Class)):
        for context in trace.tries:
            context.uncertain = True
    trace.calls.append(
        CallEvent(
            callee,
            arguments,
            event.node,
            event.place,
            (*trace.stack, *event.calls[surroundings.calls :]),
            (*interpreter.conditions, *event.conditions[surroundings.conditions :]),
            event.function,
            (*trace.tries, *event.tries[surroundings.tries :]),
        )
    )


def _raise_again(
    interpreter: Interpreter, trace: Trace, kept: _Raise, exception: Value, position: int
) -> None:
    event = RaiseEvent(
        exception,
        kept.event.place,
        (*trace.stack, *kept.calls),
        (*interpreter.conditions, *kept.conditions),
        kept.event.function,
        implicit=kept.event.implicit,
        uncertain=kept.event.uncertain,
        active=(*interpreter.active, *kept.active),
        position=position + kept.position,
    )
    trace.deliver(interpreter, event)
