"""Requests that code of the project makes of an ASGI scope: ``Request(scope, receive)``, ``Headers(scope=scope)``.

What they hold is what the request holds whose scope it is, or the copy of it that somebody has changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_gate.backend.arguments import Arguments
from backend_gate.backend.model import Place
from backend_gate.backend.values import (
    NONE,
    AskedText,
    Constant,
    External,
    Instance,
    Mapping,
    Unknown,
    Value,
    alternatives,
)
from backend_gate.backend.vocabulary import effect

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter

HEADERS = "backend_gate.request_headers"
_ENTRIES = ("session", "path_params", "state", "user", "auth", "method")
"""Parts of a request that stand in its scope under the same name."""


def scope_of_request(value: Value | None) -> Mapping | None:
    """The scope of a request, or a copy of it; ``None`` for anything else, as what a response is sent with."""
    for one in alternatives(value) if value is not None else ():
        if isinstance(one, Mapping) and isinstance(one.get(Constant("type")), Constant):
            if one.get(Constant("headers")) is not None and one.get(Constant("path_params")) is not None:
                return one
    return None


@effect("connection.new")
def _new_connection(
    interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None
) -> Value:
    """``Request(scope, receive)``: it has the parts of its scope."""
    scope = scope_of_request(arguments.get(0, "scope"))
    if scope is None or not isinstance(owner, Instance):
        return NONE
    url = Instance(External("backend_gate.request_url"), place)
    path = scope.get(Constant("path"))
    if path is not None:
        url.attributes["path"] = path
    owner.attributes.update(
        scope=scope,
        url=url,
        headers=Instance(External(HEADERS), place),
        cookies=Instance(External("backend_gate.request_cookies"), place),
        query_params=Instance(External("backend_gate.request_query"), place),
    )
    for name in _ENTRIES:
        entry = scope.get(Constant(name))
        if entry is not None:
            owner.attributes[name] = entry
    return NONE


@effect("connection.headers")
def _headers(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``Headers(scope=scope)``, ``Headers(raw=scope["headers"])``; of a response where nothing is a request's."""
    raw = arguments.get(1, "raw")
    of_request = any(_is_headers(one) for one in alternatives(raw)) if raw is not None else False
    if of_request or scope_of_request(arguments.get(2, "scope")) is not None:
        return Instance(External(HEADERS), place)
    return Instance(
        External("starlette.datastructures.Headers"),
        place,
        arguments.positional,
        arguments.keywords,
        interpreter.conditions,
        in_run=interpreter.trace is not None,
    )


def _is_headers(value: Value) -> bool:
    return isinstance(value, Instance) and isinstance(value.cls, External) and value.cls.name == HEADERS


@effect("connection.route_path")
def _route_path(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``get_route_path(scope)``: the path below what the application is mounted at."""
    scope = scope_of_request(arguments.get(0, "scope"))
    path = scope.get(Constant("path")) if scope is not None else None
    root = scope.get(Constant("root_path")) if scope is not None else None
    if path is None:
        return Unknown("the path of a scope that is not known", place)
    if not isinstance(root, Constant) or not isinstance(root.value, str) or not root.value:
        return path
    prefix = root.value
    if isinstance(path, AskedText):
        return path.part(lambda text: text.removeprefix(prefix))
    return Constant(path.value.removeprefix(prefix)) if isinstance(path, Constant) else path
