"""BG109: a credential has to be there, and nobody looks whether it is a valid one."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import Guard, GuardUse, Place, Step, Verdict
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import last_name, listed, related, routes, subject, unique
from backend_gate.rules.project import Project


def bearer_presence_only(project: Project) -> Iterator[Finding]:
    """One finding a place where the scheme is asked for, naming the endpoints behind it."""
    for guard in project.backend.guards:
        if guard.kind != "scheme" or guard.effect != "denies":
            continue
        groups: dict[Place, list[GuardUse]] = {}
        for use in guard.uses:
            if use.unproved and use.alone and use.endpoint.auth.verdict is Verdict.PROTECTED:
                groups.setdefault(use.place, []).append(use)
        for place, uses in groups.items():
            yield _finding(guard, uses, place)


def _finding(guard: Guard, uses: list[GuardUse], place: Place) -> Finding:
    endpoints = [use.endpoint for use in uses]
    scheme = last_name(guard.name)
    steps = [Step(guard.place, f"this `{scheme}` only asks that there is a credential")]
    steps += [Step(e.registration, "and nothing on the way to this checks the value") for e in endpoints]
    return Finding(
        rule="bearer-presence-only",
        message=(
            f"`{scheme}` asks for a credential and nobody checks it: any value opens {listed(routes(endpoints))}"
        ),
        place=place,
        severity=Severity.WARNING,
        subject=subject(endpoints),
        symbol=uses[0].consumer or endpoints[0].handler,
        related=related(steps, place),
        evidence=unique(steps),
        fix=(
            "Add a dependency that is given the credential, verifies it, and raises HTTPException(401) if it is "
            "not valid."
        ),
    )
