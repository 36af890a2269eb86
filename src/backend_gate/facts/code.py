"""The code at a place, in a normal form, and the function or class around it.

The normal form is what stays the same when a formatter has been over the file: no white space, comments,
trailing commas, optional parentheses; strings with one kind of quotes, adjacent ones joined.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import TypeAlias

import tree_sitter

from backend_gate.facts.lines import Lines
from backend_gate.facts.model import Span
from backend_gate.facts.tree import parse_tree

MAX_CODE = 160
"""Longer code is cut to this many characters, and a digest stands for the rest."""

_definitions = frozenset({"function_definition", "class_definition"})
_skipped = frozenset({"comment", "line_continuation", ";"})
# Parentheses that mean something; all others a formatter may add or take away.
_with_parentheses = frozenset({"argument_list", "parameters", "generator_expression"})
_closing = frozenset({")", "]", "}"})

_Piece: TypeAlias = tuple[str, str]
"""``token``, ``number``, ``open`` and ``close`` (of a string) or ``text`` (inside of one), and how it is written."""


class CodeIndex:
    """Answers about the text of one file; broken code is answered as far as it can be read."""

    def __init__(self, text: str) -> None:
        self._data = text.encode()
        self._lines = Lines(self._data)
        self._root = parse_tree(self._data).root_node

    def symbol(self, span: Span) -> str:
        """The qualified name of the function or class around the start of a span, empty for the module.

        A decorator belongs to what it decorates.
        """
        names = []
        for node in self._around(span):
            name = node.child_by_field_name("name")
            if name is not None and name.text is not None:
                names.append(name.text.decode(errors="replace"))
        return ".".join(names)

    def definition_lines(self, span: Span) -> tuple[int, int]:
        """The first and last line of the innermost definition around a span; without one the span's own."""
        around = list(self._around(span))
        if not around:
            return span.line, span.end_line
        innermost = around[-1]
        parent = innermost.parent
        whole = parent if parent is not None and parent.type == "decorated_definition" else innermost
        return self._lines.line(whole.start_byte), self._lines.line(whole.end_byte)

    def callee(self, span: Span) -> Span:
        """What is called by the call that a span holds; the span itself if it is no call."""
        start, end = self._offsets(span)
        node = self._root.descendant_for_byte_range(start, end)
        called = node.child_by_field_name("function") if node is not None and node.type == "call" else None
        if node is None or called is None or (node.start_byte, node.end_byte) != (start, end):
            return span
        first, last = called.start_byte, called.end_byte
        return Span(
            self._lines.line(first),
            self._lines.column(first),
            self._lines.line(last),
            self._lines.column(last),
        )

    def code(self, span: Span) -> str:
        """The code of a span in normal form, on one line, at most about :data:`MAX_CODE` characters."""
        start, end = self._offsets(span)
        code = _written(self._pieces(start, end))
        if len(code) <= MAX_CODE:
            return code
        digest = hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return f"{code[:MAX_CODE]}… {digest}"

    def _offsets(self, span: Span) -> tuple[int, int]:
        """The offsets of the first byte of a span and of the one behind it."""
        return (
            self._lines.offset(span.line, span.column),
            self._lines.offset(span.end_line, span.end_column),
        )

    def _around(self, span: Span) -> Iterator[tree_sitter.Node]:
        """The definitions around the start of a span, from the outermost inwards."""
        offset = self._lines.offset(span.line, span.column)
        node: tree_sitter.Node | None = self._root
        while node is not None:
            if node.type in _definitions:
                yield node
            inner = next((c for c in node.children if c.start_byte <= offset < c.end_byte), None)
            if inner is not None and inner.type == "decorator" and node.type == "decorated_definition":
                inner = node.child_by_field_name("definition")
                if inner is not None:
                    yield inner
                return
            node = inner

    def _pieces(self, start: int, end: int) -> Iterator[_Piece]:
        """The tokens between two offsets in bytes."""
        pending = [self._root.descendant_for_byte_range(start, end) or self._root]
        while pending:
            node = pending.pop()
            if node.end_byte <= start or node.start_byte >= end or node.type in _skipped:
                continue
            if node.type in ("string_start", "string_end"):
                yield _quote(self._slice(node, start, end), node.type)
            elif node.type == "string_content":
                yield "text", self._slice(node, start, end)
            elif node.children:
                pending.extend(reversed(node.children))
            elif not _is_optional(node):
                yield _kind(node), self._slice(node, start, end)

    def _slice(self, node: tree_sitter.Node, start: int, end: int) -> str:
        return self._data[max(start, node.start_byte) : min(end, node.end_byte)].decode(errors="replace")


def _is_optional(node: tree_sitter.Node) -> bool:
    """Whether a token is a parenthesis that only groups."""
    if node.type not in ("(", ")"):
        return False
    around = node.parent
    if around is None or around.type not in _with_parentheses:
        return True
    # ``class A():`` is ``class A:``.
    return (
        around.named_child_count == 0
        and around.parent is not None
        and around.parent.type == "class_definition"
    )


def _kind(node: tree_sitter.Node) -> str:
    return "number" if node.type in ("integer", "float") else "token"


def _quote(text: str, kind: str) -> _Piece:
    """Of a string's prefix only what changes its meaning without being seen in it: bytes, raw."""
    if kind == "string_end":
        return "close", '"'
    prefix = "".join(sorted(set(text.rstrip("\"'").lower()) & {"b", "r"}))
    return "open", f'{prefix}"'


def _written(pieces: Iterable[_Piece]) -> str:
    """Tokens on one line, with white space only where it is needed or usual."""
    written: list[str] = []
    before = ""
    for kind, text in pieces:
        if kind == "open" and before == "close":
            written.pop()  # adjacent strings are one
            before = "text"
            continue
        if text in _closing and kind == "token" and written[-1:] == [", "]:
            written.pop()
        if kind == "text":
            text = _plain(text)
        elif kind == "number":
            text = text.lower()
        elif text == "," and kind == "token":
            text = ", "
        if (
            kind in ("token", "number", "open")
            and written
            and _is_word(written[-1][-1:])
            and _is_word(text[:1])
        ):
            if before in ("token", "number"):
                written.append(" ")
        written.append(text)
        before = kind
    return "".join(written).removesuffix(", ")


def _plain(text: str) -> str:
    """The inside of a string, whichever quotes and form it had."""
    text = text.replace("\\'", "'").replace('\\"', '"').replace("{{", "{").replace("}}", "}")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def _is_word(character: str) -> bool:
    return character == "_" or character.isalnum()
