"""What all converters share: how deep they are, and how they convert a part."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any, ClassVar

import libcst as cst

from backend_gate.facts import model
from backend_gate.facts.depth import MAX_DEPTH, TooDeepError
from backend_gate.facts.model import Expression
from backend_gate.facts.positions import Cursor


def identifier(written: str) -> str:
    """An identifier as Python compares it (NFKC)."""
    return written if written.isascii() else unicodedata.normalize("NFKC", written)


class Converter(Cursor):
    """A cursor with the state of a conversion.

    ``handlers`` converts an expression by its class, without its parentheses.
    """

    __slots__ = ("depth", "has_walrus", "has_yield")

    handlers: ClassVar[dict[type[cst.CSTNode], Callable[[Any, Any], Expression]]] = {}

    def __init__(self, text: str, position: int = 0) -> None:
        super().__init__(text, position)
        self.depth = 0
        #: Whether a ``yield`` was seen in the scope that is being read.
        self.has_yield = False
        #: Whether a ``:=`` was seen outside of the bodies of functions.
        self.has_walrus = False

    def deeper(self, levels: int = 1) -> None:
        """Go down; the caller comes up again by ``depth``."""
        self.depth += levels
        if self.depth > MAX_DEPTH:
            raise TooDeepError(*self.line_and_column(self.position))

    def expression(self, node: Any) -> Expression:
        """The expression ``node``, which starts at the next token."""
        handler = self.handlers[type(node)]
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooDeepError(*self.line_and_column(self.position))
        opening = node.lpar
        if not opening:
            result = handler(self, node)
        else:
            first = 0
            for _ in opening:
                self.token("(")
                first = self.position - 1
            result = handler(self, node)
            closing = iter(opening)
            next(closing)
            self.token(")")
            if type(result) is model.TupleDisplay or (
                type(result) is model.Comprehension and result.kind == "generator"
            ):
                result.span = self.since(first)
            for _ in closing:
                self.token(")")
        self.depth -= 1
        return result

    def identifier(self, node: cst.Name) -> tuple[str, model.Span]:
        """A name that is not an expression (of an attribute, keyword, function): its text and span."""
        start = self.next()
        self.token(node.value)
        return identifier(node.value), self.since(start)
