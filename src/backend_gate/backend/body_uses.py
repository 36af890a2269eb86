"""Where the content of a body goes: each call and touch of a trace, read as uses of bodies.

What the functions of libraries do with data is in ``rules/vocabulary/bodies.yaml``; calls into the project
are no uses, because the interpreter has followed them.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_gate.backend.attributes import annotation_value
from backend_gate.backend.bodies import is_unchecking, shape_of
from backend_gate.backend.body_flow import accepts_anything, bodies_in
from backend_gate.backend.model import Condition, Place
from backend_gate.backend.trace import CallEvent, Touch, Trace
from backend_gate.backend.unparse import unparse
from backend_gate.backend.values import (
    BodyInput,
    BoundMethod,
    Class,
    Constant,
    Descriptor,
    External,
    Function,
    Instance,
    Native,
    Partial,
    TypeApplication,
    Unknown,
    Value,
    alternatives,
)
from backend_gate.backend.vocabulary import EFFECTS
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter

MAX_TEXT = 60
_VERIFIES = re.compile(
    r"verif(y|ies)|valid(ate)?_?signature|signature_?valid|check_?signature|construct_event|is_valid_request",
    re.IGNORECASE,
)
_CLASS_NAME = re.compile(r"_?[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*$")


class Kind(enum.Enum):
    """What a use does with the data."""

    PART = "a part is read"
    VALIDATOR = "it passes a validator"
    OUTBOUND = "it goes to another service"
    SIGNATURE = "its sender is checked"
    PROTOCOL = "a binary protocol is decoded"
    NEUTRAL = "it is logged, measured or converted"
    CONVERTED = "a value of another type is made of it"
    RAW = "it is used as it came"
    RELIED = "it is taken for a dict or a text without a test of its type"
    TAKEN = "it is taken out of the whole"
    WRITTEN = "something is put into it"
    KEPT = "it is kept as it is"
    OPENED = "its parts are taken by a model that checks none of them"
    COLLECTED = "it is put into a dict or list that is made there"
    UNKNOWN = "it goes where nobody can follow"


_TELLS_TYPE = "builtins.isinstance"
_LOOK_UPS = frozenset({"get", "index", "count", "issubset", "issuperset", "isdisjoint"})
"""Methods of a dict, list or set that keep nothing of what they are asked for."""
_TOUCHES = {
    "part": Kind.PART,
    "read": Kind.PART,
    "kept": Kind.KEPT,
    "held": Kind.UNKNOWN,
    "collected": Kind.COLLECTED,
    "lost": Kind.UNKNOWN,
    "put back": Kind.NEUTRAL,
    "relied": Kind.RELIED,
    "taken": Kind.TAKEN,
    "written": Kind.WRITTEN,
}


class Use:
    """One use: where, under which conditions, when (a number of trace and position), and in words.

    ``by_schema``: it is checked against a schema that is known at run time only. ``is_test``: it is only asked which
    type it has. ``away``: not in the handler or dependency itself.
    """

    __slots__ = ("away", "by_schema", "conditions", "is_test", "kind", "order", "place", "text")

    def __init__(
        self,
        kind: Kind,
        place: Place | None,
        conditions: tuple[Condition, ...],
        order: tuple[int, int, int],
        text: str,
    ) -> None:
        self.kind = kind
        self.place = place
        self.conditions = conditions
        self.order = order
        self.text = text
        self.by_schema = False
        self.is_test = False
        self.away = False

    def covers(self, other: Use) -> bool:
        """What ``other`` uses has passed this validator before, on every path to it."""
        if self.order >= other.order:
            return False
        given = {condition.place: condition.text for condition in other.conditions}
        return all(given.get(c.place) == c.text for c in self.conditions)


class UseReader:
    """Reads traces as uses of bodies."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self.vocabulary = vocabulary = interpreter.vocabulary
        self.tests = vocabulary.names("body_tests")
        self.home = ""
        self.validators = vocabulary.names("body_validators")
        self.by_schema = vocabulary.names("body_schema_validators")
        self.kinds = [
            (Kind.SIGNATURE, vocabulary.names("body_signatures")),
            (Kind.PROTOCOL, vocabulary.names("body_protocols")),
            (Kind.VALIDATOR, self.validators),
            (Kind.NEUTRAL, vocabulary.names("body_serialisers")),
            (Kind.NEUTRAL, vocabulary.names("body_neutral")),
            (Kind.NEUTRAL, vocabulary.names("body_tests")),
            (Kind.CONVERTED, vocabulary.names("body_conversions")),
            (Kind.OUTBOUND, vocabulary.names("body_outbound")),
            (Kind.KEPT, vocabulary.names("body_stores")),
        ]
        self.effects = {
            EFFECTS["body.parse"]: Kind.NEUTRAL,
            EFFECTS["credential.verify"]: Kind.SIGNATURE,
        }

    def read(self, trace: Trace, number: int) -> Iterator[tuple[BodyInput, Use]]:
        """Every use of a body in a trace, in order; ``number`` is the place of the trace in the request."""
        self.home = trace.home
        found = [(touch.value, self._of_touch(touch, number)) for touch in trace.touches]
        for position, event in enumerate(trace.calls):
            found += self._of_call(event, (number, position, 1))
        for returned in trace.returns:
            for value in bodies_in(self.vocabulary, returned.value):
                order = (number, len(trace.calls), 2)
                use = Use(Kind.RAW, returned.place, returned.conditions, order, "it is returned")
                found.append((value, use))
        yield from sorted(found, key=lambda pair: pair[1].order)

    def _of_touch(self, touch: Touch, number: int) -> Use:
        kind = _TOUCHES[touch.kind]
        text = kind.value
        if kind is Kind.PART and touch.value.key:
            text = f"`{touch.value.key}` is read" if touch.value.key != "[]" else "an item of it is read"
        use = Use(kind, touch.place, touch.conditions, (number, touch.after, 0), text)
        use.away = touch.away
        return use

    def _is_away(self, event: CallEvent) -> bool:
        """The call stands in another function than the one that the run is about."""
        return event.function != self.home and not event.function.startswith(f"{self.home}.")

    def _of_call(self, event: CallEvent, order: tuple[int, int, int]) -> list[tuple[BodyInput, Use]]:
        given = event.arguments
        spread = list(given.rest)
        values = [value for one in given.all() for value in bodies_in(self.vocabulary, one)]
        if not values and not spread:
            return []
        kind = self._kind_of_call(event, spread=bool(spread))
        text = f"it is handed to `{_called(event)}`"
        again = (
            _named_again(event, spread) if kind is not Kind.VALIDATOR and not self._is_away(event) else None
        )
        if again is not None:
            kind, text = (
                Kind.RAW,
                f"`{again}` is handed to `{_called(event)}` as well: a client can name it again",
            )
        if kind is None:
            return []
        use = Use(kind, event.place, event.conditions, order, text)
        names = [one.name for one in alternatives(event.callee) if isinstance(one, External)]
        use.by_schema = any(name in self.by_schema for name in names)
        use.is_test = _TELLS_TYPE in names
        if any(name in self.tests for name in names):
            for value in values:
                value.tested = True
        kept = set(map(id, self._in_open_fields(event))) if kind is Kind.VALIDATOR else set()
        if not kept:
            return [(value, use) for value in [*spread, *values]]
        held = Use(Kind.KEPT, event.place, event.conditions, order, f"`{_called(event)}` keeps it as it is")
        return [(value, held if id(value) in kept else use) for value in [*spread, *values]]

    def _in_open_fields(self, event: CallEvent) -> Iterator[BodyInput]:
        """What a model takes under a name whose type accepts anything: it is not checked there."""
        for cls in alternatives(event.callee):
            if not isinstance(cls, Class):
                continue
            for name, value in event.arguments.keywords.items():
                owner = next(
                    (b for b in cls.mro() if isinstance(b, Class) and name in b.scope.annotations), None
                )
                if owner is not None:
                    kind = annotation_value(self.interpreter, owner.scope.annotations[name], owner)
                    if shape_of(self.interpreter, kind).startswith("open-"):
                        yield from bodies_in(self.vocabulary, value)

    # --- what a call does ------------------------------------------------------------------------

    def _kind_of_call(self, event: CallEvent, *, spread: bool) -> Kind | None:
        kinds = [self._kind(callee, event, spread) for callee in alternatives(event.callee)]
        for wanted in (Kind.SIGNATURE, Kind.PROTOCOL, Kind.VALIDATOR, Kind.OUTBOUND, Kind.RAW):
            if wanted in kinds:
                return wanted
        return next((kind for kind in kinds if kind is not None), None)

    def _kind(self, callee: Value, event: CallEvent, spread: bool) -> Kind | None:
        match callee:
            case Partial(function=function) | Descriptor(function=function):
                return self._kind(function, event, spread)
            case TypeApplication(base=base):
                return self._kind(base, event, spread)
            case Native(label=label) if label.endswith(" of a container"):
                return Kind.NEUTRAL if label.partition(" ")[0] in _LOOK_UPS else Kind.KEPT
            case Native():
                return None
            case Class():
                return self._of_class(callee)
            case External(name=name, owner=owner):
                if accepts_anything(self.interpreter, owner):
                    return Kind.OPENED if isinstance(owner, Class) else Kind.NEUTRAL
                return self._of_name(name, spread)
            case Instance(cls=External(name=name)):
                return self._of_name(f"{name}.__call__", spread)
            case Function() | BoundMethod() | BodyInput() | Instance():
                return None
            case Unknown():
                return self._of_unknown(event, spread)
        return Kind.UNKNOWN

    def _of_class(self, cls: Class) -> Kind | None:
        """Making an object: a model checks what it is given, any other class takes it as it is."""
        names = self.vocabulary.externals(cls)
        if any("builtins.BaseException" in self.vocabulary.hierarchy(n) or _raises(n) for n in names):
            return Kind.NEUTRAL
        if self.vocabulary.is_model(cls):
            if shape_of(self.interpreter, cls).startswith("open-"):
                return Kind.RAW
            if is_unchecking(self.interpreter, cls):
                return Kind.OPENED
            table = cls.keywords.get("table")
            return Kind.RAW if isinstance(table, Constant) and table.value else Kind.VALIDATOR
        decorators = [d.cls if isinstance(d, Instance) else d for d in cls.decorators]
        if any(isinstance(d, External) and d.name.startswith("pydantic.") for d in decorators):
            return Kind.VALIDATOR
        if any(isinstance(b, Class) and {"__init__", "__new__"} & set(b.scope.names) for b in cls.mro()):
            return None
        if any(name in self.validators for name in names):
            return Kind.VALIDATOR
        return Kind.RAW

    def _of_name(self, name: str, spread: bool) -> Kind:
        for kind, names in self.kinds:
            if name in names:
                return kind
        effect = self.vocabulary.calls.get(name)
        if effect in self.effects:
            return self.effects[effect]
        last = name.removesuffix(".__init__").rsplit(".", 1)[-1]
        if last == "loads":
            return Kind.NEUTRAL
        if _VERIFIES.search(last):
            return Kind.SIGNATURE
        if _raises(last):
            return Kind.NEUTRAL
        if spread and _CLASS_NAME.match(last) and name not in self.vocabulary.bases:
            return Kind.VALIDATOR
        return Kind.RAW

    def _of_unknown(self, event: CallEvent, spread: bool) -> Kind:
        """A callee that cannot be followed: what is made of ``**data`` under a class's name is a model."""
        function = event.node.function
        name = ""
        if isinstance(function, ir.Attribute):
            name = function.name
        elif isinstance(function, ir.Name):
            name = function.id
        if (spread and _CLASS_NAME.match(name)) or name in self.validators.methods:
            return Kind.VALIDATOR
        if _VERIFIES.search(name):
            return Kind.SIGNATURE
        return Kind.UNKNOWN


def _called(event: CallEvent) -> str:
    """What is called, in short: the source text of the callee, or its last name if that is long."""
    text = unparse(event.node.function)
    if len(text) <= MAX_TEXT:
        return text
    function = event.node.function
    return function.name if isinstance(function, ir.Attribute) else f"{text[:MAX_TEXT]}…"


def _named_again(event: CallEvent, spread: list[BodyInput]) -> str | None:
    """The keyword of ``f(user=user, **data)``: the call fails if a client sends a ``user`` of its own."""
    for argument in event.node.arguments:
        if argument.name is not None and any(argument.name not in body.parts.gone for body in spread):
            return argument.name
    return None


def _raises(name: str) -> bool:
    return name.endswith(("Exception", "Error", "Warning"))
