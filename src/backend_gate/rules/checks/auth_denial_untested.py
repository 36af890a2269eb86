"""BG703: no test is refused by a guard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from backend_gate.backend.model import Endpoint, ErrorBranch, FunctionCode
from backend_gate.evidence.endpoints import Coverage
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import last_name, listed, routes, subject
from backend_gate.rules.project import Project

_DENIALS = (401, 403)


def auth_denial_untested(project: Project) -> Iterator[Finding]:
    """One finding a refusal that never runs, of a guard that does."""
    coverage = Coverage(project.evidence)
    guarded: dict[tuple[FunctionCode, ErrorBranch], list[Endpoint]] = defaultdict(list)
    for endpoint in project.backend.endpoints:
        for function in endpoint.code:
            for branch in function.errors:
                if branch.status in _DENIALS:
                    guarded[function, branch].append(endpoint)
    for (function, branch), endpoints in guarded.items():
        if coverage.has_run(function) and coverage.is_branch_untested(branch):
            yield Finding(
                rule="auth-denial-untested",
                message=(
                    f"No test gets this refusal (status {branch.status}) of `{last_name(function.name)}`, "
                    f"which guards {listed(routes(endpoints))}"
                ),
                place=branch.place,
                severity=Severity.WARNING,
                subject=f"{function.name} {branch.status}: {subject(endpoints)}",
                symbol=function.name,
            )
