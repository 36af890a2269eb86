"""BG105: a guard that lets callers without a credential through as nobody, and a handler that does not look."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import Guard, GuardUse, Place, Step, Swallow
from backend_gate.rules.guards import OPTIONAL, blamed, finding, nobody_of, reached
from backend_gate.rules.model import Finding
from backend_gate.rules.phrases import last_name
from backend_gate.rules.project import Project

_TREATED = {
    "dropped": "nobody is given what it returns",
    "unused": "`{handler}` never looks at it",
    "read": "`{handler}` takes it for somebody",
    "handed": "`{handler}` hands it on without a look",
}


def optional_user_as_guard(project: Project) -> Iterator[Finding]:
    """One finding a handler that relies on an optional guard, or one for the router that asks for it."""
    for guard, uses in blamed(project, OPTIONAL):
        groups: dict[tuple[Place, str], list[GuardUse]] = {}
        for use in uses:
            dropped = use.treatment == "dropped"
            where = use.place if dropped else use.endpoint.place
            groups.setdefault((where, "" if dropped else use.consumer), []).append(use)
        for (where, _), group in groups.items():
            yield _finding(guard, group, where)
    yield from _invalid(project)


def _invalid(project: Project) -> Iterator[Finding]:
    """One finding a clause by which a guard takes an invalid credential for nobody, if no endpoint asks."""
    for guard in project.backend.guards:
        groups: dict[Swallow, list[GuardUse]] = {}
        for use in guard.uses:
            swallow = nobody_of(guard, use)
            if swallow is not None:
                groups.setdefault(swallow, []).append(use)
        for swallow, uses in groups.items():
            yield _invalid_finding(guard, swallow, uses)


def _invalid_finding(guard: Guard, swallow: Swallow, uses: list[GuardUse]) -> Finding:
    name = last_name(guard.name)
    steps = [Step(swallow.place, "and the guard goes on with nobody here")]
    steps += [Step(use.place, f"`{name}` is asked for here, and nobody looks") for use in uses]
    return finding(
        OPTIONAL,
        f"`{name}` gives nobody for a credential that is not valid, and nobody asks: any value opens {reached(uses)}",
        uses,
        place=swallow.clause,
        symbol=guard.name,
        steps=steps,
        fix=f"Raise HTTPException(401) in this clause of `{name}`.",
    )


def _finding(guard: Guard, uses: list[GuardUse], where: Place) -> Finding:
    name, first = last_name(guard.name), uses[0]
    treated = _TREATED[first.treatment].format(handler=last_name(first.endpoint.handler))
    steps = [Step(guard.place, f"`{name}` raises nothing for a caller without a credential")]
    steps += [Step(use.place, f"`{name}` is asked for here") for use in uses]
    steps += [
        Step(e.registration, "and this is what it lets through to") for e in (use.endpoint for use in uses)
    ]
    return finding(
        OPTIONAL,
        f"`{name}` lets a caller without a credential through to {reached(uses)} as nobody, and {treated}",
        uses,
        place=where,
        symbol=first.endpoint.handler,
        steps=steps,
        fix=(
            f"Depend on a guard that answers 401 instead of `{name}`, or raise HTTPException(401) where it gives "
            "nobody, before anything else happens."
        ),
    )
