"""Which files there are: one walk over the tree that leaves early what cannot matter."""

from __future__ import annotations

import os
import re
from pathlib import Path

import msgspec

from backend_gate.discover.ignore import IgnoreRules, read_rules
from backend_gate.discover.model import Skipped, Unreadable
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
    distributions: list[tuple[str, str]] = []
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
        pending: list[tuple[str, int, IgnoreRules | None, bool]] = [("", 0, self._rules_above(), False)]
        while pending:
            folder, depth, rules, vendored = pending.pop()
            pending.extend(self._folder(folder, depth, rules, vendored))
            if len(self.found.files) + len(self.found.vendored) > MAX_FILES:
                raise DiscoveryError(
                    f"{self.found.root} holds more than {MAX_FILES:,} Python files",
                    "Give the folder of one project.",
                )

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

    def _folder(
        self, folder: str, depth: int, rules: IgnoreRules | None, vendored: bool
    ) -> list[tuple[str, int, IgnoreRules | None, bool]]:
        found = self.found
        here = f"{folder}/" if folder else ""
        try:
            with os.scandir(found.root / folder) as scan:
                entries = {entry.name: entry for entry in scan}
        except OSError as error:
            found.unreadable.append(Unreadable(folder or ".", f"cannot be read: {error.strerror}"))
            return []
        if folder and ("pyvenv.cfg" in entries or "conda-meta" in entries):
            found.skipped.append(Skipped(folder, "virtual environment"))
            return []
        if ".gitignore" in entries:
            rules = self._read(found.root / here / ".gitignore", self.prefix + here, rules)
        folders = []
        for name, entry in entries.items():
            path = here + name
            if entry.is_symlink():
                self._link(path, name)
            elif entry.is_dir(follow_symlinks=False):
                reason = _left_out(name, entry, entries)
                if reason is None and rules and rules.ignores(f"{self.prefix}{path}/"):
                    reason = "ignored by git"
                if name.endswith(".dist-info"):
                    found.distributions.append((folder, name[: -len(".dist-info")].rpartition("-")[0]))
                if reason is not None:
                    if reason:
                        found.skipped.append(Skipped(path, reason))
                elif depth >= MAX_DEPTH:
                    found.unreadable.append(Unreadable(path, f"is nested deeper than {MAX_DEPTH} folders"))
                else:
                    folders.append((path, depth + 1, rules, vendored or _is_vendored(name, entry)))
            elif entry.is_file(follow_symlinks=False):
                self._file(path, name, rules, vendored)
        return folders

    def _file(self, path: str, name: str, rules: IgnoreRules | None, vendored: bool) -> None:
        is_python = name.endswith(".py")
        if not (is_python or is_manifest(name)):
            return
        if rules and rules.ignores(self.prefix + path):
            if is_python:
                self.found.skipped.append(Skipped(path, "ignored by git"))
            return
        if not _is_text(path):
            self.found.unreadable.append(Unreadable(ascii(path), "has a name that is not UTF-8"))
            return
        if is_manifest(name) and not vendored:
            self.found.manifests.append(path)
        if is_python:
            (self.found.vendored if vendored else self.found.files).append(path)

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
            self.found.skipped.append(Skipped(path, "link out of the tree"))
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


def _left_out(name: str, entry: os.DirEntry[str], siblings: dict[str, os.DirEntry[str]]) -> str | None:
    """Why a folder is not entered; empty for reasons nobody wants to read about; ``None``: enter."""
    if name.startswith(".") or name in _CACHES or name.endswith(_METADATA):
        return ""
    if name in _BUILT:
        content = _names(entry)
        if "__init__.py" in content:
            return None  # a package that is called "build"
        is_project = any(other in PROJECT_FILES or other == "package.json" for other in siblings)
        if is_project or not any(other.endswith(".py") for other in content):
            return "build result"
    return None


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


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
