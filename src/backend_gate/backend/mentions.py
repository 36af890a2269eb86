"""Where the code of a project may make an object of a class, by the words in all of its files.

No run is needed for that, and none could show that something never happens: every place counts that names the class
and is not known to be harmless (an import, an annotation, an ``except`` clause, a test of a type).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from backend_gate.backend.model import Place
from backend_gate.backend.modules import ModuleState, ModuleTable
from backend_gate.backend.queries.entrances import mentions
from backend_gate.facts import model as ir

_TYPE_TESTS = frozenset({"isinstance", "issubclass", "suppress", "cast"})
_REGISTERING = frozenset({"exception_handler", "add_exception_handler", "raises", "errorhandler"})


class Mentions:
    """Looks through the files of one unit, for each name once."""

    def __init__(self, modules: ModuleTable, paths: Iterable[str]) -> None:
        self._modules = modules
        self._states = modules.of_files(list(paths))
        self._known: dict[str, tuple[set[str], list[Place]]] = {}

    def of_family(self, name: str) -> list[Place]:
        """The places that may make an object of the class of that name or of one derived from it."""
        places: list[Place] = []
        family = [name]
        for member in family:
            derived, own = self._of(member)
            places += own
            family += sorted(derived.difference(family))
        return sorted(set(places))

    def _of(self, name: str) -> tuple[set[str], list[Place]]:
        """The names of the classes derived from ``name``, and the places that mention it."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = (set(), [])
            for state in self._states:
                if mentions(state, name):
                    search = _Search(self._modules, state, name)
                    for number in range(len(state.facts.statements)):
                        search.read(state.statement(number))
                    known[0].update(search.derived)
                    known[1].extend(Place(state.path, node.span) for node in search.found)
        return known


class _Search:
    """One file and one name, with the other names under which the file imports it."""

    def __init__(self, modules: ModuleTable, state: ModuleState, name: str) -> None:
        self._modules = modules
        self._path = state.path
        self._name = name
        self._names = {name}
        self.derived: set[str] = set()
        self.found: list[ir.Node] = []

    def read(self, node: Any) -> None:
        """Look through a statement or expression."""
        match node:
            case ir.Name(id=name):
                if name in self._names:
                    self.found.append(node)
            case ir.Attribute(value=value, name=name):
                if name in self._names:
                    self.found.append(node)
                self.read(value)
            case ir.Constant(value=value):
                if value == self._name:
                    self.found.append(node)  # somebody may look it up by its name
            case ir.ImportFrom(names=imported):
                self._names |= {one.alias for one in imported if one.name == self._name and one.alias}
            case ir.Import():
                pass
            case ir.FunctionDef():
                self._function(node)
            case ir.ClassDef():
                self._class(node)
            case ir.AnnotatedAssign(value=value):
                self.read(value)
            case ir.Assign(targets=[ir.Name(id="__all__")]):
                pass
            case ir.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
                self.read([body, [handler.body for handler in handlers], orelse, final])
            case ir.Comparison():
                self.read([one for one in (node.left, *node.rights) if not self._is_class(one)])
            case ir.ListDisplay(items=items) | ir.TupleDisplay(items=items) | ir.SetDisplay(items=items):
                self.read([item for item in items if not self._is_class(item)])
            case ir.DictDisplay(entries=entries):
                self.read(
                    [
                        one
                        for e in entries
                        for one in (e.key, e.value)
                        if one is not e.key or not self._is_class(one)
                    ]
                )
            case ir.Call():
                self._call(node)
            case list() | tuple():
                for one in node:
                    self.read(one)
            case msgspec.Struct() if not isinstance(node, ir.Span):
                for field in node.__struct_fields__:
                    part = getattr(node, field)
                    if isinstance(part, (msgspec.Struct, list, tuple)):
                        self.read(part)

    def _function(self, node: ir.FunctionDef) -> None:
        self.read([node.decorators, [p.default for p in node.parameters]])
        code = self._modules.code_of(self._path, node)
        if any(name.encode() in code for name in self._names):
            self.read(self._modules.body(self._path, node))

    def _class(self, node: ir.ClassDef) -> None:
        if any(self._is_class(base.value) for base in node.bases):
            self.derived.add(node.name)
        self.read([node.decorators, [base.value for base in node.bases if not self._is_class(base.value)]])
        self.read(node.body)

    def _call(self, node: ir.Call) -> None:
        name = (
            node.function.name
            if isinstance(node.function, ir.Attribute)
            else getattr(node.function, "id", "")
        )
        harmless = name in _TYPE_TESTS or name in _REGISTERING
        self.read(node.function)
        given = [argument.value for argument in node.arguments]
        self.read([value for value in given if not (harmless and self._is_class(value))])

    def _is_class(self, node: ir.Expression | None) -> bool:
        """The name of the class alone, perhaps with its module."""
        if isinstance(node, ir.Attribute):
            return node.name in self._names and _is_dotted(node.value)
        return isinstance(node, ir.Name) and node.id in self._names


def _is_dotted(node: ir.Expression) -> bool:
    while isinstance(node, ir.Attribute):
        node = node.value
    return isinstance(node, ir.Name)
