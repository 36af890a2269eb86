"""From a folder to the tree of its backends: puts the parts of discovery together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from backend_gate.discover.files import MAX_FILES, Walk, walk
from backend_gate.discover.heads import Heads
from backend_gate.discover.manifest import is_project_file, read_manifests
from backend_gate.discover.model import (
    ModuleIndex,
    ProjectTree,
    SourceFile,
    Unit,
    Zone,
    sort_files,
)
from backend_gate.discover.roots import (
    KNOWN_LIBRARIES,
    STANDARD_LIBRARY,
    find_roots,
    is_below,
    module_name,
    parent_of,
    parents_of,
)
from backend_gate.discover.units import Group, group_files
from backend_gate.discover.zones import Zoning
from backend_gate.errors import DiscoveryError, SettingsError
from backend_gate.patterns import Patterns
from backend_gate.settings import OWN_FILE, PYPROJECT, Settings, boundary, settings_of

_DATA_FOLDERS = frozenset({"tests", "test", "testdata", "fixtures", "templates"})


def discover(root: Path, settings: Settings) -> ProjectTree:
    """Everything the gate judges below ``root``.

    ``settings`` hold for the whole tree; a folder below ``root`` that has a configuration of its own is a
    unit with that one instead. Patterns and roots are relative to the folder of the configuration.

    Raises:
        DiscoveryError: ``root`` is no folder, or too large to be a project.
        SettingsError: the configuration of a folder below ``root`` is wrong.
    """
    return _Discovery(walk(root), settings).tree()


def project_root(path: Path) -> Path:
    """The folder to :func:`discover` in order to judge ``path`` (a file or folder) in its context.

    That is the nearest folder in or above it with a project file, else its repository, else the folder
    above the topmost package around it.

    Raises:
        DiscoveryError: there is no such path.
    """
    if not path.exists():
        raise DiscoveryError(f"there is no {path}", "Check the path.")
    start = path.resolve()
    start = start if start.is_dir() else start.parent
    package = start
    for folder in (start, *start.parents):
        if folder != start and folder in (Path.home(), Path(folder.anchor)):
            break  # a stray file there makes no project of everything below
        inside = (folder / "__init__.py").is_file()
        if inside:
            package = folder.parent
        elif any(is_project_file(child.name) for child in folder.iterdir()):
            return folder
        if (folder / ".git").exists():
            return folder
    return package


class _Discovery:
    def __init__(self, found: Walk, settings: Settings) -> None:
        self.found = found
        self.settings = settings
        self.heads = Heads(found.root)
        self.python = tuple(sorted([*found.files, *found.vendored]))
        self.packages = frozenset(parent_of(path) for path in self.python if path.endswith("__init__.py"))
        self.manifests = {
            folder: manifest
            for folder, manifest in read_manifests(found.root, found.manifests, found.distributions).items()
            if self._can_be_project(folder)
        }
        self.linked = self._linked_files()
        self.above = self._packages_above()
        own = {name for manifest in self.manifests.values() for name in manifest.names}
        asked = {name for manifest in self.manifests.values() for name in manifest.dependencies}
        self.foreign = frozenset((asked | KNOWN_LIBRARIES | STANDARD_LIBRARY) - own)

    def tree(self) -> ProjectTree:
        found = self.found
        own_settings = self._own_settings()
        roots = self._roots()
        groups = group_files(
            self._source_files(roots),
            self._imports,
            projects=self.manifests,
            separate=own_settings,
            foreign=self.foreign,
        )
        aliases = self._aliases_by_part(groups, roots)
        units = (
            self._unit(
                group, own_settings, [alias for part in group.parts for alias in aliases.get(part, ())]
            )
            for group in groups
        )
        return ProjectTree(
            root=found.root,
            units=tuple(unit for unit in units if unit.files),
            manifests=tuple(found.manifests),
            skipped=tuple(found.skipped),
            unreadable=tuple(sorted({*found.unreadable, *self.heads.unreadable})),
        )

    def _imports(self, path: str) -> frozenset[str]:
        return self.heads.imports(self.linked.get(path, path))

    def _linked_files(self) -> dict[str, str]:
        """Paths that lead over a link inside the tree to a file of it, and that file."""
        found: dict[str, str] = {}
        for link, target in self.found.links:
            for path in self.python:
                if is_below(path, target):
                    found[link + path[len(target) :]] = path
            if len(found) > MAX_FILES:
                raise DiscoveryError(
                    f"links below {self.found.root} multiply its files beyond {MAX_FILES:,}",
                    "Give the folder of one project.",
                )
        return found

    def _can_be_project(self, folder: str) -> bool:
        """A project file inside a package, or in the data of tests or templates, makes no project."""
        return not self._is_data(folder) and not self._is_in_package(folder)

    def _is_data(self, folder: str) -> bool:
        return not _DATA_FOLDERS.isdisjoint(folder.lower().split("/")) or "{{" in folder

    def _is_in_package(self, folder: str) -> bool:
        return any(each in self.packages for each in (folder, *parents_of(folder)) if each)

    def _packages_above(self) -> tuple[str, ...]:
        """The names of the packages around the tree, if its root is inside one."""
        root = self.found.root
        if "" not in self.packages or "" in self.manifests or (root / ".git").exists():
            return ()
        limit = boundary(root)
        names: list[str] = []
        folder = root
        while (folder / "__init__.py").is_file() and folder.parent != folder:
            names.append(folder.name)
            if folder == limit and (folder / ".git").exists():
                break
            folder = folder.parent
        return tuple(reversed(names))

    def _own_settings(self) -> dict[str, Settings]:
        """The configurations below the root, by folder."""
        found: dict[str, Settings] = {}
        folders = {parent_of(path) for path in self.found.manifests if path.endswith((OWN_FILE, PYPROJECT))}
        for folder in sorted(folder for folder in folders if folder and not self._is_data(folder)):
            settings = settings_of(self.found.root / folder)
            if settings is None:
                continue
            if self._is_in_package(folder):
                raise SettingsError(
                    "stands inside a package, where no backend begins",
                    "Move it to the folder above the package.",
                    file=settings.source or self.found.root / folder,
                )
            found[folder] = settings
        return found

    def _roots(self) -> dict[str, str]:
        return find_roots(
            [*self.python, *self.linked],
            self._imports,
            projects=self.manifests,
            declared=[root for manifest in self.manifests.values() for root in manifest.roots],
            configured=self._configured_roots(),
            foreign=self.foreign,
            above="/".join([".."] * len(self.above)),
        )

    def _source_files(self, roots: Mapping[str, str]) -> list[SourceFile]:
        zoning = Zoning(self.found.files, self.heads, projects={"", *self.manifests})
        vendored = frozenset(self.found.vendored)
        files: list[SourceFile] = []
        for path in self.python:
            zone = Zone.VENDORED if path in vendored else zoning.zone_of(path)
            root = roots[parent_of(path)]
            files.append(SourceFile(path, zone, self._name(path, root), root))
        return files

    def _aliases_by_part(
        self, groups: Iterable[Group], roots: Mapping[str, str]
    ) -> dict[str, list[tuple[str, SourceFile]]]:
        """The names that links inside the tree give to files, by the part of a group they stand in."""
        if not self.linked:
            return {}
        known = {file.path: file for group in groups for file in group.files}
        parts = {part for group in groups for part in group.parts}
        found: dict[str, list[tuple[str, SourceFile]]] = {}
        for path, target in sorted(self.linked.items()):
            name = self._name(path, roots[parent_of(path)])
            around = [part for part in parts if is_below(path, part)]
            if name is not None and around:
                found.setdefault(max(around, key=len), []).append((name, known[target]))
        return found

    def _name(self, path: str, root: str) -> str | None:
        """The name of a file, never one that would hide a library."""
        name = module_name(path, root, self.above)
        if name is None or not self._hides(name, root):
            return name
        base = max((each for each in ("", *self.manifests) if is_below(path, each)), key=len)
        for other in (base, ""):
            longer = module_name(path, other, self.above)
            if longer is not None and not self._hides(longer, other):
                return longer
        return None

    def _hides(self, name: str, root: str) -> bool:
        """Whether a name is a library's. A real package of that name is taken for what it says it is."""
        top = name.partition(".")[0]
        folder = f"{root}/{top}" if root else top
        return top in self.foreign and folder not in self.packages

    def _configured_roots(self) -> list[str]:
        base = self.settings.base
        if not self.settings.roots or not base.is_absolute():
            return list(self.settings.roots)
        found: list[str] = []
        for root in self.settings.roots:
            folder = (base / root).resolve()
            if folder.is_relative_to(self.found.root):
                relative = folder.relative_to(self.found.root).as_posix()
                found.append("" if relative == "." else relative)
        return found

    def _unit(
        self, group: Group, own_settings: Mapping[str, Settings], aliases: Iterable[tuple[str, SourceFile]]
    ) -> Unit:
        settings = self.settings
        for folder in (group.root, *parents_of(group.root)):
            if folder in own_settings:
                settings = own_settings[folder]
                break
        chosen = _Chosen(settings, self.found.root)
        judged = [file for file in group.files if file.zone is not Zone.VENDORED and chosen.takes(file.path)]
        rest = sort_files(set(group.files) - set(judged))
        linked = {file for _, file in aliases} - set(group.files)
        renamed = [msgspec.structs.replace(file, module=name) for name, file in aliases]
        return Unit(
            root=group.root,
            files=sort_files(judged),
            references=sort_files({*rest, *group.shared, *linked}),
            modules=_index([judged, rest, group.shared, renamed]),
            settings=settings,
            entry_points=tuple(
                entry
                for folder, manifest in sorted(self.manifests.items())
                if is_below(folder, group.root) or folder == group.root
                for entry in manifest.entry_points
            ),
        )


