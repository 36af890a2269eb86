"""The configuration: ``[tool.backend-gate]`` in ``pyproject.toml``, or ``backend-gate.toml``.

The nearest file in or above the checked path counts, but none above the repository (the folder that
holds ``.git``) and none on another file system. Files are not merged. What is wrong is an error with
file and line; nothing is guessed or ignored.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Literal, cast

import msgspec

from backend_gate.errors import SettingsError
from backend_gate.patterns import is_pattern
from backend_gate.regular import is_file, is_folder, read_regular
from backend_gate.suite_settings import (
    DEFAULT_SUITES,
    PytestRun,
    Suite,
    read_percent,
    read_suites,
    read_test_run,
)

FailOn = Literal["error", "warning", "info"]
Profile = Literal["check", "handoff"]

OWN_FILE = "backend-gate.toml"
PYPROJECT = "pyproject.toml"
TABLE = "tool.backend-gate"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "WEBSOCKET")

_MAX_BYTES = 4 * 1024 * 1024

Key = tuple[str | int, ...]


class PublicRoute(msgspec.Struct, frozen=True):
    """A route that anybody may call, on purpose.

    ``path`` is the full path as the framework knows it; ``methods`` are upper-case, empty for all.
    ``reason`` says why it is public. ``file`` and ``line`` are where it is declared.
    """

    path: str
    methods: tuple[str, ...]
    reason: str
    file: str = ""
    line: int = 1


class Settings(msgspec.Struct, frozen=True):
    """What the user decides. The defaults hold where no configuration exists.

    ``include``, ``exclude``: patterns as in ``.gitignore``, relative to ``base``; an empty ``include``
    takes every file. ``select``, ``ignore``: ids or slugs of rules; an empty ``select`` takes all.
    ``fail_on``: the mildest severity that fails. ``strict``: anything unresolved fails.
    ``guards``: qualified names of callables that deny anonymous callers. ``applications``, ``routers``: of
    classes and functions that make one. ``vocabulary``: absolute paths of vocabulary files. ``roots``:
    import roots relative to ``base``; empty: found by the gate.
    ``min_resolved``: the share of endpoints (0 to 1) that ``handoff`` wants decided.
    ``suites``: the suites of tests; ``require_coverage``: a suite without evidence could not be judged;
    ``changed_coverage``: how much of the changed lines has to run in any suite, in percent; ``test``: how tests
    are started. ``max_complexity``: of a function, by radon; ``min_maintainability``: of a file, 0 to 100.
    ``baseline``: the file of known findings (absolute; it need not exist), ``None``: the nearest one
    of the usual name.
    ``base`` is the folder of the configuration (absolute), ``source`` the file, if there is one.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: FailOn = "error"
    strict: bool = False
    profile: Profile = "check"
    public: tuple[PublicRoute, ...] = ()
    guards: tuple[str, ...] = ()
    applications: tuple[str, ...] = ()
    routers: tuple[str, ...] = ()
    vocabulary: tuple[Path, ...] = ()
    roots: tuple[str, ...] = ()
    min_resolved: float = 0.95
    suites: tuple[Suite, ...] = DEFAULT_SUITES
    require_coverage: bool = False
    changed_coverage: float = 80.0
    max_complexity: int = 15
    min_maintainability: float = 10.0
    test: PytestRun = PytestRun()
    baseline: Path | None = None
    base: Path = Path()
    source: Path | None = None


def load_settings(path: Path) -> Settings:
    """The settings that hold for ``path`` (a file or a folder).

    Raises:
        SettingsError: the nearest configuration is wrong or cannot be read.
    """
    start = path.resolve()
    if not start.is_dir():
        start = start.parent
    for folder in _upwards(start):
        settings = settings_of(folder)
        if settings is not None:
            return settings
    return Settings(base=start)


def settings_of(folder: Path) -> Settings | None:
    """The settings written in this very folder (absolute), or ``None``.

    Raises:
        SettingsError: the configuration is wrong, cannot be read, or stands in both files.
    """
    own, pyproject = folder / OWN_FILE, folder / PYPROJECT
    own_found = own.is_file() or own.is_symlink()  # a link to nothing is no absence of settings
    table = _table(pyproject) if pyproject.is_file() else None
    if own_found and table is not None:
        positions = _Positions(pyproject)
        raise SettingsError(
            f"[{TABLE}] is not the only configuration here: {OWN_FILE} stands beside it",
            f"Keep one of the two; {OWN_FILE} may hold everything, without the prefix {TABLE}.",
            file=pyproject,
            line=positions.line(("tool", "backend-gate")),
        )
    if own_found:
        return _Reader(own, ()).read(read_toml(own))
    if table is not None:
        return _Reader(pyproject, ("tool", "backend-gate")).read(table)
    return None


