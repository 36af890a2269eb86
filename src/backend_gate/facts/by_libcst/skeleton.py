"""A file without the bodies of functions that nobody asks for.

libcst builds a tree at some 20,000 lines a second, tree-sitter at 150,000. So tree-sitter finds the
bodies, libcst gets the file with most of them replaced by ``0``, and :mod:`backend_gate.facts.reader`
reads a body when it is asked for. Only the bodies of functions outside of any other function are
left out; what is nested in one that is read is read with it.

Wherever the two parsers may see different code, nothing is left out.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import tree_sitter

from backend_gate.facts.tree import sound_tree
from backend_gate.facts.words import mentions

# Statements whose blocks may hold functions, and what such blocks hang in.
_containers = frozenset(
    {
        "block",
        "case_clause",
        "class_definition",
        "decorated_definition",
        "elif_clause",
        "else_clause",
        "except_clause",
        "except_group_clause",
        "finally_clause",
        "for_statement",
        "if_statement",
        "match_statement",
        "try_statement",
        "while_statement",
        "with_statement",
    }
)
# A function that yields is told from one that does not by reading it.
_always = frozenset({"yield"})


class Skeleton(msgspec.Struct):
    """``text``: what is left for the parser. ``cuts``: where bodies stood in the whole text, from the
    offset of their first character to that behind their last, in characters."""

    text: str
    cuts: dict[int, int]


def skeleton(text: str, eager_words: frozenset[str]) -> Skeleton | None:
    """``text`` without the bodies that mention none of ``eager_words``; ``None`` if all has to be read."""
    data = text.encode()
    tree = sound_tree(data)
    if tree is None:
        return None
    words = eager_words | _always
    encoded = frozenset(word.encode() for word in words)
    cuts: dict[int, int] = {}
    parts: list[str] = []
    done = characters = 0
    for body in _bodies(tree.root_node):
        start, end = body
        if mentions(data[start:end], words, encoded):
            continue
        kept = data[done:start].decode()
        parts += kept, "0"
        characters += len(kept)
        cuts[characters] = characters = characters + len(data[start:end].decode())
        done = end
    if not cuts:
        return None
    parts.append(data[done:].decode())
    return Skeleton("".join(parts), cuts)


def _bodies(root: tree_sitter.Node) -> Iterator[tuple[int, int]]:
    """Start and end of the bodies of outermost functions, in bytes, in order, without comments around."""
    pending = [root]
    while pending:
        node = pending.pop()
        if node.type == "function_definition":
            body = node.child_by_field_name("body")
            first = _first(body) if body is not None else None
            # tree-sitter takes a function without a body; the parser will say what is wrong with it.
            if body is not None and first is not None:
                yield first.start_byte, _last(body).end_byte
        elif node.type in _containers or node is root:
            pending.extend(reversed(node.children))


def _first(block: tree_sitter.Node) -> tree_sitter.Node | None:
    return next((child for child in block.children if child.type != "comment"), None)


def _last(block: tree_sitter.Node) -> tree_sitter.Node:
    """The last token of a block; semicolons and comments behind it do not count."""
    node = block
    while True:
        inner = [child for child in node.children if child.type not in {"comment", ";"}]
        if not inner:
            return node
        node = inner[-1]
