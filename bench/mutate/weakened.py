"""Weaken a guard where it stands: empty it, drop its denials, swallow what fails, open it while a secret is unset."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

import libcst as cst

from bench.mutate.guards import Labels, only_guards, public_by_nature
from bench.mutate.model import Endpoint, Mutant, Operator
from bench.mutate.source import Definition, Module, Sources, last_name

_OPEN = 'import os\nif not os.environ.get("API_SECRET_KEY"):\n    return None\n'
_DEPTH = 3
_BUDGET = 60

Found = tuple[str, cst.CSTNode, cst.CSTNode]
"""What an edit does, the node and what stands there instead."""


def weakened_mutants(
    sources: Sources, endpoints: Sequence[Endpoint], labels: Labels, rng: random.Random, operator: Operator
) -> Iterator[Mutant]:
    """Guards of which some endpoint has no other one of the backend's own, in random order, each once."""
    order = list(endpoints)
    rng.shuffle(order)
    seen: set[str] = set()
    for endpoint in order:
        name = sole_guard(sources, only_guards(endpoint, labels))
        if name is None or name in seen or public_by_nature(endpoint["path"]):
            continue
        seen.add(name)
        place = _function(sources, name)
        found = _EDITS[operator](sources, *place) if place is not None else None
        if place is not None and found is not None:
            module, function = place
            what, node, replacement = found
            yield Mutant(
                operator,
                module.file,
                module.line(node),
                function.qualname,
                f"{what} in {name}",
                node,
                replacement,
                frozenset({name}),
            )


def sole_guard(sources: Sources, names: frozenset[str]) -> str | None:
    """The one guard among ``names`` that the backend defines itself; ``None`` if there are more, or none.

    What it leaves to the framework's own schemes they go on asking for: a credential, whatever it is worth.
    """
    own = [name for name in names if name in sources.defined]
    return own[0] if len(own) == 1 else None


def _function(sources: Sources, name: str) -> tuple[Module, Definition] | None:
    """The plain function of that name, if there is one and nothing else is called so."""
    found: list[tuple[Module, Definition]] = []
    for file, text in sources.texts.items():
        module = sources.module(file) if f"def {name}" in text or f"class {name}" in text else None
        found += [(module, d) for d in module.named(name)] if module is not None else []
    if len(found) != 1:
        return None
    module, definition = found[0]
    node = definition.node
    if not isinstance(node, cst.FunctionDef) or not isinstance(node.body, cst.IndentedBlock):
        return None
    inner = list(_nodes(node.body))
    return None if any(isinstance(n, cst.FunctionDef | cst.Yield) for n in inner) else (module, definition)


def _emptied(_: Sources, __: Module, function: Definition) -> Found | None:
    return "the body emptied", function.node.body, _suite(function, "return None\n")


def _undenied(sources: Sources, module: Module, function: Definition) -> Found | None:
    """Every ``raise`` gives nobody instead. Not where functions that it calls could deny as well."""
    if not any(isinstance(n, cst.Raise) for n in _nodes(function.node.body)):
        return None
    if _raises_below(sources, module, function):
        return None
    return "the denials dropped", function.node.body, _without_raises(function.node.body)


def _swallowed(_: Sources, __: Module, function: Definition) -> Found | None:
    """The first clause that denies is for everything, and lets nobody in particular through."""
    for node in _nodes(function.node.body):
        if not isinstance(node, cst.Try) or len(node.handlers) != 1:
            continue
        handler = node.handlers[0]
        if any(isinstance(n, cst.Raise) for n in _nodes(handler.body)):
            broad = cst.ExceptHandler(
                type=cst.Name("Exception"),
                whitespace_after_except=cst.SimpleWhitespace(" "),
                body=cst.IndentedBlock(cst.parse_module("return None\n").body),
            )
            return "the clause widened and its raise dropped", handler, broad
    return None


def _opened(_: Sources, __: Module, function: Definition) -> Found | None:
    return "the guard open while a secret is not set", function.node.body, _suite(function, _OPEN, keep=True)


_EDITS: dict[Operator, Callable[[Sources, Module, Definition], Found | None]] = {
    Operator.EMPTIED: _emptied,
    Operator.UNDENIED: _undenied,
    Operator.SWALLOWED: _swallowed,
    Operator.OPENED: _opened,
}


def _suite(function: Definition, text: str, *, keep: bool = False) -> cst.BaseSuite:
    """The body with ``text`` instead of its statements, or in front of them."""
    body = function.node.body
    if not isinstance(body, cst.IndentedBlock):
        raise TypeError("a function with a block was expected")
    new = list(cst.parse_module(text).body)
    doc = 1 if function.node.get_docstring() is not None else 0
    return body.with_changes(body=[*body.body[:doc], *new, *body.body[doc:]] if keep else new)


class _Dropped(cst.CSTTransformer):
    """Gives nothing where it was raised."""

    def on_leave(
        self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT
    ) -> cst.CSTNodeT | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNodeT]:
        if isinstance(original_node, cst.Raise):
            return cst.Return(cst.Name("None"))  # type: ignore[return-value]  # a statement for a statement
        return updated_node


def _without_raises(body: cst.BaseSuite) -> cst.BaseSuite:
    changed = body.visit(_Dropped())
    if not isinstance(changed, cst.BaseSuite):
        raise TypeError("a block was expected")
    return changed


def _nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """All nodes below, in source order."""
    for child in node.children:
        yield child
        yield from _nodes(child)


def _callees(sources: Sources, module: Module, function: Definition) -> Iterator[tuple[Module, Definition]]:
    for node in _nodes(function.node.body):
        name = last_name(node) if isinstance(node, cst.Call) else ""
        for file, bound in sources.homes(module.file, name) if name else ():
            there = sources.module(file)
            for definition in there.named(bound) if there else ():
                if there is not None and isinstance(definition.node, cst.FunctionDef):
                    yield there, definition


def _raises_below(sources: Sources, module: Module, function: Definition) -> bool:
    """Whether something that it calls raises, by name and to a depth; also where there is too much to look at."""
    todo = [(there, callee, 1) for there, callee in _callees(sources, module, function)]
    seen: set[tuple[str, str]] = set()
    for there, callee, depth in todo:
        key = (there.file, callee.qualname)
        if key in seen:
            continue
        seen.add(key)
        if len(seen) > _BUDGET or any(isinstance(n, cst.Raise) for n in _nodes(callee.node.body)):
            return True
        if depth < _DEPTH:
            todo += [(m, d, depth + 1) for m, d in _callees(sources, there, callee)]
    return False
