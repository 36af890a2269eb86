"""Answers that tell how a service is set up, each with one that tells more."""

from __future__ import annotations

import pytest
from linking import verdicts

from backend_gate.backend.model import Verdict

HEAD = """\
import json
import os
import sqlite3
from pathlib import Path
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from pydantic_settings import BaseSettings
from corp import registry

app = FastAPI()
db = sqlite3.connect("x.db")
notes: list[str] = []


class Settings(BaseSettings):
    theme: str = "dark"
    limit: int = 5
    api_key: str = ""
    open_to_all: bool = False


class Options(BaseModel):
    theme: str
    limit: int


class PageConfig(BaseModel):
    theme: str
    plugins: list[str]
    password: bool = False


class MailConfig(BaseModel):
    host: str
    password: str


class Service:
    def __init__(self):
        self.settings = Settings()
        self.last = None

    def note(self, text):
        self.last = text


settings = Settings()
service = Service()


@app.post("/notes")
def add(request: Request):
    if request.headers.get("authorization") != "Bearer s":
        from fastapi import HTTPException

        raise HTTPException(401)
    notes.append("one")


"""


def judged(route: str) -> Verdict:
    found = verdicts(HEAD + route)
    found.pop("/notes")
    (verdict,) = found.values()
    return verdict


@pytest.mark.parametrize(
    "body",
    [
        "    return {'theme': settings.theme, 'limits': {'rows': service.settings.limit}}\n",
        "    return {'password': bool(settings.open_to_all), 'theme': service.settings.theme}\n",
        "    return JSONResponse({'theme': service.settings.theme, 'kinds': ['a', 'b']})\n",
        "    return Options(theme=service.settings.theme, limit=service.settings.limit)\n",
        (
            "    path = Path(__file__).parent / 'translations' / 'en.json'\n"
            "    return {'texts': json.loads(path.read_text()), 'theme': service.settings.theme}\n"
        ),
    ],
)
def test_settings_and_translations(body: str) -> None:
    verdict = judged(f"@app.get('/ui-options')\ndef options():\n{body}")
    assert verdict in (Verdict.UNRESOLVED, Verdict.PUBLIC_BY_NATURE)


@pytest.mark.parametrize(
    "body",
    [
        "    return {'theme': settings.theme, 'key': service.settings.api_key}\n",
        "    return {'theme': settings.theme, 'notes': notes}\n",
        "    return {'theme': settings.theme, 'last': service.last}\n",
        "    return {'theme': settings.theme, 'rows': db.execute('SELECT * FROM note').fetchall()}\n",
        "    return {'theme': settings.theme, 'all': json.loads(Path('/srv/reports/all.json').read_text())}\n",
        "    return {'theme': settings.theme, 'all': registry.people()}\n",
        "    return {'theme': settings.theme, **dict(os.environ)}\n",
        "    service.note('asked')\n    db.execute('DELETE FROM note')\n    return {'theme': settings.theme}\n",
    ],
)
def test_what_tells_more_is_open(body: str) -> None:
    assert judged(f"@app.get('/ui-options')\ndef options():\n{body}") is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    ("route", "verdict"),
    [
        ("def page() -> PageConfig:\n    return registry.page()\n", Verdict.UNRESOLVED),
        ("def page(request: Request) -> PageConfig:\n    return registry.page()\n", Verdict.UNRESOLVED),
        # it has a secret, is asked for something, is named for something else, or is read from somewhere
        ("def mail() -> MailConfig:\n    return registry.mail()\n", Verdict.UNPROTECTED),
        ("def page(name: str) -> PageConfig:\n    return registry.page(name)\n", Verdict.UNPROTECTED),
        ("def page() -> Options:\n    return registry.page()\n", Verdict.UNPROTECTED),
        ("def page() -> Settings:\n    return registry.page()\n", Verdict.UNPROTECTED),
        ("def page() -> PageConfig:\n    return json.load(open('/srv/page.json'))\n", Verdict.UNPROTECTED),
        (
            "def page() -> PageConfig:\n    return db.execute('SELECT * FROM page').fetchone()\n",
            Verdict.UNPROTECTED,
        ),
    ],
)
def test_a_model_that_is_named_for_it(route: str, verdict: Verdict) -> None:
    assert judged(f"@app.get('/page')\n{route}") is verdict
