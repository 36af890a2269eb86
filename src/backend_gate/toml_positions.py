"""On which line of a TOML file a key stands. ``tomllib`` reads the values but keeps no places."""

from __future__ import annotations

import functools
import tomllib

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

Key = tuple[str | int, ...]

_KEYS = ("bare_key", "quoted_key", "dotted_key")


def key_lines(source: bytes) -> dict[Key, int]:
    """The line (from 1) of every key and array item of a valid TOML document.

    Keys are tuples; an integer is the position in an array or an array of tables. A table that only
    longer headers mention has the line of the first of them.
    """
    lines: dict[Key, int] = {}
    counts: dict[Key, int] = {}
    for node in _parser().parse(source).root_node.named_children:
        if node.type == "pair":
            _pair(node, (), lines)
        elif node.type in ("table", "table_array_element"):
            _table(node, lines, counts)
    return lines


@functools.cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_toml.language()))


def _table(node: Node, lines: dict[Key, int], counts: dict[Key, int]) -> None:
    header, *content = [child for child in node.named_children if child.type != "comment"]
    key: Key = ()
    parts = _parts(header)
    for position, part in enumerate(parts):
        key = (*key, part)
        lines.setdefault(key, node.start_point.row + 1)
        is_last = position == len(parts) - 1
        if is_last and node.type == "table_array_element":
            counts[key] = counts.get(key, 0) + 1
        if key in counts:  # [a.b] after [[a]] belongs to the last a
            key = (*key, counts[key] - 1)
            lines.setdefault(key, node.start_point.row + 1)
    for child in content:
        if child.type == "pair":
            _pair(child, key, lines)


def _pair(node: Node, prefix: Key, lines: dict[Key, int]) -> None:
    header, value = [child for child in node.named_children if child.type != "comment"][:2]
    key = prefix
    for part in _parts(header):
        key = (*key, part)
        lines.setdefault(key, header.start_point.row + 1)
    _value(value, key, lines)


def _value(node: Node, key: Key, lines: dict[Key, int]) -> None:
    if node.type == "inline_table":
        for child in node.named_children:
            if child.type == "pair":
                _pair(child, key, lines)
    elif node.type == "array":
        items = [child for child in node.named_children if child.type != "comment"]
        for position, child in enumerate(items):
            lines[*key, position] = child.start_point.row + 1
            _value(child, (*key, position), lines)


def _parts(node: Node) -> list[str]:
    """The parts of a bare, quoted or dotted key."""
    if node.type == "dotted_key":
        return [part for child in node.named_children if child.type in _KEYS for part in _parts(child)]
    text = (node.text or b"").decode()
    if node.type == "quoted_key":
        return list(tomllib.loads(f"{text} = 0"))  # knows the escapes
    return [text]
