"""The gate's own comments in a source file (``# gate: …``), and the lines that each of them is about."""

from __future__ import annotations

import re

import tree_sitter

from backend_gate.facts.lines import Lines
from backend_gate.facts.model import GateComment, Span
from backend_gate.facts.tree import parse_tree

_gate = re.compile(r"#\s*gate:")
_lone_return = re.compile(r"\r(?!\n)")
# Of these only the header is meant; what hangs below is other statements.
_with_block = frozenset({
    "if_statement", "elif_clause", "else_clause", "for_statement", "while_statement", "with_statement", "try_statement",
    "except_clause", "except_group_clause", "finally_clause", "match_statement", "case_clause",
})  # fmt: skip


def gate_comments(text: str) -> list[GateComment]:
    """The comments that hold ``# gate:``, in order.

    Text inside a string is no comment, whatever it looks like. A comment at the end of a line is about
    that line; one on a line of its own about the next line of code that follows without a blank one.
    Where a statement begins on that line, it is about the whole statement, as long as it may be:

    - a decorator: all of its lines; a comment above the first decorator also the line of the ``def``;
    - ``def`` and ``class``: the first line, as each parameter can have a comment of its own;
    - ``if``, ``with`` and other blocks: the header.
    """
    if not _gate.search(text):
        return []
    return _Reader(text).comments()


class _Reader:
    def __init__(self, text: str) -> None:
        self._data = _lone_return.sub("\n", text).encode()  # for tree-sitter it ends no line
        self._lines = Lines(self._data)
        self._root = parse_tree(self._data).root_node

    def comments(self) -> list[GateComment]:
        nodes = self._nodes()
        alone = {self._lines.line(node.start_byte) for node in nodes if self._stands_alone(node)}
        found = []
        for node in nodes:
            text = self._data[node.start_byte : node.end_byte].decode(errors="replace").rstrip()
            start = _gate.search(text)
            if start is None:
                continue
            text = text[start.start() :]
            line = target = self._lines.line(node.start_byte)
            while target in alone:
                target += 1
            column = self._lines.column(node.start_byte) + start.start()
            span = Span(line, column, line, column + len(text))
            last = self._last_line(target, is_above=target != line)
            found.append(GateComment(span, text, target, last))
        return found

    def _nodes(self) -> list[tree_sitter.Node]:
        """All comments, in order."""
        found: list[tree_sitter.Node] = []
        pending = [self._root]
        while pending:
            node = pending.pop()
            if node.type == "comment":
                found.append(node)
            else:
                pending.extend(reversed(node.children))
        return found

    def _last_line(self, line: int, *, is_above: bool) -> int:
        """The last line of what begins on a line; the line itself if nothing does."""
        end = line
        pending = [self._root]
        while pending:
            node = pending.pop()
            first = self._lines.line(node.start_byte)
            last = self._lines.line(max(node.start_byte, node.end_byte - 1))
            if first > line or last < line:
                continue
            if first == line:
                end = max(end, self._end(node, last, is_above=is_above))
            pending.extend(node.children)
        return end

    def _end(self, node: tree_sitter.Node, last: int, *, is_above: bool) -> int:
        """The last line that a comment at the first line of a node is about, as far as the node says it."""
        here = self._lines.line(node.start_byte)
        if node.type == "decorated_definition":
            definition = node.child_by_field_name("definition")
            return self._lines.line(definition.start_byte) if is_above and definition is not None else here
        if node.type in _with_block:
            colon = next((child for child in node.children if child.type == ":"), None)
            return self._lines.line(colon.start_byte) if colon is not None else here
        if node.type == "decorator" or node.type.endswith("_statement"):
            return last
        return here

    def _stands_alone(self, node: tree_sitter.Node) -> bool:
        start = self._lines.start(self._lines.line(node.start_byte))
        return not self._data[start : node.start_byte].strip(b" \t\f")
