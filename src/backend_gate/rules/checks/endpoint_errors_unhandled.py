"""BG401: an exception that leaves an endpoint and reaches the client as a bare 500."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import Escape, Place, Step
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import last_name, listed, related, routes, subject, unique, worst
from backend_gate.rules.project import Project

_SEVERITY = {
    "domain": Severity.ERROR,
    "missing-row": Severity.ERROR,
    "outbound": Severity.WARNING,
    "library": Severity.WARNING,
}

_CAUSE = {
    "domain": "`{exception}` leaves {routes}",
    "missing-row": "A row that is not there makes {routes} fail with `{exception}`",
    "outbound": "A failing call to another service ends {routes} with `{exception}`",
    "library": "`{exception}` can end {routes}",
}

_FIX = {
    "domain": (
        "Register an exception handler for `{exception}` that answers with a fitting status, "
        "or catch it and raise an HTTPException."
    ),
    "missing-row": "Use the variant that returns None and raise HTTPException(404) if nothing was found.",
    "outbound": "Catch `{exception}` around the call and answer 502 or 504.",
    "library": "Catch `{exception}` where it can be told what it means, and answer with a fitting status.",
}


def endpoint_errors_unhandled(project: Project) -> Iterator[Finding]:
    """One finding a handler and exception, at the first place where it comes out."""
    groups: dict[tuple[Place, str, str], list[Escape]] = {}
    for escape in project.backend.escapes:
        endpoint = escape.endpoint
        groups.setdefault((endpoint.place, endpoint.handler, escape.exception), []).append(escape)
    for escapes in groups.values():
        yield _finding(escapes)


def _finding(escapes: list[Escape]) -> Finding:
    first = min(escapes, key=lambda escape: (_SEVERITY[escape.kind].rank, escape.place))
    endpoints = [escape.endpoint for escape in escapes]
    exception = last_name(first.exception)
    cause = _CAUSE[first.kind].format(exception=exception, routes=listed(routes(endpoints)))
    others = [
        Step(place, f"`{exception}` comes out here as well")
        for place in sorted({escape.place for escape in escapes})
    ]
    considered = unique(step for escape in escapes for step in escape.considered)
    return Finding(
        rule="endpoint-errors-unhandled",
        message=f"{cause} and nothing turns it into a response: the client gets a bare 500",
        place=first.place,
        severity=worst(_SEVERITY[escape.kind] for escape in escapes),
        subject=f"{subject(endpoints)}: {first.exception}",
        symbol=first.endpoint.handler,
        related=related([*others, *first.steps, *considered], first.place),
        evidence=unique([*first.steps, *considered]),
        fix=_FIX[first.kind].format(exception=exception),
    )
