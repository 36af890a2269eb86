"""Applications that are put together in unusual places, and guards that are seen in part only."""

from __future__ import annotations

from linking import linker, routes

from backend_gate.backend.model import Verdict
from backend_gate.settings import Settings

ROUTER = """\
from fastapi import APIRouter

router = APIRouter(prefix="/api")

@router.get("/info")
def info():
    return open("info").read()
"""
MAIN = """\
from fastapi import FastAPI
import uvicorn
import bot

def main():
    app = FastAPI()
    app.include_router(bot.router)
    uvicorn.run(app)

if __name__ == "__main__":
    main()
"""


def test_an_application_that_only_main_makes_is_found() -> None:
    assert routes({"bot.py": ROUTER, "start.py": MAIN}) == [("GET", "/api/info", "bot.info")]


def test_main_is_not_run_where_an_application_is_made_elsewhere() -> None:
    made = "from fastapi import FastAPI\nimport bot\napp = FastAPI()\napp.include_router(bot.router)\n"

    backend = linker({"bot.py": ROUTER, "start.py": MAIN, "made.py": made}).run()

    assert backend.applications == ["made.app"]


def test_an_application_that_a_helper_would_mount_on_itself_keeps_its_routes() -> None:
    helper = """\
from fastapi import FastAPI

def mount_on(app: FastAPI, path: str):
    from made import app as own
    app.mount(path, own)
"""
    made = "from fastapi import FastAPI\nimport bot\napp = FastAPI()\napp.include_router(bot.router)\n"

    assert routes({"bot.py": ROUTER, "made.py": made, "helper.py": helper}) == [
        ("GET", "/api/info", "bot.info")
    ]


def test_a_guard_that_asks_one_of_a_library_is_open() -> None:
    source = """\
from corp_auth import JWTAuthenticator
from fastapi import Depends, FastAPI, HTTPException

app = FastAPI()
authenticator = JWTAuthenticator()

def in_scope(claims: dict = Depends(authenticator)):
    if not authenticator.enabled:
        return
    if "admin" not in claims:
        raise HTTPException(403)

@app.delete("/rows", dependencies=[Depends(in_scope)])
def clear():
    return open("rows", "w").write("")
"""
    found = linker({"main.py": source})
    backend = found.run()
    found.judge(Settings())

    (endpoint,) = backend.endpoints
    assert endpoint.auth.verdict is Verdict.UNRESOLVED
    assert "JWTAuthenticator" in endpoint.auth.reason
