"""BG304: a name or keyword in SQL whose origin nobody can show to be safe."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.rules.model import Finding
from backend_gate.rules.project import Project
from backend_gate.rules.sql import is_from_outside, is_identifier, judged, statement_finding


def sql_identifier_unproved(project: Project) -> Iterator[Finding]:
    """One note a statement with names or keywords of unknown origin or from the configuration."""
    found = judged(
        project.backend.statements,
        lambda hole: is_identifier(hole) and not is_from_outside(hole),
    )
    for statement, holes in found:
        yield statement_finding(
            "sql-identifier-unproved",
            statement,
            holes,
            does="stands as a name or keyword in",
            fix=(
                f"Make `{holes[0].hole.expression}` a constant, check it against a fixed set, "
                "or quote it with the driver's own function for identifiers."
            ),
        )
