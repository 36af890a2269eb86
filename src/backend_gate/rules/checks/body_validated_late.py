"""BG202: an open body that the handler validates itself, out of sight of the API's description."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.rules.bodies import open_bodies
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import doing
from backend_gate.rules.project import Project


def body_validated_late(project: Project) -> Iterator[Finding]:
    """One finding a body position whose uses all pass a validator first."""
    for position in open_bodies(project):
        if position.body.validated:
            yield position.finding(
                "body-validated-late",
                Severity.WARNING,
                f"{doing(position.routes, 'validates', 'validate')} `{position.body.name}` inside the handler, "
                "so its schema is missing from the API's description and bad input is not answered with 422",
                "Take the model that the handler validates with as the type of the parameter.",
            )
