"""BG301: SQL text with values written into it instead of bound to it."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.rules.model import Finding
from backend_gate.rules.project import Project
from backend_gate.rules.sql import is_from_outside, is_identifier, judged, statement_finding, value_fix


def sql_built_from_values(project: Project) -> Iterator[Finding]:
    """One finding a statement with an unsafe value, clause or literal; names have rules of their own."""
    found = judged(
        project.backend.statements,
        lambda hole: not is_identifier(hole) and is_from_outside(hole),
    )
    for statement, holes in found:
        yield statement_finding(
            "sql-built-from-values", statement, holes, does="is written into", fix=value_fix(holes[0].hole)
        )
