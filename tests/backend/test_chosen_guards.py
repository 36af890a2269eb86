"""Guards that the deployment chooses, and guards that hand the credential to code that nobody can follow."""

from __future__ import annotations

from linking import linker

from backend_gate.backend.model import Auth, Verdict
from backend_gate.settings import Settings

HEAD = """\
import os
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from elsewhere import Bouncer, get_session, log_request, service

app = FastAPI()
rows = {}
SIGN_IN = os.environ.get("SIGN_IN", "") == "yes"

class Nobody:
    def user(self):
        return "somebody"

class Somebody:
    def user(self, x_token: str = Header(default="")):
        if not x_token:
            raise HTTPException(401)
        return x_token

"""
ROUTE = """

@app.post("/rows/{key}")
def add(key: str, user: str = Depends(guard)):
    rows[key] = user
"""


def auth(guard: str) -> Auth:
    """The verdict on a route behind a guard."""
    found = linker({"main.py": HEAD + guard + ROUTE})
    backend = found.run()
    found.judge(Settings())
    (endpoint,) = backend.endpoints
    return endpoint.auth


def chosen(real: str) -> str:
    """A guard of which the real one is only made under a setting."""
    return f"if SIGN_IN:\n    door = {real}\nelse:\n    door = Nobody()\nguard = door.user\n"


def test_either_of_two_guards() -> None:
    found = auth(chosen("Somebody()"))
    assert found.verdict is Verdict.CONDITIONAL
    assert "main.Nobody.user and main.Somebody.user" in found.reason


def test_the_other_guard_is_a_library_s() -> None:
    found = auth(chosen("Bouncer(os.environ['REALM'])"))
    assert found.verdict is Verdict.UNRESOLVED
    assert "elsewhere.Bouncer.user" in found.reason


def test_what_a_setting_opens_behind_a_guard_of_a_library() -> None:
    chooses = chosen("Bouncer(os.environ['REALM'])").replace("guard =", "who =")
    guard = (
        "def guard(somebody=Depends(who)):\n    if not SIGN_IN:\n        return 'anybody'\n"
        "    if not somebody:\n        raise HTTPException(401)\n    return somebody\n"
    )
    assert auth(chooses + guard).verdict is Verdict.CONDITIONAL


def test_two_that_let_everybody_in() -> None:
    assert auth(chosen("Nobody()")).verdict is Verdict.UNPROTECTED


def test_the_credential_goes_where_nobody_can_follow() -> None:
    guard = "def guard(x_token: str = Header(default='')):\n    return {call}\n"
    assert auth(guard.format(call="service()[0].user_of(x_token)")).verdict is Verdict.UNRESOLVED
    assert auth(guard.format(call="service()[0].count(x_token)")).verdict is Verdict.UNPROTECTED
    assert auth(guard.format(call="service()[0].user_of('anna')")).verdict is Verdict.UNPROTECTED


def test_a_library_that_knows_sessions_is_given_the_request() -> None:
    guard = "def guard(request: Request):\n    try:\n        return {call}(request)\n"
    guard += "    except Exception:\n        raise HTTPException(401)\n"
    assert auth(guard.format(call="get_session")).verdict is Verdict.UNRESOLVED
    assert auth(guard.format(call="log_request")).verdict is Verdict.UNPROTECTED
