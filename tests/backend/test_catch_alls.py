"""Handlers that an application has for every exception, and what they answer."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.backend.model import Exit
from backend_gate.settings import Settings

HEAD = """\
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

app = FastAPI()
inner = FastAPI()
app.mount("/inner", inner)

class Failed(Exception): ...

@app.get("/one")
def one(): ...

@inner.get("/two")
def two(): ...

"""
HANDLER = "async def failed(request: Request, exc):\n    return JSONResponse(status_code={}, content={})\n"


def exits(text: str) -> list[tuple[list[str], Exit]]:
    """The ways out of each handler, with the paths that it answers for."""
    found = linker({"main.py": HEAD + text})
    backend = found.run()
    found.judge(Settings())
    return [(sorted(e.path for e in c.endpoints), exit_) for c in backend.catch_alls for exit_ in c.exits]


@pytest.mark.parametrize("kind", ["500", "Exception"])
@pytest.mark.parametrize(("content", "carries"), [('{"a": f"{exc}"}', "exception"), ('{"a": "no"}', "")])
def test_what_a_handler_for_everything_answers(kind: str, content: str, carries: str) -> None:
    ((paths, found),) = exits(f"@app.exception_handler({kind})\n" + HANDLER.format(500, content))
    assert (paths, found.status, found.carries, found.http) == (["/one"], 500, carries, True)


def test_one_for_two_applications() -> None:
    text = HANDLER.format(500, "str(exc)")
    ((paths, _),) = exits(
        text + "for one_app in (app, inner):\n    one_app.add_exception_handler(500, failed)\n"
    )
    assert paths == ["/inner/two", "/one"]


def test_a_method() -> None:
    text = (
        "class Api:\n    async def failed(self, request, exc):\n        return JSONResponse(str(exc), 500)\n"
    )
    ((_, found),) = exits(text + "app.add_exception_handler(Exception, Api().failed)\n")
    assert found.carries == "exception"


@pytest.mark.parametrize("kind", ["404", "Failed", "ValueError"])
def test_handlers_for_something_else(kind: str) -> None:
    assert exits(f"@app.exception_handler({kind})\n" + HANDLER.format(400, "str(exc)")) == []