class _Chosen:
    """``include`` and ``exclude``, for paths relative to the tree."""

    def __init__(self, settings: Settings, root: Path) -> None:
        base = settings.base if settings.source is not None else root
        self._include = Patterns(settings.include)
        self._exclude = Patterns(settings.exclude)
        self._add, self._cut = "", ""
        if root.is_relative_to(base) and root != base:
            self._add = f"{root.relative_to(base).as_posix()}/"
        elif base.is_relative_to(root) and root != base:
            self._cut = f"{base.relative_to(root).as_posix()}/"

    def takes(self, path: str) -> bool:
        relative = self._add + path.removeprefix(self._cut)
        if self._include and not self._include.takes(relative):
            return False
        return not self._exclude.takes(relative)


def _index(layers: Iterable[Iterable[SourceFile]]) -> ModuleIndex:
    """Names of all files; where several have one name the first layer wins, then production, then a
    package over a module."""
    by_name: dict[str, str] = {}
    names: dict[str, str] = {}
    for layer in layers:
        for file in sorted(layer, key=_precedence):
            if file.module is not None:
                by_name.setdefault(file.module, file.path)
                names.setdefault(file.path, file.module)
    return ModuleIndex(by_name, names)


def _precedence(file: SourceFile) -> tuple[bool, bool, str]:
    return (file.zone is not Zone.PRODUCTION, not file.path.endswith("/__init__.py"), file.path)
