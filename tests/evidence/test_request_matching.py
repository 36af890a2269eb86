"""Which endpoint a request is for, which it may be for, and what is noted of that."""

from __future__ import annotations

import pytest
from backend_builders import endpoint, place

from backend_gate.backend.model import Endpoint, Place
from backend_gate.evidence.requests.join import note_requests
from backend_gate.evidence.requests.matching import Routes
from backend_gate.evidence.requests.model import Sent

PATHS = (
    "/items",
    "/items/export",
    "/items/{id}",
    "/items/{id}/parts/{part}",
    "/files/{path:path}",
    "/n/{number:int}",
    "/n/{name}",
    "/api/v1/users/me",
    "/api/v1/users/{id}",
    "/slash/",
)


def made(*paths: str, method: str = "GET") -> list[Endpoint]:
    return [endpoint(path, (method,), handler=f"app.h{number}") for number, path in enumerate(paths)]


def request(url: str, method: str = "GET") -> Sent:
    """``{}`` is what is not known."""
    parts: list[str | None] = []
    for number, piece in enumerate(url.split("{}")):
        parts += [None] if number else []
        parts += [piece] if piece else []
    return Sent(method, tuple(parts), place(3, file="tests/test_it.py"))


def matched(url: str, method: str = "GET") -> tuple[list[str], list[str]]:
    found, may_be = Routes(made(*PATHS)).of(request(url, method))
    return [each.path for each in found], [each.path for each in may_be]


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/items", "/items"),
        ("/items/7", "/items/{id}"),
        ("/items/{}", "/items/{id}"),
        ("/items/export", "/items/export"),
        ("/items/{}/parts/{}", "/items/{id}/parts/{part}"),
        ("/items/x-{}/parts/1", "/items/{id}/parts/{part}"),
        ("/files/a/b/c", "/files/{path:path}"),
        ("/n/12", "/n/{number:int}"),
        ("/n/twelve", "/n/{name}"),
        ("/slash", "/slash/"),
        ("/slash/", "/slash/"),
        ("/items/", "/items"),
        ("/items{}", "/items"),
        ("{}/items", "/items"),
        ("{}/users/me", "/api/v1/users/me"),
        ("/api/{}/me", "/api/v1/users/me"),
    ],
)
def test_one_endpoint_answers(url: str, path: str) -> None:
    assert matched(url) == ([path], [])


@pytest.mark.parametrize(
    ("url", "paths"),
    [
        ("/n/{}", ["/n/{number:int}", "/n/{name}"]),
        ("/api/v1/{}", ["/api/v1/users/me", "/api/v1/users/{id}"]),
        ("/users/5", ["/api/v1/users/{id}"]),
        ("{}", list(PATHS)),
        ("/users/me", ["/api/v1/users/me"]),
        ("/nothing", []),
        ("/openapi.json", []),
    ],
)
def test_several_may(url: str, paths: list[str]) -> None:
    found, may_be = matched(url)

    assert found == []
    assert sorted(may_be) == sorted(paths)


def test_the_method_counts() -> None:
    assert matched("/items", "POST") == ([], [])
    assert matched("/items", "HEAD") == (["/items"], [])
    assert matched("/items", "") == (["/items"], [])


def test_a_path_that_a_route_has_literally_means_that_route() -> None:
    """Which of the two answers is the order of registration, a fault for another rule."""
    routes = Routes(made("/plans/{id}", "/plans/today"))

    found, may_be = routes.of(request("/plans/today"))

    assert ([e.path for e in found], [e.path for e in may_be]) == (["/plans/today"], ["/plans/{id}"])


def test_what_comes_first_may_be_the_server_or_a_prefix() -> None:
    routes = Routes(made("/items", "/{tenant}/items", "/api/items", "/other"))

    found, may_be = routes.of(request("{}/items"))

    assert [e.path for e in found] == ["/items"]
    assert [e.path for e in may_be] == ["/{tenant}/items", "/api/items"]


def test_the_name_of_a_route_leads_to_its_path_and_the_method_to_the_endpoint() -> None:
    endpoints = [*made("/me"), *made("/me", method="PUT")]
    endpoints[0].name, endpoints[1].name = "users:read", "users:change"
    routes = Routes(endpoints)

    found, _ = routes.of(Sent("PUT", (None,), place(1), "users:read"))
    mounted, _ = routes.of(Sent("GET", (None,), place(1), "api:users:read"))
    nobody = routes.of(Sent("GET", (None,), place(1), "orders"))

    assert found == [endpoints[1]]
    assert mounted == []
    assert nobody == ([], [])


def test_a_client_of_a_mounted_application_asks_below_its_prefix() -> None:
    root, api, shop = place(1, file="root.py"), place(1, file="api.py"), place(1, file="shop.py")
    endpoints = made("/{tenant}/", "/api/users/", "/shop/users/", "/shop/{name}")
    for each, app, prefix in zip(
        endpoints, (None, api, shop, shop), ("", "/api", "/shop", "/shop"), strict=True
    ):
        each.mounted = {root: "", **({app: prefix} if app is not None else {})}
    routes = Routes(endpoints)

    def paths(url: str, app: Place | None) -> tuple[list[str], list[str]]:
        sent = request(url)
        found, may_be = routes.of(Sent(sent.method, sent.path, sent.place, app=app))
        return [each.path for each in found], [each.path for each in may_be]

    assert paths("/users/", api) == (["/api/users/"], [])
    assert paths("/users/", shop) == (["/shop/users/"], [])
    assert paths("/users/", root) == (["/{tenant}/"], [])
    assert paths("/users/", None) == ([], ["/{tenant}/", "/api/users/", "/shop/users/"])
    assert paths("/shop/users/", None) == (["/shop/users/"], [])


def test_what_is_noted() -> None:
    endpoints = made("/a", "/b", "/c/{id:int}", "/c/{name}")

    note_requests(
        endpoints,
        [request("/a"), request("/c/{}"), request("/elsewhere")],
        lambda path: ("unit",) if path.startswith("tests/") else (),
    )

    answers = [each.requested for each in endpoints if each.requested is not None]
    assert [each.answer for each in answers] == ["yes", "no", "unknown", "unknown"]
    assert answers[0].suites == ("unit",)
    assert [(by.place.file, by.place.span.line) for by in answers[0].by] == [("tests/test_it.py", 3)]
    assert answers[2].reason == "the request at tests/test_it.py:3 may be for it"


def test_nothing_is_noted_where_no_request_is_for_this_backend() -> None:
    endpoints = made("/a", "/b/x")

    note_requests(endpoints, [request("/elsewhere"), request("{}")], lambda path: ())

    assert [each.requested for each in endpoints] == [None, None]
