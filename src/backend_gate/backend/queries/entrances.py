"""What frameworks hand to functions that no route of the model is seen to reach.

A view of Flask or Django, a handler of a queue or a cloud function gets its parameters from outside, and says so
only by its decorators, by the names of its parameters, or by the library that its file imports. What those names
are is data: ``entrances`` of the vocabulary.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Mapping as Table

from backend_gate.backend.model import Place
from backend_gate.backend.modules import ModuleState
from backend_gate.backend.queries.paths import decorated_parts
from backend_gate.backend.queries.words import Words
from backend_gate.backend.values import External, Input, Instance, Value
from backend_gate.facts import model as ir

REQUEST = "backend_gate.request_object"
_ASKS = re.compile(
    rb"\b(?:request|req|get_\w*arguments?|path_kwargs|parse_args|(?:cleaned|validated)_data|kwargs|FieldStorage)\b"
)


def brought_in(
    function: ir.FunctionDef, module: ModuleState, words: Words, bound: Table[str, str]
) -> dict[str, Value]:
    """The parameters of a function that a framework fills with what a client sends, by name.

    ``bound`` are the parts of the paths that the function is bound to elsewhere, and their provenance.
    """
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
    for name, kind in [*decorated_parts(function), *bound.items()]:
        named = next((p for p in function.parameters if p.name == name or p.kind == "**"), None)
        if named is not None:
            found[name] = Input(kind, f"the part {name} of the path", Place(module.path, named.span))
    return found


def takes_from_clients(function: ir.FunctionDef, module: ModuleState, words: Words, code: bytes) -> bool:
    """Its text mentions what a client sends, in a file whose routes the model does not know.

    What it hands to a sink may be that as it is, without a text put together on the way.
    """
    if any(mentions(module, name) for name in words.unrouted_libraries):
        return _ASKS.search(code) is not None or any(True for _ in decorated_parts(function))
    names = [parameter.name for parameter in function.parameters]
    return any(names[-len(pair) :] == list(pair) for pair in words.event_parameters)


def mentions(module: ModuleState, name: str) -> bool:
    """The name stands somewhere in the file."""
    words = module.facts.words
    at = bisect.bisect_left(words, name)
    return at < len(words) and words[at] == name
