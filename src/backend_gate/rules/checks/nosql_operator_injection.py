"""BG307: a part of a body that nobody has checked stands in the filter of a document store."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import related, unique
from backend_gate.rules.project import Project


def nosql_operator_injection(project: Project) -> Iterator[Finding]:
    """One finding a filter."""
    for choice in project.backend.choices:
        if choice.kind == "operator":
            yield Finding(
                rule="nosql-operator-injection",
                message=f"A body that nothing has checked is the filter of `{choice.sink}`: `{choice.expression}`",
                place=choice.place,
                severity=Severity.ERROR,
                subject=f"{choice.function}: {choice.expression}",
                symbol=choice.function,
                related=related(choice.steps, choice.place),
                evidence=unique(choice.steps),
                fix="Declare the body as a model whose fields are scalars, or convert the value with `str()` first.",
            )
