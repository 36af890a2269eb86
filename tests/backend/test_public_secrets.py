"""Settings in answers: which of them nobody may read without a guard."""

import linking
import pytest

from backend_gate.backend.model import Verdict

HEAD = """\
import os
from fastapi import FastAPI
from pydantic_settings import BaseSettings

class Harbour(BaseSettings):
    title: str = "harbour"
    database_url: str = "sqlite://"
    map_public_token: str = ""
    signing_key: str

class Look(BaseSettings):
    title: str = "harbour"
    colour: str = "blue"

harbour = Harbour()
look = Look()
app = FastAPI()

"""


def verdict_of(path: str, body: str) -> Verdict:
    """The verdict on an endpoint that reads nothing but settings."""
    return linking.verdict_of(f'{HEAD}@app.get("{path}")\ndef shown():\n    {body}\n')


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/config", "return {'database': os.environ['DB_PASSWORD']}"),
        ("/config", "return {'signed with': os.getenv('SIGNING_KEY', '')}"),
        ("/config", "return {'title': harbour.title, 'more': [harbour.signing_key]}"),
        ("/config", "return harbour"),
        ("/version", "return {'version': '1', 'admin': os.getenv('ADMIN_TOKEN', '')}"),
        ("/info", "return f'connected to {harbour.database_url}'"),
    ],
)
def test_a_secret_in_the_answer_is_for_nobody(path: str, body: str) -> None:
    assert verdict_of(path, body) is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/config", "return {'title': harbour.title, 'maps': harbour.map_public_token}"),
        ("/config", "return {'signs': bool(harbour.signing_key)}"),
        ("/health", "return {'ok': True, 'signs': harbour.signing_key is not None}"),
        ("/health", "return {'signs': 'yes' if harbour.signing_key else 'no'}"),
        ("/config", "return look"),
        ("/config", "return {'address': os.environ['TOKEN_URL']}"),
    ],
)
def test_what_pages_need_and_whether_there_is_a_secret_are_for_everybody(path: str, body: str) -> None:
    assert verdict_of(path, body) is Verdict.PUBLIC_BY_NATURE
