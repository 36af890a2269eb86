"""What a guard does with a request that carries no credential: it is run, and each way out is looked at.

A dependency, a middleware, a decorator or the handler itself is run with absent credentials (see
:mod:`backend_gate.backend.behaviour`). A way out that exists only under a setting makes the guard conditional; one
that depends on something unknown leaves it undecided. Nothing is guessed from names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from backend_gate.backend import granted
from backend_gate.backend.arguments import Arguments
from backend_gate.backend.attributes import class_attribute, instance_of
from backend_gate.backend.behaviour import RUN_STEPS, Runner
from backend_gate.backend.body_proofs import BodyProofs
from backend_gate.backend.decisions import looks_at_address, may_happen
from backend_gate.backend.dependencies import Dependency, Solver, callable_name, split_annotated
from backend_gate.backend.form_fields import are_checked
from backend_gate.backend.forwarding import forwards_to
from backend_gate.backend.granted import Backend, Grant
from backend_gate.backend.handed_over import answers_with, given_context
from backend_gate.backend.middleware import ENTRY, middleware_class, middleware_items
from backend_gate.backend.model import Condition, Endpoint, Opening, Place
from backend_gate.backend.outcomes import (
    Effect,
    Outcome,
    comes_too_late,
    conclude,
    decide,
    deciding_headers,
    denies_for_want,
    finds_nothing,
    only_refuses,
    refusals,
    unknown_deciders,
)
from backend_gate.backend.public import signature_check
from backend_gate.backend.public_guests import serves_guests
from backend_gate.backend.public_rows import RowReader
from backend_gate.backend.public_shown import hands_out_metrics, shown_by
from backend_gate.backend.public_steps import issues_credential
from backend_gate.backend.public_terms import published_by
from backend_gate.backend.public_work import touches_nothing
from backend_gate.backend.sessions_by_id import decides_by_session
from backend_gate.backend.shown import Shown
from backend_gate.backend.signatures import signature_of
from backend_gate.backend.sockets import only_turns_away
from backend_gate.backend.trace import Optional, ReturnEvent, Trace
from backend_gate.backend.values import (
    TRUE,
    Alternatives,
    BoundMethod,
    Class,
    Constant,
    Derived,
    External,
    Function,
    Instance,
    Native,
    Overridden,
    Questions,
    Sequence,
    SignatureParameter,
    Unknown,
    Value,
    alternatives,
    join,
    missing_credential,
)
from backend_gate.backend.wired import decided_by, is_none

if TYPE_CHECKING:
    from backend_gate.backend.flatten import Registration
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.link import Operation
    from backend_gate.backend.vocabulary import Vocabulary
    from backend_gate.settings import Settings

_GUARD_NAME = re.compile(
    r"auth|user|token|permission|security|login|jwt|verify|require|access|admin|session|principal|identity|api.?key|"
    r"guard|protect|role|signed|logged",
    re.IGNORECASE,
)
_GUARD_MODULE = re.compile(
    r"(?:^|[._])(?:auth[nz]?|authentication|authorization|security|guards?|permissions?|login|jwt|oauth2?|oidc|sso|rbac|acl|iam)[._]",
    re.IGNORECASE,
)
_NO_GUARD_NAME = re.compile(
    r"limit|throttl|quota|cache|trac(?:e|ing)|metric|log(?:ger|ging)|telemetry|pagina|timer|timeout|profil",
    re.IGNORECASE,
)
"""What is put around an endpoint for its effect alone, and whoever calls."""
_MIDDLEWARE_NAME = re.compile(
    r"[Aa]uth(?!or[^i])|JWT|Jwt|OIDC|SAML|Login|Permission(?!s?Policy)|ApiKey|APIKey"
)
MAX_UNDECIDED = 4
"""After so many endpoints in a row, a guard that cannot be decided for one path is not run for the next."""
HANDLER_STEPS = 10_000
HANDLER_DEPTH = 8
"""An inline guard stands at most three calls below the handler; decorators of both count too."""
MIDDLEWARE_CALL = "backend_gate.next_application"
_BY_STRENGTH = (Effect.PASSES, Effect.UNKNOWN, Effect.CONDITIONAL, Effect.DENIES)
_PLAIN_MIDDLEWARE = "starlette.middleware.base.BaseHTTPMiddleware"
_METHODS = "starlette.endpoints.HTTPEndpoint"
_VERBS = frozenset({"get", "head", "post", "put", "patch", "delete", "options"})
_FOLLOWING = "__of_next_application__"
"""Marks the answer of the next application among the attributes of a response."""


_FRAMEWORK = ("fastapi.", "starlette.")
"""What these depend on comes with the request."""


class GuardRunner:
    """Runs what stands before a handler, and the handler. One for each linked unit; results are kept."""

    def __init__(self, interpreter: Interpreter, settings: Settings) -> None:
        self.interpreter = interpreter
        self.settings = settings
        self.runner = Runner(interpreter)
        self.solver = Solver(interpreter)
        self.rows = RowReader(interpreter.vocabulary)
        self.proofs = BodyProofs(interpreter, self._without_fields)
        self._dependencies: dict[int, tuple[Value, Outcome]] = {}
        self._middleware: dict[int, Outcome] = {}
        self._by_target: dict[tuple[int, str, tuple[str, ...]], list[tuple[Questions, Outcome]]] = {}
        self._last: dict[int, Outcome] = {}
        self._undecided: dict[int, int] = {}
        self._around_routes: dict[int, tuple[Instance, Instance]] = {}
        self._chosen: dict[int, tuple[Instance, list[Instance]]] = {}
        self._made: dict[int, tuple[Value | None, dict[str, Value]]] = {}
        self._asked: dict[int, Backend] = {}
        self._of_grants: dict[int, tuple[dict[int, tuple[Value, Outcome]], dict[int, int]]] = {}

    def before(self, endpoint: Endpoint, operation: Operation) -> list[Outcome]:
        """The outcomes of all dependencies, and of the middleware where no dependency denies."""
        nodes = [*operation.declared, *operation.dependencies.children]
        found = [self._of_user(node, endpoint, operation) for node in nodes]
        if any(o.effect is Effect.DENIES and o.reads for o in found):
            return found
        middleware = self._middleware_outcomes(operation.registration, endpoint)
        if operation.variants and not any(o.effect is Effect.DENIES and o.reads for o in middleware):
            middleware += self._of_variants(operation, endpoint)
        return [*found, *middleware]

    def middleware(self, endpoint: Endpoint, operation: Operation) -> list[Outcome]:
        """The outcomes of the middleware on the way to an endpoint."""
        return self._middleware_outcomes(operation.registration, endpoint)

    def _under_conditions(self, node: Dependency, outcome: Outcome, endpoint: Endpoint | None) -> Outcome:
        """A guard that a condition puts there holds conditionally, unless the route has the same condition."""
        own = [c for c in node.conditions if endpoint is None or c not in endpoint.conditions]
        if not own and node.left_out is not None:
            own = [node.left_out]
        if outcome.effect is not Effect.DENIES or not own:
            return outcome
        weaker = _weaker(outcome)
        weaker.settings = [c.setting for c in own if c.setting is not None] or [own[-1].text]
        weaker.openings = [*outcome.openings, *map(_without, own)]
        return weaker

    def _of_user(self, node: Dependency, endpoint: Endpoint, operation: Operation) -> Outcome:
        """The outcome of a dependency; a user whom a backend gives to everybody is no obstacle to it."""
        outcome = self.dependency(node, endpoint)
        if outcome.effect is not Effect.DENIES or not outcome.asks_user:
            return outcome
        for backend in self._backends(operation.registration):
            trace, grants = backend.grants(endpoint)
            ways = [g for g in grants if not granted.still_denies(self._granting(g, node, endpoint), outcome)]
            if ways:
                return granted.weaker(outcome, backend.outcome(trace, ways))
        return outcome

    def _granting(self, grant: Grant, node: Dependency, endpoint: Endpoint) -> Outcome:
        with self._given(grant):
            return self.dependency(node, endpoint)

    @contextmanager
    def _given(self, grant: Grant) -> Iterator[None]:
        """All that runs has ``grant`` as the user of its requests."""
        saved = self._dependencies, self._undecided, self.runner.granted
        self._dependencies, self._undecided = self._of_grants.setdefault(id(grant.way), ({}, {}))
        self.runner.granted = grant.auth, grant.user
        try:
            yield
        finally:
            self._dependencies, self._undecided, self.runner.granted = saved

    def _backends(self, registration: Registration) -> list[Backend]:
        """What the middleware on the way to a route asks who calls."""
        found: list[Backend] = []
        for item in [item for app in registration.applications for item in middleware_items(app)]:
            if not granted.is_of_backend(middleware_class(item)):
                continue
            if id(item) not in self._asked:
                callee = self._middleware_callable(item)
                made = callee.receiver if isinstance(callee, BoundMethod) else None
                kept = made.attributes.get("backend") if isinstance(made, Instance) else None
                self._asked[id(item)] = Backend(self.runner, kept or Unknown("no backend"))
            found.append(self._asked[id(item)])
        return found

    def _middleware_outcomes(self, registration: Registration, endpoint: Endpoint) -> list[Outcome]:
        found: list[Outcome] = []
        for app, prefix in zip(registration.applications, registration.prefixes, strict=True):
            for item in middleware_items(app):
                outcome = self._of_either(item, endpoint, prefix)
                if outcome is not None:
                    found.append(outcome)
        around = self._around_methods(registration.route) or self._around_handler(registration.route)
        if around is not None:
            outcome = self._middleware_outcome(around, endpoint, registration.prefixes[-1])
            found += [outcome] if outcome is not None else []
        return found

    def _of_either(self, item: Instance, endpoint: Endpoint, prefix: str) -> Outcome | None:
        """The outcome of a middleware whose function a branch has chosen: conditional if only some deny."""
        dispatch = item.keywords.get("dispatch")
        cls = item.cls
        if not isinstance(dispatch, Alternatives) or isinstance(cls, Class):
            return self._middleware_outcome(item, endpoint, prefix)
        if id(item) not in self._chosen:
            items = [
                Instance(cls, item.place, item.arguments, {**item.keywords, "dispatch": one}, item.conditions)
                for one in dispatch.values
                if not is_none(one)
            ]
            self._chosen[id(item)] = item, items
        outcomes = [self._middleware_outcome(one, endpoint, prefix) for one in self._chosen[id(item)][1]]
        found = [one for one in outcomes if one is not None]
        for wanted in (Effect.CONDITIONAL, Effect.UNKNOWN):
            undecided = next((one for one in found if one.effect is wanted and one.reads), None)
            if undecided is not None:
                return undecided
        denying = [one for one in found if one.effect is Effect.DENIES and one.reads]
        if not denying or len(denying) == len(outcomes):
            return found[0] if found else None
        weaker = _weaker(denying[0])
        weaker.settings = [decided_by(dispatch) or f"whether {denying[0].name} is used"]
        if isinstance(dispatch, Overridden) and item.place is not None:
            by_default = outcomes[0] is denying[0]
            kept = Condition(f"{denying[0].name} is used", item.place, by_default, dispatch.setting)
            weaker.openings = [*denying[0].openings, _without(kept)]
        return weaker

    def _around_methods(self, route: Instance) -> Instance | None:
        """What a class of endpoints runs around its methods (``dispatch``), as a middleware."""
        for handler in alternatives(route.attributes["endpoint"]):
            if not isinstance(handler, Class):
                continue
            found = class_attribute(handler, "dispatch")
            if found is not None and isinstance(found[0], Function):
                if id(handler) not in self._around_routes:
                    made = Instance(handler, route.place)
                    item = Instance(External(_PLAIN_MIDDLEWARE), route.place)
                    item.keywords["dispatch"] = BoundMethod(found[0], made)
                    self._around_routes[id(handler)] = made, item
                return self._around_routes[id(handler)][1]
        return None

    def _around_handler(self, route: Instance) -> Instance | None:
        """What a class of routes runs around the handlers of its routes, as a middleware."""
        cls = route.cls
        if not isinstance(cls, Class) or class_attribute(cls, "get_route_handler") is None:
            return None
        # Its tags, its path or its name may decide what runs around a route: another of the class has others.
        if id(route) not in self._around_routes:
            made = Instance(cls, route.place)
            made.attributes = {
                **route.attributes,
                "__route_handler__": Native(MIDDLEWARE_CALL, _next_application),
            }
            method = self.interpreter.attribute(made, "get_route_handler")
            handler = self.runner.run(method, Arguments(), Trace(at_start=True), route.place)
            item = Instance(External(_PLAIN_MIDDLEWARE), route.place, keywords={"dispatch": handler})
            self._around_routes[id(route)] = (route, item)
        return self._around_routes[id(route)][1]

    def _of_variants(self, operation: Operation, endpoint: Endpoint) -> list[Outcome]:
        """Guards that only some of the ways to assemble this application add: they hold conditionally."""
        found: list[Outcome] = []
        for maker, registration in operation.variants:
            for outcome in self._middleware_outcomes(registration, endpoint):
                if outcome.effect is Effect.PASSES or not outcome.reads:
                    continue
                weaker = Outcome(outcome.name, outcome.place)
                weaker.effect, weaker.reads, weaker.steps = Effect.CONDITIONAL, True, outcome.steps
                weaker.settings = [f"whether {maker} makes the application"]
                weaker.openings = outcome.openings
                if outcome.effect is Effect.UNKNOWN:
                    weaker.effect, weaker.reason = Effect.UNKNOWN, outcome.reason
                found.append(weaker)
        return found

    def dependency(self, node: Dependency, endpoint: Endpoint | None) -> Outcome:
        """The outcome of a dependency with all that it depends on; the same callable is run once.

        One that denies, but is replaced by another that does not if a setting is changed, denies conditionally; so
        does one that is left out then.
        """
        return self._under_conditions(node, self._or_other(node, endpoint), endpoint)

    def _or_other(self, node: Dependency, endpoint: Endpoint | None) -> Outcome:
        outcome = self._alone(node, endpoint)
        if outcome.effect is not Effect.DENIES or all(
            self._alone(other, endpoint).effect is Effect.DENIES for other in node.others
        ):
            return outcome
        weaker = _weaker(outcome)
        weaker.settings = [node.setting]
        if node.place is not None:
            kept = Condition(f"{node.setting} has its default", node.place, True, node.setting)
            weaker.openings = [*outcome.openings, _without(kept)]
        return weaker

    def _alone(self, node: Dependency, endpoint: Endpoint | None) -> Outcome:
        key = id(node.value)
        known = self._dependencies.get(key)
        if known is not None and known[0] is node.value:
            if not known[1].varies or endpoint is None:
                return known[1]
        else:
            known = None
        if known is None:
            # Whatever the path is, one that always denies or never reads a credential answers for all.
            outcome = Outcome(node.name, node.place)
            self._dependencies[key] = (node.value, outcome)  # a cycle sees an outcome that passes
            self._run_dependency(node, None, outcome)
            if outcome.effect is Effect.DENIES:
                outcome.varies = False
            if not outcome.varies or endpoint is None:
                return outcome
        elif self._undecided.get(key, 0) >= MAX_UNDECIDED:
            return known[1]
        outcome = Outcome(node.name, node.place)
        self._run_dependency(node, endpoint, outcome)
        self._undecided[key] = self._undecided.get(key, 0) + 1 if outcome.effect is Effect.UNKNOWN else 0
        return outcome

    def known(self, node: Dependency) -> Outcome | None:
        """The outcome of a dependency that has been run, for whatever path it was."""
        found = self._dependencies.get(id(node.value))
        return found[1] if found is not None and found[0] is node.value else None

    def _run_dependency(self, node: Dependency, endpoint: Endpoint | None, outcome: Outcome) -> None:
        self._try_dependency(node, endpoint, outcome)
        if outcome.headers:
            again = Outcome(node.name, node.place)
            self._try_dependency(node, endpoint, again, outcome.headers)
            if denies_for_want(again, outcome):
                outcome.become(again)

        if outcome.effect is Effect.DENIES and outcome.fields:
            filled = Outcome(node.name, node.place)
            trace = self._try_dependency(node, endpoint, filled, gives_fields=True)
            if trace is not None and filled.effect is not Effect.DENIES and not are_checked(trace):
                outcome.become(filled)

    def _try_dependency(
        self,
        node: Dependency,
        endpoint: Endpoint | None,
        outcome: Outcome,
        lacks_headers: frozenset[str] = frozenset(),
        *,
        gives_fields: bool = False,
    ) -> Trace | None:
        """Run a dependency; ``None`` where that is not needed, or not possible."""
        if self._is_declared(node.name):
            _declared(outcome)
            return None
        if isinstance(node.value, Alternatives):
            self._run_each(node, node.value, endpoint, outcome)
            return None
        children = self._children(node, endpoint, lacks_headers)
        for child, result in children:
            outcome.varies = outcome.varies or result.varies
            outcome.reads = outcome.reads or result.reads
            outcome.refusals |= result.refusals
            outcome.asks_user = outcome.asks_user or result.asks_user
            if result.effect is Effect.DENIES and result.reads:
                outcome.effect, outcome.steps = Effect.DENIES, result.steps
                outcome.reason = result.reason
                return None
            del child
        trace = Trace(absent=True)
        trace.lacks_headers, trace.gives_fields = lacks_headers, gives_fields
        trace.headers = [header for _, result in children for header in result.read_headers]
        trace.questions = Questions()
        arguments = self._arguments(node.value, children, trace, endpoint)
        if arguments is None:
            self._opaque(node, outcome)
            return None
        trace.lacks_credential = _lacks_credential(arguments, children)
        value = self.runner.run(node.value, arguments, trace, node.place)
        if isinstance(value, Sequence) and value.kind == "generator" and value.items:
            value = join(value.items)  # the dependent is given what it yields
        conclude(outcome, trace, value, is_dependency=True)
        _ask_for_sessions(outcome, trace, self.interpreter.vocabulary)
        outcome.touches_nothing = (
            not trace.gave_up
            and touches_nothing(trace, self.interpreter.vocabulary)
            and all(r.touches_nothing for _, r in children)
        )
        outcome.shown = Shown(published=published_by(self.interpreter, trace))
        outcome.varies = outcome.varies or ((trace.reads_path or trace.reads_method) and outcome.reads)
        inherited = [
            r
            for _, r in children
            if r.effect is Effect.UNKNOWN or (r.effect is Effect.CONDITIONAL and r.reads)
        ]
        if outcome.effect is Effect.CONDITIONAL and inherited:
            outcome.reads = True  # what it decides on comes from somebody who may read a credential
        if outcome.effect is Effect.PASSES and inherited:
            outcome.effect, outcome.settings = inherited[0].effect, inherited[0].settings
            outcome.reason = inherited[0].reason
        return trace

    def _children(
        self, node: Dependency, endpoint: Endpoint | None, lacks_headers: frozenset[str]
    ) -> list[tuple[Dependency, Outcome]]:
        """What a dependency depends on, with the outcomes; those are others where headers are missing."""
        if not lacks_headers:
            return [(child, self.dependency(child, endpoint)) for child in node.children]
        found = [(child, Outcome(child.name, child.place)) for child in node.children]
        for child, outcome in found:
            self._try_dependency(child, endpoint, outcome, lacks_headers)
        return found

    def _run_each(
        self, node: Dependency, chosen: Alternatives, endpoint: Endpoint | None, outcome: Outcome
    ) -> None:
        """One of several callables stands here, as the application is set up: ``guard = Real() if … else Mock()``."""
        nodes = [self.solver.solve(value, "", node.place)[0] for value in chosen.values]
        found = [self.dependency(one, endpoint) for one in nodes]
        effects = [
            one.effect if one.reads or one.effect is Effect.UNKNOWN else Effect.PASSES for one in found
        ]
        outcome.reads = any(one.reads for one in found)
        outcome.varies = any(one.varies for one in found)
        outcome.value = join([one.value for one in found])
        outcome.steps = [step for one in found for step in one.steps]
        outcome.touches_nothing = all(one.touches_nothing for one in found)
        for wanted in (Effect.CONDITIONAL, Effect.UNKNOWN, Effect.DENIES, Effect.PASSES):
            if wanted in effects:
                first = found[effects.index(wanted)]
                outcome.effect, outcome.settings, outcome.reason = wanted, first.settings, first.reason
                outcome.openings = first.openings
                break
        if outcome.effect is Effect.DENIES and Effect.PASSES in effects:
            outcome.effect = Effect.CONDITIONAL
            names = " and ".join(dict.fromkeys(one.name for one in nodes))
            outcome.settings = [decided_by(chosen) or f"which of {names} is used"]

    def _opaque(self, node: Dependency, outcome: Outcome) -> None:
        """A dependency of a library that nothing is known of."""
        outcome.value = Unknown(f"what {node.name} gives")
        outcome.touches_nothing = node.name.startswith(_FRAMEWORK)
        if node.unresolved:
            outcome.effect, outcome.reason = Effect.UNKNOWN, node.unresolved
            return
        if self._may_deny(node, outcome):
            outcome.effect = Effect.UNKNOWN
            outcome.reason = f"what {node.name} does is not known; add it to `guards` if it denies"

    def _may_deny(self, node: Dependency, outcome: Outcome) -> bool:
        """Its name, or its module's, speaks of access; or it stands there for what it does, not for what it gives."""
        module, _, last = node.name.rpartition(".")
        if last.endswith(("Form", "FormStrict", "Params", "Scopes")):
            return False
        if _GUARD_NAME.search(last) or (_GUARD_MODULE.search(f"{module}.") and not outcome.touches_nothing):
            return True
        return not (node.parameter or outcome.touches_nothing or _NO_GUARD_NAME.search(node.name))

    def _arguments(
        self,
        value: Value,
        children: list[tuple[Dependency, Outcome]],
        trace: Trace,
        endpoint: Endpoint | None,
    ) -> Arguments | None:
        if isinstance(value, External):
            return None
        if isinstance(value, Instance) and isinstance(value.cls, External):
            known = self.interpreter.vocabulary.method(value.cls.name, "__call__")
            return Arguments([self.runner.request(*_target(endpoint))]) if known else None
        signature = signature_of(self.interpreter, value)
        if signature is None:
            return None
        results = {child.parameter: result for child, result in children}
        return self._fill(signature.parameters, results, trace, endpoint)

    def _fill(
        self,
        parameters: list[SignatureParameter],
        results: dict[str, Outcome],
        trace: Trace,
        endpoint: Endpoint | None,
    ) -> Arguments:
        keywords: dict[str, Value] = {}
        positional: list[Value] = []
        for parameter in parameters:
            if parameter.kind in ("*", "**"):
                continue
            if parameter.name in results:
                value = self._looked_up(results[parameter.name], parameter)
            else:
                value = self.runner.parameter(parameter, trace, *_target(endpoint))
            if parameter.kind == "positional":
                positional.append(value)
            else:
                keywords[parameter.name] = value
        return Arguments(positional, keywords)

    def _looked_up(self, result: Outcome, parameter: SignatureParameter) -> Value:
        """What a dependency gives. What a container of the project looks up is at least of the declared class."""
        annotation, _ = split_annotated(parameter.annotation)
        is_unknown = type(result.value) in (Unknown, Derived) or (
            isinstance(result.value, Instance) and isinstance(result.value.cls, External)
        )
        if not is_unknown or result.effect is not Effect.PASSES or not isinstance(annotation, Class):
            return result.value
        has_methods = any(isinstance(one, Function) for one in annotation.scope.names.values())
        if not has_methods or self.interpreter.vocabulary.is_model(annotation):
            return result.value
        return instance_of(self.interpreter, annotation, f"what {result.name} gives")

    # --- the handler -----------------------------------------------------------------------------

    def handler(self, endpoint: Endpoint, operation: Operation) -> Outcome:
        """The outcome of the handler itself, its decorators included."""
        handler = operation.handler
        outcome = Outcome(endpoint.handler, endpoint.place)
        vocabulary = self.interpreter.vocabulary
        if isinstance(handler, (Unknown, External)):
            outcome.shown = Shown(counts=hands_out_metrics(endpoint, handler, vocabulary))
            return outcome
        is_socket = endpoint.methods == ["WEBSOCKET"]
        trace = self._run_handler(
            endpoint, operation, outcome, Optional.LEFT_OUT if is_socket else Optional.EITHER
        )
        if is_socket and trace is not None and outcome.effect is Effect.PASSES and not trace.missed:
            # Without a parameter that may be left out, it may end before it asks who calls.
            fuller = Outcome(endpoint.handler, endpoint.place)
            again = self._run_handler(endpoint, operation, fuller, Optional.GIVEN)
            if again is not None and (
                fuller.effect is not Effect.PASSES or only_turns_away(again, vocabulary)
            ):
                outcome, trace = fuller, again
        if trace is not None and outcome.headers:
            fuller = Outcome(endpoint.handler, endpoint.place)
            again = self._run_handler(
                endpoint, operation, fuller, trace.optional, lacks_headers=outcome.headers
            )
            if again is not None and denies_for_want(fuller, outcome):
                outcome, trace = fuller, again
        if trace is None:
            return outcome
        if outcome.effect is Effect.DENIES and outcome.fields:
            filled = Outcome(endpoint.handler, endpoint.place)
            again = self._run_handler(endpoint, operation, filled, trace.optional, gives_fields=True)
            if again is not None and filled.effect is not Effect.DENIES and not are_checked(again):
                outcome, trace = filled, again
        opened = self._opened_handler(endpoint, operation, outcome, trace)
        if opened is not None:
            outcome, trace = opened
        if outcome.effect is Effect.DENIES and comes_too_late(outcome, trace):
            outcome.effect = Effect.PASSES
        if (
            is_socket
            and outcome.effect in (Effect.PASSES, Effect.UNKNOWN)
            and only_turns_away(trace, vocabulary)
        ):
            outcome.effect, outcome.reads = Effect.DENIES, True
        outcome.verifier = signature_check(trace)
        outcome.finds_nothing = finds_nothing(trace)
        outcome.issues = issues_credential(trace)
        if operation.function is not None:
            children = [(c, self.dependency(c, endpoint)) for c in operation.dependencies.children]
            outcome.serves_guests = serves_guests(
                self.interpreter, operation.function, trace, children, self.rows
            )
        if outcome.effect is not Effect.DENIES:
            outcome.unproved = self.proofs.is_unproved(endpoint, operation, trace)
        if outcome.effect is not Effect.DENIES or not outcome.reads:
            outcome.shown = shown_by(self.interpreter, endpoint, operation, trace, self.rows)
        if outcome.effect is Effect.UNKNOWN and not (
            outcome.denials or outcome.answers or unknown_deciders(trace)
        ):
            outcome.effect = Effect.PASSES
        application = ""
        if outcome.effect is Effect.PASSES:
            application = forwards_to(trace) or answers_with(self.interpreter, trace, self.rows)
            asked = "" if application else given_context(trace, self._contexts(operation, endpoint))
            if asked:
                outcome.effect, outcome.reads = Effect.UNKNOWN, True
                outcome.reason = f"whether {asked} denies whoever has no credential is not known"
        if application:
            outcome.effect, outcome.reads = Effect.UNKNOWN, True
            outcome.reason = (
                f"whether {application} denies the request, which it is handed as it is, is not known"
            )
        elif outcome.effect is Effect.PASSES and only_refuses(trace):
            outcome.effect, outcome.reads = Effect.UNKNOWN, True
            outcome.reason = f"no way through {outcome.name} to an answer was found, only to a refusal"
        _ask_for_sessions(outcome, trace, self.interpreter.vocabulary)
        return outcome

    def _contexts(self, operation: Operation, endpoint: Endpoint) -> list[Instance]:
        """What dependencies that look who calls, and let everybody through, have made for the handler."""
        found = [self.dependency(child, endpoint) for child in operation.dependencies.children]
        return [
            value
            for outcome in found
            if outcome.reads
            for value in alternatives(outcome.value)
            if isinstance(value, Instance) and isinstance(value.cls, Class)
        ]

    def _opened_handler(
        self, endpoint: Endpoint, operation: Operation, outcome: Outcome, before: Trace
    ) -> tuple[Outcome, Trace] | None:
        """What a handler does that denies for want of a user, if a backend gives one without a credential."""
        if outcome.effect is not Effect.DENIES or not outcome.asks_user:
            return None
        for backend in self._backends(operation.registration):
            run, grants = backend.grants(endpoint)
            ways: list[tuple[Grant, Outcome, Trace]] = []
            for grant in grants:
                found = Outcome(outcome.name, outcome.place)
                with self._given(grant):
                    trace = self._run_handler(endpoint, operation, found, before.optional)
                if trace is not None and not granted.still_denies(found, outcome):
                    ways.append((grant, found, trace))
            if ways:
                decided = backend.outcome(run, [grant for grant, _, _ in ways])
                _, found, trace = ways[0]
                if decided.effect is Effect.PASSES and found.effect is not Effect.PASSES:
                    return found, trace
                return granted.weaker(outcome, decided), trace
        return None

    def _without_fields(
        self, endpoint: Endpoint, operation: Operation, outcome: Outcome, fields: frozenset[str]
    ) -> Trace | None:
        return self._run_handler(endpoint, operation, outcome, Optional.EITHER, lacks_fields=fields)

    def _run_handler(
        self,
        endpoint: Endpoint,
        operation: Operation,
        outcome: Outcome,
        optional: Optional,
        *,
        lacks_fields: frozenset[str] = frozenset(),
        lacks_headers: frozenset[str] = frozenset(),
        gives_fields: bool = False,
    ) -> Trace | None:
        """Run a handler without credentials; ``None`` if nobody knows what it asks for."""
        handler = operation.handler
        trace = Trace(absent=True)
        trace.lacks_fields, trace.lacks_headers = lacks_fields, lacks_headers
        trace.gives_fields = gives_fields
        trace.optional = optional
        trace.questions = Questions()
        if endpoint.framework == "starlette":
            request = self.runner.request(
                endpoint.path, endpoint.methods, _connection(endpoint), questions=trace.questions
            )
            arguments = Arguments([request])
            if isinstance(handler, Class):
                return self._run_methods(handler, endpoint, outcome)
            if isinstance(handler, Instance):  # an application of its own
                arguments = Arguments([request.attributes["scope"], Unknown("receive"), Unknown("send")])
        else:
            children = self._children(operation.dependencies, endpoint, lacks_headers)
            trace.headers = [header for _, result in children for header in result.read_headers]
            outcome.reads = any(result.reads for _, result in children)
            outcome.refusals = outcome.refusals.union(*(result.refusals for _, result in children))
            found = self._arguments(handler, children, trace, endpoint)
            trace.lacks_credential = found is not None and _lacks_credential(found, children)
            if found is None:
                return None
            arguments = found
        value = self.runner.run(
            handler, arguments, trace, endpoint.place, steps=HANDLER_STEPS, depth=HANDLER_DEPTH
        )
        conclude(outcome, trace, value, is_dependency=False)
        return trace

    def _run_methods(self, handler: Class, endpoint: Endpoint, outcome: Outcome) -> Trace | None:
        """Run the methods of a class of endpoints; what counts is the one that asks least."""
        runs: list[tuple[Outcome, Trace | None]] = []
        for verb in endpoint.methods:
            method = self.interpreter.attribute(Instance(handler), verb.lower())
            found = Outcome(outcome.name, outcome.place)
            if isinstance(method, BoundMethod):
                trace = Trace(absent=True)
                arguments = Arguments([self.runner.request(endpoint.path, [verb], trace=trace)])
                value = self.runner.run(method, arguments, trace, endpoint.place, steps=HANDLER_STEPS)
                conclude(found, trace, value, is_dependency=False)
                runs.append((found, trace))
            elif class_attribute(handler, verb.lower()) is not None:
                found.effect, found.reads = Effect.UNKNOWN, True
                found.reason = f"what {outcome.name} does with {verb} is not known"
                runs.append((found, None))
        if not runs:
            return None
        least, of_least = min(runs, key=lambda run: _BY_STRENGTH.index(run[0].effect))
        outcome.become(least)
        return of_least

    # --- middleware ------------------------------------------------------------------------------

    def _middleware_outcome(self, item: Instance, endpoint: Endpoint, prefix: str) -> Outcome | None:
        known = self._middleware.get(id(item))
        if known is None:
            # Whatever the path is, one that never reads a credential is no guard.
            known = self._run_middleware(item, None, prefix)
            if known is not None and not known.reads:
                known.varies = known.varies_by_method = False
            self._middleware[id(item)] = known or Outcome("", item.place)
        if not known or not known.name:
            return None
        if not (known.varies or known.varies_by_method):
            return known
        # Paths that give the same answers to all that a run has asked of the path share that run.
        runs = self._by_target.setdefault((id(item), prefix, tuple(endpoint.methods)), [])
        for questions, outcome in runs:
            if questions.are_answered_alike(endpoint.path):
                return outcome
        if self._undecided.get(id(item), 0) >= MAX_UNDECIDED:
            return self._last.get(id(item), known)
        questions = Questions()
        found = self._run_middleware(item, endpoint, prefix, questions if known.varies else None) or known
        runs.append((questions, found))
        self._last[id(item)] = found
        undecided = self._undecided.get(id(item), 0) + 1
        self._undecided[id(item)] = undecided if found.effect is Effect.UNKNOWN else 0
        return found

    def _run_middleware(
        self, item: Instance, endpoint: Endpoint | None, prefix: str, questions: Questions | None = None
    ) -> Outcome | None:
        found = self._try_middleware(item, endpoint, prefix, questions)
        if found is not None and found.headers:
            again = self._try_middleware(item, endpoint, prefix, questions, found.headers)
            if again is not None and (
                denies_for_want(again, found)
                or (again.effect is not Effect.DENIES and (again.varies or again.varies_by_method))
            ):
                return again
        return found

    def _try_middleware(
        self,
        item: Instance,
        endpoint: Endpoint | None,
        prefix: str,
        questions: Questions | None,
        lacks_headers: frozenset[str] = frozenset(),
    ) -> Outcome | None:
        cls = middleware_class(item)
        name = callable_name(cls) if cls is not None else ""
        if self._is_declared(name):
            return _declared(Outcome(name, item.place))
        callee = self._middleware_callable(item)
        if callee is None:
            return _of_library(name, item) if isinstance(cls, External) else None
        method = callee.function if isinstance(callee, BoundMethod) else None
        named = method.cls if method is not None and method.cls is not None else callee
        outcome = Outcome(callable_name(named), item.place)
        trace = Trace(absent=True)
        trace.lacks_headers = lacks_headers
        arguments = self._middleware_arguments(callee, endpoint, trace, prefix, questions)
        if arguments is None:
            return None
        steps = RUN_STEPS * 2 if endpoint is None else RUN_STEPS // 2
        self.runner.run(callee, arguments, trace, item.place, steps=steps)
        if trace.gave_up and endpoint is not None:
            outcome.reads = True  # the run for any path has seen it read a credential
        passes = [ReturnEvent(e.callee, e.place, e.conditions) for e in trace.calls if _goes_on(e.callee)]
        if _is_dispatch(callee) and not passes and _calls_unknown(trace):
            outcome.effect, outcome.reads = Effect.UNKNOWN, True
            outcome.reason = f"whether {outcome.name} denies a request before it calls a method is not known"
            return outcome
        answers, ways = _answers(callee, trace), trace.returns
        trace.returns = [*passes, *(r for r in trace.returns if isinstance(r.value, Unknown) and not passes)]
        decide(outcome, trace, passes, denied_by_answer=answers)
        outcome.headers = deciding_headers(outcome, trace, ways)
        outcome.refusals = refusals(trace, ways)
        raised = [event for event in trace.raises if not event.implicit and may_happen(event)]
        can_deny = answers or any(
            event in outcome.denials or looks_at_address(trace, event.conditions) for event in raised
        )
        found = [*(way.conditions for way in [*passes, *ways]), *(event.conditions for event in raised)]
        if trace.gave_up or (can_deny and any(looks_at_address(trace, conditions) for conditions in found)):
            outcome.varies, outcome.varies_by_method = trace.reads_path or trace.gave_up, trace.reads_method
        if item.conditions and outcome.effect is Effect.DENIES:
            names = [c.setting for c in item.conditions if c.setting is not None]
            open_conditions = [c.text for c in item.conditions if c.by_default is not True]
            if names or open_conditions:
                outcome.effect, outcome.settings = Effect.CONDITIONAL, names or open_conditions[-1:]
                outcome.openings = [_without(c) for c in item.conditions if c.by_default is not True]
        return outcome

    def _is_declared(self, name: str) -> bool:
        return name in self.settings.guards or name in self.interpreter.vocabulary.guards

    def _middleware_callable(self, item: Instance) -> Value | None:
        """What a request goes through: made once, and as it was made for every run."""
        if id(item) not in self._made:
            callee = self._make_middleware(item)
            made = callee.receiver if isinstance(callee, BoundMethod) else None
            state = dict(made.attributes) if isinstance(made, Instance) else {}
            self._made[id(item)] = (callee, state)
        callee, state = self._made[id(item)]
        if isinstance(callee, BoundMethod) and isinstance(callee.receiver, Instance):
            callee.receiver.attributes = dict(state)
        return callee

    def _make_middleware(self, item: Instance) -> Value | None:
        if isinstance(item.cls, External) and item.cls.name == ENTRY:
            cls = middleware_class(item)
            if cls is None:
                return None
            keywords = {k: v for k, v in item.keywords.items() if k != "cls"}
            item = Instance(cls, item.place, item.arguments[1:], keywords, item.conditions)
        dispatch = item.keywords.get("dispatch")
        if dispatch is not None and isinstance(item.cls, External):
            return alternatives(dispatch)[0]
        if isinstance(item.cls, Class):
            made = Instance(item.cls, item.place, conditions=item.conditions)
            init = self.interpreter.attribute(item.cls, "__init__")
            if isinstance(init, Function):
                app = Native(MIDDLEWARE_CALL, _next_application)
                self.runner.run(
                    BoundMethod(init, made),
                    Arguments([app, *item.arguments], dict(item.keywords)),
                    Trace(at_start=True),
                    item.place,
                )
            made.attributes.setdefault("app", Native(MIDDLEWARE_CALL, _next_application))
            for name in ("dispatch", "__call__"):
                method = self.interpreter.attribute(made, name)
                if isinstance(method, BoundMethod):
                    return method
        return None

    def _middleware_arguments(
        self,
        callee: Value,
        endpoint: Endpoint | None,
        trace: Trace,
        prefix: str,
        questions: Questions | None,
    ) -> Arguments | None:
        function = callee.function if isinstance(callee, BoundMethod) else callee
        request = self.runner.request(*_target(endpoint), trace=trace, root_path=prefix, questions=questions)
        if _is_dispatch(callee) and isinstance(callee, BoundMethod) and isinstance(callee.receiver, Instance):
            given = {
                "scope": request.attributes["scope"],
                "receive": Unknown("receive"),
                "send": Unknown("send"),
            }
            callee.receiver.attributes.update(given)
            return Arguments()
        following = Native(MIDDLEWARE_CALL, _next_application)
        if isinstance(function, Function) and function.name == "__call__":
            scope = request.attributes["scope"]
            return Arguments([scope, Unknown("receive"), Unknown("send")])
        signature = signature_of(self.interpreter, callee)
        if signature is None:
            return None
        return Arguments([request, following][: len(signature.parameters)])


