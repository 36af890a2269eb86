"""What the judges find out about a share of the endpoints, as plain data.

The endpoints of a unit are judged in shares, always the same ones, so that several processes can take a share
each and the result is the same with any number of them. One handler is run once for all questions; when the
last endpoint that it answers has been judged, its run is let go.
"""

from __future__ import annotations

import gc
from collections import Counter
from itertools import cycle
from typing import TYPE_CHECKING, NamedTuple

from backend_gate.backend.auth import AuthJudge
from backend_gate.backend.body_reads import BodyJudge
from backend_gate.backend.clauses import ClauseReader, merged_clauses
from backend_gate.backend.code import CodeFinder
from backend_gate.backend.error_handlers import Raised, catch_alls, error_handlers, owner
from backend_gate.backend.errors import ErrorJudge
from backend_gate.backend.guard_reader import GuardReader, merged_guards
from backend_gate.backend.lookups import LookupReader
from backend_gate.backend.model import (
    Auth,
    Body,
    Clause,
    Endpoint,
    Escape,
    FunctionCode,
    Guard,
    MissingRow,
    Place,
)
from backend_gate.backend.queries.collect import Collected, Collector
from backend_gate.backend.queries.columns import Columns
from backend_gate.backend.runs import NormalRuns
from backend_gate.backend.summaries import Summaries
from backend_gate.backend.trace import exception_class
from backend_gate.backend.values import Class

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_gate.backend.link import Linker, Operation
    from backend_gate.settings import Settings

FEW = 60
"""So many endpoints are judged as one share."""
MANY = 600
BLOCK = 6
"""No more neighbours than these are judged in a row in one share."""
COLLECT_EVERY = 120
"""So many endpoints are judged before what their runs have left is looked for."""


class Answers(NamedTuple):
    """What was found out about one endpoint by itself."""

    auth: Auth
    bodies: list[Body]
    code: list[FunctionCode]


class Judged(NamedTuple):
    """What was found out about a share.

    ``matched`` are the words of the vocabulary that were needed; ``unreadable`` the files with a function that
    cannot be read (see :class:`backend_gate.backend.modules.BodySource`).
    """

    answers: list[Answers]
    statements: Collected
    escapes: list[Escape]
    missing_rows: list[MissingRow]
    raised: Raised
    clauses: list[Clause]
    guards: list[Guard]
    matched: frozenset[str]
    unreadable: dict[str, tuple[int, str]]


