"""BG106: a guard whose check fails, and an ``except`` clause that lets the request go on all the same."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import Guard, GuardUse, Step, Swallow, Verdict
from backend_gate.rules.guards import SCHEMES, SWALLOWS, blamed, finding, passed, reached, swallow_of
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import last_name
from backend_gate.rules.project import Project

_GIVES = {
    "nothing": "goes on with nobody",
    "true": "says yes",
    "something": "goes on as a user all the same",
}


def guard_swallows_denial(project: Project) -> Iterator[Finding]:
    """One finding a clause, naming the endpoints that have no other guard."""
    open_ones = {id(guard): uses for guard, uses in blamed(project, SWALLOWS)}
    for guard in project.backend.guards:
        uses = [*open_ones.get(id(guard), []), *filter(_relies_on_it, guard.uses)]
        groups: dict[Swallow, list[GuardUse]] = {}
        for use in uses:
            swallow = swallow_of(guard, use)
            if swallow is not None:
                groups.setdefault(swallow, []).append(use)
        for swallow, group in groups.items():
            yield _finding(guard, swallow, group)


def _relies_on_it(use: GuardUse) -> bool:
    """The guard turns away whoever has no credential, and is the only one to look at what others have."""
    return use.direct and use.alone and use.endpoint.auth.verdict is Verdict.PROTECTED


def _finding(guard: Guard, swallow: Swallow, uses: list[GuardUse]) -> Finding:
    name = last_name(guard.name)
    steps = [Step(swallow.place, f"and the guard {_GIVES[swallow.gives]} here")]
    steps += [Step(use.place, f"`{name}` guards this") for use in uses]
    is_below = bool(guard.behind) and not guard.behind[0].startswith(SCHEMES)
    what = "Whatever this checks" if is_below else "Whatever is wrong with a credential"
    whom = f"{passed(guard)} can call" if is_below else "a forged one opens"
    return finding(
        SWALLOWS,
        f"{what}, this clause catches it and `{name}` {_GIVES[swallow.gives]}: {whom} {reached(uses)}",
        uses,
        place=swallow.clause,
        symbol=guard.name,
        severity=Severity.ERROR,
        steps=steps,
        fix="Raise HTTPException(401) in this clause, and catch only what the check itself raises.",
    )
