"""Whether coverage was measured on the source that is here now. Times never decide.

What ``backend-gate test`` records holds a digest of every file. A foreign report names lines: those that can
run, or at least those that did. They are held against the present text.
"""

from __future__ import annotations

import ast
import hashlib
import io
import tokenize
from collections.abc import Iterable, Iterator

from backend_gate.evidence.coverage.model import FileCoverage

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_NO_CODE = (ast.Pass, ast.Global, ast.Nonlocal, ast.Continue, ast.Break, ast.Try)
_NESTED = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def digest(data: bytes) -> str:
    """What identifies the text of a file, whatever its line ends."""
    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()


def fits_report(source: bytes, statements: set[int], excluded: set[int], file: FileCoverage) -> bool:
    """Whether a report lists the lines that can run in ``source``.

    ``statements`` and ``excluded`` are those of the present text. Lines that one Python compiles to code and another
    does not (an annotation, ``pass``, a constant) decide nothing.
    """
    listed = {*file.executed, *file.missing}
    unsure = _unsure_lines(source) | excluded | set(file.excluded)
    return not (listed ^ statements) - unsure


def fits_trace(source: bytes, lines: Iterable[int], arcs: Iterable[tuple[int, int]]) -> bool:
    """Whether lines that ran hold code in ``source``, and functions that were entered start there."""
    try:
        code = _code_lines(source)
        starts = _scope_lines(source)
    except (SyntaxError, ValueError, tokenize.TokenError, RecursionError):
        return True  # not to be judged by this Python; the file is named as such elsewhere
    if any(line > 0 and line not in code for line in lines):
        return False
    return all(-start in starts for start, _ in arcs if start < -1)


def _code_lines(source: bytes) -> set[int]:
    """The lines that hold more than a comment."""
    empty = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    lines: set[int] = {1}  # a module is entered at its first line, whatever stands there
    for token in tokenize.tokenize(io.BytesIO(source).readline):
        if token.type not in empty and token.type not in (tokenize.ENCODING, tokenize.ENDMARKER):
            lines.update(range(token.start[0], token.end[0] + 1))
    return lines


def _scope_lines(source: bytes) -> set[int]:
    """The lines on which a function, class, lambda or comprehension begins, by any way of counting."""
    lines: set[int] = {0, 1}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, _SCOPES):
            lines.update((node.lineno, *(item.lineno for item in node.decorator_list)))
        elif isinstance(node, _NESTED) or (isinstance(node, ast.stmt) and type(node).__name__ == "TypeAlias"):
            lines.add(node.lineno)
        for parameter in getattr(node, "type_params", ()):
            lines.add(parameter.lineno)
    return lines


def _unsure_lines(source: bytes) -> set[int]:
    """The lines of statements that some versions of Python compile to nothing."""
    return set(_unsure(ast.parse(source)))


def _unsure(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, _NO_CODE) or (isinstance(node, ast.AnnAssign) and node.value is None):
            yield node.lineno
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield from range(node.lineno, (node.end_lineno or node.lineno) + 1)
        elif isinstance(node, (ast.While, ast.If)) and isinstance(node.test, (ast.Constant, ast.Name)):
            yield node.lineno
