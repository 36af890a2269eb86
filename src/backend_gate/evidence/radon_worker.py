"""Asks radon, in the worker process: complexity of functions, maintainability of files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from radon.complexity import cc_visit
from radon.metrics import mi_visit

from backend_gate.evidence.tools import (
    RADON,
    FileMaintainability,
    FunctionComplexity,
    Skipped,
    ToolReply,
    ToolRequest,
)
from backend_gate.facts.files import CannotOpenError, read_bytes
from backend_gate.facts.source import UnreadableError, decode


def run(data: bytes) -> bytes:
    """Answer an encoded :class:`ToolRequest` with an encoded :class:`ToolReply`."""
    request = msgspec.json.decode(data, type=ToolRequest)
    root = Path(os.path.realpath(request.root))
    functions: list[FunctionComplexity] = []
    files: list[FileMaintainability] = []
    skipped: list[Skipped] = []
    for path in request.files:
        try:
            text = decode(read_bytes(root, path))
            functions += _functions(path, cc_visit(text))
            files.append(FileMaintainability(path, round(mi_visit(text, multi=True), 2)))
        except (CannotOpenError, UnreadableError, SyntaxError, ValueError, RecursionError) as error:
            skipped.append(Skipped(path, RADON, f"{type(error).__name__}: {error}"))
    return msgspec.json.encode(ToolReply(tuple(sorted(functions)), tuple(files), skipped=tuple(skipped)))


def _functions(path: str, blocks: list[Any]) -> Iterator[FunctionComplexity]:
    """Functions and methods, each once; a class is the sum of its methods and is left out."""
    for block in blocks:
        if block.letter == "C":
            continue
        yield FunctionComplexity(path, block.fullname, (block.lineno, block.endline), block.complexity)
        yield from _functions(path, list(block.closures))
