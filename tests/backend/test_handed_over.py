"""Handlers that hand the request to a library which may check who sends it."""

from __future__ import annotations

import pytest
from linking import verdict_of

from backend_gate.backend.model import Verdict

HEAD = """\
import sqlite3
from fastapi import FastAPI, HTTPException, Request
from chatty.adapter import Adapter, Activity
from corp import settings

app = FastAPI()
db = sqlite3.connect("x.db")
adapter = Adapter(signing_secret="s")


def open_session(user):
    if not user:
        raise HTTPException(status_code=401)
    db.execute("INSERT INTO session VALUES (?)", (user,))
    return {"user": user}


@app.post("/events")
async def events(request: Request):
"""


@pytest.mark.parametrize(
    "body",
    [
        "    return await adapter.handle(request)\n",
        "    return await Adapter(signing_secret='s').handle(request)\n",
        "    found = await adapter.handle(req=request)\n    return found\n",
        (
            "    activity = Activity().deserialize(await request.json())\n"
            "    header = request.headers.get('Authorization', '')\n"
            "    return await adapter.process(activity, header, print)\n"
        ),
        "    user = await settings.callback(request.headers)\n    return open_session(user)\n",
    ],
)
def test_whether_the_library_checks_the_sender_is_not_known(body: str) -> None:
    assert verdict_of(HEAD + body) is Verdict.UNRESOLVED


@pytest.mark.parametrize(
    "body",
    [
        # nobody is asked but after the work is done, or beside it
        "    db.execute('DELETE FROM note')\n    return await adapter.handle(request)\n",
        "    rows = db.execute('SELECT * FROM note').fetchall()\n    return adapter.render(request, rows)\n",
        "    adapter.note(request)\n    return db.execute('SELECT * FROM note').fetchall()\n",
        # the library gets what says nothing about the sender
        "    return await adapter.handle(await request.json())\n",
        "    return await adapter.handle(request.query_params)\n",
        "    return await adapter.handle(request.headers.get('x-page'))\n",
        # it is no library
        (
            "    return handle(request)\n\n\ndef handle(request):\n"
            "    return db.execute('DELETE FROM note').rowcount\n"
        ),
        # it answers somebody else without
        (
            "    if request.query_params.get('plain'):\n"
            "        return open('rows').read()\n    return await adapter.handle(request)\n"
        ),
        # what the callback says is not asked for
        (
            "    await settings.callback(request.headers)\n"
            "    db.execute('DELETE FROM note')\n    return {'done': True}\n"
        ),
    ],
)
def test_what_the_handler_does_itself_is_open(body: str) -> None:
    assert verdict_of(HEAD + body) is Verdict.UNPROTECTED


def test_a_handler_that_only_refuses_shows_nothing_of_what_it_does() -> None:
    source = (
        "from fastapi import FastAPI, HTTPException, Request\napp = FastAPI()\n"
        "class Settings:\n    callback = None\nsettings = Settings()\n"
        "@app.post('/enter')\nasync def enter(request: Request):\n"
        "    if not settings.callback:\n        raise HTTPException(status_code=400)\n"
        "    return await settings.callback(request.headers)\n"
    )

    assert verdict_of(source) is Verdict.UNRESOLVED


def test_a_refusal_after_the_work_is_no_doubt() -> None:
    source = f"{HEAD}    db.execute('DELETE FROM note')\n    raise HTTPException(status_code=400)\n"

    assert verdict_of(source) is Verdict.UNPROTECTED
