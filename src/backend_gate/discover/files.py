"""Which files there are: one walk over the tree that leaves early what cannot matter."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Collection
from pathlib import Path

import msgspec

from backend_gate.discover.ignore import IgnoreRules, read_rules
from backend_gate.discover.model import Skipped, Unreadable
from backend_gate.discover.tracked import TrackedFiles, read_tracked
from backend_gate.errors import DiscoveryError
from backend_gate.settings import boundary

MAX_FILES = 200_000
"""More Python files than this are no project; the walk stops with an error."""

MAX_DEPTH = 64
"""Folders nested deeper than this are not entered and reported as unreadable."""

PROJECT_FILES = frozenset({"pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "backend-gate.toml"})
"""Files that make their folder a project of its own (beside ``requirements*.txt``)."""

_OTHER_MANIFESTS = frozenset({
    "package.json", "nest-cli.json", "main.ts", "app.module.ts",
    "mix.exs", "router.ex", "endpoint.ex",
    "Gemfile", "routes.rb", "application.rb", "config.ru",
    "Program.cs", "Startup.cs",
    "alembic.ini", "manage.py",
})  # fmt: skip
_REQUIREMENTS = re.compile(r"requirements[\w.-]*\.(?:txt|in)")

_CACHES = frozenset({"__pycache__", "node_modules", "bower_components", "site-packages", "dist-packages"})
_VENDORED = frozenset({"_vendor", "_vendored", "vendored", "third_party", "thirdparty", "3rdparty", "extern"})
_BUILT = frozenset({"build", "dist"})
_VENDOR_LIST = re.compile(r"(?i)licen[sc]e|requirements|vendor(?:ed)?\.(?:txt|toml|py)$")
_METADATA = (".dist-info", ".egg-info", ".egg", ".data")


class _Pending(msgspec.Struct):
    """A folder to enter. ``ignored``: only what git tracks counts in it. ``shipped``: it belongs to an
    unpacked distribution, whose ``.gitignore`` files are leftovers."""

    path: str
    depth: int
    rules: IgnoreRules | None
    vendored: bool = False
    ignored: bool = False
    shipped: bool = False


class Walk(msgspec.Struct):
    """What the walk found. Paths are relative to the root, with ``/``.

    ``files``: Python files; ``vendored``: those inside vendored folders; ``links``: links to a file or
    folder inside the tree, with their target (both relative); ``distributions``: names from
    ``*.dist-info`` folders, by the folder they stand in.
    """

    root: Path
    files: list[str] = []
    vendored: list[str] = []
    manifests: list[str] = []
    links: list[tuple[str, str]] = []
    distributions: list[tuple[str, str, str]] = []
    skipped: list[Skipped] = []
    unreadable: list[Unreadable] = []


def walk(root: Path) -> Walk:
    """All files below ``root`` that could belong to a backend.

    Left out: what git ignores, hidden folders, virtual environments, caches, build results. Links are
    never followed; those that stay in the tree are listed.

    Raises:
        DiscoveryError: ``root`` is no folder, or holds more than :data:`MAX_FILES` Python files.
    """
    try:
        root = root.resolve(strict=True)
    except OSError as error:
        raise DiscoveryError(f"there is no folder {root}", "Check the path.") from error
    if not root.is_dir():
        raise DiscoveryError(f"{root} is no folder", "Give the folder of the project.")
    found = Walk(root)
    _Walker(found).run()
    for entries in (found.files, found.vendored, found.manifests, found.links, found.distributions):
        entries.sort()
    found.skipped.sort()
    found.unreadable.sort()
    return found


class _Walker:
    def __init__(self, found: Walk) -> None:
        self.found = found
        self.top = boundary(found.root)
        relative = found.root.relative_to(self.top).as_posix()
        # Patterns are relative to the repository, the rest to the root.
        self.prefix = "" if relative == "." else f"{relative}/"

    def run(self) -> None:
        pending = [_Pending("", 0, self._rules_above())]
        while pending:
            pending.extend(self._folder(pending.pop()))
            if len(self.found.files) + len(self.found.vendored) > MAX_FILES:
                raise DiscoveryError(
                    f"{self.found.root} holds more than {MAX_FILES:,} Python files",
                    "Give the folder of one project.",
                )

    @functools.cached_property
    def tracked(self) -> TrackedFiles:
        """Read only when a pattern ignores something that could matter."""
        return read_tracked(self.top)

    def _rules_above(self) -> IgnoreRules | None:
        """The patterns between the repository's root and the root of the walk (exclusive)."""
        rules = self._read(self.top / ".git" / "info" / "exclude", "", None)
        parts = [part for part in self.prefix.split("/") if part]
        for count in range(len(parts)):
            folder = "/".join(parts[:count])
            prefix = f"{folder}/" if folder else ""
            rules = self._read(self.top / folder / ".gitignore", prefix, rules)
            if rules and rules.ignores(f"{prefix}{parts[count]}/"):
                return None  # the user asks for an ignored folder: its own patterns count alone
        return rules

    def _read(self, file: Path, folder: str, rules: IgnoreRules | None) -> IgnoreRules | None:
        try:
            return read_rules(file, folder, rules)
        except (FileNotFoundError, NotADirectoryError):
            return rules
        except OSError as error:
            path = os.path.relpath(file, self.found.root)
            self.found.unreadable.append(Unreadable(path, f"cannot be read: {error.strerror}"))
            return rules

    def _folder(self, here: _Pending) -> list[_Pending]:
        found, folder, rules = self.found, here.path, here.rules
        prefix = f"{folder}/" if folder else ""
        try:
            with os.scandir(found.root / folder) as scan:
                entries = {entry.name: entry for entry in scan}
        except OSError as error:
            found.unreadable.append(Unreadable(_shown(folder) or ".", f"cannot be read: {error.strerror}"))
            return []
        if folder and _is_environment(entries):
            found.skipped.append(Skipped(_shown(folder), "virtual environment"))
            return []
        if any(name.endswith(".dist-info") for name in entries):
            here.shipped = True  # what a distribution holds is there on purpose
        if ".gitignore" in entries and not here.shipped:
            rules = self._read(found.root / folder / ".gitignore", self.prefix + prefix, rules)
        inside = msgspec.structs.replace(here, rules=rules)
        folders: list[_Pending] = []
        for name, entry in entries.items():
            if entry.is_symlink():
                self._link(prefix + name, name)
            elif entry.is_dir(follow_symlinks=False):
                below = self._enter(inside, prefix + name, entry, entries)
                if below is not None:
                    folders.append(below)
            elif entry.is_file(follow_symlinks=False):
                self._file(inside, prefix + name, name)
        return folders

    def _enter(
        self, here: _Pending, path: str, entry: os.DirEntry[str], siblings: dict[str, os.DirEntry[str]]
    ) -> _Pending | None:
        """A folder as the next to walk, or ``None`` if it is left out."""
        name = entry.name
        if name.endswith(".dist-info"):
            distribution = name.removesuffix(".dist-info").rpartition("-")[0]
            self.found.distributions.append((here.path, distribution, path))
        if name.startswith(".") or name in _CACHES or name.endswith(_METADATA):
            return None  # nobody wants to read about these
        ignored = here.ignored or bool(here.rules and here.rules.ignores(f"{self.prefix}{path}/"))
        if ignored and not self.tracked.any_below(self.prefix + path):
            self.found.skipped.append(Skipped(_shown(path), "ignored by git"))
            return None
        if not ignored and _is_build_result(name, entry, siblings):
            self.found.skipped.append(Skipped(_shown(path), "build result"))
            return None
        if here.depth >= MAX_DEPTH:
            message = f"is nested deeper than {MAX_DEPTH} folders"
            self.found.unreadable.append(Unreadable(_shown(path), message))
            return None
        vendored = here.vendored or _is_vendored(name, entry)
        return msgspec.structs.replace(
            here, path=path, depth=here.depth + 1, vendored=vendored, ignored=ignored
        )

    def _file(self, here: _Pending, path: str, name: str) -> None:
        is_python = name.endswith(".py")
        if not (is_python or is_manifest(name)):
            return
        ignored = here.ignored or bool(here.rules and here.rules.ignores(self.prefix + path))
        if ignored and not (is_python and self.prefix + path in self.tracked.paths):
            if is_python:
                self.found.skipped.append(Skipped(_shown(path), "ignored by git"))
            return
        if _shown(path) != path:
            self.found.unreadable.append(Unreadable(_shown(path), "has a name that is not UTF-8"))
            return
        if is_manifest(name) and not here.vendored:
            self.found.manifests.append(path)
        if is_python:
            (self.found.vendored if here.vendored else self.found.files).append(path)

    def _link(self, path: str, name: str) -> None:
        if name.startswith("."):
            return
        try:
            target = (self.found.root / path).resolve(strict=True)
        except (OSError, RuntimeError):  # dangling, or a loop of links: nothing to read either way
            return
        is_folder = target.is_dir()
        if not (is_folder or name.endswith(".py")):
            return
        if not target.is_relative_to(self.found.root):
            self.found.skipped.append(Skipped(_shown(path), "link out of the tree"))
            return
        relative = target.relative_to(self.found.root).as_posix()
        if relative != "." and not f"{path}/".startswith(f"{relative}/"):
            self.found.links.append((path, relative))


