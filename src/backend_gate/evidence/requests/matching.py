"""Finds the endpoints that a request is for, as the framework would: the first route that fits answers.

A part of the path that is not known is first taken to be the value of one path parameter. Only where no route fits
that way it may be anything: a prefix, several segments, or a word that a route has literally. If that leaves
one endpoint, the request is for it; if it leaves several, it may be for each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from backend_gate.backend.flatten import UNKNOWN_PATH
from backend_gate.backend.model import Endpoint, Place
from backend_gate.evidence.requests.model import ANY_METHOD, Sent, UrlParts

_PARAMETER = re.compile(r"\{([^{}:?]+)(?::([^{}]*))?\}")
_CONVERTERS = {
    "": "[^/]+",
    "str": "[^/]+",
    "int": "[0-9]+",
    "float": r"[0-9]+(?:\.[0-9]+)?",
    "uuid": "[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}",
    "path": ".*",
}
_SAMPLES = ("\x02", "1", "9e1f2c3d-0000-4000-8000-000000000001", "1.5")
"""What a part that is not known may be: a word that no route has, and what converters ask for."""

_VALUE = "\x02"


class _Route:
    """One endpoint, with its path as an expression and as a text in which values stand for parameters."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.methods = frozenset(endpoint.methods) | ({"HEAD"} if "GET" in endpoint.methods else set())
        self.known = UNKNOWN_PATH not in endpoint.path
        pieces: list[str] = []
        end = 0
        for found in _PARAMETER.finditer(endpoint.path):
            pieces += [re.escape(endpoint.path[end : found.start()])]
            pieces += [_CONVERTERS.get(found[2] or "", "[^/]+")]
            end = found.end()
        self.pattern = re.compile("".join([*pieces, re.escape(endpoint.path[end:])]))
        self.text = _PARAMETER.sub(_VALUE, endpoint.path)
        self.prefixes = endpoint.mounted

    def takes(self, method: str) -> bool:
        return method == ANY_METHOD or method in self.methods


