"""BG702: no test calls an endpoint."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import Endpoint
from backend_gate.evidence.endpoints import Coverage
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import by_handler, last_name, listed, routes, subject
from backend_gate.rules.project import Project

SLUG = "endpoint-untested"


def endpoint_untested(project: Project) -> Iterator[Finding]:
    """One finding a handler that no suite of requests runs, or that no test is seen to send a request to.

    Without evidence there is nothing to say.
    """
    coverage = Coverage(project.evidence)
    if not coverage.deciding:
        yield from _not_requested(project, coverage)
        return
    names = [suite.name for suite in coverage.deciding]
    for endpoints in by_handler(project.backend.endpoints):
        first = endpoints[0]
        if not coverage.is_untested(first):
            continue
        suites = f"the suite {listed(names)}" if len(names) == 1 else f"the suites {listed(names)}"
        yield Finding(
            rule=SLUG,
            message=(
                f"No test calls {listed(routes(endpoints))}: nothing of `{last_name(first.handler)}` runs in {suites}"
            ),
            place=first.registration,
            severity=Severity.WARNING,
            subject=subject(endpoints),
            symbol=first.handler,
        )


def _not_requested(project: Project, coverage: Coverage) -> Iterator[Finding]:
    """What the code of the tests says, where no coverage data decides."""
    of = " of a suite that sends requests" if project.evidence.measured else ""
    for endpoints in by_handler(project.backend.endpoints):
        if not all(_is_not_requested(endpoint) for endpoint in endpoints):
            continue
        first = endpoints[0]
        if first.code and first.code[0].name == first.handler and coverage.has_run(first.code[0]):
            continue
        yield Finding(
            rule=SLUG,
            message=(
                f"No test is seen to request {listed(routes(endpoints))}; there is no coverage data{of}, so this was "
                "read from the requests in the tests' code"
            ),
            place=first.registration,
            severity=Severity.INFO,
            subject=subject(endpoints),
            symbol=first.handler,
        )


def _is_not_requested(endpoint: Endpoint) -> bool:
    return endpoint.requested is not None and endpoint.requested.answer == "no"
