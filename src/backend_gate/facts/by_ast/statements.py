"""Statements of the standard library's ``ast`` as statements of :mod:`backend_gate.facts.model`.

The same form as :mod:`backend_gate.facts.by_libcst` gives.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from backend_gate.facts import model
from backend_gate.facts.by_ast.expressions import OPERATORS, AstExpressions
from backend_gate.facts.by_ast.parsing import NotForAstError, parse
from backend_gate.facts.depth import TooDeepError
from backend_gate.facts.model import UNREAD, FunctionDef, Statement, encode_block
from backend_gate.facts.pattern import Pattern
from backend_gate.facts.positions import LostPositionError
from backend_gate.facts.words import mentions


class BodyFilter(msgspec.Struct):
    """Which bodies of functions to read: those that mention one of ``words``."""

    words: frozenset[str]
    encoded: frozenset[bytes]

    @classmethod
    def of(cls, words: frozenset[str]) -> BodyFilter:
        # A function that yields is told from one that does not by reading it.
        words = words | {"yield"}
        return cls(words, frozenset(word.encode() for word in words))


class AstReader(AstExpressions):
    """Converts the statements of a file, or of the body of one of its functions.

    With ``wanted``, bodies of functions outside of any other function are only read where it says so.
    """

    __slots__ = ("is_inside", "wanted")

    def __init__(self, text: str, wanted: BodyFilter | None = None) -> None:
        super().__init__(text)
        self.wanted = wanted
        self.is_inside = False

    def module(self) -> Iterator[tuple[Statement, bool]]:
        """The statements of the whole text, each with whether it may hold a ``:=`` outside of functions.

        Raises:
            NotForAstError: libcst has to read it.
        """
        tree = parse(self.text)
        self.above = 0
        for node in tree.body:
            with _only_for_ast():
                statement = self.statement(node)
            yield statement, self.has_walrus
            self.has_walrus = False

    def body(self, function: FunctionDef) -> list[Statement]:
        """The statements of a function of the text, by the spans of its definition.

        Raises:
            NotForAstError: libcst has to read it.
        """
        signature, whole = function.definition, function.span
        self.position = self.offset(signature.end_line, signature.end_column)
        with _only_for_ast():
            self.token(":")
        colon = self.position - 1
        line, _ = self.line_and_column(colon)
        indent = self.octets_before(colon)
        # An indented block stays as it is under a header that ends where its own did.
        block = self.text[colon : self.offset(whole.end_line, whole.end_column)]
        tree = parse(f"if 1\\\n{' ' * indent}{block}\n")
        header = tree.body[0]
        if len(tree.body) != 1 or not isinstance(header, ast.If):
            raise NotForAstError
        self.above = line - 2
        self.depth = 0
        self.is_inside = True
        with _only_for_ast():
            return self.block(header.body)

    def statement(self, node: ast.stmt) -> Statement:
        handler = _statements.get(type(node))
        if handler is None:
            raise self.lost(type(node).__name__)
        return handler(self, node)

    def block(self, nodes: Iterable[ast.stmt]) -> list[Statement]:
        self.deeper()
        result = [self.statement(node) for node in nodes]
        self.depth -= 1
        return result

    # --- simple statements -----------------------------------------------------------------------

    def expression_statement(self, node: ast.Expr) -> Statement:
        return model.ExpressionStatement(self.place(node), self.expression(node.value))

    def assign(self, node: ast.Assign) -> Statement:
        targets = self.expressions(node.targets)
        return model.Assign(self.place(node), targets, self.expression(node.value))

    def annotated_assign(self, node: ast.AnnAssign) -> Statement:
        target, annotation = self.expression(node.target), self.expression(node.annotation)
        return model.AnnotatedAssign(self.place(node), target, annotation, self.maybe(node.value))

    def augmented_assign(self, node: ast.AugAssign) -> Statement:
        target = self.expression(node.target)
        return model.AugmentedAssign(
            self.place(node), target, OPERATORS[type(node.op)], self.expression(node.value)
        )

    def type_alias(self, node: Any) -> Statement:
        return model.TypeAlias(self.place(node), node.name.id, self.expression(node.value))

    def import_names(self, node: ast.Import) -> Statement:
        return model.Import(self.place(node), _imported(node.names))

    def import_from(self, node: ast.ImportFrom) -> Statement:
        return model.ImportFrom(self.place(node), node.module or "", node.level, _imported(node.names))

    def returned(self, node: ast.Return) -> Statement:
        return model.Return(self.place(node), self.maybe(node.value))

    def raised(self, node: ast.Raise) -> Statement:
        return model.Raise(self.place(node), self.maybe(node.exc), self.maybe(node.cause))

    def asserted(self, node: ast.Assert) -> Statement:
        return model.Assert(self.place(node), self.expression(node.test), self.maybe(node.msg))

    def passed(self, node: ast.Pass) -> Statement:
        return model.Pass(self.place(node))

    def broken(self, node: ast.Break) -> Statement:
        return model.Break(self.place(node))

    def continued(self, node: ast.Continue) -> Statement:
        return model.Continue(self.place(node))

    def global_names(self, node: ast.Global) -> Statement:
        return model.Global(self.place(node), node.names)

    def nonlocal_names(self, node: ast.Nonlocal) -> Statement:
        return model.Nonlocal(self.place(node), node.names)

    def deleted(self, node: ast.Delete) -> Statement:
        targets = self.expressions(node.targets)
        if len(targets) == 1 and isinstance(targets[0], model.TupleDisplay):  # del (a, b)
            self.position = self.end(node.targets[0])
            self.skip(")")
            if not self.optional(","):  # del (a, b),
                targets = targets[0].items
        return model.Delete(self.place(node), targets)

    # --- blocks ----------------------------------------------------------------------------------

    def branch(self, node: ast.If) -> Statement:
        """A chain of ``if``/``elif``/``else``, walked in a loop and nested from its end."""
        links: list[tuple[ast.If, model.Expression, list[Statement]]] = []
        current = node
        while True:
            self.deeper()
            test = self.expression(current.test)
            links.append((current, test, self.block(current.body)))
            if len(current.orelse) != 1 or not isinstance(current.orelse[0], ast.If):
                break
            current = current.orelse[0]
        orelse = self.block(current.orelse)
        self.depth -= len(links)
        for link, test, body in reversed(links):
            orelse = [model.If(self.block_place(link), test, body, orelse)]
        return orelse[0]

    def loop(self, node: ast.For | ast.AsyncFor) -> Statement:
        target, iterable = self.expression(node.target), self.expression(node.iter)
        body, orelse = self.block(node.body), self.block(node.orelse)
        return model.For(self.block_place(node), target, iterable, body, orelse, type(node) is ast.AsyncFor)

    def while_loop(self, node: ast.While) -> Statement:
        test = self.expression(node.test)
        return model.While(self.block_place(node), test, self.block(node.body), self.block(node.orelse))

    def with_block(self, node: ast.With | ast.AsyncWith) -> Statement:
        items = [
            model.WithItem(self.expression(item.context_expr), self.maybe(item.optional_vars))
            for item in node.items
        ]
        return model.With(self.block_place(node), items, self.block(node.body), type(node) is ast.AsyncWith)

    def try_block(self, node: ast.Try | ast.TryStar) -> Statement:
        body = self.block(node.body)
        is_star = type(node) is ast.TryStar
        handlers = []
        for handler in node.handlers:
            kind = self.maybe(handler.type)
            span = self.clause(handler, is_star=is_star)
            handlers.append(model.Handler(kind, handler.name, self.block(handler.body), span))
        orelse, finalbody = self.block(node.orelse), self.block(node.finalbody)
        return model.Try(self.block_place(node), body, handlers, orelse, finalbody, is_star)

    def clause(self, node: ast.ExceptHandler, *, is_star: bool) -> model.Span:
        """The span of ``except type as name``."""
        start = self.position = self.start(node)
        if node.type is None:
            self.token("except")
            if is_star:
                self.token("*")
        else:
            self.position = self.end(node.type)
            self.skip(")")
        if node.name is not None:
            self.token("as")
            self.token(node.name)
        return self.span(start, self.position)

    def match(self, node: ast.Match) -> Statement:
        subject = self.expression(node.subject)
        self.deeper()
        cases = []
        for case in node.cases:
            pattern = self.pattern(case.pattern)
            guard = self.maybe(case.guard)
            body = self.block(case.body)
            cases.append(model.MatchCase(pattern.values, pattern.names, guard, body, pattern.is_wildcard))
        self.depth -= 1
        return model.Match(self.block_place(node), subject, cases)

    # --- patterns --------------------------------------------------------------------------------

    def pattern(self, node: ast.pattern) -> Pattern:
        self.deeper()
        result = self._pattern(node)
        self.depth -= 1
        return result

    def _pattern(self, node: ast.pattern) -> Pattern:
        match node:
            case ast.MatchValue():
                return Pattern([self.expression(node.value)], [])
            case ast.MatchSingleton():
                return Pattern([model.Constant(self.place(node), node.value)], [])
            case ast.MatchAs(pattern=None):
                return Pattern([], [] if node.name is None else [node.name], True)
            case ast.MatchAs(pattern=ast.pattern() as inner):
                result = self.pattern(inner)
                if node.name is not None:
                    result.names.append(node.name)
                return result
            case ast.MatchOr():
                return Pattern.any_of([self.pattern(inner) for inner in node.patterns])
            case ast.MatchStar():
                return Pattern([], [] if node.name is None else [node.name])
            case ast.MatchMapping():
                parts = node.patterns
                rest = [] if node.rest is None else [node.rest]
            case ast.MatchClass():
                parts, rest = [*node.patterns, *node.kwd_patterns], []
            case ast.MatchSequence():
                parts, rest = node.patterns, []
            case _:
                raise self.lost(type(node).__name__)
        return Pattern([], [*(name for part in parts for name in self.pattern(part).names), *rest])

    # --- definitions -----------------------------------------------------------------------------

    def function_definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Statement:
        decorators = self.expressions(node.decorator_list)
        is_async = type(node) is ast.AsyncFunctionDef
        name_span = self.name_span(node, "async" if is_async else "def")
        parameters = self.parameters(node.args)
        returns = self.maybe(node.returns)
        signature = self.signature(node, name_span, _last_of_signature(node))
        outer = self.has_yield, self.has_walrus, self.is_inside
        self.has_yield, self.is_inside = False, True
        body = encode_block(self.block(node.body)) if outer[2] or self.wants(node) else UNREAD
        is_generator = self.has_yield
        self.has_yield, self.has_walrus, self.is_inside = outer
        return FunctionDef(
            self.whole(node),
            node.name,
            name_span,
            signature,
            parameters,
            decorators,
            returns,
            body,
            is_async,
            is_generator,
            _type_parameters(node),
        )

    def class_definition(self, node: ast.ClassDef) -> Statement:
        decorators = self.expressions(node.decorator_list)
        name_span = self.name_span(node, "class")
        bases = self.arguments(node, node.bases, node.keywords)
        signature = self.signature(node, name_span, _last_of_class_header(node))
        body = self.block(node.body)
        return model.ClassDef(
            self.whole(node), node.name, name_span, signature, bases, decorators, body, _type_parameters(node)
        )

    def wants(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        """Whether to read the body of a function."""
        if self.wanted is None:
            return True
        first = node.body[0]
        start = self.start(first)
        if isinstance(first, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and first.decorator_list:
            start = self.start(first.decorator_list[0])
        data = self.text[start : self.end(_last_statement(node))].encode()
        return mentions(data, self.wanted.words, self.wanted.encoded)

    def name_span(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, keyword: str
    ) -> model.Span:
        """Where the name of a definition stands."""
        self.position = self.start(node)
        self.token(keyword)
        if keyword == "async":
            self.token("def")
        start = self.next()
        self.token(node.name)
        return self.span(start, self.position)

    def signature(self, node: ast.stmt, name: model.Span, last: ast.AST | None) -> model.Span:
        """The span from ``def`` or ``class`` up to its colon; ``last`` is the last node in front of that."""
        self.position = self.offset(name.end_line, name.end_column) if last is None else self.end(last)
        self.skip("()[],*/")
        end = self.position
        self.token(":")
        return self.span(self.start(node), end)

    def block_place(self, node: ast.stmt) -> model.Span:
        """The span of a statement with a block; a semicolon behind its last statement does not count."""
        span, last = self.place(node), self.place(_last_statement(node))
        return model.Span(span.line, span.column, last.end_line, last.end_column)

    def whole(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> model.Span:
        """The span of a definition with its decorators."""
        if not node.decorator_list:
            return self.block_place(node)
        start = self.text.rfind("@", 0, self.start(node.decorator_list[0]))
        return self.span(start, self.end(_last_statement(node)))


class _only_for_ast:  # noqa: N801  a context manager, used as a word
    """What the converter cannot place, libcst reads."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: object, traceback: object) -> None:
        if kind is not None and issubclass(kind, (LostPositionError, TooDeepError, RecursionError)):
            raise NotForAstError from None


