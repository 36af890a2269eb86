"""What a function does with one of its parameters: tests it, hands it on, only reads parts of it, or nothing.

The body is read, and the calls that a run of it has recorded tell which functions it hands the parameter to; these
are read as well. A test counts wherever it stands: that it is the right one is for others to say.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from backend_gate.backend.trace import CallEvent
from backend_gate.backend.values import BoundMethod, Function, alternatives
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter

MAX_DEPTH = 4
_PASSED_THROUGH = ir.Await | ir.Starred


class Treatment(enum.Flag):
    """All that happens to a value; nothing at all: it is not used."""

    NONE = 0
    TESTED = enum.auto()
    """It, or a part of it, decides something."""
    READ = enum.auto()
    """A part of it is read, so that nothing but a real object will do."""
    HANDED = enum.auto()
    """It is given to a call of which the body is not known, or kept somewhere."""
    PART_HANDED = enum.auto()
    """The same of a part of it."""
    CALLED = enum.auto()
    """A method of it, or of a part of it, is called."""
    RETURNED = enum.auto()
    """It, or a part of it, is what the function returns."""


class Treatments:
    """Reads functions for what they do with their parameters. ``interpreter`` knows their bodies."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter

    def of(self, function: Function, parameter: str, calls: Sequence[CallEvent]) -> Treatment:
        """What ``function`` and those that it hands ``parameter`` to do with it.

        ``calls`` are what a run of it has recorded. A parameter that it does not have by this name was handed on.
        """
        events: dict[int, list[CallEvent]] = {}
        for event in calls:
            events.setdefault(id(event.node), []).append(event)
        return self._of(function, parameter, events, set(), 0)

    def _of(
        self,
        function: Function,
        parameter: str,
        events: dict[int, list[CallEvent]],
        seen: set[tuple[int, str]],
        depth: int,
    ) -> Treatment:
        node = function.node
        if not any(p.name == parameter for p in node.parameters) or depth > MAX_DEPTH:
            return Treatment.HANDED
        if (id(node), parameter) in seen:
            return Treatment.NONE
        seen.add((id(node), parameter))
        block: Sequence[ir.Node] = (
            [node.body]
            if isinstance(node, ir.Lambda)
            else self.interpreter.modules.body(function.module.path, node)
        )
        found = Treatment.NONE
        nodes = list(expressions_in(block))  # once: the body of a function inside is decoded anew each time
        tested = {id(one) for test in _tests(nodes) for one in expressions_in([test])}
        words = {id(n) for one in nodes if _is_scheme(one) for n in expressions_in([one])}
        explained: set[int] = set()
        for one in nodes:
            if isinstance(one, ir.Return) and one.value is not None:
                name, is_part = _rooted(one.value, parameter)
                if name is not None:
                    explained.add(id(name))
                    found |= Treatment.RETURNED | (Treatment.READ if is_part else Treatment.NONE)
                    continue
                below = list(expressions_in([one.value]))
                if not any(isinstance(n, (ir.Call, ir.Lambda)) for n in below):  # as a part of an answer
                    within = {id(n) for n in below if _is(n, parameter)}
                    explained |= within
                    found |= Treatment.RETURNED if within else Treatment.NONE
            elif isinstance(one, ir.Call):
                if isinstance(one.function, ir.Attribute):
                    root = _rooted(one.function, parameter)[0]
                    if root is not None and id(root) not in words:
                        found |= Treatment.CALLED
                for position, argument in enumerate(one.arguments):
                    name, is_part = _rooted(argument.value, parameter)
                    if name is None or id(name) in tested:
                        continue
                    explained.add(id(name))
                    if is_part:
                        found |= Treatment.PART_HANDED | Treatment.READ
                    else:
                        found |= self._handed(one, argument, position, events, seen, depth)
            elif isinstance(one, (ir.Attribute, ir.Subscript)) and _is(one.value, parameter):
                explained.add(id(one.value))
                found |= Treatment.READ
            elif isinstance(one, ir.Name) and one.id == parameter:
                if id(one) in words:
                    found |= Treatment.READ
                elif id(one) in tested:
                    found |= Treatment.TESTED
                elif id(one) not in explained:
                    found |= Treatment.HANDED
        return found

    def _handed(
        self,
        call: ir.Call,
        argument: ir.Argument,
        position: int,
        events: dict[int, list[CallEvent]],
        seen: set[tuple[int, str]],
        depth: int,
    ) -> Treatment:
        found = Treatment.NONE
        known = [callee for event in events.get(id(call), []) for callee in alternatives(event.callee)]
        for callee in known:
            function = callee.function if isinstance(callee, BoundMethod) else callee
            name = parameter_of(callee, argument, position) if isinstance(function, Function) else None
            if name is None or not isinstance(function, Function):
                found |= Treatment.HANDED
            else:
                found |= self._of(function, name, events, seen, depth + 1)
        return found if known else Treatment.HANDED


def parameter_of(callee: object, argument: ir.Argument, position: int) -> str | None:
    """The parameter of a function that an argument fills; ``None`` where that is not plain to see."""
    function = callee.function if isinstance(callee, BoundMethod) else callee
    if not isinstance(function, Function) or argument.star:
        return None
    parameters = [p for p in function.node.parameters if p.kind in ("positional", "normal", "keyword")]
    if argument.name is not None:
        return argument.name if any(p.name == argument.name for p in parameters) else None
    index = position + isinstance(callee, BoundMethod)
    return parameters[index].name if index < len(parameters) else None


def _is_scheme(node: ir.Node) -> bool:
    """``credentials.scheme``: the word before a credential, which says nothing of its worth."""
    return isinstance(node, ir.Attribute) and node.name == "scheme"


def _tests(nodes: Sequence[ir.Node]) -> Iterator[ir.Node]:
    """The expressions among ``nodes`` that decide something."""
    for node in nodes:
        match node:
            case ir.If(test=test) | ir.While(test=test) | ir.Assert(test=test) | ir.Conditional(test=test):
                yield test
            case ir.BooleanOperation() | ir.Comparison() | ir.UnaryOperation(operator="not"):
                yield node
            case ir.Match(subject=subject):
                yield subject
            case ir.For(iterable=iterable):
                yield iterable
            case ir.Comprehension(generators=generators):
                for generator in generators:
                    yield generator.iterable
                    yield from generator.conditions


def _rooted(node: ir.Node, parameter: str) -> tuple[ir.Name | None, bool]:
    """The name of the parameter that an expression is, or a part of, and whether it is a part."""
    is_part = False
    while True:
        if isinstance(node, _PASSED_THROUGH):
            node = node.value
        elif isinstance(node, (ir.Attribute, ir.Subscript)):
            node, is_part = node.value, True
        elif isinstance(node, ir.Call) and isinstance(node.function, ir.Attribute):
            node, is_part = node.function, True
        else:
            break
    return (node, is_part) if isinstance(node, ir.Name) and node.id == parameter else (None, False)


def _is(node: ir.Node, parameter: str) -> bool:
    return isinstance(node, ir.Name) and node.id == parameter
