"""Listings of the project's own folders, the way code that loads modules by name asks for them.

``for file in Path(__file__).parent.glob("*.py"): import_module(f"app.routers.{file.stem}")`` is wiring. A listing
holds the modules that are known, and the folders with them: whatever else lies there is not imported. Where the
gate does not link but looks at what a handler does, files are none of the project's.
"""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from backend_gate.backend.arguments import Arguments
from backend_gate.backend.values import (
    Constant,
    Derived,
    External,
    Instance,
    Native,
    Sequence,
    TextValue,
    Value,
)

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.model import Place

PATH = External("pathlib.Path")
_PATHS = ("pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath")
_SAME = frozenset({"absolute", "resolve", "expanduser", "as_posix", "__str__"})
_SAME_TEXT = frozenset(
    {"os.path.abspath", "os.path.realpath", "os.path.normpath", "os.fspath", "builtins.str"}
)
LISTS = frozenset({"iterdir", "glob", "rglob"})
_HERE = frozenset({"os.getcwd", "pathlib.Path.cwd"})


class ProjectFiles:
    """The files of one unit's modules, and the folders that hold them."""

    def __init__(self, paths: Mapping[str, str]) -> None:
        self._below: dict[str, set[str]] = {"": set()}
        self._packages: dict[str, str] = {}
        self.modules: dict[str, str] = {}
        self.search: list[str] = []
        """Folders that the project has put on the search path."""
        for name, path in paths.items():
            self.modules.setdefault(path, name)
            self._packages[name] = posixpath.dirname(path)
            while path:
                folder, _, last = path.rpartition("/")
                self._below.setdefault(folder, set()).add(last)
                path = folder

    def folder(self, text: str) -> str | None:
        """The folder that a path leads to. One that starts nowhere is the topmost folder that fits."""
        path = posixpath.normpath(text).removeprefix("./")
        path = "" if path == "." else path
        if path in self._below:
            return path
        if text in self._packages:
            return self._packages[text]
        ends = [one for one in self._below if path and not path.startswith("/") and one.endswith(f"/{path}")]
        return min(ends, key=lambda one: (one.count("/"), one), default=None)

    def names(self, folder: str) -> list[str]:
        """What lies in a folder, sorted."""
        return sorted(self._below.get(folder, ()))

    def is_folder(self, path: str) -> bool:
        """The path is a folder with modules."""
        return path in self._below

    def importable(self, name: str) -> str | None:
        """The module that a name means on the project's search path, by the name that it has in the tree."""
        for folder in self.search:
            path = posixpath.join(folder, name.replace(".", "/"))
            found = self.modules.get(f"{path}.py") or self.modules.get(f"{path}/__init__.py")
            if found is not None:
                return found
        return None

    def modules_in(self, folder: str) -> Iterator[tuple[str, bool]]:
        """The modules and packages in a folder by name, and whether each is a package."""
        for name in self.names(folder):
            path = f"{folder}/{name}" if folder else name
            if self.is_folder(path):
                if "__init__.py" in self._below[path]:
                    yield name, True
            elif name.endswith(".py") and name != "__init__.py":
                yield name.removesuffix(".py"), False

    def below(self, folder: str) -> list[str]:
        """The paths of everything below a folder, sorted."""
        found: list[str] = []
        for name in self.names(folder):
            path = f"{folder}/{name}" if folder else name
            found += [path, *self.below(path)] if self.is_folder(path) else [path]
        return found


def path_of(value: Value) -> str | None:
    """The path that a value is, if all its parts are known."""
    match value:
        case Constant(value=str() as text):
            return text
        case TextValue(parts=[Value() as only]):
            return path_of(only)
        case Derived(reason="a file path" | "the result of /", sources=parts):
            return _joined(parts)
        case Instance(cls=External(name=name), arguments=given) if name in _PATHS:
            return _joined(given) if given else ""
        case Instance(cls=External(name=name), arguments=[one]) if name in _SAME_TEXT:
            return path_of(one)
        case Instance(cls=External(name="os.path.dirname"), arguments=[one]):
            path = path_of(one)
            return None if path is None else posixpath.dirname(path)
        case Instance(cls=External(name=name)) if name in _HERE:
            return ""
        case Instance(cls=External(name=name, owner=Value()) as method, arguments=given):
            before, last = of_method(method), name.rpartition(".")[2]
            if before is None or last == "joinpath":
                return None if before is None else _joined((Constant(before), *given))
            return before if last in _SAME else None
        case External(name=name, owner=Value()) if name.rpartition(".")[2] == "parent":
            before = of_method(value)
            return None if before is None else posixpath.dirname(before)
    return None


