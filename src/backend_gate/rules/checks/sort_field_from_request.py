"""BG308: the client names the field that a query sorts or filters by."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import related, unique
from backend_gate.rules.project import Project


def sort_field_from_request(project: Project) -> Iterator[Finding]:
    """One finding a place where a name from the request becomes a field."""
    for choice in project.backend.choices:
        if choice.kind == "field":
            yield Finding(
                rule="sort-field-from-request",
                message=f"The request names the field that `{choice.sink}` takes: `{choice.expression}`",
                place=choice.place,
                severity=Severity.WARNING,
                subject=f"{choice.function}: {choice.expression}",
                symbol=choice.function,
                related=related(choice.steps, choice.place),
                evidence=unique(choice.steps),
                fix=f"Take `{choice.expression}` from a fixed set: an Enum or Literal parameter, or a dictionary.",
            )
