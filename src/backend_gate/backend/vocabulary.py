"""What the names of libraries mean: ``rules/vocabulary/*.yaml``, and the user's own entries.

An entry maps a qualified name to an *effect* of the linker (registered by name with :func:`effect`), to its
place in a class hierarchy, or to a role (model, settings class, marker of a parameter …).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import yaml

from backend_gate.backend import generated
from backend_gate.backend.arguments import Arguments
from backend_gate.backend.model import Place
from backend_gate.backend.values import (
    NONE,
    TRUE,
    Class,
    Constant,
    External,
    Instance,
    Setting,
    Value,
)
from backend_gate.backend.vocabulary_file import read_vocabulary
from backend_gate.backend.vocabulary_shape import SHAPES, TABLES
from backend_gate.errors import RuleFileError

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter

Effect = Callable[["Interpreter", Value, Arguments, "Place | None"], Value]
EFFECTS: dict[str, Effect] = {}
TAUGHT = {"applications": "fastapi.applications.FastAPI", "routers": "fastapi.routing.APIRouter"}
"""Keys that list classes and functions which make an instance of a class of the framework."""


def effect(*names: str) -> Callable[[Effect], Effect]:
    """Register what the linker does for the effects that vocabulary files name."""

    def register(run: Effect) -> Effect:
        for name in names:
            EFFECTS[name] = run
        return run

    return register


class Names:
    """A list of names: ``a.b`` is itself, ``a.*`` everything below ``a``, ``*.b`` a method ``b`` of anything."""

    def __init__(self, entries: Iterable[str]) -> None:
        given = list(entries)
        self.exact = {e for e in given if "*" not in e}
        self.below = tuple(e[:-1] for e in given if e.endswith(".*"))
        self.methods = {e[2:] for e in given if e.startswith("*.")}

    def __contains__(self, name: str) -> bool:
        return (
            name in self.exact
            or (bool(self.below) and name.startswith(self.below))
            or name.rsplit(".", 1)[-1] in self.methods
        )


class Entry(msgspec.Struct, frozen=True):
    """A name that a vocabulary file of the user describes, under which key and where."""

    key: str
    name: str
    file: Path
    line: int


class Vocabulary:
    """The merged entries of all vocabulary files.

    Raises:
        RuleFileError: an entry has an unknown key, a wrong type, or names an effect that does not exist.
    """

    def __init__(self) -> None:
        self.imports: set[str] = set()
        self.aliases: dict[str, str] = {}
        self.bases: dict[str, tuple[str, ...]] = {}
        self.methods: dict[str, dict[str, Effect]] = {}
        self.calls: dict[str, Effect] = {}
        self.results: dict[str, str] = {}
        self.markers: dict[str, str] = {}
        self.roles: dict[str, set[str]] = {}
        self.failures: dict[str, tuple[str, ...]] = {}
        self.failure_kinds: dict[str, str] = {}
        self.server_faults: list[re.Pattern[str]] = []
        self.error_libraries: list[re.Pattern[str]] = []
        self.outages: list[re.Pattern[str]] = []
        self.client_faults: list[re.Pattern[str]] = []
        self.parsers: list[re.Pattern[str]] = []
        self.integrity_errors: dict[str, str] = {}
        self.taught: set[str] = set()
        self.assumed: set[str] = set()
        self.guards: set[str] = set()
        self.matched: set[str] = set()
        self.sources: dict[str, str] = {}
        self.own: list[Entry] = []
        self.extra: dict[str, list[Any]] = {}
        self._names: dict[str, Names] = {}
        self._canonical: dict[str, str] = {}
        self._method_cache: dict[tuple[str, str], Effect | None] = {}
        self._role_cache: dict[tuple[str, str], bool] = {}

    # --- loading -------------------------------------------------------------------------------

    def load(self, path: Path, *, own: bool = False) -> None:
        """Add the entries of one file; ``own``: it is the user's, and is read strictly."""
        data = read_vocabulary(path) if own else _gates_file(path)
        for key, value in data.items():
            self._add(path, str(key), value)
            if key in ("calls", "classes", "markers", *TAUGHT):
                self.sources.update(dict.fromkeys(value, f"{key} of {path.name}"))
        if own:
            self.own += entries_of(path, data)
        self._names.clear()
        self._canonical.clear()
        self._method_cache.clear()
        self._role_cache.clear()

    def _add(self, path: Path, key: str, value: Any) -> None:
        match key:
            case "library":
                return
            case "imports":
                self.imports.update(value)
            case "applications" | "routers":
                self.teach(key, value)
            case "guards":
                self.guards.update(value)
            case "aliases":
                self.aliases.update(value)
            case "results" | "produces":
                self.results.update(value)
            case "raises":
                for entry in value:
                    self._add_failure(path, entry)
            case "server_faults":
                self.server_faults += [re.compile(pattern) for pattern in value]
            case "client_faults":
                self.client_faults += [re.compile(pattern) for pattern in value]
            case "parsers":
                self.parsers += [re.compile(pattern) for pattern in value]
            case "outages":
                self.outages += [re.compile(pattern) for pattern in value]
            case "error_libraries":
                self.error_libraries += [re.compile(pattern, re.IGNORECASE) for pattern in value]
            case "failures":
                self.failure_kinds.update(value)
            case "integrity_errors":
                self.integrity_errors.update(value)
            case "markers":
                self.markers.update(value)
            case "calls":
                for name, effect_name in value.items():
                    self.calls[name] = self._effect(path, effect_name)
            case "classes":
                for name, entry in value.items():
                    self._add_class(path, name, entry or {})
            case (
                "models"
                | "settings"
                | "fields"
                | "provided"
                | "injected"
                | "uploads"
                | "plain"
                | "enums"
                | "suppressing"
                | "answered"
                | "services"
            ):
                self.roles.setdefault(key, set()).update(value)
            case _:
                self.extra.setdefault(key, []).extend(value if isinstance(value, list) else [value])

    def origin(self, name: str) -> str | None:
        """The entry behind the effect of a call: its name, key and file; ``None`` if there is none."""
        if name in self.sources:
            return f"{name} ({self.sources[name]})"
        if name in self.taught:
            return f"{name} (in the configuration)"
        owner, _, method = name.rpartition(".")
        for base in self.hierarchy(owner):
            if method in self.methods.get(base, {}) and base in self.sources:
                return f"{base}.{method} ({self.sources[base]})"
        return None

    def teach(self, key: str, names: Iterable[str]) -> None:
        """Calls of these names, of a library or of the project, make what ``key`` (see :data:`TAUGHT`) says."""
        self._role_cache.clear()
        for name in names:
            self.bases[name] = (TAUGHT[key],)
            self.taught.add(name)

    def _add_class(self, path: Path, name: str, entry: dict[str, Any]) -> None:
        unknown = set(entry) - {"bases", "methods"}
        if unknown:
            message = f"unknown key {min(unknown)} of class {name}"
            raise RuleFileError(message, "use bases, methods", file=path)
        self.bases[name] = tuple(entry.get("bases", ()))
        methods = self.methods.setdefault(name, {})
        for method, effect_name in entry.get("methods", {}).items():
            methods[method] = self._effect(path, effect_name)

    def _add_failure(self, path: Path, entry: dict[str, Any]) -> None:
        """Calls of a module or class that may raise, and what they give otherwise."""
        unknown = set(entry) - {"exception", "of", "calls", "gives"}
        if unknown or not {"exception", "of", "calls"} <= set(entry):
            raise RuleFileError(
                "an entry of raises has exception, of and calls, and perhaps gives",
                "correct the entry",
                file=path,
            )
        for owner in entry["of"]:
            for call in entry["calls"]:
                name = f"{owner}.{call}"
                self.failures[name] = (*self.failures.get(name, ()), entry["exception"])
                if "gives" in entry:
                    self.results[name] = entry["gives"]

    def _effect(self, path: Path, name: str) -> Effect:
        found = EFFECTS.get(name)
        if found is None:
            nearest = difflib.get_close_matches(name, sorted(EFFECTS), 5, cutoff=0.3)
            hint = f"Did you mean one of {', '.join(nearest)}?" if nearest else "See `rules/vocabulary/`."
            raise RuleFileError(f"there is no effect called {name}", hint, file=path)
        return found

    # --- names ---------------------------------------------------------------------------------

    def names(self, key: str) -> Names:
        """The entries of a list of names that another part of the linker looks things up in."""
        if key not in self._names:
            self._names[key] = Names(str(entry) for entry in self.extra.get(key, []))
        return self._names[key]

    def canonical(self, name: str) -> str:
        """The name of the definition behind a public name."""
        found = self._canonical.get(name)
        if found is None:
            found = self._canonical[name] = self._resolve(name)
        return found

    def _resolve(self, name: str) -> str:
        seen = {name}
        while True:
            parts = name.split(".")
            for count in range(len(parts), 0, -1):
                target = self.aliases.get(".".join(parts[:count]))
                if target is not None:
                    name = ".".join([target, *parts[count:]])
                    break
            else:
                return name
            if name in seen:
                return name
            seen.add(name)

    def known(self, name: str) -> str | None:
        """The canonical name, if any entry mentions it."""
        canonical = self.canonical(name)
        mentioned = canonical in self.bases or canonical in self.markers or canonical in self.calls
        return canonical if canonical != name or mentioned else None

    # --- classes -------------------------------------------------------------------------------

    def assume_router(self, name: str) -> bool:
        """Take an unknown class for a router of FastAPI if it is called like one: ``fastapi_x.TracedRouter``."""
        if name in self.assumed:
            return True
        if name in self.bases or name in self.calls or not _ROUTER_OF_LIBRARY.search(name):
            return False
        self.bases[name] = ("fastapi.routing.APIRouter",)
        self.assumed.add(name)
        self._role_cache.clear()
        self._method_cache.clear()
        return True

    def hierarchy(self, name: str) -> list[str]:
        """A library class and its known bases, nearest first."""
        order = [name]
        for current in order:
            order += [base for base in self.bases.get(current, ()) if base not in order]
        return order

    def method(self, cls: str, name: str) -> Effect | None:
        """The effect of a library's method; inherited ones too."""
        key = (cls, name)
        if key not in self._method_cache:
            found = None
            for base in self.hierarchy(cls):
                found = self.methods.get(base, {}).get(name)
                if found is not None:
                    break
            self._method_cache[key] = found
        return self._method_cache[key]

    def effect_of(self, callee: External) -> Effect | None:
        """What calling a library's name does: a function's effect, a method's, or making an instance."""
        if callee.name in self.taught:
            self.matched.add(callee.name)
        found = self.calls.get(callee.name)
        if found is not None:
            return found
        if callee.name in self.bases:
            return _construct
        owner, _, name = callee.name.rpartition(".")
        if owner in self.bases:
            return self.method(owner, name)
        return None

    def returns(self, name: str) -> str | None:
        """The class that a library's function gives an instance of."""
        return self.results.get(name)

    def is_subclass(self, name: str, kind: str) -> bool | None:
        """Whether a library class derives from another; ``None`` if its bases are not known."""
        if name == kind or kind in self.hierarchy(name):
            return True
        if name in self.bases and (kind in self.bases or self._is_of_another_library(name, kind)):
            return False
        # What Python itself defines derives from no library.
        own = all(base.startswith("builtins.") for base in self.hierarchy(name))
        return False if own or name in self.roles.get("plain", set()) else None

    def _is_of_another_library(self, name: str, kind: str) -> bool:
        """None of the known bases of a class comes from the library of ``kind``, or is called like it.

        A library may hand on a class of another one, but then under its own name.
        """
        library, last = kind.partition(".")[0], kind.rpartition(".")[2]
        return library != "builtins" and all(
            base.partition(".")[0] != library and base.rpartition(".")[2] != last
            for base in self.hierarchy(name)
        )

    def blames_the_server(self, name: str) -> bool:
        """The name of an exception says that the server is at fault, for which 500 is the right answer."""
        last = name.rpartition(".")[2]
        return any(pattern.search(last) for pattern in self.server_faults)

    def blames_the_client(self, name: str) -> bool:
        """An exception is named for something that the client can change."""
        last = name.rpartition(".")[2]
        return any(pattern.search(last) for pattern in self.client_faults)

    def parses(self, function: str) -> bool:
        """A function of this name fails where what it is given has the wrong form."""
        return any(pattern.search(function) for pattern in self.parsers)

    def means_outage(self, clause: str) -> bool:
        """An ``except`` clause is for a library's errors as such: something that it needs is down."""
        return any(pattern.search(clause) for pattern in self.outages)

    def may_answer_errors(self, name: str) -> bool:
        """A library's function that is given an application may register handlers with it."""
        return any(pattern.search(name) for pattern in self.error_libraries)

    def is_service(self, name: str) -> bool:
        """A call of a library that leaves the process: a database, another service, the file system."""
        services = self.roles.get("services", set())
        return name in services or name.partition(".")[0] in services

    def has_role(self, role: str, names: Iterable[str]) -> bool:
        """Any of the library classes, or a base of it, plays the role."""
        for name in names:  # noqa: SIM110  written out: classes are asked all the time
            if self._plays(role, name):
                return True
        return False

    def _plays(self, role: str, name: str) -> bool:
        known = self._role_cache.get((role, name))
        if known is None:
            members = self.roles.get(role, set())
            known = self._role_cache[role, name] = any(base in members for base in self.hierarchy(name))
        return known

    def externals(self, cls: Class) -> list[str]:
        """The library classes among the bases of a project class."""
        names = [base.name for base in cls.externals()]
        if self.taught:
            self.matched.update(self.taught.intersection(names))
        return names

    def is_enum(self, cls: Class) -> bool:
        """A project class that is an enumeration."""
        return self.has_role("enums", self.externals(cls))

    def is_model(self, cls: Class | External) -> bool:
        """A class whose instances are validated models."""
        names = self.externals(cls) if isinstance(cls, Class) else [cls.name]
        return self.has_role("models", names)

    def is_settings(self, cls: Class) -> bool:
        """A class whose fields are settings with defaults."""
        return self.has_role("settings", self.externals(cls))

    def is_model_base(self, name: str) -> bool:
        """A library class that generates a constructor from the fields."""
        return self.has_role("models", [name])

    def is_plain_base(self, name: str) -> bool:
        """A library class that adds nothing to the constructor."""
        return name in self.roles.get("plain", set()) or name.startswith("builtins.")

    def marker(self, value: Value) -> str | None:
        """What a value in a default or in ``Annotated`` makes of a parameter."""
        if not isinstance(value, Instance):
            return None
        names = [value.cls.name] if isinstance(value.cls, External) else self.externals(value.cls)
        return next(
            (self.markers[base] for n in names for base in self.hierarchy(n) if base in self.markers), None
        )

    def field_value(
        self, interpreter: Interpreter, instance: Instance, owner: Class, name: str, found: Value
    ) -> Value:
        """What reading a class attribute through an instance gives: a field's default, marked if a setting."""
        options = generated.field_options(self, found)
        if options is not None and isinstance(found, Instance):
            factory = generated.factory_of(options)
            default = generated.plain_default(options)
            if factory is not None:
                default = interpreter.call(factory, Arguments(), found.place)
            found = default if default is not None else found
        if (
            self.is_settings(owner)
            or (isinstance(instance.cls, Class) and self.is_settings(instance.cls))
            or generated.FROM_OUTSIDE in instance.attributes
        ):
            if isinstance(found, Instance) and isinstance(found.cls, Class):
                if self.is_settings(found.cls):
                    return found  # a group of settings: each of its fields is one
                if self.is_model(found.cls):
                    found.attributes.setdefault(generated.FROM_OUTSIDE, TRUE)
                    return found
            setting = f"{owner.qualname}.{name}"
            found = self._member(interpreter, owner, name, found)
            if isinstance(found, Constant):
                return Constant(found.value, setting)
            is_member = (
                isinstance(found, Instance) and isinstance(found.cls, Class) and self.is_enum(found.cls)
            )
            return Setting(setting, default=found if is_member else None)
        return found

    def _member(self, interpreter: Interpreter, owner: Class, name: str, found: Value) -> Value:
        """The default of a setting is validated like what somebody sets: the value of an enumeration is a member."""
        from backend_gate.backend.attributes import annotation_value

        annotation = owner.scope.annotations.get(name)
        if annotation is None or not isinstance(found, Constant) or found.value is None:
            return found
        cls = annotation_value(interpreter, annotation, owner)
        if not isinstance(cls, Class) or not self.is_enum(cls):
            return found
        member = interpreter.call(cls, Arguments([found]), None)
        return member if isinstance(member, Instance) else found


