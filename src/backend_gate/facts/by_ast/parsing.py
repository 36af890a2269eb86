"""Python's own parser, without its warnings and with one error for all that it does not take."""

from __future__ import annotations

import ast
import warnings


class NotForAstError(Exception):
    """Python's own parser does not read this, which says nothing about whether it is Python."""


def parse(source: str) -> ast.Module:
    """The tree of a module.

    Raises:
        NotForAstError: the grammar of the running Python does not have it, or it is too much for the parser.
    """
    if "\f" in source or source.count("\r") != source.count("\r\n"):
        raise NotForAstError  # the tokenizers do not agree on lines and columns here
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise NotForAstError from None
