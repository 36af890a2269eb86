"""BG109: a credential has to be there, and nobody looks whether it is a valid one."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import Guard, GuardUse, Place, Step, Verdict
from backend_gate.rules.guards import finding, reached
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import last_name
from backend_gate.rules.project import Project


def bearer_presence_only(project: Project) -> Iterator[Finding]:
    """One finding a place where the scheme is asked for, naming the endpoints behind it."""
    for guard in project.backend.guards:
        if not guard.only_asks or guard.effect != "denies":
            continue
        groups: dict[Place, list[GuardUse]] = {}
        for use in guard.uses:
            if use.unproved and use.alone and use.endpoint.auth.verdict is Verdict.PROTECTED:
                groups.setdefault(use.place, []).append(use)
        for place, uses in groups.items():
            yield _finding(guard, uses, place)


def _finding(guard: Guard, uses: list[GuardUse], place: Place) -> Finding:
    scheme = last_name(guard.name)
    steps = [Step(guard.place, f"this `{scheme}` only asks that there is a credential")]
    steps += [
        Step(use.endpoint.registration, "and nothing on the way to this checks the value") for use in uses
    ]
    return finding(
        "bearer-presence-only",
        f"`{scheme}` asks for a credential and nobody checks it: any value opens {reached(uses)}",
        uses,
        place=place,
        symbol=uses[0].consumer or uses[0].endpoint.handler,
        severity=Severity.WARNING,
        steps=steps,
        fix=(
            "Add a dependency that is given the credential, verifies it, and raises HTTPException(401) if it is "
            "not valid."
        ),
    )
