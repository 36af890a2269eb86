"""Endpoints that anybody may call by the shape of what their handler does, each with the neighbour that is reported."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.backend.model import Verdict
from backend_gate.settings import Settings

HEAD = """\
import json
import logging
import os
import sqlite3
import bolt11
import httpx
from pathlib import Path
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse
from pydantic import BaseModel
from pydantic_settings import BaseSettings

class Options(BaseSettings):
    fee: int = 3
    registration_open: bool = True
    signup_disabled: bool = False
    public_catalogue: bool = False
    public_url: str = ""
    guest_book: bool = False
    guests_allowed: bool = False
    public_label: str | None = None
    logo: str = "logo.png"

class Boat(BaseModel):
    name: str
    length: int

class Fleet:
    def __init__(self):
        self.boats = []
    def size(self) -> int:
        return len(self.boats)

app = FastAPI()
options = Options()
db = sqlite3.connect("x.db")
FLEET = Fleet()
BOATS = []
SEEN = 0
FOLDER = Path(__file__).parent

def keep(boat):
    BOATS.append(boat)

def looked_up(name):
    return db.execute("SELECT * FROM t WHERE name = ?", (name,)).fetchall()

def first():
    return BOATS[0]

def count():
    global SEEN
    SEEN += 1

def failure(text):
    return JSONResponse(content={"detail": text}, status_code=410)

