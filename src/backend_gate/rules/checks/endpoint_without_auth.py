"""BG101: an endpoint that anybody may call, although nothing says that this is meant."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import Endpoint, Step, Verdict
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import (
    SAFE_METHODS,
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
    """One finding a handler, naming every route under which it is open."""
    for endpoints in by_handler(project.backend.endpoints):
        open_ones = [e for e in endpoints if _is_open(e)]
        if open_ones:
            yield _finding(open_ones, [e for e in endpoints if e.auth.verdict is Verdict.PROTECTED])


def _is_open(endpoint: Endpoint) -> bool:
    """Unprotected; an unverified webhook is another rule's."""
    return endpoint.auth.verdict is Verdict.UNPROTECTED and not endpoint.auth.webhook


def _finding(open_ones: list[Endpoint], guarded: list[Endpoint]) -> Finding:
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
        severity=worst(map(_severity, open_ones)),
        subject=subject(open_ones),
        symbol=first.handler,
        related=related([*others, *also, *steps], first.registration),
        evidence=steps,
        fix=(
            "Add a dependency that answers 401 without valid credentials, to this route or to its router. "
            "If it is public on purpose, declare it under [[tool.backend-gate.public]] with the reason."
        ),
    )


def _severity(endpoint: Endpoint) -> Severity:
    """Changing state is an error, reading a warning; routes that are off by default are milder."""
    changes = not SAFE_METHODS.issuperset(endpoint.methods)
    is_off = endpoint.off_by_default
    return Severity.ERROR if changes and not is_off else Severity.WARNING


def _evidence(endpoint: Endpoint) -> Iterator[Step]:
    yield from endpoint.auth.steps
    for condition in endpoint.conditions:
        yield Step(condition.place, f"exists only where `{condition.text}` holds")
    if endpoint.auth.reason:
        yield Step(endpoint.place, endpoint.auth.reason)
