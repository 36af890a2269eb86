"""What the rules on ``except`` clauses have in common: which ones, where, and on whose way."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_gate.backend.model import Clause, Endpoint, Exit, Place, Step
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import doing, listed, related, routes, unique
from backend_gate.rules.project import Project

_TOLD_APART = re.compile(r"\bisinstance\(|\bhasattr\(|\btype\(")
_DEBUGGING = re.compile(r"debug|\bdev(elop(ment)?)?\b|testing|verbose|is_local", re.IGNORECASE)


def clauses(project: Project) -> Iterator[Clause]:
    """The clauses on the way of at least one request that gets an HTTP response."""
    for clause in project.backend.clauses:
        if answered(clause):
            yield clause


def catch_alls(project: Project) -> Iterator[Clause]:
    """The handlers that answer whatever exception leaves an endpoint."""
    yield from filter(answered, project.backend.catch_alls)


def answered(clause: Clause) -> list[Endpoint]:
    """The endpoints that come through a clause and answer with a response: all but web sockets."""
    return [endpoint for endpoint in clause.endpoints if endpoint.methods != ["WEBSOCKET"]]


def way(clause: Clause) -> str:
    """Whose way it is on: ``GET /users`` and 3 more, quoted."""
    return listed(routes(answered(clause)))


def answers(clause: Clause) -> str:
    """``GET /users`` answers; ``GET /users`` and 3 more answer."""
    return doing(routes(answered(clause)), "answers", "answer")


def is_plain(exit_: Exit) -> bool:
    """Taken for whatever the clause catches, and not only while debugging."""
    return not any(_TOLD_APART.search(text) or _DEBUGGING.search(text) for text in exit_.conditions)


def finding(
    clause: Clause,
    rule: str,
    severity: Severity,
    message: str,
    *,
    place: Place | None = None,
    steps: list[Step] | None = None,
    fix: str = "",
    caught: str = "this clause catches it",
) -> Finding:
    """One finding on a clause: at its line, or at a statement in it."""
    where = place or clause.place
    evidence = list(steps or [])
    if place is not None:
        evidence.append(Step(clause.place, caught))
    return Finding(
        rule=rule,
        message=message,
        place=where,
        severity=severity,
        subject=f"{clause.function}: {listed(routes(answered(clause)))}",
        symbol=clause.function,
        related=related(evidence, where),
        evidence=unique(evidence),
        fix=fix,
    )