"""
ONE = 'row = db.execute("SELECT * FROM t WHERE k = ?", (slug,)).fetchone()'
ROWS = 'db.execute("SELECT * FROM t").fetchall()'
ADDS = 'db.execute("INSERT INTO users VALUES (?)", (boat.name,))'
CLOSED = "if not options.registration_open:\n        raise HTTPException(403)"
COMPUTED = "it reads no data and changes nothing: its answer is made of the request and the settings"


def judged(
    method: str, path: str, body: str, parameters: str = "", decorator: str = ""
) -> tuple[Verdict, str]:
    """The verdict on one endpoint, and why."""
    names = [part.strip("{}").partition(":")[0] for part in path.split("/") if part.startswith("{")]
    signature = ", ".join(
        ["request: Request", *(f"{name}: str" for name in names), *filter(None, [parameters])]
    )
    options = f", {decorator}" if decorator else ""
    source = f'{HEAD}@app.{method}("{path}"{options})\ndef handler({signature}):\n    {body}\n'
    found = linker({"main.py": source})
    backend = found.run()
    found.judge(Settings())
    (endpoint,) = backend.endpoints
    return endpoint.auth.verdict, endpoint.auth.reason


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "/fee/{amount}", "return {'fee': int(amount) * options.fee}"),
        ("get", "/decode/{text}", "return JSONResponse(bolt11.decode(text).data)"),
        ("post", "/decode", "return bolt11.decode(boat.name)"),
        ("post", "/convert", "found = {}\n    found['feet'] = round(boat.length * 3.3)\n    return found"),
    ],
)
def test_an_answer_that_is_only_computed(method: str, path: str, body: str) -> None:
    assert judged(method, path, body, "boat: Boat" * (method == "post")) == (
        Verdict.PUBLIC_BY_NATURE,
        COMPUTED,
    )


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/decode", "return boat"),
        ("post", "/decode", "keep(boat)\n    return bolt11.decode(boat.name)"),
        ("post", "/decode", "BOATS[0] = boat\n    return boat"),
        ("post", "/decode", "del BOATS[0]\n    return boat"),
        ("post", "/decode", "FLEET.boats.append(boat)"),
        ("post", "/decode", "count()\n    return boat"),
        ("post", "/decode", "return {**first(), 'name': boat.name}"),
        ("post", "/decode", "request.app.state.boats.append(boat)"),
        ("post", "/decode", "return eval(boat.name)"),
        ("post", "/decode", "return httpx.post('https://boats.example', json=boat.name).json()"),
        ("post", "/decode", "return json.load(open('boats.json'))"),
        ("post", "/decode", f"{ADDS}\n    return boat"),
        ("delete", "/decode", "return {'fee': options.fee}"),
        ("get", "/boats", "return first()"),
        ("get", "/boats", "count()\n    return {}"),
        ("get", "/boats", "return SEEN"),
        ("get", "/boats", "return request.app.state.pool.fetch('SELECT * FROM t')"),
        ("get", "/variables", "return dict(os.environ)"),
        ("get", "/many", "return list(map(looked_up, ['a', 'b']))"),
        ("get", "/slow", "import time\n    time.sleep(3)\n    return {'a': 1}"),
        ("get", "/sum", "import sympy\n    return str(sympy.sympify(request.query_params['x']))"),
    ],
)
def test_an_answer_that_is_more_than_computed(method: str, path: str, body: str) -> None:
    assert judged(method, path, body, "boat: Boat" * (method == "post"))[0] is Verdict.UNPROTECTED


def test_work_that_is_left_for_later() -> None:
    body = "later.add_task(keep, boat)\n    return boat"
    assert judged("post", "/decode", body, "boat: Boat, later: BackgroundTasks")[0] is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    ("path", "body", "decorator"),
    [
        ("/logo", "return FileResponse(FOLDER / 'pictures' / 'logo.png')", ""),
        ("/emblem", "return FileResponse(os.path.join('/srv', 'emblem.svg'))", ""),
        ("/emblem", "return FileResponse(os.getenv('EMBLEM', '/srv/e'), media_type='image/png')", ""),
        ("/probe", "path = FOLDER / 'probe.txt'\n    return path", "response_class=FileResponse"),
        (
            "/emblem",
            "if Path('/e').exists():\n        return FileResponse(options.logo)\n    return FileResponse('/srv/e.png')",
            "",
        ),
        (
            "/{page:path}",
            "at = FOLDER / page\n    return FileResponse(at if at.is_file() else 'index.html')",
            "",
        ),
        ("/static/{name}", "return FileResponse(FOLDER / 'static' / name)", ""),
    ],
)
def test_a_file_of_the_pages(path: str, body: str, decorator: str) -> None:
    assert judged("get", path, body, decorator=decorator)[0] is Verdict.PUBLIC_BY_NATURE


@pytest.mark.parametrize(
    ("path", "body", "decorator"),
    [
        ("/pictures/{name}", "return FileResponse(f'/srv/pictures/{name}')", ""),
        ("/pictures/{name}", "return FOLDER / (name + '.png')", "response_class=FileResponse"),
        ("/pictures", "return FileResponse('/srv/' + request.query_params['name'] + '.png')", ""),
        ("/backup", "return FileResponse('/srv/x.db')", ""),
        ("/log", "return FileResponse(FOLDER / 'app.log')", ""),
        ("/export", "return FileResponse('/srv/boats.csv', media_type='text/csv')", ""),
        ("/weekly", "return FileResponse('/srv/reports/weekly.html')", ""),
        ("/list", "return FileResponse('/srv/list.txt')", ""),
        ("/newest", "return FileResponse(max(FOLDER.glob('*.png')))", ""),
        ("/chart", f"draw({ROWS})\n    return FileResponse('/srv/chart.png')", ""),
        ("/static/{name}", "return FileResponse('/srv/private/' + name)", ""),
        ("/{page:path}", "return FileResponse(Path('/srv/uploads') / page)", ""),
        ("/key", "return FOLDER / 'server.pem'", "response_class=FileResponse"),
        ("/boats/{page:path}", "return FileResponse(FOLDER / page)", ""),
        ("/boats/{boat}/static/{name}", "return FileResponse(FOLDER / boat / name)", ""),
    ],
)
def test_a_file_that_is_not_for_everybody(path: str, body: str, decorator: str) -> None:
    assert judged("get", path, body, decorator=decorator)[0] is Verdict.UNPROTECTED


def test_a_file_that_a_parameter_chooses_among_those_that_the_code_knows() -> None:
    body = "return FileResponse('/srv/dark.png' if theme == 'dark' else '/srv/light.png')"
    assert judged("get", "/emblem", body, "theme: str = ''")[0] is Verdict.PUBLIC_BY_NATURE


@pytest.mark.parametrize(
    "refusal",
    [
        "if not options.registration_open:\n        raise HTTPException(403)",
        "if options.signup_disabled:\n        raise ValueError('no new accounts')",
    ],
)
@pytest.mark.parametrize("path", ["/account", "/api/v1/users"])
def test_strangers_sign_up(path: str, refusal: str) -> None:
    found = judged("post", path, f"{refusal}\n    {ADDS}\n    return boat", "boat: Boat")
    assert found[0] is Verdict.PUBLIC_BY_NATURE
    assert "strangers sign up here" in found[1]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/users", ADDS),
        ("post", "/users", f"if not options.fee:\n        raise HTTPException(403)\n    {ADDS}"),
        ("post", "/users", f"if options.registration_open:\n        raise HTTPException(403)\n    {ADDS}"),
        (
            "post",
            "/users",
            f"{ADDS}\n    if not options.registration_open:\n        raise HTTPException(403)",
        ),
        ("put", "/users", f"if not options.registration_open:\n        raise HTTPException(403)\n    {ADDS}"),
        (
            "post",
            "/boats",
            f"if not options.registration_open:\n        raise HTTPException(403)\n    {ADDS}",
        ),
        (
            "post",
            "/teams/{team}/members",
            f"if not options.registration_open:\n        raise HTTPException(403)\n    {ADDS}",
        ),
    ],
)
def test_an_account_that_somebody_makes(method: str, path: str, body: str) -> None:
    assert judged(method, path, body, "boat: Boat")[0] is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        ("not options.public_catalogue", Verdict.DECLARED_PUBLIC),
        ("options.public_catalogue is not True", Verdict.DECLARED_PUBLIC),
        ("not options.guests_allowed", Verdict.DECLARED_PUBLIC),
        ("not options.guest_book", Verdict.UNPROTECTED),
        ("not options.public_label", Verdict.UNPROTECTED),
        ("options.public_catalogue", Verdict.UNPROTECTED),
        ("not options.public_url", Verdict.UNPROTECTED),
        ("not options.registration_open", Verdict.UNPROTECTED),
    ],
)
def test_what_a_setting_publishes(flag: str, expected: Verdict) -> None:
    body = f"if {flag}:\n        raise HTTPException(404)\n    return {ROWS}"
    assert judged("get", "/boats", body)[0] is expected


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("delete", "/boats", 404, "db.execute('DELETE FROM t')"),
        ("get", "/boats/sunk", 404, "db.execute('DELETE FROM t')"),
        ("get", "/admin/boats", 404, f"return {ROWS}"),
        ("get", "/boats", 409, f"return {ROWS}"),
    ],
)
def test_what_no_setting_publishes(method: str, path: str, status: int, body: str) -> None:
    refusal = f"if not options.public_catalogue:\n        raise HTTPException({status})"
    assert judged(method, path, f"{refusal}\n    {body}")[0] is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/admin/users", ADDS),
        ("/users", f"{ADDS}\n    return {ROWS}"),
        ("/users", "db.execute('DELETE FROM t')"),
    ],
)
def test_more_than_signing_up(path: str, body: str) -> None:
    refusal = "if not options.registration_open:\n        raise HTTPException(403)"
    assert judged("post", path, f"{refusal}\n    {body}", "boat: Boat")[0] is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    ("method", "path", "body", "parameters"),
    [
        ("get", "/boats/validate", "return db.execute('DELETE FROM t').rowcount > 0", ""),
        ("get", "/health", "httpx.post('http://fleet/wake')\n    return {'ok': True}", ""),
        ("get", "/status", "Path('/srv/seen').write_text('x')\n    return {'ok': True}", ""),
        ("get", "/config", "os.remove('/srv/x')\n    return {'title': 'Fleet'}", ""),
        ("get", "/emblem", "os.system('draw')\n    return FileResponse('/srv/emblem.png')", ""),
        ("get", "/logout", "db.execute('DELETE FROM t WHERE id = ?', (number,))", "number: int"),
        ("get", "/auth/session/{number}/logout", "db.execute('DELETE FROM t')", "number: int"),
        (
            "post",
            "/auth/users/{user_id}/password",
            "db.execute('UPDATE t SET p = ?', (password,))",
            "password: str",
        ),
        (
            "get",
            "/invite/{number}",
            f"{ONE}\n    if row is None:\n        raise HTTPException(404)",
            "number: int",
        ),
        ("get", "/health", f"return {{'names': ','.join(row[0] for row in {ROWS})}}", ""),
        (
            "get",
            "/ready",
            f"found = {{}}\n    for row in {ROWS}:\n        found[row[0]] = row[1]\n    return found",
            "",
        ),
        ("get", "/live", "return httpx.get('http://fleet/boats').json()", ""),
        ("get", "/hello", "return dict(os.environ)", ""),
        ("get", "/version", f"{ONE}\n    return {{'name': row['owner']}}", ""),
    ],
)
def test_a_run_that_changes_something_is_not_public(
    method: str, path: str, body: str, parameters: str
) -> None:
    assert judged(method, path, body, parameters)[0] is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/logout", "db.execute('DELETE FROM sessions')"),
        ("get", "/verify-email/{token}", "db.execute('UPDATE users SET sure = 1')"),
        ("get", "/oauth/callback", "db.execute('UPDATE users SET seen = 1')"),
    ],
)
def test_signing_in_changes_what_belongs_to_it(method: str, path: str, body: str) -> None:
    assert judged(method, path, body)[0] is Verdict.PUBLIC_BY_NATURE


@pytest.mark.parametrize(
    ("path", "target", "expected"),
    [
        ("/t/{slug}", "row['url']", Verdict.PUBLIC_BY_NATURE),
        ("/{slug}", "row[0]", Verdict.PUBLIC_BY_NATURE),
        ("/t/{number}", "row['url']", Verdict.UNPROTECTED),
        ("/t/{slug}", "row['token']", Verdict.UNPROTECTED),
        ("/boats/{slug}", "row['url']", Verdict.UNPROTECTED),
        ("/t/{slug}/{part}", "row['url']", Verdict.UNPROTECTED),
        ("/t/{slug}", "httpx.get(row['url']).text", Verdict.UNPROTECTED),
    ],
)
def test_a_short_link(path: str, target: str, expected: Verdict) -> None:
    body = (
        f"{ONE}\n    if row is None:\n        raise HTTPException(404)\n    return RedirectResponse({target})"
    )
    assert judged("get", path, body)[0] is expected


def test_a_short_link_that_changes_what_it_follows() -> None:
    body = f"{ONE}\n    db.execute('UPDATE t SET url = ?', (slug,))\n    return RedirectResponse(row['url'])"
    assert judged("get", "/t/{slug}", body)[0] is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/running", "return len(BOATS)", Verdict.PUBLIC_BY_NATURE),
        ("/running", "return {'boats': len(BOATS), 'most': 40}", Verdict.PUBLIC_BY_NATURE),
        ("/running", "return {'boats': BOATS, 'count': len(BOATS)}", Verdict.UNPROTECTED),
        ("/running", "return {name: len(name) for name in BOATS}", Verdict.UNPROTECTED),
        ("/running", f"return len({ROWS})", Verdict.UNPROTECTED),
        ("/running/{name}", "return len([b for b in BOATS if b == name])", Verdict.UNPROTECTED),
    ],
)
def test_numbers_about_the_process(path: str, body: str, expected: Verdict) -> None:
    assert judged("get", path, body)[0] is expected


@pytest.mark.parametrize(("promise", "expected"), [("int", "public-by-nature"), ("dict", "unprotected")])
def test_a_number_by_the_promise_of_the_handler(promise: str, expected: str) -> None:
    source = f"""\
