"""Paths share a run of a middleware that asks the same of each: the verdicts are those of one run a path."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.backend import behaviour
from backend_gate.backend.guards import GuardRunner
from backend_gate.backend.model import Verdict
from backend_gate.backend.values import AskedText, Constant, Questions
from backend_gate.settings import Settings

HEAD = """\
import os
import re
import sqlite3
from fastapi import FastAPI
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import JSONResponse

db = sqlite3.connect("x.db")
OPEN = {"/health", "/a/open", "/b/login"}
PREFIXES = ("/a/", "/b/static")
AREAS = {"a": "free", "b": "closed"}


class Before(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        path = request.url.path
"""
TAIL = """\
        if not request.headers.get("authorization"):
            return JSONResponse({"detail": "who are you?"}, status_code=401)
        return await call_next(request)


app = FastAPI()
app.add_middleware(Before)

"""
PATHS = [
    "/health",
    "/a/open",
    "/a/one",
    "/a/two/",
    "/A/three",
    "/b/login",
    "/b/static/logo",
    "/b/one",
    "/b/two/{number}",
    "/c/one",
    "/c/two",
    "/c/open",
]
LETS_THROUGH = {
    "equality": 'path == "/health"',
    "membership of a set": "path in OPEN",
    "a prefix": 'path.startswith("/a/")',
    "one of several prefixes": "path.startswith(PREFIXES)",
    "any of a list": "any(path.startswith(prefix) for prefix in PREFIXES)",
    "an ending": 'path.rstrip("/").endswith("one")',
    "a part": '"static" in path',
    "a segment": 'path.split("/")[1] == "a"',
    "how many segments": 'len(path.split("/")) > 3',
    "upper and lower case": 'path.lower().startswith("/a/")',
    "a slice": 'path[:3] == "/b/"',
    "a letter": 'path[1] == "c"',
    "a place": 'path.find("open") > 0',
    "a text that is made of it": 'f"GET {path}" == "GET /a/one"',
    "a sum": '(path + "/").endswith("/one/")',
    "a table": 'AREAS.get(path.split("/")[1]) == "free"',
    "a table with a default": 'AREAS.get(path.strip("/")[0:1], "free") == "free"',
    "a pattern": 're.match(r"^/a/", path)',
    "a condition between": '(path.removeprefix("/a") or "/") == "/one"',
    "what is there at all": 'path.strip("/").removeprefix("health")  == ""',
    "two of them": 'path.startswith("/a") and not path.endswith("/")',
    "several texts": 'path.replace("/b/", "/a/") in ("/a/one", "/a/login")',
    "a format": '"{0}!".format(path) == "/b/one!"',
    "the old format": '"%s!" % path == "/b/one!"',
    "the order": 'path < "/b"',
}
COUNTED = {"equality": 2, "a prefix": 2, "membership of a set": 4, "a part": 3, "a segment": 5}


def judged(condition: str) -> dict[str, Verdict]:
    routes = "".join(
        f'@app.get("{path}")\ndef f{number}():\n    return db.execute("SELECT * FROM t").fetchall()\n\n'
        for number, path in enumerate(PATHS)
    )
    passes = f"        if {condition}:\n            return await call_next(request)\n"
    found = linker({"main.py": HEAD + passes + TAIL + routes})
    backend = found.run()
    found.judge(Settings())
    return {endpoint.path: endpoint.auth.verdict for endpoint in backend.endpoints}


@pytest.mark.parametrize("condition", LETS_THROUGH.values(), ids=LETS_THROUGH.keys())
def test_a_shared_run_judges_as_a_run_for_each_path_does(
    condition: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = judged(condition)
    monkeypatch.setattr(Questions, "are_answered_alike", lambda self, text: False)

    assert shared == judged(condition)


@pytest.mark.parametrize("condition", LETS_THROUGH.values(), ids=LETS_THROUGH.keys())
def test_what_is_asked_of_a_path_is_answered_as_a_known_text_answers(
    condition: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = judged(condition)
    monkeypatch.setattr(behaviour, "AskedText", lambda path, questions: Constant(path))
    monkeypatch.setattr(Questions, "are_answered_alike", lambda self, text: False)
    known = judged(condition)

    # How a path ends that ends in a placeholder, and what stands in it, is up to the client; a known text is itself.
    asks_for_part = "endswith" in condition or '" in path' in condition
    left_open = {path for path in asked if path.endswith("}") and asks_for_part}
    assert {path: asked[path] for path in asked.keys() - left_open} == {
        path: known[path] for path in known.keys() - left_open
    }


@pytest.mark.parametrize(("kind", "expected"), COUNTED.items())
def test_a_middleware_runs_once_for_each_class_of_paths(
    kind: str, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[object] = []
    original = GuardRunner._run_middleware

    def counted(self: GuardRunner, item: object, *rest: object) -> object:
        runs.append(item)
        return original(self, item, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(GuardRunner, "_run_middleware", counted)

    judged(LETS_THROUGH[kind])

    assert len(runs) == 1 + expected


def test_a_text_tells_what_was_asked_of_it() -> None:
    questions = Questions()
    path = AskedText("/a/b", questions)

    assert path.part(str.upper).is_so(lambda text: text.startswith("/A"))

    assert questions.are_answered_alike("/a/c")
    assert not questions.are_answered_alike("/b/a")
    assert path.value == "/a/b"
    assert not questions.are_answered_alike("/a/c")


def test_a_question_that_another_text_cannot_answer_tells_them_apart() -> None:
    questions = Questions()
    AskedText("/a/b", questions).is_so(lambda text: text.split("/")[2] == "b")

    assert not questions.are_answered_alike("/a")
