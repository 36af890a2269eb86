"""Guards as applications have them, and what only looks like one."""

from __future__ import annotations

import pytest
from linking import verdict_of

from backend_gate.backend.model import Verdict

HEAD = """\
import hashlib
import hmac
import os
import sqlite3
import jwt
from fastapi import Cookie, Depends, FastAPI, Header, HTTPException, Query, Request
from fastapi.security import OAuth2PasswordBearer

app = FastAPI()
db = sqlite3.connect("x.db")
opt = OAuth2PasswordBearer("token", auto_error=False)

"""
ROUTE = """

@app.get("/notes", dependencies=[Depends(guard)])
def notes():
    return db.execute("SELECT * FROM note").fetchall()
"""

CLOSED = [
    """\
def guard(x_token: str | None = Header(None)):
    assert x_token == os.environ["TOKEN"]
""",
    """\
def guard(sid: str | None = Cookie(None)):
    if sid is None or sid not in {"s-1"}:
        raise HTTPException(401)
""",
    """\
def guard(x_token: str | None = Header(None)):
    if x_token != os.environ["TOKEN"]:
        raise HTTPException(401)
""",
    """\
def guard(x_token: str | None = Header(None)):
    if x_token != os.getenv("TOKEN", "dev"):
        raise HTTPException(401)
""",
    """\
def guard(x_token: str | None = Header(None)):
    row = db.execute("SELECT * FROM keys WHERE key LIKE ?", (x_token,)).fetchone()
    if row is None:
        raise HTTPException(401)
""",
    """\
def guard(x_token: str = Header("")):
    keys = [row[0] for row in db.execute("SELECT key FROM keys").fetchall()]
    if x_token not in keys:
        raise HTTPException(401)
""",
    """\
def guard(x_token: str = Header("")):
    keys = {row[0]: row[1] for row in db.execute("SELECT key, owner FROM keys")}
    owner = keys.get(x_token)
    if owner is None:
        raise HTTPException(401)
""",
    """\
def guard(x_token: str = Header("")):
    for (key,) in db.execute("SELECT key FROM keys"):
        if hmac.compare_digest(key, x_token):
            return
    raise HTTPException(401)
""",
    """\
def guard(x_token: str = Header("")):
    found = False
    for (key,) in db.execute("SELECT key FROM keys"):
        if key == x_token:
            found = True
            break
    if not found:
        raise HTTPException(401)
""",
    """\
def guard(x_token: str = Header("")):
    n = db.execute("SELECT COUNT(*) FROM keys WHERE key = ?", (x_token,)).fetchone()[0]
    if not n:
        raise HTTPException(401)
""",
    """\
def guard(x_token: str = Header("")):
    for attempt in range(3):
        try:
            row = db.execute("SELECT 1 FROM keys WHERE key = ?", (x_token,)).fetchone()
            break
        except sqlite3.OperationalError:
            continue
    else:
        raise HTTPException(503)
    if row is None:
        raise HTTPException(401)
""",
    """\
def guard(x_token: str = Header("")):
    conn = sqlite3.connect("y")
    try:
        cur = conn.cursor()
        try:
            cur.execute("SELECT 1 FROM keys WHERE key = ?", (x_token,))
            row = cur.fetchone()
        finally:
            cur.close()
    finally:
        conn.close()
    if row is None:
        raise HTTPException(401)
""",
    """\
def guard(x_token: str = Header("")):
    try:
        row = db.execute("SELECT 1 FROM keys WHERE key = ?", (x_token,)).fetchone()
    except sqlite3.Error as error:
        raise HTTPException(500) from error
    if row is None:
        raise HTTPException(401)
""",
    """\
def guard(x_user_token: str = Header("0")):
    row = db.execute("SELECT 1 FROM keys WHERE id = ?", (int(x_user_token),)).fetchone()
    if row is None:
        raise HTTPException(401)
""",
    """\
def guard(x_token: str = Header("")):
    digest = hashlib.sha256(("pepper" + x_token).encode()).hexdigest()
    row = db.execute("SELECT 1 FROM keys WHERE hash = ?", (digest,)).fetchone()
    if row is None:
        raise HTTPException(401)
""",
    """\
def guard(x_token: str = Header("")):
    digest = hashlib.sha256(f"{os.environ['PEPPER']}:{x_token}".encode("utf-8")).hexdigest()
    if not db.execute("SELECT 1 FROM keys WHERE hash = ?", (digest,)).fetchone():
        raise HTTPException(401)
""",
    """\
def guard(authorization: str = Header("")):
    prefix, _, secret = authorization.removeprefix("Bearer ").partition("_")
    row = db.execute("SELECT hash FROM keys WHERE prefix = ?", (prefix,)).fetchone()
    if row is None or not hmac.compare_digest(row[0], hashlib.sha256(secret.encode()).hexdigest()):
        raise HTTPException(401)
""",
    """\
def guard(x_api_key: str = Header(None), api_key: str = Query(None), key_cookie: str = Cookie(None)):
    key = x_api_key or api_key or key_cookie
    if key is None or db.execute("SELECT 1 FROM keys WHERE key = ?", (key,)).fetchone() is None:
        raise HTTPException(401)
""",
]
OPEN = [
    """\
def guard(token: str | None = Depends(opt)):
    try:
        return jwt.decode(token, "k", algorithms=["HS256"])
    except Exception:
        return None
""",
    """\
def guard(x_sig: str = Header(""), request: Request = None):
    hmac.compare_digest(x_sig, "abc")
""",
    """\
def guard(authorization: str | None = Header(None)):
    if not authorization:
        print("anonymous")
""",
    """\
def guard(authorization: str | None = Header(None)) -> bool:
    return authorization == "secret"
""",
    """\
def guard(x_token: str | None = Header(None)):
    if x_token and x_token != "abc":
        raise HTTPException(401)
""",
    """\
def guard(x_token: str | None = Header(None)):
    if x_token is not None:
        row = db.execute("SELECT 1 FROM keys WHERE key = ?", (x_token,)).fetchone()
        if row is None:
            raise HTTPException(401)
""",
    """\
def guard(x_token: str | None = Header(None)):
    if db.execute("SELECT 1 FROM banned WHERE key = ?", (x_token,)).fetchone():
        raise HTTPException(403)
""",
    """\
def guard(x_token: str | None = Header(None)):
    row = db.execute("SELECT expires FROM keys WHERE key = ?", (x_token,)).fetchone()
    if row and row[0] < 5:
        raise HTTPException(401)
""",
    """\
def guard(request: Request, x_token: str | None = Header(None)):
    if request.method == "POST" and x_token is None:
        raise HTTPException(401)
""",
    """\
def guard(public: bool = False, x_token: str | None = Header(None)):
    if not public and x_token is None:
        raise HTTPException(401)
""",
    """\
def guard(x_token: str | None = Header(None)):
    user = {"name": "guest"} if x_token is None else jwt.decode(x_token, "k", algorithms=["HS256"])
    if not user:
        raise HTTPException(401)
    return user
""",
    """\
def guard(number: int = 1):
    if db.execute("SELECT 1 FROM t WHERE id = ?", (number,)).fetchone() is None:
        raise HTTPException(404)
""",
]
UNDECIDED = [
    """\
def guard(x_token: str | None = Header(None)):
    row = db.execute("SELECT * FROM keys ORDER BY key = ? DESC LIMIT 1", (x_token,)).fetchone()
    if row is None:
        raise HTTPException(401)
""",
    """\
def guard(x_token: str = Header("")):
    rows = db.execute("SELECT key FROM keys").fetchall()
    if not rows:
        raise HTTPException(401)
""",
]
CONDITIONAL = [
    """\
def guard(x_token: str | None = Header(None)):
    if os.getenv("DEBUG"):
        return
    if x_token is None:
        raise HTTPException(401)
""",
]


def verdict(guard: str) -> Verdict:
    return verdict_of(f"{HEAD}{guard}{ROUTE}")


@pytest.mark.parametrize("guard", CLOSED)
def test_a_guard(guard: str) -> None:
    assert verdict(guard) is Verdict.PROTECTED


@pytest.mark.parametrize("guard", OPEN)
def test_what_lets_everybody_in(guard: str) -> None:
    assert verdict(guard) is Verdict.UNPROTECTED


@pytest.mark.parametrize("guard", UNDECIDED)
def test_what_cannot_be_told(guard: str) -> None:
    assert verdict(guard) is Verdict.UNRESOLVED


@pytest.mark.parametrize("guard", CONDITIONAL)
def test_what_a_setting_opens(guard: str) -> None:
    assert verdict(guard) is Verdict.CONDITIONAL
