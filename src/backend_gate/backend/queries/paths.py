"""The parts of paths that frameworks hand to views: named in a decorator, or where a path is bound to a view.

``path("orders/<int:pk>/", views.order)`` says of the parameter ``pk`` of ``order`` that it is a number. Views are
told by their names, as the routes of these frameworks are not linked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from backend_gate.backend.modules import ModuleState
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

_IN_PATH = re.compile(
    r"<(?:(?P<converter>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>|\{(?P<braced>\w+)(?::(?P<kind>\w+))?\}"
)
_IN_PATTERN = re.compile(r"\(\?P<(?P<name>\w+)>(?P<pattern>\\d[+*]?|\[0-9\][+*]?|\\d\{[\d,]+\})?")
_COERCING = frozenset({"int", "float", "uuid", "date", "ymd"})
_DEFINITIONS = (ir.FunctionDef, ir.Import, ir.ImportFrom)

Parts = dict[str, str]
"""Names of parameters, and the provenance of each: ``coerced`` or ``request``."""


def parts_of(path: str) -> Iterator[tuple[str, str]]:
    """The named parts of a path or of a regular expression for one, and their provenance."""
    if "(?P<" in path:
        for match in _IN_PATTERN.finditer(path):
            yield match["name"], "coerced" if match["pattern"] else "request"
        return
    for match in _IN_PATH.finditer(path):
        converter = match["converter"] or match["kind"]
        yield match["name"] or match["braced"], "coerced" if converter in _COERCING else "request"


def decorated_parts(function: ir.FunctionDef) -> Iterator[tuple[str, str]]:
    """Those in the path that a decorator gives: ``@app.route("/users/<name>")``."""
    for decorator in function.decorators:
        if isinstance(decorator, ir.Call):
            for path in _texts(decorator):
                if "/" in path:
                    yield from parts_of(path)


def bound_parts(modules: Iterable[ModuleState]) -> dict[str, Parts]:
    """By the name of a view (a function, or the class of ``as_view()``), from calls at the top of the modules.

    A part that one path has as a number and another one as a text is a text.
    """
    found: dict[str, Parts] = {}
    for module in modules:
        for number, top in enumerate(module.facts.statements):
            if b"<" not in bytes(top.code) and b"{" not in bytes(top.code):
                continue
            statement = module.statement(number)
            if isinstance(statement, _DEFINITIONS):
                continue
            for node in expressions_in([statement], into_functions=False):
                if isinstance(node, ir.Call):
                    _bind(node, found)
    return found


def _bind(call: ir.Call, found: dict[str, Parts]) -> None:
    parts = [part for path in _texts(call) for part in parts_of(path)]
    for view in _views(call) if parts else ():
        known = found.setdefault(view, {})
        for name, kind in parts:
            known[name] = kind if known.get(name, kind) == kind else "request"


def _texts(call: ir.Call) -> Iterator[str]:
    for argument in call.arguments:
        if isinstance(argument.value, ir.Constant) and isinstance(argument.value.value, str):
            yield argument.value.value


def _views(call: ir.Call) -> Iterator[str]:
    for argument in call.arguments:
        match argument.value:
            case ir.Name(id=name) | ir.Attribute(name=name):
                yield name
            case ir.Call(
                function=ir.Attribute(name="as_view", value=ir.Name(id=name) | ir.Attribute(name=name))
            ):
                yield name
