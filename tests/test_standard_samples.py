"""The two code samples of the standard (docs/standard.md), completed by the imports and names they lack."""

from __future__ import annotations

import re
from pathlib import Path

import judging

STANDARD = Path(__file__).parents[1] / "docs" / "standard.md"

ANTI_PATTERN_LACKS = """\
import sqlite3

from fastapi import FastAPI

app = FastAPI()
db = sqlite3.connect("users.db")

"""

BEST_PRACTICE_LACKS = """\
from app.database import Database, get_db
from app.users import User, require_admin
"""

DATABASE = """\
from collections.abc import AsyncIterator

from app.users import User


class Users:
    async def get_by_email(self, email: str) -> User | None: ...

    async def create(self, values: dict[str, str]) -> User: ...


class Database:
    users: Users


async def get_db() -> AsyncIterator[Database]:
    yield Database()
"""

USERS = """\
from dataclasses import dataclass

from fastapi import Depends, HTTPException, status
from fastapi.security import OAuth2PasswordBearer

scheme = OAuth2PasswordBearer(tokenUrl="token")


@dataclass
class User:
    id: str
    email: str
    name: str
    is_admin: bool


SIGNED_IN: dict[str, User] = {}


def require_admin(token: str = Depends(scheme)) -> User:
    user = SIGNED_IN.get(token)
    if user is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED)
    if not user.is_admin:
        raise HTTPException(status.HTTP_403_FORBIDDEN)
    return user
"""

MAIN = """\
from fastapi import FastAPI

from app.routes import router

app = FastAPI()
app.include_router(router)
"""


def sample(title: str) -> str:
    """The code under a title of the standard, as it stands there."""
    match = re.search(rf"\*\*{title}:\*\*\n```python\n(.*?)```", STANDARD.read_text("utf-8"), re.DOTALL)
    assert match is not None, f"docs/standard.md has no sample called {title}"
    return match[1]


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def test_the_anti_pattern_has_every_fault_it_was_written_for(tmp_path: Path) -> None:
    main = ANTI_PATTERN_LACKS + sample("Anti-Pattern")
    root = write(tmp_path / "anti-pattern", {"main.py": main})

    code, report = judging.run("check", root, tmp_path)

    line = {text.strip(): number for number, text in enumerate(main.split("\n"), start=1)}
    route = line['@app.post("/users")']
    statement = line["db.execute(f\"INSERT INTO users VALUES ('{data['email']}')\")"]
    assert judging.found(report) == {
        ("main.py", route, "BG101"),
        ("main.py", route + 1, "BG201"),
        ("main.py", statement, "BG301"),
        ("main.py", statement, "BG401"),
    }
    assert code == 1


def test_the_best_practice_has_none(tmp_path: Path) -> None:
    files = {
        "app/__init__.py": "",
        "app/database.py": DATABASE,
        "app/users.py": USERS,
        "app/routes.py": BEST_PRACTICE_LACKS + sample("Best Practice"),
        "app/main.py": MAIN,
    }
    root = write(tmp_path / "best-practice", files)

    code, report = judging.run("check", root, tmp_path)

    assert report["findings"] == []
    assert report["summary"]["endpoints"]["protected"] == 1
    assert report["open_questions"] == []
    assert code == 0
