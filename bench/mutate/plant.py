"""Put mutants into a copy of a backend, in batches in which none hides another."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import libcst as cst

from bench.mutate.model import LIFTED, WEAKENED, WIRING, Mutant
from bench.mutate.source import Sources

_LARGE = 2 << 20


def copy(root: Path, target: Path) -> None:
    """Copy a backend, without version control, symbolic links, and large files that are no Python."""

    def left_out(folder: str, names: list[str]) -> set[str]:
        out = {name for name in names if name in (".git", "node_modules")}
        for name in names:
            path = Path(folder) / name
            if path.is_symlink() or (
                path.is_file() and path.suffix != ".py" and path.stat().st_size > _LARGE
            ):
                out.add(name)
        return out

    shutil.copytree(root, target, ignore=left_out)


def batches(mutants: Iterable[Mutant]) -> list[list[Mutant]]:
    """Divide mutants so that within a batch each works, and can be told from the others."""
    out: list[list[Mutant]] = []
    for mutant in mutants:
        for batch in out:
            if not any(conflict(mutant, other) for other in batch):
                batch.append(mutant)
                break
        else:
            out.append([mutant])
    return out


def conflict(one: Mutant, other: Mutant) -> bool:
    """Whether two mutants edit the same function, or lift the same guard where one covers many routes."""
    if one.file == other.file and (one.node is other.node or _nested(one.scope, other.scope)):
        return True
    both = {one.operator, other.operator}
    if both & WEAKENED and both <= LIFTED | WEAKENED:
        return True  # guards call each other
    return both <= LIFTED and bool(both & WIRING) and bool(one.names & other.names)


def _nested(one: str, other: str) -> bool:
    if not one or not other:
        return False
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def rewritten(sources: Sources, mutants: Sequence[Mutant]) -> dict[str, str]:
    """The new text of every file that the mutants edit, by file."""
    out: dict[str, str] = {}
    for file in sorted({m.file for m in mutants}):
        module = sources.module(file)
        if module is None:
            raise ValueError(f"{file} cannot be parsed")
        replacer = _Replacer({id(m.node): m.replacement for m in mutants if m.file == file})
        tree = module.tree.visit(replacer)
        if replacer.left or not isinstance(tree, cst.Module):
            raise ValueError(f"{file}: an edit found nothing to edit")
        out[file] = tree.code
    return out


class _Replacer(cst.CSTTransformer):
    def __init__(self, table: dict[int, cst.CSTNode | cst.RemovalSentinel]) -> None:
        super().__init__()
        self.left = set(table)
        self._table = table

    def on_leave(
        self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT
    ) -> cst.CSTNodeT | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNodeT]:
        replacement = self._table.get(id(original_node))
        if replacement is None:
            return updated_node
        self.left.discard(id(original_node))
        return replacement  # type: ignore[return-value]  # an expression for an expression: the operators see to it


@contextmanager
def planted(root: Path, texts: dict[str, str]) -> Iterator[None]:
    """Write the texts below ``root``, and what stood there before when done."""
    before = {file: (root / file).read_bytes() for file in texts}
    try:
        for file, text in texts.items():
            (root / file).write_bytes(text.encode("utf-8"))
        yield
    finally:
        for file, content in before.items():
            (root / file).write_bytes(content)
