"""Endpoints that know their callers by the id of a session, in the address or in the first message of a websocket."""

from __future__ import annotations

import pytest
from linking import verdict_of

from backend_gate.backend.model import Verdict

HEAD = """\
import json
from fastapi import Depends, FastAPI, HTTPException, WebSocket
from fastapi.responses import HTMLResponse
from corp import rows, store

app = FastAPI()
sessions: dict[str, dict] = {}
kept: dict[str, str] = {}
open_to_all = json.load(open("settings.json")).get("open", False)
closed = json.load(open("settings.json")).get("closed", False)


def signed_in(session_id) -> bool:
    if session_id is None:
        return False
    data = sessions.get(str(session_id), None)
    if data is None:
        return False
    known = data.get("known", None)
    if known is not None:
        return known
    return data.get("user") is not None


def allowed(session_id) -> bool:
    return open_to_all or signed_in(session_id)


def seen(session_id) -> bool:
    if sessions.get(session_id) is None:
        return False
    store.update(session_id)
    kept["last"] = session_id
    return sessions[session_id].get("user") is not None


def anonymous_or_signed_in(session_id) -> bool:
    if open_to_all:
        return True
    if session_id is None:
        return False
    return sessions.get(session_id) is not None


"""


@pytest.mark.parametrize(
    "route",
    [
        # what it keeps of a session is its own affair
        (
            "@app.get('/term/{session_id}')\nasync def term(session_id: str):\n"
            "    if not seen(session_id):\n        return HTMLResponse('no', status_code=401)\n    return rows()\n"
        ),
        (
            "@app.get('/term/{session_id}')\nasync def term(session_id: str):\n"
            "    if not signed_in(session_id):\n        return HTMLResponse('no', status_code=401)\n    return rows()\n"
        ),
        (
            "@app.get('/term')\nasync def term(session_id: str):\n"
            "    if not signed_in(session_id):\n        raise HTTPException(status_code=403)\n    return rows()\n"
        ),
        (
            "@app.get('/term/{session_id}')\nasync def term(session_id: str):\n"
            "    found = await store.get(session_id)\n"
            "    if found is None:\n        raise HTTPException(status_code=401)\n    return rows()\n"
        ),
        (
            "def known(session_id: str):\n"
            "    if not signed_in(session_id):\n        raise HTTPException(status_code=401)\n    return session_id\n"
            "@app.get('/term/{session_id}')\nasync def term(session=Depends(known)):\n    return rows()\n"
        ),
        (
            "@app.websocket('/ws/{session_id}')\nasync def ws(websocket: WebSocket, session_id: str):\n"
            "    await websocket.accept()\n"
            "    if not signed_in(session_id):\n        await websocket.close()\n        return\n    store(1)\n"
        ),
    ],
)
def test_whether_an_id_can_be_guessed_is_not_known(route: str) -> None:
    assert verdict_of(HEAD + route) is Verdict.UNRESOLVED


@pytest.mark.parametrize(
    "route",
    [
        # an unknown chat is not found: that says nothing of who asks
        (
            "@app.get('/chat/{session_id}')\nasync def chat(session_id: str):\n"
            "    if not signed_in(session_id):\n        raise HTTPException(status_code=404)\n    return rows()\n"
        ),
        # anybody can name a user, or count
        (
            "@app.get('/users/{user_id}')\nasync def user(user_id: str):\n"
            "    if not signed_in(user_id):\n        return HTMLResponse('no', status_code=401)\n    return rows()\n"
        ),
        (
            "@app.get('/term/{session_id}')\nasync def term(session_id: int):\n"
            "    if not signed_in(session_id):\n        return HTMLResponse('no', status_code=401)\n    return rows()\n"
        ),
        # the id alone is looked at
        (
            "@app.get('/term/{session_id}')\nasync def term(session_id: str):\n"
            "    if len(session_id) < 8:\n        return HTMLResponse('no', status_code=401)\n    return rows()\n"
        ),
        # something else is looked up
        (
            "@app.get('/term/{session_id}')\nasync def term(session_id: str):\n"
            "    store.note(session_id)\n    if not store.is_open():\n"
            "        return HTMLResponse('no', status_code=401)\n    return rows()\n"
        ),
        # another way is open
        (
            "@app.get('/term/{session_id}')\nasync def term(session_id: str, plain: bool = False):\n"
            "    if plain:\n        return rows()\n"
            "    if not signed_in(session_id):\n        return HTMLResponse('no', status_code=401)\n    return rows()\n"
        ),
        # it comes too late
        (
            "@app.post('/term/{session_id}')\nasync def term(session_id: str):\n"
            "    open('/data/x', 'w').write(session_id)\n"
            "    if not signed_in(session_id):\n        return HTMLResponse('no', status_code=401)\n    return {}\n"
        ),
    ],
)
def test_what_is_no_session_that_is_looked_up_stays_open(route: str) -> None:
    assert verdict_of(HEAD + route) is Verdict.UNPROTECTED


MESSAGE = """\
@app.websocket('/ws')
async def ws(websocket: WebSocket):
    await websocket.accept()
    try:
        first = await websocket.receive_json()
    except ValueError:
        first = {"session-id": None}
    session_id = first.get("session-id", None)
    if TEST:
        await websocket.close()
        return
    open("x", "a").write("joined")
"""


@pytest.mark.parametrize(
    ("test", "verdict"),
    [
        ("not signed_in(session_id)", Verdict.PROTECTED),
        ("not signed_in(str(session_id))", Verdict.PROTECTED),
        ("not anonymous_or_signed_in(session_id)", Verdict.CONDITIONAL),
        ("not anonymous_or_signed_in(str(session_id))", Verdict.CONDITIONAL),
        # a setting closes it for everybody, or nobody
        ("closed", Verdict.UNPROTECTED),
        ("first.get('kind') == 'bye'", Verdict.UNPROTECTED),
    ],
)
def test_the_first_message_brings_the_id(test: str, verdict: Verdict) -> None:
    assert verdict_of(HEAD + MESSAGE.replace("TEST", test)) is verdict
