"""What changed between two trees, and which of the changes made a finding new."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec

from backend_gate.backend.model import Auth, Endpoint, Place
from backend_gate.facts.code import CodeIndex
from backend_gate.facts.files import CannotOpenError, read_bytes
from backend_gate.facts.model import Span
from backend_gate.facts.source import UnreadableError, decode
from backend_gate.rules.model import Finding
from backend_gate.settle.verdict import Change

MAX_CHANGES = 4
"""A finding names no more changes than this."""
RANK = ("here", "evidence", "file", "elsewhere")
"""How a finding may hang on a change, the most telling first."""

_MAX_COMPARED = 20_000_000
_LINE_END = re.compile(r"\r\n?|\n")
_QUOTED = re.compile(r"`(?:[\w.]*\.)?([^\W\d]\w{3,})`")


class Hunk(msgspec.Struct, frozen=True, order=True):
    """Lines of one file that were replaced: ``old`` and ``new`` are the first line and the line behind the
    last, both from 1; equal where nothing was there before or is there now."""

    file: str
    old: tuple[int, int]
    new: tuple[int, int]
    words: frozenset[str]
    deleted: bool = False


class Changes:
    """The changes of the files ``paths`` (relative to both roots) from the tree ``old`` to the tree ``new``.

    Args:
        endpoints: those of the old tree; what guarded them may have changed.
    """

    def __init__(
        self, old: Path | None, new: Path, paths: Iterable[str], endpoints: Iterable[Endpoint] = ()
    ) -> None:
        self._old, self._new = _Texts(old), _Texts(new)
        self._hunks: dict[str, list[Hunk]] = {}
        for path in sorted(set(paths)):
            try:
                hunks = _hunks(path, self._old.text(path), self._new.text(path))
            except CannotOpenError:  # nobody can tell
                continue
            if hunks:
                self._hunks[path] = hunks
        self._guarded: dict[str, list[Auth]] = {}
        for endpoint in endpoints:
            if endpoint.auth.guards:
                self._guarded.setdefault(endpoint.handler, []).append(endpoint.auth)

    def of(self, finding: Finding) -> tuple[Change, ...]:
        """The changes that may have made a finding new, the most telling first."""
        found: dict[Hunk, str] = {}
        for hunk in self._touching(self._new, finding.place):
            found.setdefault(hunk, "here")
        places = places_of(finding)
        before = self._guarded.get(finding.symbol, [])
        old_places = sorted({step.place for auth in before for step in auth.steps})
        for place in places:
            for hunk in self._touching(self._new, place):
                found.setdefault(hunk, "evidence")
        for place in old_places:
            for hunk in self._touching(self._old, place):
                found.setdefault(hunk, "evidence")
        names = {name for auth in before for guard in auth.guards for name in _names(guard)}
        names |= set(_QUOTED.findall(finding.message))
        names.discard(finding.symbol.rpartition(".")[2])
        for hunk in self._all():
            if names & hunk.words:
                found.setdefault(hunk, "evidence")
        if not found:
            files = {place.file for place in [*places, *old_places]}
            for hunk in self._all():
                found[hunk] = "file" if hunk.file in files else "elsewhere"
            if "file" in found.values():
                found = {hunk: relation for hunk, relation in found.items() if relation == "file"}
        ranked = sorted(found.items(), key=lambda item: (RANK.index(item[1]), item[0]))
        return tuple(_change(hunk, relation) for hunk, relation in ranked[:MAX_CHANGES])

    def new_lines(self) -> dict[str, frozenset[int]]:
        """The lines of the new tree that were not in the old one, by file."""
        lines = {
            file: frozenset(line for hunk in hunks if not hunk.deleted for line in range(*hunk.new))
            for file, hunks in self._hunks.items()
        }
        return {file: numbers for file, numbers in lines.items() if numbers}

    def _all(self) -> list[Hunk]:
        return [hunk for hunks in self._hunks.values() for hunk in hunks]

    def _touching(self, texts: _Texts, place: Place) -> list[Hunk]:
        """The changes of the lines of a place, or, if there are none, of the function around it."""
        hunks = self._hunks.get(place.file, [])
        if not hunks:
            return []
        is_old = texts is self._old
        span = place.span
        direct = [
            hunk for hunk in hunks if _meets(hunk.old if is_old else hunk.new, span.line, span.end_line)
        ]
        if direct:
            return direct
        first, last = texts.definition_lines(place)
        return [hunk for hunk in hunks if _meets(hunk.old if is_old else hunk.new, first, last)]


def places_of(finding: Finding) -> list[Place]:
    """Every place that a finding names."""
    steps = (step.place for step in finding.evidence)
    return [finding.place, *steps, *(item.place for item in finding.related)]


class _Texts:
    """The files of one tree."""

    def __init__(self, root: Path | None) -> None:
        self._root = root.resolve() if root is not None else None
        self._indexes: dict[str, CodeIndex] = {}

    def text(self, path: str) -> str | None:
        """The text of a file; ``None`` if there is none.

        Raises:
            CannotOpenError: it is there and cannot be opened.
        """
        if self._root is None:
            return None
        try:
            return decode(read_bytes(self._root, path))
        except CannotOpenError:
            if os.path.lexists(self._root / path):
                raise
            return None
        except UnreadableError:
            return ""

    def definition_lines(self, place: Place) -> tuple[int, int]:
        """The lines of the function around a place; of code outside of any, those of the place."""
        if place.file not in self._indexes:
            text = None
            with suppress(CannotOpenError):
                text = self.text(place.file)
            self._indexes[place.file] = CodeIndex(text or "")
        return self._indexes[place.file].definition_lines(place.span)


def _hunks(path: str, old: str | None, new: str | None) -> list[Hunk]:
    if old == new:
        return []
    before, after = _lines(old or ""), _lines(new or "")
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    left, right = before[start : len(before) - end], after[start : len(after) - end]
    if len(left) * len(right) > _MAX_COMPARED:
        blocks = [(0, len(left), 0, len(right))]
    else:
        matcher = difflib.SequenceMatcher(a=left, b=right, autojunk=False)
        blocks = [(a, b, c, d) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]
    return [
        Hunk(
            file=path,
            old=(start + a + 1, start + b + 1),
            new=(start + c + 1, start + d + 1),
            words=frozenset(re.findall(r"[^\W\d]\w*", "\n".join([*left[a:b], *right[c:d]]))),
            deleted=new is None,
        )
        for a, b, c, d in blocks
    ]


def _lines(text: str) -> list[str]:
    lines = _LINE_END.split(text)
    return lines if lines[-1] else lines[:-1]


def _meets(lines: tuple[int, int], first: int, last: int) -> bool:
    """Whether changed lines lie in a range; where lines went away, whether they stood inside of it."""
    start, end = lines
    if start == end:
        return first < start <= last
    return start <= last and end > first


def _names(guard: str) -> list[str]:
    """The names under which code can mention a guard: its own and, for a method, that of its class."""
    return [part for part in guard.split(".")[-2:] if len(part) > 3 and not part.startswith("__")]


def _change(hunk: Hunk, relation: str) -> Change:
    lines = hunk.old if hunk.deleted else hunk.new
    first, last = max(1, lines[0]), max(1, lines[0], lines[1] - 1)
    return Change(
        place=Place(hunk.file, Span(first, 1, last, 1)),
        relation=relation,
        removed=hunk.old[1] - hunk.old[0],
        added=hunk.new[1] - hunk.new[0],
        deleted=hunk.deleted,
    )
