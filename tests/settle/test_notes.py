"""Entries of the configuration that nothing in the code answers to."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from backend_gate import gate


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(dedent(text).lstrip("\n"))


def test_entries_that_match_nothing_are_noted(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "pyproject.toml": """
                [tool.backend-gate]
                guards = [
                    "corp.auth.user",
                    "corp.auth.admin",
                ]
                routers = ["corp.web.Router", "corp.web.Missing"]
                vocabulary = ["gate.yaml"]
            """,
            "gate.yaml": "models: [corp.models.Base, corp.moduls.Base]\n",
            "shop/main.py": """
                from corp.auth import user
                from corp.models import Base
                from corp.web import Router
                from fastapi import Depends, FastAPI

                router = Router(prefix="/shop", dependencies=[Depends(user)])

                class Order(Base):
                    count: int

                @router.post("/orders")
                def place(order: Order) -> None: ...

                app = FastAPI()
                app.include_router(router)
            """,
        },
    )
    _, verdict = gate.check([tmp_path])

    assert [(note.place.file, note.place.span.line, note.message) for note in verdict.notes] == [
        ("gate.yaml", 1, "nothing here mentions `corp.moduls.Base`, which the vocabulary describes"),
        ("pyproject.toml", 4, "no endpoint depends on `corp.auth.admin`, which is named as a guard"),
        ("pyproject.toml", 6, "nothing here calls `corp.web.Missing`, which is named as making a router"),
    ]
    assert verdict.endpoints["protected"] == 1
    assert verdict.exit_code == 0
