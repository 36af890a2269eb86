"""BG403: something has failed, and the answer says so in its body only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_gate.backend.model import Clause, Exit
from backend_gate.rules.clauses import answered, clauses, finding, is_plain, way
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.project import Project

_RESULTS = re.compile(
    r"health|ready|readiness|live|alive|ping|status|heartbeat|check|test|probe|valid|verify|rpc|mcp|graphql",
    re.IGNORECASE,
)
"""Where the outcome of something is what was asked for: a probe, a check, a protocol with errors of its own."""


def error_answered_with_200(project: Project) -> Iterator[Finding]:
    """One finding a ``return`` in an ``except`` clause of a handler."""
    for clause in clauses(project):
        if not clause.in_handler or _is_about_results(clause):
            continue
        for exit_ in clause.exits:
            if exit_.kind == "return" and exit_.reports and _is_success(exit_, clause) and is_plain(exit_):
                yield finding(
                    clause,
                    "error-answered-with-200",
                    Severity.ERROR,
                    f"A failure of {way(clause)} is answered with a status of success: only the body says "
                    "that something went wrong",
                    place=exit_.place,
                    fix="Raise HTTPException with a fitting status, or return a JSONResponse that has one.",
                )


def _is_success(exit_: Exit, clause: Clause) -> bool:
    if exit_.status is None:
        return False
    if exit_.http:
        return exit_.status < 400
    declared = {endpoint.status_code or 200 for endpoint in answered(clause)}
    return all(status < 400 for status in declared)


def _is_about_results(clause: Clause) -> bool:
    words = (f"{e.path.rpartition('/')[2]} {e.handler.rpartition('.')[2]}" for e in answered(clause))
    return any(_RESULTS.search(text) for text in words)
