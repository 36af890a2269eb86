"""Checks by objects that the application or a middleware keeps for the handlers: what they do is not seen."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.backend.model import Verdict
from backend_gate.settings import Settings

HEAD = """\
from fastapi import Depends, FastAPI, Request

app = FastAPI()

def keeper(request: Request):
    return request.state.authentication

"""


def verdict(body: str) -> Verdict:
    signature = "request: Request, kept=Depends(keeper)"
    source = f'{HEAD}@app.post("/stock")\ndef handler({signature}):\n    {body}\n    return store(1)\n'
    linked = linker({"main.py": source})
    backend = linked.run()
    linked.judge(Settings())
    (endpoint,) = backend.endpoints
    return endpoint.auth.verdict


@pytest.mark.parametrize(
    "body",
    [
        "kept.authorize_request(request, {'stock'}, require=True)",
        "request.state.guard.authorize(request)",
        "request.app.state.access.check_permission(request, 'stock')",
        "if not request.app.state.access.is_allowed(request):\n        return 1",
    ],
)
def test_whether_they_deny_is_not_known(body: str) -> None:
    assert verdict(body) is Verdict.UNRESOLVED


@pytest.mark.parametrize(
    "body",
    [
        "request.state.user.check_stock('bolts')",
        "request.app.state.log.write(request)",
        "request.app.state.cache.check('bolts')",
        "request.cookies.get('seen', '').encode('utf-8')",
    ],
)
def test_what_is_not_asked_about_the_request_denies_nothing(body: str) -> None:
    assert verdict(body) is Verdict.UNPROTECTED
