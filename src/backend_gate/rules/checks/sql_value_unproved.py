"""BG305: a value in SQL text of which nobody can show that no stranger chooses it."""

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
    value_fix,
)


def sql_value_unproved(project: Project) -> Iterator[Finding]:
    """Notes on values of unknown origin or from the configuration, in statements with none that is worse.

    In a backend with endpoints what a function puts into several statements is worth one, and what no parameter
    could stand for is an open question.
    """
    statements = [
        statement
        for statement in project.backend.statements
        if not any(is_from_outside(hole) and not is_identifier(hole) for hole in statement.holes)
    ]
    is_reported = is_reported_elsewhere(project.backend.statements)
    found = judged(
        statements,
        lambda hole: (
            not is_identifier(hole)
            and not is_from_outside(hole)
            and not is_open_question(hole, project)
            and not is_reported(hole)
        ),
    )
    for statement, holes, elsewhere in by_source(found, together=bool(project.backend.endpoints)):
        yield statement_finding(
            "sql-value-unproved",
            statement,
            holes,
            does="is written into",
            fix=value_fix(holes[0].hole),
            elsewhere=elsewhere,
        )
