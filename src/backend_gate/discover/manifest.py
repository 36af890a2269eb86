"""What a Python project says about itself: name, dependencies, source folders."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from backend_gate.discover.files import PROJECT_FILES
from backend_gate.discover.model import EntryPoint

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_MAX_BYTES = 4 * 1024 * 1024


class Manifest(msgspec.Struct, frozen=True):
    """One Python project. ``folder`` is relative to the tree, ``""`` for its root.

    ``names`` are its distributions, ``dependencies`` those it asks for, both normalised (lower case,
    ``_``). ``roots`` are the folders (relative to the tree) that it declares as source folders.
    ``sources`` tells for each dependency the file that asks for it.
    """

    folder: str
    names: frozenset[str]
    dependencies: frozenset[str]
    roots: tuple[str, ...]
    sources: Mapping[str, str]
    entry_points: tuple[EntryPoint, ...] = ()


def is_project_file(name: str) -> bool:
    """Whether a file of this name makes its folder a Python project."""
    return name in PROJECT_FILES or (name.startswith("requirements") and name.endswith((".txt", ".in")))


def read_manifests(
    root: Path, paths: Iterable[str], installed: Iterable[tuple[str, str, str]] = ()
) -> dict[str, Manifest]:
    """The Python projects of a tree by folder. ``paths`` are its manifests, relative to ``root``;
    ``installed`` are folders that an unpacked distribution stands in, with its name and the folder of its metadata.

    A file that cannot be read or understood says nothing: it is the judged project's, and whatever it
    would have said is only a hint. (A broken configuration of the gate is an error elsewhere.)
    """
    folders: dict[str, list[str]] = {}
    for path in sorted(paths):
        folder, _, name = path.rpartition("/")
        if is_project_file(name):
            folders.setdefault(folder, []).append(name)
    unpacked: dict[str, dict[str, str]] = {}
    for folder, name, metadata in installed:
        unpacked.setdefault(folder, {})[normalise(name)] = metadata
    return {
        folder: _read(root, folder, folders.get(folder, []), unpacked.get(folder, {}))
        for folder in sorted(folders.keys() | unpacked.keys())
    }


def _read(root: Path, folder: str, names: list[str], unpacked: Mapping[str, str]) -> Manifest:
    distributions = set(unpacked)
    sources: dict[str, str] = {}
    roots: list[str] = []
    entry_points: list[EntryPoint] = []
    for metadata in sorted(unpacked.values()):
        entry_points.extend(_listed_entry_points(_text(root / metadata / "entry_points.txt")))
    here = f"{folder}/" if folder else ""
    for name in names:
        text = _text(root / here / name)
        found: Iterable[str] = ()
        if name == "pyproject.toml":
            table = _toml(text)
            distributions.update(_names(table))
            found = _pyproject_dependencies(table)
            roots.extend(_pyproject_roots(table))
            entry_points.extend(_entry_points(table))
        elif name == "Pipfile":
            table = _toml(text)
            found = [key for part in ("packages", "dev-packages") for key in _dict(table, part)]
        elif name == "setup.cfg":
            found = _setup_cfg(text, distributions, roots)
            entry_points.extend(_setup_cfg_entry_points(text))
        elif name == "setup.py":
            _setup_py(text, distributions, roots)
        elif name.endswith((".txt", ".in")):
            found = text.splitlines()
        for requirement in found:
            match = _REQUIREMENT.match(requirement)
            if match and not requirement.lstrip().startswith(("-", "#")):
                sources.setdefault(normalise(match[1]), here + name)
    return Manifest(
        folder,
        frozenset(distributions),
        frozenset(sources),
        tuple(_inside(folder, roots)),
        sources,
        tuple(entry_points),
    )


def normalise(name: str) -> str:
    """A distribution's name as a module would write it."""
    return re.sub(r"[-_.]+", "_", name).lower()


