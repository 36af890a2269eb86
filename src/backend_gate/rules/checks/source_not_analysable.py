"""BG001: a file that no parser reads."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.project import Project

_ASIDE = {
    "examples": "part of the examples",
    "generated": "generated",
    "migrations": "a migration",
    "scripts": "a script",
    "templates": "a template",
    "tests": "part of the tests",
}


def source_not_analysable(project: Project) -> Iterator[Finding]:
    """One finding a file: an error in production code, a note elsewhere."""
    for unreadable in project.backend.unreadable:
        aside = _ASIDE.get(unreadable.zone)
        reason = unreadable.message.rstrip(".")
        what = (
            f"`{unreadable.place.file}` {reason}"
            if unreadable.on_disk
            else f"This file cannot be read as Python ({reason})"
        )
        yield Finding(
            rule="source-not-analysable",
            message=f"{what}; it is {aside}, and the verdict does not depend on it"
            if aside
            else f"{what}, so nothing in it could be judged",
            place=unreadable.place,
            severity=Severity.INFO if aside else Severity.ERROR,
            subject=unreadable.place.file,
            fix="Make it readable, or exclude it."
            if unreadable.on_disk
            else "Correct the syntax, or exclude the file if it is not Python that runs.",
        )
