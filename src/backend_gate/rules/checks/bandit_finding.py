"""BG901: what bandit finds, under its own id."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import Place
from backend_gate.facts.model import Span
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.project import Project

_SEVERITIES = {"high": Severity.ERROR, "medium": Severity.WARNING, "low": Severity.INFO}


def bandit_finding(project: Project) -> Iterator[Finding]:
    """One finding for each of bandit's."""
    for issue in project.evidence.issues:
        classes = f" (CWE-{issue.cwe})" if issue.cwe else ""
        yield Finding(
            rule="bandit-finding",
            message=f"bandit {issue.test} {issue.name}{classes}: {issue.text}",
            place=Place(issue.path, Span(issue.line, issue.column, issue.line, issue.end_column)),
            severity=_SEVERITIES.get(issue.severity, Severity.WARNING),
            subject=f"{issue.test} {issue.name}",
        )
