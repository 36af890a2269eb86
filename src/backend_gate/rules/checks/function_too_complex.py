"""BG801: a function with too many ways through it."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import Place
from backend_gate.facts.model import Span
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.project import Project


def function_too_complex(project: Project) -> Iterator[Finding]:
    """One finding a function above the threshold, by radon's count."""
    allowed = project.settings.max_complexity
    for function in project.evidence.functions:
        if function.complexity > allowed:
            line = function.lines[0]
            yield Finding(
                rule="function-too-complex",
                message=(
                    f"`{function.name}` has a cyclomatic complexity of {function.complexity}, "
                    f"and {allowed} is the most that is allowed"
                ),
                place=Place(function.path, Span(line, 1, line, 2)),
                severity=Severity.WARNING,
                subject=function.name,
                symbol=function.name,
            )
