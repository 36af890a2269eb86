"""Nothing that is let through exhausts the parser, and nothing real is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from backend_gate.facts.bounds import MAX_WEIGHT, check_bounds
from backend_gate.facts.model import decode_block, decode_facts, encode_facts
from backend_gate.facts.reader import read_source
from backend_gate.facts.source import UnreadableError


def _blocks(depth: int, header: str) -> str:
    return "".join(header.format(i=" " * level) for level in range(depth)) + " " * depth + "b"


_shapes: dict[str, Callable[[int], str]] = {
    "parentheses": lambda n: "x = " + "(" * n + "1" + ")" * n,
    "unclosed": lambda n: "x = " + "[(" * (n // 2),
    "lists": lambda n: "x = " + "[" * n + "]" * n,
    "calls": lambda n: "x = " + "f(" * n + ")" * n,
    "subscripts": lambda n: "x: " + "a[" * n + "b" + "]" * n,
    "dicts": lambda n: "x = " + "{1:" * n + "1" + "}" * n,
    "not": lambda n: "x = " + "not " * n + "1",
    "minus": lambda n: "x = " + "-" * n + "1",
    "sum": lambda n: "x = " + "1 + " * n + "1",
    "continued sum": lambda n: "x = " + "1 + \\\n" * n + "1",
    "sum over lines": lambda n: "x = (" + "1\n + " * n + "1)",
    "power": lambda n: "x = " + "1**" * n + "1",
    "and": lambda n: "x = " + "a and " * n + "1",
    "or": lambda n: "x = " + "a or\t" * n + "1",
    "conditional": lambda n: "x = " + "1 if a else " * n + "1",
    "lambda": lambda n: "x = " + "lambda:" * n + "1",
    "lambda in default": lambda n: "x = " + "lambda x=" * n + "1" + ":1" * n,
    "attributes": lambda n: "x = a" + ".b" * n,
    "chained calls": lambda n: "x = a" + ".b()" * n,
    "elif": lambda n: "if a:\n b\n" + "elif a:\n b\n" * n,
    "elif in elif": lambda n: _blocks(min(n, 90), "{i}if a:\n{i} b\n{i}elif a:\n"),
    "blocks": lambda n: _blocks(min(n, 2000), "{i}if a:\n"),
    "strings": lambda n: "x = " + '"a" ' * n,
    "formatted in formatted": lambda n: "x = " + "f'{" * n + "1" + "}'" * n,
    "parentheses in formatted": lambda n: 'x = f"{' + "(" * n + "1" + ")" * n + '}"',
    "parentheses between quotes": lambda n: 'x = f"{ "a" if ' + "(" * n + "1" + ")" * n + ' else "b" }"',
    "triple quotes": lambda n: 'x = f"""{ """a""" if ' + "(" * n + "1" + ")" * n + ' else """b""" }"""',
    "not between quotes": lambda n: 'x = f"{ "a" if ' + "not " * n + ' 1 else "b" }"',
    "after a comment sign": lambda n: 'x = f"{ "#" if (' + ("(" * 99 + '\nf"{ "#" if (') * (n // 99),
    "format specifications": lambda n: "x = f'{a" + ":{b" * n + "}" * n + "}'",
    "patterns": lambda n: "match x:\n case " + "[" * n + "]" * n + ": pass",
    "patterns over lines": lambda n: "match x:\n case " + "A(\n" * n + ")" * n + ": pass",
    "open brackets behind del": lambda n: "del " + "(" * n,
    "broken del": lambda n: "if a: b; del [\n" + "[" * n + "a b" + "]" * n + "]",
    "mappings": lambda n: "match x:\n case " + "{1:" * n + "a" + "}" * n + ": pass",
    "comparisons": lambda n: "x = " + "1 < " * n + "1",
    "decorators": lambda n: "@a\n" * n + "def f(): pass",
}  # fmt: skip

_child = """
import json, sys
from backend_gate.facts.reader import read_source
from backend_gate.facts.model import encode_facts, decode_facts, decode_block
for name, size, source in json.load(sys.stdin):
    print(name, size, flush=True)
    facts = decode_facts(encode_facts(read_source("a.py", source.encode())))
    for statement in facts.statements:
        decode_block(statement.code)
