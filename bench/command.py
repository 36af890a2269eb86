"""What the commands have in common: work on each backend, print the tables, write them if all went well."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from bench import corpus, gate, tables

T = TypeVar("T")


def run(
    name: str,
    args: argparse.Namespace,
    subjects: Iterable[corpus.Subject],
    work: Callable[[corpus.Subject, Path], T],
    blocks: Callable[[Sequence[T]], Mapping[str, str]],
) -> int:
    """Do ``work`` on every subject and print the blocks made of the results; the exit code.

    A backend that the gate gave no report on is named, the others go on, and the code is 2; a table with
    such a hole is printed and never written into the document (``--write``).
    """
    results: list[T] = []
    failed = False
    try:
        for subject, root in corpus.sources(args, subjects):
            print(f"{subject.title} …", file=sys.stderr, flush=True)
            try:
                results.append(work(subject, root))
            except gate.GateError as error:
                print(f"{name}: {error}", file=sys.stderr, flush=True)
                failed = True
    except corpus.CorpusError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 2
    for block, content in blocks(results).items():
        print(f"{content}\n")
        if args.write and not failed:
            tables.write_block(block, content)
    return 2 if failed else 0
