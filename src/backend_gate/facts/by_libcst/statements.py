"""Statements of libcst as statements of :mod:`backend_gate.facts.model`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import libcst as cst

from backend_gate.facts import model
from backend_gate.facts.by_libcst.converter import identifier
from backend_gate.facts.by_libcst.patterns import PatternConverter
from backend_gate.facts.model import UNREAD, Statement, encode_block

_augmented: dict[type[cst.CSTNode], str] = {
    cst.AddAssign: "+",
    cst.SubtractAssign: "-",
    cst.MultiplyAssign: "*",
    cst.DivideAssign: "/",
    cst.FloorDivideAssign: "//",
    cst.ModuloAssign: "%",
    cst.PowerAssign: "**",
    cst.MatrixMultiplyAssign: "@",
    cst.LeftShiftAssign: "<<",
    cst.RightShiftAssign: ">>",
    cst.BitAndAssign: "&",
    cst.BitOrAssign: "|",
    cst.BitXorAssign: "^",
}


class StatementConverter(PatternConverter):
    """Converts statements in the order of the source."""

    __slots__ = ("cuts",)

    def __init__(self, text: str, position: int = 0, cuts: dict[int, int] | None = None) -> None:
        """
        Args:
            text: the whole file, also where the tree to convert lacks some bodies.
            position: the offset to start at.
            cuts: starts and ends of the bodies that the tree lacks; emptied as they are passed.
        """
        super().__init__(text, position)
        self.cuts = cuts if cuts is not None else {}

    def pass_cut(self) -> bool:
        """Move behind the next colon and block if the tree lacks that block; else stay."""
        if not self.cuts:
            return False
        here = self.position
        self.token(":")
        end = self.cuts.pop(self.next(), None)
        self.position = here if end is None else end
        return end is not None

    def statements(self, nodes: Sequence[Any]) -> Iterator[Statement]:
        """The statements of a module or block, each of ``a; b`` on its own."""
        for node in nodes:
            if type(node) is cst.SimpleStatementLine:
                for small in node.body:
                    yield _statements[type(small)](self, small)
            else:
                yield _statements[type(node)](self, node)

    def suite(self, node: cst.BaseSuite) -> list[Statement]:
        """The block behind the next colon."""
        self.token(":")
        self.deeper()
        if type(node) is cst.IndentedBlock:
            result = list(self.statements(node.body))
        else:
            result = [_statements[type(small)](self, small) for small in node.body]
        self.depth -= 1
        return result

    # --- simple statements -----------------------------------------------------------------------

    def expression_statement(self, node: cst.Expr) -> Statement:
        start = self.next()
        value = self.expression(node.value)
        return model.ExpressionStatement(self.since(start), value)

    def assign(self, node: cst.Assign) -> Statement:
        start = self.next()
        targets = []
        for target in node.targets:
            targets.append(self.expression(target.target))
            self.token("=")
        value = self.expression(node.value)
        return model.Assign(self.since(start), targets, value)

    def annotated_assign(self, node: cst.AnnAssign) -> Statement:
        start = self.next()
        target = self.expression(node.target)
        self.token(":")
        annotation = self.expression(node.annotation.annotation)
        value = None
        if node.value is not None:
            self.token("=")
            value = self.expression(node.value)
        return model.AnnotatedAssign(self.since(start), target, annotation, value)

    def augmented_assign(self, node: cst.AugAssign) -> Statement:
        start = self.next()
        target = self.expression(node.target)
        operator = _augmented[type(node.operator)]
        self.token(operator + "=")
        value = self.expression(node.value)
        return model.AugmentedAssign(self.since(start), target, operator, value)

    def type_alias(self, node: cst.TypeAlias) -> Statement:
        start = self.next()
        self.token("type")
        name, _ = self.identifier(node.name)
        self.type_parameters(node.type_parameters)
        self.token("=")
        value = self.expression(node.value)
        return model.TypeAlias(self.since(start), name, value)

    def import_names(self, node: cst.Import | cst.LazyImport) -> Statement:
        start = self.next()
        if isinstance(node, cst.LazyImport):
            self.token("lazy")
        self.token("import")
        names = [self.import_alias(alias) for alias in node.names]
        return model.Import(self.since(start), names)

    def import_from(self, node: cst.ImportFrom | cst.LazyImportFrom) -> Statement:
        start = self.next()
        if isinstance(node, cst.LazyImportFrom):
            self.token("lazy")
        self.token("from")
        for _ in node.relative:
            self.token(".")
        module = self.dotted(node.module) if node.module is not None else ""
        self.token("import")
        if isinstance(node.names, cst.ImportStar):
            self.token("*")
            names = [model.ImportedName("*")]
        else:
            has_parentheses = self.optional("(")
            names = [self.import_alias(alias) for alias in node.names]
            if has_parentheses:
                self.token(")")
        return model.ImportFrom(self.since(start), module, len(node.relative), names)

    def import_alias(self, node: cst.ImportAlias) -> model.ImportedName:
        name = self.dotted(node.name)
        alias = None
        if node.asname is not None and isinstance(node.asname.name, cst.Name):
            self.token("as")
            alias, _ = self.identifier(node.asname.name)
        if node.comma is not cst.MaybeSentinel.DEFAULT:
            self.token(",")
        return model.ImportedName(name, alias)

    def dotted(self, node: cst.BaseExpression) -> str:
        """The dotted name of a module; libcst reads it as attributes."""
        parts: list[str] = []
        while isinstance(node, cst.Attribute):
            parts.append(node.attr.value)
            node = node.value
        assert isinstance(node, cst.Name)  # noqa: S101  (the grammar allows nothing else)
        parts.append(node.value)
        parts.reverse()
        for index, part in enumerate(parts):
            if index:
                self.token(".")
            self.token(part)
        return ".".join(map(identifier, parts))

    def returned(self, node: cst.Return) -> Statement:
        start = self.next()
        self.token("return")
        value = self.expression(node.value) if node.value is not None else None
        return model.Return(self.since(start), value)

    def raised(self, node: cst.Raise) -> Statement:
        start = self.next()
        self.token("raise")
        value = self.expression(node.exc) if node.exc is not None else None
        cause = None
        if node.cause is not None:
            self.token("from")
            cause = self.expression(node.cause.item)
        return model.Raise(self.since(start), value, cause)

    def asserted(self, node: cst.Assert) -> Statement:
        start = self.next()
        self.token("assert")
        test = self.expression(node.test)
        message = None
        if node.msg is not None:
            self.token(",")
            message = self.expression(node.msg)
        return model.Assert(self.since(start), test, message)

    def passed(self, node: cst.Pass) -> Statement:
        start = self.next()
        self.token("pass")
        return model.Pass(self.since(start))

    def broken(self, node: cst.Break) -> Statement:
        start = self.next()
        self.token("break")
        return model.Break(self.since(start))

    def continued(self, node: cst.Continue) -> Statement:
        start = self.next()
        self.token("continue")
        return model.Continue(self.since(start))

    def name_items(self, nodes: Sequence[cst.NameItem]) -> list[str]:
        names = []
        for node in nodes:
            name, _ = self.identifier(node.name)
            names.append(name)
            self.optional(",")
        return names

    def global_names(self, node: cst.Global) -> Statement:
        start = self.next()
        self.token("global")
        names = self.name_items(node.names)
        return model.Global(self.since(start), names)

    def nonlocal_names(self, node: cst.Nonlocal) -> Statement:
        start = self.next()
        self.token("nonlocal")
        names = self.name_items(node.names)
        return model.Nonlocal(self.since(start), names)

    def deleted(self, node: cst.Del) -> Statement:
        start = self.next()
        self.token("del")
        target = self.expression(node.target)
        targets: list[model.Expression] = target.items if isinstance(target, model.TupleDisplay) else [target]
        return model.Delete(self.since(start), targets)

    # --- blocks ----------------------------------------------------------------------------------

    def branch(self, node: cst.If) -> Statement:
        """A chain of ``if``/``elif``/``else``, walked in a loop and nested from its end."""
        links: list[tuple[int, model.Expression, list[Statement]]] = []
        current: cst.If | cst.Else | None = node
        keyword = "if"
        while isinstance(current, cst.If):
            start = self.next()
            self.token(keyword)
            self.deeper()
            test = self.expression(current.test)
            links.append((start, test, self.suite(current.body)))
            current = current.orelse
            keyword = "elif"
        orelse = self.otherwise(current)
        self.depth -= len(links)
        for start, test, body in reversed(links):
            orelse = [model.If(self.since(start), test, body, orelse)]
        return orelse[0]

    def otherwise(self, node: cst.Else | None) -> list[Statement]:
        if node is None:
            return []
        self.token("else")
        return self.suite(node.body)

    def loop(self, node: cst.For) -> Statement:
        start = self.next()
        if node.asynchronous is not None:
            self.token("async")
        self.token("for")
        target = self.expression(node.target)
        self.token("in")
        iterable = self.expression(node.iter)
        body = self.suite(node.body)
        orelse = self.otherwise(node.orelse)
        return model.For(self.since(start), target, iterable, body, orelse, node.asynchronous is not None)

    def while_loop(self, node: cst.While) -> Statement:
        start = self.next()
        self.token("while")
        test = self.expression(node.test)
        body = self.suite(node.body)
        orelse = self.otherwise(node.orelse)
        return model.While(self.since(start), test, body, orelse)

    def with_block(self, node: cst.With) -> Statement:
        start = self.next()
        if node.asynchronous is not None:
            self.token("async")
        self.token("with")
        has_parentheses = isinstance(node.lpar, cst.LeftParen)
        if has_parentheses:
            self.token("(")
        items = []
        for item in node.items:
            value = self.expression(item.item)
            target = None
            if item.asname is not None:
                self.token("as")
                target = self.expression(item.asname.name)
            items.append(model.WithItem(value, target))
            self.optional(",")
        if has_parentheses:
            self.token(")")
        body = self.suite(node.body)
        return model.With(self.since(start), items, body, node.asynchronous is not None)

    def try_block(self, node: cst.Try | cst.TryStar) -> Statement:
        start = self.next()
        self.token("try")
        body = self.suite(node.body)
        is_star = isinstance(node, cst.TryStar)
        handlers = []
        for handler in node.handlers:
            clause = self.next()
            self.token("except")
            if is_star:
                self.token("*")
            kind = self.expression(handler.type) if handler.type is not None else None
            name = None
            if handler.name is not None and isinstance(handler.name.name, cst.Name):
                self.token("as")
                name, _ = self.identifier(handler.name.name)
            span = self.since(clause)
            handlers.append(model.Handler(kind, name, self.suite(handler.body), span))
        orelse = self.otherwise(node.orelse)
        finalbody = []
        if node.finalbody is not None:
            self.token("finally")
            finalbody = self.suite(node.finalbody.body)
        return model.Try(self.since(start), body, handlers, orelse, finalbody, is_star)

    def match(self, node: cst.Match) -> Statement:
        start = self.next()
        self.token("match")
        subject = self.expression(node.subject)
        self.token(":")
        self.deeper()
        cases = []
        for case in node.cases:
            self.token("case")
            pattern = self.pattern(case.pattern)
            guard = None
            if case.guard is not None:
                self.token("if")
                guard = self.expression(case.guard)
            body = self.suite(case.body)
            cases.append(model.MatchCase(pattern.values, pattern.names, guard, body, pattern.is_wildcard))
        self.depth -= 1
        return model.Match(self.since(start), subject, cases)

    # --- definitions -----------------------------------------------------------------------------

    def decorators(self, nodes: Sequence[cst.Decorator]) -> list[model.Expression]:
        result = []
        for node in nodes:
            self.token("@")
            result.append(self.expression(node.decorator))
        return result

    def function_definition(self, node: cst.FunctionDef) -> Statement:
        start = self.next()
        decorators = self.decorators(node.decorators)
        definition = self.next()
        if node.asynchronous is not None:
            self.token("async")
        self.token("def")
        name, name_span = self.identifier(node.name)
        type_parameters = self.type_parameters(node.type_parameters)
        self.token("(")
        parameters = self.parameters(node.params)
        self.token(")")
        returns = None
        if node.returns is not None:
            self.token("->")
            returns = self.expression(node.returns.annotation)
        signature = self.since(definition)
        outer = self.has_yield, self.has_walrus
        self.has_yield = False
        body = UNREAD if self.pass_cut() else encode_block(self.suite(node.body))
        is_generator = self.has_yield
        self.has_yield, self.has_walrus = outer
        return model.FunctionDef(
            self.since(start),
            name,
            name_span,
            signature,
            parameters,
            decorators,
            returns,
            body,
            node.asynchronous is not None,
            is_generator,
            type_parameters,
        )

    def class_definition(self, node: cst.ClassDef) -> Statement:
        start = self.next()
        decorators = self.decorators(node.decorators)
        definition = self.next()
        self.token("class")
        name, name_span = self.identifier(node.name)
        type_parameters = self.type_parameters(node.type_parameters)
        bases = []
        if self.optional("("):
            bases = [self.argument(base) for base in (*node.bases, *node.keywords)]
            self.token(")")
        signature = self.since(definition)
        body = self.suite(node.body)
        return model.ClassDef(
            self.since(start), name, name_span, signature, bases, decorators, body, type_parameters
        )

    def type_parameters(self, node: cst.TypeParameters | None) -> list[str]:
        """The names in ``[T: bound = default, *Ts, **P]``; bounds and defaults are passed over."""
        if node is None:
            return []
        names = []
        self.token("[")
        for parameter in node.params:
            inner = parameter.param
            if isinstance(inner, cst.TypeVarTuple):
                self.token("*")
            elif isinstance(inner, cst.ParamSpec):
                self.token("**")
            name, _ = self.identifier(inner.name)
            names.append(name)
            if isinstance(inner, cst.TypeVar) and inner.bound is not None:
                self.token(":")
                self.expression(inner.bound)
            if parameter.default is not None:
                self.token("=")
                self.optional("*")
                self.expression(parameter.default)
            self.optional(",")
        self.token("]")
        return names


_statements: dict[type[cst.CSTNode], Callable[[StatementConverter, Any], Statement]] = {
    cst.Expr: StatementConverter.expression_statement,
    cst.Assign: StatementConverter.assign,
    cst.AnnAssign: StatementConverter.annotated_assign,
    cst.AugAssign: StatementConverter.augmented_assign,
    cst.TypeAlias: StatementConverter.type_alias,
    cst.Import: StatementConverter.import_names,
    cst.LazyImport: StatementConverter.import_names,
    cst.ImportFrom: StatementConverter.import_from,
    cst.LazyImportFrom: StatementConverter.import_from,
    cst.Return: StatementConverter.returned,
    cst.Raise: StatementConverter.raised,
    cst.Assert: StatementConverter.asserted,
    cst.Pass: StatementConverter.passed,
    cst.Break: StatementConverter.broken,
    cst.Continue: StatementConverter.continued,
    cst.Global: StatementConverter.global_names,
    cst.Nonlocal: StatementConverter.nonlocal_names,
    cst.Del: StatementConverter.deleted,
    cst.If: StatementConverter.branch,
    cst.For: StatementConverter.loop,
    cst.While: StatementConverter.while_loop,
    cst.With: StatementConverter.with_block,
    cst.Try: StatementConverter.try_block,
    cst.TryStar: StatementConverter.try_block,
    cst.Match: StatementConverter.match,
    cst.FunctionDef: StatementConverter.function_definition,
    cst.ClassDef: StatementConverter.class_definition,
}