_ROUTER_OF_LIBRARY = re.compile(
    r"^(?!fastapi\.|starlette\.).*(fastapi\w*\.(\w+\.)*\w*Router|\.\w*APIRouter)$"
)
"""What a library that builds on FastAPI calls a router of its own."""


def _construct(interpreter: Interpreter, callee: Value, arguments: Arguments, place: Place | None) -> Value:
    """Make an instance of a known library class."""
    if not isinstance(callee, External):
        return NONE
    instance = Instance(callee, place, arguments.positional, arguments.keywords, interpreter.conditions)
    init = interpreter.vocabulary.method(callee.name, "__init__")
    if callee.name in interpreter.vocabulary.taught:
        arguments = Arguments([], arguments.keywords)  # what comes by position is the user's own
    if init is not None:
        init(interpreter, instance, arguments, place)
    return instance


def entries_of(path: Path, data: Mapping[str, Any]) -> list[Entry]:
    """The names that a vocabulary file describes; entries without a name of their own are left out."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found = []
    for key, value in data.items():
        if key in ("library", "imports") or SHAPES[key] is TABLES:
            continue
        for name in value:
            line = next((n for n, text in enumerate(lines, 1) if name in text), 1)
            found.append(Entry(key, name, path, line))
    return found


def load_vocabulary(
    folder: Path, extra: Iterable[Path] = (), taught: Mapping[str, Iterable[str]] | None = None
) -> Vocabulary:
    """All entries of a folder (in the order of names), the user's files, and names of the configuration.

    ``taught`` has them by key of :data:`TAUGHT`.
    """
    vocabulary = Vocabulary()
    for path in sorted(folder.glob("*.yaml")):
        vocabulary.load(path)
    for path in extra:
        vocabulary.load(path, own=True)
    for key, names in (taught or {}).items():
        vocabulary.teach(key, names)
    return vocabulary


def _gates_file(path: Path) -> Mapping[str, Any]:
    return _parsed(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def _parsed(text: str) -> Mapping[str, Any]:
    """A file of the gate's own vocabulary. Every configuration has a vocabulary made of the same files."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data: dict[str, Any] = yaml.load(text, Loader=loader)  # noqa: S506  (a safe one)
    return data
