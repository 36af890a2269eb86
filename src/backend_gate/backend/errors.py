"""Which exceptions leave an endpoint, and whether anybody turns them into a response.

The normal run of every dependency and of the handler (:mod:`backend_gate.backend.runs`) shows what is
raised on the way and caught by nobody. That is put before those who may answer it
(:mod:`backend_gate.backend.responders`); what remains is an :class:`Escape`.

Nothing is guessed: an exception whose class is not known, a clause that may or may not catch it, a handler
that cannot be followed all end the matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from backend_gate.backend.dependencies import Dependency
from backend_gate.backend.model import Endpoint, Escape, Place, Step
from backend_gate.backend.relevance import Relevance, relevance
from backend_gate.backend.responders import Answer, Responders, full_name, short_name
from backend_gate.backend.runs import NormalRuns, Run
from backend_gate.backend.trace import RaiseEvent, exception_class
from backend_gate.backend.values import BoundMethod, Class, External, Function, Unknown, Value
from backend_gate.backend.vocabulary import Vocabulary
from backend_gate.backend.writes import failing_writes
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.link import Operation


MAX_DEPTH = 6
"""Calls between a handler and what it answers for."""


class Failure(NamedTuple):
    """One exception that comes out of a callable, with its kind (as in :class:`Escape`)."""

    event: RaiseEvent
    kind: str
    relevance: Relevance


class ErrorJudge:
    """Finds the escapes of the endpoints of one linked unit."""

    def __init__(self, interpreter: Interpreter, runs: NormalRuns) -> None:
        self.interpreter = interpreter
        self.runs = runs
        self.responders = Responders(interpreter, runs.runner)
        self._failures: dict[int, tuple[Run, list[Failure]]] = {}

    def forget(self) -> None:
        """Let go of the runs of handlers."""
        self._failures = {key: known for key, known in self._failures.items() if known[0].is_dependency}

    def judge(self, endpoint: Endpoint, operation: Operation) -> list[Escape]:
        """The escapes of one endpoint: one for each class of exceptions, on the most direct way."""
        if endpoint.methods == ["WEBSOCKET"]:
            return []
        best: dict[str, tuple[Failure, Dependency | None]] = {}
        for node, failure in self._all(endpoint, operation):
            name = full_name(failure.event.exception)
            known = best.get(name)
            if known is None or _directness(failure, node) < _directness(*known):
                best[name] = (failure, node)
        generators = [node.value for node in operation.nodes() if _is_generator(node.value)]
        found = []
        for name, (failure, node) in sorted(best.items()):
            event, kind = failure.event, failure.kind
            judgement = self.responders.judge(event, operation, generators)
            generic = judgement.answer is Answer.GENERIC
            if judgement.answer > Answer.GENERIC or (generic and not self._is_no_fault(failure)):
                continue
            steps = _steps(event, node)
            found.append(Escape(endpoint, name, kind, event.place, steps, judgement.considered, generic))
        return _merged(found, self.interpreter.vocabulary)

    def _is_no_fault(self, failure: Failure) -> bool:
        """What 500 is no answer to, even if somebody has written it down.

        An exception named for the client, or one that a test of what the request brought leads to.
        """
        if failure.kind != "domain":
            return False
        named = self.interpreter.vocabulary.blames_the_client(full_name(failure.event.exception))
        return named or failure.relevance is Relevance.DIRECT

    def _all(self, endpoint: Endpoint, operation: Operation) -> Iterator[tuple[Dependency | None, Failure]]:
        """What comes out of the handler and of each dependency."""
        untyped = any(b.untyped or (b.source == "request" and not b.validated) for b in endpoint.bodies)
        for run in self.runs.handler(endpoint, operation):
            for failure in self._of(run):
                yield None, failure
            for event in failing_writes(run.trace, self.interpreter.vocabulary, untyped=untyped):
                yield None, Failure(event, "library", Relevance.REQUEST)
        for node in operation.nodes():
            of_dependency = self.runs.dependency(node, endpoint)
            for failure in self._of(of_dependency) if of_dependency is not None else []:
                yield node, failure

    def _of(self, run: Run) -> list[Failure]:
        """The failures of one run, found once."""
        known = self._failures.get(id(run))
        if known is None:
            known = self._failures[id(run)] = (run, list(self._find(run)))
        return known[1]

    def _find(self, run: Run) -> Iterator[Failure]:
        for event in run.trace.raises[: run.raises]:
            kind = self._kind(event)
            if kind is None or _depth(event) > MAX_DEPTH:
                continue
            if any(isinstance(d, Unknown) for f in event.active for d in f.decorators):
                continue
            matters = relevance(self.interpreter, event, run.trace) if kind == "domain" else Relevance.REQUEST
            if matters is not Relevance.SERVER:
                yield Failure(event, kind, matters)

    def _kind(self, event: RaiseEvent) -> str | None:
        """What sort of failure it is; ``None`` if it is no matter of this rule or not known well enough."""
        cls = exception_class(event.exception)
        vocabulary = self.interpreter.vocabulary
        if event.uncertain or cls is None:
            return None
        if isinstance(cls, External):
            if not event.implicit:
                return None
            kinds = (vocabulary.failure_kinds.get(base) for base in vocabulary.hierarchy(cls.name))
            return next((kind for kind in kinds if kind is not None), None)
        if not isinstance(cls, Class):
            return None
        known = True
        externals = vocabulary.externals(cls)
        for name in externals:
            known = known and (name in vocabulary.bases or vocabulary.is_plain_base(name))
        if not known or vocabulary.has_role("answered", externals):
            return None
        if any(isinstance(base, Class) and vocabulary.blames_the_server(base.qualname) for base in cls.mro()):
            return None
        is_exception = any("builtins.Exception" in vocabulary.hierarchy(name) for name in externals)
        return "domain" if is_exception else None


def _merged(escapes: list[Escape], vocabulary: Vocabulary) -> list[Escape]:
    """Several failures of one kind that a library has a common name for are one: the first of them."""
    found: dict[str, Escape] = {}
    for escape in sorted(escapes, key=lambda e: e.place):
        bases = vocabulary.hierarchy(escape.exception)
        family = next((base for base in bases if base in vocabulary.failure_kinds), escape.exception)
        known = found.get(family)
        if known is None:
            found[family] = escape
        elif known.exception != escape.exception:
            found[family] = msgspec.structs.replace(known, exception=family)
    return sorted(found.values(), key=lambda e: e.exception)


def _is_generator(value: Value) -> bool:
    function = value.function if isinstance(value, BoundMethod) else value
    return (
        isinstance(function, Function)
        and isinstance(function.node, ir.FunctionDef)
        and function.node.is_generator
    )


def _depth(event: RaiseEvent) -> int:
    """How many calls below the handler; what decorators put around a function does not count."""
    return sum("<locals>" not in function.qualname for function in event.active[1:])


def _directness(failure: Failure, node: Dependency | None) -> tuple[int, bool, int, Place]:
    event = failure.event
    return (-min(failure.relevance, Relevance.REQUEST), node is not None, len(event.calls), event.place)


def _steps(event: RaiseEvent, node: Dependency | None) -> list[Step]:
    """How a request gets to the place where it is raised."""
    steps: list[Step] = []
    if node is not None and node.place is not None:
        steps.append(Step(node.place, f"the endpoint depends on `{node.name}`"))
    calls = event.calls[:-1] if event.implicit and event.calls else event.calls  # the last one is what fails
    callees = [*(caller for _, caller in calls[1:]), event.function]
    for (place, _), callee in zip(calls, callees, strict=False):
        steps.append(Step(place, f"`{callee}` is called here"))
    text = f"`{short_name(event.exception)}` is raised here"
    conditions = [c.text for c in event.conditions if c.text]
    if event.implicit:
        text = f"this call fails with `{short_name(event.exception)}`"
    elif conditions:
        text += f", where `{conditions[-1]}` holds"
    steps.append(Step(event.place, text))
    return steps
