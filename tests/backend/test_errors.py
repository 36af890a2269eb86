"""Which exceptions leave an endpoint, and who answers them: small backends, one for each shape."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest
from linking import linker

from backend_gate.backend.model import Escape
from backend_gate.settings import Settings

HEAD = """\
import asyncio
import contextlib
import functools
import os
import sqlite3

import aiohttp
import httpx
import requests
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.middleware.base import BaseHTTPMiddleware


class DomainError(Exception):
    pass


class Taken(DomainError):
    pass


class Teapot(HTTPException):
    pass


app = FastAPI()
db = sqlite3.connect("shop.db")
ROWS: dict = {}


def find(number: int):
    if number not in ROWS:
        raise Taken(number)
    return ROWS[number]


async def afind(number: int):
    return find(number)
"""


def escapes(source: str, **others: str) -> list[Escape]:
    """What escapes from a backend: the head, ``source``, and further modules."""
    files = {"main.py": HEAD + dedent(source)}
    files |= {f"{name}.py": dedent(text) for name, text in others.items()}
    found = linker(files)
    found.run()
    found.judge(Settings())
    return found.backend.escapes


def shown(found: list[Escape]) -> list[tuple[str, str]]:
    return [(escape.exception.rpartition(".")[2], escape.kind) for escape in found]


def handler(body: str, *, parameters: str = "number: int", before: str = "", method: str = "get") -> str:
    """One endpoint with this body, behind the code before it."""
    return (
        f'{dedent(before)}\n\n@app.{method}("/things/{{number}}")\n'
        f"async def endpoint({parameters}):\n{indent(dedent(body).strip(), '    ')}\n"
    )


# --- what is found ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "raise Taken(number)",
        "raise Taken",
        "return find(number)",
        "return await afind(number)",
        "return await run_in_threadpool(find, number)",
        "return await asyncio.to_thread(find, number)",
        "return await asyncio.gather(afind(number), afind(1))",
        "return await asyncio.wait_for(afind(number), 3)",
        "return await asyncio.create_task(afind(number))",
        "return [find(n) for n in (number, 2)]",
        "return sum(find(n) for n in (number, 2))",
        "try:\n    return find(number)\nexcept ValueError:\n    return None",
        "try:\n    return find(number)\nexcept DomainError:\n    raise",
        "try:\n    return find(number)\nexcept DomainError as error:\n    raise error",
        "try:\n    return find(number)\nfinally:\n    print('done')",
        "with contextlib.suppress(KeyError):\n    return find(number)",
        "with open('x') as file:\n    return find(number)",
    ],
)
def test_an_exception_of_the_project_leaves(body: str) -> None:
    assert shown(escapes(handler(body))) == [("Taken", "domain")]


@pytest.mark.parametrize("again", ["raise", "raise error", "log(error)\n    raise error from None"])
def test_what_is_raised_again_comes_from_where_it_was_raised(again: str) -> None:
    body = f"try:\n    return find(number)\nexcept Exception as error:\n    {again}"

    (escape,) = escapes(handler(body))

    assert escape.steps[-1].message == "`Taken` is raised here, where `number not in ROWS` holds"


def test_a_decorator_that_raises_again_is_not_to_blame() -> None:
    before = """
    def logged(function):
        @functools.wraps(function)
        async def wrapper(*args, **kwargs):
            try:
                return await function(*args, **kwargs)
            except Exception as error:
                print("failed")
                raise error
        return wrapper

    @logged
    async def search(number):
        return find(number)
    """

    (escape,) = escapes(handler("return await search(number)", before=before))

    assert escape.place.span.line == HEAD[: HEAD.index("raise Taken")].count("\n") + 1


def nested(calls: int) -> str:
    """``f1`` calls ``f2`` … calls ``find``: a chain of so many calls below the handler."""
    chain = [
        f"def f{n}(number):\n    return {f'f{n + 1}' if n < calls - 1 else 'find'}(number)\n"
        for n in range(1, calls)
    ]
    return "\n".join(chain)


@pytest.mark.parametrize(("calls", "found"), [(6, [("Taken", "domain")]), (7, [])])
def test_a_handler_answers_for_six_calls(calls: int, found: list[tuple[str, str]]) -> None:
    assert shown(escapes(handler("return f1(number)", before=nested(calls)))) == found


def test_steps_lead_from_the_handler_to_the_raise() -> None:
    (escape,) = escapes(handler("return await afind(number)"))

    assert [step.message for step in escape.steps] == [
        "`main.afind` is called here",
        "`main.find` is called here",
        "`Taken` is raised here, where `number not in ROWS` holds",
    ]
    assert escape.steps[-1].place == escape.place
    assert [step.message for step in escape.considered] == ["this application has no handler for `Taken`"]


def test_a_dependency_raises() -> None:
    source = """
    def needed(number: int):
        return find(number)

    @app.get("/things/{number}")
    def endpoint(row=Depends(needed)):
        return row
    """

    (escape,) = escapes(source)

    assert escape.steps[0].message == "the endpoint depends on `main.needed`"


def test_the_most_direct_way_is_shown() -> None:
    (escape,) = escapes(handler("await afind(number)\nraise Taken(number)"))

    assert len(escape.steps) == 1


def test_a_handler_for_something_else_is_considered() -> None:
    before = """
    class Other(DomainError):
        pass

    @app.exception_handler(Other)
    def other(request, error):
        return JSONResponse({}, status_code=409)
    """

    (escape,) = escapes(handler("return find(number)", before=before))

    assert [step.message for step in escape.considered] == ["this handler is for `Other`"]


def test_handlers_of_the_application_around_do_not_reach_into_a_mounted_one() -> None:
    source = """
    inner = FastAPI()

    @inner.get("/things/{number}")
    def endpoint(number: int):
        return find(number)

    app.mount("/inner", inner)

    @app.exception_handler(DomainError)
    def answer(request, error):
        return JSONResponse({}, status_code=409)
    """

    assert shown(escapes(source)) == [("Taken", "domain")]


def test_only_the_handler_for_everything_answers() -> None:
    before = """
    @app.exception_handler(Exception)
    def answer(request, error):
        return JSONResponse({"detail": "sorry"}, status_code=500)
    """

    (escape,) = escapes(handler("return find(number)", before=before))

    assert escape.generic
    assert escape.considered[0].message.startswith("this handler for everything answers with 500")


def test_a_handler_for_everything_is_answer_enough_to_a_fault_of_the_server() -> None:
    before = """
    class Stuck(DomainError):
        pass

    def close(row):
        if row.waiting:
            raise Stuck

    @app.exception_handler(Exception)
    async def anything(request, error):
        return JSONResponse({"detail": "sorry"}, status_code=500)
    """

    stored = "close(app.state.rows.get(number))"

    assert shown(escapes(handler(stored, before=before))) == []
    assert shown(escapes(handler(stored, before=before.replace("Stuck", "Expired")))) == [
        ("Expired", "domain")
    ]
    assert shown(escapes(handler("if number > 9:\n    raise Stuck", before=before))) == [("Stuck", "domain")]


def test_a_handler_for_everything_may_answer_in_two_forms() -> None:
    before = """
    import pages

    @app.exception_handler(Exception)
    async def anything(request, error):
        return pages.render(request, error) or JSONResponse({"detail": "sorry"}, status_code=500)
    """

    assert shown(escapes(handler("return find(number)", before=before))) == [("Taken", "domain")]


def test_the_rest_of_a_family_that_is_answered() -> None:
    before = """
    class ClientError(DomainError):
        pass

    @app.exception_handler(ClientError)
    async def client_error(request, error):
        return JSONResponse({}, status_code=400)
    """

    assert shown(escapes(handler("if number:\n    raise DomainError(number)", before=before))) == []
    assert shown(escapes(handler("if number:\n    raise Taken(number)", before=before))) == [
        ("Taken", "domain")
    ]


def test_what_a_middleware_has_put_into_the_state() -> None:
    before = """
    def register(key):
        if key in ROWS:
            raise Taken(key)
    """
    of_state = handler("register(request.state.key)", parameters="request: Request", before=before)
    of_client = handler("register(request.headers.get('key'))", parameters="request: Request", before=before)

    assert shown(escapes(of_state)) == []
    assert shown(escapes(of_client)) == [("Taken", "domain")]


# --- who answers -----------------------------------------------------------------------------------


ANSWERED = {
    "a handler of the class": "app.add_exception_handler(Taken, lambda r, e: JSONResponse({}, 409))",
    "a handler of a base": "app.add_exception_handler(DomainError, lambda r, e: JSONResponse({}, 409))",
    "a loop over a table": """
        for kind, status in {Taken: 409}.items():
            app.add_exception_handler(kind, functools.partial(print, status))
        """,
    "a handler for everything that tells them apart": """
        @app.exception_handler(Exception)
        def answer(request, error):
            if isinstance(error, DomainError):
                return JSONResponse({}, status_code=409)
            return JSONResponse({}, status_code=500)
        """,
    "a handler for everything with a status of the exception": """
        @app.exception_handler(Exception)
        def answer(request, error):
            return JSONResponse({}, status_code=app.state.status(error))
        """,
    "middleware in a function": """
        @app.middleware("http")
        async def translate(request, call_next):
            try:
                return await call_next(request)
            except DomainError:
                return JSONResponse({}, status_code=409)
        """,
    "middleware in a class": """
        class Translate(BaseHTTPMiddleware):
            async def dispatch(self, request, call_next):
                try:
                    return await call_next(request)
                except DomainError as error:
                    return JSONResponse({}, status_code=409)

        app.add_middleware(Translate)
        """,
    "a clause for this class, whose status is a failure of the server": """
        @app.middleware("http")
        async def translate(request, call_next):
            try:
                return await call_next(request)
            except DomainError as error:
                return JSONResponse({"what": str(error)}, status_code=500)
            except Exception:
                return JSONResponse({}, status_code=500)
        """,
    "a plain middleware": """
        class Translate:
            def __init__(self, app):
                self.app = app

            async def __call__(self, scope, receive, send):
                try:
                    await self.app(scope, receive, send)
                except DomainError:
                    await JSONResponse({}, status_code=409)(scope, receive, send)

        app.add_middleware(Translate)
        """,
    "a library that was given the application": """
        import problems
        problems.add_error_handlers(app)
        """,
    "a handler for a class that is not known": """
        from somewhere import SomeError
        app.add_exception_handler(SomeError, lambda r, e: JSONResponse({}, 409))

        class Other(SomeError):
            pass

        def find(number):
            if number not in ROWS:
                raise Other(number)
        """,
}


@pytest.mark.parametrize("before", ANSWERED.values(), ids=ANSWERED)
def test_somebody_answers(before: str) -> None:
    assert shown(escapes(handler("return find(number)", before=before))) == []


@pytest.mark.parametrize(
    "clause",
    [
        "finally:\n        print('done')",
        "except Exception:\n        print('oh')\n        raise",
        "except ValueError:\n        return JSONResponse({}, status_code=400)",
        "except Exception:\n        return JSONResponse({}, status_code=500)",
        "except (ValueError, Exception):\n        return JSONResponse({}, status_code=500)",
    ],
)
def test_middleware_that_does_not_answer(clause: str) -> None:
    before = (
        "@app.middleware('http')\nasync def log(request, call_next):\n"
        f"    try:\n        return await call_next(request)\n    {clause}\n"
    )

    assert shown(escapes(handler("return find(number)", before=before))) == [("Taken", "domain")]


ANSWERING = """
    try:
        return await call_next(request)
    except DomainError:
        return JSONResponse({}, status_code=409)
