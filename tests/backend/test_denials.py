"""An answer that denies, and one that only looks like it: a redirect is a denial where it turns guests away."""

from __future__ import annotations

import pytest
from linking import verdict_of

from backend_gate.backend.model import Verdict

HEAD = """\
import sqlite3
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.security import OAuth2PasswordBearer

app = FastAPI()
store = sqlite3.connect("shop.db")
bearer = OAuth2PasswordBearer("token", auto_error=False)

class Member:
    def __init__(self, number):
        self.number = number

def member(token: str | None = Depends(bearer)):
    return Member(token) if token is not None else None

def signed_in(request: Request):
    if "member" not in request.session:
        raise HTTPException(401)
    return request.session["member"]

def away(request):
    if not request.cookies.get("member"):
        return RedirectResponse("/login")

"""


def verdict(handler: str, route: str = 'post("/orders/{number}/cancel")') -> Verdict:
    return verdict_of(f"{HEAD}@app.{route}\n{handler}\n")


CANCEL = 'store.execute("update orders set gone = 1 where number = ?", (number,))'


@pytest.mark.parametrize(
    "handler",
    [
        (
            f"def cancel(number: int, request: Request):\n    theme = request.cookies.get('theme')\n    {CANCEL}\n"
            "    return RedirectResponse('/orders', 303)"
        ),
        f"def cancel(number: int, found=Depends(member)):\n    {CANCEL}\n    return RedirectResponse('/orders', 303)",
        (
            "def cancel(number: int, request: Request):\n    theme = request.cookies.get('theme')\n"
            f"    if theme is None:\n        theme = 'light'\n    {CANCEL}\n"
            "    return RedirectResponse(f'/orders?theme={theme}', 303)"
        ),
        (
            f"def cancel(number: int, found=Depends(member)):\n    {CANCEL}\n"
            "    if found is None:\n        return RedirectResponse('/login', 303)\n"
            "    return RedirectResponse('/orders', 303)"
        ),
    ],
)
def test_everybody_is_sent_on(handler: str) -> None:
    assert verdict(handler) is Verdict.UNPROTECTED


def test_whoever_asks_is_sent_to_a_file() -> None:
    handler = (
        "def download(number: int, found=Depends(member)):\n"
        '    row = store.execute("select place from files where number = ?", (number,)).fetchone()\n'
        "    return RedirectResponse(row[0])"
    )
    assert verdict(handler, 'get("/files/{number}")') is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    "handler",
    [
        (
            "def cancel(number: int, found=Depends(member)):\n"
            f"    if found is None:\n        return RedirectResponse('/login')\n    {CANCEL}"
        ),
        (
            "def cancel(number: int, found=Depends(member)):\n"
            f"    if found:\n        {CANCEL}\n        return HTMLResponse('gone')\n"
            "    return RedirectResponse('/login')"
        ),
        (
            "def cancel(number: int, found=Depends(member)):\n"
            "    return HTMLResponse('gone') if found else RedirectResponse('/login')"
        ),
        (
            "def cancel(number: int, request: Request):\n"
            "    if 'member' not in request.session:\n        return RedirectResponse('/login')\n"
            f"    {CANCEL}\n    return RedirectResponse('/orders', 303)"
        ),
        (
            "def cancel(number: int, request: Request):\n"
            "    try:\n        found = signed_in(request)\n"
            f"    except HTTPException:\n        return RedirectResponse('/login')\n    {CANCEL}"
        ),
        (
            "def cancel(number: int, request: Request):\n    elsewhere = away(request)\n"
            f"    if elsewhere is not None:\n        return elsewhere\n    {CANCEL}"
        ),
    ],
)
def test_guests_are_sent_to_the_login(handler: str) -> None:
    assert verdict(handler) is Verdict.PROTECTED


def guarded(guard: str) -> Verdict:
    handler = f"def cancel(number: int):\n    {CANCEL}"
    route = 'post("/orders/{number}/cancel", dependencies=[Depends(guard)])'
    return verdict_of(f"{HEAD}{guard}\n\n@app.{route}\n{handler}\n")


