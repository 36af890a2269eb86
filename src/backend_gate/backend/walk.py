"""Walking the intermediate form: every expression of a block, nested functions included or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

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
        if isinstance(node, list | tuple):
            pending += reversed(node)
            continue
        if not isinstance(node, msgspec.Struct) or isinstance(node, ir.Span):
            continue
        if isinstance(node, ir.Node):
            yield node
        if isinstance(node, ir.FunctionDef):
            if not into_functions:
                pending += [*reversed(node.decorators)]
                continue
            children: list[Any] = [node.decorators, node.parameters]
            if body_of is not None:
                children.append(body_of(node))
            elif ir.is_read(node):
                children.append(ir.decode_block(node.body))
            else:
                raise ValueError(f"the body of {node.name} was left out")
            pending += reversed(children)
            continue
        pending += [getattr(node, name) for name in reversed(node.__struct_fields__) if name != "span"]
