"""What a library reads when a module is imported: how the program is deployed decides."""

from __future__ import annotations

from linking import verdict_of

from backend_gate.backend.model import Verdict

SOURCE = """\
import json
import sqlite3
from fastapi import Depends, FastAPI, Header, HTTPException

app = FastAPI()
db = sqlite3.connect("x.db")

def place(depth):
    return place(depth + 1)

FLAGS

def guard(x_key: str = Header("")):
    if no_auth:
        return None
    if x_key != "abc":
        raise HTTPException(401)

@app.get("/notes", dependencies=[Depends(guard)])
def notes():
    return db.execute("SELECT * FROM note").fetchall()
"""


def test_it_is_a_setting_even_if_nobody_knows_what_the_library_was_given() -> None:
    flags = "no_auth = json.load(open(place(0))).get('no_auth', False)"

    assert verdict_of(SOURCE.replace("FLAGS", flags)) is Verdict.CONDITIONAL


def test_what_a_request_makes_a_library_read_is_none() -> None:
    flags = "def read(request):\n    return json.loads(request.headers['x-flags'])"
    source = SOURCE.replace("FLAGS", f"from fastapi import Request\n{flags}")
    source = source.replace("if no_auth", "if read(request)").replace(
        "guard(x_key", "guard(request: Request, x_key"
    )

    assert verdict_of(source) is not Verdict.CONDITIONAL
