"""Expressions that grow to the left: ``a.b().c[d]``, ``a + b + c``, ``a and b and c``; walked in loops."""

from __future__ import annotations

from typing import Any

import libcst as cst

from backend_gate.facts import model
from backend_gate.facts.by_libcst.converter import identifier
from backend_gate.facts.by_libcst.texts import TextConverter
from backend_gate.facts.model import Expression

_binary_operators: dict[type[cst.CSTNode], str] = {
    cst.Add: "+",
    cst.Subtract: "-",
    cst.Multiply: "*",
    cst.Divide: "/",
    cst.FloorDivide: "//",
    cst.Modulo: "%",
    cst.Power: "**",
    cst.MatrixMultiply: "@",
    cst.LeftShift: "<<",
    cst.RightShift: ">>",
    cst.BitAnd: "&",
    cst.BitOr: "|",
    cst.BitXor: "^",
}
_links = frozenset({cst.Attribute, cst.Call, cst.Subscript})


class ChainConverter(TextConverter):
    """Converts attributes, calls, subscripts and binary operators."""

    __slots__ = ()

    def chain(self, node: cst.Attribute | cst.Call | cst.Subscript) -> Expression:
        """``a.b(c)[d].e``: links are walked in a loop, from the outermost in and back."""
        start = self.next()
        links: list[tuple[Any, int]] = []
        current: Any = node
        while True:
            links.append((current, start))
            current = current.func if type(current) is cst.Call else current.value
            if type(current) not in _links:
                break
            if current.lpar:
                for _ in current.lpar:
                    self.token("(")
                start = self.next()
        self.deeper(len(links))
        result = self.expression(current)
        for link, start in reversed(links):
            if type(link) is cst.Attribute:
                self.token(".")
                attribute = link.attr.value
                self.token(attribute)
                result = model.Attribute(
                    self.span(start, self.position),
                    result,
                    attribute if attribute.isascii() else identifier(attribute),
                )
            elif type(link) is cst.Call:
                self.token("(")
                arguments = [self.argument(argument) for argument in link.args]
                self.token(")")
                result = model.Call(self.span(start, self.position), result, arguments)
            else:
                index = self.index(link)
                result = model.Subscript(self.span(start, self.position), result, index)
            if link is not node:
                for _ in link.rpar:
                    self.token(")")
        self.depth -= len(links)
        return result

    def argument(self, node: cst.Arg) -> model.Argument:
        """One argument of a call or one base of a class, with the comma behind it."""
        star = node.star
        name = None
        if star:
            self.token(star)
        elif node.keyword is not None:
            name, _ = self.identifier(node.keyword)
            self.token("=")
        value = self.expression(node.value)
        self.optional(",")
        return model.Argument(value, name, star)

    def index(self, node: cst.Subscript) -> Expression:
        self.token("[")
        start = self.next()
        items: list[Expression] = []
        has_comma = False
        for element in node.slice:
            items.append(self.subscript_element(element.slice))
            has_comma = self.optional(",")
        if len(items) == 1 and not has_comma and type(items[0]) is not model.Starred:
            result = items[0]
        else:
            result = model.TupleDisplay(self.since(start), items)
        self.token("]")
        return result

    def subscript_element(self, node: cst.BaseSlice) -> Expression:
        start = self.next()
        if isinstance(node, cst.Index):
            if node.star:
                self.token(node.star)
                value = self.expression(node.value)
                return model.Starred(self.since(start), value)
            return self.expression(node.value)
        assert isinstance(node, cst.Slice)  # noqa: S101  (libcst has no third kind)
        lower = self.expression(node.lower) if node.lower is not None else None
        self.token(":")
        upper = self.expression(node.upper) if node.upper is not None else None
        step = None
        if self.optional(":") and node.step is not None:
            step = self.expression(node.step)
        return model.Slice(self.since(start), lower, upper, step)

    def left_spine(self, node: Any) -> tuple[list[tuple[Any, int]], Any]:
        """Left operands of the same kind with their starts, outermost first, and the first operand."""
        start = self.next()
        spine: list[tuple[Any, int]] = []
        kind = type(node)
        current = node
        while True:
            spine.append((current, start))
            current = current.left
            if type(current) is not kind:
                return spine, current
            if current.lpar:
                for _ in current.lpar:
                    self.token("(")
                start = self.next()

    def binary(self, node: cst.BinaryOperation) -> Expression:
        spine, first = self.left_spine(node)
        self.deeper(len(spine))
        result = self.expression(first)
        for operation, start in reversed(spine):
            operator = _binary_operators[type(operation.operator)]
            self.token(operator)
            right = self.expression(operation.right)
            result = model.BinaryOperation(self.since(start), operator, result, right)
            if operation is not node:
                for _ in operation.rpar:
                    self.token(")")
        self.depth -= len(spine)
        return result

    def boolean(self, node: cst.BooleanOperation) -> Expression:
        spine, first = self.left_spine(node)
        levels = sum(1 for operation, _ in spine if operation.lpar)
        self.deeper(levels)
        result = self.expression(first)
        for operation, start in reversed(spine):
            operator = "and" if type(operation.operator) is cst.And else "or"
            self.token(operator)
            values = _operands(result, operator)
            values.extend(_operands(self.expression(operation.right), operator))
            result = model.BooleanOperation(self.since(start), operator, values)
            if operation is not node:
                for _ in operation.rpar:
                    self.token(")")
        self.depth -= levels
        return result


def _operands(value: Expression, operator: str) -> list[Expression]:
    """The values of ``value`` if it is the same operation (their list may be extended), else itself."""
    if type(value) is model.BooleanOperation and value.operator == operator:
        return value.values
    return [value]
