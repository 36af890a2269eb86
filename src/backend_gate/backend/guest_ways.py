"""Which parts of the code a run without credentials reaches only because it has none.

``if user is None: return RedirectResponse("/login")`` is decided in such a run, so that no condition says why the
redirect is given. What is noted here tells it from one that everybody is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_gate.backend import decisions, operations
from backend_gate.backend.model import Place
from backend_gate.backend.trace import RaiseEvent, Trace
from backend_gate.backend.values import Value
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.frame import Frame
    from backend_gate.backend.interpreter import Interpreter


def took_branch(
    interpreter: Interpreter, node: ir.If, value: Value, frame: Frame, *, holds: bool, read_before: int
) -> None:
    """An ``if`` is decided: note what only those come to who have no credential, if the test looks for one.

    That is the branch, and what comes behind the ``if`` where the other branch leaves the function.
    """
    trace = interpreter.trace
    if trace is None or not _looks_for_credential(interpreter, node.test, value, frame, read_before):
        return
    taken, other = (node.body, node.orelse) if holds else (node.orelse, node.body)
    if taken:
        _note(trace, frame.place_of(_around(taken)))
    if other and isinstance(other[-1], (ir.Return, ir.Raise)) and frame.function is not None:
        ends, start = frame.function.node.span, node.span
        _note(
            trace, frame.place_of(ir.Span(start.end_line, start.end_column, ends.end_line, ends.end_column))
        )


def took_arm(
    interpreter: Interpreter,
    node: ir.Conditional,
    value: Value,
    frame: Frame,
    *,
    holds: bool,
    read_before: int,
) -> None:
    """The same for ``page if user else RedirectResponse(…)``."""
    trace = interpreter.trace
    if trace is not None and _looks_for_credential(interpreter, node.test, value, frame, read_before):
        _note(trace, frame.place(node.body if holds else node.orelse))


def took_clause(trace: Trace, block: list[ir.Statement], caught: list[RaiseEvent], frame: Frame) -> None:
    """What is tried certainly fails: note the clause, if it catches a denial."""
    if trace.absent and any(decisions.is_denial(trace, event) for event in caught):
        _note(trace, frame.place_of(_around(block)))


def are_for_guests(trace: Trace, place: Place | None) -> bool:
    """Whether a place is reached only without a credential."""
    return place is not None and any(_holds(around, place) for around in trace.for_guests)


def _looks_for_credential(
    interpreter: Interpreter, test: ir.Expression, value: Value, frame: Frame, read_before: int
) -> bool:
    trace = interpreter.trace
    if trace is None or not trace.absent or not (trace.credentials or trace.lacks_credential):
        return False
    if len(trace.credentials) > read_before or decisions.misses(interpreter, test, value, frame):
        return True
    # What was found for nobody is nothing: ``user = find(request.cookies.get("id"))``.
    names = {node.id for node in expressions_in([test]) if isinstance(node, ir.Name)}
    found = [frame.scope.names[name] for name in names if name in frame.scope.names]
    return any(operations.truth(one) == (False, False) for one in found)


def _note(trace: Trace, place: Place) -> None:
    if place not in trace.for_guests:
        trace.for_guests.append(place)


def _around(block: list[ir.Statement]) -> ir.Span:
    first, last = block[0].span, block[-1].span
    return ir.Span(first.line, first.column, last.end_line, last.end_column)


def _holds(around: Place, place: Place) -> bool:
    outer, inner = around.span, place.span
    return (
        around.file == place.file
        and (outer.line, outer.column) <= (inner.line, inner.column)
        and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)
    )