def _last_statement(node: ast.stmt) -> ast.stmt:
    """The statement without a block that the text of ``node`` ends with."""
    current: Any = node
    while True:
        for field in ("finalbody", "orelse", "handlers", "cases", "body"):
            inner = getattr(current, field, None)
            if inner:
                current = inner[-1]
                break
        else:
            last: ast.stmt = current
            return last


def _imported(names: list[ast.alias]) -> list[model.ImportedName]:
    return [model.ImportedName(name.name, name.asname) for name in names]


def _type_parameters(node: Any) -> list[str]:
    """Names of ``[T, *Ts, **P]``; Python has them since 3.12."""
    return [parameter.name for parameter in getattr(node, "type_params", ())]


def _last_of_signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST | None:
    if node.returns is not None:
        return node.returns
    args = node.args
    found = [*args.posonlyargs, *args.args, *args.kwonlyargs, *args.defaults]
    found += [one for one in (*args.kw_defaults, args.vararg, args.kwarg) if one is not None]
    found = found or list(getattr(node, "type_params", ()))
    return max(found, key=_end, default=None)


def _last_of_class_header(node: ast.ClassDef) -> ast.AST | None:
    found: list[Any] = [*node.bases, *node.keywords] or list(getattr(node, "type_params", ()))
    return max(found, key=_end, default=None)


