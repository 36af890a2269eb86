"""An application without any guard is one finding; everything else about its endpoints stays one by one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from repositories import commit, repository
from running import gate_here
from trees import plant

from backend_gate.compare import check_changes
from backend_gate.gate import Overrides, check
from backend_gate.rules.model import Finding, Severity
from backend_gate.settle.verdict import Outcome, Verdict

RULES = ("endpoint-without-auth", "suppression-stale")
HEAD = """\
import sqlite3

from fastapi import Depends, FastAPI, Header, HTTPException, Request, WebSocket
from pydantic import BaseModel

KEYS = {"k-1": "anna"}
NOTES: dict[str, str] = {}


def read() -> dict[str, str]:
    return dict(sqlite3.connect("notes.db").execute("SELECT name, text FROM notes"))


def require_key(x_api_key: str = Header("")) -> str:
    if x_api_key not in KEYS:
        raise HTTPException(401)
    return KEYS[x_api_key]


"""
APP = "app = FastAPI()\n"
LINE = HEAD.count("\n") + 1
READ = '\n\n@{1}.get("/{0}")\ndef {0}() -> dict[str, str]:\n    return read()\n'
WRITE = '\n\n@{1}.put("/{0}")\ndef {0}(text: str) -> None:\n    NOTES["{0}"] = text\n'
GUARDED = (
    '\n\n@app.delete("/mine")\ndef mine(user: str = Depends(require_key)) -> None:\n    NOTES.pop(user)\n'
)


def reads(*names: str, on: str = "app") -> str:
    """Endpoints that hand out what is stored."""
    return "".join(READ.format(name, on) for name in names)


def writes(*names: str, on: str = "app") -> str:
    """Endpoints that store something."""
    return "".join(WRITE.format(name, on) for name in names)


OPEN = HEAD + APP + reads("one") + writes("two") + reads("three")


def judged(root: Path, source: str | None = None, *, use_baseline: bool = True) -> Verdict:
    """The verdict on a backend of one module, or on what is there."""
    if source is not None:
        plant(root, {"main.py": source})
    return check([root], Overrides(select=RULES, use_baseline=use_baseline), jobs=1)[1]


def since(root: Path) -> Verdict:
    """The verdict on what is new since the last commit."""
    with check_changes([root], Overrides(select=RULES), since="HEAD", jobs=1) as done:
        return done.verdict


def names(verdict: Verdict) -> list[str]:
    """The function, or the application, of each finding."""
    return sorted(finding.symbol.removeprefix("main.") for finding in verdict.findings)


def only(verdict: Verdict) -> Finding:
    """The one finding that there is."""
    assert len(verdict.findings) == 1, verdict.findings
    return verdict.findings[0]


# --- what is told as one -------------------------------------------------------------------------


def test_an_application_without_any_guard_is_one_finding(tmp_path: Path) -> None:
    verdict = judged(tmp_path, OPEN)
    finding = only(verdict)
    assert finding.message == (
        "No endpoint of the application `main.app` has a guard: without credentials anybody can call 3 of them: "
        "`PUT /two`, `GET /one` and `GET /three`"
    )
    assert (finding.place.file, finding.place.span.line, finding.severity) == (
        "main.py",
        LINE,
        Severity.ERROR,
    )
    assert [item.message for item in finding.related] == ["`PUT /two`", "`GET /one`", "`GET /three`"]
    assert [part.symbol for part in finding.parts] == ["main.two", "main.one", "main.three"]
    assert (verdict.outcome, verdict.count(Severity.ERROR), verdict.count(Severity.WARNING)) == (
        Outcome.FAILS,
        1,
        0,
    )
    assert verdict.backends[0].findings == verdict.findings
    assert verdict.endpoints["unprotected"] == 3


def test_it_stands_at_the_name_of_what_is_called(tmp_path: Path) -> None:
    for made, name in (
        ('FastAPI(\n    title="é",\n    version="1",\n)', "FastAPI"),
        ("fastapi.FastAPI()", "fastapi.FastAPI"),
    ):
        span = only(judged(tmp_path, "import fastapi\n" + OPEN.replace("FastAPI()", made))).place.span
        assert (span.line, span.column) == (LINE + 1, len("app = ") + 1)
        assert (span.end_line, span.end_column) == (LINE + 1, span.column + len(name))


def test_reads_alone_are_a_warning(tmp_path: Path) -> None:
    verdict = judged(tmp_path, HEAD + APP + reads("one", "two", "three"))
    assert (only(verdict).severity, verdict.outcome) == (Severity.WARNING, Outcome.PASSES)


def test_two_are_read_as_fast_one_by_one(tmp_path: Path) -> None:
    assert names(judged(tmp_path, HEAD + APP + reads("one") + writes("two"))) == ["one", "two"]


def test_a_sign_in_and_public_pages_guard_nothing(tmp_path: Path) -> None:
    public = """