def _declared(outcome: Outcome) -> Outcome:
    outcome.effect, outcome.reads = Effect.DENIES, True
    outcome.reason = "declared as a guard in the configuration"
    return outcome


def _of_library(name: str, item: Instance) -> Outcome | None:
    """Middleware of a library that is not followed: by its name it may deny, or it is no guard."""
    if not _MIDDLEWARE_NAME.search(name.rpartition(".")[2]):
        return None
    outcome = Outcome(name, item.place)
    outcome.effect, outcome.reads = Effect.UNKNOWN, True
    outcome.reason = f"what {name} does is not known; add it to `guards` if it denies"
    return outcome


def _ask_for_sessions(outcome: Outcome, trace: Trace, vocabulary: Vocabulary) -> None:
    """Leave a guard open that knows its callers by the id of a session in the address."""
    if outcome.effect is Effect.PASSES and decides_by_session(outcome, trace, vocabulary):
        outcome.effect, outcome.reads = Effect.UNKNOWN, True
        outcome.reason = (
            f"{outcome.name} knows its callers by the id of a session in the address: whether nobody can guess "
            "one is not known"
        )


def _weaker(outcome: Outcome) -> Outcome:
    """The same guard, if it is there only under a condition."""
    weaker = Outcome(outcome.name, outcome.place)
    weaker.effect, weaker.reads, weaker.steps = Effect.CONDITIONAL, outcome.reads, outcome.steps
    weaker.value, weaker.varies, weaker.touches_nothing = (
        outcome.value,
        outcome.varies,
        outcome.touches_nothing,
    )
    return weaker


