"""Where and how a file breaks Python's grammar."""

from __future__ import annotations

import re

import libcst as cst
import tree_sitter

from backend_gate.facts.source import UnreadableError
from backend_gate.facts.tree import parse_tree

_parser_message = re.compile(r"parser error: error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_names = {"NEWLINE": "the end of the line", "INDENT": "an indented block", "EOF": "the end of the file"}


def syntax_error(text: str, problem: cst.ParserSyntaxError) -> UnreadableError:
    """libcst's complaint as something to tell the user, with the place.

    libcst's parser says where it stopped; its tokenizer does not, so there the place is tree-sitter's.
    """
    found = _parser_message.match(problem.message)
    if found is None:
        message = problem.message.removeprefix("tokenizer error: ").removeprefix("parser error: ")
        line, column = _first_error(text)
        return UnreadableError(f"syntax error: {message}", line, column)
    expected = found[3].split(", ")
    message = "syntax error"
    if len(expected) == 1:
        message += f": expected {_names.get(expected[0], expected[0])}"
    # The column is that behind the token which does not fit, from 0.
    return UnreadableError(message, int(found[1]), max(1, int(found[2])))


def _first_error(text: str) -> tuple[int, int]:
    """Line and column of the first node that tree-sitter could not make sense of."""
    data = text.encode()
    node: tree_sitter.Node | None = parse_tree(data).root_node
    while node is not None and not (node.is_error and node.child_count == 0) and not node.is_missing:
        inner = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inner is None:
            break
        node = inner
    if node is None or not (node.has_error or node.is_missing):
        return 1, 1
    before = data[: node.start_byte].decode().replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - before.rfind("\n")