print("done")
"""


def test_no_shape_ends_or_stalls_the_process() -> None:
    """In a process of its own, which the parser may take down; its last line names the culprit."""
    cases = [
        (name, size, shape(size) + "\n")
        for name, shape in _shapes.items()
        for size in (8, 24, 90, 190, 900, 20000)
    ]
    done = subprocess.run(
        [sys.executable, "-c", _child],
        input=json.dumps(cases),
        text=True,
        capture_output=True,
        timeout=240,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")},
    )
    assert (done.stdout.splitlines()[-1], done.returncode) == ("done", 0), done.stderr[-2000:]


@pytest.mark.parametrize(
    ("shape", "size", "line", "column", "message"),
    [
        ("parentheses", 201, 1, 205, "more than 200 brackets inside each other"),
        ("sum over lines", 2000, 998, 2, "more than 1000 operators, brackets or branches inside each other"),
        ("elif", 2000, 1999, None, "more than 1000 operators, brackets or branches inside each other"),
        ("patterns", 6, 2, 12, "more than 5 brackets inside each other in the pattern of a case"),
        ("open brackets behind del", 11, 1, 15, "more than 10 brackets inside each other behind del"),
        ("parentheses in formatted", 201, 1, 207, "more than 200 brackets inside each other"),
    ],
)
def test_the_place_is_named(shape: str, size: int, line: int, column: int | None, message: str) -> None:
    text = _shapes[shape](size)
    with pytest.raises(UnreadableError) as caught:
        check_bounds(text, text.encode())
    assert caught.value.error.message == message
    assert caught.value.error.line == line
    assert column is None or caught.value.error.column == column


@pytest.mark.parametrize(
    "text",
    [
        "x = [\n" + "    {'a': [1, (2, 3)], 'b': -1 + 2 * x.y.z()},\n" * 500 + "]",
        "def f():\n    return a and b or not c\n" * 500,
        "if a:\n    b\nelif c:\n    d\nelse:\n    e\n" * 500,
        'x = """' + "[ ( { -- not and or ... " * 500 + '"""',
        "# " + "(" * 500,
        "match x:\n    case [A(b={'c': d}), (e, f)]: return g(h(i(j(k(l(m(n(o))))))))\n",
        "match x:\n    case a if f(g(h(i(j(k(l(m))))))): pass\n",
        "case = f(g(h(i(j(k)))))\ncase[1] = 2\n",
        "del a[f(g(h(i)))], b; f(g(h(i(j(k(l(m(n(o(p(q(r))))))))))))\nx = f(g(h(i(j(k(l(m(n(o(p(q(r))))))))))))\n",
        "x = (" + "'a'\n" * 1200 + ")",
        'x = f"""' + "body {{ margin: 0 -1px; color: #fff }}\n" * 1000 + '{y}"""',
        "x = f'can''t {a} don''t'\n" * 1000,
        "if a:\n" + "    b\n\n# comment\n    c\n" * 2000,
    ],
    ids=range(13),
)
def test_long_but_flat_code_is_read(text: str) -> None:
    facts = read_source("a.py", text.encode())
    assert facts.error is None


@pytest.mark.parametrize("shape", ["sum", "attributes", "elif", "lists", "conditional", "and", "strings"])
def test_what_is_let_through_can_be_encoded_and_decoded(shape: str) -> None:
    """The encoder recurses as well: the form is never deeper than it can take."""
    accepted = []
    for size in (10, 50, 90, 150, 195, 250, MAX_WEIGHT):
        facts = decode_facts(encode_facts(read_source("a.py", _shapes[shape](size).encode())))
        if facts.error is None:
            accepted.append(size)
            for statement in facts.statements:
                assert len(decode_block(statement.code)) == 1
        else:
            assert "deep" in facts.error.message or "inside each other" in facts.error.message
    assert accepted[:3] == [10, 50, 90]
