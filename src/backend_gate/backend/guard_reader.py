"""What stands before handlers and reads a credential, by guard: what it does, and what becomes of what it gives.

Nothing is run for this: the runs without credentials (:mod:`backend_gate.backend.guards`) and the normal ones
(:mod:`backend_gate.backend.runs`) have been made, and are put together here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from backend_gate.backend.dependencies import Dependency, handler_function
from backend_gate.backend.library_models import is_library
from backend_gate.backend.misplaced import MisplacedGuards
from backend_gate.backend.model import Endpoint, Guard, GuardUse, Place
from backend_gate.backend.outcomes import Effect, Outcome
from backend_gate.backend.own_denials import only_asks, own_denials
from backend_gate.backend.swallows import Swallows
from backend_gate.backend.trace import CallEvent
from backend_gate.backend.treatment import Treatment, Treatments
from backend_gate.backend.values import (
    Absent,
    BoundMethod,
    Class,
    Constant,
    External,
    Function,
    Instance,
    Value,
    alternatives,
)
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.auth import AuthJudge
    from backend_gate.backend.clauses import ClauseReader
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.link import Operation
    from backend_gate.backend.runs import NormalRuns

_EFFECTS = {
    Effect.DENIES: "denies",
    Effect.CONDITIONAL: "conditional",
    Effect.PASSES: "passes",
    Effect.UNKNOWN: "unknown",
}
_PLAIN_SCHEMES = "fastapi.security."
_SCHEME = "fastapi.security.base.SecurityBase"
_OF_REQUEST = frozenset({"headers", "cookies", "session", "state", "user", "auth", "scope"})
_OF_SCHEME = re.compile(r"\.scheme\b")
_DECISIONS = ir.Call | ir.If | ir.Conditional | ir.Comparison | ir.BooleanOperation | ir.Match
_USED = Treatment.TESTED | Treatment.HANDED | Treatment.PART_HANDED | Treatment.CALLED


class _Asked(NamedTuple):
    """A dependency in a tree, and who asks for it, from the outside inwards.

    ``declared``: the outermost is asked for by the route or a router, which drop its value, and not by the handler.
    """

    node: Dependency
    consumers: tuple[Dependency, ...]
    declared: bool

    @property
    def is_direct(self) -> bool:
        """The route or its handler asks for it."""
        return len(self.consumers) == (0 if self.declared else 1)

    @property
    def is_for_handler(self) -> bool:
        """The handler is given its value."""
        return self.is_direct and not self.declared


def merged_guards(shares: Iterable[list[Guard]]) -> list[Guard]:
    """The guards that several readers have found, each once, in the order of places.

    A factory makes several of one name, which may differ in what they do.
    """
    found: dict[tuple[Place, str, str, str, bool, bool], Guard] = {}
    for guard in (guard for guards in shares for guard in guards):
        known = found.setdefault(
            (guard.place, guard.name, guard.kind, guard.effect, guard.refuses, guard.optional), guard
        )
        if known is not guard:
            known.uses += guard.uses
            known.openings += [opening for opening in guard.openings if opening not in known.openings]
    return [found[key] for key in sorted(found)]


class GuardReader:
    """Collects the guards of one linked unit, each once."""

    def __init__(
        self, interpreter: Interpreter, access: AuthJudge, runs: NormalRuns, clauses: ClauseReader
    ) -> None:
        self.interpreter = interpreter
        self.access = access
        self.runs = runs
        self.treatments = Treatments(interpreter)
        self.swallows = Swallows(clauses)
        self.misplaced = MisplacedGuards(interpreter, access.guards)
        self._found: dict[int | Place, tuple[object, Guard]] = {}
        self._read_more: dict[int, bool] = {}
        self._treated: dict[tuple[int, str], Treatment] = {}

    def add(self, endpoint: Endpoint, operation: Operation) -> None:
        """Look at everything that stands before one endpoint, and at its handler."""
        for outcome in operation.outcomes:
            if outcome.openings and outcome.place is not None:
                self._opened(outcome, endpoint)
        for misplaced in self.misplaced.of(endpoint, operation):
            _, name, place, consumer, how = misplaced
            if not is_library(place):
                guard = Guard(name, place, "misplaced", "denies", refuses=True)
                _, guard = self._found.setdefault(place, (misplaced, guard))
                guard.uses.append(GuardUse(endpoint, endpoint.registration, consumer, True, False, how))
        tops = [*operation.declared, *operation.dependencies.children]
        known = {id(node.value): self.access.guards.known(node) for node in tops}
        for top in tops:
            others = [o for key, o in known.items() if key != id(top.value) and o is not None]
            alone = not any(o.effect is Effect.DENIES and o.reads for o in others)
            only = not any(o.reads for o in others)
            declared = any(top is one for one in operation.declared)
            consumers = () if declared else (operation.dependencies,)
            for asked in _below(_Asked(top, consumers, declared), frozenset()):
                self._asked_for(asked, endpoint, alone=alone, only=only)

    def guards(self) -> list[Guard]:
        """All of them, in the order of places."""
        return sorted((guard for _, guard in self._found.values()), key=lambda g: (g.place, g.name))

    # --- one guard -------------------------------------------------------------------------------

    def _opened(self, outcome: Outcome, endpoint: Endpoint) -> None:
        """A guard that settings open, wherever it stands: a dependency, a middleware or the handler."""
        for opening in outcome.openings:
            place = opening.condition.place
            if is_library(place):
                continue
            _, guard = self._found.setdefault(
                place, (opening, Guard(outcome.name, place, "opening", "conditional", openings=[opening]))
            )
            if not guard.uses or guard.uses[-1].endpoint is not endpoint:
                guard.uses.append(GuardUse(endpoint, endpoint.registration, "", True, True, "dropped"))

    def _asked_for(self, asked: _Asked, endpoint: Endpoint, *, alone: bool, only: bool) -> None:
        node = asked.node
        outcome = self.access.guards.known(node)
        place = _definition(node)
        if outcome is None or not outcome.reads or place is None or is_library(place):
            return
        key = id(node.value)
        if key not in self._found:
            self._found[key] = (node.value, self._guard(node, outcome, place, endpoint))
        if asked.is_direct and alone:
            self._opened_alone(self._found[key][1], endpoint)
        treatment = self._treatment(asked, endpoint)
        use = GuardUse(
            endpoint=endpoint,
            place=node.place or endpoint.registration,
            consumer=asked.consumers[-1].name if asked.consumers else "",
            direct=asked.is_direct,
            alone=alone,
            treatment=_word(treatment, dropped=not asked.consumers),
            unproved=only and self._unproved(asked, endpoint) and not self._reads_more(endpoint),
        )
        self._found[key][1].uses.append(use)

    def _guard(self, node: Dependency, outcome: Outcome, place: Place, endpoint: Endpoint) -> Guard:
        is_scheme = _is_scheme(self.interpreter, node.value)
        found = Guard(
            name=node.name,
            place=place,
            kind="scheme" if is_scheme else "function",
            effect=_EFFECTS[outcome.effect],
            refuses=self._refuses(node, endpoint),
            optional=_is_silent(node.value) if is_scheme else _may_be_nothing(outcome.value),
            decides=any(self._decides(one) for one in node.walk()),
            delegated=outcome.delegated,
        )
        run = self.runs.dependency(node, endpoint)
        found.only_asks = is_scheme or only_asks(self.interpreter, node.value, run)
        if run is not None and not is_scheme:
            found.swallowed = self.swallows.of(run, handler_function(node.value))
            below = [(child, self.access.guards.known(child)) for child in node.children]
            asked = [
                child
                for child, known in below
                if known is not None and known.effect is Effect.DENIES and known.reads
            ]
            found.behind = [child.name for child in asked]
            callers = [child.parameter for child in asked]
            found.own = own_denials(self.interpreter, _function(self.interpreter, node.value), run, callers)
        return found

    def _opened_alone(self, guard: Guard, endpoint: Endpoint) -> None:
        """A guard that settings open, though what it depends on still asks for a credential."""
        if not guard.behind or guard.effect != "denies":
            return
        for opening in guard.own.openings:
            place = opening.condition.place
            if is_library(place):
                continue
            made = Guard(guard.name, place, "opening", "denies", openings=[opening], behind=guard.behind)
            _, found = self._found.setdefault(place, (opening, made))
            if not found.uses or found.uses[-1].endpoint is not endpoint:
                found.uses.append(GuardUse(endpoint, endpoint.registration, "", True, True, "dropped"))

    def _decides(self, node: Dependency) -> bool:
        """Something is tested or called in it: it does more than to hand on what a request holds."""
        function = _function(self.interpreter, node.value)
        if function is None or not isinstance(function.node, ir.FunctionDef):
            return False
        body = self.interpreter.modules.body(function.module.path, function.node)
        return any(isinstance(one, _DECISIONS) for one in expressions_in(body))

    def _refuses(self, node: Dependency, endpoint: Endpoint) -> bool:
        """There are requests that it, or what it depends on, raises for; or there is a ``raise`` for others in it."""
        function = _function(self.interpreter, node.value)
        if function is not None and isinstance(function.node, ir.FunctionDef):
            body = self.interpreter.modules.body(function.module.path, function.node)
            if any(isinstance(one, (ir.Raise, ir.Assert)) for one in expressions_in(body)):
                return True
        for one in node.walk():
            outcome = self.access.guards.known(one)
            if outcome is not None and (outcome.refuses or outcome.effect is not Effect.PASSES):
                return True
            run = self.runs.dependency(one, endpoint)
            if run is not None and (run.trace.raises or run.trace.gave_up):
                return True
        return False

    # --- what becomes of what it gives -------------------------------------------------------------

    def _treatment(self, asked: _Asked, endpoint: Endpoint) -> Treatment:
        if not asked.consumers:
            return Treatment.NONE
        consumer = asked.consumers[-1]
        key = (id(consumer.value), asked.node.parameter)
        if key not in self._treated:
            function = _function(self.interpreter, consumer.value)
            self._treated[key] = (
                self.treatments.of(function, asked.node.parameter, self._calls(asked, endpoint))
                if function is not None
                else Treatment.HANDED
            )
        return self._treated[key]

    def _calls(self, asked: _Asked, endpoint: Endpoint) -> list[CallEvent]:
        """What the normal run of the consumer has recorded."""
        operation = endpoint.operation
        consumer = asked.consumers[-1]
        if asked.is_for_handler and operation is not None:
            runs = self.runs.handler(endpoint, operation)  # type: ignore[arg-type]  # the model does not know it
        else:
            run = self.runs.dependency(consumer, endpoint)
            runs = [run] if run is not None else []
        return [event for run in runs for event in run.trace.calls]

    def _unproved(self, asked: _Asked, endpoint: Endpoint) -> bool:
        """Nobody checks the value, nor gives it to a function: each consumer at most returns it to the next.

        Schemes of other libraries than the framework check it themselves.
        """
        known = self._found[id(asked.node.value)][1]
        is_plain = asked.node.name.startswith(_PLAIN_SCHEMES)
        is_idle = known.own.idle and all(name.startswith(_PLAIN_SCHEMES) for name in known.behind)
        if (
            not is_plain
            and not (known.only_asks and known.kind != "scheme")
            and not (is_idle and known.behind)
        ):
            return False
        while asked.consumers:
            treatment = self._treatment(asked, endpoint)
            consumer, is_handler = asked.consumers[-1], asked.is_for_handler
            if treatment & _USED or (not is_handler and self._raises(consumer, endpoint)):
                return False
            if Treatment.RETURNED not in treatment or is_handler:
                return True
            asked = _Asked(consumer, asked.consumers[:-1], asked.declared)
        return True

    def _reads_more(self, endpoint: Endpoint) -> bool:
        """The handler reads headers, cookies or what a middleware left of a request, or a middleware does."""
        key = id(endpoint)
        if key not in self._read_more:
            operation: Operation = endpoint.operation  # type: ignore[assignment]  # the model does not know it
            function = operation.function
            found = False
            if function is not None and isinstance(function.node, ir.FunctionDef):
                body = self.interpreter.modules.body(function.module.path, function.node)
                found = any(
                    isinstance(n, ir.Attribute) and n.name in _OF_REQUEST for n in expressions_in(body)
                )
            self._read_more[key] = found or any(
                o.reads or o.effect is Effect.UNKNOWN
                for o in self.access.guards.middleware(endpoint, operation)
            )
        return self._read_more[key]

    def _raises(self, node: Dependency, endpoint: Endpoint) -> bool:
        """There are requests that it raises for, and not only for the word before the credential."""
        run = self.runs.dependency(node, endpoint)
        if run is None or run.trace.gave_up:
            return True
        return any(not (e.conditions and _OF_SCHEME.search(e.conditions[-1].text)) for e in run.trace.raises)


def _below(asked: _Asked, seen: frozenset[int]) -> list[_Asked]:
    """A dependency and all below it, each with those who ask for it."""
    node = asked.node
    if id(node) in seen:
        return []
    found = [asked]
    for child in node.children:
        found += _below(_Asked(child, (*asked.consumers, node), asked.declared), seen | {id(node)})
    return found


def _word(treatment: Treatment, *, dropped: bool) -> str:
    if dropped:
        return "dropped"
    if Treatment.TESTED in treatment:
        return "tested"
    if Treatment.CALLED in treatment:
        return "called"
    if treatment & (Treatment.HANDED | Treatment.RETURNED) and Treatment.READ not in treatment:
        return "handed"
    if Treatment.HANDED in treatment:
        return "handed"
    return "read" if Treatment.READ in treatment else "unused"


def _may_be_nothing(value: Value) -> bool:
    """What it gives to a request without a credential is, or may be, ``None`` or something false."""
    return any(
        isinstance(one, Absent) or (isinstance(one, Constant) and not one.value)
        for one in alternatives(value)
    )


def _is_scheme(interpreter: Interpreter, value: Value) -> bool:
    return (
        isinstance(value, Instance)
        and isinstance(value.cls, External)
        and _SCHEME in interpreter.vocabulary.hierarchy(value.cls.name)
    )


def _is_silent(scheme: Value) -> bool:
    """``auto_error=False`` is plain to see."""
    if not isinstance(scheme, Instance):
        return False
    given = scheme.attributes.get("auto_error") or scheme.keywords.get("auto_error")
    return isinstance(given, Constant) and given.value is False


def _function(interpreter: Interpreter, value: Value) -> Function | None:
    """The function of the project that runs when a dependency is called."""
    if isinstance(value, Instance) and isinstance(value.cls, Class):
        method = interpreter.attribute(value, "__call__")
        return method.function if isinstance(method, BoundMethod) else None
    return handler_function(value)


def _definition(node: Dependency) -> Place | None:
    """The name of a function or class where it is defined; where an object of a library is made."""
    value = node.value
    function = handler_function(value)
    if function is not None:
        span = getattr(function.node, "name_span", None)
        return Place(function.module.path, span) if span is not None else function.place
    if isinstance(value, Instance) and isinstance(value.cls, Class):
        return value.cls.place
    return value.place if isinstance(value, Instance) else None
