"""What stands behind a loop whose rounds end the function, unless a condition skips them."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.backend.model import Verdict
from backend_gate.settings import Settings

HEAD = """\
from fastapi import Depends, FastAPI, HTTPException, Request

app = FastAPI()
rows = {}
FIELDS = ("source", "target")

"""
ROUTE = """

@app.post("/rows")
def add(request: Request, user: str = Depends(guard)):
    rows["x"] = user
"""


def verdict(guard: str) -> Verdict:
    found = linker({"main.py": HEAD + guard + ROUTE})
    backend = found.run()
    found.judge(Settings())
    (endpoint,) = backend.endpoints
    return endpoint.auth.verdict


SKIPS = """\
def guard(request: Request):
    key = request.headers.get("x-key")
    for field in FIELDS:
        if field not in request.query_params:
            continue
        raise HTTPException(401)
    {then}
"""


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ("return key", Verdict.UNPROTECTED),
        ("if not key:\n        raise HTTPException(401)", Verdict.PROTECTED),
    ],
)
def test_rounds_that_are_skipped(then: str, expected: Verdict) -> None:
    assert verdict(SKIPS.format(then=then)) is expected


def test_rounds_that_end_the_loop() -> None:
    ends = SKIPS.replace("continue", "break").format(then="return key")
    assert verdict(ends) is Verdict.UNPROTECTED
    forever = ends.replace("for field in FIELDS", "while True").replace("if field", "if 'source'")
    assert verdict(forever) is Verdict.UNPROTECTED


def test_a_loop_that_only_ends_with_a_denial() -> None:
    forever = SKIPS.replace("for field in FIELDS", "while True").replace("if field", "if 'source'")
    assert verdict(forever.format(then="return key")) is Verdict.PROTECTED


FLAG = """\
from elsewhere import settings, checks


def guard(request: Request):
    found = False
    for one in settings.all():
        if {test}:
            found = True
            break
    if not found:
        raise HTTPException(403)
"""


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("request.query_params.get('kind') == 'plain'", Verdict.UNPROTECTED),
        ("checks.knows(request, one)", Verdict.UNRESOLVED),
        ("one == request.headers.get('x-key')", Verdict.PROTECTED),
    ],
)
def test_a_flag_that_a_round_sets_before_it_ends_the_loop(test: str, expected: Verdict) -> None:
    assert verdict(FLAG.format(test=test)) is expected