"""


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("\n    return await call_next(request)\n", ["Lost", "Taken"]),
        (ANSWERING, ["Lost"]),
        (
            "\n    if request.headers.get('x'):\n        return await call_next(request)" + ANSWERING,
            ["Lost", "Taken"],
        ),
    ],
)
def test_one_middleware_is_asked_about_several_exceptions(call: str, expected: list[str]) -> None:
    source = (
        "class Lost(Exception):\n    pass\n\n\n"
        f"@app.middleware('http')\nasync def pass_on(request, call_next):{call}\n\n"
        "@app.get('/a')\ndef a(number: int):\n    raise Lost(number)\n\n\n"
        "@app.get('/b')\ndef b(number: int):\n    return find(number)\n"
    )

    assert sorted(name for name, _ in shown(escapes(source))) == expected


def tried(clause: str, answer: str = "raise HTTPException(409)", body: str = "return find(number)") -> str:
    return f"try:\n    {body}\nexcept {clause}:\n    {answer}"


CAUGHT = {
    "caught": tried("Taken"),
    "caught by a base": tried("DomainError as error", "raise HTTPException(409) from error"),
    "caught by everything": tried("Exception", "return JSONResponse({}, status_code=400)"),
    "caught by one of several": tried("(KeyError, Taken)"),
    "suppressed": "with contextlib.suppress(DomainError):\n    return find(number)",
    "translated by a context manager": "with translating():\n    return find(number)",
    "translated by an asynchronous one": "async with atranslating():\n    return await afind(number)",
    "translated by an object": "with Translating():\n    return find(number)",
    "not awaited": "asyncio.create_task(afind(number))\nreturn None",
    "collected": "return await asyncio.gather(afind(number), return_exceptions=True)",
    "streamed later": "return StreamingResponse(find(n) for n in (number,))",
    "told apart by its class": tried(
        "Exception as error",
        "if isinstance(error, DomainError):\n        raise HTTPException(409)\n    raise",
    ),
    "an HTTP exception": "raise Teapot(418)",
    "validation": "raise RequestValidationError([])",
    "checked before": tried("Taken", body="find(number)") + "\nreturn find(number)",
    "not known": "raise unknown.make(number)",
}

MANAGERS = """
import unknown

