"""BG306: a value in SQL text whose quotes the code doubles or removes, or a placeholder that it quotes, by hand."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import SqlHole
from backend_gate.backend.sql.lattice import Origin
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.project import Project
from backend_gate.rules.sql import is_from_outside, judged, statement_finding, value_fix


def sql_manual_escape(project: Project) -> Iterator[Finding]:
    """One warning a statement with values that could be bound and are escaped instead, and one with quoted ones."""
    for statement, holes in judged(project.backend.statements, _is_escaped, lambda hole: Severity.WARNING):
        yield statement_finding(
            "sql-manual-escape",
            statement,
            holes,
            does="is escaped by hand and written into",
            fix=value_fix(holes[0].hole),
        )
    for statement, holes in judged(project.backend.statements, _is_quoted, lambda hole: Severity.WARNING):
        yield statement_finding(
            "sql-manual-escape",
            statement,
            holes,
            does="is bound to a placeholder between quotes in",
            fix="Take away the quotes around the placeholder: the driver writes its own.",
        )


def _is_escaped(hole: SqlHole) -> bool:
    """Where no parameter can stand, doubling the quotes is all that is left."""
    return hole.escaped and hole.position != "unbindable" and not Origin(hole.origin).is_safe


def _is_quoted(hole: SqlHole) -> bool:
    """Of a value that nobody can place it is an open question: often the driver is not known either."""
    return hole.quoted and is_from_outside(hole)
