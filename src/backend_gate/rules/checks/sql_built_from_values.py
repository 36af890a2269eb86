"""BG301: SQL text with values written into it instead of bound to it."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import SqlHole
from backend_gate.rules.model import Finding
from backend_gate.rules.project import Project
from backend_gate.rules.sql import is_identifier, judged, statement_finding


def sql_built_from_values(project: Project) -> Iterator[Finding]:
    """One finding a statement with an unsafe value, clause or literal; names have rules of their own."""
    for statement, holes in judged(project.backend.statements, lambda hole: not is_identifier(hole)):
        yield statement_finding(
            "sql-built-from-values", statement, holes, does="is written into", fix=_fix(holes[0].hole)
        )


def _fix(hole: SqlHole) -> str:
    if hole.position == "value":
        return f"Write a placeholder instead of `{hole.expression}` and pass the value as a parameter."
    if hole.position == "unbindable":
        return (
            f"No parameter can be bound here: take `{hole.expression}` from a fixed set, or convert it first."
        )
    return "Choose the clause from a fixed set of texts and bind the values in it as parameters."
