"""Guards that stand where the framework does not call them: without ``Depends``, or above the route's decorator.

Whatever stands there is run like a dependency, without a credential: only what would deny is a guard.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from backend_gate.backend.dependencies import Dependency, Solver, handler_name, split_annotated
from backend_gate.backend.model import Endpoint, Place, Verdict
from backend_gate.backend.outcomes import Effect
from backend_gate.backend.signatures import signature_of
from backend_gate.backend.values import BoundMethod, Class, Function, Instance, Value
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.guards import GuardRunner
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.link import Operation


class Misplaced(NamedTuple):
    """A guard that is never called: ``how`` is ``metadata``, ``default``, ``list`` or ``decorator``."""

    value: Value
    name: str
    place: Place
    consumer: str
    how: str


class MisplacedGuards:
    """Finds them at the endpoints of one linked unit; each signature is looked at once."""

    def __init__(self, interpreter: Interpreter, guards: GuardRunner) -> None:
        self.interpreter = interpreter
        self.guards = guards
        self.solver = Solver(interpreter)
        self._of_callable: dict[int, tuple[Value, list[Misplaced]]] = {}
        self._denies: dict[int, tuple[Value, bool]] = {}

    def of(self, endpoint: Endpoint, operation: Operation) -> Iterator[Misplaced]:
        """The misplaced guards of one endpoint."""
        for entry in operation.registration.dependencies:
            if _is_callable(entry) and self._is_guard(entry, endpoint.registration):
                yield Misplaced(entry, handler_name(entry), endpoint.registration, "", "list")
        for node in [operation.dependencies, *operation.nodes()]:
            key = id(node.value)
            if key not in self._of_callable:
                self._of_callable[key] = (node.value, list(self._in_signature(node)))
            yield from self._of_callable[key][1]
        yield from self._above_the_route(endpoint, operation)

    def _in_signature(self, node: Dependency) -> Iterator[Misplaced]:
        if not isinstance(node.value, (Function, BoundMethod)):
            return
        signature = signature_of(self.interpreter, node.value)
        for parameter in signature.parameters if signature is not None else []:
            _, metadata = split_annotated(parameter.annotation)
            if any(self.interpreter.vocabulary.marker(one) for one in metadata):
                continue
            found = [(one, "metadata") for one in metadata]
            if parameter.default is not None:
                found.append((parameter.default, "default"))
            for value, how in found:
                place = parameter.place
                if place is not None and _is_callable(value) and self._is_guard(value, place):
                    yield Misplaced(value, handler_name(value), place, node.name, how)

    def _above_the_route(self, endpoint: Endpoint, operation: Operation) -> Iterator[Misplaced]:
        """``@require_user`` above ``@router.get``: the route has the function as it was before."""
        function = operation.function
        if function is None or not isinstance(function.node, ir.FunctionDef) or function.cls is not None:
            return
        if (
            endpoint.auth.verdict is not Verdict.UNPROTECTED
            or endpoint.registration.file != function.place.file
        ):
            return
        spans = [decorator.span for decorator in function.node.decorators]
        if endpoint.registration.span not in spans or spans.index(endpoint.registration.span) == 0:
            return
        final = self.interpreter.module_attribute(function.module, function.name)
        if not isinstance(final, Function) or final is operation.handler:
            return
        wrapped = type(operation)(operation.registration, final, operation.declared, operation.dependencies)
        outcome = self.guards.handler(endpoint, wrapped)
        if outcome.effect is Effect.DENIES and outcome.reads:
            decorator = function.node.decorators[0]
            yield Misplaced(
                final,
                f"{function.module.name}.{_name(decorator)}",
                Place(function.module.path, decorator.span),
                "",
                "decorator",
            )

    def _is_guard(self, value: Value, place: Place) -> bool:
        known = self._denies.get(id(value))
        if known is None:
            tree, _ = self.solver.solve(value, "", place)
            outcome = self.guards.dependency(tree, None)
            denies = outcome.reads and outcome.effect in (Effect.DENIES, Effect.CONDITIONAL)
            known = self._denies[id(value)] = (value, denies)
        return known[1]


def _is_callable(value: Value) -> bool:
    """A function of the project, or an object of a class of it that can be called."""
    if isinstance(value, Instance) and isinstance(value.cls, Class):
        return any("__call__" in base.scope.names for base in value.cls.mro() if isinstance(base, Class))
    return isinstance(value, (Function, BoundMethod))


def _name(decorator: ir.Expression) -> str:
    target = decorator.function if isinstance(decorator, ir.Call) else decorator
    return target.name if isinstance(target, ir.Attribute) else getattr(target, "id", "?")
