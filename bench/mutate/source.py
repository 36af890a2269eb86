"""The sources of one backend, parsed on demand, with just enough name lookup to plan an edit.

This is on purpose not the gate's linker: what is planted, and what it does, must not be decided by the
program that is measured.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

_DEFINITION = re.compile(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)
_ASSIGNMENT = re.compile(r"^[ \t]*(?:type[ \t]+)?(\w+)[ \t]*(?::[^=\n]+)?=[ \t]*[\w.]+[\[(]", re.MULTILINE)
_CLASS = re.compile(r"^[ \t]*class[ \t]+(\w+)(?:\[[^\]]*\])?[ \t]*(?:\(([^)]*)\))?[ \t]*:", re.MULTILINE)
_BASE = re.compile(r"(\w+)\s*(?:,|\[|$)")
# A name bound in more files than this says nothing about which of them is meant.
_COMMON = 8


@dataclasses.dataclass(frozen=True, eq=False)
class Definition:
    """A function or class. ``first`` and ``last`` are its lines, decorators included; ``line`` is that of
    ``def`` or ``class``. ``qualname`` has no ``<locals>``."""

    qualname: str
    node: cst.FunctionDef | cst.ClassDef
    first: int
    line: int
    last: int


@dataclasses.dataclass(frozen=True, eq=False)
class CallSite:
    """A call, the statement it stands in, and the dotted name of the function or class around it."""

    node: cst.Call
    statement: cst.CSTNode | None
    scope: str


class Module:
    """One parsed file."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
        self.tree = wrapper.module
        self._positions = wrapper.resolve(PositionProvider)
        self.definitions: list[Definition] = []
        self.calls: list[CallSite] = []
        self.bindings: dict[str, list[cst.BaseExpression]] = {}
        self.imports: dict[str, str] = {}
        self._collect()

    def _collect(self) -> None:
        todo: list[tuple[cst.CSTNode, str, cst.SimpleStatementLine | None]] = [(self.tree, "", None)]
        while todo:
            node, scope, statement = todo.pop()
            inner = scope
            match node:
                case cst.FunctionDef() | cst.ClassDef():
                    inner = f"{scope}.{node.name.value}".lstrip(".")
                    self.definitions.append(self._definition(inner, node))
                case cst.SimpleStatementLine():
                    statement = node
                case cst.Call():
                    self.calls.append(CallSite(node, statement, scope))
                case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value):
                    self.bindings.setdefault(name, []).append(value)
                case cst.AnnAssign(target=cst.Name(value=name), value=cst.BaseExpression() as value):
                    self.bindings.setdefault(name, []).append(value)
                case cst.TypeAlias(name=cst.Name(value=name), value=value):
                    self.bindings.setdefault(name, []).append(value)
                case cst.ImportFrom():
                    self._import(node)
            decorators = getattr(node, "decorators", ())
            todo.extend(
                (child, scope if child in decorators else inner, statement)
                for child in reversed(node.children)
            )

    def _definition(self, qualname: str, node: cst.FunctionDef | cst.ClassDef) -> Definition:
        place = self._positions[node]
        first = min([place.start.line, *(self._positions[d].start.line for d in node.decorators)])
        return Definition(qualname, node, first, place.start.line, place.end.line)

    def _import(self, node: cst.ImportFrom) -> None:
        if isinstance(node.names, cst.ImportStar):
            return
        module = dotted(node.module) if node.module else ""
        for alias in node.names:
            local = alias.asname.name if alias.asname else alias.name
            if isinstance(local, cst.Name) and isinstance(alias.name, cst.Name):
                self.imports[local.value] = f"{module}.{alias.name.value}".lstrip(".")

    def line(self, node: cst.CSTNode) -> int:
        """The line on which a node of this module starts."""
        return self._positions[node].start.line

    def at(self, line: int) -> Definition | None:
        """The innermost definition that a line lies in, its decorators included."""
        around = [d for d in self.definitions if d.first <= line <= d.last]
        return max(around, key=lambda d: (d.first, d.qualname.count(".")), default=None)

    def function(self, line: int) -> Definition | None:
        """The function whose ``def`` stands on ``line``."""
        for definition in self.definitions:
            if definition.line == line and isinstance(definition.node, cst.FunctionDef):
                return definition
        return None

    def named(self, name: str) -> Iterator[Definition]:
        """Definitions of that simple name."""
        return (d for d in self.definitions if d.qualname.rpartition(".")[2] == name)

    def code(self, node: cst.CSTNode) -> str:
        """Source text of a node."""
        return self.tree.code_for_node(node)