def _without(condition: Condition) -> Opening:
    """What opens a guard that is only put there where a condition holds."""
    by_default = None if condition.by_default is None else not condition.by_default
    opposite = Condition(f"not ({condition.text})", condition.place, by_default, condition.setting)
    return Opening(condition.setting or condition.text, opposite)


def _goes_on(callee: Value) -> bool:
    """The rest of the application is called, or the method of a class of endpoints."""
    if isinstance(callee, External):
        return callee.name == f"{_METHODS}.dispatch"
    if isinstance(callee, BoundMethod):
        return callee.function.name in _VERBS and _is_dispatch(callee)
    return isinstance(callee, Native) and callee.label == MIDDLEWARE_CALL


def _calls_unknown(trace: Trace) -> bool:
    """Something is called that is not known: it may be the method that answers."""
    return trace.gave_up or any(
        isinstance(one, Unknown) for event in trace.calls for one in alternatives(event.callee)
    )


def _is_dispatch(callee: Value) -> bool:
    """``dispatch(self)`` of a class of endpoints, which finds the request in the object."""
    owner = callee.receiver if isinstance(callee, BoundMethod) else None
    return (
        isinstance(owner, Instance)
        and isinstance(owner.cls, Class)
        and any(external.name == _METHODS for external in owner.cls.externals())
    )


