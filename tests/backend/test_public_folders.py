"""Files below a fixed folder, of which the client names one: that of the pages may be for everybody."""

from __future__ import annotations

import pytest
from linking import verdict_of

from backend_gate.backend.model import Verdict

HEAD = """\
from pathlib import Path
from fastapi import FastAPI, HTTPException
from fastapi.responses import FileResponse

app = FastAPI()


def is_inside(path, base) -> bool:
    return base.resolve() in path.resolve().parents


@app.get("/widget/{name:path}")
async def files(name: str, raw: bool = False):
    base = Path(__file__).parent / "FOLDER"
    path = (base / name).resolve()
"""


@pytest.mark.parametrize(
    ("folder", "body", "verdict"),
    [
        (
            "dist",
            "    if not path.is_relative_to(base):\n        raise HTTPException(400)\n    return FileResponse(path)\n",
            Verdict.UNRESOLVED,
        ),
        (
            "public/pictures",
            "    if not is_inside(path, base):\n        raise HTTPException(404)\n    return FileResponse(path)\n",
            Verdict.UNRESOLVED,
        ),
        # nothing keeps it inside
        ("dist", "    return FileResponse(path)\n", Verdict.UNPROTECTED),
        (
            "dist",
            "    if not path.is_file():\n        raise HTTPException(404)\n    return FileResponse(path)\n",
            Verdict.UNPROTECTED,
        ),
        # no folder of pages
        (
            "reports",
            "    if not is_inside(path, base):\n        raise HTTPException(404)\n    return FileResponse(path)\n",
            Verdict.UNPROTECTED,
        ),
        (
            "public/uploads",
            "    if not is_inside(path, base):\n        raise HTTPException(404)\n    return FileResponse(path)\n",
            Verdict.UNPROTECTED,
        ),
        (
            "invoices/2024",
            "    if not path.is_relative_to(base):\n        raise HTTPException(400)\n    return FileResponse(path)\n",
            Verdict.UNPROTECTED,
        ),
        # another file is given without
        (
            "dist",
            (
                "    if raw:\n        return FileResponse(Path('/srv') / name)\n"
                "    if not is_inside(path, base):\n        raise HTTPException(404)\n    return FileResponse(path)\n"
            ),
            Verdict.UNPROTECTED,
        ),
        # it does more than to give it
        (
            "dist",
            (
                "    if not is_inside(path, base):\n        raise HTTPException(404)\n"
                "    path.unlink()\n    return FileResponse(path)\n"
            ),
            Verdict.UNPROTECTED,
        ),
    ],
)
def test_a_file_that_is_kept_inside_of_a_folder(folder: str, body: str, verdict: Verdict) -> None:
    assert verdict_of(HEAD.replace("FOLDER", folder) + body) is verdict
