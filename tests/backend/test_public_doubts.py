"""Open endpoints of which only who runs the service knows whether that is meant, each with one that is reported."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.backend.model import Auth, Backend, Verdict
from backend_gate.settings import Settings

HEAD = """\
import os
import sqlite3
import httpx
import lnurl
from enum import Enum
from pathlib import Path
from uuid import UUID
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

class Shape(str, Enum):
    big = "big.webp"
    small = "small.webp"

class Paper(str, Enum):
    contract = "contract.pdf"
    scan = "scan.png"

class Fleet:
    def __init__(self):
        self.boats = []

app = FastAPI()
db = sqlite3.connect("x.db")
FOLDER = Path("/srv/kept")
OPEN_TO_ALL = os.getenv("OPEN_TO_ALL", "") == "1"

def rate_of(currency, **more):
    return float(httpx.get(f"https://rates.example.com/v1/{currency}", **more).json()["rate"])

def build(fleet):
    built = FastAPI()
    def _sails() -> int:
        return fleet.sails()
    built.add_api_route("/sails", _sails)
    def _sailors():
        return fleet.sailors()
    built.add_api_route("/sailors", _sailors)
    return built

"""


PICTURE = "return FileResponse(FOLDER / boat / name.value)"
AS_PICTURE = "return FileResponse(FOLDER / str(boat) / name, media_type='image/webp')"
LATEST = """row = db.execute('SELECT folder FROM runs').fetchone()
    return FileResponse(f'{row[0]}/latest.txt')"""
EXPORT = """rows = db.execute('SELECT * FROM t WHERE b = ?', (str(boat),)).fetchall()
    (FOLDER / 'x.csv').write_text(str(rows))
    return FileResponse(FOLDER / 'x.csv')"""
LOOKED_UP = """row = db.execute('SELECT path FROM files WHERE k = ?', (str(key),)).fetchone()
    return FileResponse(row[0])"""
BANK = "return float(httpx.get(f'https://bank.internal/{user}').json()['sum'])"
ORDER = "httpx.post('https://shop.example.com', json=amount)\n    return rate_of('nok')"
ASKED = """if not db.execute('SELECT * FROM t').fetchall():
        raise HTTPException(403)
    return make_token('anybody')"""


def backend_of(source: str) -> Backend:
    """A backend of one file, judged."""
    known = linker({"main.py": source})
    backend = known.run()
    known.judge(Settings())
    return backend


def judged(route: str, signature: str, body: str) -> Auth:
    """The verdict on one endpoint: ``GET /boats`` with its parameters and what it does."""
    method, path = route.split()
    backend = backend_of(f'{HEAD}@app.{method.lower()}("{path}")\ndef handler({signature}):\n    {body}\n')
    return next(e.auth for e in backend.endpoints if e.path == path)


@pytest.mark.parametrize(
    ("route", "signature", "body"),
    [
        ("GET /boats/{boat}/images/{name}", "boat: str, name: Shape", PICTURE),
        ("GET /pictures/{boat}/{name}", "boat: UUID, name: str", "return FileResponse(FOLDER / str(boat) / name)"),
        ("GET /kept/{boat}/{name}", "boat: UUID, name: str", AS_PICTURE),
        ("GET /kept/check.txt", "", "return FileResponse(FOLDER / 'check' / 'check.txt')"),
        ("GET /rate/{currency}", "currency: str", "return {'rate': rate_of(currency)}"),
        ("POST /conversion", "amount: float", "return {'sum': amount * rate_of('nok')}"),
        ("GET /pay/{name}/cb", "name: str", "make = name\n    return lnurl.LnurlErrorResponse(reason=make)"),
    ],
)  # fmt: skip
def test_only_who_runs_it_knows(route: str, signature: str, body: str) -> None:
    found = judged(route, signature, body)
    assert found.verdict is Verdict.UNRESOLVED
    assert "only you know" in found.reason


@pytest.mark.parametrize(
    ("route", "signature", "body"),
    [
        # files: other names, numbers, texts, what is listed, exported or looked up
        ("GET /boats/{boat}/papers/{name}", "boat: str, name: Shape", PICTURE),
        ("GET /boats/{boat}/images/{name}", "boat: str, name: Paper", PICTURE),
        ("GET /boats/{boat}/images/{name}", "boat: str, name: str", "return FileResponse(FOLDER / boat / name)"),
        ("GET /invoices/{number}", "number: int", "return FileResponse(FOLDER / f'{number}.pdf')"),
        ("GET /users/{user}/documents/{name}", "user: str, name: str", "return FileResponse(FOLDER / user / name)"),
        ("GET /media/{boat}/papers/{name}", "boat: UUID, name: str", "return FileResponse(FOLDER / str(boat) / name)"),
        ("GET /kept/{boat}/{name}", "boat: str, name: str", AS_PICTURE),
        ("GET /kept/output.txt", "", "return FileResponse('/srv/logs/output.txt')"),
        ("GET /kept/boats.csv", "", "return FileResponse(FOLDER / 'boats.csv')"),
        ("GET /kept/latest.txt", "", LATEST),
        ("GET /uploads", "", "return [one.name for one in FOLDER.iterdir()]"),
        ("GET /boats/{boat}/export", "boat: UUID", EXPORT),
        ("GET /files/{key}", "key: UUID", LOOKED_UP),
        ("DELETE /boats/{boat}/files/{name}", "boat: UUID, name: str", "(FOLDER / str(boat) / name).unlink()"),
        # other services: within the own network, with a key, told something, or handed on as it is
        ("GET /balance/{user}", "user: str", "return float(httpx.get(f'http://bank/{user}').json()['sum'])"),
        ("GET /balance/{user}", "user: str", BANK),
        (
            "GET /balance/{user}",
            "user: str",
            "return rate_of(user, headers={'Authorization': os.environ['KEY']})",
        ),
        ("GET /balance/{user}", "user: str", "return rate_of(user, auth=('me', os.environ['KEY']))"),
        ("POST /orders", "amount: float", ORDER),
        ("GET /people/{name}", "name: str", "return httpx.get(f'https://people.example.com/{name}').json()"),
        (
            "GET /rate/{currency}",
            "currency: str",
            "db.execute('UPDATE seen SET n = n + 1')\n    return {'rate': rate_of(currency)}",
        ),
        # numbers of rows, and those that a parameter is about
        ("GET /count", "", "return {'boats': db.execute('SELECT * FROM t').fetchall()}"),
        ("POST /pay/{name}", "name: str", "db.execute('DELETE FROM t')\n    return {'paid': name}"),
    ],
)  # fmt: skip
def test_what_is_plainly_open(route: str, signature: str, body: str) -> None:
    assert judged(route, signature, body).verdict is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    ("route", "signature", "body", "verdict"),
    [
        ("GET /members", "request: Request", "return request.app.state.members", Verdict.UNRESOLVED),
        ("GET /members", "", "return {'of': app.state.members}", Verdict.UNRESOLVED),
        ("GET /members/{name}", "name: str", "return app.state.members[name]", Verdict.UNPROTECTED),
        ("GET /members", "request: Request", "return request.app.state.members.find()", Verdict.UNPROTECTED),
        (
            "GET /about",
            "request: Request",
            "return request.app.state.settings.name",
            Verdict.PUBLIC_BY_NATURE,
        ),
        ("GET /kept", "", "return app.state.user_settings", Verdict.UNRESOLVED),
        ("GET /kept", "", "return app.state.confirmations", Verdict.UNRESOLVED),
        ("GET /kept", "", "return app.state.restarts_of_jobs", Verdict.UNRESOLVED),
        ("GET /kept", "", "return app.state.mail_config.sender", Verdict.PUBLIC_BY_NATURE),
        ("GET /seen", "request: Request", "return request.state.seen", Verdict.PUBLIC_BY_NATURE),
    ],
)
def test_what_the_application_keeps(route: str, signature: str, body: str, verdict: Verdict) -> None:
    found = judged(route, signature, body)
    assert found.verdict is verdict


@pytest.mark.parametrize(
    ("path", "verdict"), [("/sails", Verdict.UNRESOLVED), ("/sailors", Verdict.UNPROTECTED)]
)
def test_one_number_of_what_nobody_knows(path: str, verdict: Verdict) -> None:
    backend = backend_of(HEAD)
    assert next(e.auth.verdict for e in backend.endpoints if e.path == path) is verdict


SIGN_IN = """
def provider():
    return httpx.get(os.environ["PROVIDER"]).json()["authorization_endpoint"]
