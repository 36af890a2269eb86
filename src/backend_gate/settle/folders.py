"""Several folders in one verdict: which of them count, and where their files are."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from backend_gate.discover.frameworks import MAX_EVIDENCE, Detected, Evidence
from backend_gate.settle.baseline import BaselineEntry
from backend_gate.settle.relocate import relocate
from backend_gate.settle.verdict import JudgedBackend


def outermost(folders: Iterable[Path]) -> list[Path]:
    """The folders, resolved and sorted, without those inside another one."""
    kept: list[Path] = []
    for folder in sorted({folder.resolve() for folder in folders}):
        if not any(folder.is_relative_to(other) for other in kept):
            kept.append(folder)
    return kept


def merged_frameworks(frameworks: Iterable[Detected]) -> list[Detected]:
    """Each framework once, with the evidence of all folders, the strongest first."""
    evidence: dict[str, list[Evidence]] = {}
    analysed: dict[str, bool] = {}
    for each in frameworks:
        evidence.setdefault(each.framework, []).extend(each.evidence)
        analysed[each.framework] = each.analysed
    return [
        Detected(name, tuple(sorted(items, key=_by_strength))[:MAX_EVIDENCE], analysed[name])
        for name, items in evidence.items()
    ]


def _by_strength(evidence: Evidence) -> tuple[bool, Evidence]:
    return (not evidence.application, evidence)


def prefix_of(folder: Path, root: Path) -> str:
    """What leads from ``root`` to ``folder``: empty, or with a ``/`` at the end."""
    relative = folder.relative_to(root).as_posix()
    return "" if relative == "." else f"{relative}/"


def backend_below(prefix: str, backend: JudgedBackend) -> JudgedBackend:
    """The backend with all its files below ``prefix``."""
    if not prefix:
        return backend
    path = prefix.rstrip("/") if backend.path == "." else prefix + backend.path
    return msgspec.structs.replace(relocate(backend, prefix), path=path)


def entry_below(prefix: str, entry: BaselineEntry) -> BaselineEntry:
    """The entry with its file below ``prefix``."""
    return msgspec.structs.replace(entry, file=prefix + entry.file)
