"""BG410: a coroutine goes on although its task was cancelled."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend.model import Clause
from backend_gate.rules.clauses import clauses, finding, way
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.project import Project

_CANCELLED = frozenset({"asyncio.CancelledError", "asyncio.exceptions.CancelledError"})

_SEEN_THROUGH = frozenset({"shield", "aclose", "close", "wait_closed", "__aexit__"})


def cancellation_swallowed(project: Project) -> Iterator[Finding]:
    """One finding a clause around an ``await`` that catches the cancelling and raises nothing."""
    for clause in clauses(project):
        if clause.is_async and clause.awaits and _swallows(clause):
            yield finding(
                clause,
                "cancellation-swallowed",
                Severity.WARNING,
                f"This clause on the way of {way(clause)} catches the cancelling of the task and goes on: the "
                "work continues after the client has left or the server wants to stop",
                fix="Raise it again: `except asyncio.CancelledError: raise`.",
            )


def _swallows(clause: Clause) -> bool:
    """It goes on: a clause for the cancelling alone lets a loop go on, one for more hides what has happened.

    Whoever shields or closes something sees that work through to its end.
    """
    if any(name in _SEEN_THROUGH for name in clause.tried):
        return False
    if (
        any(exit_.kind in ("again", "raise") for exit_ in clause.exits)
        or clause.always_raises
        or clause.cancels
    ):
        return False
    if not clause.catches or "builtins.BaseException" in clause.catches:
        return True
    goes_on = clause.in_loop and not clause.leaves_loop
    return any(name in _CANCELLED for name in clause.catches) and goes_on and not clause.exits
