"""What the rules about request bodies share: which bodies a handler has, and what is wrong with each.

A body that is open is judged by the worst thing that happens to it: nothing checks it, it is only
passed on, or it is checked by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backend_gate.backend.model import Body, Endpoint, Step
from backend_gate.rules.model import Finding, Related, Severity
from backend_gate.rules.phrases import by_handler, related, routes, subject, unique
from backend_gate.rules.project import Project

RAW = "raw-json"
"""The shape of a body that the handler parses itself."""


@dataclass(frozen=True)
class HandlerBody:
    """One body position and the endpoints that have it."""

    body: Body
    endpoints: list[Endpoint]

    @property
    def routes(self) -> list[str]:
        """The routes through which it is filled."""
        return routes(self.endpoints)

    def finding(self, rule: str, severity: Severity, message: str, fix: str) -> Finding:
        """A finding at the body's own place."""
        body, first = self.body, self.endpoints[0]
        steps: list[Step] = list(body.steps)
        if body.reason:
            steps.append(Step(body.place, body.reason))
        where: tuple[Related, ...] = ()
        if first.place.file != body.place.file:
            where = (Related(first.place, f"the handler of {self.routes[0]}"),)
        return Finding(
            rule=rule,
            message=message,
            place=body.place,
            severity=severity,
            subject=f"{subject(self.endpoints)}: {body.name}",
            symbol=first.handler,
            related=where + related(body.steps, body.place),
            evidence=unique(steps),
            fix=fix,
        )


def handler_bodies(project: Project) -> Iterator[HandlerBody]:
    """Every body position once: that of a dependency is one position, however many handlers ask for it."""
    positions: dict[tuple[object, ...], HandlerBody] = {}
    for endpoints in by_handler(project.backend.endpoints):
        for endpoint in endpoints:
            for body in endpoint.bodies:
                key = (body.place, body.name, body.shape, body.validated, body.forwarded)
                positions.setdefault(key, HandlerBody(body, [])).endpoints.append(endpoint)
    yield from positions.values()


def open_bodies(project: Project) -> Iterator[HandlerBody]:
    """The positions through which a client can send anything at all."""
    for position in handler_bodies(project):
        if position.body.untyped or (position.body.source == "request" and position.body.shape == RAW):
            yield position
