"""The statements of a file, or of the body of one of its functions, by libcst."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import libcst as cst

from backend_gate.facts.by_libcst.skeleton import skeleton
from backend_gate.facts.by_libcst.statements import StatementConverter
from backend_gate.facts.by_libcst.syntax import syntax_error
from backend_gate.facts.depth import TooDeepError
from backend_gate.facts.model import FunctionDef, Statement
from backend_gate.facts.positions import LostPositionError
from backend_gate.facts.source import UnreadableError, decode


def module(text: str, eager_words: frozenset[str] | None = None) -> list[tuple[Statement, bool]]:
    """The statements of a file, each with whether it may hold a ``:=`` outside of the bodies of functions.

    Raises:
        UnreadableError: a syntax error, nested too deeply, or tree and text disagree.
    """
    left = None if eager_words is None else skeleton(text, eager_words)
    if left is not None:
        cuts = dict(left.cuts)
        try:
            statements = list(_converted(StatementConverter(text, cuts=cuts), _parsed(left.text)))
        except UnreadableError:
            pass  # the parsers do not agree on the file
        else:
            if not cuts:
                return statements
    return list(_converted(StatementConverter(text), _parsed(text)))


def body(data: bytes, function: FunctionDef) -> list[Statement]:
    """The body of a function, by the spans of its definition in the file ``data``.

    Raises:
        UnreadableError: libcst rejects the body, which tree-sitter had accepted.
    """
    converter = _converter_of(data)
    signature, whole = function.definition, function.span
    start = converter.offset(signature.end_line, signature.end_column)
    converter.position = start
    converter.token(":")
    # An indented block stays as it is under a header of one line: dedenting would change its strings.
    block = converter.text[converter.position : converter.offset(whole.end_line, whole.end_column)]
    try:
        tree = cst.parse_module(f"if 1:{block}\n")
    except (cst.ParserSyntaxError, cst.CSTValidationError, cst.CSTLogicError):
        raise UnreadableError("syntax error in the body of this function", signature.line) from None
    header = tree.body[0]
    assert isinstance(header, cst.If)  # noqa: S101  (that is what was parsed)
    converter.position = start
    converter.depth = 0
    try:
        return converter.suite(header.body)
    except (TooDeepError, LostPositionError) as problem:
        raise _unreadable(problem) from None


@lru_cache(maxsize=4)
def _converter_of(data: bytes) -> StatementConverter:
    """Kept for a few files: many bodies of one file are asked for in a row."""
    return StatementConverter(decode(data))


def _parsed(text: str) -> cst.Module:
    """libcst's tree.

    Raises:
        UnreadableError: a syntax error.
    """
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as problem:
        raise syntax_error(text, problem) from None
    except (cst.CSTValidationError, cst.CSTLogicError) as problem:
        # Found while the tree is built: the grammar of the parser knows the code, its nodes do not.
        raise UnreadableError(f"the parser rejects this file: {problem}") from None


def _converted(converter: StatementConverter, tree: cst.Module) -> Iterator[tuple[Statement, bool]]:
    """As :func:`module`."""
    try:
        for statement in converter.statements(tree.body):
            yield statement, converter.has_walrus
            converter.has_walrus = False
    except (TooDeepError, LostPositionError) as problem:
        raise _unreadable(problem) from None


def _unreadable(problem: TooDeepError | LostPositionError) -> UnreadableError:
    if isinstance(problem, TooDeepError):
        message = "the code nests too deeply to be read"
    else:
        message = f"the reader lost its place ({problem}); this is a fault of backend-gate, please report it"
    return UnreadableError(message, problem.line, problem.column)