@pytest.mark.parametrize(
    "guard",
    [
        (
            "def guard(draft: bool = False, found=Depends(member)):\n"
            "    if not draft and found is None:\n        raise HTTPException(401)"
        ),
        (
            "def guard(draft: bool = False, found=Depends(member)):\n"
            "    if not (draft or found):\n        raise HTTPException(401)"
        ),
        (
            "def guard(shape: str = 'full', found=Depends(member)):\n"
            "    if shape != 'full':\n        return\n"
            "    if found is None:\n        raise HTTPException(401)"
        ),
        (
            "def guard(shape: bool | None = None, found=Depends(member)):\n"
            "    if shape is None and found is None:\n        raise HTTPException(401)"
        ),
        "def guard(request: Request, strict: bool = True):\n    if strict:\n        signed_in(request)",
    ],
)
def test_the_client_opens_the_guard(guard: str) -> None:
    assert guarded(guard) is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    "guard",
    [
        (
            "def guard(realm: str = 'shop', found=Depends(member)):\n"
            "    if found is None:\n        raise HTTPException(401, headers={'WWW-Authenticate': realm})"
        ),
        (
            "def guard(draft: bool = False, found=Depends(member)):\n"
            "    if draft:\n        print('a draft')\n"
            "    if found is None:\n        raise HTTPException(401)"
        ),
        (
            "def guard(draft: bool = False, found=Depends(member)):\n"
            "    if draft and found is None:\n        raise HTTPException(403)\n"
            "    if found is None:\n        raise HTTPException(401)"
        ),
        "def guard(token: str | None = None):\n    if token is None:\n        raise HTTPException(401)",
        (
            "def guard(pages: int = 1, found=Depends(member)):\n"
            "    if pages > 9:\n        raise HTTPException(400)\n"
            "    if not found:\n        raise HTTPException(401)"
        ),
    ],
)
def test_what_the_client_picks_opens_nothing(guard: str) -> None:
    assert guarded(guard) is Verdict.PROTECTED


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        ('request.cookies.get("form_key") != request.headers.get("x-form-copy")', Verdict.UNPROTECTED),
        ('request.cookies.get("form_key") != request.headers.get("x-token")', Verdict.UNPROTECTED),
        ('request.cookies.get("form_key") != request.headers.get("x-token", "")', Verdict.PROTECTED),
        ('request.cookies.get("form_key", "none") != request.headers.get("x-form-copy")', Verdict.PROTECTED),
        ('request.cookies.get("form_key") != request.client.host', Verdict.PROTECTED),
    ],
)
def test_two_things_that_nobody_sends_are_equal(comparison: str, expected: Verdict) -> None:
    guard = f"def guard(request: Request):\n    if {comparison}:\n        raise HTTPException(403)"
    assert guarded(guard) is expected


LOOKED_UP = """\
import sqlite3
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse
from sqlalchemy import select
from sqlalchemy.orm import Session
from tables import Token

app = FastAPI()
db = sqlite3.connect("x.db")
session = Session()

@app.get("/pages")
def page(request: Request):
    row = {lookup}
    if not row:
        return RedirectResponse("{target}")
    return db.execute("SELECT * FROM pages").fetchall()
"""
KEY = 'request.cookies.get("key")'


@pytest.mark.parametrize(
    ("lookup", "target", "expected"),
    [
        (f"session.scalar(select(Token).where(Token.key == {KEY}))", "/login", Verdict.UNRESOLVED),
        (f"session.query(Token).filter(Token.key == {KEY}).first()", "/signin", Verdict.UNRESOLVED),
        (
            f'db.execute("SELECT * FROM t WHERE k = ?", ({KEY},)).fetchone()',
            "/auth/login",
            Verdict.PROTECTED,
        ),
        (f"found({KEY})", "/login", Verdict.UNRESOLVED),
        ("session.scalar(select(Token).where(Token.key == 1))", "/login", Verdict.UNPROTECTED),
    ],
)
def test_a_redirect_of_those_whose_key_is_not_found_may_deny(
    lookup: str, target: str, expected: Verdict
) -> None:
    assert verdict_of(LOOKED_UP.format(lookup=lookup, target=target)) is expected
