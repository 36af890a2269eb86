"""tree-sitter's tree of a file: quick to make, and there whatever is wrong with the file."""

from __future__ import annotations

import re
from functools import lru_cache

import tree_sitter
import tree_sitter_python


@lru_cache(maxsize=1)
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_python.language()))


def parse_tree(data: bytes) -> tree_sitter.Tree:
    """tree-sitter's tree of UTF-8 text; it has error nodes where the grammar is broken."""
    return _parser().parse(data)


# Statements of Python 2 that tree-sitter reads and libcst rejects.
_python_2 = re.compile(
    rb"^[ \t]*(?:print[ \t]+[\w\"'{]|exec[ \t]+[\w\"']|raise[ \t]+[\w.]+[ \t]*,)", re.MULTILINE
)


def sound_tree(data: bytes) -> tree_sitter.Tree | None:
    """The tree of UTF-8 text if libcst very likely sees the same code, else ``None``."""
    # tree-sitter ends no line at a carriage return and no indentation at a form feed.
    if data.count(b"\r") != data.count(b"\r\n") or b"\f" in data or _python_2.search(data):
        return None
    tree = parse_tree(data)
    return None if tree.root_node.has_error else tree


def is_sound(data: bytes) -> bool:
    """Whether tree-sitter reads UTF-8 text, and libcst very likely does."""
    return sound_tree(data) is not None
