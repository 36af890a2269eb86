"""BG309: a statement of SQL with a hole that reaches nothing that is seen to run it."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import listed, related, unique
from backend_gate.rules.project import Project

SLUG = "sql-text-without-sink"
"""The linker looks for such texts only if this rule runs."""


def sql_text_without_sink(project: Project) -> Iterator[Finding]:
    """One note a text."""
    for text in project.backend.loose_texts:
        names = list(dict.fromkeys(hole.expression for hole in text.holes))
        yield Finding(
            rule=SLUG,
            message=f"SQL is put together from {listed(names)}, and nothing seen runs it",
            place=text.place,
            severity=Severity.INFO,
            subject=f"{text.function}: {text.template}",
            related=related((step for hole in text.holes for step in hole.steps), text.place),
            evidence=unique(step for hole in text.holes for step in hole.steps),
            fix="If it runs somewhere, write placeholders instead and hand the values to the driver.",
        )
