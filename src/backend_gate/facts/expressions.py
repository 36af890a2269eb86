"""Expressions of libcst as expressions of :mod:`backend_gate.facts.model`.

Every handler passes all tokens of its node in source order, which gives the spans (see
:mod:`backend_gate.facts.positions`). A span leaves out the parentheses around an expression, except
those of a tuple and of a generator, which belong to it. Chains that grow to the left (``a.b().c``,
``a + b + c``, ``a and b and c``) are walked in a loop.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

from backend_gate.facts import model
from backend_gate.facts.literals import MalformedLiteralError, inside, integer_value, string_value
from backend_gate.facts.model import Expression
from backend_gate.facts.positions import Cursor

#: How deep statements and expressions may nest in the intermediate form, links of a chain included.
#: Whoever walks the form by recursion stays far from Python's own limit of 1,000 frames.
MAX_DEPTH = 200

_singletons: dict[str, bool | None] = {"True": True, "False": False, "None": None}

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

_braces = re.compile(r"(\\N\{[^}]*\}|\\[^{}])|\{\{|\}\}", re.DOTALL)


class TooDeepError(Exception):
    """The file nests deeper than :data:`MAX_DEPTH`."""

    def __init__(self, line: int, column: int) -> None:
        super().__init__(f"nested too deeply at {line}:{column}")
        self.line = line
        self.column = column


def identifier(written: str) -> str:
    """An identifier as Python compares it (NFKC)."""
    return written if written.isascii() else unicodedata.normalize("NFKC", written)


class ExpressionConverter(Cursor):
    """Converts expressions in the order of the source."""

    __slots__ = ("depth", "has_walrus", "has_yield")

    def __init__(self, text: str, position: int = 0) -> None:
        super().__init__(text, position)
        self.depth = 0
        #: Whether a ``yield`` was seen in the scope that is being read.
        self.has_yield = False
        #: Whether a ``:=`` was seen outside of the bodies of functions.
        self.has_walrus = False

    def deeper(self, levels: int = 1) -> None:
        self.depth += levels
        if self.depth > MAX_DEPTH:
            raise TooDeepError(*self.line_and_column(self.position))

    def expression(self, node: Any) -> Expression:
        """The expression ``node``, which starts at the next token."""
        handler = _expressions[type(node)]
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

    # --- leaves --------------------------------------------------------------------------------

    def identifier(self, node: cst.Name) -> tuple[str, model.Span]:
        """A name that is not an expression (of an attribute, keyword, function): its text and span."""
        start = self.next()
        self.token(node.value)
        return identifier(node.value), self.since(start)

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

    # --- text ----------------------------------------------------------------------------------

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
        merged = _merge_text(parts)
        if is_template or any(isinstance(part, model.Hole) for part in merged):
            return model.Text(span, merged, is_template)
        return model.Constant(span, "".join(part for part in merged if isinstance(part, str)))

    def text_parts(self, nodes: Sequence[Any], is_raw: bool, parts: list[str | model.Hole]) -> None:
        """The inside of an f-string or of a format specification, appended to ``parts``."""
        for node in nodes:
            if isinstance(node, cst.FormattedStringText | cst.TemplatedStringText):
                start = self.position
                self.raw(node.value)
                # Braces first: \N{...} keeps its own, and no escape produces one that needs halving.
                try:
                    parts.append(inside(_single_braces(node.value, is_raw), is_raw=is_raw))
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

    # --- chains --------------------------------------------------------------------------------

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


def _operands(value: Expression, operator: str) -> list[Expression]:
    """The values of ``value`` if it is the same operation (their list may be extended), else itself."""
    if type(value) is model.BooleanOperation and value.operator == operator:
        return value.values
    return [value]


def _single_braces(text: str, is_raw: bool) -> str:
    """The text of an f-string with ``{{`` and ``}}`` halved; ``\\N{…}`` keeps its braces."""
    if "{" not in text and "}" not in text:
        return text
    if is_raw:
        return text.replace("{{", "{").replace("}}", "}")
    return _braces.sub(lambda match: match[1] or match[0][0], text)


def _merge_text(parts: list[str | model.Hole]) -> list[str | model.Hole]:
    merged: list[str | model.Hole] = []
    for part in parts:
        if isinstance(part, str):
            if not part:
                continue
            if merged and isinstance(merged[-1], str):
                merged[-1] += part
                continue
        merged.append(part)
    return merged


def _is_literal(parts: list[str | model.Hole]) -> bool:
    return all(isinstance(part, str) for part in parts)


_links = frozenset({cst.Attribute, cst.Call, cst.Subscript})

_expressions: dict[type[cst.CSTNode], Callable[[ExpressionConverter, Any], Expression]] = {
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