class Credentials(BaseModel):
    name: str
    password: str


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/login")
def login(given: Credentials) -> dict[str, str]:
    if KEYS.get(given.password) != given.name:
        raise HTTPException(401)
    return {"token": given.password}
"""
    assert names(judged(tmp_path, OPEN + public)) == ["app"]


def test_messages_of_a_websocket_are_no_credential(tmp_path: Path) -> None:
    socket = """

@app.websocket("/live")
async def live(socket: WebSocket) -> None:
    await socket.accept()
    async for text in socket.iter_text():
        NOTES["live"] = text
"""
    finding = only(judged(tmp_path, OPEN + socket))
    assert "4 of them, among them `PUT /two`, `WEBSOCKET /live` and `GET /one`" in finding.message


def test_whether_an_endpoint_needs_a_guard_is_no_guard(tmp_path: Path) -> None:
    file = """

@app.get("/boats/{boat}/pictures/{name}")
def file(boat: UUID, name: str):
    return FileResponse(Path("/srv/kept") / str(boat) / name)
"""
    more = "from pathlib import Path\nfrom uuid import UUID\nfrom fastapi.responses import FileResponse\n\n"
    verdict = judged(tmp_path, more + OPEN + file)
    assert (names(verdict), verdict.endpoints["unresolved"]) == (["app"], 1)


def test_a_handler_that_only_refuses_is_no_guard(tmp_path: Path) -> None:
    stub = "\n\n@app.get('/later')\ndef later() -> None:\n    raise HTTPException(501, 'not there yet')\n"

    assert names(judged(tmp_path, OPEN + stub)) == ["app"]


def test_a_handler_that_nobody_can_read_is_no_guard(tmp_path: Path) -> None:
    made = "\n\nfrom plugin import made\n\napp.add_api_route('/made', made.get('made'), methods=['POST'])\n"
    told = (
        "\n\nfor name in made.names():\n    app.add_api_route(f'/{name}', made.get(name), methods=['POST'])\n"
    )

    verdict = judged(tmp_path, OPEN + made + told)

    assert len(verdict.findings) == 1


ASKING = {
    "guarded": GUARDED,
    "unresolved": """

@app.get("/mine")
def mine(key: str = Depends(require_user)) -> dict[str, str]:
    return read()
""",
    "conditional": """

@app.get("/mine")
def mine(request: Request) -> dict[str, str]:
    if STRICT and "authorization" not in request.headers:
        raise HTTPException(401)
    return read()
""",
    "reads a credential": """

@app.get("/mine")
def mine(request: Request) -> dict[str, str]:
    print(request.headers.get("authorization"))
    return read()
""",
}
MORE_NAMES = "from plugin import require_user\nimport os\n\nSTRICT = bool(os.getenv('STRICT'))\nKEYS"


@pytest.mark.parametrize("more", ASKING.values(), ids=ASKING)
def test_an_endpoint_that_asks_keeps_the_others_apart(tmp_path: Path, more: str) -> None:
    found = names(judged(tmp_path, OPEN.replace("\nKEYS", MORE_NAMES) + more))
    assert set(found) >= {"one", "three", "two"}
    assert "app" not in found


def test_middleware_that_asks_on_some_paths_keeps_the_others_apart(tmp_path: Path) -> None:
    middleware = """

