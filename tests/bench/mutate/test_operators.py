from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from bench.mutate import bodies, guards, handlers, plant, statements
from bench.mutate.model import Mutant, Operator, simple
from bench.mutate.source import Module, Sources
from bench.mutate.wiring import Wiring

DEPS = """\
    from typing import Annotated
    from fastapi import Depends
    from fastapi.security import OAuth2PasswordBearer

    scheme = OAuth2PasswordBearer("/token")

    def get_db(): ...

    def get_user(token: Annotated[str, Depends(scheme)], db=Depends(get_db)): ...

    def require(role):
        def check(user=Depends(get_user)): ...
        return check

    User = Annotated[object, Depends(get_user)]
    Session = Annotated[object, Depends(get_db)]
    """


def _sources(root: Path, files: dict[str, str]) -> Sources:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), "utf-8")
    return Sources(root)


def _endpoint(file: str, line: int, path: str, guard: Sequence[str], **more: Any) -> dict[str, Any]:
    return {
        "methods": ["GET"],
        "path": path,
        "handler": "m.f",
        "file": file,
        "line": line,
        "app": "m.app",
        "dependencies": ["app.deps.get_user", "app.deps.get_db", "fastapi.security.OAuth2PasswordBearer()"],
        "auth": {"verdict": "protected", "required": True, "guards": list(guard), "reason": ""},
        "bodies": [],
        **more,
    }


def _planted(sources: Sources, mutants: Sequence[Mutant]) -> str:
    (text,) = plant.rewritten(sources, mutants).values()
    Module("again.py", text)
    return text


def _route(tmp_path: Path, source: str, path: str = "/items") -> tuple[Sources, list[Mutant]]:
    sources = _sources(tmp_path, {"app/deps.py": DEPS, "app/routes.py": source})
    module = sources.module("app/routes.py")
    assert module is not None
    line = next(d.line for d in module.definitions)
    endpoint = _endpoint("app/routes.py", line, path, ["app.deps.get_user"])
    found = guards.route_mutants(sources, Wiring(sources), [endpoint], {}, random.Random(1))
    return sources, list(found)


def test_simple_names() -> None:
    assert simple("a.b.get_user") == "get_user"
    assert simple("a.require.<locals>.check") == "require"
    assert simple("a.Guard()") == simple("a.Guard.__call__") == simple("a.Guard") == "Guard"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '@router.get("/items", dependencies=[Depends(get_user)])\nasync def items(): ...\n',
            '@router.get("/items")\nasync def items(): ...\n',
        ),
        (
            '@r.get("/items", dependencies=[Depends(get_db), Depends(require("x"))], q=[])\ndef f(): ...\n',
            '@r.get("/items", dependencies=[Depends(get_db), ], q=[])\ndef f(): ...\n',
        ),
        (
            '@router.get("/items")\ndef items(db: Session, user: User): ...\n',
            '@router.get("/items")\ndef items(db: Session, ): ...\n',
        ),
        (
            '@router.get("/items")\ndef items(*, user=Security(get_user, scopes=["a"])):\n    return 1\n',
            '@router.get("/items")\ndef items():\n    return 1\n',
        ),
        (
            '@r.get("/items")\ndef f(user: User, q=0):\n    """Text."""\n    return all(user.id)\n',
            '@r.get("/items")\ndef f(q=0):\n    """Text."""\n    user = object()\n    return all(user.id)\n',
        ),
    ],
)
def test_a_guard_is_taken_from_a_route(tmp_path: Path, before: str, after: str) -> None:
    imports = "from .deps import User, Session, get_user, get_db, require\n"
    sources, found = _route(tmp_path, imports + before)
    assert [m.operator for m in found] == [Operator.ROUTE_GUARD]
    assert _planted(sources, found) == imports + after


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ('@r.get("/items")\ndef items(db: Session): ...\n', "/items"),  # the guard comes from elsewhere
        ('@r.get("/items", dependencies=[Depends(get_user)])\ndef items(u: User): ...\n', "/items"),  # twice
        (
            '@r.get("/items")\ndef items(u: User):\n    if u: return 1\n',
            "/items",
        ),  # a stub would change the flow
        ('@r.get("/items")\ndef items(u: User): return u.id\n', "/items"),  # nothing left to guard
        ('@r.get("/health")\ndef items(u: User): ...\n', "/health"),  # may answer anybody
    ],
)
def test_what_would_be_no_fault_is_not_planted(tmp_path: Path, source: str, path: str) -> None:
    _, found = _route(tmp_path, f"from .deps import User, Session, get_user\n{source}", path)
    assert found == []


def test_the_decorator_of_the_endpoint_is_edited_and_no_other(tmp_path: Path) -> None:
    text = (
        "from .deps import get_user\n"
        '@router.get("/v1/items", dependencies=[Depends(get_user)])\n'
        '@router.get("/items", dependencies=[Depends(get_user)])\n'
        "def items(): ...\n"
    )
    sources, found = _route(tmp_path, text, "/api/v1/items")
    assert _planted(sources, found).splitlines()[1:3] == [
        '@router.get("/v1/items")',
        '@router.get("/items", dependencies=[Depends(get_user)])',
    ]