"""


@pytest.mark.parametrize(
    ("route", "body", "verdict"),
    [
        ("GET /sso/start/saml", "return RedirectResponse(provider())", Verdict.PUBLIC_BY_NATURE),
        ("GET /sso/start/saml", "return {'known': provider()}", Verdict.UNPROTECTED),
        ("GET /sso/start/saml", "return HTMLResponse(str(provider()))", Verdict.UNPROTECTED),
        ("GET /saml/login", "return RedirectResponse(provider())", Verdict.PUBLIC_BY_NATURE),
        ("GET /saml/login", "return db.execute('SELECT * FROM t').fetchall()", Verdict.UNPROTECTED),
        (
            "GET /saml/login",
            "return HTMLResponse('?') if OPEN_TO_ALL else RedirectResponse(provider())",
            Verdict.PUBLIC_BY_NATURE,
        ),
    ],
)
def test_a_step_of_signing_in_sends_the_browser_on(route: str, body: str, verdict: Verdict) -> None:
    method, path = route.split()
    source = f'{HEAD}{SIGN_IN}@app.{method.lower()}("{path}")\ndef by_login():\n    {body}\n'
    backend = backend_of(source)
    assert next(e.auth.verdict for e in backend.endpoints if e.path == path) is verdict


CLOSED = "if not OPEN_TO_ALL:\n        raise HTTPException(403)\n    "


@pytest.mark.parametrize(
    ("path", "body", "verdict"),
    [
        ("/api/token", f"{CLOSED}return make_token('anybody')", Verdict.CONDITIONAL),
        ("/api/token", "return make_token('anybody')", Verdict.UNPROTECTED),
        ("/api/boats", f"{CLOSED}return make_token('anybody')", Verdict.UNPROTECTED),
        ("/api/token", f"{CLOSED}return db.execute('SELECT * FROM t').fetchall()", Verdict.UNPROTECTED),
        (
            "/api/token",
            ASKED,
            Verdict.UNPROTECTED,
        ),
    ],
)
def test_a_token_for_everybody_where_a_setting_allows_it(path: str, body: str, verdict: Verdict) -> None:
    make = "def make_token(name):\n    db.execute('INSERT INTO tokens VALUES (?)', (name,))\n    return os.urandom(8)\n"
    backend = backend_of(f'{HEAD}{make}@app.get("{path}")\ndef handler():\n    {body}\n')
    assert backend.endpoints[0].auth.verdict is verdict


FLAGS = """
import jwt
from fastapi import Depends
from pydantic import BaseModel

