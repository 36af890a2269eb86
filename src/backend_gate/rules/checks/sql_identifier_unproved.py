"""BG304: a name or keyword in SQL whose origin nobody can show to be safe."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.rules.model import Finding
from backend_gate.rules.project import Project
from backend_gate.rules.sql import (
    by_source,
    is_from_outside,
    is_identifier,
    is_open_question,
    is_reported_elsewhere,
    judged,
    statement_finding,
)


def sql_identifier_unproved(project: Project) -> Iterator[Finding]:
    """Notes on names or keywords from the configuration; in code without endpoints, of unknown origin as well.

    In a backend with endpoints only what they reach is worth one, and what a function puts into several
    statements only one: no request gets to the names that a command or a migration works with. What could not
    be followed is an open question there. In code without endpoints anybody may call everything.
    """
    backend = project.backend
    statements = backend.statements
    if backend.endpoints:
        statements = [statement for statement in statements if statement.reachable_from_request]
    is_reported = is_reported_elsewhere(project.backend.statements)
    found = judged(
        statements,
        lambda hole: (
            is_identifier(hole)
            and not is_from_outside(hole)
            and not is_open_question(hole, project)
            and not is_reported(hole)
        ),
    )
    for statement, holes, elsewhere in by_source(found, together=bool(backend.endpoints)):
        yield statement_finding(
            "sql-identifier-unproved",
            statement,
            holes,
            does="stands as a name or keyword in",
            fix=(
                f"Make `{holes[0].hole.expression}` a constant, check it against a fixed set, "
                "or quote it with the driver's own function for identifiers."
            ),
            elsewhere=elsewhere,
        )
