"""Patterns of ``match``: which values the subject is compared with and which names are bound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import libcst as cst

from backend_gate.facts.by_libcst.expressions import ExpressionConverter
from backend_gate.facts.pattern import Pattern


class PatternConverter(ExpressionConverter):
    """Converts patterns in the order of the source."""

    __slots__ = ()

    def pattern(self, node: Any) -> Pattern:
        self.deeper()
        # A value carries its parentheses itself.
        opening = () if isinstance(node, (cst.MatchValue, cst.MatchSingleton)) else node.lpar
        for _ in opening:
            self.token("(")
        result = _patterns[type(node)](self, node)
        for _ in opening:
            self.token(")")
        self.depth -= 1
        return result

    def parts(self, nodes: Any, names: list[str]) -> None:
        """Elements of a sequence or class pattern: what they bind is added to ``names``."""
        for node in nodes:
            if isinstance(node, cst.MatchStar):
                self.token("*")
                self.capture(node.name, names)
            else:
                names.extend(self.pattern(node.value).names)
            self.optional(",")

    def capture(self, name: cst.Name | None, names: list[str]) -> None:
        if name is None:
            self.token("_")
        else:
            names.append(self.identifier(name)[0])

    def value(self, node: cst.MatchValue | cst.MatchSingleton) -> Pattern:
        return Pattern([self.expression(node.value)], [])

    def alias(self, node: cst.MatchAs) -> Pattern:
        if node.pattern is None:
            names: list[str] = []
            self.capture(node.name, names)
            return Pattern([], names, True)
        result = self.pattern(node.pattern)
        if node.name is not None:
            self.token("as")
            self.capture(node.name, result.names)
        return result

    def alternatives(self, node: cst.MatchOr) -> Pattern:
        inner = []
        for index, element in enumerate(node.patterns):
            if index:
                self.token("|")
            inner.append(self.pattern(element.pattern))
        return Pattern.any_of(inner)

    def sequence(self, node: cst.MatchList | cst.MatchTuple) -> Pattern:
        names: list[str] = []
        has_brackets = isinstance(node, cst.MatchList) and node.lbracket is not None
        if has_brackets:
            self.token("[")
        self.parts(node.patterns, names)
        if has_brackets:
            self.token("]")
        return Pattern([], names)

    def mapping(self, node: cst.MatchMapping) -> Pattern:
        names: list[str] = []
        self.token("{")
        for element in node.elements:
            self.expression(element.key)
            self.token(":")
            names.extend(self.pattern(element.pattern).names)
            self.optional(",")
        if node.rest is not None:
            self.token("**")
            self.capture(node.rest, names)
            self.optional(",")
        self.token("}")
        return Pattern([], names)

    def instance(self, node: cst.MatchClass) -> Pattern:
        names: list[str] = []
        self.expression(node.cls)
        self.token("(")
        self.parts(node.patterns, names)
        for element in node.kwds:
            self.identifier(element.key)
            self.token("=")
            names.extend(self.pattern(element.pattern).names)
            self.optional(",")
        self.token(")")
        return Pattern([], names)


_patterns: dict[type[cst.CSTNode], Callable[[PatternConverter, Any], Pattern]] = {
    cst.MatchValue: PatternConverter.value,
    cst.MatchSingleton: PatternConverter.value,
    cst.MatchAs: PatternConverter.alias,
    cst.MatchOr: PatternConverter.alternatives,
    cst.MatchList: PatternConverter.sequence,
    cst.MatchTuple: PatternConverter.sequence,
    cst.MatchMapping: PatternConverter.mapping,
    cst.MatchClass: PatternConverter.instance,
}