@contextlib.contextmanager
def translating():
    try:
        yield
    except DomainError as error:
        raise HTTPException(409) from error

@contextlib.asynccontextmanager
async def atranslating():
    try:
        yield
    except DomainError as error:
        raise HTTPException(409) from error

class Translating:
    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if isinstance(error, DomainError):
            raise HTTPException(409)
        return False
"""


@pytest.mark.parametrize("body", CAUGHT.values(), ids=CAUGHT)
def test_it_does_not_leave(body: str) -> None:
    assert shown(escapes(handler(body, before=MANAGERS))) == []


def test_a_test_of_the_class_tells_what_is_raised_again() -> None:
    before = """
    class Full(DomainError):
        pass

    def put(number):
        if number in ROWS:
            raise Taken(number)
        if number > 10:
            raise Full(number)
    """
    body = """
    try:
        put(number)
    except DomainError as error:
        if isinstance(error, Taken):
            raise HTTPException(409)
        raise
    """

    assert shown(escapes(handler(body, before=before))) == [("Full", "domain")]


def test_what_a_clause_lets_go_on_purpose() -> None:
    body = """
    try:
        return find(number)
    except Taken as error:
        if error.__cause__ is None:
            raise HTTPException(409)
        raise
    """

    assert shown(escapes(handler(body))) == []
    assert shown(escapes(handler(body.replace("Taken as", "DomainError as")))) == [("Taken", "domain")]


def test_raising_again_what_nobody_is_seen_to_raise() -> None:
    body = "try:\n    return app.state.tools.run(number)\nexcept Taken as error:\n    raise error"

    assert shown(escapes(handler(body))) == []


def test_what_an_earlier_clause_catches_does_not_come_to_a_broad_one() -> None:
    before = """
    class DeleteFailed(Exception):
        pass

    def remove(number):
        try:
            path = find(number)
            path.unlink()
        except Taken:
            raise HTTPException(404)
        except Exception as error:
            raise DeleteFailed from error
    """

    assert shown(escapes(handler("remove(number)", before=before))) == []


def test_a_context_manager_that_is_for_something_else() -> None:
    before = MANAGERS.replace("except DomainError as error", "except KeyError as error")

    found = escapes(handler("with translating():\n    return find(number)", before=before))

    assert shown(found) == [("Taken", "domain")]


def test_a_decorator_translates() -> None:
    source = """
    def translated(function):
        @functools.wraps(function)
        async def wrapper(*args, **kwargs):
            try:
                return await function(*args, **kwargs)
            except DomainError as error:
                raise HTTPException(409) from error
        return wrapper

    @app.get("/things/{number}")
    @translated
    async def endpoint(number: int):
        return await afind(number)

    @app.get("/others/{number}")
    async def other(number: int):
        return await afind(number)
    """

    assert [escape.endpoint.path for escape in escapes(source)] == ["/others/{number}"]


def test_a_dependency_with_yield_translates_what_the_handler_raises() -> None:
    source = """
    async def session():
        try:
            yield db
        except DomainError as error:
            raise HTTPException(409) from error

    async def plain():
        try:
            yield db
        except DomainError:
            db.rollback()
            raise

    @app.get("/things/{number}")
    def endpoint(number: int, session=Depends(session)):
        return find(number)

    @app.get("/others/{number}")
    def other(number: int, session=Depends(plain)):
        return find(number)
    """

    assert [escape.endpoint.path for escape in escapes(source)] == ["/others/{number}"]


def test_a_route_class_translates() -> None:
    source = """
    class Route(APIRoute):
        def get_route_handler(self):
            original = super().get_route_handler()

            async def run(request):
                try:
                    return await original(request)
                except DomainError as error:
                    return JSONResponse({}, status_code=409)

            return run

    router = APIRouter(route_class=Route)

    @router.get("/things/{number}")
    def endpoint(number: int):
        return find(number)

    app.include_router(router)
    """

    assert shown(escapes(source)) == []


# --- for whom --------------------------------------------------------------------------------------

OPERATORS = {
    "a setting is missing": """
        def setting():
            if "KEY" not in os.environ:
                raise Taken("KEY")

        def run(number):
            setting()
        """,
    "a worker has not started": """
        STARTED = False

        def run(number):
            if not STARTED:
                raise Taken
        """,
    "an object is of another type": """
        def run(number):
            service = app.state.service
            check(service)

        def check(service):
            if not isinstance(service, FastAPI):
                raise Taken
        """,
    "the database is down": """
        async def rows(number):
            try:
                return await app.state.pool.fetch(number)
            except Exception as error:
                raise Taken from error

        async def run(number):
            return await rows(number)
        """,
    "the library says that something is down": """
        def run(number):
            try:
                return app.state.client.find(number)
            except (app.state.errors.ConnectionError, TimeoutError) as error:
                raise Taken from error
        """,
    "another service answers with an error": """
        def run(number):
            answer = app.state.client.find(number)
            if answer.status_code != 200:
                raise Taken(answer.text)
        """,
    "a broad clause around work on files": """
        class SaveFailed(Exception):
            pass

        def save(name):
            target = app.state.folder / name
            target.write_bytes(b"")

        def run(number):
            try:
                save(str(number))
            except Exception as error:
                raise SaveFailed from error
        """,
    "a class keeps it": """
        class Shelf:
            books: list = []

            @classmethod
            def first(cls):
                if not cls.books:
                    raise Taken
                return cls.books[0]

        def run(number):
            return Shelf.first()
        """,
    "an object that is never used like that": """
        class Slow:
            def __init__(self):
                self.blocks = True

            def start(self, number):
                return find(number)

        class Quick:
            def __init__(self):
                self.blocks = False

            def start(self, number):
                return None

        def run(number):
            work = Slow() if number else Quick()
            if not work.blocks:
                work.start(number)
        """,
    "the innermost test looks at the server": """
        STARTED = False

        def run(number):
            if number:
                if not STARTED:
                    raise Taken
        """,
    "the name says that it is down": """
        class StoreUnavailable(Exception):
            pass

        def run(number):
            if number:
                raise StoreUnavailable
        """,
    "a setting without a default": """
        REGION = os.environ.get("REGION")

        def check(region):
            if region != "eu":
                raise Taken

        def run(number):
            check(REGION.split("-")[0][:2])
        """,
    "the name says so": """
        class InternalError(Exception):
            pass

        def run(number):
            if number:
                raise InternalError
        """,
}


@pytest.mark.parametrize("before", OPERATORS.values(), ids=OPERATORS)
def test_nothing_that_a_client_can_change(before: str) -> None:
    assert shown(escapes(handler("result = run(number)\nawait result", before=before))) == []


def test_the_state_of_the_application_in_a_handler() -> None:
    body = "pool = request.app.state.pool\nif pool is None:\n    raise Taken\nreturn pool"

    assert shown(escapes(handler(body, parameters="request: Request"))) == []


def test_the_framework_always_gives_a_request() -> None:
    before = """
    def check(request, number):
        if request is None:
            raise Taken(number)
    """

    assert shown(escapes(handler("check(request, 1)", parameters="request: Request", before=before))) == []


def test_a_required_parameter_is_never_none() -> None:
    before = """
    class Order(BaseModel):
        name: str
        note: str | None = None

    def check(value):
        if value is None:
            raise Taken
    """
    required = handler(
        "check(number)\ncheck(order.name)", parameters="number: int, order: Order", before=before
    )
    optional = handler("check(order.note)", parameters="order: Order", before=before)

    assert shown(escapes(required)) == []
    assert shown(escapes(optional)) == [("Taken", "domain")]


@pytest.mark.parametrize(
    ("default", "found"),
    [
        ("number: int = Query()", []),
        ("number: int = Query(...)", []),
        ("number: int = 3", []),
        ("number: int = Query(None)", [("Taken", "domain")]),
        ("number: int | None = Query()", [("Taken", "domain")]),
        ("number: Optional[int] = Query()", [("Taken", "domain")]),
        ("number: Any = Query()", [("Taken", "domain")]),
    ],
)
def test_a_parameter_may_be_none_by_type_or_default(default: str, found: list[tuple[str, str]]) -> None:
    before = "from typing import Any, Optional\nfrom fastapi import Query\n"

    assert (
        shown(escapes(handler("if number is None:\n    raise Taken", parameters=default, before=before)))
        == found
    )


CLIENTS = {
    "a row that is not there": """
        def run(number):
            row = app.state.rows.find(number)
            if row is None:
                raise Taken
        """,
    "an object in the wrong state": """
        class Order:
            status: str

            def close(self):
                if self.status != "open":
                    raise Taken

        def load(number) -> Order:
            order: Order = Order()
            order.status = app.state.rows.status(number)
            return order

        def run(number):
            load(number).close()
        """,
    "a value that cannot be parsed": """
        def run(number):
            try:
                return int(number)
            except Exception as error:
                raise Taken from error
        """,
    "a broad clause named for the client": """
        class InvalidPicture(Exception):
            pass

        def run(number):
            try:
                return app.state.pictures.open(number)
            except Exception as error:
                raise InvalidPicture from error
        """,
    "a broad clause around a lookup of the project": """
        class LookupFailed(Exception):
            pass

        def run(number):
            try:
                return find(number)
            except Exception as error:
                raise LookupFailed from error
        """,
    "the last of several ways out": """
        def run(number):
            for row in ROWS:
                if row == number:
                    return row
            raise Taken(number)
        """,
}


@pytest.mark.parametrize("before", CLIENTS.values(), ids=CLIENTS)
def test_something_that_a_client_has_to_be_told(before: str) -> None:
    assert [kind for _, kind in shown(escapes(handler("return run(number)", before=before)))] == ["domain"]


def test_what_was_tested_before_cannot_be_otherwise() -> None:
    before = """
    def load(number) -> dict | None:
        return app.state.rows.get(number)

    def rename(row):
        if row is None:
            raise Taken
        return row
    """
    body = "row = load(number)\nif row is None:\n    raise HTTPException(404)\nreturn rename(row)"

    assert shown(escapes(handler(body, before=before))) == []
    assert shown(escapes(handler("return rename(load(number))", before=before))) == [("Taken", "domain")]


# --- failures of libraries -------------------------------------------------------------------------

OUTBOUND = {
    "async with httpx.AsyncClient() as client:\n    return await client.get('https://x')": "RequestError",
    "answer = httpx.get('https://x')\nanswer.raise_for_status()": "HTTPError",
    "return requests.post('https://x', json={}).json()": "RequestException",
    "session = requests.Session()\nreturn session.get('https://x')": "RequestException",
    "async with aiohttp.ClientSession() as session:\n    await session.get('https://x')": "ClientError",
}


@pytest.mark.parametrize(("body", "exception"), OUTBOUND.items())
def test_a_call_to_another_service_fails(body: str, exception: str) -> None:
    assert shown(escapes(handler(body))) == [(exception, "outbound")]


@pytest.mark.parametrize(
    "clause",
    [
        "httpx.HTTPError",
        "httpx.RequestError",
        "Exception",
        "(KeyError, httpx.HTTPError)",
        "httpx.ConnectError",
    ],
)
def test_a_failing_call_is_caught(clause: str) -> None:
    body = f"try:\n    return httpx.get('https://x')\nexcept {clause}:\n    raise HTTPException(502)"

    assert shown(escapes(handler(body))) == []


def test_an_outage_is_for_the_handler_for_everything() -> None:
    before = "app.add_exception_handler(Exception, lambda r, e: JSONResponse({}, 500))"

    assert shown(escapes(handler("return httpx.get('https://x').text", before=before))) == []


INSERT = "db.execute(f\"INSERT INTO users VALUES ('{data['email']}')\")"
WRITES = {
    "in the text": (INSERT, "data: dict"),
    "as a parameter of an untyped body": (
        "db.execute('INSERT INTO users VALUES (?)', [data['x']])",
        "data: dict",
    ),
    "on something unknown": ("app.state.db.execute(f'UPDATE users SET name = {data}')", "data: str"),
}


@pytest.mark.parametrize(("body", "parameters"), WRITES.values(), ids=WRITES)
def test_a_write_that_nobody_has_thought_of(body: str, parameters: str) -> None:
    found = escapes(handler(body, parameters=parameters, method="post"))

    assert [kind for _, kind in shown(found)] == ["library"]


QUIET = {
    "a plain read": "db.execute(f\"SELECT * FROM users WHERE email = '{data['email']}'\")",
    "a try around it": tried("sqlite3.Error", body=INSERT),
    "something is checked before": f"if db.execute('SELECT 1'):\n    raise HTTPException(409)\n{INSERT}",
    "conflicts are settled": INSERT.replace("')\"", "') ON CONFLICT DO NOTHING\""),
    "nothing of the request": "db.execute('INSERT INTO visits VALUES (1)')",
}


@pytest.mark.parametrize("body", QUIET.values(), ids=QUIET)
def test_a_statement_that_is_no_unguarded_write(body: str) -> None:
    assert shown(escapes(handler(body, parameters="data: dict", method="post"))) == []


def test_a_handler_for_errors_of_the_database_answers() -> None:
    before = "app.add_exception_handler(sqlite3.IntegrityError, lambda r, e: JSONResponse({}, 409))"

    assert shown(escapes(handler(INSERT, parameters="data: dict", before=before, method="post"))) == []


def test_a_bound_value_of_a_checked_body_is_no_unguarded_write() -> None:
    before = "class User(BaseModel):\n    email: str\n"
    body = "db.execute('INSERT INTO users VALUES (?)', [data.email])"

    assert shown(escapes(handler(body, parameters="data: User", before=before, method="post"))) == []


GONE = """
from elsewhere.errors import {name}

class Gone(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        try:
            return await call_next(request)
        except {caught}:
            return JSONResponse({{}}, status_code=499)

app.add_middleware(Gone)

@app.get("/one")
def one():
    return requests.post("https://example.org/token").json()
"""


@pytest.mark.parametrize(
    ("name", "caught", "told"),
    [
        ("ClientDisconnect", "ClientDisconnect", True),  # of a library that knows nothing of requests
        ("RequestException", "RequestException", False),  # it may hand on that of requests
        ("Gone as Left", "(ValueError, Left)", True),
        ("Gone as Left", "requests.RequestException", False),
    ],
)
def test_a_middleware_that_catches_something_else(name: str, caught: str, told: bool) -> None:
    found = escapes(GONE.format(name=name, caught=caught))
    assert bool(found) is told
