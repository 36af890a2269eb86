"""The normal form of code survives a formatter, and tells what differs apart."""

from __future__ import annotations

import subprocess
import sys

import pytest

from backend_gate.facts.code import MAX_CODE, CodeIndex
from backend_gate.facts.model import Span
from backend_gate.facts.positions import line_starts


def whole(source: str) -> str:
    """The normal form of everything."""
    starts = line_starts(source)
    return CodeIndex(source).code(Span(1, 1, len(starts), len(source) - starts[-1] + 1))


def formatted(source: str, *options: str) -> str:
    """What the formatter makes of a file."""
    command = [sys.executable, "-m", "ruff", "format", "--isolated", *options, "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout


FORMS = [
    "x = f( 'a' , b=1, )\n",
    "x = f('it\\'s', \"a 'b'\")\n",
    "x = ('a'\n     'b')\n",
    "x = ('a' f'{y}' '{z}')\n",
    "return_ = (1 + 2)\nfor (a, b) in c: pass\n",
    "class A(): pass\nclass B(A,): pass\n",
    (
        "@router.get('/x', tags = ['a', 'b', 'c'], responses = {404: {'description': 'gone gone gone gone gone'}})\n"
        "async def f(data: dict, other: int=Depends( g ), *, third: 'Annotated[str, Query()]' = None) -> None: ...\n"
    ),
    "execute(f'SELECT * FROM {table} WHERE a = \"b\"' % (0XFF, 1E5), ) ;y = 1\n",
    "with (open(a) as b, open(c)): pass\ndel (a, b)\nassert (x), ('m')\n",
    "x = not(a)\nif (a and\n    b): pass  # why\n",
    "x = a if b else(c)\ny = lambda a, *, b = 1: (yield)\n",
    "from a import (b, c)\nx = a [1 : 2]\n",
    "x = some_function_with_a_name(first_argument_of_it)[0].method_of_the_result(second_argument).another_one(third)\n",
]


@pytest.mark.parametrize("source", FORMS)
@pytest.mark.parametrize(
    "options", [(), ("--line-length", "40"), ("--config", "format.quote-style='single'")]
)
def test_a_formatter_changes_nothing(source: str, options: tuple[str, ...]) -> None:
    assert whole(formatted(source, *options)) == whole(source)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("f(a, b)", "f(a(b))"),
        ("a: dict", "a: list"),
        ("f('a')", "f('b')"),
        ("f(b'a')", "f('a')"),
        ("f(r'\\n')", "f('\\n')"),
        ("f'{a}'", "f'{b}'"),
        ("not a", "nota"),
        ("'a', 'b'", "'a' 'b'"),
        ("a in b", "a is b"),
    ],
)
def test_different_code_differs(one: str, other: str) -> None:
    assert whole(one) != whole(other)


def test_line_ends_and_broken_code() -> None:
    assert whole("f(\r\n  a,\r\n  b)\r\n") == whole("f(a, b)")
    assert whole("f(\r  a)\r") == whole("f(a)")
    assert whole("def f(:\n  x = (1\n").startswith("def f")
    assert whole("") == ""


def test_it_is_readable_and_stands_on_one_line() -> None:
    assert whole("router.get(\n  '/x' , tags=['a'] ,\n)") == 'router.get("/x", tags=["a"])'
    assert whole('f("""SELECT 1\n  FROM x""")') == 'f("SELECT 1\\n  FROM x")'
    assert whole("return await x") == "return await x"


def test_long_code_is_cut_and_still_told_apart() -> None:
    one, other = (whole("f(" + "a, " * 400 + last + ")") for last in "bc")
    assert one != other
    assert len(one) < MAX_CODE + 20


def test_the_enclosing_definition() -> None:
    index = CodeIndex(
        "import a\n\n\nclass Users:\n    @router.get(\n        '/é', x\n    )\n    def list(self, q: dict):\n"
        "        def inner():\n            return 1\n\n\nx = 1\n"
    )
    assert index.symbol(Span(1, 1, 1, 3)) == ""
    assert index.symbol(Span(4, 7, 4, 12)) == "Users"
    assert index.symbol(Span(6, 15, 6, 16)) == "Users.list"
    assert index.symbol(Span(8, 20, 8, 27)) == "Users.list"
    assert index.symbol(Span(10, 13, 10, 20)) == "Users.list.inner"
    assert index.symbol(Span(99, 1, 99, 2)) == ""
    assert index.code(Span(6, 15, 6, 16)) == "x"
    assert index.definition_lines(Span(6, 9, 6, 10)) == (5, 10)
    assert index.definition_lines(Span(10, 13, 10, 20)) == (9, 10)
    assert index.definition_lines(Span(1, 1, 1, 3)) == (1, 1)


def test_what_a_call_calls() -> None:
    index = CodeIndex('é = "ü"; app = (web.\n    Service)(\n    title="x",\n)\n')
    assert index.callee(Span(1, 16, 4, 2)) == Span(1, 16, 2, 13)
    assert index.callee(Span(1, 10, 1, 13)) == Span(1, 10, 1, 13)
