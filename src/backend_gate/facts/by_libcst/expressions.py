"""Expressions of libcst as expressions of :mod:`backend_gate.facts.model`.

Every handler passes all tokens of its node in source order, which gives the spans (see
:mod:`backend_gate.facts.positions`). A span leaves out the parentheses around an expression, except
those of a tuple and of a generator, which belong to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libcst as cst

from backend_gate.facts import model
from backend_gate.facts.by_libcst.chains import ChainConverter
from backend_gate.facts.by_libcst.converter import identifier
from backend_gate.facts.literals import MalformedLiteralError, integer_value
from backend_gate.facts.model import Expression

_singletons: dict[str, bool | None] = {"True": True, "False": False, "None": None}

_unary_operators: dict[type[cst.CSTNode], str] = {
    cst.Not: "not",
    cst.Minus: "-",
    cst.Plus: "+",
    cst.BitInvert: "~",
}
_comparisons: dict[type[cst.CSTNode], tuple[str, ...]] = {
    cst.Equal: ("==",),
    cst.LessThan: ("<",),
    cst.GreaterThan: (">",),
    cst.LessThanEqual: ("<=",),
    cst.GreaterThanEqual: (">=",),
    cst.In: ("in",),
    cst.Is: ("is",),
    cst.NotIn: ("not", "in"),
    cst.IsNot: ("is", "not"),
}


class ExpressionConverter(ChainConverter):
    """Converts expressions in the order of the source."""

    __slots__ = ()

    # --- leaves --------------------------------------------------------------------------------

    def name(self, node: cst.Name) -> Expression:
        value = node.value
        start = self.next()
        self.token(value)
        span = self.since(start)
        if value in _singletons:
            return model.Constant(span, _singletons[value])
        return model.Name(span, value if value.isascii() else identifier(value))

    def integer(self, node: cst.Integer) -> Expression:
        start = self.next()
        self.token(node.value)
        try:
            return model.Constant(self.since(start), integer_value(node.value))
        except MalformedLiteralError as error:
            return model.Unknown(self.since(start), str(error))

    def float(self, node: cst.Float) -> Expression:
        start = self.next()
        self.token(node.value)
        return model.Constant(self.since(start), float(node.value.replace("_", "")))

    def imaginary(self, node: cst.Imaginary) -> Expression:
        start = self.next()
        self.token(node.value)
        return model.Unknown(self.since(start), "a complex number")

    def ellipsis(self, node: cst.Ellipsis) -> Expression:
        start = self.next()
        self.token("...")
        return model.EllipsisLiteral(self.since(start))

    # --- operators -----------------------------------------------------------------------------

    def comparison(self, node: cst.Comparison) -> Expression:
        start = self.next()
        left = self.expression(node.left)
        operators: list[str] = []
        rights: list[Expression] = []
        for target in node.comparisons:
            operator = target.operator
            words = (operator.value,) if isinstance(operator, cst.NotEqual) else _comparisons[type(operator)]
            for word in words:
                self.token(word)
            operators.append("!=" if words == ("<>",) else " ".join(words))
            rights.append(self.expression(target.comparator))
        return model.Comparison(self.since(start), left, operators, rights)

    def unary(self, node: cst.UnaryOperation) -> Expression:
        start = self.next()
        operator = _unary_operators[type(node.operator)]
        self.token(operator)
        value = self.expression(node.expression)
        return model.UnaryOperation(self.since(start), operator, value)

    def conditional(self, node: cst.IfExp) -> Expression:
        start = self.next()
        body = self.expression(node.body)
        self.token("if")
        test = self.expression(node.test)
        self.token("else")
        orelse = self.expression(node.orelse)
        return model.Conditional(self.since(start), test, body, orelse)

    def named(self, node: cst.NamedExpr) -> Expression:
        self.has_walrus = True
        start = self.next()
        target = self.expression(node.target)
        self.token(":=")
        value = self.expression(node.value)
        return model.NamedExpression(self.since(start), target, value)

    def awaited(self, node: cst.Await) -> Expression:
        start = self.next()
        self.token("await")
        value = self.expression(node.expression)
        return model.Await(self.since(start), value)

    def yielded(self, node: cst.Yield) -> Expression:
        self.has_yield = True
        start = self.next()
        self.token("yield")
        value = None
        is_from = isinstance(node.value, cst.From)
        if isinstance(node.value, cst.From):
            self.token("from")
            value = self.expression(node.value.item)
        elif node.value is not None:
            value = self.expression(node.value)
        return model.Yield(self.since(start), value, is_from)

    def starred(self, node: cst.StarredElement) -> Expression:
        start = self.next()
        self.token("*")
        value = self.expression(node.value)
        return model.Starred(self.since(start), value)

    # --- displays ------------------------------------------------------------------------------

    def elements(self, nodes: Sequence[Any]) -> list[Expression]:
        items: list[Expression] = []
        for node in nodes:
            items.append(self.expression(node.value if type(node) is cst.Element else node))
            self.optional(",")
        return items

    def list_display(self, node: cst.List) -> Expression:
        start = self.next()
        self.token("[")
        items = self.elements(node.elements)
        self.token("]")
        return model.ListDisplay(self.since(start), items)

    def set_display(self, node: cst.Set) -> Expression:
        start = self.next()
        self.token("{")
        items = self.elements(node.elements)
        self.token("}")
        return model.SetDisplay(self.since(start), items)

    def tuple_display(self, node: cst.Tuple) -> Expression:
        start = self.next()
        items = self.elements(node.elements)
        return model.TupleDisplay(self.since(start), items)

    def dict_display(self, node: cst.Dict) -> Expression:
        start = self.next()
        self.token("{")
        entries: list[model.DictEntry] = []
        for element in node.elements:
            if isinstance(element, cst.DictElement):
                key = self.expression(element.key)
                self.token(":")
                entries.append(model.DictEntry(key, self.expression(element.value)))
            else:
                self.token("**")
                entries.append(model.DictEntry(None, self.expression(element.value)))
            self.optional(",")
        self.token("}")
        return model.DictDisplay(self.since(start), entries)

    # --- comprehensions and functions ----------------------------------------------------------

    def generators(self, node: cst.CompFor) -> list[model.Generator]:
        result: list[model.Generator] = []
        current: cst.CompFor | None = node
        while current is not None:
            if current.asynchronous is not None:
                self.token("async")
            self.token("for")
            target = self.expression(current.target)
            self.token("in")
            iterable = self.expression(current.iter)
            conditions: list[Expression] = []
            for condition in current.ifs:
                self.token("if")
                conditions.append(self.expression(condition.test))
            result.append(model.Generator(target, iterable, conditions, current.asynchronous is not None))
            current = current.inner_for_in
        return result

    def generator(self, node: cst.GeneratorExp) -> Expression:
        start = self.next()
        element = self.expression(node.elt)
        generators = self.generators(node.for_in)
        return model.Comprehension(self.since(start), "generator", None, element, generators)

    def list_comprehension(self, node: cst.ListComp) -> Expression:
        start = self.next()
        self.token("[")
        element = self.expression(node.elt)
        generators = self.generators(node.for_in)
        self.token("]")
        return model.Comprehension(self.since(start), "list", None, element, generators)

    def set_comprehension(self, node: cst.SetComp) -> Expression:
        start = self.next()
        self.token("{")
        element = self.expression(node.elt)
        generators = self.generators(node.for_in)
        self.token("}")
        return model.Comprehension(self.since(start), "set", None, element, generators)

    def dict_comprehension(self, node: Any) -> Expression:
        """``{key: value for …}``, and ``{**value for …}``, which has no key."""
        start = self.next()
        self.token("{")
        key = None
        if isinstance(node, cst.DictComp):
            key = self.expression(node.key)
            self.token(":")
        else:
            self.token("**")
        value = self.expression(node.value)
        generators = self.generators(node.for_in)
        self.token("}")
        return model.Comprehension(self.since(start), "dict", key, value, generators)

    def function(self, node: cst.Lambda) -> Expression:
        start = self.next()
        self.token("lambda")
        parameters = self.parameters(node.params)
        self.token(":")
        outer = self.has_yield
        body = self.expression(node.body)
        self.has_yield = outer
        return model.Lambda(self.since(start), parameters, body)

    def parameters(self, node: cst.Parameters) -> list[model.Parameter]:
        """The parameters in the order of the source, markers (``/``, ``*``) passed."""
        result = [self.parameter(parameter, "positional") for parameter in node.posonly_params]
        if result:
            self.token("/")
            self.optional(",")
        result.extend(self.parameter(parameter, "normal") for parameter in node.params)
        if isinstance(node.star_arg, cst.Param):
            self.token("*")
            result.append(self.parameter(node.star_arg, "*"))
        elif isinstance(node.star_arg, cst.ParamStar):
            self.token("*")
            self.token(",")
        result.extend(self.parameter(parameter, "keyword") for parameter in node.kwonly_params)
        if node.star_kwarg is not None:
            self.token("**")
            result.append(self.parameter(node.star_kwarg, "**"))
        return result

    def parameter(self, node: cst.Param, kind: str) -> model.Parameter:
        start = self.next()
        self.deeper()
        name, _ = self.identifier(node.name)
        annotation = default = None
        if node.annotation is not None:
            self.token(":")
            annotation = self.expression(node.annotation.annotation)
        if node.default is not None:
            self.token("=")
            default = self.expression(node.default)
        span = self.since(start)
        self.optional(",")
        self.depth -= 1
        return model.Parameter(name, kind, annotation, default, span)


ExpressionConverter.handlers = {
    cst.Name: ExpressionConverter.name,
    cst.Integer: ExpressionConverter.integer,
    cst.Float: ExpressionConverter.float,
    cst.Imaginary: ExpressionConverter.imaginary,
    cst.Ellipsis: ExpressionConverter.ellipsis,
    cst.SimpleString: ExpressionConverter.string,
    cst.FormattedString: ExpressionConverter.formatted_string,
    cst.TemplatedString: ExpressionConverter.formatted_string,
    cst.ConcatenatedString: ExpressionConverter.concatenation,
    cst.Attribute: ExpressionConverter.chain,
    cst.Call: ExpressionConverter.chain,
    cst.Subscript: ExpressionConverter.chain,
    cst.BinaryOperation: ExpressionConverter.binary,
    cst.BooleanOperation: ExpressionConverter.boolean,
    cst.Comparison: ExpressionConverter.comparison,
    cst.UnaryOperation: ExpressionConverter.unary,
    cst.IfExp: ExpressionConverter.conditional,
    cst.NamedExpr: ExpressionConverter.named,
    cst.Await: ExpressionConverter.awaited,
    cst.Yield: ExpressionConverter.yielded,
    cst.StarredElement: ExpressionConverter.starred,
    cst.List: ExpressionConverter.list_display,
    cst.Set: ExpressionConverter.set_display,
    cst.Tuple: ExpressionConverter.tuple_display,
    cst.Dict: ExpressionConverter.dict_display,
    cst.GeneratorExp: ExpressionConverter.generator,
    cst.ListComp: ExpressionConverter.list_comprehension,
    cst.SetComp: ExpressionConverter.set_comprehension,
    cst.DictComp: ExpressionConverter.dict_comprehension,
    cst.StarredDictComp: ExpressionConverter.dict_comprehension,
    cst.Lambda: ExpressionConverter.function,
}
