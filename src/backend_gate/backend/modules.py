"""The modules of a project and their names, read and run no earlier than somebody asks.

A module runs statement by statement. One whose text mentions wiring runs from top to bottom when it is
imported; in any other module only the statements run that bind or change a name that was asked for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping
from typing import Protocol

from backend_gate.backend.library_models import LibraryModels
from backend_gate.backend.values import Module, Scope, Value
from backend_gate.facts import model as ir


class ModuleState:
    """One module: its facts, its scope, and which of its statements have run."""

    def __init__(self, name: str, path: str, facts: ir.FileFacts, *, is_package: bool) -> None:
        self.name = name
        self.path = path
        self.facts = facts
        self.is_package = is_package
        self.scope = Scope("module", self)
        self.done: set[int] = set()
        self.settled: set[str] = set()  # names of which every statement has run
        self.unbound: set[str] = set()  # names that were looked for and that no statement binds
        self.running: set[int] = set()
        self.star_imports: list[str] = []
        self.runs_whole = False
        self.registered = False
        self.started = False
        self._index: dict[str, list[int]] | None = None
        self._decoded: dict[int, ir.Statement] = {}

    @property
    def package(self) -> str:
        """The package that relative imports start from."""
        return self.name if self.is_package else self.name.rpartition(".")[0]

    def statement(self, number: int) -> ir.Statement:
        """The decoded top-level statement."""
        found = self._decoded.get(number)
        if found is None:
            found = self._decoded[number] = ir.decode_block(self.facts.statements[number].code)[0]
        return found

    def statements_about(self, name: str) -> list[int]:
        """Numbers of the statements that bind ``name`` or change its object, in order."""
        if self._index is None:
            index: dict[str, list[int]] = {}
            for number, statement in enumerate(self.facts.statements):
                for word in dict.fromkeys([*statement.binds, *statement.mutates]):
                    index.setdefault(word, []).append(number)
            self._index = index
        return self._index.get(name, [])

    def mentions(self, word: str) -> bool:
        """The identifier stands somewhere in this module."""
        words = self.facts.words
        position = bisect_left(words, word)
        return position < len(words) and words[position] == word

    def binds(self, name: str) -> bool:
        """Some statement of this module can bind ``name``."""
        return any(name in self.facts.statements[n].binds for n in self.statements_about(name))

    def __repr__(self) -> str:
        return f"ModuleState({self.name})"


class BodySource(Protocol):
    """Reads the bodies of functions that the facts leave out.

    ``unreadable`` are the files in which a function cannot be read: the line, and why.
    """

    unreadable: dict[str, tuple[int, str]]

    def read(self, path: str, function: ir.FunctionDef) -> list[ir.Statement]:
        """The statements of a body; none where it cannot be read."""

    def code(self, path: str, function: ir.FunctionDef) -> bytes:
        """The source of a function, to look for words in; nothing where it cannot be read."""


class ModuleTable:
    """All modules of one unit by name.

    ``paths`` maps module names to paths, ``encoded`` paths to encoded facts (see
    :func:`backend_gate.facts.model.decode_facts`). ``libraries`` stand in for libraries of which the project
    has no module of its own.
    """

    def __init__(
        self, paths: Mapping[str, str], encoded: Mapping[str, bytes], libraries: LibraryModels | None = None
    ) -> None:
        self._libraries = libraries or LibraryModels()
        self.paths = paths
        self._encoded = encoded
        self._states: dict[str, ModuleState | None] = {}
        self._namespaces: set[str] = set()
        self._facts: dict[str, ir.FileFacts] = {}
        self._bodies: dict[int, tuple[ir.FunctionDef, list[ir.Statement]]] = {}
        self.bodies: BodySource | None = None
        for name in paths:
            parts = name.split(".")
            self._namespaces.update(".".join(parts[:n]) for n in range(1, len(parts)))
        self._own = {name.split(".", 1)[0] for name in paths}

    def names(self) -> list[str]:
        """All module names, sorted."""
        return sorted(self.paths)

    def facts(self, path: str) -> ir.FileFacts:
        """The facts of a file."""
        found = self._facts.get(path)
        if found is None:
            found = self._facts[path] = ir.decode_facts(self._encoded[path])
        return found

    def get(self, name: str) -> ModuleState | None:
        """The module called ``name``; ``None`` for a namespace package or a library without a stand-in."""
        if name in self._states:
            return self._states[name]
        path = self.paths.get(name)
        state = None
        if path is not None and path in self._encoded:
            is_package = path.endswith("/__init__.py") or path == "__init__.py"
            state = ModuleState(name, path, self.facts(path), is_package=is_package)
        elif self.is_library(name):
            facts = self._libraries.facts(name)
            state = ModuleState(name, facts.path, facts, is_package=facts.path.endswith("/__init__.py"))
        self._states[name] = state
        return state

    def of_files(self, paths: Collection[str]) -> list[ModuleState]:
        """The modules in these files, by path; of a file whose name another one has taken too."""
        by_path = {path: name for name, path in sorted(self.paths.items(), reverse=True)}
        found: list[ModuleState] = []
        for path in sorted(paths):
            name = by_path.get(path)
            state = self.get(name) if name is not None else None
            if state is None and path in self._encoded:
                state = ModuleState(path.removesuffix(".py"), path, self.facts(path), is_package=False)
            if state is not None:
                found.append(state)
        return found

    def has(self, name: str) -> bool:
        """``name`` is a module, package or namespace package of the project, or has a stand-in."""
        return name in self.paths or name in self._namespaces or self.is_library(name)

    def is_library(self, name: str) -> bool:
        """``name`` is a library's module that has a stand-in, and the project has no package of that name."""
        return name in self._libraries and name.split(".", 1)[0] not in self._own

    def submodules(self, name: str) -> list[str]:
        """Names of the modules directly below a package, sorted."""
        prefix = name + "."
        below = {n[len(prefix) :].split(".", 1)[0] for n in self.paths if n.startswith(prefix)}
        return sorted(below)

    def absolute(self, module: ModuleState, name: str, level: int) -> str:
        """The absolute name of ``from ...name import`` in ``module``."""
        if level == 0:
            return name
        parts = module.package.split(".")
        base = parts[: len(parts) - (level - 1)] if level > 1 else parts
        return ".".join([*base, name] if name else base)

    def body(self, path: str, function: ir.FunctionDef) -> list[ir.Statement]:
        """The statements of a function, decoded once."""
        found = self._bodies.get(id(function))
        if found is None:
            if not ir.is_read(function) and self.bodies is not None:
                statements = self.bodies.read(path, function)
            else:
                statements = ir.decode_block(function.body)
            found = self._bodies[id(function)] = (function, statements)
        return found[1]

    def code_of(self, path: str, function: ir.FunctionDef) -> bytes:
        """What a function is made of, to look for words in: its source, or its encoded body."""
        if ir.is_read(function):
            return bytes(function.body)
        if self.bodies is not None:
            return self.bodies.code(path, function)
        return bytes(ir.encode_block(self.body(path, function)))

    def with_body(self, function: ir.FunctionDef, statements: list[ir.Statement]) -> ir.FunctionDef:
        """Remember the statements of a function that stands in no file."""
        self._bodies[id(function)] = (function, statements)
        return function

    def module_value(self, name: str) -> Value:
        """The value of an imported module of the project."""
        return Module(name)