@app.middleware("http")
async def keys(request: Request, call_next):
    if request.url.path.startswith("/one") and request.headers.get("x-api-key") not in KEYS:
        raise HTTPException(401)
    return await call_next(request)
"""
    found = names(judged(tmp_path, OPEN.replace(APP, APP + middleware) + writes("four")))
    assert "app" not in found
    assert {"two", "three", "four"} <= set(found)


def test_a_condition_that_all_share_is_said_once(tmp_path: Path) -> None:
    routes = (reads("one", "two") + writes("three")).replace("\n", "\n    ")
    extra = '\n\nif os.getenv("MORE"):' + writes("four").replace("\n", "\n    ")
    source = HEAD + "import os\n\n" + APP + '\nif os.getenv("DEMO"):' + routes
    finding = only(judged(tmp_path, source))
    assert """3 of them, where `os.getenv("DEMO")` holds: `""" in finding.message.replace("'", '"')
    finding = only(judged(tmp_path, source + extra))
    assert "holds" not in finding.message
    assert all(item.message.endswith(" holds") for item in finding.related)


# --- several applications ------------------------------------------------------------------------


def test_each_application_has_its_own(tmp_path: Path) -> None:
    more = "\nadmin = FastAPI()\n" + writes("four", "five", "six", on="admin") + reads("seven", on="admin")
    verdict = judged(tmp_path, OPEN + more)
    assert names(verdict) == ["admin", "app"]
    assert [len(finding.parts) for finding in verdict.findings] == [3, 4]
    guarded = more.replace("FastAPI()", "FastAPI(dependencies=[Depends(require_key)])")
    assert names(judged(tmp_path, OPEN + guarded)) == ["app"]


def test_a_mounted_application_is_part_of_the_one_around_it(tmp_path: Path) -> None:
    inner = "\ninner = FastAPI()\napp.mount('/inner', inner)\n"
    assert names(judged(tmp_path, OPEN + inner + writes("four", on="inner"))) == ["app"]
    guarded = inner + GUARDED.replace("@app", "@inner")
    assert names(judged(tmp_path, OPEN + guarded)) == ["one", "three", "two"]


SHARED = HEAD.replace("import Depends", "import APIRouter, Depends") + "router = APIRouter()\n"


def test_endpoints_of_two_applications(tmp_path: Path) -> None:
    both = SHARED + writes("one", "two", "three", on="router")
    both += "\napp = FastAPI()\napp.include_router(router)\n"
    both += "second = FastAPI()\nsecond.include_router(router, prefix='/v2')\n"
    verdict = judged(tmp_path, both)
    assert names(verdict) == ["app", "second"]
    assert [item.message for finding in verdict.findings for item in finding.related] == [
        *("`PUT /one`", "`PUT /two`", "`PUT /three`"),
        *("`PUT /v2/one`", "`PUT /v2/two`", "`PUT /v2/three`"),
    ]
    guarded = both.replace("second = FastAPI()", "second = FastAPI(dependencies=[Depends(require_key)])")
    verdict = judged(tmp_path, guarded)
    assert names(verdict) == ["app"]


def test_what_one_of_two_applications_does_not_tell_stays(tmp_path: Path) -> None:
    source = SHARED + writes("one", "two", on="router") + "\napp = FastAPI()\napp.include_router(router)\n"
    source += reads("three") + "\nsecond = FastAPI()\nsecond.include_router(router, prefix='/v2')\n"
    assert names(judged(tmp_path, source)) == ["app", "one", "two"]


def test_two_backends_that_share_a_file(tmp_path: Path) -> None:
    app = "from common.routes import router\nfrom fastapi import FastAPI\n\nNOTES = {}\n"
    app += "app = FastAPI()\napp.include_router(router)\n"
    plant(
        tmp_path,
        {
            "common/pyproject.toml": "[project]\nname = 'common'\n",
            "common/common/__init__.py": "",
            "common/common/routes.py": SHARED + writes("one", "two", on="router"),
            "stock/pyproject.toml": "[project]\nname = 'stock'\n",
            "stock/stock/__init__.py": "",
            "stock/stock/main.py": app + writes("three"),
            "sales/pyproject.toml": "[project]\nname = 'sales'\n",
            "sales/sales/__init__.py": "",
            "sales/sales/main.py": app,
        },
    )
    found = [(f.place.file, f.symbol.rpartition(".")[2]) for f in judged(tmp_path).findings]
    assert found == [
        ("common/common/routes.py", "one"),
        ("common/common/routes.py", "two"),
        ("stock/stock/main.py", "app"),
    ]


# --- what is suppressed or declared --------------------------------------------------------------

IGNORE = "  # gate: ignore[endpoint-without-auth] the network is ours\n"


def test_a_comment_at_an_endpoint_takes_it_out(tmp_path: Path) -> None:
    source = (OPEN + writes("four")).replace('@app.get("/one")\n', f'@app.get("/one"){IGNORE}')
    verdict = judged(tmp_path, source)
    assert [part.symbol for part in only(verdict).parts] == ["main.two", "main.four", "main.three"]
    assert len(verdict.suppressed) == 1
    fewer = source.replace('@app.put("/two")\n', f'@app.put("/two"){IGNORE}')
    assert names(judged(tmp_path, fewer)) == ["four", "three"]


def test_a_comment_at_the_application_speaks_for_all(tmp_path: Path) -> None:
    source = OPEN.replace(APP, APP.replace("\n", IGNORE))
    verdict = judged(tmp_path, source)
    assert (names(verdict), len(verdict.suppressed)) == ([], 3)
    assert {item.reason for item in verdict.suppressed} == {"the network is ours"}
    assert names(judged(tmp_path, source.replace(reads("one"), ""))) == []


def test_a_comment_at_the_application_speaks_no_longer_once_an_endpoint_is_guarded(tmp_path: Path) -> None:
    verdict = judged(tmp_path, OPEN.replace(APP, APP.replace("\n", IGNORE)) + GUARDED)
    assert [finding.rule for finding in verdict.findings] == [
        "suppression-stale",
        *["endpoint-without-auth"] * 3,
    ]


def test_a_comment_at_one_of_two_applications_speaks_for_that_one(tmp_path: Path) -> None:
    source = SHARED + writes("one", "two", "three", on="router")
    source += f"\napp = FastAPI(){IGNORE}app.include_router(router)\n"
    source += "second = FastAPI()\nsecond.include_router(router)\n"
    verdict = judged(tmp_path, source)
    assert (names(verdict), verdict.suppressed) == (["second"], ())
    verdict = judged(tmp_path, source.replace("second = FastAPI()\n", f"second = FastAPI(){IGNORE}"))
    assert (names(verdict), len(verdict.suppressed)) == ([], 3)


def test_what_is_declared_public_is_left_out(tmp_path: Path) -> None:
    plant(tmp_path, {"backend-gate.toml": '[[public]]\npath = "/one"\nreason = "the front page"\n'})
    assert names(judged(tmp_path, OPEN)) == ["three", "two"]
    assert "3 of them" in only(judged(tmp_path, OPEN + writes("four"))).message


# --- what is known -------------------------------------------------------------------------------


def test_a_baseline_knows_each_endpoint(tmp_path: Path) -> None:
    plant(tmp_path, {"backend-gate.toml": f"select = {json.dumps(RULES)}\n", "main.py": OPEN})
    done = gate_here("baseline", "write", cwd=tmp_path)
    assert (done.returncode, done.stdout.splitlines()[0]) == (
        0,
        ".backend-gate-baseline.toml holds 3 findings.",
    )
    verdict = judged(tmp_path)
    assert (verdict.findings, len(verdict.baselined)) == ((), 3)

    new = judged(tmp_path, OPEN + writes("four", "five", "six", "seven"))
    assert names(new) == ["five", "four", "seven", "six"]
    assert {finding.place.file for finding in new.findings} == {"main.py"}

    mended = judged(tmp_path, OPEN.replace(writes("two"), GUARDED))
    assert (mended.findings, len(mended.baselined), sum(entry.count for entry in mended.fixed)) == ((), 2, 1)
    assert names(judged(tmp_path, OPEN, use_baseline=False)) == ["app"]


def test_one_more_open_endpoint_is_new(tmp_path: Path) -> None:
    repository(tmp_path, {"main.py": OPEN})
    plant(tmp_path, {"main.py": OPEN + writes("four")})
    verdict = since(tmp_path)
    assert (names(verdict), len(verdict.existing), verdict.outcome) == (["four"], 3, Outcome.FAILS)
    plant(tmp_path, {"main.py": OPEN + writes("four", "five", "six")})
    assert names(since(tmp_path)) == ["five", "four", "six"]


def test_a_new_application_is_one_new_finding(tmp_path: Path) -> None:
    repository(tmp_path, {"other.py": "X = 1\n"})
    plant(tmp_path, {"main.py": OPEN})
    verdict = since(tmp_path)
    assert names(verdict) == ["app"]
    assert [change.relation for change in verdict.changes(only(verdict))] == ["here"]


def test_a_last_guard_that_goes_is_one_new_finding_with_its_cause(tmp_path: Path) -> None:
    guarded = OPEN.replace(
        APP, 'from guards import GUARDS\n\napp = FastAPI(title="x", dependencies=GUARDS)\n'
    )
    guards = "from fastapi import Depends, Header, HTTPException\n\n\ndef key(x_api_key: str = Header('')) -> None:\n"
    guards += "    if x_api_key != 'secret':\n        raise HTTPException(401)\n\n\nGUARDS = [Depends(key)]\n"
    repository(tmp_path, {"main.py": guarded, "guards.py": guards})
    assert since(tmp_path).findings == ()
    plant(tmp_path, {"guards.py": guards.replace("[Depends(key)]", "[]")})
    verdict = since(tmp_path)
    finding = only(verdict)
    assert (finding.symbol, len(finding.parts)) == ("main.app", 3)
    assert [(change.relation, change.place.file) for change in verdict.changes(finding)] == [
        ("file", "guards.py")
    ]
    commit(tmp_path, {})
    assert since(tmp_path).findings == ()


# --- how it is shown -----------------------------------------------------------------------------

MANY = HEAD + APP + writes(*(f"n{number}" for number in range(30)))


def test_a_person_sees_a_few_endpoints_and_a_program_all(tmp_path: Path) -> None:
    plant(tmp_path, {"main.py": MANY})
    short = gate_here("check", ".", "--select", "BG101", cwd=tmp_path).stdout
    assert "Fails: 1 error in 1 file." in short
    assert ("`PUT /n4`" in short, "`PUT /n5`" in short) == (True, False)
    assert "… 25 more places, with --verbose" in short
    assert "`PUT /n29`" in gate_here("check", ".", "--select", "BG101", "--verbose", cwd=tmp_path).stdout
    document = json.loads(
        gate_here("check", ".", "--select", "BG101", "--format", "json", cwd=tmp_path).stdout
    )
    (finding,) = document["findings"]
    assert len(finding["related"]) == 30
    assert sorted(part["subject"] for part in finding["parts"]) == sorted(f"PUT /n{i}" for i in range(30))
    log = json.loads(gate_here("check", ".", "--select", "BG101", "--format", "sarif", cwd=tmp_path).stdout)
    (result,) = log["runs"][0]["results"]
    assert len(result["relatedLocations"]) == 30
    assert "and 20 more places" in result["message"]["text"]
    markdown = gate_here("check", ".", "--select", "BG101", "--format", "markdown", cwd=tmp_path).stdout
    assert "1. and 10 more" in markdown


def test_explain_says_who_may_call_the_endpoints_of_an_application(tmp_path: Path) -> None:
    plant(tmp_path, {"main.py": OPEN + GUARDED})
    done = gate_here("explain", f"main.py:{LINE}", cwd=tmp_path)
    assert "access        1 protected, 3 unprotected" in done.stdout
