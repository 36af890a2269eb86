"""Endpoints that anybody may call by what they are, and those that only look like it."""

from __future__ import annotations

import pytest
from linking import linker, verdict_of

from backend_gate.backend.model import Verdict
from backend_gate.settings import Settings

HEAD = """\
import logging
import os
import sqlite3
import jwt
from fastapi import FastAPI, HTTPException, Request, Response

app = FastAPI()
logger = logging.getLogger(__name__)
KEY = os.environ["KEY"]
db = sqlite3.connect("x.db")

def heartbeat():
    return db.execute("SELECT now()").fetchone()

"""


def verdict(method: str, path: str, body: str) -> Verdict:
    """The verdict on one endpoint."""
    names = [part.strip("{}") for part in path.split("/") if part.startswith("{")]
    parameters = ", ".join(["request: Request", *(f"{name}: str" for name in names)])
    return verdict_of(f'{HEAD}@app.{method}("{path}")\ndef handler({parameters}):\n    {body}\n')


FOUND = 'row = db.execute("SELECT * FROM t").fetchone()'
OR_404 = "if row is None:\n        raise HTTPException(404)"
OR_401 = "if row is None:\n        raise HTTPException(401)"
ONE = f"{FOUND}\n    return {{'name': row[0]}}"
ROWS = 'return db.execute("SELECT * FROM t").fetchall()'


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "/app/theme", ONE),
        ("get", "/app/custom-logo", ONE),
        ("get", "/health/db", "row = db.execute('SELECT now()').fetchone()\n    return {'at': row[0]}"),
        ("get", "/api/v2", 'return {"at": int(heartbeat())}'),
        ("post", "/login/exchange", ROWS),
        ("get", "/sw.js", ONE),
        ("get", "/llms.txt", ONE),
        ("post", "/oauth/backchannel-logout", ROWS),
        (
            "get",
            "/oauth/{provider}/return",
            f"request.query_params.get('state')\n    {FOUND}\n    return Response()",
        ),
        ("get", "/callback/{code}/{state}", ROWS),
        ("get", "/done", f"import webbrowser\n    {ONE}"),
        ("get", "/oauth/authorize/resume", ONE),
        ("post", "/api/token", ROWS),
        ("post", "/auth/device/token", ROWS),
        ("post", "/users/register", ROWS),
        ("get", "/auth/refresh", ONE),
        ("post", "/client-tokens/exchange", ROWS),
        ("get", "/connect/github", "return request.app.oauth.github.authorize_access_token(request)"),
        ("get", "/worker/status", f"{FOUND}\n    return {{'alive': row is not None}}"),
        ("get", "/saml/metadata", ROWS),
        ("get", "/authorize", ROWS),
        ("post", "/sso/cli/start", ROWS),
        ("post", "/sso/cli/complete/{login_id}", ROWS),
        ("post", "/v1/traces", "return Response('gone', 410)"),
        ("get", "/api/config", f"{FOUND}\n    return {{'title': row[0], 'sign_up': row[1]}}"),
        ("get", "/app/about", f"{FOUND}\n    return About(title=row[0])"),
        ("get", "/validators/user/{name}", f"{FOUND}\n    return {{'valid': row is None}}"),
        ("get", "/check-name", f"{FOUND}\n    return row is not None"),
        ("post", "/old", "logger.warning('gone')\n    raise HTTPException(410, 'gone')"),
        ("get", "/shared/r/{token_id}", f"{FOUND}\n    {OR_404}\n    return row[0]"),
        (
            "get",
            "/tags",
            f"user = request.session.get('user')\n    if user:\n        {ROWS}\n    return db.execute('SELECT 1')",
        ),
        (
            "post",
            "/auth/by-number/{number}",
            f"{FOUND}\n    {OR_401}\n    return jwt.encode({{'sub': row[0]}}, KEY)",
        ),
    ],
)
def test_public_by_what_it_is(method: str, path: str, body: str) -> None:
    assert verdict(method, path, body) is Verdict.PUBLIC_BY_NATURE


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/app/theme", ROWS),
        ("get", "/users/{user}/theme", ROWS),
        ("get", "/app/logos", ROWS),
        ("get", "/api/v2", ROWS),
        ("get", "/api/users", 'return {"at": heartbeat()}'),
        ("post", "/rates/exchange", ROWS),
        ("get", "/health/{patient}", ROWS),
        ("get", "/reports/llms.txt.bak", ROWS),
        ("post", "/books/login-report", ROWS),
        ("get", "/oauth/clients", ROWS),
        ("get", "/tokens", ROWS),
        ("post", "/projects/{project}/tokens", ROWS),
        ("post", "/devices/register", ROWS),
        ("post", "/cache/refresh", ROWS),
        ("get", "/orders/{number}/status", ROWS),
        ("get", "/documents/{number}/versions", ROWS),
        ("get", "/documents/{number}/metadata", ROWS),
        ("post", "/payments/{number}/authorize", ROWS),
        ("post", "/jobs/start", ROWS),
        ("post", "/sso/settings", ROWS),
        ("post", "/v1/traces", "db.execute('DELETE FROM t')\n    return Response('gone', 410)"),
        ("post", "/v1/traces", "return Response(db.execute('SELECT 1'), 200)"),
        ("get", "/members/{state}", ROWS),
        ("get", "/addresses/{state}/{code}", ROWS),
        ("get", "/health/records", ROWS),
        ("get", "/patients/health/records", ROWS),
        ("get", "/orders/status", ROWS),
        ("get", "/projects/version", ROWS),
        ("get", "/members/theme", ROWS),
        ("get", "/invoices/authorize", ROWS),
        ("post", "/users/tokens", ROWS),
        ("get", "/freezers/{name}", f"{FOUND}\n    return row is None"),
        ("get", "/users/check/{name}", "db.execute('DELETE FROM t')\n    return {'ok': True}"),
        ("get", "/done", f'"""Opens no webbrowser."""\n    {ROWS}'),
        ("get", "/tasks/done", f"import webbrowser\n    {ROWS}"),
        ("get", "/saml/members/{name}", ROWS),
        ("get", "/api/config", ROWS),
        ("get", "/api/config", f"{FOUND}\n    return {{'title': row[0], 'smtp_password': row[1]}}"),
        ("get", "/books/config", f"{FOUND}\n    return {{'title': row[0]}}"),
        ("get", "/check/{name}", f"{FOUND}\n    return {{'found': row}}"),
        ("get", "/users/{name}", f"{FOUND}\n    return {{'found': row is None}}"),
        ("post", "/old", "logger.warning('gone')\n    db.execute('DELETE FROM t')"),
        ("get", "/shared/r/{number}", f"{FOUND}\n    {OR_404}\n    return row[0]"),
        ("get", "/tags", f"user = request.session.get('user')\n    {ROWS}"),
        (
            "post",
            "/tags",
            f"user = request.session.get('user')\n    if user:\n        {ROWS}\n    return db.execute('SELECT 1')",
        ),
        (
            "post",
            "/auth/as/{number}",
            f"{FOUND}\n    {OR_404}\n    return jwt.encode({{'sub': row[0]}}, KEY)",
        ),
    ],
)
def test_public_only_by_a_word(method: str, path: str, body: str) -> None:
    assert verdict(method, path, body) is Verdict.UNPROTECTED


