"""String literals, f-strings and what is written side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libcst as cst

from backend_gate.facts import model
from backend_gate.facts.by_libcst.converter import Converter
from backend_gate.facts.literals import MalformedLiteralError, inside, single_braces, string_value
from backend_gate.facts.model import Expression


class TextConverter(Converter):
    """Converts literals of text and bytes."""

    __slots__ = ()

    def string(self, node: cst.SimpleString) -> Expression:
        source = node.value
        start = self.next()
        self.token(source)
        span = self.since(start)
        try:
            value = string_value(source)
        except MalformedLiteralError as error:
            return model.Unknown(span, str(error))
        return model.Constant(span, value) if isinstance(value, str) else model.BytesLiteral(span, value)

    def formatted_string(self, node: cst.FormattedString | cst.TemplatedString) -> Expression:
        return self.joined([node])

    def concatenation(self, node: cst.ConcatenatedString) -> Expression:
        pieces: list[Any] = [node.left]
        rest: Any = node.right
        while type(rest) is cst.ConcatenatedString:
            pieces.append(rest.left)
            rest = rest.right
        pieces.append(rest)
        return self.joined(pieces)

    def joined(
        self, pieces: Sequence[cst.SimpleString | cst.FormattedString | cst.TemplatedString]
    ) -> Expression:
        """Adjacent literals as one value."""
        start = self.next()
        parts: list[str | model.Hole] = []
        octets: list[bytes] = []
        is_template = False
        for piece in pieces:
            if isinstance(piece, cst.SimpleString):
                value = self.string(piece)
                if isinstance(value, model.BytesLiteral):
                    octets.append(value.value)
                elif isinstance(value, model.Constant):
                    parts.append(str(value.value))
                else:
                    parts.append(model.Hole(value))
            else:
                is_template = is_template or isinstance(piece, cst.TemplatedString)
                self.token(piece.start)
                self.text_parts(piece.parts, "r" in piece.start.lower(), parts)
                self.raw(piece.end)
        span = self.since(start)
        if octets:
            return model.BytesLiteral(span, b"".join(octets))
        return model.text_of(span, parts, is_template)

    def text_parts(self, nodes: Sequence[Any], is_raw: bool, parts: list[str | model.Hole]) -> None:
        """The inside of an f-string or of a format specification, appended to ``parts``."""
        for node in nodes:
            if isinstance(node, (cst.FormattedStringText, cst.TemplatedStringText)):
                start = self.position
                self.raw(node.value)
                # Braces first: \N{...} keeps its own, and no escape produces one that needs halving.
                try:
                    parts.append(inside(single_braces(node.value, is_raw), is_raw=is_raw))
                except MalformedLiteralError as error:
                    parts.append(model.Hole(model.Unknown(self.since(start), str(error))))
            else:
                self.hole(node, is_raw, parts)

    def hole(self, node: Any, is_raw: bool, parts: list[str | model.Hole]) -> None:
        self.raw("{")
        self.deeper()
        start = self.position
        value = self.expression(node.expression)
        conversion = node.conversion or ""
        is_debug = node.equal is not None
        if is_debug:
            self.token("=")
            end = self.next()
            parts.append(self.text[start:end])
        if conversion:
            self.token("!")
            self.token(conversion)
        spec: str | None = ""
        if node.format_spec is not None:
            self.token(":")
            inner: list[str | model.Hole] = []
            self.text_parts(node.format_spec, is_raw, inner)
            spec = "".join(part for part in inner if isinstance(part, str)) if _is_literal(inner) else None
        elif is_debug and not conversion:
            conversion = "r"
        self.token("}")
        self.depth -= 1
        parts.append(model.Hole(value, conversion, spec))


def _is_literal(parts: list[str | model.Hole]) -> bool:
    return all(isinstance(part, str) for part in parts)
