"""What the statements of a module bind and change."""

from __future__ import annotations

import dis
from pathlib import Path

import pytest

from backend_gate.facts.reader import read_source


def done(text: str) -> tuple[list[str], list[str]]:
    facts = read_source("a.py", text.encode())
    assert facts.error is None, facts.error
    assert len(facts.statements) == 1
    return sorted(facts.statements[0].binds), sorted(facts.statements[0].mutates)


@pytest.mark.parametrize(
    ("text", "binds", "mutates"),
    [
        ("x = y = 1", "x y", ""),
        ("(a, [b, *c]), d.e, f[g] = h", "a b c", "d f"),
        ("x: int", "", ""),
        ("x: int = 1", "x", ""),
        ("x += 1", "x", "x"),
        ("x.y += 1", "", "x"),
        ("del x, y.z, w[0]", "", "w y"),
        ("import a.b, c.d as e", "a e", ""),
        ("from a import b, c as d", "b d", ""),
        ("from a import *", "*", ""),
        ("type T = int", "T", ""),
        ("x.append(1)", "", "x"),
        ("x.a[0].b().c(y, z=w, *v, k=1)", "", "v w x y"),
        ("install(app, 1)", "", "app"),
        ("await x.y(z)", "", "x z"),
        ("print", "", ""),
        ("x.y", "", ""),
        ("y = x.pop()", "y", ""),
        ("@router.get('/', d)\n@cache\ndef f(): x = 1; y.append(1)", "f", "d router"),
        ("@a.b\nclass C(D):\n    x = 1\n    y.append(2)\n    @z.w()\n    def m(self): q.r()", "C", "y z"),
        ("if a:\n    b = 1\nelif c:\n    d.e()\nelse:\n    f = g", "b f", "d"),
        ("for i, x.y in z:\n    a.b()\nelse:\n    c = 1", "c i", "a x"),
        ("while a:\n    b += 1", "b", "b"),
        ("with a as b, c as (d, e.f), g(): h = 1", "b d h", "e"),
        ("try:\n    a = 1\nexcept B as c:\n    d = 1\nelse:\n    e = 1\nfinally:\n    f.g()", "a c d e", "f"),
        ("match a:\n    case [b, *c] if (d := 1):\n        e = f", "b c d e", ""),
        ("x = [(y := z) for z in w]", "x y", ""),
        ("f(lambda a=(b := 1): (c := 2))", "b", ""),
        ("def f(a=(b := 1)) -> (c := 2): d = (e := 3)", "b c f", ""),
        ("class C((a := B)):\n    x = (y := 1)", "C a", ""),
        ("if (a := b) and f'{(c := d)}': pass", "a c", ""),
        ("try: pass\nexcept (a := B): pass", "a", ""),
        ("with (a := b): pass", "a", ""),
        ("assert (a := b), {c: (d := e)}", "a d", ""),
        ("{**(a := b)}[c:(d := e)]", "a d", ""),
    ],
)
def test_effects(text: str, binds: str, mutates: str) -> None:
    assert done(text) == (binds.split(), mutates.split())


def _bound_by_compiler(text: str) -> set[str]:
    """Names that the compiler stores into the module's namespace."""
    code = compile(text, "a.py", "exec")
    stores = {"STORE_NAME", "STORE_GLOBAL"}
    return {str(i.argval) for i in dis.get_instructions(code) if i.opname in stores}


@pytest.mark.parametrize(
    "path",
    sorted(Path(__file__).parents[2].joinpath("src/backend_gate/facts").glob("*.py")),
    ids=lambda p: p.name,
)
def test_bindings_of_real_files_are_those_of_the_compiler(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    facts = read_source(path.name, text.encode())
    bound = {name for statement in facts.statements for name in statement.binds}
    hidden = {"__doc__", "__annotations__", "__conditional_annotations__"}
    assert bound == _bound_by_compiler(text) - hidden
