"""What ``except`` clauses on the way of a request do with what they catch."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest
from linking import linker

from backend_gate.backend.model import Clause, Exit
from backend_gate.settings import Settings

HEAD = """\
import asyncio
import logging
import traceback

from fastapi import Depends, FastAPI, HTTPException, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as Base


class Refused(HTTPException):
    pass


class Own(HTTPException):
    def __init__(self, text):
        super().__init__(418, text)


logger = logging.getLogger(__name__)
app = FastAPI()
ROWS: dict = {}


def find(number):
    if number not in ROWS:
        raise HTTPException(404, "There is none")
    return ROWS[number]


def words(error):
    return "It failed"
"""


def clauses(body: str, before: str = "") -> list[Clause]:
    """The clauses of one endpoint with this body."""
    text = indent(dedent(body).strip(), "    ")
    source = f"{HEAD}\n{dedent(before)}\n@app.get('/things/{{number}}')\nasync def endpoint(number: int):\n{text}\n"
    found = linker({"main.py": source})
    found.run()
    found.judge(Settings())
    return found.backend.clauses


def clause(
    answer: str, header: str = "except Exception as error", tried: str = "return find(number)"
) -> Clause:
    """One clause of the handler around ``tried``."""
    (found,) = clauses(f"try:\n    {tried}\n{header}:\n{indent(dedent(answer).strip(), '    ')}")
    return found


def exit_of(answer: str) -> Exit:
    (found,) = clause(answer).exits
    return found


@pytest.mark.parametrize(
    ("answer", "kind", "http", "status"),
    [
        ("raise", "again", False, None),
        ("raise error", "again", False, None),
        ("raise HTTPException(500)", "raise", True, 500),
        ("raise HTTPException(status_code=409)", "raise", True, 409),
        ("raise Base(410)", "raise", True, 410),
        ("raise Refused(403)", "raise", True, 403),
        ("raise Own('no')", "raise", True, None),
        ("raise HTTPException(getattr(error, 'status_code', 500))", "raise", True, None),
        ("raise ValueError(1)", "raise", False, None),
        ("raise words(error)", "raise", False, None),
        ("return None", "return", False, 200),
        ("return {}", "return", False, 200),
        ("return words(error)", "return", False, None),
        ("return JSONResponse({})", "return", True, 200),
        ("return JSONResponse({}, 404)", "return", True, 404),
        ("return JSONResponse({}, status_code=503)", "return", True, 503),
        ("return Response(status_code=502)", "return", True, 502),
        ("response.status_code = 404\nreturn {}", "return", False, None),
    ],
)
def test_how_a_clause_is_left(answer: str, kind: str, http: bool, status: int | None) -> None:
    found = exit_of(answer)

    assert (found.kind, found.http, found.status) == (kind, http, status)


CARRIES = {
    "raise HTTPException(500, str(error))": "exception",
    "raise HTTPException(500, detail=f'It failed: {error}')": "exception",
    "raise HTTPException(500, detail={'why': repr(error)})": "exception",
    "raise HTTPException(500, 'It failed: ' + str(error))": "exception",
    "raise HTTPException(500, 'It failed: %s' % error)": "exception",
    "raise HTTPException(500, 'It failed: {}'.format(error))": "exception",
    "raise HTTPException(500, error.args[0])": "exception",
    "text = str(error)\nraise HTTPException(500, text)": "exception",
    "text = str(error)\ntext = 'It failed'\nraise HTTPException(500, text)": "",
    "raise HTTPException(500, 'It failed') from error": "",
    "raise HTTPException(500, words(error))": "",
    "raise HTTPException(500, type(error).__name__)": "",
    "raise HTTPException(500, str(error) if isinstance(error, KeyError) else 'no')": "",
    "raise HTTPException(500, str(error) if number else 'no')": "exception",
    "raise HTTPException(500, str(number))": "",
    "raise HTTPException(500, traceback.format_exc())": "traceback",
    "raise HTTPException(500, words.format_exception(error))": "",
    "trace = traceback.format_exc()\nraise HTTPException(500, f'{error}: {trace}')": "traceback",
    "return {'error': str(error)}": "exception",
    "return JSONResponse({'error': str(error)}, 500)": "exception",
    "return JSONResponse(content=[str(error)])": "exception",
}


@pytest.mark.parametrize(("answer", "carries"), CARRIES.items(), ids=CARRIES)
def test_what_an_answer_carries(answer: str, carries: str) -> None:
    assert exit_of(answer).carries == carries


@pytest.mark.parametrize(
    ("answer", "reports"),
    [
        ("{'error': 'none'}", True),
        ("{'errors': [1]}", True),
        ("{'success': False}", True),
        ("{'ok': False, 'rows': []}", True),
        ("{'status': 'Error'}", True),
        ("{'error': None, 'rows': []}", False),
        ("{'success': True}", False),
        ("{'status': 'done'}", False),
        ("{'status': number}", False),
        ("{**ROWS}", False),
        ("[]", False),
    ],
)
def test_what_reports_a_failure(answer: str, reports: bool) -> None:
    assert exit_of(f"return {answer}").reports is reports


def test_conditions_inside_of_a_clause() -> None:
    answer = """
    if isinstance(error, KeyError):
        raise HTTPException(404)
    elif number:
        raise
    else:
        raise HTTPException(500)
    """
    found = clause(answer)

    assert [exit_.conditions for exit_ in found.exits] == [
        ["isinstance(error, KeyError)"],
        ["not (isinstance(error, KeyError))", "number"],
        ["not (isinstance(error, KeyError))", "not (number)"],
    ]
    assert found.always_raises


@pytest.mark.parametrize(
    ("answer", "raises"),
    [
        ("raise", True),
        ("ROWS.clear()\nraise", True),
        ("with app.lock:\n    raise", True),
        ("if number:\n    raise", False),
        ("return None\nraise", False),
        ("pass", False),
    ],
)
def test_whether_the_end_of_a_clause_is_reached(answer: str, raises: bool) -> None:
    assert clause(answer).always_raises is raises


@pytest.mark.parametrize(
    ("header", "catches", "broad"),
    [
        ("except", [], True),
        ("except BaseException", ["builtins.BaseException"], True),
        ("except (KeyError, Exception)", ["builtins.KeyError", "builtins.Exception"], True),
        ("except Refused", ["main.Refused"], False),
        ("except ROWS[1]", [None], False),
    ],
)
def test_what_a_clause_catches(header: str, catches: list[str | None], broad: bool) -> None:
    found = clause("return app.other", header, "return app.find(number)")

    assert (found.catches, found.broad) == (catches, broad)


@pytest.mark.parametrize(
    ("answer", "idle", "uses"),
    [
        ("pass", True, False),
        ("...", True, False),
        ("'nothing to do'", True, False),
        ("number = 1", False, False),
        ("logger.info('no')", False, True),
        ("words(error)", False, True),
        ("raise HTTPException(500)", False, False),
    ],
)
def test_what_a_clause_does(answer: str, idle: bool, uses: bool) -> None:
    found = clause(answer)

    assert (found.idle, found.uses) == (idle, uses)


def test_http_errors_that_certainly_arrive() -> None:
    body = """
    try:
        if number > 9:
            raise Refused(403)
        return find(number)
    except Refused:
        raise
    except Exception:
        raise HTTPException(500)
    """
    first, second = clauses(body)

    assert [status for status, _ in first.http_errors] == [403]
    assert [(status, step.message) for status, step in second.http_errors] == [
        (404, "`HTTPException` with status 404 is raised here")
    ]
    assert (first.after_http, second.after_http) == (False, True)


def test_clauses_of_functions_and_dependencies_count() -> None:
    before = """
    def needed():
        try:
            return find(1)
        except Exception:
            return None

    def deeper(number):
        try:
            return find(number)
        except KeyError:
            return None

    @app.get("/others", dependencies=[Depends(needed)])
    def others():
        return deeper(2)
    """
    body = "try:\n    return deeper(number)\nexcept ValueError:\n    return None"
    found = {c.function: c for c in clauses(body, before)}

    assert {name: [e.path for e in c.endpoints] for name, c in found.items()} == {
        "main.needed": ["/others"],
        "main.deeper": ["/others", "/things/{number}"],
        "main.endpoint": ["/things/{number}"],
    }
    assert [name for name, c in found.items() if c.in_handler] == ["main.endpoint"]


def test_what_the_body_does() -> None:
    body = """
    task = asyncio.create_task(app.work())
    while True:
        try:
            await app.find(int(number))
        except asyncio.CancelledError:
            task.cancel()
            break
    """
    (found,) = clauses(body)

    assert found.tried == ["find", "int"]
    assert (found.awaits, found.parses, found.cancels, found.is_async) == (True, True, True, True)
    assert (found.in_loop, found.leaves_loop) == (True, True)


def test_a_function_that_calls_itself_in_a_clause() -> None:
    before = """
    def again(number):
        try:
            return find(number)
        except Exception:
            return again(number - 1) if number else find(number)
    """
    body = "return again(number)"
    (found,) = clauses(body, before)

    assert [status for status, _ in found.http_errors] == [404]
