"""Middleware that a branch chooses, and what a class of endpoints runs around its methods."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.backend.model import Auth, Verdict
from backend_gate.settings import Settings

HEAD = """\
import os
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.endpoints import HTTPEndpoint
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from elsewhere import flags

AUTH = os.environ.get("AUTH", "yes") == "yes"

async def gate(request: Request, call_next):
    if not request.headers.get("authorization"):
        return JSONResponse({}, 401)
    return await call_next(request)

async def free(request: Request, call_next):
    return await call_next(request)

class Gate(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        return await gate(request, call_next)

class Free(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        return await call_next(request)

app = FastAPI()
"""
ROUTE = '\n@app.post("/rows")\ndef add():\n    open("rows", "a").write("x")\n'


def auth(text: str) -> Auth:
    """The verdict on the one endpoint of a file."""
    found = linker({"main.py": HEAD + text})
    backend = found.run()
    found.judge(Settings())
    (endpoint,) = backend.endpoints
    return endpoint.auth


@pytest.mark.parametrize(
    "added",
    [
        "app.middleware('http')({})",
        "app.add_middleware(BaseHTTPMiddleware, dispatch={})",
        "app = FastAPI(middleware=[Middleware(BaseHTTPMiddleware, dispatch={})])",
    ],
)
@pytest.mark.parametrize(
    ("choice", "verdict", "named"),
    [
        ("gate if AUTH else free", Verdict.CONDITIONAL, "AUTH"),
        ("free if not AUTH else gate", Verdict.CONDITIONAL, "AUTH"),
        ("gate if flags.on() else free", Verdict.CONDITIONAL, "flags.on()"),
        ("gate if AUTH else gate", Verdict.PROTECTED, ""),
        ("free if AUTH else free", Verdict.UNPROTECTED, ""),
    ],
)
def test_one_of_two_functions(added: str, choice: str, verdict: Verdict, named: str) -> None:
    found = auth(added.format(choice) + "\n" + ROUTE)
    assert found.verdict is verdict
    assert named in found.reason


def test_one_of_two_classes() -> None:
    text = "if flags.on():\n    Chosen = Gate\nelse:\n    Chosen = Free\napp.add_middleware(Chosen)\n"
    assert auth(text + ROUTE).verdict is Verdict.CONDITIONAL


METHODS = """
class Rows(HTTPEndpoint):
    async def dispatch(self):
        request = Request(self.scope, receive=self.receive)
        {body}

    async def post(self, request):
        open("rows", "a").write("x")
        return JSONResponse({{}})

app.add_route("/rows", Rows)
"""
REFUSES = """if not request.headers.get("authorization"):
            response = JSONResponse({}, status_code=401)
            await response(self.scope, self.receive, self.send)
            return
        """
READS = "print(request.headers.get('authorization'))\n        "


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (READS + "await getattr(self, flags.of(self.scope))(request)", Verdict.UNRESOLVED),
        (READS + "await self.post(request)", Verdict.UNPROTECTED),
        (READS + "await super().dispatch()", Verdict.UNPROTECTED),
        (REFUSES + "await super().dispatch()", Verdict.PROTECTED),
        ("await super().dispatch()", Verdict.UNPROTECTED),
        (REFUSES + "await self.post(request)", Verdict.PROTECTED),
        (REFUSES + "await getattr(self, self.scope['method'].lower())(request)", Verdict.PROTECTED),
    ],
)
def test_what_a_class_runs_around_its_methods(body: str, verdict: Verdict) -> None:
    assert auth(METHODS.format(body=body)).verdict is verdict
