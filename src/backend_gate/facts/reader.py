"""Reads one file of Python into its :class:`~backend_gate.facts.model.FileFacts`, by libcst.

A pure function of path and bytes: no other file, no state, no environment. Bad input gives an error
in the facts, never an exception.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

import libcst as cst

from backend_gate.facts.bindings import effects
from backend_gate.facts.bounds import check_bounds
from backend_gate.facts.comments import gate_comments
from backend_gate.facts.expressions import TooDeepError
from backend_gate.facts.model import FileFacts, TopStatement, encode_block
from backend_gate.facts.positions import LostPositionError, line_starts
from backend_gate.facts.source import UnreadableError, decode
from backend_gate.facts.statements import StatementConverter
from backend_gate.facts.syntax import syntax_error

_word = re.compile(r"[^\W\d]\w*")


def read_source(path: str, data: bytes) -> FileFacts:
    """The facts of one file.

    Args:
        path: relative to the project, with ``/``; only copied into the facts.
        data: the bytes of the file.
    """
    digest = hashlib.sha256(data).hexdigest()
    try:
        text = decode(data)
    except UnreadableError as problem:
        return FileFacts(path, digest, data.count(b"\n") + 1, [], [], {}, problem.error)
    lines = len(line_starts(text)) - (not text or text.endswith(("\n", "\r")))
    words = words_of(text)
    comments = gate_comments(text)
    try:
        statements = _read_statements(text, data)
    except UnreadableError as problem:
        return FileFacts(path, digest, lines, [], words, comments, problem.error)
    return FileFacts(path, digest, lines, statements, words, comments)


def words_of(text: str) -> list[str]:
    """Everything in ``text`` that looks like an identifier, sorted; comments and strings included."""
    words = set(_word.findall(text))
    if not text.isascii():
        words = {unicodedata.normalize("NFKC", word) for word in words}
    return sorted(words)


def _read_statements(text: str, data: bytes) -> list[TopStatement]:
    """The statements of a module.

    Raises:
        UnreadableError: a syntax error, or nesting without bounds.
    """
    check_bounds(text, data)
    try:
        module = cst.parse_module(text)
    except cst.ParserSyntaxError as problem:
        raise syntax_error(text, problem) from None
    except (cst.CSTValidationError, cst.CSTLogicError) as problem:
        # Found while the tree is built: the grammar of the parser knows the code, its nodes do not.
        raise UnreadableError(f"the parser rejects this file: {problem}") from None
    converter = StatementConverter(text)
    has_walrus = ":=" in text
    result = []
    try:
        for statement in converter.statements(module.body):
            done = effects(statement, has_walrus=has_walrus)
            code = encode_block([statement])
            result.append(TopStatement(statement.span, list(done.binds), list(done.mutates), code))
    except TooDeepError as problem:
        raise UnreadableError("the code nests too deeply to be read", problem.line, problem.column) from None
    except LostPositionError as problem:
        raise UnreadableError(
            f"the reader lost its place ({problem}); this is a fault of backend-gate, please report it",
            problem.line,
            problem.column,
        ) from None
    return result
