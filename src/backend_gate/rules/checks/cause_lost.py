"""BG409: a fault of the server is answered with 5xx, and its cause is gone."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.rules.clauses import answers, clauses, finding
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.project import Project


def cause_lost(project: Project) -> Iterator[Finding]:
    """One finding a ``raise`` of an HTTP error without ``from``, in a clause that logs nothing."""
    for clause in clauses(project):
        if not clause.broad or clause.uses:
            continue
        for exit_ in clause.exits:
            is_fault = exit_.kind == "raise" and exit_.http and (exit_.status or 0) >= 500
            if is_fault and not exit_.chained and not exit_.carries:
                yield finding(
                    clause,
                    "cause-lost",
                    Severity.INFO,
                    f"{answers(clause)} with {exit_.status}, and what has failed is neither logged nor kept",
                    place=exit_.place,
                    fix="Log the exception with `logger.exception(…)`, and raise with `from error`.",
                )
