"""BG107: a guard that stands where nobody calls it."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import Guard, Step
from backend_gate.rules.guards import MISPLACED, finding, reached
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import last_name
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
    how, name = guard.uses[0].treatment, last_name(guard.name)
    return finding(
        MISPLACED,
        f"`{name}` {_WHERE[how]}: it does not guard {reached(guard.uses)}",
        guard.uses,
        place=guard.place,
        symbol=guard.uses[0].consumer or guard.uses[0].endpoint.handler,
        severity=Severity.ERROR,
        steps=[Step(use.endpoint.registration, "this was meant to be guarded") for use in guard.uses],
        fix=_FIX[how].format(name=name),
    )
