"""What is public by its name alone, and what stands there all the same: a guard, a placeholder, another answer."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.backend.model import Verdict
from backend_gate.settings import Settings

HEAD = """\
import os
from fastapi import Depends, FastAPI, HTTPException, Request
from somewhere import machine
from somewhere_login import Manager

app = FastAPI()
manager = Manager("s")


def unless_open(request: Request):
    if os.environ.get("OPEN"):
        return
    if "x-key" not in request.headers:
        raise HTTPException(401)

"""


def verdict(
    method: str, path: str, parameters: str = "", does: str = "open('x', 'a').write(label)"
) -> Verdict:
    source = HEAD + f"@app.{method}({path!r})\ndef answers(label: str{parameters}):\n    {does}\n"
    found = linker({"main.py": source})
    backend = found.run()
    found.judge(Settings())
    (endpoint,) = backend.endpoints
    return endpoint.auth.verdict


def test_a_guard_says_that_not_everybody_may_sign_up() -> None:
    path = "/users/register"
    assert verdict("post", path) is Verdict.PUBLIC_BY_NATURE
    assert verdict("post", path, ", user=Depends(manager)") is Verdict.UNRESOLVED
    assert verdict("post", path, ", user=Depends(unless_open)") is Verdict.CONDITIONAL


def test_tokens_are_no_accounts() -> None:
    assert verdict("post", "/tokens/register") is Verdict.UNPROTECTED
    assert verdict("post", "/token/register") is Verdict.UNPROTECTED
    assert verdict("post", "/auth/register") is Verdict.PUBLIC_BY_NATURE


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/things/{label}/docs", Verdict.UNPROTECTED),
        ("/api/docs", Verdict.PUBLIC_BY_NATURE),
        ("/docs/{label}", Verdict.PUBLIC_BY_NATURE),
    ],
)
def test_documentation_is_that_of_the_service(path: str, expected: Verdict) -> None:
    assert verdict("get", path, does="return machine.pages(label)") is expected


def test_documentation_of_one_of_many_is_made_by_the_framework() -> None:
    made = "return get_openapi(title=label, version='1', routes=machine.routes)"
    assert verdict("get", "/rooms/{label}/openapi.json", does=made) is Verdict.PUBLIC_BY_NATURE
    assert (
        verdict("get", "/rooms/{label}/docs", does="return get_swagger_ui_html('x', label)")
        is Verdict.PUBLIC_BY_NATURE
    )


def test_words_of_a_path_may_be_written_as_one() -> None:
    does = "machine.send(label)"
    assert verdict("post", "/users/passwordResetRequest", does=does) is Verdict.PUBLIC_BY_NATURE
    assert (
        verdict("post", "/users/acceptInvite", ", password: str = Body()", does=does)
        is Verdict.PUBLIC_BY_NATURE
    )
    assert verdict("post", "/users/passwordLength", does=does) is Verdict.UNPROTECTED


def test_what_is_said_of_the_server_is_named() -> None:
    assert verdict("get", "/server_info", does="return machine.everything()") is Verdict.UNPROTECTED
    assert verdict("get", "/server_info", does="return {'version': '1'}") is Verdict.PUBLIC_BY_NATURE
