"""A whole backend without coverage data: what its tests' code says, and where that counts for nothing."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import trees

from backend_gate.backend.model import Endpoint
from backend_gate.gate import Inventory, check, inventory
from backend_gate.report import routes
from backend_gate.report.json import render_routes

APP = """\
from fastapi import FastAPI

app = FastAPI()


@app.get("/items/{number}")
def item(number: int) -> int:
    return number


@app.post("/items")
def make(number: int) -> int:
    return number


@app.websocket("/ws")
async def talk(socket) -> None:
    await socket.accept()
"""
TEST = """\
from fastapi.testclient import TestClient

from app.main import app


def test_item() -> None:
    assert TestClient(app).get("/items/3").json() == 3
"""
FILES = {"pyproject.toml": "", "app/__init__.py": "", "app/main.py": APP, "tests/unit/test_items.py": TEST}
LCOV = """\
SF:app/main.py
DA:1,1
DA:3,1
DA:6,1
DA:7,1
DA:8,{item}
DA:11,1
DA:12,1
DA:13,{make}
DA:16,1
DA:17,1
DA:18,0
end_of_record
"""
NOTE = (
    "info: No test is seen to request `{}`; there is no coverage data{}, so this was read from the requests "
    "in the tests' code"
)


def found(root: Path, **more: str) -> Inventory:
    return inventory(trees.plant(root, {**FILES, **more}), jobs=1)


def column(endpoints: list[Endpoint]) -> dict[str, str]:
    return {endpoint.path: routes.tested_by(endpoint) for endpoint in endpoints}


def messages(root: Path) -> list[str]:
    verdict = check([root], jobs=1)[1]
    return [f"{f.severity.value}: {f.message}" for f in verdict.findings if f.rule == "endpoint-untested"]


def test_the_table_says_by_request(tmp_path: Path) -> None:
    endpoints = found(tmp_path).endpoints
    text = routes.render(endpoints, [])

    assert column(endpoints) == {"/items/{number}": "unit*", "/items": "none*", "/ws": "none*"}
    assert "* read from the requests in the tests' code: no coverage data decides." in text


def test_a_test_of_no_suite(tmp_path: Path) -> None:
    endpoints = inventory(
        trees.plant(tmp_path, {"main.py": APP, "tests/test_it.py": TEST.replace("app.main", "main")}), jobs=1
    ).endpoints

    assert column(endpoints)["/items/{number}"] == "requested*"


def test_the_finding_names_its_evidence_and_is_a_note(tmp_path: Path) -> None:
    found(tmp_path)

    assert messages(tmp_path) == [
        NOTE.format("POST /items", ""),
        NOTE.format("WEBSOCKET /ws", ""),
    ]


def test_the_document_fits_its_schema(tmp_path: Path) -> None:
    listed = found(tmp_path)
    document = json.loads(render_routes(listed.endpoints, listed.unresolved))
    schema = Path(routes.__file__).parents[1] / "schemas" / "routes.json"

    jsonschema.validate(document, json.loads(schema.read_text(encoding="utf-8")))
    requested = {each["path"]: each["requested"] for each in document["endpoints"]}
    assert requested["/items/{number}"] == {
        "answer": "yes",
        "suites": ["unit"],
        "by": [{"file": "tests/unit/test_items.py", "line": 7}],
        "reason": "",
    }
    assert requested["/items"]["answer"] == "no"


def test_coverage_data_wins(tmp_path: Path) -> None:
    config = {"backend-gate.toml": "[suites.integration]\nthreshold = 0\ndata = 'it.lcov'\n"}
    listed = found(tmp_path, **config, **{"it.lcov": LCOV.format(item=0, make=1)})

    assert all(endpoint.requested is None for endpoint in listed.endpoints)
    assert column(listed.endpoints)["/items"] == "integration"
    assert [message.partition(":")[0] for message in messages(tmp_path)] == ["warning", "warning"]


def test_a_suite_that_does_not_decide_still_counts_for_what_it_runs(tmp_path: Path) -> None:
    config = "[suites.unit]\nthreshold = 0\ndata = 'unit.lcov'\n[suites.integration]\nthreshold = 0\ndata = 'no.lcov'\n"
    listed = found(tmp_path, **{"backend-gate.toml": config, "unit.lcov": LCOV.format(item=0, make=1)})

    assert column(listed.endpoints) == {"/items/{number}": "unit*", "/items": "unit", "/ws": "none*"}
    assert messages(tmp_path) == [NOTE.format("WEBSOCKET /ws", " of a suite that sends requests")]


def test_clients_are_told_apart_by_the_application_that_they_are_given(tmp_path: Path) -> None:
    main = (
        "from fastapi import FastAPI\n\nfrom api import api\n\napp = FastAPI()\napp.mount('/api', api)\n\n\n"
        "@app.get('/{page}')\ndef page(page: str) -> str:\n    return page\n"
    )
    api = (
        "from fastapi import FastAPI\n\napi = FastAPI()\n\n\n"
        "@api.get('/items')\ndef items() -> list[int]:\n    return []\n"
    )
    conftest = (
        "import contextlib\nimport httpx\nimport pytest\nfrom api import api\n\n\n"
        "@pytest.fixture\ndef make():\n"
        "    @contextlib.asynccontextmanager\n"
        "    async def _make(app):\n"
        "        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as it:\n"
        "            yield it\n"
        "    return _make\n\n\n"
        "@pytest.fixture\nasync def web(make):\n    async with make(api) as it:\n        yield it\n"
    )
    test = "async def test_items(web):\n    await web.get('/items')\n"
    files = {"main.py": main, "api.py": api, "tests/conftest.py": conftest, "tests/test_it.py": test}

    listed = inventory(trees.plant(tmp_path, files), jobs=1)

    assert column(listed.endpoints) == {"/api/items": "requested*", "/{page}": "none*"}


def test_without_tests_nothing_is_said(tmp_path: Path) -> None:
    trees.plant(tmp_path, {"main.py": APP})

    assert all(endpoint.requested is None for endpoint in inventory(tmp_path, jobs=1).endpoints)
    assert messages(tmp_path) == []


def test_a_test_that_is_no_python_is_left_out(tmp_path: Path) -> None:
    listed = found(tmp_path, **{"tests/test_broken.py": "def test(client:\n    client.get('/items')\n"})

    assert column(listed.endpoints)["/items/{number}"] == "unit*"


def test_a_client_is_found_behind_names_that_many_functions_have(tmp_path: Path) -> None:
    """Each step has two functions of its name that both lead to two of the next: 2 ** 30 ways, and one client."""
    step = "def made_{}():\n    return made_{}()  # a Client(…)\n\n\n"
    chain = "".join(step.format(n, n + 1) for n in range(30))
    end = "from fastapi.testclient import TestClient\nfrom app.main import app\n\n\n{}def made_30():\n    return {}\n"
    test = "from .one import made_0\n\n\ndef test_item() -> None:\n    assert made_0().get('/items/3').json() == 3\n"
    more = {
        "tests/unit/__init__.py": "",
        "tests/unit/one.py": end.format(chain, "None"),
        "tests/unit/two.py": end.format(chain, "TestClient(app)"),
        "tests/unit/test_items.py": test,
    }
    assert column(found(tmp_path, **more).endpoints)["/items/{number}"] == "unit*"
