"""BG302: a table, column or keyword of SQL that a stranger chooses."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.rules.model import Finding
from backend_gate.rules.project import Project
from backend_gate.rules.sql import is_from_outside, is_identifier, judged, statement_finding


def sql_identifier_from_request(project: Project) -> Iterator[Finding]:
    """One finding a statement with names or keywords from a request or from stored data."""
    found = judged(
        project.backend.statements,
        lambda hole: is_identifier(hole) and is_from_outside(hole),
    )
    for statement, holes in found:
        yield statement_finding(
            "sql-identifier-from-request",
            statement,
            holes,
            does="chooses a name or keyword in",
            fix=(
                f"Take `{holes[0].hole.expression}` from a fixed set before it enters the text: "
                "an Enum or Literal parameter, or a dictionary of the allowed columns."
            ),
        )
