"""BG704: no test takes the way of an endpoint on which something goes wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from backend_gate.backend.model import Endpoint, ErrorBranch, FunctionCode
from backend_gate.evidence.endpoints import Coverage
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import last_name, listed, routes, subject
from backend_gate.rules.project import Project

_DENIALS = (401, 403)


def error_path_untested(project: Project) -> Iterator[Finding]:
    """One finding a branch for errors that never runs, in a function that does."""
    coverage = Coverage(project.evidence)
    branches: dict[tuple[FunctionCode, ErrorBranch], list[Endpoint]] = defaultdict(list)
    for endpoint in project.backend.endpoints:
        for function in endpoint.code:
            for branch in function.errors:
                if branch.status not in _DENIALS:
                    branches[function, branch].append(endpoint)
    for (function, branch), endpoints in branches.items():
        if coverage.has_run(function) and coverage.is_branch_untested(branch):
            status = f" ({branch.status})" if branch.status else ""
            yield Finding(
                rule="error-path-untested",
                message=(
                    f"No test takes the way on which `{last_name(function.name)}` {branch.text}{status}, "
                    f"for {listed(routes(endpoints))}"
                ),
                place=branch.place,
                severity=Severity.INFO,
                subject=f"{function.name} {branch.text}{status}: {subject(endpoints)}",
                symbol=function.name,
            )
