"""Reads one file of Python into its :class:`~backend_gate.facts.model.FileFacts`.

Python's own parser is ten times as fast as libcst, but it only knows the grammar of the Python that runs the
gate. So it reads what it can, and libcst the rest; both give the same facts.

Pure functions of path and bytes: no other file, no state, no environment. Bad input gives an error
in the facts, never an exception.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache

from backend_gate.facts.bindings import effects
from backend_gate.facts.bounds import check_bounds
from backend_gate.facts.by_ast.parsing import NotForAstError
from backend_gate.facts.by_ast.statements import AstReader, BodyFilter
from backend_gate.facts.comments import gate_comments
from backend_gate.facts.model import (
    FileFacts,
    FunctionDef,
    Statement,
    TopStatement,
    encode_block,
)
from backend_gate.facts.positions import line_starts
from backend_gate.facts.source import UnreadableError, decode
from backend_gate.facts.tree import is_sound
from backend_gate.facts.words import words_of


def read_source(path: str, data: bytes, *, eager_words: frozenset[str] | None = None) -> FileFacts:
    """The facts of one file.

    Args:
        path: relative to the project, with ``/``; only copied into the facts.
        data: the bytes of the file.
        eager_words: by default everything is read. With words, the bodies of functions that mention
            none of them are left out, which is several times as fast; see :func:`read_body`. All else
            is the same either way, except that where libcst reads the file, a syntax error that only
            libcst sees (tree-sitter is more lenient) stays unnoticed in a body until it is read.
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
        UnreadableError: no parser reads the body.
    """
    try:
        return _ast_reader_of(data).body(function)
    except NotForAstError:
        from backend_gate.facts.by_libcst import reading

        return reading.body(data, function)


@lru_cache(maxsize=24)
def _ast_reader_of(data: bytes) -> AstReader:
    """Kept for a few files: many bodies of one file are asked for in a row."""
    return AstReader(decode(data))


def _statements(text: str, eager_words: frozenset[str] | None) -> list[TopStatement]:
    """The statements of a file, by the first parser that reads it.

    Raises:
        UnreadableError: none of them does.
    """
    reader = AstReader(text, None if eager_words is None else BodyFilter.of(eager_words))
    try:
        return top_statements(reader.module())
    except NotForAstError:
        from backend_gate.facts.by_libcst import reading

        return top_statements(reading.module(text, eager_words))


def top_statements(statements: Iterable[tuple[Statement, bool]]) -> list[TopStatement]:
    """Statements of a module with what they do to its names; each comes with whether a ``:=`` may be in it."""
    result = []
    for statement, has_walrus in statements:
        done = effects(statement, has_walrus=has_walrus)
        code = encode_block([statement])
        result.append(TopStatement(statement.span, list(done.binds), list(done.mutates), code))
    return result
