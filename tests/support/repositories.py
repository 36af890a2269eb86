"""Real git repositories of small backends, for tests that compare revisions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from trees import git, plant

SECURITY = """\
from fastapi import HTTPException, Request


def signed_in(request: Request) -> str:
    token = request.headers.get("Authorization")
    if token is None:
        raise HTTPException(401)
    return token
"""

MAIN = """\
from fastapi import Depends, FastAPI

from shop import orders, users
from shop.security import signed_in

app = FastAPI()
app.include_router(users.router, prefix="/users", dependencies=[Depends(signed_in)])
app.include_router(orders.router, prefix="/orders", dependencies=[Depends(signed_in)])
"""


def router(name: str) -> str:
    """A module with a router of two endpoints without a guard of their own."""
    return (
        "from fastapi import APIRouter\n\nrouter = APIRouter()\n\n\n"
        f'@router.post("")\ndef create_{name}(number: int) -> None:\n    print(number)\n\n\n'
        f'@router.delete("/{{number}}")\ndef delete_{name}(number: int) -> None:\n    print(number)\n'
    )


SOUND = {
    ".gitignore": "__pycache__/\n",
    "pyproject.toml": "[project]\nname = 'shop'\n",
    "shop/__init__.py": "",
    "shop/main.py": MAIN,
    "shop/security.py": SECURITY,
    "shop/users.py": router("user"),
    "shop/orders.py": router("order"),
}
"""Four endpoints, all behind a guard that is given where their routers are included."""

OLD_FAULT = '\n\n@router.post("/import")\ndef import_users(data: dict) -> None:\n    print(data)\n'
"""An endpoint that takes anything, for the router of the users."""


def repository(root: Path, files: Mapping[str, str] = SOUND) -> Path:
    """A repository with one commit of these files."""
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "-q", "-b", "main")
    git(root, "config", "user.name", "A Person")
    git(root, "config", "user.email", "person@example.org")
    git(root, "config", "commit.gpgsign", "false")
    commit(root, files)
    return root


def commit(root: Path, files: Mapping[str, str], message: str = "Change") -> str:
    """Write files and commit everything; the id of the commit."""
    plant(root, files)
    git(root, "add", "-A")
    git(root, "commit", "-q", "--no-verify", "--allow-empty", "-m", message)
    return git(root, "rev-parse", "HEAD").strip()
