"""BG103: a guard that reads a credential and lets everybody through, whatever it is."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import Guard, GuardUse, Step
from backend_gate.rules.guards import NEVER_DENIES, blamed, finding, passed, reached
from backend_gate.rules.idle_guards import gives_nobody, idle
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import last_name
from backend_gate.rules.project import Project


def guard_never_denies(project: Project) -> Iterator[Finding]:
    """One finding a guard, naming the endpoints that have no other, or that leave this check to it."""
    for guard, uses in blamed(project, NEVER_DENIES):
        yield _finding(guard, uses)
    for guard, uses in idle(project):
        yield _asked_for(
            guard,
            uses,
            f"is there to check and turns nobody away: {passed(guard)} can call {reached(uses)}",
            "raise HTTPException(403) where the caller may not do this, or take it away",
        )
    for guard, uses in gives_nobody(project):
        yield _asked_for(
            guard,
            uses,
            f"reads a credential and gives nobody, whatever it is: who calls {reached(uses)} is never known",
            "find out who calls, and raise HTTPException(401) where that is nobody",
        )


def _finding(guard: Guard, uses: list[GuardUse]) -> Finding:
    name = last_name(guard.name)
    is_off = all(use.endpoint.off_by_default for use in uses)
    return finding(
        NEVER_DENIES,
        f"`{name}` reads a credential but turns nobody away, and nothing else guards {reached(uses)}: anybody can "
        "call that",
        uses,
        place=guard.place,
        symbol=guard.name,
        severity=Severity.WARNING if is_off else Severity.ERROR,
        steps=[Step(use.place, f"`{name}` is all that stands before this") for use in uses],
        fix=f"Let `{name}` raise HTTPException(401) where the credential is missing or not valid.",
    )


def _asked_for(guard: Guard, uses: list[GuardUse], fault: str, should: str) -> Finding:
    name = last_name(guard.name)
    return finding(
        NEVER_DENIES,
        f"`{name}` {fault}",
        uses,
        place=guard.place,
        symbol=guard.name,
        steps=[Step(use.place, f"`{name}` is asked for here") for use in uses],
        fix=f"Let `{name}` {should}.",
    )
