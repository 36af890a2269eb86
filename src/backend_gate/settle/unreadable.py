"""Files that cannot be read and that linking does not meet.

Tests, templates, examples and migrations are no part of the linked backend, but whoever broke one should
hear of it. And what discovery cannot enter or open, it cannot give to anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from backend_gate.backend.model import Place, UnreadableFile
from backend_gate.discover import ProjectTree, Unit, Zone
from backend_gate.facts.files import CannotOpenError, read_bytes
from backend_gate.facts.model import ReadError, Span, decode_facts
from backend_gate.facts.pool import read_file
from backend_gate.facts.reader import looks_sound

BESIDE = frozenset({Zone.TESTS, Zone.TEMPLATES, Zone.EXAMPLES, Zone.MIGRATIONS})
"""The zones that are not linked, but are the project's own code."""


def unreadable_beside(tree: ProjectTree, units: Iterable[Unit]) -> dict[str, list[UnreadableFile]]:
    """The files beside production code that no parser reads, by the root of their unit."""
    found: dict[str, list[UnreadableFile]] = {}
    for unit in units:
        for file in unit.in_zone(*BESIDE):
            error = _error(tree.root, file.path)
            if error is not None:
                place = Place(file.path, Span(error.line, error.column, error.line, error.column + 1))
                unreadable = UnreadableFile(place, error.message, file.zone.value)
                found.setdefault(unit.root, []).append(unreadable)
    return found


def _error(root: Path, path: str) -> ReadError | None:
    try:
        if looks_sound(read_bytes(root, path)):
            return None
    except CannotOpenError as problem:
        return ReadError(str(problem))
    _, _, facts = read_file(root, None, path)
    return decode_facts(facts).error


def unreadable_on_disk(tree: ProjectTree) -> dict[str, list[UnreadableFile]]:
    """What discovery could not open and gave to no unit, by the root of the unit that it lies in.

    Nobody knows what is in there, so it counts as production code.
    """
    files = {file.path for unit in tree.units for file in unit.files}
    found: dict[str, list[UnreadableFile]] = {}
    for item in tree.unreadable:
        unit = next(_around(tree.units, item.path), None)
        if unit is not None and item.path not in files:
            unreadable = UnreadableFile(
                Place(item.path, Span(1, 1, 1, 1)), item.message, Zone.PRODUCTION.value, on_disk=True
            )
            found.setdefault(unit.root, []).append(unreadable)
    return found


def _around(units: Iterable[Unit], path: str) -> Iterator[Unit]:
    """The units whose folder holds ``path``, the innermost first."""
    holding = [unit for unit in units if not unit.root or f"{path}/".startswith(f"{unit.root}/")]
    return iter(sorted(holding, key=lambda unit: -len(unit.root)))
