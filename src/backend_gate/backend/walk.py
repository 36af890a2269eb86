"""Walking the intermediate form: every expression of a block, nested functions included or not."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from backend_gate.facts import model as ir


def expressions_in(
    block: Sequence[ir.Node],
    *,
    into_functions: bool = True,
    body_of: Callable[[ir.FunctionDef], list[ir.Statement]] | None = None,
) -> Iterator[ir.Node]:
    """All nodes of a block, or of expressions, in source order; also of nested functions, unless told otherwise.

    ``body_of`` reads the body of a function that was left out: it is needed for a block of a module or class.

    Raises:
        ValueError: a body was left out and nobody can read it.
    """
    pending: list[Any] = list(reversed(block))
    while pending:
        node = pending.pop()
        kind = type(node)
        if kind is list or kind is tuple:
            pending.extend(reversed(node))
            continue
        fields = _FIELDS.get(kind)
        if fields is None:
            fields = _FIELDS[kind] = _fields_of(kind)
        if fields.is_node:
            yield node
            if kind is ir.FunctionDef:
                pending.extend(reversed(_parts_of(node, into_functions, body_of)))
                continue
        for name in fields.names:
            pending.append(getattr(node, name))  # noqa: PERF401  a list in between costs a tenth of all walking


class _Fields(NamedTuple):
    """The fields of a class that hold nodes, the last one first; ``is_node``: it is a node itself."""

    is_node: bool
    names: tuple[str, ...]


_FIELDS: dict[type, _Fields] = {}
_LEAVES = re.compile(r"\b(?:str|bool|int|float|bytes|None|list|Span|msgspec|Raw)\b|[\s|\[\].]")


def _fields_of(kind: type) -> _Fields:
    if not issubclass(kind, msgspec.Struct) or kind is ir.Span:
        return _Fields(False, ())
    declared: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        declared |= {name: str(text) for name, text in inspect.get_annotations(base).items()}
    names = [name for name in kind.__struct_fields__ if _LEAVES.sub("", declared[name])]
    return _Fields(issubclass(kind, ir.Node), tuple(reversed(names)))


def _parts_of(
    node: ir.FunctionDef, into_functions: bool, body_of: Callable[[ir.FunctionDef], list[ir.Statement]] | None
) -> list[Any]:
    if not into_functions:
        return [node.decorators]
    if body_of is not None:
        return [node.decorators, node.parameters, body_of(node)]
    if ir.is_read(node):
        return [node.decorators, node.parameters, ir.decode_block(node.body)]
    raise ValueError(f"the body of {node.name} was left out")


def names_bound_by(target: ir.Expression | None) -> Iterator[str]:
    """The names that an assignment to ``target`` binds: ``a, *b = …``."""
    match target:
        case ir.Name(id=name):
            yield name
        case ir.TupleDisplay(items=items) | ir.ListDisplay(items=items):
            for item in items:
                yield from names_bound_by(item)
        case ir.Starred(value=value):
            yield from names_bound_by(value)
