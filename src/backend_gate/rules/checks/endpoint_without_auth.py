"""BG101: an endpoint that anybody may call, although nothing says that this is meant."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import Endpoint, Step, Verdict
from backend_gate.rules.guards import is_open, left_to_guards, severity_of
from backend_gate.rules.model import Finding, Whole
from backend_gate.rules.open_applications import asking_nobody, wholes_of
from backend_gate.rules.phrases import (
    by_handler,
    last_name,
    listed,
    related,
    routes,
    subject,
    under,
    unique,
    worst,
)
from backend_gate.rules.project import Project


def endpoint_without_auth(project: Project) -> Iterator[Finding]:
    """One finding a handler, naming every route under which it is open.

    Where a guard stands before it that does not guard, the guard is reported instead (see ``rules.guards``).
    Where the application asks nobody, each finding says so, and many are told as one (``settle.wholes``).
    """
    reported = left_to_guards(project)
    asking = asking_nobody(project.backend)
    for endpoints in by_handler(project.backend.endpoints):
        open_ones = [e for e in endpoints if is_open(e) and id(e) not in reported]
        if open_ones:
            guarded = [e for e in endpoints if e.auth.verdict is Verdict.PROTECTED]
            yield _finding(open_ones, guarded, wholes_of(open_ones, asking))


def _finding(open_ones: list[Endpoint], guarded: list[Endpoint], wholes: tuple[Whole, ...]) -> Finding:
    first = open_ones[0]
    steps = unique(step for endpoint in open_ones for step in _evidence(endpoint))
    also = [
        Step(endpoint.registration, f"here, as {listed(routes([endpoint]))}, the same handler is guarded")
        for endpoint in guarded
    ]
    others = [Step(endpoint.registration, "registered here as well") for endpoint in open_ones[1:]]
    handler = last_name(first.handler)
    return Finding(
        rule="endpoint-without-auth",
        message=(
            f"Anybody can call {listed(routes(open_ones))}{under(first.conditions)}: "
            f"nothing on the way to `{handler}` turns away a caller without credentials"
        ),
        place=first.registration,
        severity=worst(map(severity_of, open_ones)),
        subject=subject(open_ones),
        symbol=first.handler,
        related=related([*others, *also, *steps], first.registration),
        evidence=steps,
        fix=(
            "Add a dependency that answers 401 without valid credentials, to this route or to its router. "
            "If it is public on purpose, declare it under [[tool.backend-gate.public]] with the reason."
        ),
        wholes=wholes,
    )


def _evidence(endpoint: Endpoint) -> Iterator[Step]:
    yield from endpoint.auth.steps
    for condition in endpoint.conditions:
        yield Step(condition.place, f"exists only where `{condition.text}` holds")
    if endpoint.auth.reason:
        yield Step(endpoint.place, endpoint.auth.reason)
