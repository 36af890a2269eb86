"""BG412: an exception handler that no exception gets to."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import ErrorHandler, Reach, Step
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import doing, last_name, related, routes
from backend_gate.rules.project import Project


def handler_unreachable(project: Project) -> Iterator[Finding]:
    """One finding an exception class at a place of registration."""
    for handler in project.backend.error_handlers:
        if handler.reach in (Reach.NEVER, Reach.ELSEWHERE):
            yield _finding(handler)


def _finding(handler: ErrorHandler) -> Finding:
    name = last_name(handler.exception)
    steps = [Step(handler.defined, f"`{name}` is defined here")]
    if handler.reach is Reach.NEVER:
        message = f"This handler waits for `{name}`, and nothing in the project raises it"
        fix = f"Remove the handler and `{name}`, or raise it where it was meant to be."
    else:
        steps += [Step(e.registration, "this is served by another application") for e in handler.endpoints]
        message = (
            f"This handler waits for `{name}`, which only {doing(routes(handler.endpoints), 'raises', 'raise')} "
            "in another application, and that answers 500 before this one hears of it"
        )
        fix = "Register the handler on the application that serves those endpoints."
    return Finding(
        rule="handler-unreachable",
        message=message,
        place=handler.place,
        severity=Severity.WARNING,
        subject=f"{handler.app}: {handler.exception}",
        symbol=handler.app,
        related=related(steps, handler.place),
        evidence=tuple(steps),
        fix=fix,
    )
