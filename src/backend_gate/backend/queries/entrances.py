"""What frameworks hand to functions that no route of the model is seen to reach.

A view of Flask or Django, a handler of a queue or a cloud function gets its parameters from outside, and says so
only by its decorators, by the names of its parameters, or by the library that its file imports. What those names
are is data: ``entrances`` of the vocabulary.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator

from backend_gate.backend.model import Place
from backend_gate.backend.modules import ModuleState
from backend_gate.backend.queries.words import Words
from backend_gate.backend.values import External, Input, Instance, Value
from backend_gate.facts import model as ir

REQUEST = "backend_gate.request_object"
_IN_PATH = re.compile(
    r"<(?:(?P<converter>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>|\{(?P<braced>\w+)(?::(?P<kind>\w+))?\}"
)
_COERCING = frozenset({"int", "float", "uuid", "date", "ymd"})


def brought_in(function: ir.FunctionDef, module: ModuleState, words: Words) -> dict[str, Value]:
    """The parameters of a function that a framework fills with what a client sends, by name."""
    found: dict[str, Value] = {}
    plain = [parameter for parameter in function.parameters if parameter.annotation is None]
    names = [parameter.name for parameter in function.parameters]
    imported = {name for name in words.web_libraries if mentions(module, name)}
    for parameter in plain:
        place = Place(module.path, parameter.span)
        if imported and parameter.name in words.request_parameters:
            found[parameter.name] = Instance(External(REQUEST), place)
        for pair in words.event_parameters:
            if parameter.name == pair[0] and names[-len(pair) :] == list(pair):
                found[parameter.name] = Input("request", f"the parameter {parameter.name}", place)
    for name, kind in _path_parameters(function):
        named = next((p for p in function.parameters if p.name == name), None)
        if named is not None:
            found[name] = Input(kind, f"the part {name} of the path", Place(module.path, named.span))
    return found


def _path_parameters(function: ir.FunctionDef) -> Iterator[tuple[str, str]]:
    """Names in the path that a decorator gives, and their provenance: ``@app.route("/users/<name>")``."""
    for decorator in function.decorators:
        if not isinstance(decorator, ir.Call):
            continue
        for argument in decorator.arguments:
            path = argument.value
            if isinstance(path, ir.Constant) and isinstance(path.value, str) and "/" in path.value:
                for match in _IN_PATH.finditer(path.value):
                    converter = match["converter"] or match["kind"]
                    kind = "coerced" if converter in _COERCING else "request"
                    yield match["name"] or match["braced"], kind


def mentions(module: ModuleState, name: str) -> bool:
    """The name stands somewhere in the file."""
    words = module.facts.words
    at = bisect.bisect_left(words, name)
    return at < len(words) and words[at] == name
