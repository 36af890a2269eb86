"""BG003: a comment that suppresses nothing."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import listed
from backend_gate.rules.project import Project


def suppression_stale(project: Project) -> Iterator[Finding]:
    """One finding a comment, naming each of its rules that finds nothing there."""
    for suppression in project.suppressions:
        stale = suppression.stale
        if stale:
            verb = "finds" if len(stale) == 1 else "find"
            is_whole = len(stale) == len(suppression.rules)
            yield Finding(
                rule="suppression-stale",
                message=f"This comment suppresses {listed(stale)}, which {verb} nothing here",
                place=suppression.place,
                severity=Severity.WARNING,
                subject=f"{suppression.place.file} ignore[{', '.join(stale)}]",
                fix="Remove the comment." if is_whole else f"Take {listed(stale)} out of the bracket.",
            )
