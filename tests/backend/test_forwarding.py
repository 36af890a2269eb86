"""Handlers that hand the request on to another application, which may refuse or not."""

from __future__ import annotations

from linking import linker

from backend_gate.backend.model import Verdict
from backend_gate.settings import Settings

SOURCE = """\
import asyncio
from fastapi import FastAPI, Request
from starlette.routing import Route
from elsewhere import protocol

app = FastAPI()
rows = {}

async def answered(handle, scope, receive):
    async def send(message):
        print(message)
    return asyncio.create_task(handle(scope, receive, send))

async def open_door(scope, receive, send):
    rows[scope["path"]] = 1

@app.post("/protocol")
async def forwarded(request: Request):
    scope = dict(request.scope)
    scope["path"] = "/"
    return await answered(protocol, scope, request.receive)

@app.post("/door")
async def through_the_door(request: Request):
    return await answered(open_door, dict(request.scope), request.receive)

@app.post("/rows")
async def counted(request: Request):
    rows["x"] = answered(1, 2, 3)

class Endpoint:
    async def __call__(self, scope, receive, send):
        await protocol(scope, receive, send)

app.router.routes.append(Route("/sse", endpoint=Endpoint(), methods=["GET"]))
"""


def test_what_another_application_does_with_the_request() -> None:
    found = linker({"main.py": SOURCE})
    backend = found.run()
    found.judge(Settings())
    verdicts = {endpoint.path: endpoint.auth for endpoint in backend.endpoints}
    assert verdicts["/protocol"].verdict is Verdict.UNRESOLVED
    assert "handle denies the request" in verdicts["/protocol"].reason
    assert verdicts["/sse"].verdict is Verdict.UNRESOLVED
    assert verdicts["/door"].verdict is Verdict.UNPROTECTED
    assert verdicts["/rows"].verdict is Verdict.UNPROTECTED


MADE = """\
import asyncio
from fastapi import FastAPI, HTTPException, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route, get_route_path

rows = {}

async def streamed(handle, scope, receive):
    queue = asyncio.Queue()
    async def send(message):
        await queue.put(message)
    task = asyncio.create_task(handle(scope, receive, send))
    async def body():
        while True:
            yield await queue.get()
    return StreamingResponse(body())

async def identify(request):
    key = request.headers.get("x-key")
    if key is None:
        raise HTTPException(401)
    return key

async def by_request(scope, receive, send):
    rows["x"] = await identify(Request(scope, receive))

async def by_connection(scope, receive, send):
    rows["x"] = await identify(HTTPConnection(scope))

async def by_headers(scope, receive, send):
    if not Headers(scope=scope).get("authorization"):
        raise HTTPException(401)
    rows["x"] = 1

async def by_raw_headers(scope, receive, send):
    if "authorization" not in Headers(raw=scope["headers"]):
        raise HTTPException(401)
    rows["x"] = 1

async def by_other_headers(scope, receive, send):
    if not MutableHeaders({"authorization": "x"}).get("authorization"):
        raise HTTPException(401)
    rows["x"] = 1

class Endpoint:
    async def __call__(self, scope, receive, send):
        await by_request(scope, receive, send)

class Metrics:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if get_route_path(scope).startswith("/metrics"):
            if Request(scope).headers.get("authorization") is None:
                await JSONResponse({}, status_code=401)(scope, receive, send)
                return
        await self.app(scope, receive, send)

inner = FastAPI()
inner.add_middleware(Metrics)

@inner.post("/metrics")
async def count():
    rows["x"] = 1

@inner.post("/rows")
async def add():
    rows["x"] = 1

app = FastAPI()
app.router.routes.append(Route("/endpoint", endpoint=Endpoint(), methods=["POST"]))
app.mount("/inner", inner)
"""
HANDED = """
@app.post("/{name}")
async def {name}_route(request: Request):
    return await streamed({name}, {{**request.scope, "path": "/"}}, request.receive)
"""


def test_a_request_that_is_made_of_the_scope() -> None:
    names = ("by_request", "by_connection", "by_headers", "by_raw_headers", "by_other_headers")
    found = linker({"main.py": MADE + "".join(HANDED.format(name=name) for name in names)})
    backend = found.run()
    found.judge(Settings())
    verdicts = {endpoint.path: endpoint.auth.verdict for endpoint in backend.endpoints}
    for name in ("/endpoint", "/inner/metrics", *(f"/{name}" for name in names[:4])):
        assert verdicts[name] is Verdict.PROTECTED, name
    assert verdicts["/by_other_headers"] is Verdict.UNPROTECTED
    assert verdicts["/inner/rows"] is Verdict.UNPROTECTED


BUSY = """
def busy():
    for number in [0] * 500:
        for other in [0] * 500:
            number += other

@app.post("/late")
async def late(request: Request):
    busy()
    busy()
    busy()
    busy()
    busy()
    return await streamed(by_request, dict(request.scope), request.receive)
"""


def test_a_scope_that_is_handed_on_where_no_steps_are_left() -> None:
    found = linker({"main.py": MADE + BUSY})
    backend = found.run()
    found.judge(Settings())
    (late,) = (endpoint.auth for endpoint in backend.endpoints if endpoint.path == "/late")
    assert late.verdict is Verdict.UNRESOLVED
    assert "main.streamed denies the request" in late.reason