def shares(number: int) -> list[list[int]]:
    """The shares of so many endpoints, by their numbers: one of a few, four of many.

    Neighbours have much in common and stay together, a block at a time; what endpoints cost is found out only by
    judging them, and blocks by turns even that out. The first share comes last in each turn: who judges it has
    other work as well (see :meth:`backend_gate.backend.link.Linker.judge`).
    """
    found: list[list[int]] = [[] for _ in range(1 if number < FEW else 2 if number < MANY else 4)]
    size = min(BLOCK, max(1, number // (2 * len(found))))
    turns = cycle([*found[1:], found[0]])
    for first, share in zip(range(0, number, size), turns, strict=False):
        share += range(number)[first : first + size]
    return found


class Judges:
    """The judges of one share. ``keep_runs``: somebody looks at the runs afterwards."""

    def __init__(self, linker: Linker, settings: Settings, *, keep_runs: bool = False) -> None:
        interpreter = linker.interpreter
        interpreter.summaries = Summaries(linker.words)
        self.linker = linker
        self.keep_runs = keep_runs
        self.runs = NormalRuns(interpreter)
        self.access = AuthJudge(interpreter, settings)
        self.bodies = BodyJudge(interpreter, self.runs)
        self.collector = Collector(linker.words, Columns(interpreter, linker.words), keep_traces=keep_runs)
        self.errors = ErrorJudge(interpreter, self.runs)
        self.lookups = LookupReader(interpreter, self.runs)
        self.clauses = ClauseReader(interpreter)
        self.guards = GuardReader(interpreter, self.access, self.runs, self.clauses)
        self.code = CodeFinder(linker.modules)
        self._dependencies: set[int] = set()

    def judge(self, share: Sequence[int]) -> Judged:
        """Judge the endpoints of a share, in place, and give what was found."""
        linker = self.linker
        pairs = [(linker.backend.endpoints[number], linker.operations[number]) for number in share]
        left = Counter(id(one.handler) for _, operation in pairs for one in _answering(operation))
        escapes: list[Escape] = []
        missing_rows: list[MissingRow] = []
        raised: set[tuple[str, Place, Place]] = set()
        for endpoint, operation in pairs:
            endpoint.auth = self.access.judge(endpoint, operation)
        for number, (endpoint, operation) in enumerate(pairs, start=1):
            answering = [(endpoint, operation), *operation.stand_ins]
            for one, its in answering:
                self.bodies.judge(one, its)
                self.find_statements(one, its)
                found, rows = self.errors.judge(one, its), self.lookups.judge(one, its)
                if one is not endpoint:
                    _bring_home(endpoint, one, found, rows)
                escapes += found
                missing_rows += rows
                raised |= self.raised(one, its)
            endpoint.code = self.code.find(endpoint.handler, operation.function, operation.nodes())
            for one, its in answering:
                self.read_clauses(one, its, of=endpoint)
            self.guards.add(endpoint, operation)
            for _, its in answering:
                left[id(its.handler)] -= 1
                if not left[id(its.handler)] and not self.keep_runs:
                    self.runs.forget(its)
                    self.errors.forget()
            if number % COLLECT_EVERY == 0:
                gc.collect()  # a run holds cycles
                gc.freeze()  # what is left stays, nearly all of it: not looked through again
        linker.uncalled().collect_nested(self.collector, set())
        return Judged(
            [Answers(endpoint.auth, endpoint.bodies, endpoint.code) for endpoint, _ in pairs],
            self.collector.collected(),
            escapes,
            missing_rows,
            frozenset(raised),
            self.clauses.clauses(),
            self.guards.guards(),
            frozenset(linker.vocabulary.matched),
            linker.modules.bodies.unreadable if linker.modules.bodies is not None else {},
        )

    def find_statements(self, endpoint: Endpoint, operation: Operation) -> None:
        """Collect what the handler of an endpoint and its dependencies run."""
        for run in self.runs.of(endpoint, operation):
            if id(run) in self._dependencies:
                continue
            if run.is_dependency:
                self._dependencies.add(id(run))
            self.collector.add(run.callee, run.trace, reachable=True)
            self.collector.add(run.callee, run.later, reachable=True)

    def raised(self, endpoint: Endpoint, operation: Operation) -> Raised:
        """The exceptions of the project that leave the handler or a dependency."""
        app = owner(operation.registration)
        classes = (
            (base.full_name, app, event.place)
            for run in self.runs.of(endpoint, operation)
            for event in run.trace.raises
            for cls in [exception_class(event.exception)]
            if isinstance(cls, Class) and app is not None
            for base in cls.mro()
            if isinstance(base, Class)
        )
        return frozenset(classes)

    def read_clauses(self, endpoint: Endpoint, operation: Operation, of: Endpoint) -> None:
        """Read the ``except`` clauses on the way of a request to the endpoint ``of``."""
        for run in self.runs.of(endpoint, operation):
            self.clauses.add(run, of, operation.function)


def _answering(operation: Operation) -> list[Operation]:
    """An operation and those with the handlers that may be there in the place of its own."""
    return [operation, *(other for _, other in operation.stand_ins)]


def _bring_home(
    endpoint: Endpoint, stand_in: Endpoint, escapes: list[Escape], rows: list[MissingRow]
) -> None:
    """What was found out about another handler of an endpoint belongs to that endpoint."""
    known = {body.place for body in endpoint.bodies}
    endpoint.bodies += [body for body in stand_in.bodies if body.place not in known]
    for escape in escapes:
        escape.endpoint = endpoint
    for row in rows:
        row.endpoint = endpoint


def bring_together(linker: Linker, parts: list[list[int]], found: list[Judged], collector: Collector) -> None:
    """Put what was found about each share of ``parts`` into the backend and ``collector``."""
    backend = linker.backend
    for share, judged in zip(parts, found, strict=True):
        for number, (auth, bodies, code) in zip(share, judged.answers, strict=True):
            endpoint = backend.endpoints[number]
            endpoint.auth, endpoint.bodies, endpoint.code = auth, bodies, code
    backend.escapes = [escape for judged in found for escape in judged.escapes]
    backend.missing_rows = [row for judged in found for row in judged.missing_rows]
    backend.error_handlers = error_handlers(linker, frozenset().union(*(judged.raised for judged in found)))
    backend.catch_alls = catch_alls(linker)
    backend.clauses = merged_clauses(judged.clauses for judged in found)
    backend.guards = merged_guards(judged.guards for judged in found)
    for judged in found:
        collector.merge(judged.statements)
        linker.vocabulary.matched |= judged.matched
        for path, why in judged.unreadable.items():
            if linker.modules.bodies is not None:
                linker.modules.bodies.unreadable.setdefault(path, why)
