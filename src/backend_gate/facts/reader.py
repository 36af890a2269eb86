"""Reads one file of Python into its :class:`~backend_gate.facts.model.FileFacts`, by libcst.

Pure functions of path and bytes: no other file, no state, no environment. Bad input gives an error
in the facts, never an exception.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache

import libcst as cst

from backend_gate.facts.ast_statements import AstReader, BodyFilter, NotForAstError
from backend_gate.facts.bindings import effects
from backend_gate.facts.bounds import check_bounds
from backend_gate.facts.comments import gate_comments
from backend_gate.facts.converter import TooDeepError
from backend_gate.facts.model import (
    FileFacts,
    FunctionDef,
    Statement,
    TopStatement,
    encode_block,
)
from backend_gate.facts.positions import LostPositionError, line_starts
from backend_gate.facts.skeleton import is_sound, skeleton
from backend_gate.facts.source import UnreadableError, decode
from backend_gate.facts.statements import StatementConverter
from backend_gate.facts.syntax import syntax_error
from backend_gate.facts.words import words_of


def read_source(path: str, data: bytes, *, eager_words: frozenset[str] | None = None) -> FileFacts:
    """The facts of one file.

    Args:
        path: relative to the project, with ``/``; only copied into the facts.
        data: the bytes of the file.
        eager_words: by default everything is read. With words, the bodies of functions that mention
            none of them are left out, which is several times as fast; see :func:`read_body`. All else
            is the same either way, except that a syntax error that only libcst sees (tree-sitter is
            more lenient) stays unnoticed in a body until it is read.
    """
    digest = hashlib.sha256(data).hexdigest()
    try:
        text = decode(data)
    except UnreadableError as problem:
        return FileFacts(path, digest, data.count(b"\n") + 1, [], [], [], problem.error)
    encoded = text.encode()
    lines = len(line_starts(text)) - (not text or text.endswith(("\n", "\r")))
    words = sorted(words_of(encoded))
    comments = gate_comments(text)
    try:
        check_bounds(text, encoded)
        statements = _statements(text, eager_words)
    except UnreadableError as problem:
        return FileFacts(path, digest, lines, [], words, comments, problem.error)
    return FileFacts(path, digest, lines, statements, words, comments)


def looks_sound(data: bytes) -> bool:
    """Whether tree-sitter, which takes a tenth of the time, sees nothing that keeps a file from being read.

    For files whose code nobody asks for. Where it says no, reading decides; some of what only libcst
    objects to goes unnoticed.
    """
    try:
        text = decode(data)
        encoded = text.encode()
        check_bounds(text, encoded)
    except UnreadableError:
        return False
    return is_sound(encoded)


def read_body(data: bytes, function: FunctionDef) -> list[Statement]:
    """The body of a function that was left out, exactly as reading the whole file gives it.

    Args:
        data: the bytes of the file that ``function`` comes from.
        function: not nested in another function.

    Raises:
        UnreadableError: libcst rejects the body, which tree-sitter had accepted.
    """
    try:
        return _ast_reader_of(data).body(function)
    except NotForAstError:
        return _body_by_libcst(data, function)


def _body_by_libcst(data: bytes, function: FunctionDef) -> list[Statement]:
    converter = _converter_of(data)
    signature, whole = function.definition, function.span
    start = converter.offset(signature.end_line, signature.end_column)
    converter.position = start
    converter.token(":")
    # An indented block stays as it is under a header of one line: dedenting would change its strings.
    block = converter.text[converter.position : converter.offset(whole.end_line, whole.end_column)]
    try:
        module = cst.parse_module(f"if 1:{block}\n")
    except (cst.ParserSyntaxError, cst.CSTValidationError, cst.CSTLogicError):
        raise UnreadableError("syntax error in the body of this function", signature.line) from None
    header = module.body[0]
    assert isinstance(header, cst.If)  # noqa: S101  (that is what was parsed)
    converter.position = start
    converter.depth = 0
    try:
        return converter.suite(header.body)
    except (TooDeepError, LostPositionError) as problem:
        raise _unreadable(problem) from None


@lru_cache(maxsize=8)
def _ast_reader_of(data: bytes) -> AstReader:
    return AstReader(decode(data))


@lru_cache(maxsize=4)
def _converter_of(data: bytes) -> StatementConverter:
    """Kept for a few files: many bodies of one file are asked for in a row."""
    return StatementConverter(decode(data))


def _statements(text: str, eager_words: frozenset[str] | None) -> list[TopStatement]:
    """The statements of a file, by whichever parser reads them first.

    Raises:
        UnreadableError: none of them does.
    """
    reader = AstReader(text, None if eager_words is None else BodyFilter.of(eager_words))
    try:
        return _converted(reader, reader.module())
    except NotForAstError:
        return statements_by_libcst(text, eager_words)


def statements_by_libcst(text: str, eager_words: frozenset[str] | None = None) -> list[TopStatement]:
    """The statements of a file, read by libcst: whatever Python runs the gate, and what others are held against.

    Raises:
        UnreadableError: libcst rejects it.
    """
    statements = None if eager_words is None else _read_some(text, eager_words)
    if statements is not None:
        return statements
    converter = StatementConverter(text)
    return _converted(converter, converter.statements(_parsed(text).body))


def _read_some(text: str, eager_words: frozenset[str]) -> list[TopStatement] | None:
    """The statements with some bodies left out; ``None`` if the parsers do not agree on the file."""
    left = skeleton(text, eager_words)
    if left is None:
        return None
    cuts = dict(left.cuts)
    converter = StatementConverter(text, cuts=cuts)
    try:
        statements = _converted(converter, converter.statements(_parsed(left.text).body))
    except UnreadableError:
        return None
    return None if cuts else statements


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


def _converted(
    converter: AstReader | StatementConverter, statements: Iterable[Statement]
) -> list[TopStatement]:
    """The statements of a module.

    Raises:
        UnreadableError: nested too deeply, or tree and text disagree.
    """
    result = []
    try:
        for statement in statements:
            done = effects(statement, has_walrus=converter.has_walrus)
            converter.has_walrus = False
            code = encode_block([statement])
            result.append(TopStatement(statement.span, list(done.binds), list(done.mutates), code))
    except (TooDeepError, LostPositionError) as problem:
        raise _unreadable(problem) from None
    return result


def _unreadable(problem: TooDeepError | LostPositionError) -> UnreadableError:
    if isinstance(problem, TooDeepError):
        message = "the code nests too deeply to be read"
    else:
        message = f"the reader lost its place ({problem}); this is a fault of backend-gate, please report it"
    return UnreadableError(message, problem.line, problem.column)
