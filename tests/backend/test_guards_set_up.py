"""Guards that are copies of others, that settings decide, and middleware that is none; each with a near-by fault."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.backend.model import Auth, Verdict
from backend_gate.settings import Settings


def judged(source: str, path: str = "/boats") -> Auth:
    """The verdict on one endpoint of a backend of one file."""
    known = linker({"main.py": source})
    backend = known.run()
    known.judge(Settings())
    return next(e.auth for e in backend.endpoints if e.path == path)


COPIED = """\
from functools import update_wrapper
from types import FunctionType
from fastapi import Depends, FastAPI, HTTPException, Request

app = FastAPI()

def same(function):
    made = FunctionType(
        function.__code__, function.__globals__, name=function.__name__, argdefs=function.__defaults__,
        closure=function.__closure__,
    )
    return update_wrapper(made, function)

def signed_in(request: Request):
    if request.headers.get("authorization") is None:
        raise HTTPException(401)

def counted(request: Request):
    request.state.seen = True

guard = same({of})

@app.post("/boats", dependencies=[Depends(guard)])
def add(name: str):
    open(name, "w").close()
"""


@pytest.mark.parametrize(
    ("of", "verdict"), [("signed_in", Verdict.PROTECTED), ("counted", Verdict.UNPROTECTED)]
)
def test_a_copy_of_a_function_does_the_same(of: str, verdict: Verdict) -> None:
    assert judged(COPIED.replace("{of}", of)).verdict is verdict


CHECKED = """\
import json
import os
from fastapi import FastAPI

app = FastAPI()
HEADER = os.getenv("ADDRESS_HEADER")
checks = HEADER is not None and HEADER != ""

class Plain:
    def __init__(self, app):
        self.app = app
    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        await self.handle(scope, receive, send)

class Check(Plain):
    async def handle(self, scope, receive, send):
        if not checks:
            await self.app(scope, receive, send)
            return
        text = dict(scope["headers"]).get({name}, b"").decode()
        if {refused}:
            await send({"type": "http.response.start", "status": {status}, "headers": []})
            await send({"type": "http.response.body", "body": b"no"})
            return
        await self.app(scope, receive, send)

if checks:
    app.add_middleware(Check)

@app.post("/boats")
def add(name: str):
    open(name, "w").close()
"""


@pytest.mark.parametrize(
    ("name", "refused", "status", "verdict"),
    [
        ("HEADER.encode()", "text and not text.isdigit()", "422", Verdict.UNPROTECTED),
        ("b'authorization'", "not text", "401", Verdict.CONDITIONAL),
    ],
)
def test_middleware_that_lets_everybody_without_a_header_through(
    name: str, refused: str, status: str, verdict: Verdict
) -> None:
    source = CHECKED.replace("{name}", name).replace("{refused}", refused).replace("{status}", status)
    assert judged(source).verdict is verdict


PLAIN_HEADER = """\
from fastapi import FastAPI, HTTPException, Request

app = FastAPI()

@app.post("/boats")
def add(request: Request, name: str):
    if "{header}" not in request.headers:
        raise HTTPException({status})
    open(name, "w").close()
"""


@pytest.mark.parametrize(
    ("header", "status", "verdict"),
    [
        ("If-Match", 400, Verdict.UNPROTECTED),
        ("X-Request-Id", 400, Verdict.UNPROTECTED),
        ("content-type", 415, Verdict.UNPROTECTED),
        ("Authorization", 401, Verdict.PROTECTED),
        ("x-fleet", 401, Verdict.PROTECTED),
    ],
)
def test_a_header_that_everybody_sends_is_no_credential(header: str, status: int, verdict: Verdict) -> None:
    source = PLAIN_HEADER.replace("{header}", header).replace("{status}", str(status))
    assert judged(source).verdict is verdict


HANDED = """\
import hmac
from dataclasses import dataclass
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.security.utils import get_authorization_scheme_param

@dataclass(frozen=True)
class Options:
    host: str = "127.0.0.1"
    token: str | None = None

def is_known(given, token):
    {first}
    scheme, value = get_authorization_scheme_param(given)
    return scheme.lower() == "bearer" and hmac.compare_digest(value.encode(), token.encode())

def create_app(options: Options) -> FastAPI:
    app = FastAPI()

    def signed_in(request: Request):
        if not is_known(request.headers.get("authorization"), options.token):
            raise HTTPException(401)

    @app.post("/boats", dependencies=[Depends(signed_in)])
    def add(name: str):
        open(name, "w").close()

    return app
"""


@pytest.mark.parametrize(
    ("first", "verdict"),
    [
        ("if token is None:\n        return True", Verdict.CONDITIONAL),
        ("pass", Verdict.PROTECTED),
        ("return True", Verdict.UNPROTECTED),
        ("if not given:\n        return True", Verdict.UNPROTECTED),
    ],
)
def test_a_guard_that_goes_by_the_settings_which_the_factory_is_given(first: str, verdict: Verdict) -> None:
    found = judged(HANDED.replace("{first}", first))
    assert found.verdict is verdict
    assert ("Options.token" in found.reason) is (verdict is Verdict.CONDITIONAL)


ASKED_BELOW = """\
import os
from fastapi import FastAPI, Request, Response
from starlette.middleware.base import BaseHTTPMiddleware

app = FastAPI()
MODE = os.getenv("MODE", "none")
OPEN = os.getenv("OPEN", "/login").split(",")

class Missing(Exception): ...

class Keeper:
    def who(self, request: Request):
        if request.url.path in OPEN:
            return "guest"
        if MODE == "none":
            return "guest"
        given = request.headers.get("Authorization")
        if not given:
            raise Missing
        return given

class Guard(BaseHTTPMiddleware):
    def __init__(self, app, keeper):
        super().__init__(app)
        self.keeper = keeper

    async def dispatch(self, request, call_next):
        path = request.url.path
        if path == "/" or path in OPEN:
            return await call_next(request)
        if MODE == "none":
            request.state.who = self.keeper.who(request)
            return await call_next(request)
        try:
            request.state.who = self.keeper.who(request)
            return await call_next(request)
        except Missing:
            return Response(status_code=401)

app.add_middleware(Guard, keeper=Keeper())

@app.post("/boats")
def add(name: str):
    open(name, "w").close()
"""


def test_a_way_that_a_call_opens_and_closes_is_no_way_for_everybody() -> None:
    assert judged(ASKED_BELOW).verdict is Verdict.CONDITIONAL
