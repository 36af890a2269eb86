"""``explain FILE:LINE``: what the gate knows at a place."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import gate_here

FILES = {
    "pyproject.toml": '[project]\nname = "shop"\n\n[tool.backend-gate]\nrouters = ["corp.web.Router"]\n',
    "shop/__init__.py": "",
    "shop/security.py": """\
from fastapi import Header, HTTPException


def user(authorization: str = Header("")) -> None:
    if not authorization:
        raise HTTPException(401)
""",
    "shop/main.py": """\
import sqlite3

from corp.web import Router
from fastapi import Depends, FastAPI
from pydantic_settings import BaseSettings
from shop.security import user


class Settings(BaseSettings):
    debug: bool = False


router = Router(prefix="/orders", dependencies=[Depends(user)])


@router.post("/{name}")
def order(name: str, data: dict) -> None:
    database = sqlite3.connect("orders")
    database.execute(f"DELETE FROM orders WHERE name = '{name}'")
    database.commit()


app = FastAPI()
app.include_router(router)

if Settings().debug:

    @app.get("/debug")
    def debug() -> None: ...
""",
    "tool/__init__.py": "",
    "tool/lonely.py": "x = 1\n",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("explained")
    for name, text in FILES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    return root


def line(name: str, text: str) -> int:
    return next(n for n, found in enumerate(FILES[name].splitlines(), 1) if text in found)


def said(root: Path, name: str, text: str) -> str:
    done = gate_here("explain", f"{name}:{line(name, text)}", cwd=root)
    assert (done.returncode, done.stderr) == (0, "")
    return " ".join(done.stdout.split())


def test_an_endpoint_with_the_steps_to_its_verdict(shop: Path) -> None:
    text = said(shop, "shop/main.py", "@router.post")
    assert "endpoint POST /orders/{name}" in text
    assert "handler shop.main.order" in text
    assert "access protected: shop.security.user denies requests without a credential" in text
    assert "body data: dict, untyped" in text
    assert f"shop/main.py:{line('shop/main.py', 'router = ')} the route is added to this router" in text
    assert f"shop/main.py:{line('shop/main.py', 'include_router')} the router is included here" in text
    assert "shop/security.py:6 denies with status 401" in text


def test_a_router_and_the_entry_that_made_it_one(shop: Path) -> None:
    text = said(shop, "shop/main.py", "router = ")
    assert "router shop.main.router" in text
    assert "prefix /orders" in text
    assert "entry corp.web.Router (in the configuration)" in text


def test_an_include_and_the_vocabulary(shop: Path) -> None:
    text = said(shop, "shop/main.py", "include_router")
    assert "include shop.main.router into shop.main.app" in text
    assert "FastAPI.include_router (classes of fastapi.yaml)" in text


def test_a_guard(shop: Path) -> None:
    text = said(shop, "shop/security.py", "def user")
    assert "dependency shop.security.user" in text
    assert "guard a request without a credential: denies" in text
    assert "of POST /orders/{name}" in text


def test_a_statement(shop: Path) -> None:
    text = said(shop, "shop/main.py", "DELETE FROM")
    assert "SQL statement DELETE FROM orders" in text
    assert "runs in shop.main.order" in text
    assert "reached from a request" in text


def test_a_condition(shop: Path) -> None:
    assert "Settings().debug (does not hold by default) of GET /debug" in said(
        shop, "shop/main.py", "if Settings()"
    )


def test_a_line_inside_of_a_handler_is_the_handlers(shop: Path) -> None:
    assert "endpoint POST /orders/{name}" in said(shop, "shop/main.py", "database.commit")


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("shop/main.py:1", "nothing is known at shop/main.py:1\nThe nearest: line 13, "),
        ("tool/lonely.py:1", "nothing is known of tool/lonely.py"),
        ("shop/main.py:400", "shop/main.py has 29 lines, and no line 400"),
        ("shop/nowhere.py:4", 'there is no file "shop/nowhere.py"'),
        ("shop/main.py", '"shop/main.py" lacks a line\nWrite shop/main.py:1'),
    ],
)
def test_what_cannot_be_explained_is_said(shop: Path, place: str, message: str) -> None:
    done = gate_here("explain", place, cwd=shop)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
