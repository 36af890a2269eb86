"""BG103: a guard that reads a credential and lets everybody through, whatever it is."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import Guard, GuardUse, Step
from backend_gate.rules.guards import NEVER_DENIES, blamed
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import last_name, listed, related, routes, subject, unique
from backend_gate.rules.project import Project


def guard_never_denies(project: Project) -> Iterator[Finding]:
    """One finding a guard, naming the endpoints that have no other."""
    for guard, uses in blamed(project, NEVER_DENIES):
        yield _finding(guard, uses)


def _finding(guard: Guard, uses: list[GuardUse]) -> Finding:
    endpoints = [use.endpoint for use in uses]
    name = last_name(guard.name)
    steps = unique(Step(use.place, f"`{name}` is all that stands before this") for use in uses)
    is_off = all(endpoint.off_by_default for endpoint in endpoints)
    return Finding(
        rule=NEVER_DENIES,
        message=(
            f"`{name}` reads a credential but turns nobody away, and nothing else guards "
            f"{listed(routes(endpoints))}: anybody can call that"
        ),
        place=guard.place,
        severity=Severity.WARNING if is_off else Severity.ERROR,
        subject=subject(endpoints),
        symbol=guard.name,
        related=related(steps, guard.place),
        evidence=steps,
        fix=f"Let `{name}` raise HTTPException(401) where the credential is missing or not valid.",
    )
