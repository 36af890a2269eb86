"""BG205: a body that is declared to be any JSON at all."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.rules.bodies import handler_bodies
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import doing
from backend_gate.rules.project import Project


def body_declared_free_form(project: Project) -> Iterator[Finding]:
    """One finding a body position of the type ``JsonValue``."""
    for position in handler_bodies(project):
        body = position.body
        if body.shape == "json-value" and body.source == "parameter":
            yield position.finding(
                "body-declared-free-form",
                Severity.INFO,
                f"{doing(position.routes, 'declares', 'declare')} `{body.name}` as free-form JSON",
                "If the payload has a known form, declare it; if not, accept this with the reason.",
            )
