"""BG002: a comment that suppresses findings and does not say why."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import listed
from backend_gate.rules.project import Project


def suppression_without_reason(project: Project) -> Iterator[Finding]:
    """One finding a comment."""
    for suppression in project.suppressions:
        if not suppression.reason:
            slugs = ", ".join(suppression.rules)
            yield Finding(
                rule="suppression-without-reason",
                message=f"This comment suppresses {listed(suppression.rules)} and does not say why",
                place=suppression.place,
                severity=Severity.WARNING,
                subject=f"{suppression.place.file} ignore[{slugs}]",
                fix=f"Write the reason behind the bracket: `# gate: ignore[{slugs}] reason`.",
            )
