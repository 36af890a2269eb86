"""Drop what a handler does about a failure: the test after a lookup, the ``raise`` of a clause, a ``raise`` that a
registered handler waits for."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

import libcst as cst

from bench.mutate.handlers import registered
from bench.mutate.model import Endpoint, Mutant, Operator
from bench.mutate.source import Definition, Module, Sources, last_name

_PLACEHOLDER = re.compile(r"{(\w+)")
_LOOKUPS = frozenset(
    {"get", "first", "one_or_none", "scalar_one_or_none", "get_or_none", "find_one", "fetch_one", "fetchone"}
)


def lookup_mutants(sources: Sources, endpoints: Sequence[Endpoint], rng: random.Random) -> Iterator[Mutant]:
    """``if row is None: raise …`` after a lookup by what the path names, where a part of the row is read later."""
    for module, function, route in _handlers(sources, endpoints, rng):
        given = set(_PLACEHOLDER.findall(route))
        for block in (n for n in _nodes(function.node) if isinstance(n, cst.IndentedBlock)):
            for number, (first, second) in enumerate(zip(block.body, block.body[1:], strict=False)):
                name = _looked_up(first, given)
                if name is None or not _denies(second, name):
                    continue
                rest = block.body[number + 2 :]
                if any(_takes(statement, name) for statement in rest):
                    yield Mutant(
                        Operator.LOOKUP,
                        module.file,
                        module.line(second),
                        function.qualname,
                        f"the test of {name} dropped in {route}",
                        second,
                        cst.RemoveFromParent(),
                    )
                    break


def clause_mutants(sources: Sources, endpoints: Sequence[Endpoint], rng: random.Random) -> Iterator[Mutant]:
    """The one clause of a ``try`` in a handler, which raises: for everything now, and quiet."""
    for module, function, route in _handlers(sources, endpoints, rng):
        for node in _nodes(function.node.body):
            if not isinstance(node, cst.Try) or len(node.handlers) != 1:
                continue
            handler = node.handlers[0]
            if not any(isinstance(n, cst.Raise) for n in _nodes(handler.body)):
                continue
            quiet = cst.ExceptHandler(
                type=cst.Name("Exception"),
                whitespace_after_except=cst.SimpleWhitespace(" "),
                body=cst.IndentedBlock([cst.SimpleStatementLine([cst.Pass()])]),
            )
            yield Mutant(
                Operator.CLAUSE,
                module.file,
                module.line(handler),
                function.qualname,
                f"the clause widened and its raise dropped in {route}",
                handler,
                quiet,
            )
            break


def raise_mutants(sources: Sources, rng: random.Random) -> Iterator[Mutant]:
    """The only ``raise`` of an exception that a handler is registered for."""
    names = sorted(registered(sources))
    rng.shuffle(names)
    for name in names:
        if any(name in sources.ancestry(other) for other in sources.bases if other != name):
            continue
        calls = [
            (module, site.node)
            for file, text in sources.texts.items()
            if f"{name}(" in text and not _is_test(file)
            for module in [sources.module(file)]
            if module is not None
            for site in module.calls
            if last_name(site.node) == name
        ]
        if len(calls) != 1 or _mentions_by_value(sources, name):
            continue
        module, call = calls[0]
        around = module.at(module.line(call))
        if around is None or not any(isinstance(n, cst.Raise) and n.exc is call for n in _nodes(around.node)):
            continue
        yield Mutant(
            Operator.UNRAISED,
            module.file,
            module.line(call),
            around.qualname,
            f"{name}, which has a handler, raised no more",
            call,
            cst.parse_expression("RuntimeError()"),
            frozenset({name}),
        )


def _mentions_by_value(sources: Sources, name: str) -> bool:
    """The class goes somewhere as a value, from where it may be raised as well."""
    return any(
        any(last_name(argument.value) == name for argument in site.node.args)
        for file, text in sources.texts.items()
        if name in text and not _is_test(file)
        for module in [sources.module(file)]
        if module is not None
        for site in module.calls
        if last_name(site.node) not in ("exception_handler", "add_exception_handler", "isinstance")
    )


def _is_test(file: str) -> bool:
    return "test" in file


def _handlers(
    sources: Sources, endpoints: Sequence[Endpoint], rng: random.Random
) -> Iterator[tuple[Module, Definition, str]]:
    order = list(endpoints)
    rng.shuffle(order)
    seen: set[tuple[str, int]] = set()
    for endpoint in order:
        place = (endpoint["file"], endpoint["line"])
        if place in seen:
            continue
        seen.add(place)
        module = sources.module(endpoint["file"])
        function = module.function(endpoint["line"]) if module else None
        if module is not None and function is not None:
            yield module, function, f"{'|'.join(endpoint['methods'])} {endpoint['path']}"


def _nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    for child in node.children:
        yield child
        yield from _nodes(child)


def _looked_up(statement: cst.CSTNode, given: set[str]) -> str | None:
    """The name that a statement binds to a row that it looks up by one of ``given``."""
    match statement:
        case cst.SimpleStatementLine(
            body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value)]
        ):
            call = value.expression if isinstance(value, cst.Await) else value
            if isinstance(call, cst.Call) and last_name(call.func) in _LOOKUPS and _is_query(call):
                calls = [call, *(n for n in _nodes(call) if isinstance(n, cst.Call))]
                names = {n.value for c in calls for a in c.args for n in _nodes(a) if isinstance(n, cst.Name)}
                return str(name) if names & given else None
    return None


def _is_query(call: cst.Call) -> bool:
    """No ``get`` of a dict: a class is looked up, or a chain of calls is."""
    if last_name(call.func) != "get":
        return True
    first = call.args[0].value if len(call.args) > 1 else None
    return isinstance(first, cst.Name) and first.value[:1].isupper()


def _denies(statement: cst.CSTNode, name: str) -> bool:
    """``if not name: raise …``, ``if name is None: raise …``"""
    if not isinstance(statement, cst.If) or statement.orelse is not None:
        return False
    match statement.test:
        case cst.UnaryOperation(operator=cst.Not(), expression=cst.Name(value=tested)):
            pass
        case cst.Comparison(
            left=cst.Name(value=tested),
            comparisons=[cst.ComparisonTarget(operator=cst.Is(), comparator=cst.Name(value="None"))],
        ):
            pass
        case _:
            return False
    match statement.body:
        case cst.IndentedBlock(body=[*_, cst.SimpleStatementLine(body=[cst.Raise()])]):
            return bool(tested == name)
    return False


def _takes(statement: cst.CSTNode, name: str) -> bool:
    return any(
        isinstance(n, cst.Attribute | cst.Subscript)
        and isinstance(n.value, cst.Name)
        and n.value.value == name
        for n in _nodes(statement)
    )
