"""Endpoints that ask whether somebody has signed in, and read something else for those who have not.

A test of who asks says nothing by itself: it may log, greet, or only hold users to their own rows, so that guests
get more than they. It has to be seen that guests are answered before, or that a narrower read is made for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from backend_gate.backend.outcomes import Effect, Outcome
from backend_gate.backend.public_answers import is_logging
from backend_gate.backend.trace import CallEvent, Trace
from backend_gate.backend.treatment import Treatment, Treatments, parameter_of
from backend_gate.backend.values import (
    Absent,
    BoundMethod,
    Constant,
    External,
    Function,
    Unknown,
    alternatives,
    missing_credential,
)
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.dependencies import Dependency
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.model import Place
    from backend_gate.backend.public_rows import RowReader


def serves_guests(
    interpreter: Interpreter,
    function: Function,
    trace: Trace | None,
    children: list[tuple[Dependency, Outcome]],
    reader: RowReader,
) -> bool:
    """The handler itself asks whether somebody has signed in, and guests are given something else."""
    if trace is None or not isinstance(function.node, ir.FunctionDef):
        return False
    span = function.node.span
    lines = {
        place.span.line
        for place in trace.missed
        if place.file == function.module.path and span.line <= place.span.line <= span.end_line
    }
    names = {
        child.parameter
        for child, outcome in children
        if child.parameter and outcome.reads and outcome.effect is Effect.PASSES and _may_be_nothing(outcome)
    }
    if lines or names:
        body = interpreter.modules.body(function.module.path, function.node)
        if _Branches(body, _reading(trace, reader), lines, names).differ():
            return True
    return _narrows_for_guests(interpreter, function, trace)


class _Branches:
    """The branches of a body that depend on who asks. ``reads`` are the calls that read rows, by their nodes."""

    def __init__(self, body: list[ir.Statement], reads: set[int], lines: set[int], names: set[str]) -> None:
        self.nodes = list(expressions_in(body, into_functions=False))
        self.reads = reads
        self.lines = lines
        self.names = names
        self.answered = _names_of_answers(self.nodes)

    def differ(self) -> bool:
        return any(
            self._differs(node) if isinstance(node, ir.If) else self._chooses(node)
            for node in self.nodes
            if isinstance(node, (ir.If, ir.Conditional)) and self._asks(node)
        )

    def _asks(self, node: ir.If | ir.Conditional) -> bool:
        return node.span.line in self.lines or any(
            isinstance(one, ir.Name) and one.id in self.names for one in expressions_in([node.test])
        )

    def _differs(self, node: ir.If) -> bool:
        decided = node.span.line in self.lines
        guest = self._value(node.test, decided=decided, guest=True)
        user = self._value(node.test, decided=decided, guest=False)
        for_guests: Sequence[ir.Statement] = ()
        for_users: Sequence[ir.Statement] = ()
        if guest is False:
            for_users, for_guests = node.body, node.orelse
        elif guest is True or user is False:
            for_guests, for_users = node.body, node.orelse if guest is True else ()
        return (
            any(isinstance(one, (ir.Return, ir.Raise)) for one in for_guests)
            or any(isinstance(one, ir.Return) for one in for_users)
            or any(map(self._narrows, expressions_in(for_guests)))
            or any(map(self._replaces, expressions_in(for_users)))
        )

    def _narrows(self, statement: ir.Node) -> bool:
        """What is set for guests alone goes into a read, or is an answer that is read for them."""
        if isinstance(statement, ir.ExpressionStatement) and is_logging(statement):
            return False
        for name, value in _changed(statement):
            if self._goes_into_read(name) or (name in self.answered and self._is_read(value)):
                return True
        return False

    def _replaces(self, statement: ir.Node) -> bool:
        """Guests keep what was there before: users get a read of another kind, and no part of that of guests."""
        if not isinstance(statement, (ir.Assign, ir.AnnotatedAssign)):
            return False
        for name, value in _changed(statement):
            if any(isinstance(one, ir.Name) and one.id == name for one in expressions_in([value])):
                continue
            others = [v for node in self.nodes for n, v in _changed(node) if n == name and v is not value]
            if others and (
                self._goes_into_read(name) or (name in self.answered and any(map(self._is_read, others)))
            ):
                return True
        return False

    def _chooses(self, node: ir.Conditional) -> bool:
        """``rows = mine(user) if user else open_ones()``, and a choice that a read is given."""
        if self._is_read(node.body) or self._is_read(node.orelse):
            return True
        within = id(node)
        for one in self.nodes:
            if isinstance(one, ir.Call) and id(one) in self.reads:
                if any(id(part) == within for part in expressions_in([one])):
                    return True
        return any(
            self._goes_into_read(name)
            for statement in self.nodes
            for name, value in _changed(statement)
            if any(id(part) == within for part in expressions_in([value]))
        )

    def _goes_into_read(self, name: str) -> bool:
        """A call that reads rows is given what has this name, or what is made of it."""
        names = {name}
        for _ in range(len(self.nodes)):
            more = {
                n
                for node in self.nodes
                for n, value in _changed(node)
                if n not in names and any(_is_name(one, names) for one in expressions_in([value]))
            }
            if not more:
                break
            names |= more
        return any(
            any(_is_name(part, names) for part in expressions_in([one]))
            for one in self.nodes
            if isinstance(one, ir.Call) and id(one) in self.reads
        )

    def _is_read(self, value: ir.Expression) -> bool:
        """It reads rows, or is nothing at all in their place."""
        if isinstance(value, (ir.ListDisplay, ir.TupleDisplay)) and not value.items:
            return True
        return any(id(one) in self.reads for one in expressions_in([value]))

    def _value(self, test: ir.Expression, *, decided: bool, guest: bool) -> bool | None:
        """What a test gives for a guest, or for a user; ``None`` if that depends on more."""
        match test:
            case ir.UnaryOperation(operator="not", value=operand):
                found = self._value(operand, decided=decided, guest=guest)
                return None if found is None else not found
            case ir.BooleanOperation(operator=operator, values=values):
                found_all = [self._value(one, decided=decided, guest=guest) for one in values]
                if operator == "and":
                    return False if False in found_all else None if None in found_all else True
                return True if True in found_all else None if None in found_all else False
            case ir.Comparison(left=left, operators=[operator], rights=[ir.Constant(value=None)]):
                found = self._value(left, decided=decided, guest=guest)
                return None if found is None else found is (operator in ("is not", "!="))
        names = {one.id for one in expressions_in([test]) if isinstance(one, ir.Name)}
        if isinstance(test, ir.Comparison):
            return False if guest and (decided or names & self.names) else None
        if isinstance(test, ir.Name):
            return not guest if decided or test.id in self.names else None
        return False if guest and (decided or names & self.names) else None


def _changed(node: ir.Node) -> Iterator[tuple[str, ir.Expression]]:
    """The names that a statement binds or changes, and what they are given."""
    match node:
        case ir.Assign(targets=targets, value=value):
            for target in targets:
                yield from ((name, value) for name in _bound(target))
        case ir.AnnotatedAssign(target=ir.Name(id=name), value=value) if value is not None:
            yield name, value
        case ir.AugmentedAssign(target=ir.Name(id=name), value=value):
            yield name, value
        case ir.ExpressionStatement(value=ir.Call(function=ir.Attribute(value=ir.Name(id=name))) as call):
            yield name, call


def _is_name(node: ir.Node, names: set[str]) -> bool:
    return isinstance(node, ir.Name) and node.id in names


def _reading(trace: Trace, reader: RowReader) -> set[int]:
    """The calls of a run that read rows, by their nodes: those of a library, and what leads to them."""
    found: set[int] = set()
    places: set[Place] = set()
    for event in trace.calls:
        method = event.node.function.name if isinstance(event.node.function, ir.Attribute) else ""
        for callee in alternatives(event.callee):
            is_store = isinstance(callee, External) and reader.is_store(callee.name)
            if is_store or (isinstance(callee, Unknown) and not method.startswith(("info", "debug", "log"))):
                found.add(id(event.node))
                places.update(place for place, _ in event.calls)
    found.update(id(event.node) for event in trace.calls if event.place in places)
    return found


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
    _, expressions = _answers(nodes)
    return {
        id(node) for answer in expressions for node in expressions_in([answer]) if isinstance(node, ir.Call)
    }


def _names_of_answers(nodes: list[ir.Node]) -> set[str]:
    names, _ = _answers(nodes)
    return names


def _answers(nodes: list[ir.Node]) -> tuple[set[str], list[ir.Expression]]:
    """The names that answers are made of, and the expressions that they, and those names, stand for."""
    answers = [node.value for node in nodes if isinstance(node, ir.Return) and node.value is not None]
    names: set[str] = set()
    found: list[ir.Expression] = []
    while answers:
        answer = answers.pop()
        found.append(answer)
        for node in expressions_in([answer]):
            if isinstance(node, ir.Name) and node.id not in names:
                names.add(node.id)
                answers += [
                    one.value
                    for one in nodes
                    if isinstance(one, ir.Assign) and any(node.id in _bound(t) for t in one.targets)
                ]
    return names, found


def _bound(target: ir.Expression) -> list[str]:
    return [node.id for node in expressions_in([target]) if isinstance(node, ir.Name)]


def _may_be_nothing(outcome: Outcome) -> bool:
    return any(
        isinstance(one, Absent) or (isinstance(one, Constant) and not one.value)
        for one in alternatives(outcome.value)
    )
