"""``except`` clauses in a guard that turn a failed check into a pass."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_gate.backend.model import Clause, Place, Swallow
from backend_gate.backend.outcomes import DECIDING_CALL
from backend_gate.backend.trace import Attempt, status_of
from backend_gate.backend.values import Function
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.clauses import ClauseReader
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.runs import Run

_MEANS_NO = re.compile(
    r"black_?list|deny_?list|block|revoked|expired|banned|invalid|forbidden|locked", re.IGNORECASE
)
"""Names of functions that say yes where somebody is to be turned away."""
_DENIALS = frozenset({401, 403})


class Swallows:
    """Finds them in the runs of guards. ``clauses`` has read every clause of these runs."""

    def __init__(self, clauses: ClauseReader) -> None:
        self.clauses = clauses

    def of(self, run: Run, guard: Function | None) -> list[Swallow]:
        """The clauses in the run of a guard that let through what their ``try`` was to check.

        In a function that the guard calls only one counts that says yes: what anything else means is for the
        guard to say.
        """
        found: list[Swallow] = []
        for attempt in run.trace.attempts.values():
            function = attempt.frame.function
            if function is None:
                continue
            own = guard is not None and function.node is guard.node
            for number, clause in enumerate(self.clauses.of(attempt)):
                if (clause.broad and clause.after_http) or not _checks(clause, attempt, number):
                    continue
                way = _way_out(self.clauses.interpreter, clause, attempt, number)
                says_yes = way is not None and way[1] == "true" and not _MEANS_NO.search(function.name)
                if way is not None and (own or says_yes):
                    found.append(Swallow(clause.place, *way, broad=clause.broad))
        return sorted(set(found), key=lambda s: (s.clause, s.place))


def _checks(clause: Clause, attempt: Attempt, number: int) -> bool:
    """The body of the ``try`` checks a credential."""
    if any(DECIDING_CALL.search(name) for name in clause.tried):
        return True
    return _refuses(attempt, number)


def _refuses(attempt: Attempt, number: int) -> bool:
    """A denial is raised in the body of the ``try``, and this clause catches it."""
    return any(status_of(event.exception) in _DENIALS for event in attempt.caught[number])


def _way_out(
    interpreter: Interpreter, clause: Clause, attempt: Attempt, number: int
) -> tuple[Place, str] | None:
    """The statement by which the clause lets the request go on, and what it gives there."""
    body = attempt.node.handlers[number].body
    if any(exit_.kind != "return" or exit_.http for exit_ in clause.exits):
        return None
    returned = _last_return(body)
    if returned is not None:
        return attempt.frame.place(returned), _kind(returned.value)
    function = attempt.frame.function
    if clause.exits or function is None or isinstance(function.node, ir.Lambda):
        return None
    whole = interpreter.modules.body(function.module.path, function.node)
    if whole and whole[-1] is attempt.node:
        return clause.place, "nothing"
    returned = _last_return(whole)
    is_last = (
        len(whole) > 1
        and whole[-2] is attempt.node
        and all(isinstance(s, ir.ExpressionStatement | ir.Pass) for s in body)
    )
    if returned is None or not is_last or not _refuses(attempt, number):
        return None
    names = {parameter.name for parameter in function.node.parameters}
    value = returned.value
    if value is None or isinstance(value, ir.Constant) or (isinstance(value, ir.Name) and value.id in names):
        return attempt.frame.place(returned), _kind(value)
    return None


def _last_return(block: list[ir.Statement]) -> ir.Return | None:
    """The ``return`` that ends a block."""
    last = block[-1] if block else None
    return last if isinstance(last, ir.Return) else None


def _kind(value: ir.Expression | None) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, ir.Constant):
        if value.value is True:
            return "true"
        return "something" if value.value else "nothing"
    if isinstance(value, (ir.DictDisplay, ir.ListDisplay, ir.TupleDisplay)):
        return "something" if getattr(value, "entries", None) or getattr(value, "items", None) else "nothing"
    return "something"
