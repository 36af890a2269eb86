"""Which lines of the project take part in answering: the handler's, and those of its dependencies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backend_gate.backend.dependencies import Dependency, handler_function
from backend_gate.backend.library_models import is_library
from backend_gate.backend.model import ErrorBranch, FunctionCode, Place
from backend_gate.backend.modules import ModuleTable
from backend_gate.backend.values import Class, Function, Instance, Value
from backend_gate.facts import model as ir

_STATUS_NAME = "HTTP_"
_STATUSES = range(100, 600)


class CodeFinder:
    """Finds the code of endpoints; each function is looked at once."""

    def __init__(self, modules: ModuleTable) -> None:
        self._modules = modules
        self._known: dict[Place, FunctionCode | None] = {}

    def find(
        self, name: str, handler: Function | None, dependencies: Iterable[Dependency]
    ) -> list[FunctionCode]:
        """The handler's code, if it is the project's, then that of the dependencies, by name and place."""
        own = self._code(name, handler)
        found = {own.place: own} if own is not None else {}
        others: dict[Place, FunctionCode] = {}
        for node in dependencies:
            code = self._code(node.name, _called(node.value))
            if code is not None and code.place not in found:
                others[code.place] = code
        return [*found.values(), *sorted(others.values(), key=lambda code: (code.name, code.place))]

    def _code(self, name: str, function: Function | None) -> FunctionCode | None:
        if function is None or not isinstance(function.node, ir.FunctionDef):
            return None
        place = Place(function.module.path, function.node.span)
        if is_library(place):
            return None
        if place not in self._known:
            self._known[place] = self._look(name, place, function.node)
        return self._known[place]

    def _look(self, name: str, place: Place, node: ir.FunctionDef) -> FunctionCode:
        body = self._modules.body(place.file, node)
        if body and _is_docstring(body[0]):
            body = body[1:]
        statements = list(_statements(body))
        return FunctionCode(
            name=name,
            place=place,
            lines=tuple(sorted({statement.span.line for statement in statements})),
            starts=tuple(sorted({node.span.line, node.definition.line})),
            errors=tuple(sorted(set(_errors(place.file, statements)))),
        )


def _called(value: Value) -> Function | None:
    """The function that runs when a dependency is called: of an instance its ``__call__``."""
    if isinstance(value, Instance) and isinstance(value.cls, Class):
        for base in value.cls.mro():
            if isinstance(base, Class) and isinstance(found := base.scope.names.get("__call__"), Function):
                return found
        return None
    return handler_function(value)


def _is_docstring(statement: ir.Statement) -> bool:
    return (
        isinstance(statement, ir.ExpressionStatement)
        and isinstance(statement.value, ir.Constant)
        and isinstance(statement.value.value, str)
    )


def _statements(block: Iterable[ir.Statement]) -> Iterator[ir.Statement]:
    """All statements of a body, also those inside others, but not what functions and classes in it hold."""
    for statement in block:
        yield statement
        for inner in _blocks(statement):
            yield from _statements(inner)


def _blocks(statement: ir.Statement) -> Iterator[list[ir.Statement]]:
    match statement:
        case ir.If() | ir.For() | ir.While():
            yield statement.body
            yield statement.orelse
        case ir.With():
            yield statement.body
        case ir.Try():
            yield statement.body
            for handler in statement.handlers:
                yield handler.body
            yield statement.orelse
            yield statement.finalbody
        case ir.Match():
            for case in statement.cases:
                yield case.body


def _errors(file: str, statements: Iterable[ir.Statement]) -> Iterator[ErrorBranch]:
    for statement in statements:
        if (value := _raises(statement)) is not None:
            raised = value.function if isinstance(value, ir.Call) else value
            yield ErrorBranch(Place(file, statement.span), f"raises {_name(raised)}", _status(value))
        elif isinstance(statement, ir.Try):
            for handler in statement.handlers:
                if handler.body and _raises(handler.body[0]) is None:  # what raises has told of itself
                    caught = _name(handler.type) if handler.type is not None else "everything"
                    yield ErrorBranch(Place(file, handler.body[0].span), f"answers {caught}")


def _raises(statement: ir.Statement) -> ir.Expression | None:
    """What a statement raises anew."""
    return statement.value if isinstance(statement, ir.Raise) else None


def _status(value: ir.Expression) -> int | None:
    """The status in ``HTTPException(404, …)`` or ``HTTPException(status_code=status.HTTP_404_NOT_FOUND)``."""
    if not isinstance(value, ir.Call):
        return None
    for number, argument in enumerate(value.arguments):
        if argument.name == "status_code" or (argument.name is None and number == 0):
            return _number(argument.value)
    return None


def _number(value: ir.Expression) -> int | None:
    if isinstance(value, ir.Constant) and isinstance(value.value, int) and value.value in _STATUSES:
        return value.value
    if isinstance(value, ir.Attribute):
        digits = "".join(character for character in value.name if character.isdigit())[:3]
        if value.name.startswith(_STATUS_NAME) and digits:
            return int(digits)
    return None


def _name(expression: ir.Expression) -> str:
    match expression:
        case ir.Name():
            return expression.id
        case ir.Attribute():
            return expression.name
        case ir.TupleDisplay():
            return " or ".join(_name(item) for item in expression.items)
    return "an exception"
