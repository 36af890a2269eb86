"""A call that is remembered gives what following it again would give."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from linking import linker

from backend_gate.backend.link import Linker
from backend_gate.backend.summaries import Summaries
from backend_gate.settings import Settings

BACKENDS = Path(__file__).parents[1] / "backends"
HEAD = """\
import sqlite3
from fastapi import Depends, FastAPI, HTTPException, Request

app = FastAPI()
db = sqlite3.connect("x.db")
ALLOWED = ["name", "town"]

"""
PADDING = "".join(f"    x{n} = [{n}, {n} + 1, 'a' + 'b', str({n})]\n" for n in range(12))
"""Enough work for a function to be worth remembering."""


def judged(files: dict[str, str]) -> tuple[Linker, list[Any]]:
    """The linker, and everything it has judged as plain data."""
    found = linker(files)
    backend = found.run()
    found.judge(Settings())
    parts = [
        [(e.path, e.methods, e.auth, e.bodies) for e in backend.endpoints],
        backend.statements,
        [(e.place, e.exception) for e in backend.escapes],
        backend.unresolved,
    ]
    return found, msgspec.to_builtins(parts, enc_hook=repr)


def forgetful(monkeypatch: pytest.MonkeyPatch, files: dict[str, str]) -> tuple[Linker, list[Any]]:
    with monkeypatch.context() as patch:
        patch.setattr(Summaries, "asked", lambda *_: None)
        return judged(files)


@pytest.mark.parametrize("folder", sorted(p.name for p in BACKENDS.iterdir() if p.is_dir()))
def test_remembering_changes_nothing(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = BACKENDS / folder
    files = {
        p.relative_to(root).as_posix(): p.read_text(encoding="utf-8") for p in sorted(root.rglob("*.py"))
    }

    assert judged(files)[1] == forgetful(monkeypatch, files)[1]


def same(monkeypatch: pytest.MonkeyPatch, source: str) -> Linker:
    """The linker that remembers, after holding its answers against one that does not."""
    files = {"main.py": HEAD + source}
    found, answers = judged(files)
    forgets, expected = forgetful(monkeypatch, files)
    assert answers == expected
    assert found.interpreter.steps <= forgets.interpreter.steps
    return found


def saves(monkeypatch: pytest.MonkeyPatch, source: str) -> bool:
    """Whether remembering makes fewer steps, and the same answers."""
    files = {"main.py": HEAD + source}
    return same(monkeypatch, source).interpreter.steps < forgetful(monkeypatch, files)[0].interpreter.steps


def handlers(body: str, count: int = 4) -> str:
    return "".join(f'@app.get("/h{n}")\ndef h{n}(q: str, r: str):\n{body}\n' for n in range(count))


def test_a_helper_that_handlers_share_is_followed_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    helper = f"def clean(text):\n{PADDING}    return text.strip()\n\n"

    assert saves(monkeypatch, helper + handlers('    db.execute(f"SELECT {clean(q)}")'))


def test_each_call_gets_its_own_argument_back(monkeypatch: pytest.MonkeyPatch) -> None:
    helper = f"def clean(text):\n{PADDING}    return text\n\n"
    body = """\
    one, other = clean(q), clean(r)
    if one not in ALLOWED:
        raise HTTPException(400)
    db.execute(f"SELECT {one} FROM t WHERE x = '{other}'")
"""
    found = same(monkeypatch, helper + handlers(body))

    (statement,) = {s.template for s in found.backend.statements}
    assert statement
    origins = {tuple(hole.origin for hole in s.holes) for s in found.backend.statements}
    assert origins == {("allow-listed", "request-tainted")}


def test_a_statement_is_found_in_every_handler_that_reaches_it(monkeypatch: pytest.MonkeyPatch) -> None:
    helper = f"def find(name):\n{PADDING}    return db.execute(f\"SELECT * FROM t WHERE n = '{{name}}'\")\n\n"

    found = same(monkeypatch, helper + handlers("    return find(q)"))

    assert found.backend.statements


def test_what_a_call_raises_is_seen_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    helper = f"""\
class Gone(Exception):
    pass

def load(name):
{PADDING}    if not name:
        raise Gone
    return name

"""

    found = same(monkeypatch, helper + handlers("    return load(q)"))

    assert len(found.backend.escapes) == 4


def test_a_call_that_changes_its_argument_is_followed_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    helper = f"def fill(parts, text):\n{PADDING}    parts.append(text)\n\n"
    body = '    parts = []\n    fill(parts, q)\n    db.execute("SELECT " + parts[0])\n'

    found = same(monkeypatch, helper + handlers(body))

    assert found.backend.statements


def test_what_a_caller_adds_to_a_result_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    helper = f"def parts():\n{PADDING}    return ['name']\n\n"
    body = """\
    found = parts()
    found.append(q)
    other = parts()
    db.execute("SELECT " + other[-1])
"""
    found = same(monkeypatch, helper + handlers(body))

    assert not found.backend.statements


def test_a_call_that_changes_an_enclosing_name_is_followed_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    body = f"""\
    text = "name"
    def replace(new):
        nonlocal text
{PADDING.replace("    x", "        x")}        text = new
    replace("town")
    replace(q)
    replace(r)
    db.execute("SELECT " + text)
"""
    found = same(monkeypatch, handlers(body))

    assert found.backend.statements


def test_a_name_of_the_module_that_was_bound_anew_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    helper = f"""\
column = "name"

def use(new):
    global column
    column = new

def current():
{PADDING}    return column

"""
    body = '    current()\n    use(q)\n    db.execute("SELECT " + current())\n'
    found = same(monkeypatch, helper + handlers(body))

    assert found.backend.statements


def test_recursion_is_remembered_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    helper = f"""\
def walk(value):
{PADDING}    if isinstance(value, list):
        return [walk(v) for v in value]
    return value

"""

    assert saves(monkeypatch, helper + handlers('    db.execute(f"SELECT {walk(q)}")'))


def test_a_closure_belongs_to_its_call(monkeypatch: pytest.MonkeyPatch) -> None:
    helper = f"""\
def maker(name):
{PADDING}    def get():
        return name
    return get

"""
    body = '    one, other = maker("a"), maker(q)\n    db.execute("SELECT " + one() + other())\n'
    found = same(monkeypatch, helper + handlers(body))

    assert {hole.origin for s in found.backend.statements for hole in s.holes} == {"request-tainted"}


def test_a_guard_that_reads_a_credential_is_run_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    source = f"""\
def token(request):
{PADDING}    return request.headers.get("Authorization")

def guard(request: Request):
    if token(request) is None:
        raise HTTPException(401)

def other(request: Request):
    if token(request) is None:
        raise HTTPException(403)

@app.get("/a", dependencies=[Depends(guard)])
def a():
    return db.execute("SELECT 1")

@app.get("/b", dependencies=[Depends(other)])
def b():
    return db.execute("SELECT 1")
"""
    found = same(monkeypatch, source)

    assert [e.auth.verdict.value for e in found.backend.endpoints] == ["protected", "protected"]
