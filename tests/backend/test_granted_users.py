"""What the backend of Starlette's authentication middleware gives to a request without a credential."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.backend.model import Auth, Verdict
from backend_gate.settings import Settings

SOURCE = """\
import os
from fastapi import Depends, FastAPI, HTTPException, Request
from starlette.authentication import (
    AuthCredentials, AuthenticationBackend, SimpleUser, UnauthenticatedUser, requires
)
from starlette.middleware.authentication import AuthenticationMiddleware

app = FastAPI()
OPEN = os.environ.get("OPEN") == "1"


class Backend(AuthenticationBackend):
    async def authenticate(self, conn):
{first}
        if conn.headers.get("authorization") == os.environ["TOKEN"]:
            return AuthCredentials(["signed_in"]), SimpleUser("me")
        return AuthCredentials(), UnauthenticatedUser()

app.add_middleware(AuthenticationMiddleware, backend=Backend())

def by_user(request: Request):
    if not request.user.is_authenticated:
        raise HTTPException(401)

"""
BY_DECORATOR = """\
@app.get("/rows/{key}")
@requires("signed_in"{more})
def rows(request: Request, key: str):
    return open(key).read()
"""
BY_DEPENDENCY = """\
@app.get("/rows/{key}", dependencies=[Depends(by_user)])
def rows(key: str):
    return open(key).read()
"""
GIVES = 'return AuthCredentials(["signed_in"]), SimpleUser("anybody")'


def auth(first: str, route: str, more: str = "") -> Auth:
    source = SOURCE.replace("{first}", f"        {first}") + route.replace("{more}", more)
    found = linker({"main.py": source})
    backend = found.run()
    found.judge(Settings())
    (endpoint,) = backend.endpoints
    return endpoint.auth


@pytest.mark.parametrize("route", [BY_DECORATOR, BY_DEPENDENCY])
def test_what_everybody_is_given_protects_nothing(route: str) -> None:
    assert auth("pass", route).verdict is Verdict.PROTECTED
    assert auth(GIVES, route).verdict is Verdict.UNPROTECTED
    assert (
        auth(f'if conn.query_params.get("demo"):\n            {GIVES}', route).verdict is Verdict.UNPROTECTED
    )


@pytest.mark.parametrize("route", [BY_DECORATOR, BY_DEPENDENCY])
def test_what_a_setting_gives_protects_unless_it_is_set(route: str) -> None:
    found = auth(f"if OPEN:\n            {GIVES}", route)
    assert found.verdict is Verdict.CONDITIONAL
    assert found.reason.endswith("denies only depending on OPEN")


def test_a_scope_of_another_name_is_no_way_through() -> None:
    assert auth(GIVES.replace("signed_in", "guest"), BY_DECORATOR).verdict is Verdict.PROTECTED
    found = auth(GIVES.replace("signed_in", "guest"), BY_DECORATOR, ", status_code=404")
    assert found.verdict is Verdict.PROTECTED
    assert auth(GIVES.replace("signed_in", "guest"), BY_DEPENDENCY).verdict is Verdict.UNPROTECTED


@pytest.mark.parametrize("route", [BY_DECORATOR, BY_DEPENDENCY])
def test_what_is_not_followed_may_give_anything(route: str) -> None:
    found = auth("import elsewhere\n        return elsewhere.who(conn)", route)
    assert found.verdict is Verdict.UNRESOLVED


def test_the_backend_looks_at_the_path() -> None:
    first = f'if conn.url.path.startswith("{{0}}"):\n            {GIVES}'
    assert auth(first.format("/rows"), BY_DECORATOR).verdict is Verdict.UNPROTECTED
    assert auth(first.format("/pages"), BY_DECORATOR).verdict is Verdict.PROTECTED


def test_that_all_is_well_is_no_denial() -> None:
    assert auth("pass", BY_DECORATOR, ", status_code=404").verdict is Verdict.PROTECTED
    assert auth("pass", BY_DECORATOR, ", status_code=200").verdict is Verdict.PUBLIC_BY_NATURE


def test_a_row_that_is_not_there_says_nothing_of_who_asks() -> None:
    route = BY_DECORATOR.replace("    return", "    raise ValueError(request.user.username)\n    return")
    found = auth(f"if OPEN:\n            {GIVES}", route)
    assert found.verdict is Verdict.CONDITIONAL


def test_what_the_start_puts_into_another_module_is_a_setting() -> None:
    state = "OPEN = False\n"
    start = "import argparse\nimport state\n\nargs = argparse.ArgumentParser().parse_args()\nstate.OPEN = args.open\n"
    source = SOURCE.replace("{first}", f"        if state.OPEN:\n            {GIVES}") + BY_DECORATOR.replace(
        "{more}", ""
    )
    found = linker({"state.py": state, "main.py": start + source})
    backend = found.run()
    found.judge(Settings())
    (endpoint,) = backend.endpoints
    assert endpoint.auth.verdict is Verdict.CONDITIONAL
    assert endpoint.auth.reason.endswith("denies only depending on state.OPEN")