def test_guards_of_routers_applications_and_includes(tmp_path: Path) -> None:
    text = """\
        import fastapi
        from .deps import get_user, get_db
        router = APIRouter(prefix="/a", dependencies=[Depends(get_db), Depends(get_user)])
        other = APIRouter(dependencies=[Depends(get_db)])
        class Admin(APIRouter):
            def __init__(self):
                super().__init__(dependencies=(Depends(get_user), Depends(get_db)))
        app = FastAPI(dependencies=[Depends(get_user)])
        app.include_router(router, dependencies=[Depends(get_user)])
        """
    sources = _sources(tmp_path, {"app/deps.py": DEPS, "app/main.py": text})
    endpoint = _endpoint("app/main.py", 1, "/x", ["app.deps.get_user"])
    found = list(guards.wiring_mutants(sources, Wiring(sources), [endpoint], {}, random.Random(1)))
    assert sorted((m.line, m.operator.name) for m in found) == [
        (3, "ROUTER_GUARD"),
        (7, "ROUTER_GUARD"),
        (8, "ROUTER_GUARD"),
        (9, "INCLUDE_GUARD"),
    ]
    # Each lifts the same guard from many routes: they cannot be told apart within one batch.
    assert [len(b) for b in plant.batches(found)] == [1, 1, 1, 1]
    assert _planted(sources, found).splitlines()[2:] == [
        'router = APIRouter(prefix="/a", dependencies=[Depends(get_db), ])',
        "other = APIRouter(dependencies=[Depends(get_db)])",
        "class Admin(APIRouter):",
        "    def __init__(self):",
        "        super().__init__(dependencies=(Depends(get_db),))",
        "app = FastAPI()",
        "app.include_router(router)",
    ]


def test_only_guards_leaves_out_what_is_protected_otherwise() -> None:
    endpoint = _endpoint("m.py", 1, "/x", ["app.deps.get_user"])
    assert guards.only_guards(endpoint, {}) == {"get_user"}
    assert guards.only_guards(endpoint, {("GET", "/x"): frozenset({"a"})}) == {"a"}
    assert guards.only_guards(endpoint, {("POST", "/x"): frozenset({"a"})}) == set()
    inline = _endpoint("m.py", 1, "/x", ["app.deps.get_user", "app.auth.check_inside"])
    assert guards.only_guards(inline, {}) == set()


def test_a_typed_body_is_opened(tmp_path: Path) -> None:
    text = """\
        from pydantic import BaseModel
        class Base(BaseModel): ...
        class Item(Base): ...
        class Other: ...
        def one(id: int, item: Item): ...
        def two(item: Annotated[Item, Body(embed=True)]): ...
        def three(item: Annotated[Item, Form()]): ...
        def four(item: Other): ...
        def five(item: dict): ...
        """
    sources = _sources(tmp_path, {"m.py": text})
    bodies_of = [{"name": "item", "untyped": False}]
    endpoints = [_endpoint("m.py", n, f"/{n}", [], bodies=bodies_of) for n in range(5, 9)]
    endpoints.append(_endpoint("m.py", 9, "/9", [], bodies=[{"name": "item", "untyped": True}]))
    found = list(bodies.body_mutants(sources, endpoints, random.Random(1)))
    assert sorted(m.scope for m in found) == ["one", "two"]
    assert _planted(sources, found).splitlines()[4:6] == [
        "def one(id: int, item: dict): ...",
        "def two(item: Annotated[dict, Body(embed=True)]): ...",
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            'db.execute("SELECT 1 FROM t WHERE a = :a AND b = :b", {"a": a, "b": 1})',
            'db.execute(f"SELECT 1 FROM t WHERE a = \'{a}\' AND b = :b", {"b": 1})',
        ),
        (
            'db.execute(text("SELECT x::json FROM t WHERE x = :x"), {"x": a})',
            "db.execute(text(f\"SELECT x::json FROM t WHERE x = '{a}'\"), {})",
        ),
        (
            'db.fetchone("SELECT {} FROM t " "WHERE n = ? AND a = ?", (1, a))',
            'db.fetchone("SELECT {} FROM t " f"WHERE n = ? AND a = \'{a}\'", (1,))',
        ),
        (
            "db.fetchone('SELECT {} FROM t WHERE a = %s', [a])",
            "db.fetchone(f'SELECT {{}} FROM t WHERE a = {a}', [])",
        ),
        (
            'db.fetch(f"SELECT 1 FROM {TABLE} WHERE n = $1 AND a = $2", 1, a)',
            "db.fetch(f\"SELECT 1 FROM {TABLE} WHERE n = $1 AND a = '{a}'\", 1)",
        ),
        (
            'db.execute("DELETE FROM t WHERE a = :name", {"name": item.name})',
            "db.execute(f\"DELETE FROM t WHERE a = '{item.name}'\", {})",
        ),
    ],
)
def test_a_bound_text_is_written_into_the_statement(tmp_path: Path, before: str, after: str) -> None:
    text = "class Item:\n    id: int\n    name: str\ndef f(a: str, item: Item):\n    {}\n"
    sources = _sources(tmp_path, {"m.py": text.format(before)})
    found = list(statements.sql_mutants(sources, random.Random(1)))
    assert _planted(sources, found) == text.format(after)