def is_manifest(name: str) -> bool:
    """Whether a file of this name says something about a project."""
    return (
        name in PROJECT_FILES
        or name in _OTHER_MANIFESTS
        or name.endswith((".csproj", ".fsproj"))
        or bool(_REQUIREMENTS.fullmatch(name))
    )


def _is_environment(entries: Collection[str]) -> bool:
    """Whether these are the entries of a virtual environment. One file alone must not hide a folder."""
    if "pyvenv.cfg" not in entries and "conda-meta" not in entries:
        return False
    return not {"bin", "Scripts", "lib", "Lib"}.isdisjoint(entries)


def _is_build_result(name: str, entry: os.DirEntry[str], siblings: dict[str, os.DirEntry[str]]) -> bool:
    """Whether a folder holds what a build made. A package can be called "build" as well."""
    if name not in _BUILT:
        return False
    content = _names(entry)
    if "__init__.py" in content:
        return False
    if any(other in PROJECT_FILES or other == "package.json" for other in siblings):
        return True
    return not any(other.endswith(".py") for other in content)


def _is_vendored(name: str, entry: os.DirEntry[str]) -> bool:
    """Whether a folder holds other people's code.

    "vendor" alone can be a word of the domain (suppliers): it counts only where it holds packages, a
    licence or a list, and no modules of its own.
    """
    if name in _VENDORED:
        return True
    if name != "vendor":
        return False
    content = _names(entry)
    if any(
        re.match(r"(?i)(licen[sc]e|vendor(ed)?\.(txt|toml|py)$|requirements)", other) for other in content
    ):
        return True
    return not any(other.endswith(".py") and other != "__init__.py" for other in content)


def _names(entry: os.DirEntry[str]) -> list[str]:
    try:
        return sorted(os.listdir(entry.path))  # noqa: PTH208
    except OSError:
        return []  # the walk itself reports it when it gets there


def _shown(path: str) -> str:
    """A path that can be printed: bytes that are no UTF-8 become ``\\xNN``."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