from fastapi import FastAPI

BOATS = []

def sail(boat):
    BOATS.append(boat)

def tally():
    return len(BOATS)

def counting(harbour):
    def ask() -> {promise}:
        return tally()
    return ask

def build(harbour):
    app = FastAPI()
    app.add_api_route("/running", counting(harbour), methods=["GET"])
    return app
"""
    found = linker({"main.py": source})
    backend = found.run()
    found.judge(Settings())
    assert [endpoint.auth.verdict.value for endpoint in backend.endpoints] == [expected]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return failure('gone')", Verdict.PUBLIC_BY_NATURE),
        ("keep(1)\n    return failure('gone')", Verdict.UNPROTECTED),
        (
            "if request.query_params.get('x'):\n        return failure('gone')\n    return first()",
            Verdict.UNPROTECTED,
        ),
    ],
)
def test_what_is_gone(body: str, expected: Verdict) -> None:
    assert judged("post", "/boats", body)[0] is expected


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "/config", f"return {{'boats': {ROWS}}}"),
        ("get", "/info", f"return {{'names': [row[0] for row in {ROWS}]}}"),
        ("get", "/auth/type", f"return {ROWS}"),
        ("get", "/auth/sessions/methods", f"return {ROWS}"),
        ("get", "/oauth/authorize/users", f"return {ROWS}"),
        ("get", "/mfa/{slug}", f"{ONE}\n    return {{'secret': row[1]}}"),
        ("get", "/status", f"return {{'boats': {ROWS}}}"),
        ("post", "/login/start", "db.execute('UPDATE users SET step = 1')"),
        ("post", "/oauth/clients/complete", "db.execute('DELETE FROM clients')"),
    ],
)
def test_a_name_does_not_open_rows(method: str, path: str, body: str) -> None:
    assert judged(method, path, body)[0] is Verdict.UNPROTECTED


def test_a_name_does_not_open_rows_by_a_state() -> None:
    assert judged("get", "/oauth/apps", f"return {ROWS}", "state: str = ''")[0] is Verdict.UNPROTECTED


def test_a_handler_called_login_does_not_open_rows() -> None:
    route = f'@app.get("/saml/users/{{slug}}")\ndef login(slug: str):\n    {ONE}\n    return row\n'
    found = linker({"main.py": HEAD + route})
    backend = found.run()
    found.judge(Settings())
    assert backend.endpoints[0].auth.verdict is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "/config", "row = db.execute('SELECT * FROM site').fetchone()\n    return {'title': row[0]}"),
        ("get", "/health", "row = db.execute('SELECT 1').fetchall()\n    return {'database': row}"),
        ("get", "/ready", "return {'fleet': httpx.get('http://fleet/health').status_code == 200}"),
        ("get", "/live", f"return {{'boats': len({ROWS}) > 0}}"),
        ("get", "/oauth/callback", f"return {ROWS}"),
        ("get", "/verify-email/{token}", "return db.execute('SELECT * FROM t').fetchone()"),
        ("post", "/login/start", "db.execute('INSERT INTO steps VALUES (1)')"),
    ],
)
def test_a_name_and_what_goes_with_it(method: str, path: str, body: str) -> None:
    assert judged(method, path, body)[0] is Verdict.PUBLIC_BY_NATURE


@pytest.mark.parametrize(
    ("branch", "expected"),
    [
        ("print('a guest')", Verdict.UNPROTECTED),
        ("logging.getLogger('boats').info('a guest')", Verdict.UNPROTECTED),
        ("return []", Verdict.PUBLIC_BY_NATURE),
    ],
)
def test_what_a_guest_is_told(branch: str, expected: Verdict) -> None:
    body = f"user = request.session.get('user')\n    if not user:\n        {branch}\n    return {ROWS}"
    assert judged("get", "/boats", body)[0] is expected


@pytest.mark.parametrize(
    ("path", "name", "expected"),
    [
        ("/forgot", "forgot_password", "public-by-nature"),
        ("/{tenant}/reset", "reset_password", "public-by-nature"),
        ("/{user_id}/reset", "reset_password", "unprotected"),
        ("/users/{number}/reset", "reset_password", "unprotected"),
        ("/reset", "reset_counters", "unprotected"),
    ],
)
def test_a_password_that_is_forgotten(path: str, name: str, expected: str) -> None:
    route = f"@app.post('{path}')\ndef {name}(boat: Boat):\n    db.execute('UPDATE users SET step = 1')\n"
    found = linker({"main.py": HEAD + route})
    backend = found.run()
    found.judge(Settings())
    assert [endpoint.auth.verdict.value for endpoint in backend.endpoints] == [expected]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Response(prometheus_client.generate_latest(), media_type='text/plain')", Verdict.PUBLIC_BY_NATURE),
        (f"Response(prometheus_client.render({ROWS}))", Verdict.UNPROTECTED),
        ("Response(prometheus_client.generate_latest() + first())", Verdict.UNPROTECTED),
        ("int(request.app.state.fleet.worth())", Verdict.UNPROTECTED),
        ("Response(request.app.state.client.generate_latest())", Verdict.PUBLIC_BY_NATURE),
        ("Response(request.app.state.client.generate_latest() + first())", Verdict.UNPROTECTED),
        (
            "Response(str(len(open('x').read())), media_type='text/plain; version=0.0.4')",
            Verdict.PUBLIC_BY_NATURE,
        ),
        (f"Response(str({ROWS}), media_type='text/plain; version=0.0.4')", Verdict.UNPROTECTED),
        ("Response(open('x').read(), media_type='text/plain')", Verdict.UNPROTECTED),
    ],
)
def test_metrics_of_the_process(answer: str, expected: Verdict) -> None:
    assert judged("get", "/measures", f"import prometheus_client\n    return {answer}")[0] is expected


@pytest.mark.parametrize(
    ("path", "expected"), [("/token", Verdict.CONDITIONAL), ("/badge", Verdict.UNPROTECTED)]
)
def test_a_credential_for_everybody_where_a_setting_says_so(path: str, expected: Verdict) -> None:
    body = (
        "if not config.getboolean('core', 'everybody'):\n        raise HTTPException(403)\n"
        "    return jwt.encode({'sub': 'anybody'}, config.get('core', 'key'))"
    )
    head = "import jwt\nfrom configparser import ConfigParser\nconfig = ConfigParser()\n"
    source = f'{HEAD}{head}@app.get("{path}")\ndef handler():\n    {body}\n'
    found = linker({"main.py": source})
    backend = found.run()
    found.judge(Settings())
    assert backend.endpoints[0].auth.verdict is expected


@pytest.mark.parametrize(
    ("name", "test", "expected"),
    [
        ("public_catalogue", "is not True", "declared-public"),
        ("shared_catalogue", "is not True", "unprotected"),
        ("public_catalogue", "is True", "unprotected"),
    ],
)
def test_what_a_dependency_publishes_by_a_switch_that_is_off(name: str, test: str, expected: str) -> None:
    main = f"""\
