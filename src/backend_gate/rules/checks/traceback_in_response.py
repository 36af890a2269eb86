"""BG406: a traceback goes to the client."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.rules.clauses import clauses, finding, is_plain, way
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.project import Project


def traceback_in_response(project: Project) -> Iterator[Finding]:
    """One finding a ``raise`` or ``return`` whose answer holds a formatted traceback."""
    for clause in clauses(project):
        for exit_ in clause.exits:
            answers = (exit_.kind == "raise" and exit_.http) or (exit_.kind == "return" and clause.in_handler)
            if answers and exit_.carries == "traceback" and is_plain(exit_):
                yield finding(
                    clause,
                    "traceback-in-response",
                    Severity.ERROR,
                    f"The client of {way(clause)} gets the traceback: files, lines and code of the server",
                    place=exit_.place,
                    fix="Log it with `logger.exception(…)`, and answer with a fixed text.",
                )
