"""Who may call an endpoint: the verdict on its guards, with the evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_gate.backend.deployments import only_in_development, only_without_sign_in
from backend_gate.backend.guards import GuardRunner
from backend_gate.backend.marks import Tables, public_by_mark
from backend_gate.backend.model import Auth, Condition, Endpoint, Opening, Step, Verdict
from backend_gate.backend.outcomes import Effect, Outcome, is_refusal
from backend_gate.backend.public import (
    is_about_signing_in,
    is_by_credential,
    is_called_webhook,
    is_shared_link,
    is_webhook,
    number_names,
    parameter_names,
    public_by_nature,
    starts_sign_in,
)
from backend_gate.backend.public_rows import Change, Rows
from backend_gate.backend.values import BoundMethod, Constant, Function, Unknown

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.link import Operation
    from backend_gate.settings import Settings


class AuthJudge:
    """Judges the endpoints of one linked unit."""

    def __init__(self, interpreter: Interpreter, settings: Settings) -> None:
        self.interpreter = interpreter
        self.settings = settings
        self.guards = GuardRunner(interpreter, settings)
        self.tables = Tables(interpreter)

    def judge(self, endpoint: Endpoint, operation: Operation) -> Auth:
        """The verdict on one endpoint with its evidence."""
        found = self._judged(endpoint, operation)
        found.asks = any(map(_asks, operation.outcomes))
        if operation.stand_ins:
            others = [(other, self.judge(other, of_other)) for other, of_other in operation.stand_ins]
            found = _of_either(endpoint, operation, [(endpoint, found), *others])
        return found

    def _judged(self, endpoint: Endpoint, operation: Operation) -> Auth:
        declared = self._declared(endpoint)
        outcomes = operation.outcomes = self.guards.before(endpoint, operation)
        denying = [o for o in outcomes if o.effect is Effect.DENIES and o.reads]
        if denying:
            names = list(dict.fromkeys(o.name for o in denying))
            reason = f"{names[0]} denies requests without a credential"
            return Auth(Verdict.PROTECTED, reason, names, [s for o in denying for s in o.steps])
        own = self.guards.handler(endpoint, operation)
        operation.outcomes = [*outcomes, own]
        if own.effect is Effect.DENIES and own.reads:
            reason = "the handler itself denies requests without a credential"
            return Auth(Verdict.PROTECTED, reason, [own.name], own.steps)
        if declared is not None:
            return Auth(Verdict.DECLARED_PUBLIC, declared)
        nature = public_by_nature(
            endpoint, self.interpreter, operation, own.shown, reads=own.reads, unproved=own.unproved
        )
        if (
            nature is None
            and (own.refuses or own.finds_nothing)
            and own.shown.change is Change.NONE
            and is_shared_link(endpoint, parameter_names(operation), number_names(operation))
        ):
            nature = "the address itself is what was handed on, and it is looked up"
        if nature is None and own.issues and own.denials and is_about_signing_in(endpoint):
            nature = "it hands out a credential to whoever proves who he is"
        if nature is not None and is_by_credential(nature) and self._is_guarded(endpoint, operation, own):
            nature = None
        if nature is not None:
            return Auth(Verdict.PUBLIC_BY_NATURE, nature)
        if (is_webhook(endpoint) or is_called_webhook(endpoint)) and own.verifier:
            reason = f"whether {own.verifier} denies a message without a valid signature is not known"
            return Auth(Verdict.UNRESOLVED, reason, [own.name], own.steps)
        if own.effect is Effect.CONDITIONAL and own.issues and is_about_signing_in(endpoint, reads=True):
            reason = f"it hands out a credential only depending on {', '.join(own.settings)}"
            return Auth(Verdict.CONDITIONAL, reason, [own.name], own.steps)
        if own.shown.closed_by and starts_sign_in(endpoint) and own.shown.rows is Rows.NONE:
            reason = f"it hands out a credential only where a setting allows it: it refuses if {own.shown.closed_by}"
            return Auth(Verdict.CONDITIONAL, reason, [own.name], own.steps)
        if own.effect is Effect.DENIES and any(map(is_refusal, own.denials)):
            reason = f"no way through {own.name} to an answer was found, only to a refusal"
            return Auth(Verdict.UNRESOLVED, reason, [own.name], own.steps)
        found = self._without_denial([*outcomes, own], endpoint, operation)
        if found.verdict is Verdict.UNPROTECTED and own.unproved:
            found.reason = "whoever asks is given a new password, or what proves a right to one"
        elif found.verdict is Verdict.UNPROTECTED and own.effect is Effect.PASSES:
            closed = self.guards.proofs.closed_by_token(endpoint, operation)
            if closed is not None:
                reason = "the handler itself denies requests without the token that it looks up"
                return Auth(Verdict.PROTECTED, reason, [own.name], closed.steps)
        if found.verdict is Verdict.UNPROTECTED:
            mark = public_by_mark(endpoint, self.interpreter, operation, self.tables)
            changes_nothing = own.shown.change is Change.NONE
            if mark is not None and (changes_nothing or not mark.startswith("its name")):
                return Auth(Verdict.DECLARED_PUBLIC, mark)
            reads_only = set(endpoint.methods) <= {"GET", "HEAD", "OPTIONS"}
            published = next((o.shown.published for o in operation.outcomes if o.shown.published), "")
            if published and reads_only and changes_nothing and not _is_inside(endpoint):
                reason = f"who runs it publishes it by a setting: it refuses if {published}"
                return Auth(Verdict.DECLARED_PUBLIC, reason)
            limited = _limited(endpoint)
            if limited is not None:
                return Auth(Verdict.DECLARED_PUBLIC, limited)
            if own.serves_guests and reads_only and changes_nothing:
                reason = "it asks whether somebody has signed in, and has another answer for everybody else"
                return Auth(Verdict.PUBLIC_BY_NATURE, reason)
            if not found.webhook and self._has_nothing_to_protect([*outcomes, own], endpoint, operation):
                reason = (
                    "it reads no data and changes nothing: its answer is made of the request and the settings"
                )
                return Auth(Verdict.PUBLIC_BY_NATURE, reason)
            if own.shown.doubt and not found.webhook:
                return Auth(Verdict.UNRESOLVED, own.shown.doubt, [own.name], own.steps, doubtful=True)
        return found

    def _is_guarded(self, endpoint: Endpoint, operation: Operation, own: Outcome) -> bool:
        """Somebody has put a guard there, of which only is not known whether, or when, it denies."""
        nodes = [*operation.declared, *operation.dependencies.children]
        found = [self.guards.dependency(node, endpoint) for node in nodes]
        return any(
            one.effect is Effect.UNKNOWN or (one.effect is Effect.CONDITIONAL and one.reads)
            for one in (*found, *([own] if own.asks_user else []))
        )

    def _without_denial(self, outcomes: list[Outcome], endpoint: Endpoint, operation: Operation) -> Auth:
        steps = [s for o in outcomes for s in o.steps]
        conditional = [o for o in outcomes if o.effect is Effect.CONDITIONAL and o.reads]
        if conditional:
            names = list(dict.fromkeys(o.name for o in conditional))
            settings = list(dict.fromkeys(s for o in conditional for s in o.settings))
            reason = f"{names[0]} denies only depending on {', '.join(settings)}"
            return Auth(Verdict.CONDITIONAL, reason, names, steps)
        unknown = [o for o in outcomes if o.effect is Effect.UNKNOWN]
        if unknown:
            return Auth(Verdict.UNRESOLVED, unknown[0].reason, [o.name for o in unknown], steps)
        for node in operation.nodes():
            if node.unresolved:
                return Auth(Verdict.UNRESOLVED, f"the dependency {node.name}: {node.unresolved}", [], steps)
        if isinstance(operation.handler, Unknown):
            return Auth(Verdict.UNRESOLVED, operation.handler.reason, [], steps)
        for router in operation.registration.routers:
            handed = router.attributes.get("handed_to")
            if isinstance(handed, Constant):
                reason = f"{handed.value} is given the router and may add dependencies to its routes"
                return Auth(Verdict.UNRESOLVED, reason, [], steps)
        return Auth(
            Verdict.UNPROTECTED,
            "nothing on the way to the handler denies a request without a credential",
            [],
            _passed_by(outcomes),
            webhook=is_webhook(endpoint),
        )

    def _has_nothing_to_protect(
        self, outcomes: list[Outcome], endpoint: Endpoint, operation: Operation
    ) -> bool:
        """Handler and dependencies only compute: a redirect, a fixed page, what the service calls itself."""
        if endpoint.methods == ["WEBSOCKET"] or not all(
            self.guards.dependency(node, endpoint).touches_nothing for node in operation.nodes()
        ):
            return False
        return outcomes[-1].shown.computes or outcomes[-1].shown.is_gone

    def _declared(self, endpoint: Endpoint) -> str | None:
        for entry in self.settings.public:
            methods = {m.upper() for m in entry.methods}
            if entry.path == endpoint.path and (not methods or set(endpoint.methods) <= methods):
                return entry.reason
        return None


_OPEN = (Verdict.UNPROTECTED, Verdict.DECLARED_PUBLIC, Verdict.PUBLIC_BY_NATURE)
"""Anybody may call it, the worst first."""


def _of_either(endpoint: Endpoint, operation: Operation, found: list[tuple[Endpoint, Auth]]) -> Auth:
    """The verdict on a route that a branch has given one of several handlers, the default first."""
    closed = [(one, auth) for one, auth in found if auth.verdict is Verdict.PROTECTED]
    answering = [operation, *(other for _, other in operation.stand_ins)]
    left_open = any(_asks_nobody(auth, one) for (_, auth), one in zip(found, answering, strict=True))
    if closed and left_open:
        (one, auth), asks = closed[0], any(each.asks for _, each in found)
        names = " and ".join(dict.fromkeys(each.handler for each, _ in found))
        setting = operation.setting or f"which of {names} is used"
        outcome = Outcome(one.handler, endpoint.registration)
        outcome.effect, outcome.reads, outcome.settings = Effect.CONDITIONAL, True, [setting]
        open_by_default = one is not endpoint if operation.is_default else None
        otherwise = Condition(
            f"{one.handler} is not what answers", endpoint.registration, open_by_default, operation.setting
        )
        outcome.openings = [Opening(setting, otherwise)]
        operation.outcomes = [*operation.outcomes, outcome]
        reason = f"{auth.guards[0]} denies only depending on {setting}"
        return Auth(Verdict.CONDITIONAL, reason, auth.guards, auth.steps, asks=asks)
    for wanted in (Verdict.CONDITIONAL, Verdict.UNRESOLVED, *_OPEN):
        for _, auth in found:
            if auth.verdict is wanted:
                return auth
    return found[0][1]


def _asks_nobody(auth: Auth, operation: Operation) -> bool:
    """Anybody may call it, for all that the handler and its dependencies do.

    What stands before every handler, and cannot be told, does not say which handlers ask who calls.
    """
    if auth.verdict is not Verdict.UNRESOLVED or not isinstance(operation.handler, (Function, BoundMethod)):
        return auth.verdict in _OPEN
    middleware = len(operation.declared) + len(operation.dependencies.children)
    own = [*operation.outcomes[:middleware], *operation.outcomes[-1:]]
    return not any(o.effect in (Effect.UNKNOWN, Effect.CONDITIONAL) for o in own) and not any(
        node.unresolved for node in operation.nodes()
    )


_INSIDE = {"admin", "internal", "management", "private"}


def _is_inside(endpoint: Endpoint) -> bool:
    """It stands below a segment about those who run the service: no setting that lets guests in is about that."""
    return bool(_INSIDE & set(endpoint.path.lower().split("/")))


def _asks(outcome: Outcome) -> bool:
    """It looks for a credential; messages of a websocket are one only where it may turn somebody away for them."""
    return outcome.reads and not (outcome.messages and outcome.effect is Effect.PASSES)


def _limited(endpoint: Endpoint) -> str | None:
    """Which deployments have an open route at all, if most have not."""
    condition = only_in_development(endpoint.conditions)
    if condition is not None:
        return f"it exists in development only, where {condition.text}"
    condition = only_without_sign_in(endpoint.conditions)
    return f"it exists only where nobody has to sign in: {condition.text}" if condition is not None else None


def _passed_by(outcomes: list[Outcome]) -> list[Step]:
    """What looks like a guard and lets a request without a credential through."""
    return [
        Step(o.place, f"{o.name} reads a credential and lets a request without one through")
        for o in outcomes[:-1]
        if o.reads and o.effect is Effect.PASSES and o.place is not None
    ]