@pytest.mark.parametrize(("name", "expected"), [("ready", "public-by-nature"), ("rows", "unprotected")])
def test_a_path_that_nobody_knows(name: str, expected: str) -> None:
    body = "return {'ok': True}" if name == "ready" else ONE
    source = f'{HEAD}@app.get(os.environ["WHERE"])\ndef {name}():\n    {body}\n'
    found = linker({"main.py": source})
    backend = found.run()
    found.judge(Settings())
    assert [endpoint.auth.verdict.value for endpoint in backend.endpoints] == [expected]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Open endpoint, rate-limited.", Verdict.DECLARED_PUBLIC),
        ("Opens the endpoint of a line.", Verdict.UNPROTECTED),
        ("Can be called without authentication.", Verdict.DECLARED_PUBLIC),
        ("This endpoint is publicly available", Verdict.DECLARED_PUBLIC),
        ("Note: a public endpoint", Verdict.DECLARED_PUBLIC),
        ("Accepts unauthenticated requests.", Verdict.DECLARED_PUBLIC),
        ("Lists users without credentials.", Verdict.UNPROTECTED),
        ("Asks the public API of the registry.", Verdict.UNPROTECTED),
        ("Counts unauthenticated users.", Verdict.UNPROTECTED),
        ("Lists publicly available lines.", Verdict.UNPROTECTED),
    ],
)
def test_what_a_docstring_says(words: str, expected: Verdict) -> None:
    assert verdict("post", "/lines", f'"""{words}"""\n    {ROWS}') is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("google_login", "public-by-nature"),
        ("login_via_google", "public-by-nature"),
        ("login_history", "unprotected"),
        ("list_login_attempts", "unprotected"),
    ],
)
def test_the_name_of_a_step_of_signing_in(name: str, expected: str) -> None:
    source = f'{HEAD}@app.get("/login/google/all")\ndef {name}():\n    {ONE}\n'
    found = linker({"main.py": source})
    backend = found.run()
    found.judge(Settings())
    assert [endpoint.auth.verdict.value for endpoint in backend.endpoints] == [expected]


@pytest.mark.parametrize(
    ("field", "expected"),
    [("country_code", Verdict.UNPROTECTED), ("device_code", Verdict.PUBLIC_BY_NATURE)],
)
def test_which_code_is_a_credential(field: str, expected: Verdict) -> None:
    model = f"from pydantic import BaseModel\n\nclass Line(BaseModel):\n    {field}: str\n"
    route = f'@app.post("/sessions/lines")\ndef handler(line: Line):\n    {ROWS}\n'
    found = linker({"main.py": f"{HEAD}{model}{route}"})
    backend = found.run()
    found.judge(Settings())
    assert backend.endpoints[0].auth.verdict is expected


AROUND = """\
from fastapi import APIRouter, FastAPI

app = FastAPI()

def made():
    router = APIRouter()
    kept = []
    limit = 3

    @router.get("/whole")
    def whole():
        return kept

    @router.get("/part")
    def part():
        return kept[1:]

    @router.post("/more")
    def more(name: str):
        kept.append(name)

    @router.get("/limit")
    def greatest():
        return limit

    return router

app.include_router(made())
"""


def test_what_a_function_around_the_handler_keeps_is_no_constant() -> None:
    found = linker({"main.py": AROUND})
    backend = found.run()
    found.judge(Settings())

    assert {e.path: e.auth.verdict for e in backend.endpoints} == {
        "/whole": Verdict.UNPROTECTED,
        "/part": Verdict.UNPROTECTED,
        "/more": Verdict.UNPROTECTED,
        "/limit": Verdict.PUBLIC_BY_NATURE,
    }
