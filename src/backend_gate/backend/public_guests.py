"""Endpoints that ask whether somebody has signed in, and have an answer for those who have not as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_gate.backend.model import Place
from backend_gate.backend.outcomes import Effect, Outcome
from backend_gate.backend.public_answers import is_logging
from backend_gate.backend.trace import CallEvent, Trace
from backend_gate.backend.treatment import Treatment, Treatments, parameter_of
from backend_gate.backend.values import (
    Absent,
    BoundMethod,
    Constant,
    Function,
    alternatives,
    missing_credential,
)
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.dependencies import Dependency
    from backend_gate.backend.interpreter import Interpreter


def serves_guests(
    interpreter: Interpreter,
    function: Function,
    trace: Trace | None,
    children: list[tuple[Dependency, Outcome]],
) -> bool:
    """The handler itself asks whether somebody has signed in, and goes on without as well."""
    span = function.node.span
    if trace is not None and any(
        place.file == function.module.path
        and span.line <= place.span.line <= span.end_line
        and _decides(interpreter, function, place)
        for place in trace.missed
    ):
        return True
    for child, outcome in children:
        may_be_nobody = outcome.reads and outcome.effect is Effect.PASSES and _may_be_nothing(outcome)
        if may_be_nobody and child.parameter:
            found = Treatments(interpreter).of(function, child.parameter, [])
            if Treatment.TESTED in found:
                return True
    return trace is not None and _narrows_for_guests(interpreter, function, trace)


def _decides(interpreter: Interpreter, function: Function, place: Place) -> bool:
    """What a condition decides is more than whether something is logged."""
    if not isinstance(function.node, ir.FunctionDef):
        return True
    for node in expressions_in(interpreter.modules.body(function.module.path, function.node)):
        if isinstance(node, ir.If) and node.span.line == place.span.line:
            return not all(map(is_logging, [*node.body, *node.orelse]))
    return True


def _narrows_for_guests(interpreter: Interpreter, function: Function, trace: Trace) -> bool:
    """What makes the answer is told that nobody has signed in, and tests it: ``return find(query, user_id)``.

    A call that only finds out who it is makes no answer, and one whose result is dropped (a log) neither.
    """
    if not isinstance(function.node, ir.FunctionDef):
        return False
    told = [
        (event, argument, position)
        for event in trace.calls
        for position, argument in enumerate(event.node.arguments)
        if _is_nobody(event, argument, position)
    ]
    if not told:
        return False  # as nearly always: the body need not be searched
    answering = _calls_of_answers(interpreter.modules.body(function.module.path, function.node))
    for event, argument, position in told:
        for callee in alternatives(event.callee) if id(event.node) in answering else ():
            name = parameter_of(callee, argument, position)
            called = callee.function if isinstance(callee, BoundMethod) else callee
            if name is None or not isinstance(called, Function):
                continue
            if Treatment.TESTED in Treatments(interpreter).of(called, name, trace.calls):
                return True
    return False


def _is_nobody(event: CallEvent, argument: ir.Argument, position: int) -> bool:
    given = event.arguments
    if argument.star or given.open:
        return False
    if argument.name is not None:
        return missing_credential(given.keywords.get(argument.name)) is not None
    return position < len(given.positional) and missing_credential(given.positional[position]) is not None


def _calls_of_answers(body: list[ir.Statement]) -> set[int]:
    """The calls in what a function returns, and in what it gives to the names that it returns."""
    nodes = list(expressions_in(body, into_functions=False))
    answers = [node.value for node in nodes if isinstance(node, ir.Return) and node.value is not None]
    names: set[str] = set()
    found: set[int] = set()
    while answers:
        answer = answers.pop()
        for node in expressions_in([answer]):
            if isinstance(node, ir.Call):
                found.add(id(node))
            elif isinstance(node, ir.Name) and node.id not in names:
                names.add(node.id)
                answers += [
                    one.value
                    for one in nodes
                    if isinstance(one, ir.Assign) and any(node.id in _bound(t) for t in one.targets)
                ]
    return found


def _bound(target: ir.Expression) -> list[str]:
    return [node.id for node in expressions_in([target]) if isinstance(node, ir.Name)]


def _may_be_nothing(outcome: Outcome) -> bool:
    return any(
        isinstance(one, Absent) or (isinstance(one, Constant) and not one.value)
        for one in alternatives(outcome.value)
    )
