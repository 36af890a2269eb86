"""Who asks, as Starlette's middleware for authentication leaves it in a request that carries no credential.

A guard that looks at ``request.user`` or ``request.auth`` denies only if the backend of that middleware gives
nothing without a credential. The backend is run like any guard; a way through it that gives scopes or a user all
the same is one through every guard that is content with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from backend_gate.backend.arguments import Arguments
from backend_gate.backend.decisions import was_asked
from backend_gate.backend.dependencies import callable_name
from backend_gate.backend.model import Condition
from backend_gate.backend.outcomes import Effect, Outcome, decide
from backend_gate.backend.trace import ReturnEvent, Trace
from backend_gate.backend.values import (
    BoundMethod,
    Class,
    Instance,
    Overridden,
    Questions,
    Sequence,
    Unknown,
    Value,
    alternatives,
    missing_credential,
)

if TYPE_CHECKING:
    from backend_gate.backend.behaviour import Runner
    from backend_gate.backend.model import Endpoint

MIDDLEWARE = "starlette.middleware.authentication.AuthenticationMiddleware"
NOBODY = "starlette.authentication.UnauthenticatedUser"
_CONNECTION = "starlette.requests.HTTPConnection"
MAX_WAYS = 6
"""So many ways through a backend are tried, each with a run of the guard."""
_MAX_DEPTH = 3


class Grant(NamedTuple):
    """What a backend gives: the scopes (``request.auth``), the user, and the way on which it gives them.

    ``is_certain``: on that way it gives this and nothing else.
    """

    auth: Value
    user: Value
    way: ReturnEvent
    is_certain: bool


class Backend:
    """The backend of one middleware, and what it gives to a request without a credential."""

    def __init__(self, runner: Runner, backend: Value) -> None:
        self._runner = runner
        self.value = backend
        self._runs: list[tuple[Questions, Trace, list[Grant]]] = []

    def grants(self, endpoint: Endpoint) -> tuple[Trace, list[Grant]]:
        """The run of ``authenticate`` for an endpoint, and what each of the ways through it gives."""
        for questions, trace, found in self._runs:
            if questions.are_answered_alike(endpoint.path):
                return trace, found
        trace = Trace(absent=True)
        trace.questions = questions = Questions()
        found = self._run(endpoint, trace)
        self._runs.append((questions, trace, found))
        return trace, found

    def _run(self, endpoint: Endpoint, trace: Trace) -> list[Grant]:
        runner, found = self._runner, list[Grant]()
        for one in alternatives(self.value):
            method = runner.interpreter.attribute(one, "authenticate") if isinstance(one, Instance) else None
            if isinstance(method, BoundMethod):
                request = runner.request(endpoint.path, endpoint.methods, _CONNECTION, trace=trace)
                runner.run(method, Arguments([request]), trace, method.function.place)
        for way in trace.returns:
            found += _given(way)
        return found[:MAX_WAYS]

    def outcome(self, trace: Trace, open_ways: list[Grant]) -> Outcome:
        """What decides whether a guard denies that lets only those pass who are given one of these grants."""
        kinds = [one.cls for one in alternatives(self.value) if isinstance(one, Instance)]
        name = callable_name(kinds[0]) if kinds else "the backend"
        outcome = Outcome(f"{name}.authenticate", kinds[0].place if isinstance(kinds[0], Class) else None)
        passes = [ReturnEvent(_known(grant), grant.way.place, grant.way.conditions) for grant in open_ways]
        decide(outcome, trace, passes, denied_by_answer=True)
        if outcome.effect is Effect.PASSES and not any(grant.is_certain for grant in open_ways):
            outcome.effect, outcome.reads = Effect.UNKNOWN, True
            outcome.reason = f"what {outcome.name} gives a request without a credential is not known"
        return outcome


def _given(way: ReturnEvent) -> Iterator[Grant]:
    """What a backend gives on one way; nothing where that is what everybody has whom it does not know."""
    several = alternatives(way.value)
    for given in several:
        is_certain, conditions = len(several) == 1, way.conditions
        if isinstance(way.value, Overridden):
            is_certain = True
            if given is not several[0]:
                setting = way.value.setting
                conditions = (*conditions, Condition(f"{setting} is set", way.place, False, setting))
        kept = ReturnEvent(given, way.place, conditions, way.number)
        if isinstance(given, Sequence) and len(given.items) == 2:
            auth, user = given.items
            if not _is_nobody(auth, user):
                yield Grant(auth, user, kept, is_certain)
        elif was_asked(given) or (isinstance(given, Unknown) and missing_credential(given) is None):
            yield Grant(given, given, kept, False)


def _is_nobody(auth: Value, user: Value) -> bool:
    scopes = auth.attributes.get("scopes") if isinstance(auth, Instance) else None
    has_none = isinstance(scopes, Sequence) and not scopes.items and not scopes.open
    return has_none and _is_kind_of(user.cls if isinstance(user, Instance) else None, NOBODY)


def _is_kind_of(cls: Value | None, name: str) -> bool:
    return isinstance(cls, Class) and any(
        isinstance(base, Class) and base.full_name == name for base in cls.mro()
    )


def _known(grant: Grant) -> Value:
    """The user; the credential that is missing, where the user was made of that."""
    return _missing(grant.user, 0) or _missing(grant.auth, 0) or grant.user


def _missing(value: Value, depth: int) -> Unknown | None:
    found: Unknown | None = missing_credential(value)
    if found is None and isinstance(value, Instance) and depth < _MAX_DEPTH:
        held = [*value.attributes.values(), *value.arguments, *value.keywords.values()]
        found = next(filter(None, (_missing(one, depth + 1) for one in held)), None)
    return found


def is_of_backend(cls: Value | None) -> bool:
    """The class of a middleware is Starlette's for authentication, or a kind of it."""
    return _is_kind_of(cls, MIDDLEWARE)


def still_denies(given: Outcome, before: Outcome) -> bool:
    """Whether a guard turns away those as well who were given something, as it did ``before`` without it.

    What ends its run elsewhere, for want of a row for instance, says nothing of who asks.
    """
    places = {event.place for event in before.denials} | {event.place for event in before.answers}
    return given.never_passes and any(
        refusal.place in places or refusal.status in (401, 403) for refusal in given.refusals
    )


def weaker(outcome: Outcome, backend: Outcome) -> Outcome:
    """The guard, if the backend does not give without a credential what it asks for: only under a condition."""
    found = Outcome(outcome.name, outcome.place)
    found.become(outcome)
    found.effect, found.reason = backend.effect, backend.reason
    found.settings, found.openings = backend.settings, backend.openings
    found.steps = [*outcome.steps, *backend.steps]
    found.reads = True
    return found
