"""Reads the requests that stand in the code of tests."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from backend_gate.backend.interpreter import Interpreter
from backend_gate.backend.model import Place
from backend_gate.backend.values import Alternatives, Unknown, alternatives, text_of
from backend_gate.backend.walk import expressions_in
from backend_gate.evidence.requests.applications import Applications
from backend_gate.evidence.requests.clients import Clients
from backend_gate.evidence.requests.code import Code, TestCode
from backend_gate.evidence.requests.model import ANY_METHOD, WEBSOCKET, Sent
from backend_gate.evidence.requests.urls import path_of, route_named_in, urls_of
from backend_gate.evidence.requests.values import MAX_SITES, Evaluator, Site
from backend_gate.facts import model as ir

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})
_WITH_METHOD = frozenset({"request", "stream"})
_SOCKET = "websocket_connect"
SENDING = _VERBS | _WITH_METHOD | {_SOCKET}
"""The methods of a client that send a request."""


class RequestReader:
    """Finds the requests in the code of the tests of one backend.

    ``applications`` are the places where applications are made that are to be told apart.
    """

    def __init__(
        self, interpreter: Interpreter, tests: TestCode, applications: Collection[Place] = ()
    ) -> None:
        self._tests = tests
        self._evaluator = Evaluator(interpreter, tests)
        self._clients = Clients(
            self._evaluator, tests, Applications(interpreter.modules, tests, applications)
        )

    def requests(self) -> Iterator[Sent]:
        """All of them, in the order of files and lines; those of a helper once for each of its calls."""
        for code in self._tests.codes:
            calls = [call for call in code.calls if _sends(call)]
            if not calls:
                continue
            sites: list[Site | None] = []
            if code.node is not None and not code.is_test and not code.fixture:
                sites += self._tests.calls_of(code)[:MAX_SITES]
            for call in calls:
                for site in sites or [None]:
                    yield from self._of(code, call, site)

    def _of(self, code: Code, call: ir.Call, site: Site | None) -> Iterator[Sent]:
        assert isinstance(call.function, ir.Attribute)  # noqa: S101  as _sends has seen
        name = call.function.name
        client = self._clients.of(code, call.function.value, site)
        position = 1 if name in _WITH_METHOD else 0
        url = _argument(call, position, ("url", "path"))
        if client is None or (url is None and not _is_open(call)):
            return
        if site is None and url is not None and self._waits_for_a_caller(code, url):
            return
        place = (
            Place(code.module.path, call.span) if site is None else Place(site[0].module.path, site[1].span)
        )
        value = self._evaluator.value(code, url, site) if url is not None else Unknown("spread arguments")
        for method in self._methods(code, call, name, site):
            for each in urls_of(value):
                route = route_named_in(each)
                path = path_of(each, client.base, relative=client.known or bool(route))
                if path is not None:
                    yield Sent(method, path, place, route, client.app)

    def _methods(self, code: Code, call: ir.Call, name: str, site: Site | None) -> list[str]:
        if name in _VERBS:
            return [name.upper()]
        if name == _SOCKET:
            return [WEBSOCKET]
        method = _argument(call, 0, ("method",))
        if method is None:
            return [ANY_METHOD]
        value = self._evaluator.value(code, method, site)
        words = value.values if isinstance(value, Alternatives) else alternatives(value)
        return sorted({(text_of(word) or ANY_METHOD).upper() for word in words})

    def _waits_for_a_caller(self, code: Code, url: ir.Expression) -> bool:
        """A helper that nobody is seen to call sends nothing to a URL that it would be handed."""
        if code.node is None or code.is_test or code.fixture:
            return False
        names = {each.id for each in expressions_in([url]) if isinstance(each, ir.Name)}
        return any(name in code.parameters and name != code.receiver for name in names)


def _sends(call: ir.Call) -> bool:
    return isinstance(call.function, ir.Attribute) and call.function.name in SENDING


def _argument(call: ir.Call, position: int, names: tuple[str, ...]) -> ir.Expression | None:
    for argument in call.arguments:
        if argument.name in names:
            return argument.value
    plain = [argument for argument in call.arguments if argument.name is None]
    if any(argument.star for argument in plain[: position + 1]) or position >= len(plain):
        return None
    return plain[position].value


def _is_open(call: ir.Call) -> bool:
    """Arguments are spread into it, so that its URL may be among them."""
    return any(argument.star for argument in call.arguments)
