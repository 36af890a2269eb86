"""Expressions of the standard library's ``ast`` as expressions of :mod:`backend_gate.facts.model`.

The same form as :mod:`backend_gate.facts.by_libcst.expressions` gives, in a fraction of the time.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from backend_gate.facts import model
from backend_gate.facts.by_ast.texts import AstTexts
from backend_gate.facts.depth import MAX_DEPTH, TooDeepError
from backend_gate.facts.literals import LARGEST_INTEGER
from backend_gate.facts.model import Expression

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.Not: "not",
    ast.USub: "-",
    ast.UAdd: "+",
    ast.Invert: "~",
    ast.And: "and",
    ast.Or: "or",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}
_links = frozenset({ast.Attribute, ast.Call, ast.Subscript})


class AstExpressions(AstTexts):
    """Converts expressions. ``handlers`` does it by the class of the node."""

    __slots__ = ()

    handlers: ClassVar[dict[type[ast.AST], Callable[[Any, Any], Expression]]] = {}

    def expression(self, node: ast.expr) -> Expression:
        """The expression ``node``.

        Raises:
            LostPositionError: a node that is not known, or that the text does not show.
            TooDeepError: nested too deeply.
        """
        handler = self.handlers.get(type(node))
        if handler is None:
            raise self.lost(type(node).__name__)
        depth = self.depth + 1
        if depth > MAX_DEPTH:
            raise TooDeepError(node.lineno + self.above, node.col_offset + 1)
        self.depth = depth
        result = handler(self, node)
        self.depth = depth - 1
        return result

    def expressions(self, nodes: Iterable[ast.expr]) -> list[Expression]:
        return [self.expression(node) for node in nodes]

    def maybe(self, node: ast.expr | None) -> Expression | None:
        return None if node is None else self.expression(node)

    # --- leaves --------------------------------------------------------------------------------

    def name(self, node: ast.Name) -> Expression:
        return model.Name(self.place(node), node.id)

    def constant(self, node: ast.Constant) -> Expression:
        value = node.value
        if isinstance(value, str):
            return self.text_constant(node, value)
        if isinstance(value, bytes):
            return model.BytesLiteral(self.place(node), value)
        if isinstance(value, complex):
            return model.Unknown(self.place(node), "a complex number")
        if isinstance(value, int) and value > LARGEST_INTEGER:
            return model.Unknown(self.place(node), "an integer beyond 64 bits")
        if value is None or isinstance(value, (int, float)):
            return model.Constant(self.place(node), value)
        return model.EllipsisLiteral(self.place(node))

    def text_constant(self, node: ast.Constant, value: str) -> Expression:
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:  # half a surrogate pair: no text that can be kept
                return self.unrepresentable(node)
        return model.Constant(self.place(node), value)

    # --- chains --------------------------------------------------------------------------------

    def chain(self, node: ast.Attribute | ast.Call | ast.Subscript) -> Expression:
        """``a.b(c)[d].e``: links are walked in a loop, from the outermost in and back."""
        links: list[Any] = []
        current: Any = node
        while True:
            links.append(current)
            current = current.func if type(current) is ast.Call else current.value
            if type(current) not in _links:
                break
        self.deeper(len(links))
        result = self.expression(current)
        for link in reversed(links):
            if type(link) is ast.Attribute:
                result = model.Attribute(self.place(link), result, link.attr)
            elif type(link) is ast.Call:
                result = model.Call(self.place(link), result, self.arguments(link, link.args, link.keywords))
            else:
                result = model.Subscript(self.place(link), result, self.expression(link.slice))
        self.depth -= len(links)
        return result

    def arguments(
        self, call: ast.Call | ast.ClassDef, values: Sequence[ast.expr], keywords: Sequence[ast.keyword]
    ) -> list[model.Argument]:
        """Arguments of a call, or bases of a class, in the order of the source."""
        found = []
        for value in values:
            if type(value) is ast.Starred:
                found.append(model.Argument(self.expression(value.value), None, "*"))
            else:
                found.append(model.Argument(self.expression(value)))
        if not keywords:
            if len(values) == 1 and type(values[0]) is ast.GeneratorExp:
                self._inside_of_call(call, values[0], found[0].value)
            return found
        for keyword in keywords:
            star = "" if keyword.arg is not None else "**"
            found.append(model.Argument(self.expression(keyword.value), keyword.arg, star))
        if values and _place(values[-1]) > _place(keywords[0]):  # f(a=1, *b)
            places = [*map(_place, values), *map(_place, keywords)]
            found = [found[number] for number in sorted(range(len(found)), key=places.__getitem__)]
        return found

    def _inside_of_call(self, call: ast.AST, generator: ast.GeneratorExp, value: Expression) -> None:
        """The parentheses of ``f(x for x in y)`` belong to the call, but ``ast`` counts them for both."""
        if self.end(call) != self.end(generator):
            return
        closing = self.end(call) - 1
        self.position = self.start(generator) + 1
        first = self.next()
        last = generator.generators[-1]
        self.position = self.end(last.ifs[-1] if last.ifs else last.iter)
        end = self.position
        while self.next() != closing:
            self.token(")")
            end = self.position
        value.span = self.span(first, end)

    def slice(self, node: ast.Slice) -> Expression:
        return model.Slice(
            self.place(node), self.maybe(node.lower), self.maybe(node.upper), self.maybe(node.step)
        )

    # --- operators -----------------------------------------------------------------------------

    def binary(self, node: ast.BinOp) -> Expression:
        spine = [node]
        current = node.left
        while type(current) is ast.BinOp:
            spine.append(current)
            current = current.left
        self.deeper(len(spine))
        result = self.expression(current)
        for operation in reversed(spine):
            right = self.expression(operation.right)
            operator = OPERATORS[type(operation.op)]
            result = model.BinaryOperation(self.place(operation), operator, result, right)
        self.depth -= len(spine)
        return result

    def boolean(self, node: ast.BoolOp) -> Expression:
        operator = OPERATORS[type(node.op)]
        values: list[Expression] = []
        for each in node.values:
            value = self.expression(each)
            if type(value) is model.BooleanOperation and value.operator == operator:
                values.extend(value.values)
            else:
                values.append(value)
        return model.BooleanOperation(self.place(node), operator, values)

    def comparison(self, node: ast.Compare) -> Expression:
        left = self.expression(node.left)
        operators = [OPERATORS[type(operator)] for operator in node.ops]
        return model.Comparison(self.place(node), left, operators, self.expressions(node.comparators))

    def unary(self, node: ast.UnaryOp) -> Expression:
        return model.UnaryOperation(self.place(node), OPERATORS[type(node.op)], self.expression(node.operand))

    def conditional(self, node: ast.IfExp) -> Expression:
        body = self.expression(node.body)
        test = self.expression(node.test)
        return model.Conditional(self.place(node), test, body, self.expression(node.orelse))

    def named(self, node: ast.NamedExpr) -> Expression:
        self.has_walrus = True
        return model.NamedExpression(
            self.place(node), self.expression(node.target), self.expression(node.value)
        )

    def awaited(self, node: ast.Await) -> Expression:
        return model.Await(self.place(node), self.expression(node.value))

    def yielded(self, node: ast.Yield | ast.YieldFrom) -> Expression:
        self.has_yield = True
        return model.Yield(self.place(node), self.maybe(node.value), type(node) is ast.YieldFrom)

    def starred(self, node: ast.Starred) -> Expression:
        return model.Starred(self.place(node), self.expression(node.value))

    # --- displays, comprehensions, functions -----------------------------------------------------

    def list_display(self, node: ast.List) -> Expression:
        return model.ListDisplay(self.place(node), self.expressions(node.elts))

    def tuple_display(self, node: ast.Tuple) -> Expression:
        return model.TupleDisplay(self.place(node), self.expressions(node.elts))

    def set_display(self, node: ast.Set) -> Expression:
        return model.SetDisplay(self.place(node), self.expressions(node.elts))

    def dict_display(self, node: ast.Dict) -> Expression:
        entries = [
            model.DictEntry(self.maybe(key), self.expression(value))
            for key, value in zip(node.keys, node.values, strict=True)
        ]
        return model.DictDisplay(self.place(node), entries)

    def generators(self, nodes: Sequence[ast.comprehension]) -> list[model.Generator]:
        return [
            model.Generator(
                self.expression(node.target),
                self.expression(node.iter),
                self.expressions(node.ifs),
                bool(node.is_async),
            )
            for node in nodes
        ]

    def generator(self, node: ast.GeneratorExp) -> Expression:
        return self.comprehension(node, "generator")

    def list_comprehension(self, node: ast.ListComp) -> Expression:
        return self.comprehension(node, "list")

    def set_comprehension(self, node: ast.SetComp) -> Expression:
        return self.comprehension(node, "set")

    def comprehension(self, node: ast.GeneratorExp | ast.ListComp | ast.SetComp, kind: str) -> Expression:
        element = self.expression(node.elt)
        return model.Comprehension(self.place(node), kind, None, element, self.generators(node.generators))

    def dict_comprehension(self, node: ast.DictComp) -> Expression:
        key, value = self.expression(node.key), self.expression(node.value)
        return model.Comprehension(self.place(node), "dict", key, value, self.generators(node.generators))

    def function(self, node: ast.Lambda) -> Expression:
        parameters = self.parameters(node.args)
        outer = self.has_yield
        body = self.expression(node.body)
        self.has_yield = outer
        return model.Lambda(self.place(node), parameters, body)

    def parameters(self, node: ast.arguments) -> list[model.Parameter]:
        """The parameters in the order of the source."""
        positional = [(arg, "positional") for arg in node.posonlyargs] + [
            (arg, "normal") for arg in node.args
        ]
        bare = len(positional) - len(node.defaults)
        defaults: list[ast.expr | None] = [*([None] * bare), *node.defaults]
        found = [
            self.parameter(arg, kind, default)
            for (arg, kind), default in zip(positional, defaults, strict=True)
        ]
        if node.vararg is not None:
            found.append(self.parameter(node.vararg, "*", None))
        for arg, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
            found.append(self.parameter(arg, "keyword", default))
        if node.kwarg is not None:
            found.append(self.parameter(node.kwarg, "**", None))
        return found

    def parameter(self, node: ast.arg, kind: str, default: ast.expr | None) -> model.Parameter:
        self.deeper()
        annotation = self.maybe(node.annotation)
        if default is None:
            self.depth -= 1
            return model.Parameter(node.arg, kind, annotation, None, self.place(node))
        value = self.expression(default)
        self.depth -= 1
        start, end = self.start(node), self.end(default)
        if "(" in self.text[self.end(node) : self.start(default)]:
            end = self._behind_parentheses(node, default)
        return model.Parameter(node.arg, kind, annotation, value, self.span(start, end))

    def _behind_parentheses(self, node: ast.arg, default: ast.expr) -> int:
        """The offset behind the parentheses around a default."""
        self.position = self.end(node)
        self.token("=")
        number = 0
        while self.next() < self.start(default):
            self.token("(")
            number += 1
        self.position = self.end(default)
        for _ in range(number):
            self.token(")")
        return self.position


def _place(node: ast.expr | ast.keyword) -> tuple[int, int]:
    return node.lineno, node.col_offset


AstExpressions.handlers = {
    ast.Name: AstExpressions.name,
    ast.Constant: AstExpressions.constant,
    ast.JoinedStr: AstExpressions.formatted,
    ast.Attribute: AstExpressions.chain,
    ast.Call: AstExpressions.chain,
    ast.Subscript: AstExpressions.chain,
    ast.Slice: AstExpressions.slice,
    ast.BinOp: AstExpressions.binary,
    ast.BoolOp: AstExpressions.boolean,
    ast.Compare: AstExpressions.comparison,
    ast.UnaryOp: AstExpressions.unary,
    ast.IfExp: AstExpressions.conditional,
    ast.NamedExpr: AstExpressions.named,
    ast.Await: AstExpressions.awaited,
    ast.Yield: AstExpressions.yielded,
    ast.YieldFrom: AstExpressions.yielded,
    ast.Starred: AstExpressions.starred,
    ast.List: AstExpressions.list_display,
    ast.Tuple: AstExpressions.tuple_display,
    ast.Set: AstExpressions.set_display,
    ast.Dict: AstExpressions.dict_display,
    ast.GeneratorExp: AstExpressions.generator,
    ast.ListComp: AstExpressions.list_comprehension,
    ast.SetComp: AstExpressions.set_comprehension,
    ast.DictComp: AstExpressions.dict_comprehension,
    ast.Lambda: AstExpressions.function,
}
if hasattr(ast, "TemplateStr"):
    AstExpressions.handlers[ast.TemplateStr] = AstExpressions.formatted
