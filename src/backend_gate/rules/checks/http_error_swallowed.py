"""BG404: a deliberate HTTP error is caught by a clause for everything and answered with another status."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import Clause, Exit, Step
from backend_gate.rules.clauses import clauses, finding, way
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.project import Project

_DENIALS = frozenset({401, 403})
"""A guard that says no says so by either."""


def http_error_swallowed(project: Project) -> Iterator[Finding]:
    """One finding a clause, with the places where the HTTP errors are raised that it catches."""
    for clause in clauses(project):
        answer = _answer(clause)
        if answer is None:
            continue
        lost = [
            (status, step)
            for status, step in clause.http_errors
            if status != answer.status and not {status, answer.status} <= _DENIALS
        ]
        if lost:
            statuses = ", ".join(str(status) for status in sorted({status for status, _ in lost}))
            yield finding(
                clause,
                "http-error-swallowed",
                Severity.ERROR,
                f"This clause also catches HTTP errors that are raised on purpose in {way(clause)}: the client "
                f"gets {answer.status} instead of {statuses}",
                steps=[
                    *(step for _, step in lost),
                    Step(answer.place, f"and answered with {answer.status} here"),
                ],
                fix="Put `except HTTPException: raise` before this clause.",
            )


def _answer(clause: Clause) -> Exit | None:
    """What the clause answers everything with that it catches; ``None`` if it tells things apart."""
    if not clause.broad or clause.after_http or any(exit_.kind == "again" for exit_ in clause.exits):
        return None
    if any(exit_.conditions for exit_ in clause.exits):
        return None
    last = clause.exits[0] if clause.exits else None
    if last is None or last.status is None or (last.kind == "return" and not clause.in_handler):
        return None
    return last
