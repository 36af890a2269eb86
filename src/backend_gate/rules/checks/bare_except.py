"""BG408: ``except:`` without a class catches what nobody should catch."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.rules.clauses import clauses, finding, way
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.project import Project


def bare_except(project: Project) -> Iterator[Finding]:
    """One finding a bare clause that does not raise on every path."""
    for clause in clauses(project):
        if not clause.catches and not clause.always_raises:
            yield finding(
                clause,
                "bare-except",
                Severity.WARNING,
                f"This clause on the way of {way(clause)} also catches the end of the process"
                + (" and the cancelling of its task" if clause.is_async else ""),
                fix="Write `except Exception:`, better still the classes that are expected.",
            )
