"""What a handler reads from ``request.state`` is what some code has put there, not text of the request."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.settings import Settings

HEAD = """\
import sqlite3

from fastapi import Depends, FastAPI, Request
from starlette.middleware.base import BaseHTTPMiddleware

app = FastAPI()
db = sqlite3.connect("shop.db")


class WhoAsks(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next):
        tenant = request.headers.get("x-tenant") or "none"
        request.state.tenant = tenant.lower()
        request.state.user = load_user(request.headers["x-name"])
        request.app.state.last = request.headers["x-name"]
        return await call_next(request)


class Plain:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        scope["state"]["address"] = scope["query_string"].decode()
        await self.app(scope, receive, send)


app.add_middleware(WhoAsks)
app.add_middleware(Plain)


def load_user(name):
    return db.execute("SELECT * FROM users WHERE name = ?", (name,)).fetchone()


def with_shop(request: Request):
    request.state.shop = f"shop-{request.query_params['shop']}"

"""


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("tenant", "request-tainted"),
        ("shop", "request-tainted"),
        ("address", "request-tainted"),
        ("user", "unknown"),
        ("user.name", "unknown"),
        ("last", "unknown"),
        ("nobody_sets_it", "unknown"),
    ],
)
def test_the_origin_of_a_state_attribute(name: str, origin: str) -> None:
    handler = (
        "@app.get('/orders', dependencies=[Depends(with_shop)])\n"
        "def orders(request: Request):\n"
        f"    return db.execute(f\"SELECT id FROM orders WHERE owner = '{{request.state.{name}}}'\").fetchall()\n"
    )
    found = linker({"main.py": f"{HEAD}\n{handler}"})
    found.interpreter.production = frozenset({"main.py"})
    found.run()
    found.judge(Settings())
    assert [hole.origin for sql in found.backend.statements for hole in sql.holes] == [origin]
