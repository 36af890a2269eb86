"""BG204: a body model with fields that also keeps whatever else a client sends."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.rules.bodies import handler_bodies
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import listed
from backend_gate.rules.project import Project


def body_model_open(project: Project) -> Iterator[Finding]:
    """One finding a body position whose model declares fields and allows extra ones."""
    for position in handler_bodies(project):
        body = position.body
        if body.shape == "extra-allowed" and body.source == "parameter":
            yield position.finding(
                "body-model-open",
                Severity.INFO,
                f"`{body.annotation}`, the body of {listed(position.routes)}, keeps keys it does not declare",
                'Set `extra="forbid"`, or `extra="ignore"` where unknown keys may be dropped.',
            )
