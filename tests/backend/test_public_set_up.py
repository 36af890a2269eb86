"""What is set up once for the whole process is no work of the request that happens to be the first."""

from __future__ import annotations

import pytest
from linking import verdict_of

from backend_gate.backend.model import Verdict

SOURCE = """\
from functools import cache, lru_cache
from pathlib import Path
import shutil
from fastapi import FastAPI

app = FastAPI()

def folder():
    Path("/data").mkdir(exist_ok=True)
    return Path("/data")

def secret():
    with open("/data/secret", "w") as kept:
        kept.write("s")
    return "s"

{decorator}
def settings():
    folder()
    {first}
    return {{"version": "1"}}

@app.get("/api/app/about")
def about():
    return {{"version": settings()["version"]}}
"""


@pytest.mark.parametrize(
    ("decorator", "first", "expected"),
    [
        ("@lru_cache", "secret()", Verdict.PUBLIC_BY_NATURE),
        ("@lru_cache(maxsize=1)", "secret()", Verdict.PUBLIC_BY_NATURE),
        ("@cache", "shutil.rmtree('/data/old')", Verdict.PUBLIC_BY_NATURE),
        ("", "pass", Verdict.PUBLIC_BY_NATURE),
        ("", "secret()", Verdict.UNPROTECTED),
        ("", "shutil.rmtree('/data/old')", Verdict.UNPROTECTED),
    ],
)
def test_what_is_set_up_once(decorator: str, first: str, expected: Verdict) -> None:
    assert verdict_of(SOURCE.format(decorator=decorator, first=first)) is expected
