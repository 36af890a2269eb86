"""Python's own parser and libcst give the same facts, byte for byte, wherever both read a file."""

from __future__ import annotations

import asyncio
import email
import json
import sys
import time
import unittest
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_gate.facts.by_ast.parsing import NotForAstError
from backend_gate.facts.by_ast.statements import AstReader, BodyFilter
from backend_gate.facts.by_libcst import reading
from backend_gate.facts.model import ClassDef, FunctionDef, Statement, TopStatement, decode_block, is_read
from backend_gate.facts.reader import read_body, read_source

_root = Path(__file__).parents[2]
_libraries = [Path(module.__file__ or "").parent for module in (asyncio, email, json, unittest)]
_sources = sorted(
    path
    for folder in (_root / "src", _root / "tests", _root / "examples", *_libraries)
    for path in folder.rglob("*.py")
)


def by_ast(text: str, words: frozenset[str] | None = None) -> list[tuple[Statement, bool]]:
    reader = AstReader(text, None if words is None else BodyFilter.of(words))
    return list(reader.module())


def by_libcst(text: str, words: frozenset[str] | None = None) -> list[tuple[Statement, bool]]:
    return reading.module(text, words)


@pytest.mark.parametrize("number", range(12))
def test_real_files(number: int) -> None:
    read = 0
    for path in _sources[number::12]:
        text = path.read_text(encoding="utf-8")
        try:
            found = by_ast(text)
        except NotForAstError:
            continue
        assert found == by_libcst(text), path
        read += 1
    assert read > 10


def functions(statements: list[Statement]) -> list[FunctionDef]:
    """The functions outside of any other function, those in classes too."""
    found = []
    for statement in statements:
        if isinstance(statement, FunctionDef):
            found.append(statement)
        elif isinstance(statement, ClassDef):
            found += functions(statement.body)
    return found


def top(statements: list[TopStatement]) -> list[Statement]:
    return [decode_block(statement.code)[0] for statement in statements]


@pytest.mark.parametrize("number", range(12))
def test_a_body_by_itself_is_as_in_the_whole_file(number: int) -> None:
    left_out = 0
    for path in _sources[number::12]:
        data = path.read_bytes()
        some = read_source("x.py", data, eager_words=frozenset({"return"}))
        every = read_source("x.py", data)
        for one, whole in zip(functions(top(some.statements)), functions(top(every.statements)), strict=True):
            if not is_read(one):
                left_out += 1
                assert read_body(data, one) == decode_block(whole.body), (path, one.name)
    assert left_out > 10


