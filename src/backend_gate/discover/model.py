"""What discovery finds: files with their zone and module name, grouped into backends."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from backend_gate.settings import Settings


class Zone(enum.Enum):
    """What a file is for. Rules name the zones they judge; ``PRODUCTION`` is the default."""

    PRODUCTION = "production"
    TESTS = "tests"
    MIGRATIONS = "migrations"
    SCRIPTS = "scripts"
    EXAMPLES = "examples"
    GENERATED = "generated"
    TEMPLATES = "templates"
    VENDORED = "vendored"


class SourceFile(msgspec.Struct, frozen=True, order=True):
    """One Python file.

    ``path`` and ``import_root`` are relative to the tree's root, with ``/``; the root itself is ``""``,
    and an import root above it starts with ``..``. ``module`` is the name under which the project imports
    the file, ``None`` if it has none (``gunicorn.conf.py``).
    """

    path: str
    zone: Zone
    module: str | None
    import_root: str


class ModuleIndex:
    """The modules that code of one backend can import from the project, by name.

    ``by_name`` maps a dotted name to the path of its file; a package to its ``__init__.py``. Namespace
    packages have no file and are known to :meth:`is_package` only.
    """

    def __init__(self, by_name: Mapping[str, str], names: Mapping[str, str] | None = None) -> None:
        self.by_name: dict[str, str] = dict(by_name)
        self._names = {path: name for name, path in self.by_name.items()}
        self._names.update(names or {})
        self._packages = {name for name, path in self.by_name.items() if _is_init(path)}
        self._namespaces: set[str] = set()
        for name in self.by_name:
            parent = name.rpartition(".")[0]
            while parent and parent not in self._namespaces:
                if parent not in self.by_name:
                    self._namespaces.add(parent)
                parent = parent.rpartition(".")[0]

    def is_package(self, name: str) -> bool:
        """Whether ``name`` is a package of the project, with or without an ``__init__.py``."""
        return name in self._packages or name in self._namespaces

    def is_namespace(self, name: str) -> bool:
        """Whether ``name`` is a package without an ``__init__.py``."""
        return name in self._namespaces

    def name_of(self, path: str) -> str | None:
        """The module name of a file, or ``None``. Also of a file whose name another file took."""
        return self._names.get(path)

    def __contains__(self, name: object) -> bool:
        return name in self.by_name or name in self._namespaces

    def __len__(self) -> int:
        return len(self.by_name)


class EntryPoint(msgspec.Struct, frozen=True, order=True):
    """What a project offers to others under a group: ``target`` is ``module:attribute``."""

    group: str
    name: str
    target: str


class Unit(msgspec.Struct, frozen=True):
    """One backend: files that belong together, and the names under which they import each other.

    ``root`` is the folder of its (main) project, relative to the tree's root (``""``: the root itself), and
    unique; scripts or libraries that go with it can stand elsewhere. ``files`` are judged,
    sorted by path. ``references`` are not judged but can be imported (vendored or excluded files, files
    of other units that this one imports); ``modules`` holds both. ``entry_points`` are what its own projects offer.
    """

    root: str
    files: tuple[SourceFile, ...]
    references: tuple[SourceFile, ...]
    modules: ModuleIndex
    settings: Settings
    entry_points: tuple[EntryPoint, ...] = ()

    @property
    def name(self) -> str:
        """How reports call the unit: its folder, ``.`` for the root."""
        return self.root or "."

    def in_zone(self, *zones: Zone) -> tuple[SourceFile, ...]:
        """The judged files of these zones."""
        return tuple(file for file in self.files if file.zone in zones)


class Skipped(msgspec.Struct, frozen=True, order=True):
    """A folder or file that was left out, and why. ``path`` as in :class:`SourceFile`."""

    path: str
    reason: str


class Unreadable(msgspec.Struct, frozen=True, order=True):
    """A folder or file that should have been judged and cannot be read: the verdict is incomplete."""

    path: str
    message: str


class ProjectTree(msgspec.Struct, frozen=True):
    """Everything found below ``root`` (absolute, resolved). All lists are sorted.

    ``manifests`` are project files of any ecosystem, for :mod:`backend_gate.discover.frameworks`.
    Anything in ``unreadable`` means exit code 2, after all else was judged.
    """

    root: Path
    units: tuple[Unit, ...]
    manifests: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    unreadable: tuple[Unreadable, ...]

    @property
    def files(self) -> tuple[SourceFile, ...]:
        """The judged files of all units, sorted by path."""
        return tuple(sorted((file for unit in self.units for file in unit.files), key=_path_of))


def sort_files(files: Iterable[SourceFile]) -> tuple[SourceFile, ...]:
    """Files by path."""
    return tuple(sorted(files, key=_path_of))


def _path_of(file: SourceFile) -> str:
    return file.path


def _is_init(path: str) -> bool:
    return path == "__init__.py" or path.endswith("/__init__.py")
