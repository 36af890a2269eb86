"""BG001: a file that no parser reads."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.project import Project


def source_not_analysable(project: Project) -> Iterator[Finding]:
    """One finding a file: an error in production code, a note elsewhere."""
    for unreadable in project.backend.unreadable:
        is_production = unreadable.zone == "production"
        consequence = (
            "so nothing in it could be judged" if is_production else f"so its {unreadable.zone} were not read"
        )
        yield Finding(
            rule="source-not-analysable",
            message=f"This file cannot be read as Python ({unreadable.message.rstrip('.')}), {consequence}",
            place=unreadable.place,
            severity=Severity.ERROR if is_production else Severity.INFO,
            subject=unreadable.place.file,
            fix="Correct the syntax, or exclude the file if it is not Python that runs.",
        )
