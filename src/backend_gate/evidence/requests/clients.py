"""Tells what sends requests in tests: an object that is made by the class of a client, or that is called one."""

from __future__ import annotations

import re

import msgspec

from backend_gate.backend.model import Place
from backend_gate.backend.values import External, alternatives
from backend_gate.evidence.requests.applications import Applications
from backend_gate.evidence.requests.code import Code, TestCode, last_name
from backend_gate.evidence.requests.model import UrlParts
from backend_gate.evidence.requests.urls import urls_of
from backend_gate.evidence.requests.values import Evaluator, Site
from backend_gate.facts import model as ir

MAX_DEPTH = 40
_MODULES = frozenset({"httpx", "requests"})
_MAKER = "test_client"
_SESSION = re.compile(r"(?:requests|aiohttp)\..*Session")


class Client(msgspec.Struct, frozen=True):
    """A client. ``known``: its class says so, not only its name. ``base`` is its ``base_url``, ``app`` where the
    application is made that it was given."""

    known: bool
    base: UrlParts = ()
    app: Place | None = None


_BY_NAME = Client(False)


class Clients:
    """Looks where an object comes from."""

    def __init__(self, evaluator: Evaluator, tests: TestCode, applications: Applications) -> None:
        self._evaluator = evaluator
        self._tests = tests
        self._applications = applications
        self._given: dict[int, Client | None] = {}
        self._seen: set[tuple[int, int]] = set()
        """What has been looked at for the client that is looked for now, by identity of code and expression."""

    def of(self, code: Code, node: ir.Expression, site: Site | None = None, depth: int = 0) -> Client | None:
        """The client that an expression gives, or ``None`` if it gives something else.

        Names that many functions have lead to the same expressions on many ways: each is looked at once, on the
        first of them. What it gives has then been found already.
        """
        if depth == 0:
            self._seen = set()
        key = (id(code), id(node))
        if depth > MAX_DEPTH or key in self._seen:
            return None
        self._seen.add(key)
        match node:
            case ir.Await(value=value) | ir.Subscript(value=value):
                return self.of(code, value, site, depth + 1)
            case ir.Call(function=function):
                return self._made(code, node, function, depth)
            case ir.Name(id=name):
                return self._named(code, name, site, depth)
            case ir.Attribute(value=ir.Name(id=owner), name=name) if owner == code.receiver:
                held = [
                    self.of(where, value, None, depth + 1) for where, value in self._tests.held(code, name)
                ]
                return _first(held) or (_BY_NAME if _is_client_name(name) and not held else None)
            case ir.Attribute(name=name) if _is_client_name(name):
                return _BY_NAME
        return None

    def _made(self, code: Code, call: ir.Call, function: ir.Expression, depth: int) -> Client | None:
        name = last_name(function)
        if (
            name.endswith("Client")
            or name == _MAKER
            or (name.endswith("Session") and self._is_web(code, function))
        ):
            base = next((a.value for a in call.arguments if a.name == "base_url"), None)
            urls = urls_of(self._evaluator.value(code, base)) if base is not None else []
            return Client(
                True,
                urls[0] if len(urls) == 1 else (None,) if urls else (),
                self._applications.given_to(code, call),
            )
        given = [
            self.of(other, value, None, depth + 1)
            for other in self._tests.called(name)
            if other.fixture or not other.is_test
            for value in other.gives
        ]
        found = _first(given) or (_BY_NAME if _is_client_name(name) and not given else None)
        app = self._applications.given_to(code, call)
        return found if found is None or app is None else msgspec.structs.replace(found, app=app)

    def _is_web(self, code: Code, function: ir.Expression) -> bool:
        """A session of HTTP requests, and none of a database."""
        made = alternatives(self._evaluator.value(code, function))
        return any(isinstance(each, External) and _SESSION.fullmatch(each.name) for each in made)

    def _named(self, code: Code, name: str, site: Site | None, depth: int) -> Client | None:
        home = code.home_of(name)
        if home is None:
            inside = self._tests.inside(code, name)
            if inside is not None:  # a fixture that gives a function which makes a client
                return _first([self.of(inside, value, None, depth + 1) for value in inside.gives])
            return self._of_module(code, name, depth)
        found: list[Client | None] = [
            self.of(home, binding.value, site, depth + 1)
            for binding in home.bindings.get(name, ())
            if not (isinstance(binding.value, ir.Name) and binding.value.id == name)
        ]
        if name in home.parameters:
            found.append(self._parameter(home, name, site if home is code else None, depth))
        return _first(found) or (_BY_NAME if _is_client_name(name) and not found else None)

    def _of_module(self, code: Code, name: str, depth: int) -> Client | None:
        top = self._tests.top_of(code)
        bound = [self.of(top, b.value, None, depth + 1) for b in top.bindings.get(name, ())]
        if bound:
            return _first(bound)
        if name in _MODULES and code.module.binds(name):
            return Client(True)
        return _BY_NAME if _is_client_name(name) else None

    def _parameter(self, code: Code, name: str, site: Site | None, depth: int) -> Client | None:
        annotation = code.parameters[name].annotation
        fixture = self._tests.fixture_for(code, name) if code.is_test or code.fixture else None
        given = []
        if fixture is not None:
            given = [self._of_fixture(fixture, depth)]
            returns = fixture.node.returns if fixture.node is not None else None
            annotation = annotation or returns
        elif site is not None and (handed := self._evaluator.arguments(site, code).get(name)) is not None:
            given = [self.of(site[0], handed, None, depth + 1)]
        if (found := _first(given)) is not None:
            return found
        if annotation is not None and _mentions_client(annotation):
            return Client(True)
        return _BY_NAME if _is_client_name(name) else None

    def _of_fixture(self, fixture: Code, depth: int) -> Client | None:
        """The client that a fixture gives, looked for once: most tests ask for the same."""
        if id(fixture) not in self._given:
            self._given[id(fixture)] = None  # as long as it is looked for, and so where it asks for itself
            seen, self._seen = self._seen, set()  # of its own: the answer is kept for all who ask
            found = _first([self.of(fixture, value, None, depth + 1) for value in fixture.gives])
            self._seen = seen
            self._given[id(fixture)] = found
        return self._given[id(fixture)]


def _first(found: list[Client | None]) -> Client | None:
    known = [client for client in found if client is not None]
    return next((client for client in known if client.known), known[0] if known else None)


def _is_client_name(name: str) -> bool:
    return name.lower().endswith("client")


def _mentions_client(annotation: ir.Expression) -> bool:
    """``TestClient``, ``AsyncGenerator[httpx.AsyncClient, None]``"""
    match annotation:
        case ir.Subscript(index=index):
            return _mentions_client(index)
        case ir.TupleDisplay(items=items):
            return any(map(_mentions_client, items))
        case ir.BinaryOperation(left=left, right=right):
            return _mentions_client(left) or _mentions_client(right)
        case ir.Constant(value=str() as text):
            return "Client" in text
    return last_name(annotation).endswith("Client")
