"""Which URL a test asks for, however it is put together; and what sends requests."""

from __future__ import annotations

import linking
import pytest

from backend_gate.backend.interpreter import Interpreter
from backend_gate.backend.library import NATIVES
from backend_gate.backend.modules import ModuleTable
from backend_gate.evidence.requests.code import TestCode
from backend_gate.evidence.requests.model import Sent
from backend_gate.evidence.requests.reading import RequestReader
from backend_gate.facts.model import encode_facts
from backend_gate.facts.reader import read_source


def requests(source: str, **others: str) -> list[Sent]:
    """The requests in a test module, and in ``others``, of which only ``conftest`` belongs to the tests."""
    files = {"test_it.py": source, **{f"{name}.py": text for name, text in others.items()}}
    encoded = {path: encode_facts(read_source(path, text.encode())) for path, text in files.items()}
    modules = ModuleTable({linking.module_name(path): path for path in files}, encoded)
    interpreter = Interpreter(modules, linking.vocabulary(), NATIVES, lambda text: None)
    tests = [path for path in files if path in ("test_it.py", "conftest.py")]
    return list(RequestReader(interpreter, TestCode(modules, tests)).requests())


def sent(source: str, **others: str) -> list[str]:
    """The same as ``GET /items/{}``, with ``{}`` for what is not known."""
    found = requests(source, **others)
    return [
        f"{each.method or '?'} {each.route or ''.join('{}' if p is None else p for p in each.path)}"
        for each in found
    ]


def asked_for(url: str, before: str = "", **others: str) -> list[str]:
    return sent(f"{before}\ndef test_it(client, user):\n    client.get({url})\n", **others)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ('"/items"', "/items"),
        ('"/items?size=3#top"', "/items"),
        ('"https://example.org/items"', "/items"),
        ('"https://example.org"', "/"),
        ('f"/items/{user.id}/parts"', "/items/{}/parts"),
        ('"/items/" + str(user.id)', "/items/{}"),
        ('"/items/%s/parts" % user.id', "/items/{}/parts"),
        ('"/items/{}/parts".format(user.id)', "/items/{}/parts"),
        ('"/".join(["", "items", user.id])', "/items/{}"),
        ('f"{user.base}/items?size={user.size}"', "{}/items"),
        ('f"/items{user.query}"', "/items{}"),
        ('url="/items"', "/items"),
        ('"/a%20b"', "/a b"),
    ],
)
def test_urls_are_put_together(url: str, path: str) -> None:
    assert asked_for(url) == [f"GET {path}"]


def test_constants_of_modules_and_settings() -> None:
    settings = (
        "from pydantic_settings import BaseSettings\n"
        "class Settings(BaseSettings):\n    prefix: str = '/api/v1'\n"
        "settings = Settings()\n"
    )
    routes = "base = '/api'\ndef user(id):\n    return f'{base}/users/{id}'\n"
    before = "from app import settings\nimport routes\nITEMS = f'{settings.prefix}/items'\n"

    assert asked_for("ITEMS", before, app=settings, routes=routes) == ["GET /api/v1/items"]
    assert asked_for("f'{settings.prefix}/me'", before, app=settings, routes=routes) == ["GET /api/v1/me"]
    assert asked_for("routes.user(user.id)", before, app=settings, routes=routes) == ["GET /api/users/{}"]


def test_names_of_the_function_and_loops() -> None:
    source = (
        "def test_it(client):\n"
        "    url = '/a'\n"
        "    client.get(url)\n"
        "    for path in ['/b', '/c']:\n"
        "        client.post(path)\n"
        "    for method, path in [('PUT', '/d')]:\n"
        "        client.request(method, path)\n"
        "    more = '/e'\n"
        "    more += '?x=1'\n"
        "    client.delete(more)\n"
    )

    assert sent(source) == ["GET /a", "POST /b", "POST /c", "PUT /d", "DELETE /e"]


def test_cases() -> None:
    source = (
        "import pytest\n"
        "PATHS = ['/a', pytest.param('/b', id='second')]\n"
        "@pytest.mark.parametrize('path', PATHS)\n"
        "def test_one(client, path):\n    client.get(path)\n"
        "@pytest.mark.parametrize(('path', 'status'), [('/c', 200), ('/d', 404)])\n"
        "def test_two(client, path, status):\n    client.get(path)\n"
        "@pytest.mark.parametrize('path, status', [('/e', 200)])\n"
        "class TestThree:\n    def test_it(self, client, path, status):\n        client.get(path)\n"
    )

    assert sent(source) == ["GET /a", "GET /b", "GET /c", "GET /d", "GET /e"]


def test_more_cases_than_a_branch_has() -> None:
    paths = [f"/{number}" for number in range(30)]
    source = (
        f"import pytest\n@pytest.mark.parametrize('p', {paths!r})\ndef test(client, p):\n    client.get(p)\n"
    )

    assert sent(source) == [f"GET {path}" for path in paths]