def _answers(callee: Value, trace: Trace) -> bool:
    """Whether a middleware may give another answer than that of the next application."""
    function = callee.function if isinstance(callee, BoundMethod) else callee
    if isinstance(function, Function) and (function.name == "__call__" or _is_dispatch(callee)):
        return True  # it sends its answer itself
    return trace.gave_up or any(
        not (isinstance(one, Instance) and one.attributes.get(_FOLLOWING) is TRUE)
        for way in trace.returns
        for one in alternatives(way.value)
    )


def _lacks_credential(arguments: Arguments, children: list[tuple[Dependency, Outcome]]) -> bool:
    """Whether a credential is missing among the arguments, or a dependency that reads one gives nothing."""
    return any(missing_credential(value) is not None for value in arguments.all()) or any(
        result.reads and isinstance(result.value, Constant) and not result.value.value
        for _, result in children
    )


def _connection(endpoint: Endpoint) -> str:
    """The class of what a plain handler is given."""
    is_socket = endpoint.methods == ["WEBSOCKET"]
    return "starlette.websockets.WebSocket" if is_socket else "starlette.requests.Request"


def _target(endpoint: Endpoint | None) -> tuple[str | None, list[str]]:
    """Path and methods of a request to an endpoint; of any request without one."""
    return (endpoint.path, endpoint.methods) if endpoint is not None else (None, [])


def _next_application(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    del interpreter, arguments
    answer = Instance(External("starlette.responses.Response"), place)
    answer.attributes[_FOLLOWING] = TRUE
    return answer