def find_upwards(folder: Path, name: str) -> Path | None:
    """The nearest file of this name in or above ``folder``, not beyond the repository."""
    return next((above / name for above in _upwards(folder) if (above / name).is_file()), None)


def _table(pyproject: Path) -> object:
    """``[tool.backend-gate]`` of a ``pyproject.toml``, or ``None``.

    A file that is no TOML and does not mention the gate is none of its business.
    """
    try:
        tool = read_toml(pyproject).get("tool")
    except SettingsError:
        if _mentions_gate(pyproject):
            raise
        return None
    return tool.get("backend-gate") if isinstance(tool, dict) else None


def _mentions_gate(file: Path) -> bool:
    """Whether it does, or nobody can tell: it cannot be read, is huge, or leads elsewhere."""
    if file.is_symlink():
        return True
    try:
        with file.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except OSError:
        return True
    return b"backend-gate" in data or len(data) > _MAX_BYTES


def read_toml(file: Path) -> dict[str, Any]:
    """The content of a TOML file.

    Raises:
        SettingsError: it cannot be read, is too large, or is no TOML.
    """
    real = Path(os.path.realpath(file))
    if file.is_symlink() and not real.is_relative_to(boundary(file.parent)):
        raise SettingsError(
            "is a link out of the repository", "Copy what it points to, or remove it.", file=file
        )
    try:
        data = read_regular(real, _MAX_BYTES + 1)
    except OSError as error:
        raise SettingsError(
            f"cannot be read: {error.strerror}", "Make it readable or remove it.", file=file
        ) from error
    if len(data) > _MAX_BYTES:
        raise SettingsError(
            f"is larger than {_MAX_BYTES // 1024 // 1024} MiB",
            f"Put the settings into {OWN_FILE}.",
            file=file,
        )
    try:
        return tomllib.loads(data.decode())
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SettingsError("is not UTF-8", "Save it as UTF-8.", file=file, line=line) from error
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$", str(error))
        message = str(error)[: found.start()] if found else str(error)
        line = int(found[1]) if found and found[1] else max(1, len(data.splitlines()))
        raise SettingsError(
            f"is not valid TOML: {message}", "Correct the line.", file=file, line=line
        ) from error
    except RecursionError as error:
        raise SettingsError("is nested too deeply", "Flatten it.", file=file) from error


def line_of(settings: Settings, key: Key) -> int:
    """The line on which ``key`` stands in the file that the settings come from; 1 if there is none."""
    if settings.source is None:
        return 1
    prefix: Key = ("tool", "backend-gate") if settings.source.name == PYPROJECT else ()
    return _Positions(settings.source).line(prefix + key) or 1


def boundary(folder: Path) -> Path:
    """The repository's folder (the one with ``.git``) around ``folder``, else ``folder`` itself.

    Nothing beyond it is read on behalf of files below it.
    """
    *_, last = _upwards(folder.resolve())
    return last if (last / ".git").exists() else folder.resolve()


def _upwards(start: Path) -> Iterator[Path]:
    """``start`` and its parents, up to the repository's folder or the end of the file system."""
    device = start.stat().st_dev if start.exists() else None
    for folder in (start, *start.parents):
        if device is not None and folder.stat().st_dev != device:
            return
        yield folder
        if (folder / ".git").exists():
            return


