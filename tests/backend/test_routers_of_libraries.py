"""Routers and parameters that come from libraries which build on the framework."""

from __future__ import annotations

import pytest
from linking import linker, routes

from backend_gate.backend.model import Backend

NOTES = (
    "@router.get('/notes')\ndef notes():\n    return []\n"
    "app = FastAPI()\napp.include_router(router, prefix='/v1')\n"
)


def backend_of(source: str) -> Backend:
    return linker({"main.py": source}).run()


@pytest.mark.parametrize(
    "name", ["fastapi_maps.TracedRouter", "queues.rabbit.fastapi.RabbitRouter", "corp.web.CorpAPIRouter"]
)
def test_a_librarys_router_is_followed_and_named_as_assumed(name: str) -> None:
    module, _, cls = name.rpartition(".")
    source = f"from fastapi import FastAPI\nfrom {module} import {cls}\nrouter = {cls}(prefix='/x')\n{NOTES}"

    backend = backend_of(source)

    assert [(e.path, e.handler) for e in backend.endpoints] == [("/v1/x/notes", "main.notes")]
    (unresolved,) = backend.unresolved
    assert unresolved.reason == (
        f"{name} is taken for a plain router: what it adds to its routes by itself is not seen. "
        "If it adds nothing, name it under `routers`"
    )


def test_a_class_derived_from_such_a_router_is_followed() -> None:
    head = "from fastapi import FastAPI\nfrom fastapi_maps import TracedRouter\n"
    source = f"{head}class Own(TracedRouter):\n    pass\nrouter = Own()\n{NOTES}"

    assert [e.path for e in backend_of(source).endpoints] == ["/v1/notes"]


def test_routers_of_other_frameworks_are_left_alone() -> None:
    source = "from fastapi import FastAPI\nfrom chats import Router\nrouter = Router()\n"
    source += "@router.get('x')\ndef x(): ...\n"

    assert backend_of(f"{source}app = FastAPI()\n").unresolved == []


def test_what_a_container_gives_is_no_body() -> None:
    source = (
        "from dishka.integrations.fastapi import FromDishka, inject\nfrom fastapi import FastAPI\n"
        "from pydantic import BaseModel\nclass Order(BaseModel):\n    x: int\n"
        "class Orders:\n    def add(self, o): ...\n"
        "app = FastAPI()\n@app.post('/orders')\n@inject\nasync def order(body: Order, orders: FromDishka[Orders]):\n"
        "    orders.add(body)\n"
    )

    assert [[b.name for b in e.bodies] for e in backend_of(source).endpoints] == [["body"]]


def test_which_routes_a_router_has_left_is_said_where_it_is_unknown() -> None:
    source = (
        "from fastapi import APIRouter, FastAPI\nfrom corp import only\nrouter = APIRouter()\n"
        "@router.get('/a')\ndef a(): ...\nrouter.routes = only(router)\napp = FastAPI()\napp.include_router(router)\n"
    )
    backend = backend_of(source)

    assert backend.endpoints == []
    assert [u.reason for u in backend.unresolved] == ["which routes this router has cannot be followed"]


def test_the_methods_of_a_route_that_nobody_knows_are_said_to_be_unknown() -> None:
    source = (
        "from fastapi import FastAPI\nfrom corp import VERB\napp = FastAPI()\n"
        "def a(): ...\napp.add_api_route('/a', a, methods=[VERB])\n"
    )

    assert "the methods of this route cannot be told" in [u.reason for u in backend_of(source).unresolved]


def test_else_of_a_loop_is_for_what_was_not_found() -> None:
    source = (
        "from fastapi import APIRouter, FastAPI\nROUTERS = {'a': APIRouter(), 'b': APIRouter()}\n"
        "@ROUTERS['b'].get('/b')\ndef b(): ...\ndef of(name):\n    for key in ROUTERS:\n        if key == name:\n"
        "            found = ROUTERS[key]\n            break\n"
        "    else:\n        found = APIRouter()\n    return found\n"
        "app = FastAPI()\napp.include_router(of('b'))\n"
    )

    assert routes({"main.py": source}) == [("GET", "/b", "main.b")]
