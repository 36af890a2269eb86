"""BG107: a guard that stands where nobody calls it."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import Guard, Step
from backend_gate.rules.guards import MISPLACED
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import last_name, listed, related, routes, subject, unique
from backend_gate.rules.project import Project

_WHERE = {
    "metadata": "is metadata of a parameter, and without `Depends` nobody calls it",
    "default": "is the default of a parameter, and without `Depends` nobody calls it",
    "list": "stands in a list of dependencies without `Depends`, so that it is none",
    "decorator": "stands above the route, which keeps the function as it was below",
}
_FIX = {
    "metadata": "Write `Depends({name})` there.",
    "default": "Write `Depends({name})` there.",
    "list": "Write `Depends({name})` in the list.",
    "decorator": "Put it below the decorator that makes the route, next to the function.",
}


def guard_without_depends(project: Project) -> Iterator[Finding]:
    """One finding a place where such a guard stands."""
    for guard in project.backend.guards:
        if guard.kind == "misplaced":
            yield _finding(guard)


def _finding(guard: Guard) -> Finding:
    endpoints = [use.endpoint for use in guard.uses]
    how, name = guard.uses[0].treatment, last_name(guard.name)
    steps = [Step(endpoint.registration, "this was meant to be guarded") for endpoint in endpoints]
    return Finding(
        rule=MISPLACED,
        message=f"`{name}` {_WHERE[how]}: it does not guard {listed(routes(endpoints))}",
        place=guard.place,
        severity=Severity.ERROR,
        subject=subject(endpoints),
        symbol=guard.uses[0].consumer or endpoints[0].handler,
        related=related(steps, guard.place),
        evidence=unique(steps),
        fix=_FIX[how].format(name=name),
    )
