"""Dependency declarations of the framework, read by name: who depends on whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import libcst as cst

from bench.mutate.source import Definition, Module, Sources, dotted, last_name

_MARKERS = frozenset({"Depends", "Security"})
_ROUTES = frozenset(
    {"get", "post", "put", "patch", "delete", "head", "options", "trace", "api_route", "route", "websocket"}
)
Use = tuple[str, str]
"""A name and the file in which it is used: ``(file, name)``."""


def is_route(call: cst.Call) -> bool:
    """Whether a decorator's call registers a route, by its name (``router.get(…)``)."""
    return isinstance(call.func, cst.Attribute) and call.func.attr.value in _ROUTES


def keyword(call: cst.Call, name: str) -> cst.Arg | None:
    """The keyword argument of that name."""
    return next((a for a in call.args if a.keyword is not None and a.keyword.value == name), None)


def listed(call: cst.Call) -> cst.List | cst.Tuple | None:
    """The display that is passed as ``dependencies=``, if it is one."""
    argument = keyword(call, "dependencies")
    return argument.value if argument and isinstance(argument.value, cst.List | cst.Tuple) else None


def parameters(function: cst.FunctionDef) -> tuple[cst.Param, ...]:
    """All named parameters, in order."""
    p = function.params
    return (*p.posonly_params, *p.params, *p.kwonly_params)


def ended(arguments: Sequence[cst.Arg]) -> list[cst.Arg]:
    """Arguments without the comma after the last, for when the one behind it has gone."""
    if not arguments:
        return []
    return [*arguments[:-1], arguments[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)]


class Wiring:
    """What dependency expressions of one backend lead to."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._reach: dict[Use, frozenset[str]] = {}

    def reach(self, uses: Iterable[Use]) -> frozenset[str]:
        """Simple names of everything that a request passes through because of these dependencies."""
        return frozenset().union(*(self._reached(use) for use in uses))

    def _reached(self, use: Use) -> frozenset[str]:
        if use not in self._reach:
            seen: set[Use] = set()
            names: set[str] = set()
            todo = [use]
            while todo:
                file, name = current = todo.pop()
                names.add(name)
                if current in seen:
                    continue
                seen.add(current)
                for home, bound in self._sources.homes(file, name):
                    names.add(bound)
                    module = self._sources.module(home)
                    if module is not None:
                        todo += self._behind(module, bound)
            self._reach[use] = frozenset(names)
        return self._reach[use]

    def _behind(self, module: Module, name: str) -> Iterator[Use]:
        """What the definitions and bindings of ``name`` in its home depend on."""
        for definition in module.named(name):
            yield from self._of_definition(module, definition)
        for value in module.bindings.get(name, ()):
            if isinstance(value, cst.Call | cst.Name | cst.Attribute | cst.Subscript):
                yield from self.of_expression(module, value)

    def _of_definition(self, module: Module, definition: Definition) -> Iterator[Use]:
        # A factory's closures are dependencies as much as the factory, and so is what it hands through.
        for inner in module.definitions:
            if not f"{inner.qualname}.".startswith(f"{definition.qualname}."):
                continue
            if isinstance(inner.node, cst.FunctionDef):
                for parameter in parameters(inner.node):
                    yield from self.of_parameter(module, parameter)
        if isinstance(definition.node, cst.FunctionDef):
            for call in _returned_calls(definition.node.body):
                name = last_name(call)
                if name:
                    yield (module.file, name)

    def of_parameter(self, module: Module, parameter: cst.Param) -> list[Use]:
        """What the framework calls to fill a parameter; empty for parameters that are no dependency."""
        default = parameter.default
        annotation = parameter.annotation.annotation if parameter.annotation else None
        if isinstance(default, cst.Call) and last_name(default) in _MARKERS:
            if not default.args and annotation is not None:
                return [(module.file, last_name(annotation))]
            return self.of_expression(module, default)
        return [] if annotation is None else self._of_annotation(module, annotation)

    def _of_annotation(self, module: Module, annotation: cst.BaseExpression) -> list[Use]:
        match annotation:
            case cst.Subscript() if last_name(annotation) == "Annotated":
                return self.of_expression(module, annotation)
            case cst.BinaryOperation(left=left, right=right):
                return self._of_annotation(module, left) + self._of_annotation(module, right)
            case cst.Name() | cst.Attribute() | cst.Subscript():
                return [(module.file, last_name(annotation))] if self._is_alias(module, annotation) else []
        return []

    def _is_alias(self, module: Module, annotation: cst.BaseExpression) -> bool:
        """Whether an annotation is the name of an ``Annotated[…]``, possibly by way of another name."""
        todo, seen = [(module.file, last_name(annotation))], set[Use]()
        while todo:
            use = todo.pop()
            if use in seen:
                continue
            seen.add(use)
            for home, bound in self._sources.homes(*use):
                there = self._sources.module(home)
                for value in there.bindings.get(bound, ()) if there else ():
                    if isinstance(value, cst.Subscript) and last_name(value) == "Annotated":
                        return True
                    if isinstance(value, cst.Name | cst.Attribute | cst.Subscript):
                        todo.append((home, last_name(value)))
        return False

    def of_expression(self, module: Module, expression: cst.BaseExpression) -> list[Use]:
        """What an element of ``dependencies=``, a default or the value bound to a name leads to."""
        match expression:
            case cst.Call() if last_name(expression) in _MARKERS:
                first = next((a for a in expression.args if not a.keyword), keyword(expression, "dependency"))
                name = last_name(first.value) if first else ""
                return [(module.file, name)] if name else []
            case cst.Subscript() if last_name(expression) == "Annotated":
                found: list[Use] = []
                for element in expression.slice[1:]:
                    if isinstance(element.slice, cst.Index):
                        found += self.of_expression(module, element.slice.value)
                return found
            case cst.Call() | cst.Name() | cst.Attribute() | cst.Subscript():
                name = last_name(expression)
                return [(module.file, name)] if name else []
        return []


def _returned_calls(body: cst.BaseSuite) -> Iterator[cst.Call]:
    """Calls whose results a function returns, not those of functions inside it."""
    todo: list[cst.CSTNode] = [body]
    while todo:
        node = todo.pop()
        if isinstance(node, cst.Return) and isinstance(node.value, cst.Call):
            yield node.value
        if not isinstance(node, cst.FunctionDef | cst.ClassDef | cst.Lambda):
            todo.extend(node.children)


def path_argument(call: cst.Call) -> str | None:
    """The literal path of a route decorator, ``None`` if it is not written out."""
    first = next((a for a in call.args if a.keyword is None), keyword(call, "path"))
    value = first.value if first else None
    return str(value.evaluated_value) if isinstance(value, cst.SimpleString) else None


def route_decorators(function: cst.FunctionDef) -> list[cst.Call]:
    """Calls of the decorators that register the function as a route."""
    found = [d.decorator for d in function.decorators]
    return [d for d in found if isinstance(d, cst.Call) and is_route(d) and dotted(d)]