import sqlite3
from fastapi import Depends, FastAPI, HTTPException
import switches

db = sqlite3.connect("x.db")
app = FastAPI()

def ensure_published():
    if switches.{name} {test}:
        raise HTTPException(404)

@app.get("/boats", dependencies=[Depends(ensure_published)])
def boats():
    return {ROWS}
"""
    found = linker({"main.py": main, "switches.py": f"{name}: bool = False\n"})
    backend = found.run()
    found.judge(Settings())
    assert [endpoint.auth.verdict.value for endpoint in backend.endpoints] == [expected]


@pytest.mark.parametrize(("status", "expected"), [(403, Verdict.UNRESOLVED), (409, Verdict.UNPROTECTED)])
def test_one_that_is_only_seen_to_refuse(status: int, expected: Verdict) -> None:
    body = f"if not BOATS[0].ready():\n        raise HTTPException({status})\n    raise RuntimeError('no harbour')"
    assert judged("get", "/boats", body)[0] is expected


@pytest.mark.parametrize(
    ("imported", "expected"),
    [
        ("from aioprometheus.asgi.starlette import metrics", "public-by-nature"),
        ("from corp.reports import metrics", "unprotected"),
    ],
)
def test_a_handler_of_a_library_that_writes_metrics_down(imported: str, expected: str) -> None:
    found = linker({"main.py": f"{HEAD}{imported}\napp.add_route('/metrics', metrics)\n"})
    backend = found.run()
    found.judge(Settings())
    assert [endpoint.auth.verdict.value for endpoint in backend.endpoints] == [expected]