def dotted(node: cst.CSTNode) -> str:
    """``a.b.c`` for names and attributes, the callee's for a call, empty for anything else."""
    match node:
        case cst.Name(value=value):
            return str(value)
        case cst.Attribute(value=value, attr=cst.Name(value=attr)):
            left = dotted(value)
            return f"{left}.{attr}" if left else str(attr)
        case cst.Call(func=func):
            return dotted(func)
        case cst.Subscript(value=value):
            return dotted(value)
    return ""


def last_name(node: cst.CSTNode) -> str:
    """The last part of :func:`dotted`."""
    return dotted(node).rpartition(".")[2]


class Sources:
    """The Python files of one backend."""

    def __init__(self, root: Path) -> None:
        self.texts: dict[str, str] = {}
        for path in sorted(root.rglob("*.py")):
            if path.is_symlink() or not path.is_file():
                continue
            try:
                self.texts[path.relative_to(root).as_posix()] = path.read_bytes().decode("utf-8")
            except UnicodeDecodeError:
                continue  # a test fixture in another encoding: nothing to plant there
        self._files: dict[str, list[str]] = {}
        for file, text in self.texts.items():
            for name in {*_DEFINITION.findall(text), *_ASSIGNMENT.findall(text)}:
                self._files.setdefault(name, []).append(file)
        self.defined = frozenset(name for text in self.texts.values() for name in _DEFINITION.findall(text))
        self._modules: dict[str, Module | None] = {}

    def module(self, file: str) -> Module | None:
        """The parsed file; ``None`` if there is no such file or it cannot be parsed."""
        if file not in self._modules:
            text = self.texts.get(file)
            try:
                self._modules[file] = None if text is None else Module(file, text)
            except cst.ParserSyntaxError:
                self._modules[file] = None
        return self._modules[file]

    def homes(self, file: str, name: str) -> tuple[tuple[str, str], ...]:
        """Where ``name``, used in ``file``, may be bound: pairs of file and name bound there.

        The file itself first; else what its import names, wherever that module path ends; else every file
        that binds the name, unless these are too many to mean anything.
        """
        if file in self._files.get(name, ()):
            return ((file, name),)
        module = self.module(file)
        imported = module.imports.get(name) if module else None
        if imported is not None:
            path, _, origin = imported.rpartition(".")
            tail = path.replace(".", "/")
            homes = [f for f in self._files.get(origin, ()) if _ends(f, tail)]
            # Through a package that re-exports: any file below it that binds the name.
            homes = homes or [f for f in self._files.get(origin, ()) if f"/{tail}/" in f"/{f}"]
            if homes:
                return tuple((f, origin) for f in homes)
            name = origin
        everywhere = self._files.get(name, [])
        return tuple((f, name) for f in everywhere) if len(everywhere) <= _COMMON else ()

    @functools.cached_property
    def bases(self) -> dict[str, frozenset[str]]:
        """Simple names of the base classes, by a class's simple name, over all files."""
        found: dict[str, set[str]] = {}
        for text in self.texts.values():
            for name, bases in _CLASS.findall(text):
                found.setdefault(name, set()).update(_BASE.findall(bases))
        return {name: frozenset(bases) for name, bases in found.items()}

    def ancestry(self, name: str) -> frozenset[str]:
        """A class's simple name and those of all its ancestors known by name."""
        found, todo = {name}, [name]
        while todo:
            for base in self.bases.get(todo.pop(), ()):
                if base not in found:
                    found.add(base)
                    todo.append(base)
        return frozenset(found)


def _ends(file: str, tail: str) -> bool:
    return f"/{file}".endswith((f"/{tail}.py", f"/{tail}/__init__.py"))
