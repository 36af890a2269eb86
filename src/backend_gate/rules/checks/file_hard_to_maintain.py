"""BG802: a file that is hard to maintain."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import Place
from backend_gate.facts.model import Span
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.project import Project


def file_hard_to_maintain(project: Project) -> Iterator[Finding]:
    """One finding a file below the threshold, by radon's maintainability index."""
    wanted = project.settings.min_maintainability
    for file in project.evidence.files:
        if file.index < wanted:
            yield Finding(
                rule="file-hard-to-maintain",
                message=f"The maintainability index of this file is {file.index:g}, and {wanted:g} is wanted",
                place=Place(file.path, Span(1, 1, 1, 2)),
                severity=Severity.INFO,
                subject=file.path,
            )
