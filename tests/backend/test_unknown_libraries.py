"""Dependencies of libraries that nothing is known of: whether they may turn somebody away."""

from __future__ import annotations

import pytest
from linking import verdict_of

from backend_gate.backend.model import Verdict

HEAD = "import sqlite3\nfrom fastapi import Depends, FastAPI\napp = FastAPI()\ndb = sqlite3.connect('x.db')\n"
ROWS = "    return db.execute('SELECT * FROM note').fetchall()\n"


@pytest.mark.parametrize(
    "imported",
    ["from corp import require_user", "from corp.auth import check", "from corp_auth.roles import Guard"],
)
def test_a_name_or_module_that_speaks_of_access_leaves_it_open(imported: str) -> None:
    name = imported.rpartition(" ")[2]
    made = f"{name}('x')" if name[0].isupper() else name
    source = f"{HEAD}{imported}\n@app.get('/notes')\ndef notes(who=Depends({made})):\n{ROWS}"

    assert verdict_of(source) is Verdict.UNRESOLVED


def test_what_stands_there_for_its_effect_alone_may_deny() -> None:
    route = "@app.get('/notes', dependencies=[Depends(stage.make())])\ndef notes():\n"
    source = f"{HEAD}from corp import stage\n{route}{ROWS}"

    assert verdict_of(source) is Verdict.UNRESOLVED


@pytest.mark.parametrize(
    "route",
    [
        "@app.get('/notes', dependencies=[Depends(rate_limiter)])\ndef notes():\n",
        "@app.get('/notes')\ndef notes(rows=Depends(open_database)):\n",
        "@app.get('/notes', dependencies=[Depends(Form)])\ndef notes():\n",
    ],
)
def test_a_limiter_a_connection_and_the_framework_turn_nobody_away(route: str) -> None:
    source = f"{HEAD}from corp import open_database, rate_limiter\nfrom fastapi import Form\n{route}{ROWS}"

    assert verdict_of(source) is Verdict.UNPROTECTED
