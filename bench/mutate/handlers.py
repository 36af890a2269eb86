"""Drop an exception handler that turned an exception of the backend into a response."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import libcst as cst

from bench.mutate import wiring
from bench.mutate.model import Endpoint, Mutant, Operator
from bench.mutate.source import Definition, Module, Sources, last_name

_HTTP = frozenset({"HTTPException", "StarletteHTTPException", "RequestValidationError", "WebSocketException"})
_GENERIC = frozenset({"Exception", "BaseException"})
_DEPTH = 6
# Functions looked at per exception before the search is given up (the mutant is then left out).
_BUDGET = 1500


def handler_mutants(sources: Sources, endpoints: Sequence[Endpoint], rng: random.Random) -> Iterator[Mutant]:
    """Registered handlers of the backend's own exceptions, in random order.

    Only of exceptions that an endpoint raises, itself or by what it calls, where no handler of a base
    class is left: otherwise the backend answers as before.
    """
    sites = list(_registrations(sources))
    handled = frozenset(name for _, name, _, _ in sites)
    rng.shuffle(sites)
    for module, name, node, replacement in sites:
        family = frozenset(c for c in sources.bases if name in sources.ancestry(c))
        left = (handled - {name} - _GENERIC) | _HTTP
        bare = frozenset(c for c in family if not sources.ancestry(c) & left)
        if name not in bare:
            continue
        where = _raised_by(sources, endpoints, bare)
        if where is not None:
            around = module.at(module.line(node))
            yield Mutant(
                Operator.HANDLER,
                module.file,
                module.line(node),
                around.qualname if around else "",
                f"handler of {name} dropped, which {where} raises",
                node,
                replacement,
                bare,
            )


def registered(sources: Sources) -> frozenset[str]:
    """Simple names of the exceptions of the backend that a handler is registered for."""
    names = {name for _, name, _, _ in _registrations(sources)}
    return frozenset(name for name in names if name in sources.bases)


Site = tuple[Module, str, cst.CSTNode, cst.CSTNode | cst.RemovalSentinel]


def _registrations(sources: Sources) -> Iterator[Site]:
    """Where handlers are registered: module, exception, node to edit, what stands there instead."""
    for file, text in sources.texts.items():
        if "exception_handler" not in text:
            continue
        module = sources.module(file)
        if module is None:
            continue
        for definition in module.definitions:
            for decorator in definition.node.decorators:
                if isinstance(decorator.decorator, cst.Call) and _registers(decorator.decorator):
                    yield module, _exception(decorator.decorator), decorator, cst.RemoveFromParent()
        for site in module.calls:
            if last_name(site.node) == "add_exception_handler" and site.statement is not None:
                quiet = site.statement.with_changes(body=[cst.Pass()])
                yield module, _exception(site.node), site.statement, quiet
            table = wiring.keyword(site.node, "exception_handlers")
            if table is not None and isinstance(table.value, cst.Dict):
                yield from _entries(module, table.value)


def _entries(module: Module, table: cst.Dict) -> Iterator[Site]:
    for element in table.elements:
        if isinstance(element, cst.DictElement) and last_name(element.key):
            left = [e for e in table.elements if e is not element]
            yield module, last_name(element.key), table, table.with_changes(elements=left)


def _registers(call: cst.Call) -> bool:
    return isinstance(call.func, cst.Attribute) and call.func.attr.value == "exception_handler"


def _exception(call: cst.Call) -> str:
    return last_name(call.args[0].value) if call.args else ""


def _raised_by(sources: Sources, endpoints: Sequence[Endpoint], wanted: frozenset[str]) -> str | None:
    """The first handler found that lets one of these exceptions escape, followed by name and to a depth."""
    todo: list[tuple[Module, Definition, str, int]] = []
    for endpoint in endpoints:
        module = sources.module(endpoint["file"])
        function = module.function(endpoint["line"]) if module else None
        if module is not None and function is not None:
            todo.append((module, function, endpoint["handler"], 0))
    seen: set[tuple[str, str]] = set()
    for module, function, handler, depth in todo:
        if (module.file, function.qualname) in seen or len(seen) > _BUDGET:
            continue
        seen.add((module.file, function.qualname))
        raised, called = _escapes(sources, function, wanted)
        if raised:
            return handler
        if depth < _DEPTH:
            todo += [(m, d, handler, depth + 1) for m, d in _callees(sources, module, called)]
    return None


def _escapes(
    sources: Sources, function: Definition, wanted: frozenset[str]
) -> tuple[bool, list[cst.BaseExpression]]:
    """Whether the function itself lets a wanted exception escape, and what it calls outside of a ``try``
    that would catch it."""
    catching = frozenset().union(_GENERIC, *(sources.ancestry(name) for name in wanted))
    raised, called = False, list[cst.BaseExpression]()
    todo: list[cst.CSTNode] = [function.node.body]
    while todo:
        node = todo.pop()
        match node:
            case cst.FunctionDef() | cst.ClassDef() | cst.Lambda():
                continue
            case cst.Try(body=body, handlers=handlers):
                if any(_catches(h, catching) for h in handlers):
                    todo.extend(child for child in node.children if child is not body)
                    continue
            case cst.Raise(exc=cst.BaseExpression() as exc):
                raised = raised or last_name(exc) in wanted
            case cst.Call(func=func):
                called.append(func)
        todo.extend(node.children)
    return raised, called


def _catches(handler: cst.ExceptHandler, catching: frozenset[str]) -> bool:
    match handler.type:
        case None:
            return True
        case cst.Tuple(elements=elements):
            return any(last_name(e.value) in catching for e in elements)
        case kind:
            return last_name(kind) in catching


def _callees(
    sources: Sources, module: Module, called: Sequence[cst.BaseExpression]
) -> Iterator[tuple[Module, Definition]]:
    for func in called:
        name = last_name(func)
        for file, bound in sources.homes(module.file, name) if name else ():
            there = sources.module(file)
            for definition in there.named(bound) if there else ():
                if there is not None and isinstance(definition.node, cst.FunctionDef):
                    yield there, definition
