"""Checks by objects that the application or a middleware keeps for the handlers: what they do is not seen."""

from __future__ import annotations

import pytest
from linking import verdict_of

from backend_gate.backend.model import Verdict

HEAD = """\
from fastapi import Depends, FastAPI, Request

app = FastAPI()

def keeper(request: Request):
    return request.state.authentication

"""


def verdict(body: str) -> Verdict:
    signature = "request: Request, kept=Depends(keeper)"
    source = f'{HEAD}@app.post("/stock")\ndef handler({signature}):\n    {body}\n    return store(1)\n'
    return verdict_of(source)


@pytest.mark.parametrize(
    "body",
    [
        "kept.authorize_request(request, {'stock'}, require=True)",
        "request.state.guard.authorize(request)",
        "request.app.state.access.check_permission(request, 'stock')",
        "if not request.app.state.access.is_allowed(request):\n        return 1",
        "request.app.state.access.require(request)",
        "request.app.state.access.ensure_signed_in(request)",
        "request.app.state.rights.enforce(request.headers.get('authorization'), 'stock', 'write')",
        "request.app.state.people.current_user(request)",
        "app.state.access.assert_member(request)",
        "app.state.access.authorize(request)",
        "held = app.state.auth\n    held.user(request)",
        "app.state.rate_limiter.check(request.headers.get('authorization'))",
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
        "request.app.state.limiter.check(request)",
        "app.state.rate_limit.enforce(request)",
        "request.app.state.schema.validate(request.query_params)",
        "request.state.feature_flags.check(request.headers)",
        "request.app.state.csrf.validate(request)",
        "request.cookies.get('seen', '').encode('utf-8')",
    ],
)
def test_what_is_not_asked_about_the_request_denies_nothing(body: str) -> None:
    assert verdict(body) is Verdict.UNPROTECTED