def _end(node: Any) -> tuple[int, int]:
    return node.end_lineno, node.end_col_offset


_statements: dict[type[ast.AST], Callable[[AstReader, Any], Statement]] = {
    ast.Expr: AstReader.expression_statement,
    ast.Assign: AstReader.assign,
    ast.AnnAssign: AstReader.annotated_assign,
    ast.AugAssign: AstReader.augmented_assign,
    ast.Import: AstReader.import_names,
    ast.ImportFrom: AstReader.import_from,
    ast.Return: AstReader.returned,
    ast.Raise: AstReader.raised,
    ast.Assert: AstReader.asserted,
    ast.Pass: AstReader.passed,
    ast.Break: AstReader.broken,
    ast.Continue: AstReader.continued,
    ast.Global: AstReader.global_names,
    ast.Nonlocal: AstReader.nonlocal_names,
    ast.Delete: AstReader.deleted,
    ast.If: AstReader.branch,
    ast.For: AstReader.loop,
    ast.AsyncFor: AstReader.loop,
    ast.While: AstReader.while_loop,
    ast.With: AstReader.with_block,
    ast.AsyncWith: AstReader.with_block,
    ast.Try: AstReader.try_block,
    ast.TryStar: AstReader.try_block,
    ast.Match: AstReader.match,
    ast.FunctionDef: AstReader.function_definition,
    ast.AsyncFunctionDef: AstReader.function_definition,
    ast.ClassDef: AstReader.class_definition,
}
if hasattr(ast, "TypeAlias"):
    _statements[ast.TypeAlias] = AstReader.type_alias
