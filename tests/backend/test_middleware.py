"""What a middleware does to the endpoints behind it, and how often it has to run to tell."""

from __future__ import annotations

import pytest
from linking import linker, verdict_of

from backend_gate.backend.guards import GuardRunner
from backend_gate.backend.model import Verdict
from backend_gate.settings import Settings

HEAD = """\
import os
import sqlite3
from fastapi import FastAPI, Request
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import JSONResponse

db = sqlite3.connect("x.db")
DETAILED = bool(os.environ.get("DETAILED"))
CHECKED = os.environ.get("CHECKED", "yes") == "yes"

"""
ROUTE = """\
@app.{verb}("/{name}")
def {name}():
    return db.execute("SELECT * FROM t").fetchall()

"""
ROUTES = "".join(ROUTE.format(verb="get", name=name) for name in ("one", "two", "three"))


def judged(
    dispatch: str, monkeypatch: pytest.MonkeyPatch, routes: str = ROUTES
) -> tuple[dict[str, Verdict], int]:
    """The verdict on each path, and how often the middleware has run."""
    runs: list[object] = []
    original = GuardRunner._run_middleware

    def counted(self: GuardRunner, item: object, *rest: object) -> object:
        runs.append(item)
        return original(self, item, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(GuardRunner, "_run_middleware", counted)
    body = "".join(f"        {line}\n" for line in dispatch.splitlines())
    source = (
        f"{HEAD}class Before(BaseHTTPMiddleware):\n    async def dispatch(self, request, call_next):\n{body}\n"
        f"app = FastAPI()\napp.add_middleware(Before)\n\n{routes}"
    )
    found = linker({"main.py": source})
    backend = found.run()
    found.judge(Settings())
    return {e.path: e.auth.verdict for e in backend.endpoints}, len(runs)


DENIES = 'return JSONResponse({"detail": "who are you?"}, status_code=401)'


def test_one_that_logs_who_calls_is_no_guard_and_runs_once(monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts, runs = judged(
        "if not DETAILED:\n"
        "    return await call_next(request)\n"
        'print(request.url.path, request.headers.get("authorization"))\n'
        "return await call_next(request)",
        monkeypatch,
    )

    assert set(verdicts.values()) == {Verdict.UNPROTECTED}
    assert runs == 1


def test_one_that_guards_a_path_leaves_the_others_open(monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts, _ = judged(
        "if not CHECKED:\n"
        "    return await call_next(request)\n"
        'if request.url.path.startswith("/two") and not request.headers.get("authorization"):\n'
        f"    {DENIES}\n"
        "return await call_next(request)",
        monkeypatch,
    )

    assert verdicts == {
        "/one": Verdict.UNPROTECTED,
        "/two": Verdict.CONDITIONAL,
        "/three": Verdict.UNPROTECTED,
    }


def test_one_that_looks_at_the_method_runs_once_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts, runs = judged(
        'if request.method == "POST" and not request.headers.get("authorization"):\n'
        f"    {DENIES}\n"
        "return await call_next(request)",
        monkeypatch,
        ROUTES + "".join(ROUTE.format(verb="post", name=name) for name in ("four", "five")),
    )

    assert {path for path, verdict in verdicts.items() if verdict is Verdict.PROTECTED} == {"/four", "/five"}
    assert runs == 1 + 2


def test_one_whose_decision_has_nothing_to_do_with_the_path_runs_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    verdicts, runs = judged(
        "print(request.url.path)\n"
        'if not request.headers.get("authorization"):\n'
        f"    {DENIES}\n"
        "return await call_next(request)",
        monkeypatch,
    )

    assert set(verdicts.values()) == {Verdict.PROTECTED}
    assert runs == 1


def test_an_application_that_a_setting_makes_once_more_with_a_guard_is_guarded_conditionally() -> None:
    made = (
        f"{HEAD}from fastapi import APIRouter\n\nrouter = APIRouter()\n\n"
        + ROUTES.replace("@app", "@router")
        + "def make():\n    app = FastAPI()\n    app.include_router(router)\n    return app\n\n"
    )
    guarded = (
        "import os\nfrom starlette.middleware.base import BaseHTTPMiddleware\n"
        "from starlette.responses import JSONResponse\nfrom plain import make\n\n"
        "class Before(BaseHTTPMiddleware):\n    async def dispatch(self, request, call_next):\n"
        '        if not request.headers.get("authorization"):\n'
        f"            {DENIES}\n        return await call_next(request)\n\n"
        'def create_app():\n    if os.environ.get("SERVER", "plain") == "guarded":\n'
        "        app = make()\n        app.add_middleware(Before)\n        return app\n    return None\n"
    )
    found = linker({"plain.py": made + "app = make()\n", "guarded.py": guarded})
    backend = found.run()
    found.judge(Settings())

    assert {e.path: e.auth.verdict for e in backend.endpoints} == dict.fromkeys(
        ("/one", "/two", "/three"), Verdict.CONDITIONAL
    )


@pytest.mark.parametrize(
    "lets_by",
    [
        "request.url.path.startswith(('/docs', '/two'))",
        "request.url.path.endswith(tuple(['s', 'wo']))",
        "re.match(r'^/(docs|two)$', request.url.path)",
        "PATTERN.search(request.url.path)",
        "any(fnmatch(request.url.path, p) for p in ['/docs*', '/t*o'])",
        "str(request.url).endswith('/two')",
        "request['path'] == '/two'",
    ],
)
def test_paths_that_need_no_credential(lets_by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts, _ = judged(
        "import re\nfrom fnmatch import fnmatch\nPATTERN = re.compile('[t]wo')\n"
        f"if {lets_by}:\n    return await call_next(request)\n"
        f'if not request.headers.get("authorization"):\n    {DENIES}\n'
        "return await call_next(request)",
        monkeypatch,
    )

    assert [path for path, verdict in verdicts.items() if verdict is Verdict.UNPROTECTED] == ["/two"]
    assert {verdict for path, verdict in verdicts.items() if path != "/two"} == {Verdict.PROTECTED}


@pytest.mark.parametrize(
    "lets_by",
    ["re.match(request.query_params['p'], request.url.path)", "re.match('(a+)+$', request.url.path)"],
)
def test_a_pattern_that_is_not_followed_decides_nothing(
    lets_by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdicts, _ = judged(
        f"import re\nif {lets_by}:\n    return await call_next(request)\n"
        f'if not request.headers.get("authorization"):\n    {DENIES}\n'
        "return await call_next(request)",
        monkeypatch,
    )

    assert Verdict.PROTECTED not in verdicts.values()


PLACED = """\
@app.get("/reports/{name}")
def report(name: str):
    return db.execute("SELECT * FROM t WHERE n = ?", (name,)).fetchall()

@app.get("/reports/{name}/pages")
def pages(name: str):
    return db.execute("SELECT * FROM t WHERE n = ?", (name,)).fetchall()

@app.get("/reports/{name}.txt")
def text(name: str):
    return db.execute("SELECT * FROM t WHERE n = ?", (name,)).fetchall()

"""


@pytest.mark.parametrize("ends", ["'.txt'", "('.js', '.txt')"])
def test_what_stands_for_a_placeholder_is_up_to_the_client(
    ends: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdicts, _ = judged(
        f"if request.url.path.endswith({ends}):\n    return await call_next(request)\n"
        f'if "authorization" not in request.headers:\n    {DENIES}\nreturn await call_next(request)',
        monkeypatch,
        PLACED,
    )

    assert verdicts == {
        "/reports/{name}": Verdict.UNRESOLVED,
        "/reports/{name}/pages": Verdict.PROTECTED,
        "/reports/{name}.txt": Verdict.UNPROTECTED,
    }


@pytest.mark.parametrize(
    ("added", "verdict"),
    [
        ("app.add_middleware(CorpAuthMiddleware, key='x')", Verdict.UNRESOLVED),
        ("served = CorpAuthMiddleware(app)", Verdict.UNRESOLVED),
        ("app.add_middleware(AuthorMiddleware)", Verdict.UNPROTECTED),
        ("served = TimingMiddleware(app)", Verdict.UNPROTECTED),
    ],
)
def test_a_librarys_middleware_may_deny_by_its_name(added: str, verdict: Verdict) -> None:
    source = f"""\
from corp.web import AuthorMiddleware, CorpAuthMiddleware, TimingMiddleware
from fastapi import FastAPI

app = FastAPI()

@app.post("/stock")
def stock():
    return store(1)

{added}
"""
    assert verdict_of(source) is verdict


def test_a_middleware_can_be_declared_as_a_guard() -> None:
    source = """\
from corp.web import CorpAuthMiddleware
from fastapi import FastAPI

app = FastAPI()
app.add_middleware(CorpAuthMiddleware)

@app.post("/stock")
def stock():
    return store(1)
"""
    found = linker({"main.py": source})
    backend = found.run()
    found.judge(Settings(guards=("corp.web.CorpAuthMiddleware",)))
    (endpoint,) = backend.endpoints

    assert endpoint.auth.verdict is Verdict.PROTECTED


AROUND = """\
from fastapi import FastAPI
from starlette.responses import JSONResponse

class Guard:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if b"authorization" not in dict(scope["headers"]):
            await JSONResponse({}, status_code=401)(scope, receive, send)
            return
        await self.app(scope, receive, send)

class Clock:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)

inner = FastAPI()

@inner.get("/rows")
def rows():
    return store(1)

"""


@pytest.mark.parametrize(
    ("wiring", "expected"),
    [
        ("inner = Guard(inner)", {"/rows": Verdict.PROTECTED}),
        ("inner = Clock(Guard(inner))", {"/rows": Verdict.PROTECTED}),
        ("inner = Clock(inner)", {"/rows": Verdict.UNPROTECTED}),
        ("served = Guard(inner)", {"/rows": Verdict.CONDITIONAL}),
        (
            "app = FastAPI()\napp.mount('/in', inner)\napp.mount('/of', Guard(inner))",
            {"/in/rows": Verdict.UNPROTECTED, "/of/rows": Verdict.PROTECTED},
        ),
    ],
)
def test_a_guard_around_an_application_guards_what_is_served_within(
    wiring: str, expected: dict[str, Verdict]
) -> None:
    found = linker({"main.py": AROUND + wiring + "\n"})
    backend = found.run()
    found.judge(Settings())

    assert {endpoint.path: endpoint.auth.verdict for endpoint in backend.endpoints} == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("PermissionMiddleware", Verdict.UNRESOLVED),
        ("PermissionsPolicyMiddleware", Verdict.UNPROTECTED),
        ("AuthorMiddleware", Verdict.UNPROTECTED),
    ],
)
def test_a_library_s_middleware_by_its_name(name: str, expected: Verdict) -> None:
    source = (
        f"from fastapi import FastAPI\nfrom somewhere import {name}\n\napp = FastAPI()\n"
        f"app.add_middleware({name})\n\n@app.get('/rows')\ndef rows():\n    return store(1)\n"
    )
    found = linker({"main.py": source})
    backend = found.run()
    found.judge(Settings())

    assert [endpoint.auth.verdict for endpoint in backend.endpoints] == [expected]