ODDITIES = [
    "if a:\n    b;\nc = 1;",
    "def f(): return 1;  # why\nclass A: x = 1; y = 2;\n",
    "def f(a=(1), *, b: (int) = (  # one\n  2), **c): pass\n",
    "def f(\n    a, b=(1, 2),  # last\n) -> (int): pass\n",
    "def f() \\\n: pass\n",
    "async  def  f(*a: *B): await (x)\n" if hasattr(asyncio, "TaskGroup") else "",
    "@(a)\n@ b.c(1)\ndef f(): pass\n@d\nclass A(B, metaclass=(C),): pass\n",
    "class A(): pass\nclass B: pass\nclass C(*d, e=1): pass\n",
    "try: a\nexcept: b\ntry: a\nexcept (B): c\nexcept (D, E) as f: g;\nelse: h\nfinally: i;\n",
    "try: a\nexcept* (B) as c: d\n",
    "f(a for a in b)\nf((a for a in b))\nf(  # one\n (a) for a in (b)  # two\n)\nf(a for a in b if (c))(d)\n",
    "f(a=1, *b, c=2, **d)\nf(*a, b, *c)\nf(**a, b=1)\n",
    "x = 'é' + f(a, 'ü', b)  # ö\né.ü = {'ß': ä}\n",
    "x = f'é{a!r:>{w}}' 'ü' f'{b = }'\nx = f'''{\na\n}''' + c\nx = ('a'  # one\n f'{b}')\n",
    "x = f'{(yield)}'\ndef g(): f'{(yield)}'\n",
    "if f'{(y := 1)}': pass\n",
    "x = '\\ud800'; y = 'a' '\\ud800' f'{b}'; z = b'\\xff' b'a'\n",
    "x = 99999999999999999999, -1, 2j, 1e400, ...\n",
    "x[1], x[1,], x[(1, 2)], x[:], x[a:(b)], x[::2], x[a, 1:2], x[*a]\n",
    "((a)).b, (a.b).c(d), (a + b) + c, (a and b) and c, not (a or b) or c\n",
    (
        "match (a, *b), c:\n    case 1 | -2 | 'x': pass\n    case [d, *_] | {'k': e, **f}: pass\n"
        "    case G(h, i=j) as k: l;\n    case (None): m\n    case n if o: pass\n    case _: pass\n"
    ),
    "match a:\n    case {**rest}: pass\n    case B.c | 'x' | int(): pass\n    case [d, *rest]: pass\n",
    "if a: b\nelif (c): d\nelse:\n    if e: f\n    else: g;\n",
    (
        "with (a as b, c): pass\nwith (a), (b) as (c, d): pass\n"
        "async def f():\n    async with a: pass\n    async for b in c: d\n    else: e;\n"
    ),
    "for a, in b, c: pass\nwhile (a): b\nelse: c\n",
    "del (a, b), c\ndel (a, b)\ndel (a, b),\ndel ((a, b)); a\ndel ((a, b)),\ndel (a)\nglobal d, e\n",
    "import a.b as c, d\nfrom . import (e as f,\n g,)\nfrom ...h.i import *\n",
    "x: int\ny: (int) = (1)\nz += (1)\na = b = (c)\n",
    "lambda: 0\nlambda a, /, b=(1), *c, d, e=2, **f: (a)\nlambda *, a: a\n",
    "'''doc\n  string'''\nx = '''\\\na'''\n",
    "def f():\n\tif a:\n\t\treturn 'é'\n\telse: return (\n1)\n",
    "x = 1 \\\n  + 2\nreturn_ = (  # a\n 1\n)\n",
    "\r\nx = '''a\r\nb'''\r\ndef f():\r\n    return x\r\n",
    "𝒇 = ﬁ.ﬁ\n",
    "x = [" + "'é', " * 400 + "f'é{a.b(c=d)}' f'{e}', " + "'ü𝒇', " * 400 + 'f"""{\n g}""", h]\n',
    "x = [" + "y, " * 300 + 'f"""{a + b!r:>{w}} {[c,\n d]} {(lambda c, d=e: f(g=c))}"""]\n',
]


@pytest.mark.parametrize("text", [text for text in ODDITIES if text])
def test_oddities(text: str) -> None:
    assert by_ast(text) == by_libcst(text)


