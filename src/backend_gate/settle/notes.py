"""Remarks that neither fail nor leave anything open: entries of the configuration that match nothing."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import msgspec

from backend_gate.backend.model import Place
from backend_gate.backend.vocabulary import Entry
from backend_gate.facts.model import Span
from backend_gate.settings import Settings, line_of

_WHY = {
    "guards": "no endpoint depends on `{}`, which is named as a guard",
    "applications": "nothing here calls `{}`, which is named as making an application",
    "routers": "nothing here calls `{}`, which is named as making a router",
}
_OTHERWISE = "nothing here mentions `{}`, which the vocabulary describes"


class Note(msgspec.Struct, frozen=True, order=True):
    """A remark: where, what, and what to do about it, as sentences without a final period."""

    place: Place
    message: str
    advice: str = ""


def unmatched_notes(
    settings: Settings, own: Sequence[Entry], unmatched: Collection[str], root: Path
) -> Iterator[Note]:
    """A note for each name of a configuration that nothing below ``root`` (absolute) answers to."""
    for key, names in _taught(settings):
        for position, name in enumerate(names):
            if name in unmatched and settings.source is not None:
                yield _note(key, name, settings.source, line_of(settings, (key, position)), root)
    for entry in own:
        if entry.name in unmatched:
            yield _note(entry.key, entry.name, entry.file, entry.line, root)


def _taught(settings: Settings) -> list[tuple[str, tuple[str, ...]]]:
    return [
        ("guards", settings.guards),
        ("applications", settings.applications),
        ("routers", settings.routers),
    ]


def _note(key: str, name: str, file: Path, line: int, root: Path) -> Note:
    place = Place(Path(os.path.relpath(file, root)).as_posix(), Span(line, 1, line, 2))
    return Note(place, _WHY.get(key, _OTHERWISE).format(name), "Correct the name, or take the entry out")