class _Positions:
    """Lines of the keys of a TOML file. Parsed only when somebody asks: errors are rare."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lines: dict[Key, int] | None = None

    def line(self, key: Key) -> int | None:
        """The line of ``key``, or of the nearest table around it."""
        if self._lines is None:
            from backend_gate.toml_positions import key_lines

            self._lines = key_lines(self._file.read_bytes())
        while key:
            if key in self._lines:
                return self._lines[key]
            key = key[:-1]
        return None


class _Reader:
    """Reads one table; knows where it stands to say what is wrong there."""

    def __init__(self, file: Path, prefix: Key) -> None:
        self.file = file
        self.prefix = prefix
        self.positions = _Positions(file)

    def error(self, key: Key, message: str, hint: str) -> SettingsError:
        return SettingsError(message, hint, file=self.file, line=self.positions.line(self.prefix + key))

    def read(self, table: object) -> Settings:
        if not isinstance(table, dict):
            raise self.error((), f"{TABLE} is {_kind(table)}", f"Write it as a table: [{TABLE}].")
        values: dict[str, Any] = {}
        self.known_keys((), table, list(_FIELDS))
        for key, value in table.items():
            name, convert = _FIELDS[key]
            values[name] = convert(self, (key,), value)
        return Settings(base=self.file.parent, source=self.file, **values)

    def line(self, key: Key) -> int:
        return self.positions.line(self.prefix + key) or 1

    def kind(self, value: object) -> str:
        return _kind(value)

    def known_keys(self, place: Key, table: Mapping[str, object], known: Sequence[str]) -> None:
        for key in table:
            if key not in known:
                where = (
                    f" in {'.'.join(str(part) for part in place if isinstance(part, str))}" if place else ""
                )
                raise self.error((*place, key), f'"{key}" is no setting{where}', _nearest(key, known))

    # Each of these turns the value of one key into what Settings holds, or raises.

    def texts(self, key: Key, value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            hint = f'Write {key[-1]} = ["{value}"].' if isinstance(value, str) else "Write a list of strings."
            raise self.error(key, f"{key[-1]} is {_kind(value)} and has to be a list of strings", hint)
        for position, item in enumerate(value):
            if not isinstance(item, str):
                raise self.error(
                    (*key, position),
                    f"{key[-1]} holds {_kind(item)} and has to be a list of strings",
                    "Put the value in quotation marks or take it out.",
                )
            if not item.strip():
                raise self.error((*key, position), f"{key[-1]} holds an empty string", "Take it out.")
        return tuple(value)

    def patterns(self, key: Key, value: object) -> tuple[str, ...]:
        patterns = self.texts(key, value)
        for position, pattern in enumerate(patterns):
            if not is_pattern(pattern):
                raise self.error(
                    (*key, position), f'{key[-1]}: "{pattern}" is no pattern', "Write it as in .gitignore."
                )
        return patterns

    def choice(self, options: Sequence[str]) -> Callable[[Key, object], str]:
        def convert(key: Key, value: object) -> str:
            if isinstance(value, str) and value in options:
                return value
            shown = f'"{value}"' if isinstance(value, str) else _kind(value)
            listed = ", ".join(f'"{option}"' for option in options)
            nearest = difflib.get_close_matches(value, options, 1) if isinstance(value, str) else []
            guess = f'Did you mean "{nearest[0]}"? ' if nearest else ""
            raise self.error(key, f"{key[-1]} is {shown}", f"{guess}Possible are {listed}.")

        return convert

    def fail_on(self, key: Key, value: object) -> FailOn:
        return cast("FailOn", self.choice(("error", "warning", "info"))(key, value))

    def profile(self, key: Key, value: object) -> Profile:
        return cast("Profile", self.choice(("check", "handoff"))(key, value))

    def boolean(self, key: Key, value: object) -> bool:
        if not isinstance(value, bool):
            raise self.error(key, f"{key[-1]} is {_kind(value)}", f"Write {key[-1]} = true or false.")
        return value

    def share(self, key: Key, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
            shown = str(value) if isinstance(value, (int, float)) else _kind(value)
            raise self.error(key, f"{key[-1]} is {shown}", "Write a share between 0 and 1, such as 0.95.")
        return float(value)

    def positive(self, key: Key, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise self.error(
                key,
                f"{key[-1]} is {value if isinstance(value, int) and not isinstance(value, bool) else _kind(value)}",
                "Write a whole number from 1 on.",
            )
        return value

    def names(self, key: Key, value: object) -> tuple[str, ...]:
        names = self.texts(key, value)
        for position, name in enumerate(names):
            parts = name.split(".")
            if not all(part.isidentifier() for part in parts):
                raise self.error(
                    (*key, position),
                    f'{key[-1]}: "{name}" is no qualified name',
                    'Write module and name with dots, such as "corp.auth.require_user".',
                )
            if len(parts) == 1:
                raise self.error(
                    (*key, position),
                    f'{key[-1]}: "{name}" lacks its module',
                    f'Write the full name, such as "corp.auth.{name}".',
                )
        return names

    def files(self, key: Key, value: object) -> tuple[Path, ...]:
        found: list[Path] = []
        limit = boundary(self.file.parent)
        for position, text in enumerate(self.texts(key, value)):
            file = (self.file.parent / text).resolve()
            if not file.is_relative_to(limit):
                raise self.error(
                    (*key, position),
                    f'{key[-1]}: "{text}" leads out of the repository',
                    "Copy the file into the repository.",
                )
            if not is_file(file):
                raise self.error(
                    (*key, position),
                    f'{key[-1]}: there is no file "{text}"',
                    f"Paths are relative to {self.file.name}.",
                )
            found.append(file)
        return tuple(found)

    def baseline(self, key: Key, value: object) -> Path:
        """A file that is there or will be written."""
        if not isinstance(value, str) or not value.strip():
            shown = "empty" if isinstance(value, str) else _kind(value)
            raise self.error(
                key, f"{key[-1]} is {shown}", 'Write a path, such as baseline = "gate/known.toml".'
            )
        file = (self.file.parent / value).resolve()
        if not file.is_relative_to(boundary(self.file.parent)):
            raise self.error(
                key, f'{key[-1]}: "{value}" leads out of the repository', "Keep the file in the repository."
            )
        if is_folder(file):
            raise self.error(key, f'{key[-1]}: "{value}" is a folder', "Name a file in it.")
        return file

    def folders(self, key: Key, value: object) -> tuple[str, ...]:
        base = self.file.parent.resolve()
        found: list[str] = []
        for position, text in enumerate(self.texts(key, value)):
            folder = (base / text).resolve()
            if not folder.is_relative_to(base):
                raise self.error(
                    (*key, position),
                    f'{key[-1]}: "{text}" leads out of the project',
                    f"Import roots stand beside or below {self.file.name}.",
                )
            if not is_folder(folder):
                raise self.error(
                    (*key, position),
                    f'{key[-1]}: there is no folder "{text}"',
                    f"Paths are relative to {self.file.name}.",
                )
            found.append(str(PurePosixPath(folder.relative_to(base).as_posix())))
        return tuple(found)

    def public(self, key: Key, value: object) -> tuple[PublicRoute, ...]:
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.error(
                key,
                f"public is {_kind(value)} and has to be an array of tables",
                f"Write [[{TABLE}.public]] with path, methods and reason for each route."
                if self.prefix
                else "Write [[public]] with path, methods and reason for each route.",
            )
        return tuple(self._public_route((*key, position), item) for position, item in enumerate(value))

    def _public_route(self, key: Key, table: dict[str, object]) -> PublicRoute:
        self.known_keys(key, table, ("path", "methods", "reason"))
        path = self._required(key, table, "path", "the full path of the route")
        if not path.startswith("/"):
            raise self.error((*key, "path"), f'path is "{path}"', f'Start it with a slash: "/{path}".')
        reason = self._required(key, table, "reason", "why anybody may call it")
        methods: list[str] = []
        for position, method in enumerate(self.texts((*key, "methods"), table.get("methods", []))):
            name = method.upper()
            if name not in METHODS:
                raise self.error(
                    (*key, "methods", position), f'methods: "{method}" is no method', _nearest(name, METHODS)
                )
            methods.append(name)
        line = self.line(key)
        return PublicRoute(path, tuple(methods), reason, str(self.file), line)

    def _required(self, key: Key, table: dict[str, object], name: str, meaning: str) -> str:
        value = table.get(name)
        if name not in table:
            raise self.error(key, f"a public route lacks its {name}", f'Add {name} = "…": {meaning}.')
        if not isinstance(value, str):
            raise self.error((*key, name), f"{name} is {_kind(value)}", f'Write {name} = "…": {meaning}.')
        if not value.strip():
            raise self.error((*key, name), f"{name} is empty", f"Say {meaning}.")
        return value.strip()


_FIELDS: dict[str, tuple[str, Callable[[_Reader, Key, Any], Any]]] = {
    "include": ("include", _Reader.patterns),
    "exclude": ("exclude", _Reader.patterns),
    "select": ("select", _Reader.texts),
    "ignore": ("ignore", _Reader.texts),
    "fail-on": ("fail_on", _Reader.fail_on),
    "strict": ("strict", _Reader.boolean),
    "profile": ("profile", _Reader.profile),
    "public": ("public", _Reader.public),
    "guards": ("guards", _Reader.names),
    "applications": ("applications", _Reader.names),
    "routers": ("routers", _Reader.names),
    "vocabulary": ("vocabulary", _Reader.files),
    "roots": ("roots", _Reader.folders),
    "min-resolved": ("min_resolved", _Reader.share),
    "suites": ("suites", read_suites),
    "require-coverage": ("require_coverage", _Reader.boolean),
    "changed-coverage": ("changed_coverage", read_percent),
    "max-complexity": ("max_complexity", _Reader.positive),
    "min-maintainability": ("min_maintainability", read_percent),
    "test": ("test", read_test_run),
    "baseline": ("baseline", _Reader.baseline),
}


def _nearest(word: str, known: Sequence[str]) -> str:
    """A sentence that names what was probably meant, or everything that is possible."""
    lowered = word.lower().replace("_", "-")
    found = difflib.get_close_matches(lowered, [item.lower() for item in known], 1, cutoff=0.6)
    if found:
        return f'Did you mean "{next(item for item in known if item.lower() == found[0])}"?'
    return f"Possible are {', '.join(known)}."


def _kind(value: object) -> str:
    """The TOML type of a value, with its article."""
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, list):
        return "an array"
    if isinstance(value, dict):
        return "a table"
    return "a date or time"