_names = st.sampled_from(
    ["a", "b.c", "é", "d[0]", "e(1, *f, g=h)", "(i)", "(j, k)", "[*l]", "{'m': n}", "f'{o}é'"]
)
_expressions = st.recursive(
    _names,
    lambda inner: st.one_of(
        st.tuples(
            inner, st.sampled_from([" + ", " and ", " or ", " < ", " not in ", " ** ", ", "]), inner
        ).map(lambda parts: f"({''.join(parts)})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}).x({two[1]})[{two[1]}]"),
        st.tuples(inner, inner).map(lambda two: f"(lambda p, q=({two[0]}): {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"f(z for z in ({two[0]}) if {two[1]})"),
        inner.map(lambda one: f"(not ({one}))"),
    ),
    max_leaves=6,
)
_simple = st.one_of(
    _expressions,
    _expressions.map("x = y = {}".format),
    _expressions.map("return ({})".format),
    _expressions.map("raise {} from é".format),
    st.sampled_from(["pass", "global g", "import a.b as c", "x: int = 1", "del q, (r)"]),
)
_lines = st.lists(_simple, min_size=1, max_size=2).flatmap(
    lambda parts: st.sampled_from(["", ";", " ;  # é"]).map(lambda end: "; ".join(parts) + end)
)


def _indented(block: list[str]) -> str:
    return "\n".join("    " + line for text in block for line in text.split("\n"))


_statements = st.recursive(
    _lines,
    lambda inner: st.one_of(
        st.tuples(_expressions, st.lists(inner, min_size=1, max_size=2), st.lists(inner, max_size=1)).map(
            lambda parts: (
                f"if {parts[0]}:\n{_indented(parts[1])}"
                + (f"\nelse:\n{_indented(parts[2])}" if parts[2] else "")
            )
        ),
        st.tuples(_expressions, st.lists(inner, min_size=1, max_size=2)).map(
            lambda parts: f"@dec\nasync def g(a, b=({parts[0]}), *c):\n{_indented(parts[1])}"
        ),
        st.lists(inner, min_size=1, max_size=2).map(
            lambda block: f"try:\n{_indented(block)}\nexcept (A, B) as c:  # é\n{_indented(block)}"
        ),
        st.lists(inner, min_size=1, max_size=2).map(lambda block: f"class C(é, k=(1)):\n{_indented(block)}"),
    ),
    max_leaves=5,
)


@given(st.lists(_statements, min_size=1, max_size=3).map("\n".join))
def test_any_code(text: str) -> None:
    assert by_ast(text) == by_libcst(text)


@pytest.mark.parametrize(
    "text", ["x = 1\n\fy = 2\n", "x = 1\ry = 2\n", "print 'a'\n", "try: a\nexcept B, C, D as e f: g\n"]
)
def test_what_ast_does_not_read_is_left_to_libcst(text: str) -> None:
    with pytest.raises(NotForAstError):
        by_ast(text)


def test_what_nests_too_deeply_is_left_to_libcst_to_complain_about() -> None:
    text = "x = " + "-" * 250 + "1"
    with pytest.raises(NotForAstError):
        by_ast(text)
    assert "too deeply" in getattr(read_source("x.py", text.encode()).error, "message", "")


def test_bodies_without_the_words_are_left_out() -> None:
    text = (
        "def f(): route()\ndef g():\n    def h(): other()\n"
        "class A:\n    @route\n    def i(self): yield\n    def j(self): other()\n"
    )
    found = [is_read(each) for each in functions([s for s, _ in by_ast(text, frozenset({"route"}))])]
    assert found == [True, False, True, False]


NESTS = [
    ("{1: ", "}"),
    ("[a for b in ", "]"),
    ("(lambda a=", ": 1)"),
    ("f(a=", ")"),
    ("(yield ", ")"),
]


@pytest.mark.parametrize(("opening", "closing"), NESTS)
@pytest.mark.parametrize("depth", [60, 99, 150, 198])
def test_whatever_nests_ends_well(opening: str, closing: str, depth: int) -> None:
    text = f"x = {opening * depth}0{closing * depth}"
    facts = read_source("x.py", text.encode())

    if facts.error is None:
        assert top(facts.statements) == [s for s, _ in by_libcst(text)]
    else:
        assert "deep" in facts.error.message


@pytest.mark.parametrize("item", ["f(é), ", "f'{a}', ", "f'é{a}', "])
def test_a_long_line_takes_no_longer_than_many_short_ones(item: str) -> None:
    """What is looked for in a line must not begin at its start each time: that would take minutes."""
    taken = []
    for separator in ("\n", ""):
        text = "x = [" + (item + separator) * 10_000 + "]\n"
        start = time.process_time()
        by_ast(text)
        taken.append(time.process_time() - start)
    assert taken[1] < 6 * taken[0]


def test_nothing_is_said_about_the_judged_code(recwarn: pytest.WarningsRecorder) -> None:
    by_ast("x = '\\d'; y = f'{\"\\d\"}' if 1 is 1 else 0\n" if sys.version_info >= (3, 12) else "x = '\\d'\n")
    assert not recwarn.list
