"""BG108: a security scheme that was told not to raise, and nobody who looks whether it gave anything."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import Guard, GuardUse, Place, Step
from backend_gate.rules.guards import SCHEME, blamed, finding, reached
from backend_gate.rules.model import Finding
from backend_gate.rules.phrases import last_name
from backend_gate.rules.project import Project


def scheme_auto_error_off_unchecked(project: Project) -> Iterator[Finding]:
    """One finding a place where the scheme is asked for, naming the endpoints that are open for it."""
    for guard, uses in blamed(project, SCHEME):
        groups: dict[tuple[Place, str], list[GuardUse]] = {}
        for use in uses:
            groups.setdefault((use.place, use.consumer), []).append(use)
        for (place, consumer), group in groups.items():
            yield _finding(guard, group, place, consumer)


def _finding(guard: Guard, uses: list[GuardUse], place: Place, consumer: str) -> Finding:
    scheme = last_name(guard.name)
    who = (
        f"`{last_name(consumer)}` never tests what it gives" if consumer else "nobody is given what it finds"
    )
    steps = [Step(guard.place, f"this `{scheme}` gives None to a request without a credential")]
    steps += [Step(use.endpoint.registration, "nothing else guards this") for use in uses]
    return finding(
        SCHEME,
        f"`{scheme}` with `auto_error=False` turns nobody away, and {who}: anybody can call {reached(uses)}",
        uses,
        place=place,
        symbol=consumer or uses[0].endpoint.handler,
        steps=steps,
        fix=(
            "Leave `auto_error` on, or raise HTTPException(401) where the credential is None; then check the "
            "credential itself."
        ),
    )
