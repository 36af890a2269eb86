"""Websockets that turn away whoever has no credential, and those that only look like it."""

from __future__ import annotations

import pytest
from linking import linker, verdict_of

from backend_gate.backend.model import Verdict
from backend_gate.settings import Settings

HEAD = """\
import json
import sqlite3
from fastapi import FastAPI, HTTPException, WebSocket

app = FastAPI()
db = sqlite3.connect("x.db")
rooms = {}

def user_of(token):
    if not token:
        raise HTTPException(401)
    return db.execute("SELECT name FROM users WHERE token = ?", (token,)).fetchone()

async def greeted(socket):
    try:
        token = json.loads(await socket.receive_text()).get("token", "")
        if not token:
            await socket.close(code=4001)
            return None
    except Exception:
        return None
    return user_of(token)

"""


def verdict(parameters: str, *body: str) -> Verdict:
    """The verdict on one websocket."""
    lines = "".join(f"    {line}\n" for line in body)
    source = f'{HEAD}@app.websocket("/live")\nasync def live(socket: WebSocket{parameters}):\n{lines}'
    found = linker({"main.py": source})
    backend = found.run()
    found.judge(Settings())
    (endpoint,) = backend.endpoints
    return endpoint.auth.verdict


TALK = ("rooms['all'] = socket", "await socket.send_json(db.execute('SELECT 1').fetchall())")
REFUSE = ("await socket.accept()", "if not token and not apikey:")


@pytest.mark.parametrize(
    ("parameters", "body"),
    [
        pytest.param(
            ", token: str | None = None, apikey: str | None = None",
            (*REFUSE, "    await socket.send_text('No credential')", "    return", "user_of(token)", *TALK),
            id="it says so and ends",
        ),
        pytest.param(
            ", client: str | None = None, token: str | None = None",
            ("if not client:", "    return", "user_of(token)", "await socket.accept()", *TALK),
            id="another parameter is looked at before",
        ),
        pytest.param(
            "",
            ("await socket.accept()", "if await greeted(socket) is None:", "    return", *TALK),
            id="closed inside of a try that catches everything",
        ),
    ],
)
def test_turned_away(parameters: str, body: tuple[str, ...]) -> None:
    assert verdict(parameters, *body) is Verdict.PROTECTED


@pytest.mark.parametrize(
    ("parameters", "body"),
    [
        pytest.param(
            ", token: str | None = None",
            ("await socket.accept()", "if not token:", "    print('a guest')", *TALK),
            id="it goes on",
        ),
        pytest.param(
            ", token: str | None = None",
            (
                "await socket.accept()",
                "if not token:",
                "    await socket.send_json(db.execute('SELECT * FROM news').fetchall())",
                "    return",
                *TALK,
            ),
            id="it sends rows before it ends",
        ),
        pytest.param(
            ", client: str | None = None",
            ("await socket.accept()", "if not client:", "    return", *TALK),
            id="nobody has to be known",
        ),
        pytest.param(
            "",
            ("await socket.accept()", "async for text in socket.iter_text():", "    rooms[text] = socket"),
            id="messages are for everybody",
        ),
    ],
)
def test_open_to_everybody(parameters: str, body: tuple[str, ...]) -> None:
    assert verdict(parameters, *body) is Verdict.UNPROTECTED


BY_SETTING = """\
import hmac
import os
from fastapi import FastAPI, WebSocket

app = FastAPI()
PASS = os.environ.get("HARBOUR_PASS") or None
OPEN = os.environ.get("HARBOUR_OPEN") == "1"

def may_come(word):
    if PASS is None:
        return True
    return bool(word) and hmac.compare_digest(word, PASS)

@app.websocket("/live")
async def live(socket: WebSocket):
    if not {test}:
        await socket.close(code=4401)
        return
    await socket.accept()
    while True:
        await socket.send_text(await socket.receive_text())
"""


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("may_come(socket.query_params.get('token'))", Verdict.CONDITIONAL),
        ("may_come(socket.headers.get('authorization'))", Verdict.CONDITIONAL),
        ("OPEN", Verdict.UNPROTECTED),
    ],
)
def test_a_token_that_is_needed_only_where_one_is_set(test: str, expected: Verdict) -> None:
    assert verdict_of(BY_SETTING.format(test=test)) is expected
