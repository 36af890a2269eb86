"""Who may call an endpoint: guards are run without credentials, and what gets through decides.

A guard is effective if it reads a credential and denies every request that lacks it. Nothing is guessed from
names: a dependency, a middleware, a decorator or the handler itself is run with absent credentials
(see :mod:`backend_gate.backend.behaviour`), and each way out is looked at. A way out that exists only under a
setting makes the protection conditional; one that depends on something unknown leaves it unresolved.
"""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING

from backend_gate.backend.arguments import Arguments
from backend_gate.backend.behaviour import Runner
from backend_gate.backend.dependencies import Dependency, callable_name
from backend_gate.backend.model import Auth, Endpoint, Place, Step, Verdict
from backend_gate.backend.public import is_webhook, public_by_nature, signature_check, touches_nothing
from backend_gate.backend.signatures import signature_of
from backend_gate.backend.trace import RaiseEvent, ReturnEvent, Trace, status_of
from backend_gate.backend.values import (
    Absent,
    BoundMethod,
    Class,
    Constant,
    External,
    Function,
    Instance,
    Native,
    Sequence,
    SignatureParameter,
    Unknown,
    Value,
    alternatives,
)

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.flatten import Registration
    from backend_gate.backend.link import Operation
    from backend_gate.settings import Settings

_GUARD_NAME = re.compile(
    r"auth|user|token|permission|security|login|jwt|verify|require|access|admin|session|principal|identity|api.?key",
    re.IGNORECASE,
)
_DECIDING_CALL = re.compile(
    r"verify|decode|validate|authenticat|authoriz|check|introspect|login|unsign|decrypt|permission|allow|guard",
    re.IGNORECASE,
)
HANDLER_STEPS = 15_000
HANDLER_DEPTH = 4
"""An inline guard stands at most three calls below the handler."""
MIDDLEWARE_CALL = "backend_gate.next_application"


class Effect(enum.Enum):
    """What a callable does with a request that carries no credential."""

    DENIES = "denies"
    CONDITIONAL = "denies unless a setting says otherwise"
    PASSES = "lets it through"
    UNKNOWN = "cannot be told"


class Outcome:
    """The result of running one callable without credentials.

    ``value`` is what it gives where it lets the request through; ``reads`` says that it reads a credential.
    """

    __slots__ = (
        "denials",
        "effect",
        "endpoint",
        "name",
        "place",
        "reads",
        "reason",
        "settings",
        "steps",
        "touches_nothing",
        "value",
        "varies",
        "verifier",
    )

    def __init__(self, name: str, place: Place | None) -> None:
        self.name = name
        self.place = place
        self.effect = Effect.PASSES
        self.value: Value = Unknown("not run")
        self.reads = False
        self.reason = ""
        self.settings: list[str] = []
        self.steps: list[Step] = []
        self.denials: list[RaiseEvent] = []
        self.varies = False
        self.touches_nothing = False
        self.verifier = ""
        self.endpoint: Endpoint | None = None


