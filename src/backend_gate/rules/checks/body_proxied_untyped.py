"""BG203: an open body that goes to another service without being read."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.rules.bodies import open_bodies
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import doing
from backend_gate.rules.project import Project


def body_proxied_untyped(project: Project) -> Iterator[Finding]:
    """One finding a body position that is forwarded unread and not validated."""
    for position in open_bodies(project):
        body = position.body
        if body.forwarded and not body.validated:
            yield position.finding(
                "body-proxied-untyped",
                Severity.INFO,
                f"{doing(position.routes, 'passes', 'pass')} `{body.name}` on to another service as the client sent it",
                "Declare a model of what the other service takes and send `model_dump()` of it.",
            )