@pytest.mark.parametrize(
    "body",
    [
        'db.execute("SELECT 1 FROM t WHERE a = :n", {"n": n})',  # a number is no way in
        'db.execute("SELECT 1 FROM t WHERE a = :id", {"id": item.id})',
        'a = clean(a); db.execute("SELECT 1 FROM t WHERE a = :a", {"a": a})',
        'if a not in KNOWN: raise E\n    db.execute("SELECT 1 FROM t WHERE a = :a", {"a": a})',
        'log.execute("running :a", {"a": a})',
        "db.execute(QUERY, {'a': a})",
        'db.fetch("SELECT 1 FROM t WHERE a = $1 AND b = $2", a, n)',  # $2 is no text, $1 is not the last
        'db.execute("SELECT 1 FROM t WHERE a = :a", {"a": a})\nf("x", 1, None)\nf(a="y", n=2, item=None)',
    ],
)
def test_safe_values_and_unclear_statements_are_left(tmp_path: Path, body: str) -> None:
    text = f"class Item:\n    id: int\ndef f(a: str, n: int, item: Item):\n    {body}\n"
    sources = _sources(tmp_path, {"m.py": text})
    assert list(statements.sql_mutants(sources, random.Random(1))) == []


@pytest.mark.parametrize(("call", "planted"), [("by_name(db)", 0), ("by_name(db, wanted)", 1)])
def test_who_leaves_a_parameter_out_writes_its_default(tmp_path: Path, call: str, planted: int) -> None:
    body = "def by_name(db, name: str = 'core'):\n    return db.execute('select 1 from t where n = ?', (name,))\n"
    sources = _sources(tmp_path, {"m.py": body, "n.py": f"def f(db, wanted: str):\n    return {call}\n"})

    assert len(list(statements.sql_mutants(sources, random.Random(1)))) == planted


def test_one_caller_with_a_value_is_a_way_in_and_migrations_are_left(tmp_path: Path) -> None:
    text = 'def f(a: str):\n    db.execute("SELECT 1 FROM t WHERE a = :a", {"a": a})\nf("x")\nf(name)\n'
    sources = _sources(tmp_path, {"m.py": text, "core/migrations.py": text})
    assert [mutant.file for mutant in statements.sql_mutants(sources, random.Random(1))] == ["m.py"]


ERRORS = """\
    class AppError(Exception): ...
    class Missing(AppError): ...
    class Taken(AppError): ...
    class Quiet(Exception): ...
    class Unused(Exception): ...
    class Web(HTTPException): ...
    """
SERVICE = """\
    from errors import Missing, Taken, Quiet, Web
    def find(x):
        if not x: raise Missing(x)
        raise Web(404)
    def guarded(x):
        try:
            quiet(x)
        except Exception:
            return None
    def quiet(x):
        raise Quiet
    """


def test_handlers_whose_exception_escapes_an_endpoint_are_dropped(tmp_path: Path) -> None:
    text = """\
        from errors import *
        from service import find, guarded
        @app.get("/x")
        def endpoint(x):
            guarded(x)
            return find(x)
        @app.exception_handler(AppError)
        def on_error(request, exc): ...
        app.add_exception_handler(Quiet, on_error)
        app.add_exception_handler(Unused, on_error)
        app.add_exception_handler(Web, on_error)
        app.add_exception_handler(ValueError, on_error)
        """
    sources = _sources(tmp_path, {"errors.py": ERRORS, "service.py": SERVICE, "main.py": text})
    endpoint = _endpoint("main.py", 4, "/x", [])
    (mutant,) = handlers.handler_mutants(sources, [endpoint], random.Random(1))
    assert mutant.line == 7
    assert mutant.names == {"AppError", "Missing", "Taken"}
    assert "@app.exception_handler" not in _planted(sources, [mutant])


def test_a_handler_of_a_base_class_makes_the_drop_no_fault(tmp_path: Path) -> None:
    text = """\
        from service import find
        app = FastAPI(exception_handlers={Missing: on_error, Exception: on_error})
        @app.get("/x")
        def endpoint(x): return find(x)
        """
    files = {"errors.py": ERRORS, "service.py": SERVICE, "main.py": text}
    endpoint = _endpoint("main.py", 4, "/x", [])
    sources = _sources(tmp_path, files)
    (mutant,) = handlers.handler_mutants(sources, [endpoint], random.Random(1))
    assert "exception_handlers={Exception: on_error}" in _planted(sources, [mutant])
    more = dedent(text) + "app.add_exception_handler(AppError, on_error)\n"
    sources = _sources(tmp_path, {"main.py": more})
    # Neither: a lost handler of Missing leaves that of AppError, and nothing else of its family is raised.
    assert list(handlers.handler_mutants(sources, [endpoint], random.Random(1))) == []
