"""Routes that code reaches more than once: by branches that exclude each other, by a second try, by another start."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.backend.model import Endpoint, Verdict
from backend_gate.settings import Settings

HEAD = """\
import os, sys
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request

METRICS = os.environ.get("METRICS", "yes") == "yes"
PORT = os.environ.get("PORT")
router = APIRouter()

def clerk(request: Request):
    if not request.headers.get("authorization"):
        raise HTTPException(401)

@router.post("/rows")
def rows():
    open("rows", "a").write("x")

"""


def endpoints(text: str) -> list[Endpoint]:
    """The judged endpoints of one file."""
    found = linker({"main.py": HEAD + text})
    backend = found.run()
    found.judge(Settings())
    return backend.endpoints


@pytest.mark.parametrize("test", ["METRICS", "not METRICS", "PORT", "METRICS and PORT"])
def test_both_branches_include_the_same(test: str) -> None:
    (endpoint,) = endpoints(
        "app = FastAPI()\n"
        f"if {test}:\n    app.include_router(router)\nelse:\n    app.add_middleware(object)\n"
        "    app.include_router(router)\n"
    )
    assert endpoint.conditions == []


def test_branches_within_branches() -> None:
    (endpoint,) = endpoints(
        "app = FastAPI()\n"
        "if METRICS:\n    app.include_router(router)\nelif PORT:\n    app.include_router(router)\n"
        "else:\n    app.include_router(router)\n"
    )
    assert endpoint.conditions == []


def test_one_branch_alone_stays_conditional() -> None:
    found = endpoints("app = FastAPI()\nif METRICS:\n    app.include_router(router)\n")
    assert [[c.text for c in e.conditions] for e in found] == [["METRICS"]]


def test_what_is_there_anyhow() -> None:
    (endpoint,) = endpoints(
        "app = FastAPI()\napp.include_router(router)\nif PORT:\n    app.include_router(router)\n"
    )
    assert endpoint.conditions == []


def test_other_paths_are_other_endpoints() -> None:
    found = endpoints(
        "app = FastAPI()\nif METRICS:\n    app.include_router(router, prefix='/a')\n"
        "else:\n    app.include_router(router, prefix='/b')\n"
    )
    assert sorted(e.path for e in found) == ["/a/rows", "/b/rows"]


@pytest.mark.parametrize(
    ("test", "named"), [("METRICS", "METRICS"), ("not METRICS", "METRICS"), ("PORT", "PORT")]
)
def test_only_one_branch_has_a_guard(test: str, named: str) -> None:
    (endpoint,) = endpoints(
        "app = FastAPI()\n"
        f"if {test}:\n    app.include_router(router, dependencies=[Depends(clerk)])\n"
        "else:\n    app.include_router(router)\n"
    )
    assert endpoint.auth.verdict is Verdict.CONDITIONAL
    assert named in endpoint.auth.reason


def test_both_branches_have_a_guard() -> None:
    (endpoint,) = endpoints(
        "app = FastAPI()\n"
        "if METRICS:\n    app.include_router(router, dependencies=[Depends(clerk)])\n"
        "else:\n    app.include_router(router, dependencies=[Depends(clerk)])\n"
    )
    assert endpoint.auth.verdict is Verdict.PROTECTED


SECOND_TRY = """\
class Api:
    def __init__(self, port, guard=None):
        self.app = FastAPI()
        self.router = APIRouter()
        self.guard = guard
        if port == 1:
            self.app.add_api_route("/first", self.data)

    def serve(self):
        self.router.add_api_route("/data", self.data, methods=["POST"], dependencies=[Depends(self.guard)])
        self.app.include_router(self.router)

    async def data(self):
        open("x", "a").write("y")

def run(port):
    try:
        Api(1, clerk).serve()
    except SystemExit:
        if port is None:
            Api(2, {again}).serve()

run(sys.argv[1])
"""


def test_a_second_try_makes_the_same_application() -> None:
    found = endpoints(SECOND_TRY.format(again="clerk"))
    assert sorted(e.path for e in found) == ["/data", "/first"]


def test_a_third_application_is_as_the_second() -> None:
    text = SECOND_TRY.format(again="clerk") + "def once_more():\n    Api(2, clerk).serve()\nonce_more()\n"
    assert sorted(e.path for e in endpoints(text)) == ["/data", "/first"]


def test_a_second_try_without_the_guard_is_told() -> None:
    found = endpoints("def nobody(): ...\n" + SECOND_TRY.format(again="nobody"))
    verdicts = [e.auth.verdict for e in found if e.path == "/data"]
    assert verdicts == [Verdict.PROTECTED, Verdict.UNPROTECTED]


def test_a_server_is_started_either_way() -> None:
    (endpoint,) = endpoints(
        "app = FastAPI()\ndef run():\n    app.include_router(router)\n"
        "if __name__ == '__main__':\n    run()\nelse:\n    if 'gunicorn' in sys.modules:\n        run()\n"
    )
    assert endpoint.conditions == []


def test_a_module_without_another_start_is_imported() -> None:
    (endpoint,) = endpoints(
        "app = FastAPI()\napp.include_router(router)\n"
        "if __name__ == '__main__':\n    app.include_router(router, prefix='/x')\n"
    )
    assert endpoint.path == "/rows"


PAGES = """\
from pathlib import Path
from fastapi.responses import FileResponse, HTMLResponse
app = FastAPI()
other = FastAPI()

@app.get("/")
@app.get("/plan")
@app.get("/boards/{name}")
async def index(name: str = ""):
    return HTMLResponse(Path("index.html").read_text())

@app.get("/paper")
async def paper():
    return HTMLResponse(Path("paper.html").read_text())

other.get("/copy")(index)
"""


def test_a_start_page_with_another_address() -> None:
    found = {e.path: e.auth.verdict for e in endpoints(PAGES)}
    assert found.pop("/") is found.pop("/plan") is Verdict.PUBLIC_BY_NATURE
    assert set(found.values()) == {Verdict.UNPROTECTED}
