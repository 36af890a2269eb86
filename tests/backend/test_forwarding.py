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