def test_a_helper_is_followed_to_its_callers() -> None:
    source = (
        "def fetch(web, path, size=1):\n    return web.get(f'/api{path}?size={size}')\n"
        "def unused(client, path):\n    return client.get(path)\n"
        "def login(client):\n    client.post('/login')\n"
        "def test_it(client):\n    fetch(client, '/a')\n    fetch(client, path='/b')\n    login(client)\n"
    )
    found = requests(source)

    assert sent(source) == ["GET /api/a", "GET /api/b", "POST /login"]
    assert [each.place.span.line for each in found] == [8, 9, 10]


def test_a_method_of_something_else_is_no_call_of_a_helper() -> None:
    source = (
        "def create(client, path='/a'):\n    client.post(path)\n"
        "def test_it(client, service):\n    create(client)\n    service.create(client, '/b')\n"
    )

    assert sent(source) == ["POST /a"]


def test_fixtures_give_urls_and_clients() -> None:
    conftest = (
        "import pytest\nfrom fastapi.testclient import TestClient\n"
        "@pytest.fixture\ndef web():\n    with TestClient(app, base_url='http://t/api') as it:\n        yield it\n"
        "@pytest.fixture(name='items')\ndef items_url():\n    return '/items'\n"
        "@pytest.fixture\ndef as_admin(web):\n    return web\n"
    )
    source = "def test_it(as_admin, items):\n    as_admin.get(items)\n    as_admin.get('sub')\n"

    assert sent(source, conftest=conftest) == ["GET /api/items", "GET /api/sub"]


def test_cases_of_fixtures() -> None:
    conftest = (
        "import pytest\n"
        "@pytest.fixture(params=['/v1', pytest.param('/v2', id='two')])\n"
        "def prefix(request):\n    return request.param\n"
    )
    source = "def test_it(client, prefix):\n    client.get(f'{prefix}/items')\n"

    assert sent(source, conftest=conftest) == ["GET /v1/items", "GET /v2/items"]


def test_objects_of_test_classes() -> None:
    source = (
        "from fastapi.testclient import TestClient\n"
        "class TestItems:\n"
        "    base = '/items'\n"
        "    def setup_method(self):\n        self.http = TestClient(app)\n        self.one = '/items/1'\n"
        "    def test_it(self):\n        self.http.get(self.base)\n        self.http.delete(self.one)\n"
    )

    assert sent(source) == ["GET /items", "DELETE /items/1"]


def test_urls_by_the_names_of_routes() -> None:
    source = (
        "import pytest\n"
        "def test_it(app, client):\n    client.get(app.url_path_for('items:one', id=1))\n"
        "def test_more(app, client):\n    client.post(str(app.url_path_for(name='order')) + '?x=1')\n"
        "@pytest.mark.parametrize('name', ['a', 'b'])\n"
        "def test_all(app, client, name):\n    client.put(app.url_path_for(name))\n"
    )

    assert sent(source) == ["GET items:one", "POST order", "PUT a", "PUT b"]


@pytest.mark.parametrize(
    ("receiver", "before"),
    [
        ("TestClient(app)", ""),
        ("web", "from httpx import AsyncClient\nweb: AsyncClient = AsyncClient(app=app)\n"),
        ("requests", "import requests\n"),
        ("http", "import requests\nhttp = requests.Session()\n"),
        ("api_client", ""),
        ("users['admin'].client", ""),
        ("web", "web = app.test_client()\n"),
    ],
)
def test_what_sends_requests(receiver: str, before: str) -> None:
    assert sent(f"{before}def test_it():\n    {receiver}.get('/items')\n") == ["GET /items"]


@pytest.mark.parametrize(
    ("receiver", "before"),
    [
        ("data", ""),
        ("session", "from sqlalchemy.orm import Session\nsession = Session(engine)\n"),
        ("client", "client = make_store()\n"),
        ("response.json()", ""),
    ],
)
def test_what_does_not(receiver: str, before: str) -> None:
    assert sent(f"{before}def test_it():\n    {receiver}.get('/items')\n") == []


def test_a_key_is_no_url_of_what_is_only_called_a_client() -> None:
    assert sent("def test_it(cache_client):\n    cache_client.get('users')\n") == []


def test_sockets_streams_and_methods_that_are_not_known() -> None:
    source = (
        "def test_it(client, method):\n"
        "    with client.websocket_connect('/ws') as socket: ...\n"
        "    with client.stream('GET', '/big') as answer: ...\n"
        "    client.request(method, '/any')\n"
    )

    assert sent(source) == ["WEBSOCKET /ws", "GET /big", "? /any"]


def test_what_an_answer_says_is_not_known() -> None:
    source = (
        "async def test_it(client):\n"
        "    made = await client.post('/items')\n"
        "    await client.get(f\"/items/{made.json()['id']}\")\n"
        "    await client.get(made.headers['location'])\n"
    )

    assert sent(source) == ["POST /items", "GET /items/{}", "GET {}"]


def test_a_name_means_what_it_was_last_given() -> None:
    source = (
        "def test_it(client, there):\n"
        "    url = '/a'\n    client.post(url)\n"
        "    url = url + '/b'\n    client.get(url)\n"
        "    if there:\n        url = '/c'\n    client.put(url)\n"
        "    while there:\n        client.head(url)\n        url = url + '/x'\n"
    )

    assert sent(source) == ["POST /a", "GET /a/b", "PUT /a/b", "PUT /c", "HEAD /a/b", "HEAD /c"]
