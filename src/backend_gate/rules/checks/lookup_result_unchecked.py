"""BG402: a row that the client names, and nobody who looks whether there is one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_gate.backend.model import MissingRow, Place, Step
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import listed, related, routes, subject, unique
from backend_gate.rules.project import Project

_MAY_BE_NONE = re.compile(r"\b(None|NoneType|Optional|Any)\b")
"""A contract that says that there may be nothing."""


def lookup_result_unchecked(project: Project) -> Iterator[Finding]:
    """One finding a place where a row has to be, naming every endpoint that comes there."""
    groups: dict[Place, list[MissingRow]] = {}
    for row in project.backend.missing_rows:
        if row.kind == "taken" or not _MAY_BE_NONE.search(row.endpoint.response_model or ""):
            groups.setdefault(row.place, []).append(row)
    for rows in groups.values():
        yield _finding(rows)


def _finding(rows: list[MissingRow]) -> Finding:
    first = min(rows, key=lambda row: (len(row.steps), row.endpoint.handler))
    endpoints = [row.endpoint for row in rows]
    if first.kind == "taken":
        outcome = f"`{first.text}` is taken for a row here: the client gets a 500"
    elif first.endpoint.response_model is None:
        outcome = "the client gets `null` with a status of success"
    else:
        outcome = "nothing fits the response model: the client gets a 500"
    steps = unique([*first.steps, Step(first.place, "and nobody has asked whether there is one")])
    return Finding(
        rule="lookup-result-unchecked",
        message=f"Where there is no row for what {listed(routes(endpoints))} is asked for, {outcome}",
        place=first.place,
        severity=Severity.ERROR,
        subject=subject(endpoints),
        symbol=first.endpoint.handler,
        related=related(steps, first.place),
        evidence=steps,
        fix="Test the result of the lookup for None and raise HTTPException(404), or a domain error that is "
        "answered with 404.",
    )
