"""Guards that are weakened where they stand, and failures that nobody answers any more."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from bench.mutate import failures, guards, plant, weakened
from bench.mutate.model import WEAKENED, Mutant, Operator
from bench.mutate.source import Module, Sources
from bench.mutate.wiring import Wiring

GUARD = """\
def guard(token=Depends(scheme)):
    \"\"\"Who it is.\"\"\"
    try:
        user = decode(token)
    except TokenError:
        raise HTTPException(401)
    if user is None:
        raise HTTPException(403)
    return user
"""
ROUTE = "\n\n@r.get('/things')\ndef things(user=Depends(guard)):\n    return user.things\n"


def _sources(root: Path, text: str) -> Sources:
    (root / "app.py").write_text(dedent(text), "utf-8")
    return Sources(root)


def _endpoint(sources: Sources, handler: str, names: Sequence[str] = ("app.guard",)) -> dict[str, Any]:
    module = sources.module("app.py")
    assert module is not None
    return {
        "methods": ["GET"],
        "path": "/things/{number}",
        "handler": f"app.{handler}",
        "file": "app.py",
        "line": next(module.named(handler)).line,
        "app": "app.app",
        "dependencies": ["app.guard", "app.other", "fastapi.security.HTTPBearer()"],
        "auth": {"verdict": "protected", "guards": list(names)},
        "bodies": [],
    }


def _planted(sources: Sources, mutants: Sequence[Mutant]) -> str:
    (text,) = plant.rewritten(sources, mutants).values()
    Module("again.py", text)
    return text


def _weakened(root: Path, operator: Operator, text: str, names: Sequence[str] = ("app.guard",)) -> str | None:
    sources = _sources(root, text)
    endpoint = _endpoint(sources, "things", names)
    found = list(weakened.weakened_mutants(sources, [endpoint], {}, random.Random(1), operator))
    return _planted(sources, found) if found else None


@pytest.mark.parametrize(
    ("operator", "body"),
    [
        (Operator.EMPTIED, "    return None\n"),
        (
            Operator.UNDENIED,
            GUARD.partition("\n")[2]
            .replace("raise HTTPException(401)", "return None")
            .replace("raise HTTPException(403)", "return None"),
        ),
        (
            Operator.SWALLOWED,
            GUARD.partition("\n")[2]
            .replace("except TokenError:", "except Exception:")
            .replace("raise HTTPException(401)", "return None"),
        ),
        (
            Operator.OPENED,
            '    """Who it is."""\n    import os\n    if not os.environ.get("API_SECRET_KEY"):\n'
            "        return None\n" + GUARD.partition('"""\n')[2],
        ),
    ],
)
def test_a_guard_is_weakened(tmp_path: Path, operator: Operator, body: str) -> None:
    expected = f"{GUARD.partition(chr(10))[0]}\n{body}{ROUTE}"
    assert (
        _weakened(tmp_path, operator, GUARD + ROUTE, ["app.guard", "fastapi.security.HTTPBearer()"])
        == expected
    )


@pytest.mark.parametrize("operator", [o for o in Operator if o in WEAKENED])
def test_another_guard_of_the_backend_makes_it_no_fault(tmp_path: Path, operator: Operator) -> None:
    text = f"def other(): ...\n\n\n{GUARD}{ROUTE}"
    assert _weakened(tmp_path, operator, text, ["app.guard", "app.other"]) is None


def test_a_guard_that_calls_what_raises_goes_on_denying(tmp_path: Path) -> None:
    text = f"def decode(token):\n    raise TokenError\n\n\n{GUARD}{ROUTE}"
    assert _weakened(tmp_path, Operator.UNDENIED, text) is None
    assert _weakened(tmp_path, Operator.EMPTIED, text) is not None


def test_a_factory_of_guards_is_left(tmp_path: Path) -> None:
    text = f"def guard(role):\n    def check(): ...\n    return check\n{ROUTE}"
    assert _weakened(tmp_path, Operator.EMPTIED, text) is None


def test_a_guard_loses_its_depends(tmp_path: Path) -> None:
    sources = _sources(tmp_path, GUARD + ROUTE)
    endpoint = _endpoint(sources, "things")
    found = list(guards.misplaced_mutants(sources, Wiring(sources), [endpoint], {}, random.Random(1)))
    assert _planted(sources, found) == GUARD + ROUTE.replace("Depends(guard)", "guard")


def test_the_test_after_a_lookup_is_dropped(tmp_path: Path) -> None:
    before = "@r.get('/things')\ndef things(number, db):\n    row = db.get(Row, number)\n"
    after = "    return row.name\n"
    sources = _sources(tmp_path, f"{before}    if not row:\n        raise HTTPException(404)\n{after}")
    found = list(failures.lookup_mutants(sources, [_endpoint(sources, "things")], random.Random(1)))
    assert _planted(sources, found) == before + after


@pytest.mark.parametrize(
    "body",
    [
        "    row = db.get(Row, 1)\n    if not row:\n        raise Missing\n    return row.name\n",
        "    row = ROWS.get(number)\n    if not row:\n        raise Missing\n    return row.name\n",
        "    row = db.get(Row, number)\n    if not row:\n        row = Row()\n    return row.name\n",
        "    row = db.get(Row, number)\n    if not row:\n        raise Missing\n    return number\n",
    ],
)
def test_a_row_that_is_none_of_the_client_s_or_not_needed_is_left(tmp_path: Path, body: str) -> None:
    sources = _sources(tmp_path, f"@r.get('/things')\ndef things(number, db):\n{body}")
    assert list(failures.lookup_mutants(sources, [_endpoint(sources, "things")], random.Random(1))) == []


def test_a_clause_is_widened_and_quiet(tmp_path: Path) -> None:
    text = "@r.get('/things')\ndef things():\n    try:\n        run()\n    except Busy as e:\n        raise Locked\n"
    sources = _sources(tmp_path, text)
    found = list(failures.clause_mutants(sources, [_endpoint(sources, "things")], random.Random(1)))
    expected = text.replace("except Busy as e", "except Exception").replace("raise Locked", "pass")
    assert _planted(sources, found) == expected


def test_the_only_raise_of_a_handled_exception_is_dropped(tmp_path: Path) -> None:
    head = (
        "class Taken(Exception): ...\n\n\n@app.exception_handler(Taken)\ndef taken(request, error): ...\n\n\n"
    )
    once = "def work():\n    raise Taken('by you')\n"
    sources = _sources(tmp_path, head + once)
    assert _planted(sources, list(failures.raise_mutants(sources, random.Random(1)))) == head + once.replace(
        "Taken('by you')", "RuntimeError()"
    )
    sources = _sources(tmp_path, head + once + "\n\ndef more():\n    raise Taken('by me')\n")
    assert list(failures.raise_mutants(sources, random.Random(1))) == []
