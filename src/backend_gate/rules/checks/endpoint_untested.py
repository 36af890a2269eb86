"""BG702: no test calls an endpoint."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.evidence.endpoints import Coverage
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import by_handler, last_name, listed, routes, subject
from backend_gate.rules.project import Project


def endpoint_untested(project: Project) -> Iterator[Finding]:
    """One finding a handler that no suite of requests runs. Without evidence there is nothing to say."""
    coverage = Coverage(project.evidence)
    names = [suite.name for suite in coverage.deciding]
    for endpoints in by_handler(project.backend.endpoints):
        first = endpoints[0]
        if not coverage.is_untested(first):
            continue
        suites = f"the suite {listed(names)}" if len(names) == 1 else f"the suites {listed(names)}"
        yield Finding(
            rule="endpoint-untested",
            message=(
                f"No test calls {listed(routes(endpoints))}: nothing of `{last_name(first.handler)}` runs in {suites}"
            ),
            place=first.registration,
            severity=Severity.WARNING,
            subject=subject(endpoints),
            symbol=first.handler,
        )
