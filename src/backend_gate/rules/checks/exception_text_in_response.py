"""BG405: the text of an exception that nobody expected goes to the client."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.rules.clauses import catch_alls, clauses, finding, is_plain, way
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.project import Project


def exception_text_in_response(project: Project) -> Iterator[Finding]:
    """One finding a ``raise`` or ``return`` in a clause, or a handler, for every exception."""
    for clause in clauses(project):
        if not clause.broad:
            continue
        for exit_ in clause.exits:
            answers = (exit_.kind == "raise" and exit_.http) or (exit_.kind == "return" and clause.in_handler)
            if not answers or exit_.carries != "exception" or not is_plain(exit_):
                continue
            if clause.parses and exit_.status is not None and exit_.status < 500:
                continue  # what is wrong with the input is for the client
            is_fault = exit_.status is not None and exit_.status >= 500
            yield finding(
                clause,
                "exception-text-in-response",
                Severity.ERROR if is_fault else Severity.WARNING,
                f"The text of any exception goes to the client of {way(clause)}: statements, paths, addresses "
                "and whatever else a library writes into it",
                place=exit_.place,
                fix="Log the exception, answer with a fixed text, and catch what is expected by its class.",
            )
    for handler in catch_alls(project):
        for exit_ in handler.exits:
            if exit_.kind == "return" and exit_.http and exit_.carries == "exception" and is_plain(exit_):
                yield finding(
                    handler,
                    "exception-text-in-response",
                    Severity.ERROR,
                    f"The text of any exception that leaves {way(handler)} goes to the client: statements, paths, "
                    "addresses and whatever else a library writes into it",
                    place=exit_.place,
                    fix="Log the exception, and answer with a fixed text.",
                    caught="this handler answers for every exception",
                )
