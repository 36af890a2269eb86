"""BG401: an exception that leaves an endpoint and reaches the client as a bare 500."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import Escape, Place
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


_OUTCOME = "and nothing turns it into a response: the client gets a bare 500"
_GENERIC = "and only the handler for everything answers, with 500: the client does not learn what is wrong"


def endpoint_errors_unhandled(project: Project) -> Iterator[Finding]:
    """One finding a place where an exception comes from, naming every endpoint that it leaves."""
    groups: dict[tuple[Place, str], list[Escape]] = {}
    for escape in project.backend.escapes:
        groups.setdefault((escape.place, escape.exception), []).append(escape)
    for escapes in groups.values():
        yield _finding(escapes)


def _finding(escapes: list[Escape]) -> Finding:
    first = min(
        escapes, key=lambda escape: (_severity(escape).rank, len(escape.steps), escape.endpoint.handler)
    )
    endpoints = [escape.endpoint for escape in escapes]
    place = _first_shared(escapes)
    exception = last_name(first.exception)
    cause = _CAUSE[first.kind].format(exception=exception, routes=listed(routes(endpoints)))
    considered = unique(step for escape in escapes for step in escape.considered)
    outcome = _GENERIC if all(escape.generic for escape in escapes) else _OUTCOME
    return Finding(
        rule="endpoint-errors-unhandled",
        message=f"{cause} {outcome}",
        place=place,
        severity=worst(_severity(escape) for escape in escapes),
        subject=f"{subject(endpoints)}: {first.exception}",
        symbol=first.endpoint.handler,
        related=related([*first.steps, *considered], place),
        evidence=unique([*first.steps, *considered]),
        fix=_FIX[first.kind].format(exception=exception),
    )


def _severity(escape: Escape) -> Severity:
    return Severity.WARNING if escape.generic else _SEVERITY[escape.kind]


def _first_shared(escapes: list[Escape]) -> Place:
    """The first place on the way that all endpoints share: in the handler, if there is only one."""
    ways = [[step.place for step in escape.steps] or [escape.place] for escape in escapes]
    shared = set(ways[0]).intersection(*ways[1:])
    return next((place for place in ways[0] if place in shared), escapes[0].place)
