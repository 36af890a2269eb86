"""What a dependency has made of a request and its user, handed to code that cannot be seen: that may deny."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.backend.model import Verdict
from backend_gate.settings import Settings

BOXES = """\
def filled(boxes, *others):
    for other in others:
        boxes |= other.boxes
    return boxes

def open_all(others):
    return filled({}, *others)

made = [open_all(one) for one in sorted(vars())]
"""
HEAD = """\
import logging
from fastapi import Depends, FastAPI, Header
from . import boxes

app = FastAPI()
service = boxes.made[__name__]
SESSIONS = {"t-1": "anna"}

class Context:
    def __init__(self, member):
        self.member = member

def member_of(x_token: str | None = Header(None)):
    return SESSIONS.get(x_token)

def context_of(member=Depends(member_of)):
    return Context(member)

def settings_of():
    return Context("nobody in particular")

def kept(text):
    open("kept", "a").write(text)

"""


@pytest.mark.parametrize(
    ("parameter", "does", "expected"),
    [
        ("context=Depends(context_of)", "return service.rename(context, name)", Verdict.UNRESOLVED),
        ("context=Depends(context_of)", "return kept(name)", Verdict.UNPROTECTED),
        ("context=Depends(context_of)", "logging.info('%s', context)\n    kept(name)", Verdict.UNPROTECTED),
        ("context=Depends(settings_of)", "return service.rename(context, name)", Verdict.UNPROTECTED),
        ("member=Depends(member_of)", "return service.rename(member, name)", Verdict.UNPROTECTED),
    ],
    ids=["handed to a service", "not handed on", "logged", "of nobody", "only somebody or nobody"],
)
def test_a_context_that_is_handed_on(parameter: str, does: str, expected: Verdict) -> None:
    source = HEAD + f"@app.post('/rooms/{{name}}')\ndef rename(name: str, {parameter}):\n    {does}\n"
    found = linker({"inn/__init__.py": "", "inn/boxes.py": BOXES, "inn/main.py": source})
    (endpoint,) = found.run().endpoints
    found.judge(Settings())

    assert endpoint.auth.verdict is expected
    if expected is Verdict.UNRESOLVED:
        assert endpoint.auth.reason == "whether service.rename denies whoever has no credential is not known"
