"""BG102: an inbound webhook that acts on what it gets without checking who sent it."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import Step, Verdict
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import by_handler, last_name, listed, related, routes, subject, unique
from backend_gate.rules.project import Project


def webhook_without_signature(project: Project) -> Iterator[Finding]:
    """One finding a handler: the linker saw a webhook and no verification in it."""
    for endpoints in by_handler(project.backend.endpoints):
        open_ones = [e for e in endpoints if e.auth.verdict is Verdict.UNPROTECTED and e.auth.webhook]
        if not open_ones:
            continue
        first = open_ones[0]
        steps = unique(step for endpoint in open_ones for step in endpoint.auth.steps)
        if first.auth.reason:
            steps = (*steps, Step(first.place, first.auth.reason))
        yield Finding(
            rule="webhook-without-signature",
            message=(
                f"`{last_name(first.handler)}` believes whatever is posted to {listed(routes(open_ones))}: "
                "no signature of the sender is checked"
            ),
            place=first.registration,
            severity=Severity.ERROR,
            subject=subject(open_ones),
            symbol=first.handler,
            related=related(steps, first.registration),
            evidence=steps,
            fix=(
                "Compute the HMAC of the raw body with the shared secret, compare it with the header by "
                "`hmac.compare_digest`, and answer 401 if they differ, before anything else happens."
            ),
        )