class Routes:
    """The endpoints of one backend, in the order of their registration."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._applications: dict[str, list[_Route]] = {}
        self._by_name: dict[str, _Route] = {}
        self._known: dict[tuple[str, UrlParts, Place | None], tuple[list[Endpoint], list[Endpoint]]] = {}
        self._prefixes: dict[str, None] = {}
        for endpoint in endpoints:
            route = _Route(endpoint)
            self._applications.setdefault(endpoint.app, []).append(route)
            if route.known:
                self._by_name.setdefault(endpoint.name, route)
            self._prefixes |= dict.fromkeys(prefix for prefix in endpoint.mounted.values() if prefix)

    @property
    def _all(self) -> list[_Route]:
        return [route for routes in self._applications.values() for route in routes]

    def of(self, sent: Sent) -> tuple[list[Endpoint], list[Endpoint]]:
        """The endpoints that a request is for, and those that it may be for."""
        path = sent.path
        if sent.route:
            named = self._by_name.get(sent.route) or self._by_name.get(sent.route.rpartition(":")[2])
            if named is None:
                return [], []
            path = _as_request(named)
        key = (sent.method, path, None if sent.route else sent.app)
        if key not in self._known:
            self._known[key] = self._find(*key)
        return self._known[key]

    def _find(self, method: str, path: UrlParts, app: Place | None) -> tuple[list[Endpoint], list[Endpoint]]:
        prefixes = (
            {route.prefixes[app] for route in self._all if app in route.prefixes} if app is not None else ()
        )
        if app is not None and prefixes and path[0] is not None:
            places = [self._at(method, (prefix + path[0], *path[1:])) for prefix in sorted(prefixes)]
            return [e for found, _ in places for e in found], [e for _, may_be in places for e in may_be]
        found, may_be = self._at(method, path)
        if path[0] is None or any(endpoint.path == path[0] for endpoint in found):
            return found, may_be
        # A test may send its requests to an application that is mounted elsewhere.
        below = [
            endpoint
            for prefix in self._prefixes
            for endpoint in self._exact(method, (prefix + path[0], *path[1:]))
        ]
        others = [endpoint for endpoint in below if not any(endpoint is e for e in (*found, *may_be))]
        if not others:
            return found, may_be
        return [], [*found, *may_be, *others]

    def _exact(self, method: str, path: UrlParts) -> list[Endpoint]:
        found: list[Endpoint] = []
        for routes in self._applications.values():
            methods = {method} if method != ANY_METHOD else {m for route in routes for m in route.methods}
            for each in sorted(methods):
                fitting = _exactly([route for route in routes if each in route.methods], path)
                found += [e for e in fitting if not any(e is other for other in found)]
        return found

    def _at(self, method: str, path: UrlParts) -> tuple[list[Endpoint], list[Endpoint]]:
        found = self._exact(method, path)
        if None not in path and method != ANY_METHOD:
            # Whoever writes a path that a route has literally means that route, even behind one with a parameter.
            literal = [
                route.endpoint
                for route in self._all
                if route.takes(method) and route.endpoint.path == path[0]
            ]
            if literal:
                first = [literal[0], *(e for e in literal[1:] if e.app != literal[0].app)]
                return first, [e for e in found if not any(e is other for other in first)]
            if len(found) > 1:
                return found, []  # one of each application that has this path
        if found and path[0] is None:  # which may also be a prefix
            certain, may_be = _one_or_all(found)
            others = [e for e in self._loosely_at(method, path) if not any(e is other for other in found)]
            return certain, [*may_be, *others]
        if found:
            return _one_or_all(found)
        found = self._loosely_at(method, path)
        if found:
            return _one_or_all(found) if None in path else ([], found)
        return [], [route.endpoint for route in self._all if route.takes(method) and not route.known]

    def _loosely_at(self, method: str, path: UrlParts) -> list[Endpoint]:
        able = [route for route in self._all if route.takes(method) and route.known]
        for pattern in _loosely(path):
            if found := [route.endpoint for route in able if pattern.fullmatch(route.text)]:
                return found
        return []


def _one_or_all(found: Sequence[Endpoint]) -> tuple[list[Endpoint], list[Endpoint]]:
    return (list(found), []) if len(found) == 1 else ([], list(found))


def _exactly(routes: Sequence[_Route], path: UrlParts) -> list[Endpoint]:
    """The endpoints whose path fits if each unknown part is one value of a parameter."""
    if path[0] is None:
        path = path[1:]  # most likely the address of the server
    if not path or path[0] is None or not path[0].startswith("/"):
        return []
    # ``f"/items{query}"``: what is glued to the end of a word is mostly nothing that belongs to the path.
    glued = path[-1] is None and len(path) > 1 and not str(path[-2]).endswith("/")
    fillings = [_filled(path[:-1], _SAMPLES[0])] if glued else []
    for filling in (fillings, [_filled(path, sample) for sample in _SAMPLES[: None if None in path else 1]]):
        found: list[Endpoint] = []
        for text in filling:
            first = next((r for r in routes if r.known and r.pattern.fullmatch(text)), None)
            if first is None:  # the framework sends the client on to the same path with or without a slash
                other = text[:-1] if text.endswith("/") else f"{text}/"
                first = next((r for r in routes if r.known and r.pattern.fullmatch(other)), None)
            if first is not None and not any(first.endpoint is other for other in found):
                found.append(first.endpoint)
        if found:
            return found
    return []


def _filled(path: UrlParts, sample: str) -> str:
    return "".join(sample if part is None else part for part in path)


def _loosely(path: UrlParts) -> Iterable[re.Pattern[str]]:
    """Patterns for the paths of routes, their parameters as one value, the narrowest first: unknown parts are anything;
    then words may be values of parameters; then the whole may stand below a prefix.
    """
    text = "".join("\x00" if part is None else part for part in path)
    narrow = "/".join(_segment(segment, number == 0) for number, segment in enumerate(text.split("/")))
    wide = "/".join(
        _segment(segment, number == 0, or_value=True) for number, segment in enumerate(text.split("/"))
    )
    if None in path:
        yield from (re.compile(f"{whole}/?", re.DOTALL) for whole in (narrow, wide))
    word = next((word for word in re.split("[/\x00]+", text) if word), "")
    if word:
        one_literal = wide.replace(_or_value(re.escape(word)), re.escape(word), 1)
        for whole in (narrow, one_literal):
            yield re.compile(f".+{whole}/?" if text.startswith("/") else f".*{whole}/?", re.DOTALL)


def _segment(segment: str, is_first: bool, *, or_value: bool = False) -> str:
    words = [re.escape(word) for word in segment.split("\x00")]
    if is_first or (segment != "\x00" and segment.endswith("\x00")):
        return ".*".join(words)
    plain = ".+".join(words)
    return _or_value(plain) if or_value and segment else plain


def _or_value(pattern: str) -> str:
    return f"(?:{pattern}|[^/]*{_VALUE}[^/]*)"


def _as_request(route: _Route) -> UrlParts:
    """A request whose URL is made by the name of a route."""
    parts: list[str | None] = []
    for number, piece in enumerate(route.text.split(_VALUE)):
        if number:
            parts.append(None)
        if piece:
            parts.append(piece)
    return tuple(parts)
