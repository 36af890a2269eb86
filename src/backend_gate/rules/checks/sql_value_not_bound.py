"""BG303: a harmless value in SQL text that could as well be bound."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.project import Project
from backend_gate.rules.sql import judged, statement_finding


def sql_value_not_bound(project: Project) -> Iterator[Finding]:
    """One note a statement with converted values at places where a parameter can stand."""
    found = judged(
        project.backend.statements,
        lambda hole: hole.position == "value" and hole.origin == "coerced",
        lambda hole: Severity.INFO,
    )
    for statement, holes in found:
        expression = holes[0].hole.expression
        yield statement_finding(
            "sql-value-not-bound",
            statement,
            holes,
            does="is written instead of bound into",
            fix=f"Write a placeholder instead of `{expression}` and pass the value as a parameter.",
        )
