"""The gate's own comments in a source file: ``# gate: …``."""

from __future__ import annotations

import re

from backend_gate.facts.syntax import parse_tree

_gate = re.compile(r"#\s*gate:")


def gate_comments(text: str) -> dict[int, str]:
    """The comments that begin with ``# gate:`` by line, from ``#`` to the end of the line.

    Text inside a string is no comment, whatever it looks like.
    """
    if not _gate.search(text):
        return {}
    data = text.encode()
    result = {}
    pending = [parse_tree(data).root_node]
    while pending:
        node = pending.pop()
        if node.type == "comment":
            comment = data[node.start_byte : node.end_byte].decode()
            if _gate.match(comment):
                result[_line(data, node.start_byte)] = comment.rstrip()
        else:
            pending.extend(node.children)
    return dict(sorted(result.items()))


def _line(data: bytes, offset: int) -> int:
    """tree-sitter does not end a line at a lone carriage return, Python does."""
    before = data[:offset]
    return before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n") + 1