def _text(file: Path) -> str:
    try:
        if file.is_symlink():
            return ""
        with file.open("rb") as stream:
            return stream.read(_MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _dict(table: object, *keys: str) -> dict[str, Any]:
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table if isinstance(table, dict) else {}


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _names(table: dict[str, Any]) -> Iterator[str]:
    for name in (_dict(table, "project").get("name"), _dict(table, "tool", "poetry").get("name")):
        if isinstance(name, str):
            yield normalise(name)


def _pyproject_dependencies(table: dict[str, Any]) -> Iterator[str]:
    project = _dict(table, "project")
    yield from _strings(project.get("dependencies"))
    for groups in (_dict(project, "optional-dependencies"), _dict(table, "dependency-groups")):
        for group in groups.values():
            yield from _strings(group)
    poetry = _dict(table, "tool", "poetry")
    yield from _dict(poetry, "dependencies")
    yield from _dict(poetry, "dev-dependencies")
    for group in _dict(poetry, "group").values():
        yield from _dict(group, "dependencies")
    yield from _strings(_dict(table, "tool", "uv").get("dev-dependencies"))


def _entry_points(table: dict[str, Any]) -> Iterator[EntryPoint]:
    for groups in (_dict(table, "project", "entry-points"), _dict(table, "tool", "poetry", "plugins")):
        for group, entries in groups.items():
            for name, target in _dict(entries).items():
                if isinstance(target, str):
                    yield EntryPoint(group, name, target)


class _CaseKept(configparser.RawConfigParser):
    def optionxform(self, optionstr: str) -> str:
        return optionstr


def _ini(text: str) -> configparser.RawConfigParser:
    """A file of sections whose keys keep their case; an empty one where it cannot be understood."""
    parser = _CaseKept(delimiters=("=",))
    try:
        parser.read_string(text)
    except configparser.Error:
        return configparser.RawConfigParser()
    return parser


def _listed_entry_points(text: str) -> Iterator[EntryPoint]:
    """What ``entry_points.txt`` of an unpacked distribution lists."""
    parser = _ini(text)
    for group in parser.sections():
        for name, target in parser.items(group):
            yield EntryPoint(group, name, target.strip())


def _setup_cfg_entry_points(text: str) -> Iterator[EntryPoint]:
    parser = _ini(text)
    for group, lines in (
        parser.items("options.entry_points") if parser.has_section("options.entry_points") else []
    ):
        for line in lines.splitlines():
            name, separator, target = line.partition("=")
            if separator:
                yield EntryPoint(group, name.strip(), target.strip())


def _pyproject_roots(table: dict[str, Any]) -> Iterator[str]:
    setuptools = _dict(table, "tool", "setuptools")
    top = _dict(setuptools, "package-dir").get("")
    if isinstance(top, str):
        yield top
    yield from _strings(_dict(setuptools, "packages", "find").get("where"))
    packages = _dict(table, "tool", "poetry").get("packages")
    for package in packages if isinstance(packages, list) else []:
        if isinstance(package, dict) and isinstance(package.get("from"), str):
            yield package["from"]
    for path in _strings(_dict(table, "tool", "hatch", "build", "targets", "wheel").get("packages")):
        yield str(PurePosixPath(path).parent)
    for folder in (
        _dict(table, "tool", "uv", "build-backend").get("module-root"),
        _dict(table, "tool", "pdm", "build").get("package-dir"),
    ):
        if isinstance(folder, str):
            yield folder
    yield from _strings(_dict(table, "tool", "pytest", "ini_options").get("pythonpath"))


def _setup_cfg(text: str, names: set[str], roots: list[str]) -> list[str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error:
        return []
    name = parser.get("metadata", "name", fallback="")
    if name:
        names.add(normalise(name))
    for line in parser.get("options", "package_dir", fallback="").splitlines():
        package, separator, folder = line.partition("=")
        if separator and not package.strip():
            roots.append(folder.strip())
    where = parser.get("options.packages.find", "where", fallback="")
    roots.extend(line.strip() for line in where.splitlines() if line.strip())
    return parser.get("options", "install_requires", fallback="").splitlines()


def _setup_py(text: str, names: set[str], roots: list[str]) -> None:
    # setup.py is code, which is never run: only literals in their usual place are seen.
    name = re.search(r"\bname\s*=\s*[\"']([\w.-]+)[\"']", text)
    if name:
        names.add(normalise(name[1]))
    for pattern in (
        r"\bpackage_dir\s*=\s*\{\s*[\"'][\"']\s*:\s*[\"']([\w./-]+)[\"']",
        r"\bfind_(?:namespace_)?packages\(\s*(?:where\s*=\s*)?[\"']([\w./-]+)[\"']",
    ):
        roots.extend(re.findall(pattern, text))


def _inside(folder: str, roots: Iterable[str]) -> Iterator[str]:
    """Declared folders relative to the tree, without those that lead out of it, each once."""
    seen: set[str] = set()
    for root in roots:
        parts = [part for part in PurePosixPath(folder, root).parts if part != "."]
        if ".." in parts or root.startswith("/"):
            continue
        path = "/".join(parts)
        if path not in seen:
            seen.add(path)
            yield path