class AuthJudge:
    """Judges the endpoints of one linked unit."""

    def __init__(self, interpreter: Interpreter, settings: Settings) -> None:
        self.interpreter = interpreter
        self.settings = settings
        self.runner = Runner(interpreter)
        self._dependencies: dict[int, tuple[Value, Outcome]] = {}
        self._middleware: dict[int, Outcome] = {}

    def judge(self, endpoint: Endpoint, operation: Operation) -> Auth:
        """The verdict on one endpoint with its evidence."""
        declared = self._declared(endpoint)
        outcomes = self._outcomes(endpoint, operation)
        denying = [o for o in outcomes if o.effect is Effect.DENIES and o.reads]
        if denying:
            names = list(dict.fromkeys(o.name for o in denying))
            reason = f"{names[0]} denies requests without a credential"
            return Auth(Verdict.PROTECTED, reason, names, [s for o in denying for s in o.steps])
        own = self._handler(endpoint, operation)
        if own.effect is Effect.DENIES and own.reads:
            reason = "the handler itself denies requests without a credential"
            return Auth(Verdict.PROTECTED, reason, [own.name], own.steps)
        if declared is not None:
            return Auth(Verdict.DECLARED_PUBLIC, declared)
        nature = public_by_nature(endpoint, self.interpreter, operation)
        if nature is None and own.touches_nothing and set(endpoint.methods) <= {"GET", "HEAD", "OPTIONS"}:
            nature = "the handler reads no stored data and has no effect"
        if nature is not None:
            return Auth(Verdict.PUBLIC_BY_NATURE, nature)
        if is_webhook(endpoint) and own.verifier:
            reason = f"whether {own.verifier} denies a message without a valid signature is not known"
            return Auth(Verdict.UNRESOLVED, reason, [own.name], own.steps)
        return self._without_denial([*outcomes, own], endpoint, operation)

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
            steps,
            webhook=is_webhook(endpoint),
        )

    def _declared(self, endpoint: Endpoint) -> str | None:
        for entry in self.settings.public:
            methods = {m.upper() for m in entry.methods}
            if entry.path == endpoint.path and (not methods or set(endpoint.methods) <= methods):
                return entry.reason
        return None

    # --- what stands before the handler ----------------------------------------------------------

    def _outcomes(self, endpoint: Endpoint, operation: Operation) -> list[Outcome]:
        found = [
            self.dependency(node, endpoint)
            for node in [*operation.declared, *operation.dependencies.children]
        ]
        if any(o.effect is Effect.DENIES and o.reads for o in found):
            return found
        middleware = self._middleware_outcomes(operation.registration, endpoint)
        if operation.variants and not any(o.effect is Effect.DENIES and o.reads for o in middleware):
            middleware += self._of_variants(operation, endpoint)
        return [*found, *middleware]

    def _middleware_outcomes(self, registration: Registration, endpoint: Endpoint) -> list[Outcome]:
        found: list[Outcome] = []
        for app, prefix in zip(registration.applications, registration.prefixes, strict=True):
            chain = app.attributes.get("user_middleware")
            for item in chain.items if isinstance(chain, Sequence) else []:
                if isinstance(item, Instance):
                    outcome = self._middleware_outcome(item, endpoint, prefix)
                    if outcome is not None:
                        found.append(outcome)
        return found

    def _of_variants(self, operation: Operation, endpoint: Endpoint) -> list[Outcome]:
        """Guards that only some of the ways to assemble this application add: they hold conditionally."""
        found: list[Outcome] = []
        for maker, registration in operation.variants:
            for outcome in self._middleware_outcomes(registration, endpoint):
                if outcome.effect is Effect.DENIES and outcome.reads:
                    weaker = Outcome(outcome.name, outcome.place)
                    weaker.effect, weaker.reads, weaker.steps = Effect.CONDITIONAL, True, outcome.steps
                    weaker.settings = [f"whether {maker} makes the application"]
                    found.append(weaker)
        return found

    def dependency(self, node: Dependency, endpoint: Endpoint) -> Outcome:
        """The outcome of a dependency with all that it depends on; the same callable is run once."""
        key = id(node.value)
        known = self._dependencies.get(key)
        if known is not None and known[0] is node.value:
            return known[1]
        outcome = Outcome(node.name, node.place)
        self._dependencies[key] = (node.value, outcome)  # a cycle sees an outcome that passes
        self._run_dependency(node, endpoint, outcome)
        if outcome.varies:
            del self._dependencies[key]
        return outcome

    def _run_dependency(self, node: Dependency, endpoint: Endpoint, outcome: Outcome) -> None:
        if node.name in self.settings.guards:
            outcome.effect, outcome.reads = Effect.DENIES, True
            outcome.reason = "declared as a guard in the configuration"
            return
        children = [(child, self.dependency(child, endpoint)) for child in node.children]
        for child, result in children:
            outcome.varies = outcome.varies or result.varies
            outcome.reads = outcome.reads or result.reads
            if result.effect is Effect.DENIES and result.reads:
                outcome.effect, outcome.steps = Effect.DENIES, result.steps
                outcome.reason = result.reason
                return
            del child
        trace = Trace(absent=True)
        arguments = self._arguments(node.value, children, trace, endpoint)
        if arguments is None:
            self._opaque(node, outcome)
            return
        value = self.runner.run(node.value, arguments, trace, node.place)
        self._conclude(outcome, trace, value, is_dependency=True)
        inherited = [r for _, r in children if r.effect in (Effect.CONDITIONAL, Effect.UNKNOWN) and r.reads]
        if outcome.effect is Effect.PASSES and inherited:
            outcome.effect, outcome.settings = inherited[0].effect, inherited[0].settings
            outcome.reason = inherited[0].reason

    def _opaque(self, node: Dependency, outcome: Outcome) -> None:
        """A dependency of a library that nothing is known of."""
        outcome.value = Unknown(f"what {node.name} gives")
        if node.unresolved:
            outcome.effect, outcome.reason = Effect.UNKNOWN, node.unresolved
            return
        last = node.name.rsplit(".", 1)[-1]
        if _GUARD_NAME.search(last) and not last.endswith(("Form", "FormStrict", "Params", "Scopes")):
            outcome.effect = Effect.UNKNOWN
            outcome.reason = f"what {node.name} does is not known; add it to `guards` if it denies"

    def _arguments(
        self,
        value: Value,
        children: list[tuple[Dependency, Outcome]],
        trace: Trace,
        endpoint: Endpoint,
    ) -> Arguments | None:
        if isinstance(value, External):
            return None
        if isinstance(value, Instance) and isinstance(value.cls, External):
            known = self.interpreter.vocabulary.method(value.cls.name, "__call__")
            return Arguments([self.runner.request(endpoint.path, endpoint.methods)]) if known else None
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
        endpoint: Endpoint,
    ) -> Arguments:
        keywords: dict[str, Value] = {}
        positional: list[Value] = []
        for parameter in parameters:
            if parameter.kind in ("*", "**"):
                continue
            if parameter.name in results:
                value = results[parameter.name].value
            else:
                value = self.runner.parameter(parameter, trace, endpoint.path, endpoint.methods)
            if parameter.kind == "positional":
                positional.append(value)
            else:
                keywords[parameter.name] = value
        return Arguments(positional, keywords)

    # --- the handler -----------------------------------------------------------------------------

    def _handler(self, endpoint: Endpoint, operation: Operation) -> Outcome:
        handler = operation.handler
        outcome = Outcome(endpoint.handler, endpoint.place)
        if isinstance(handler, Unknown | External):
            return outcome
        trace = Trace(absent=True)
        if endpoint.framework == "starlette":
            arguments = Arguments([self.runner.request(endpoint.path, endpoint.methods)])
            if isinstance(handler, Class):
                return outcome
        else:
            children = [(c, self.dependency(c, endpoint)) for c in operation.dependencies.children]
            found = self._arguments(handler, children, trace, endpoint)
            if found is None:
                return outcome
            arguments = found
        value = self.runner.run(
            handler, arguments, trace, endpoint.place, steps=HANDLER_STEPS, depth=HANDLER_DEPTH
        )
        self._conclude(outcome, trace, value, is_dependency=False)
        outcome.verifier = signature_check(trace)
        outcome.touches_nothing = not trace.gave_up and touches_nothing(trace)
        if outcome.effect is Effect.UNKNOWN and not outcome.denials:
            outcome.effect = Effect.PASSES
        return outcome

    # --- middleware ------------------------------------------------------------------------------

    def _middleware_outcome(self, item: Instance, endpoint: Endpoint, prefix: str) -> Outcome | None:
        known = self._middleware.get(id(item))
        if known is not None and (not known.varies or known.endpoint is endpoint):
            return known
        callee = self._middleware_callable(item)
        if callee is None:
            return None
        label = callable_name(callee)
        outcome = Outcome(label, item.place)
        trace = Trace(absent=True)
        arguments = self._middleware_arguments(callee, endpoint, trace, prefix)
        if arguments is None:
            return None
        self.runner.run(callee, arguments, trace, item.place)
        passes = [
            ReturnEvent(e.callee, e.place, e.conditions)
            for e in trace.calls
            if isinstance(e.callee, Native) and e.callee.label == MIDDLEWARE_CALL
        ]
        trace.returns = [*passes, *(r for r in trace.returns if isinstance(r.value, Unknown) and not passes)]
        self._decide(outcome, trace, passes, has_denial=True)
        outcome.varies, outcome.endpoint = trace.reads_path, endpoint
        self._middleware[id(item)] = outcome
        if item.conditions and outcome.effect is Effect.DENIES:
            settings = [c.setting or c.text for c in item.conditions if c.by_default is not True]
            if settings:
                outcome.effect, outcome.settings = Effect.CONDITIONAL, settings
        return outcome

    def _middleware_callable(self, item: Instance) -> Value | None:
        dispatch = item.keywords.get("dispatch")
        if dispatch is not None and isinstance(item.cls, External):
            return next(alternatives(dispatch))
        if isinstance(item.cls, Class):
            made = Instance(item.cls, item.place, conditions=item.conditions)
            init = self.interpreter.attribute(item.cls, "__init__")
            if isinstance(init, Function):
                app = Native(MIDDLEWARE_CALL, _next_application)
                self.runner.run(
                    BoundMethod(init, made),
                    Arguments([app, *item.arguments], dict(item.keywords)),
                    Trace(),
                    item.place,
                )
            made.attributes.setdefault("app", Native(MIDDLEWARE_CALL, _next_application))
            for name in ("dispatch", "__call__"):
                method = self.interpreter.attribute(made, name)
                if isinstance(method, BoundMethod):
                    return method
        return None

    def _middleware_arguments(
        self, callee: Value, endpoint: Endpoint, trace: Trace, prefix: str
    ) -> Arguments | None:
        function = callee.function if isinstance(callee, BoundMethod) else callee
        request = self.runner.request(endpoint.path, endpoint.methods, trace=trace, root_path=prefix)
        following = Native(MIDDLEWARE_CALL, _next_application)
        if isinstance(function, Function) and function.name == "__call__":
            scope = request.attributes["scope"]
            return Arguments([scope, Unknown("receive"), Unknown("send")])
        signature = signature_of(self.interpreter, callee)
        if signature is None:
            return None
        return Arguments([request, following][: len(signature.parameters)])

    # --- conclusions -----------------------------------------------------------------------------

    def _conclude(self, outcome: Outcome, trace: Trace, value: Value, *, is_dependency: bool) -> None:
        outcome.value = value
        passes = []
        denied_by_answer = False
        for event in trace.returns:
            if not is_dependency and _is_denial_response(event.value):
                denied_by_answer = True
                outcome.steps.append(
                    Step(event.place, "a request without a credential is answered with a denial")
                )
            else:
                passes.append(event)
        self._decide(outcome, trace, passes, has_denial=bool(trace.raises) or denied_by_answer)

    def _decide(self, outcome: Outcome, trace: Trace, passes: list[ReturnEvent], *, has_denial: bool) -> None:
        outcome.reads = outcome.reads or bool(trace.credentials) or isinstance(outcome.value, Absent)
        outcome.denials = trace.raises
        outcome.steps += [
            Step(place, f"reads {label}") for place, label in trace.credentials[:3] if place is not None
        ]
        outcome.steps += [Step(e.place, f"denies with {_denial_text(e)}") for e in trace.raises[:2]]
        if trace.ended_early and outcome.reads:
            outcome.effect = Effect.UNKNOWN
            outcome.reason = f"{outcome.name} takes too many steps to follow"
            return
        if not passes:
            outcome.effect = Effect.DENIES if has_denial else Effect.PASSES
            return
        open_ways = [e for e in passes if not any(c.setting for c in e.conditions)]
        if not open_ways and has_denial:
            outcome.effect = Effect.CONDITIONAL
            outcome.settings = list(
                dict.fromkeys(c.setting for e in passes for c in e.conditions if c.setting is not None)
            )
            return
        certain = [e for e in open_ways if all(c.by_default is not None for c in e.conditions)]
        deciding = [name for _, name in trace.delegated if _DECIDING_CALL.search(name.rsplit(".", 1)[-1])]
        if outcome.reads and deciding and any(isinstance(e.value, Unknown) for e in passes):
            outcome.effect = Effect.UNKNOWN
            outcome.reason = f"whether {deciding[0]} denies a request without a credential is not known"
            return
        if has_denial and outcome.reads and not certain:
            outcome.effect = Effect.UNKNOWN
            text = open_ways[0].conditions[-1].text if open_ways and open_ways[0].conditions else ""
            outcome.reason = f"{outcome.name} lets a request without a credential through if {text}"
            return
        outcome.effect = Effect.PASSES


def _next_application(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    del interpreter, arguments
    return Instance(External("starlette.responses.Response"), place)


def _is_denial_response(value: Value) -> bool:
    """A response that denies: 401, 403, or a redirect (to the login)."""
    found = list(alternatives(value))
    return bool(found) and all(_denies(v) for v in found)


def _denies(value: Value) -> bool:
    if not isinstance(value, Instance) or not isinstance(value.cls, External):
        return False
    if value.cls.name.endswith("RedirectResponse"):
        return True
    given = value.keywords.get("status_code")
    if given is None and len(value.arguments) > 1:
        given = value.arguments[1]
    from backend_gate.backend.trace import status_number

    number = status_number(given) if given is not None else None
    return number in (401, 403)


def _denial_text(event: RaiseEvent) -> str:
    status = status_of(event.exception)
    if status is not None:
        return f"status {status}"
    return callable_name(event.exception).rsplit(".", 1)[-1]
