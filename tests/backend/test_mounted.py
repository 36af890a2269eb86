"""What is mounted below an application: followed, known to serve files, or said not to be followed."""

from __future__ import annotations

import pytest
from linking import linker

HEAD = """\
from ariadne.asgi import GraphQL
from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

app = FastAPI()
inner = FastAPI()

class Pages(StaticFiles):
    pass

class Answers:
    async def __call__(self, scope, receive, send):
        await send({"type": "http.response.start", "status": 200})

async def answers(scope, receive, send):
    await send({"type": "http.response.start", "status": 200})

"""


def reasons(mounted: str) -> list[str]:
    return [
        one.reason for one in linker({"main.py": f'{HEAD}app.mount("/below", {mounted})\n'}).run().unresolved
    ]


@pytest.mark.parametrize(
    "mounted", ["inner", "GZipMiddleware(inner)", 'StaticFiles(directory="x")', 'Pages(directory="x")']
)
def test_nothing_is_said_of_what_is_known(mounted: str) -> None:
    assert reasons(mounted) == []


@pytest.mark.parametrize(
    ("mounted", "why"),
    [
        ("GraphQL(schema)", "ariadne.asgi.GraphQL is made outside the project"),
        ("GraphQL(inner.state)", "ariadne.asgi.GraphQL is made outside the project"),
        ("Answers()", "main.Answers answers by itself, without routes"),
        ("answers", "it is a function, which answers by itself, without routes"),
    ],
)
def test_what_answers_by_itself_is_said(mounted: str, why: str) -> None:
    assert reasons(mounted) == [f"the mounted application cannot be followed: {why}"]
