"""Guards in classes: of routes, which run something around their handlers, and of endpoints with a method each."""

from __future__ import annotations

import pytest
from linking import verdicts

from backend_gate.backend.model import Verdict

ROUTES = """\
import sqlite3
from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

app = FastAPI()
db = sqlite3.connect("x.db")

class Around(APIRoute):
    def get_route_handler(self):
        original = super().get_route_handler()

        async def handler(request: Request):
            {0}
            return await original(request)

        return handler

router = APIRouter(route_class=Around)

@router.get("/notes")
def notes():
    return db.execute("SELECT * FROM note").fetchall()

app.include_router(router)
"""


@pytest.mark.parametrize(
    ("around", "expected"),
    [
        (
            'if not request.headers.get("x-api-key"):\n                raise HTTPException(401)',
            Verdict.PROTECTED,
        ),
        (
            'if request.cookies.get("sid") is None:\n                return JSONResponse({}, status_code=401)',
            Verdict.PROTECTED,
        ),
        ('print(request.headers.get("x-api-key"))', Verdict.UNPROTECTED),
        (
            (
                'if request.url.path == "/login" and not request.cookies.get("sid"):\n'
                "                raise HTTPException(401)"
            ),
            Verdict.UNPROTECTED,
        ),
    ],
)
def test_a_class_of_routes(around: str, expected: Verdict) -> None:
    assert verdicts(ROUTES.replace("{0}", around)) == {"/notes": expected}


def test_what_runs_around_a_route_may_depend_on_the_route() -> None:
    lines = "        original = super().get_route_handler()\n"
    source = ROUTES.replace(lines, f'{lines}        if "open" in self.tags:\n            return original\n')
    other = (
        '@router.get("/news", tags=["open"])\ndef news():\n'
        '    return db.execute("SELECT 1 FROM news").fetchall()\n\n'
    )
    source = source.replace(
        "{0}", 'if not request.headers.get("x-api-key"):\n                raise HTTPException(401)'
    )
    after = source.replace("app.include_router", f"{other}app.include_router")
    before = source.replace('@router.get("/notes")', f'{other}@router.get("/notes")')
    expected = {"/notes": Verdict.PROTECTED, "/news": Verdict.UNPROTECTED}

    assert verdicts(after) == expected
    assert verdicts(before) == expected


CLASSES = """\
import sqlite3
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

db = sqlite3.connect("x.db")

def known(request):
    row = db.execute("SELECT * FROM sessions WHERE id = ?", (request.cookies.get("sid"),)).fetchone()
    if row is None:
        raise HTTPException(401)

class Notes(HTTPEndpoint):
    async def get(self, request):
        {0}
        return JSONResponse(db.execute("SELECT * FROM note").fetchall())

    async def {2}(self, request):
        {1}
        return JSONResponse(db.execute("DELETE FROM note").rowcount)

app = Starlette(routes=[Route("/notes", Notes)])
"""


@pytest.mark.parametrize(
    ("get", "post", "name", "expected"),
    [
        ("known(request)", "known(request)", "post", Verdict.PROTECTED),
        ("known(request)", "pass", "post", Verdict.UNPROTECTED),
        ("pass", "known(request)", "post", Verdict.UNPROTECTED),
        ("known(request)", "pass", "helper", Verdict.PROTECTED),
    ],
)
def test_a_class_of_endpoints(get: str, post: str, name: str, expected: Verdict) -> None:
    source = CLASSES.replace("{0}", get).replace("{1}", post).replace("{2}", name)
    assert verdicts(source) == {"/notes": expected}


def test_a_method_that_somebody_else_has_made() -> None:
    head = "from elsewhere import cached\n"
    source = CLASSES.replace("{0}", "known(request)").replace("{1}", "pass").replace("{2}", "helper")
    made = source.replace(
        "class Notes(HTTPEndpoint):\n", "class Notes(HTTPEndpoint):\n    post = cached(known)\n\n"
    )
    assert verdicts(head + made) == {"/notes": Verdict.UNRESOLVED}
