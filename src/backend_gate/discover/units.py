"""Which files form one backend.

A folder with a project file is a project; a file belongs to the innermost project around it. Projects
that import each other form one unit, unless both have a module of the same name (two services with their
own ``app.main``) or a configuration of their own: then they stay apart, and each can import what it
shares with the other. One project whose import roots clash is split in the same way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from backend_gate.discover.model import SourceFile, Zone
from backend_gate.discover.roots import Imports, is_below, parent_of

_COUNTED = frozenset({Zone.PRODUCTION, Zone.GENERATED})
"""Zones whose module names can clash: every project has a ``conftest`` and a ``manage``."""


class Group(msgspec.Struct, frozen=True):
    """The files of one unit and, transitively, those of other groups that they import.

    ``root`` is the folder of its main project; no two groups have the same. ``parts`` are the folders of
    all its projects.
    """

    root: str
    parts: tuple[str, ...]
    files: tuple[SourceFile, ...]
    shared: tuple[SourceFile, ...]


def group_files(
    files: Iterable[SourceFile],
    imports: Imports,
    *,
    projects: Iterable[str] = (),
    separate: Iterable[str] = (),
    foreign: Iterable[str] = (),
) -> tuple[Group, ...]:
    """The units of a tree, sorted by root. Every file is in exactly one group.

    ``projects`` are folders with a project file; ``separate`` are those (a part of them) with a
    configuration of their own. ``foreign`` are names of libraries, which never link projects.
    """
    parts = _parts(sorted(files), frozenset(projects) | {""})
    if len(parts) == 1:
        ((root, only),) = parts.items()
        return (Group(root, (root,), only, ()),)
    return _Grouping(parts, imports, frozenset(separate), frozenset(foreign)).groups()


def _parts(files: list[SourceFile], projects: frozenset[str]) -> dict[str, tuple[SourceFile, ...]]:
    """Files by innermost project; a project whose import roots clash falls apart by import root."""
    by_project: dict[str, list[SourceFile]] = defaultdict(list)
    for file in files:
        by_project[_innermost(parent_of(file.path), projects)].append(file)
    parts: dict[str, list[SourceFile]] = defaultdict(list)
    for project, members in sorted(by_project.items()):
        clashing = _clashing_roots(members)
        for file in members:
            home = project
            around = [root for root in clashing if is_below(file.path, root) and is_below(root, project)]
            if around:
                home = max(around, key=len)
            parts[home].append(file)
    return {name: tuple(sorted(members)) for name, members in sorted(parts.items())}


def _clashing_roots(files: list[SourceFile]) -> frozenset[str]:
    roots: dict[str, set[str]] = defaultdict(set)
    for file in files:
        if file.module and file.zone in _COUNTED:
            roots[file.module].add(file.import_root)
    return frozenset(root for several in roots.values() if len(several) > 1 for root in several if root)


def _innermost(folder: str, projects: frozenset[str]) -> str:
    while folder not in projects:
        folder = parent_of(folder)
    return folder


class _Grouping:
    """Joins parts to groups. All decisions are on sets or in sorted order."""

    def __init__(
        self,
        parts: Mapping[str, tuple[SourceFile, ...]],
        imports: Imports,
        separate: frozenset[str],
        foreign: frozenset[str],
    ) -> None:
        self.parts = parts
        self.separate = separate
        self.names = {
            part: frozenset(file.module for file in files if file.module and file.zone in _COUNTED)
            for part, files in parts.items()
        }
        self.own = {part: _by_top(files) for part, files in parts.items()}
        # Nobody imports the tests or scripts of another project.
        self.offered = {
            part: _by_top(file for file in files if file.zone in _COUNTED) for part, files in parts.items()
        }
        self.edges = {part: self._targets(part, imports, foreign) for part in parts}

    def groups(self) -> tuple[Group, ...]:
        reach = {part: self._reach(part) for part in self.parts}
        joined = self._join(self._kept_edges(reach))
        found: list[Group] = []
        for members in joined:
            files = tuple(sorted(file for part in members for file in self.parts[part]))
            beyond = sorted({other for part in members for other in reach[part]} - set(members))
            shared = tuple(sorted(file for part in beyond for file in self.parts[part]))
            found.append(Group(self._main(members), members, files, shared))
        return tuple(sorted(found, key=lambda group: group.root))

    def _main(self, members: tuple[str, ...]) -> str:
        """The part that gives a group its name: one with production code that no other member imports."""
        busy = [part for part in members if self.names[part]] or list(members)
        used = {other for part in busy for other in self.edges[part]}
        return min([part for part in busy if part not in used] or busy)

    def _targets(self, part: str, imports: Imports, foreign: frozenset[str]) -> frozenset[str]:
        """The parts that this one imports something from which it does not have itself."""
        wanted: set[str] = set()
        for file in self.parts[part]:
            wanted.update(imports(file.path))
        found: set[str] = set()
        for name in wanted:
            top = name.partition(".")[0]
            if top in foreign or _has(self.own[part], name):
                continue
            others = [other for other in self.parts if _has(self.offered[other], name)]
            exact = [other for other in others if name in self.offered[other][top]]
            found.update(exact or others)
        return frozenset(found)

    def _reach(self, part: str) -> frozenset[str]:
        seen: set[str] = set()
        pending = [part]
        while pending:
            for other in self.edges[pending.pop()]:
                if other not in seen and other != part and not self._clash(part, other):
                    seen.add(other)
                    pending.append(other)
        return frozenset(seen)

    def _clash(self, part: str, other: str) -> bool:
        return not self.names[part].isdisjoint(self.names[other])

    def _apart(self, part: str, other: str) -> bool:
        return self._clash(part, other) or self._home(part) != self._home(other)

    def _home(self, part: str) -> str:
        """The configured folder around a part."""
        return _innermost(part, self.separate | {""})

    def _kept_edges(self, reach: Mapping[str, frozenset[str]]) -> list[tuple[str, str]]:
        kept: list[tuple[str, str]] = []
        for other in sorted(self.parts):
            users = sorted(part for part in self.parts if other in reach[part])
            everyone = [*users, other]
            if any(self._apart(left, right) for left in everyone for right in everyone if left < right):
                continue  # shared by services that have to stay apart: a unit of its own
            kept.extend((user, other) for user in users)
        return kept

    def _join(self, edges: list[tuple[str, str]]) -> list[tuple[str, ...]]:
        group = {part: frozenset({part}) for part in self.parts}
        for left, right in [*edges, *self._idle()]:
            both = group[left] | group[right]
            if any(self._apart(one, two) for one in both for two in both if one < two):
                continue
            for part in both:
                group[part] = both
        return sorted({tuple(sorted(members)) for members in group.values()})

    def _idle(self) -> list[tuple[str, str]]:
        """Parts without production code (scripts, tests, documentation) go with the part around them, or
        with the only part that has some, below them or anywhere."""
        busy = [part for part in sorted(self.parts) if self.names[part]]
        found: list[tuple[str, str]] = []
        for part in sorted(set(self.parts) - set(busy)):
            around = [other for other in busy if is_below(part, other)]
            below = [other for other in busy if is_below(other, part)]
            if around:
                found.append((part, max(around, key=len)))
            elif len(below) == 1 or len(busy) == 1:
                found.append((part, (below or busy)[0]))
        return found


def _by_top(files: Iterable[SourceFile]) -> dict[str, frozenset[str]]:
    """Module names and the packages around them, by their first part."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in files:
        name = file.module or ""
        while name:
            found[name.partition(".")[0]].add(name)
            name = name.rpartition(".")[0]
    return {top: frozenset(names) for top, names in found.items()}


def _has(tops: Mapping[str, frozenset[str]], name: str) -> bool:
    """Whether a name is a module or package, or an attribute of one."""
    names = tops.get(name.partition(".")[0])
    return names is not None and (name in names or name.rpartition(".")[0] in names)