def of_method(method: External) -> str | None:
    """The path that an attribute or a method of a path belongs to: of ``path.parent.glob`` that of ``path.parent``."""
    owner, name = method.owner, method.name.rpartition(".")[0]
    if owner is None:
        return None
    kind = owner.cls.name if isinstance(owner, Instance) and isinstance(owner.cls, External) else ""
    return path_of(owner if name == kind or not kind else External(name, owner))


def _joined(parts: Iterable[Value]) -> str | None:
    found = [path_of(part) for part in parts]
    return posixpath.join(*[one for one in found if one is not None]) if None not in found else None


def path_value(files: ProjectFiles, path: str, place: Place | None) -> Instance:
    """A ``pathlib.Path`` of the project, with the parts that code takes from it."""
    made = Instance(PATH, place, [Constant(path)])
    name = posixpath.basename(path)
    stem, suffix = posixpath.splitext(name)
    is_folder = files.is_folder(path)
    made.attributes = {
        "name": Constant(name),
        "stem": Constant(stem),
        "suffix": Constant(suffix),
        "parts": Sequence("tuple", [Constant(part) for part in path.split("/")]),
        "is_dir": Native("Path.is_dir", lambda i, a, p: Constant(is_folder)),
        "is_file": Native("Path.is_file", lambda i, a, p: Constant(not is_folder)),
        "exists": Native("Path.exists", lambda i, a, p: Constant(True)),
        "as_posix": Native("Path.as_posix", lambda i, a, p: Constant(path)),
        "with_suffix": Native("Path.with_suffix", lambda i, a, p: _with_suffix(files, path, a, p)),
        "relative_to": Native("Path.relative_to", lambda i, a, p: _relative(files, path, a, p)),
    }
    return made


def _with_suffix(files: ProjectFiles, path: str, arguments: Arguments, place: Place | None) -> Value:
    suffix = arguments.get(0, "suffix")
    added = suffix.value if isinstance(suffix, Constant) and isinstance(suffix.value, str) else ""
    return path_value(files, posixpath.splitext(path)[0] + added, place)


def _relative(files: ProjectFiles, path: str, arguments: Arguments, place: Place | None) -> Value:
    base = path_of(arguments.positional[0]) if arguments.positional else None
    folder = files.folder(base) if base is not None else None
    if folder is None or not path.startswith(f"{folder}/" if folder else ""):
        return Derived("a file path", tuple(arguments.positional), place)
    return path_value(files, path[len(folder) + 1 if folder else 0 :], place)


def called(
    interpreter: Interpreter, callee: External, arguments: Arguments, place: Place | None
) -> Value | None:
    """``path.iterdir()`` and ``path.glob(pattern)`` while linking; ``None`` for anything else."""
    name = callee.name.rpartition(".")[2]
    if name not in LISTS:
        return None
    text = of_method(callee)
    pattern = arguments.get(0, "pattern")
    wanted = pattern.value if isinstance(pattern, Constant) and isinstance(pattern.value, str) else None
    if text is None or (wanted is None and name != "iterdir"):
        return None
    files = interpreter.files
    folder = files.folder(text)
    if folder is None:
        return None
    prefix = f"{folder}/" if folder else ""
    if wanted is None:
        paths = [prefix + one for one in files.names(folder)]
    else:
        paths = matching(files, folder, f"**/{wanted}" if name == "rglob" else wanted)
    return Sequence("list", [path_value(files, one, place) for one in paths])


def matching(files: ProjectFiles, folder: str, pattern: str) -> list[str]:
    """The paths below a folder that fit a pattern, in which ``**`` stands for any number of folders."""
    start = len(folder) + 1 if folder else 0
    wanted = pattern.split("/")
    return [path for path in files.below(folder) if _fits(path[start:].split("/"), wanted)]


def _fits(parts: list[str], pattern: list[str]) -> bool:
    """Each part moves on all places in the pattern that fit so far: many ``**`` take no longer than one."""
    reached = _behind_any({0}, pattern)
    for part in parts:
        moved = set()
        for place in reached:
            if place < len(pattern) and pattern[place] == "**":
                moved.add(place)
            elif place < len(pattern) and fnmatch.fnmatchcase(part, pattern[place]):
                moved.add(place + 1)
        reached = _behind_any(moved, pattern)
    return len(pattern) in reached


def _behind_any(places: set[int], pattern: list[str]) -> set[int]:
    """With those behind each ``**``, which may stand for no folder."""
    found = set(places)
    for place in range(len(pattern)):
        if place in found and pattern[place] == "**":
            found.add(place + 1)
    return found