class Flags(BaseModel):
    open: bool
    mails: bool

class Facts(BaseModel):
    open: bool
    owner: str

class Code(BaseModel):
    code: str

class Claim(BaseModel):
    claim: str

class Server(BaseModel):
    host: str
    password: str

def session():
    return sqlite3.connect("y.db")

SESSION = Depends(session)

"""


@pytest.mark.parametrize(
    ("route", "signature", "body", "verdict"),
    [
        ("GET /sails/config", "(s=SESSION) -> Flags", "return Flags(open=first(s), mails=True)", "unresolved"),
        ("GET /sails/config", "(s=SESSION) -> Facts", "return Facts(open=True, owner=first(s))", "unprotected"),
        ("GET /sails/{b}/config", "(b: int, s=SESSION) -> Flags", "return Flags(open=first(s))", "unprotected"),
        ("GET /sails/config", "(b: int, s=SESSION) -> Flags", "return Flags(open=first(s))", "unprotected"),
        (
            "GET /sails/config",
            "(s=SESSION) -> Flags",
            "s.execute('DELETE FROM t')\n    return Flags(open=True, mails=True)",
            "unprotected",
        ),
        ("POST /sails/{b}/verify", "(b: str, data: Code)", "confirm(b, data.code)", "public-by-nature"),
        ("POST /sails/{b}/verify", "(b: str, data: Claim)", "confirm(b, data.claim)", "unprotected"),
        ("POST /mail/verify", "(data: Server)", "confirm(data.host, data.password)", "unprotected"),
        ("POST /sails/{b}/ready", "(b: str, data: Code)", "confirm(b, data.code)", "unprotected"),
        (
            "POST /sails/claim",
            "(data: Claim)",
            "who = jwt.decode(data.claim, os.environ['K'], algorithms=['HS256'])\n    confirm(who['b'], '')",
            "unresolved",
        ),
        (
            "POST /sails/claim",
            "(data: Claim)",
            "who = jwt.decode(data.claim, options={'verify_signature': False})\n    confirm(who['b'], '')",
            "unprotected",
        ),
        ("POST /sails/claim", "(data: Claim)", "confirm(data.claim, '')", "unprotected"),
    ],
)  # fmt: skip
def test_flags_codes_and_claims(route: str, signature: str, body: str, verdict: str) -> None:
    method, path = route.split()
    more = (
        "def first(s):\n    return s.execute('SELECT 1 FROM t').fetchone()\n\n"
        "def confirm(b, code):\n    db.execute('UPDATE t SET c = ? WHERE b = ?', (code, b))\n\n"
    )
    source = f'{HEAD}{FLAGS}{more}@app.{method.lower()}("{path}")\ndef handler{signature}:\n    {body}\n'
    backend = backend_of(source)
    assert next(e.auth.verdict.value for e in backend.endpoints if e.path == path) == verdict


FALLS_BACK = "return FileResponse(Path('/srv/ui', page or 'index.html'))"


@pytest.mark.parametrize(
    ("path", "name", "body", "verdict"),
    [
        ("/", "index", "return page()", Verdict.PUBLIC_BY_NATURE),
        ("/boats", "index", "return page()", Verdict.UNPROTECTED),
        ("/{boat}", "index", "asked(page)\n    return Response()", Verdict.UNPROTECTED),
        ("/", "index", "return db.execute('SELECT * FROM t').fetchall()", Verdict.UNPROTECTED),
        ("/ui/{page:path}", "pages", FALLS_BACK, Verdict.PUBLIC_BY_NATURE),
        ("/boats/{page:path}", "pages", FALLS_BACK, Verdict.UNPROTECTED),
        ("/api/v1/", "about", "return dict(version=asked(), ways=[asked()])", Verdict.PUBLIC_BY_NATURE),
        ("/api/v1/", "about", "return dict(version=asked(), token=asked())", Verdict.UNPROTECTED),
        ("/api/v1/", "boats", "return dict(version=asked(), ways=[asked()])", Verdict.UNPROTECTED),
    ],
)  # fmt: skip
def test_pages_and_roots(path: str, name: str, body: str, verdict: Verdict) -> None:
    more = (
        "from elsewhere import asked\nfrom fastapi import Response\n\n"
        "def page():\n    at = asked() or FOLDER / 'index.html'\n"
        "    return FileResponse(at) if at.is_file() else Response('<h1>?</h1>')\n\n"
    )
    names = [part.strip("{}").partition(":")[0] for part in path.split("/") if part.startswith("{")]
    parameters = ", ".join(f"{one}: str" for one in names)
    backend = backend_of(f'{HEAD}{more}@app.get("{path}")\ndef {name}({parameters}):\n    {body}\n')
    assert next(e.auth.verdict for e in backend.endpoints if e.path == path) is verdict
