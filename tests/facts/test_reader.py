"""The reader against a second opinion (``ast``), and on what ``ast`` of older Pythons cannot read."""

from __future__ import annotations

import ast
import warnings
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from ast_reference import from_model, from_source

from backend_gate.facts import model
from backend_gate.facts.model import FileFacts, decode_block, decode_facts, encode_facts, lines_in
from backend_gate.facts.reader import read_source

_root = Path(__file__).parents[2]
_sources = sorted(
    path
    for folder in ("src/backend_gate/facts", "tests/facts", "tests/support", "examples")
    for path in (_root / folder).rglob("*.py")
)

_everything = r'''
"""Docstring."""
from __future__ import annotations
import a.b, c as d
from . import (e as f, g,)
from ...h.i import *
x = y = 1_000; z: int; w: list[int] = [1, *x, 0xFF, 1e3, 2j, 10**30, 99999999999999999999]
(x, *y), [z] = a
del (a, b), c[0]
assert x, "message"
text = "a" 'b\n' r"\n" "\x41\u00e9\N{EN DASH}\
continued"; octets = b"a" b"\xff\u0041"
f"a{{{x!r:>{w}}}}\n{y = }{z=!s}{1:{2}.3f}" "tail" f'{x["a"]:%Y}'
(not a) and (b and c) or d and not (e or f)
a < b <= c is not d not in e != f == g
-x ** -y // +z @ ~w << 1 >> 2 | 3 & 4 ^ 5 % 6 - (7 - (8 - 9))
(a.b(c, *d, e=f, **g)[1:2, ::3, :]).h[i][...].j()(k for k in l)
m[1,], n[o:p], q[(1, 2)], r[:, None]
lambda: (yield)
lambda a, /, b=1, *c, d, e=2, **f: (a, b)
{1: 2, **a, "b": {c, *d}}, {**e}, {}, [], (), (1,)
[a for b in c if d if e for f, g in h], {a async for a in b}, {a: b for c in d}
a if b else c if d else e
(walrus := 10, [(y := z) for z in w])
if a: b; c
elif d:
    e
else:
    f
for a, *b in c, d:
    if a: continue
    break
else: pass
while not done: ...
with a as b, (c) as (d, e), f: pass
with (
    open("a") as a,  # comment
    b,
): pass
try: a
except (B, C) as d: raise
except E: raise F from None
except: pass
else: g
finally: h
try: a
except* B: pass
match a, b:
    case {1: 2, "k": x, **rest}: pass
    case [c, *_] | (c, d.e): pass
    case A(b, c=d) | -1 | 1+2j | 'a' 'b' | e.f: pass
    case (None | True) as g if g: pass
    case *h, i: pass
    case _: pass
@decorate
@app.get("/x", y=1)
async def function(a: int, /, b: "B" = 1, *args: C, d=2, **kwargs: D) -> dict[str, int]:
    global x, y
    async with a as b: await c
    async for d in e: yield
    def inner():
        nonlocal b
        return (yield from f)
    return
@e
class Class(Base, metaclass=M, **k):
    """Doc."""
    a: int = 1
    def method(self): return self.a
class Empty(): pass
type = 1; match = 2; case = 3; _ = type
print(match[case], type(x))
x \
  = 1
x += 1; x @= 2; x //= 3; x **= 4; x >>= 5; x <<= 6; x &= 7; x ^= 8; x |= 9; x %= 10; x -= 1; x *= 2; x /= 3
'''


def statements(text: str) -> list[model.Statement]:
    facts = read_source("module.py", dedent(text).encode())
    assert facts.error is None, facts.error
    return [decode_block(statement.code)[0] for statement in facts.statements]


def first(text: str) -> Any:
    return statements(text)[0]


def test_every_form_means_what_ast_says() -> None:
    assert [from_model(statement) for statement in statements(_everything)] == from_source(_everything)


@pytest.mark.parametrize("path", _sources, ids=lambda path: str(path.relative_to(_root)))
def test_real_files_mean_what_ast_says(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    try:
        expected = from_source(text)
    except SyntaxError:
        pytest.skip("newer syntax than this Python")
    assert [from_model(statement) for statement in statements(text)] == expected


def test_facts_survive_encoding() -> None:
    facts = read_source("a/b.py", _everything.encode())
    again = decode_facts(encode_facts(facts))
    assert lines_in(encode_facts(facts)) == facts.lines
    assert again == facts
    assert encode_facts(again) == encode_facts(facts)


def test_statements_of_one_line_are_apart() -> None:
    facts = read_source("a.py", b"x = 1; y = 2;\n")
    assert [(s.span, s.binds) for s in facts.statements] == [
        (model.Span(1, 1, 1, 6), ["x"]),
        (model.Span(1, 8, 1, 13), ["y"]),
    ]


# --- syntax that came with 3.12 and later ---------------------------------------------------------


def test_exceptions_without_parentheses() -> None:
    handler = first("try: a\nexcept B, c.D: pass\n").handlers[0]
    assert from_model(handler.type) == ("TupleDisplay", [("Name", "B"), ("Attribute", ("Name", "c"), "D")])
    assert handler.span == model.Span(2, 1, 2, 14)


def test_type_alias_and_type_parameters() -> None:
    alias, function, kind = statements(
        """
        type Pair[T: (int, str) = int, *Ts = *tuple[int], **P = [int]] = dict[str, T]
        def f[T, *Ts](a: T) -> T: ...
        class C[T: int](Base[T]): ...
        """
    )
    assert isinstance(alias, model.TypeAlias)
    assert alias.name == "Pair"
    assert from_model(alias.value)[0] == "Subscript"
    assert isinstance(function, model.FunctionDef)
    assert function.type_parameters == ["T", "Ts"]
    assert isinstance(kind, model.ClassDef)
    assert kind.type_parameters == ["T"]


def test_quotes_inside_formatted_strings() -> None:
    text = first("""f'{x['a']}{f"{y["b"]}"}{'''\nline'''}'""").value
    assert [from_model(part.value)[0] for part in text.parts] == ["Subscript", "Text", "Constant"]


def test_template_string() -> None:
    template = first("t'a{b!r:>{c}}d'").value
    assert from_model(template) == ("Text", ["a", ("Hole", ("Name", "b"), "r", None), "d"], True)


def test_what_the_parser_builds_no_node_for_is_an_error() -> None:
    assert error(b"x = 'a' b'b'\n")[0] == "the parser rejects this file: Cannot concatenate string and bytes."


def test_lazy_imports_and_unpacking_comprehensions() -> None:
    plain, names, items, mapping = statements(
        "lazy import a.b\nlazy from c import d\n[*x for x in y]\n{**x for x in y}\n"
    )
    assert from_model(plain) == ("Import", [("ImportedName", "a.b", None)])
    assert from_model(names) == ("ImportFrom", "c", 0, [("ImportedName", "d", None)])
    assert from_model(items)[1][3] == ("Starred", ("Name", "x"))
    assert from_model(mapping)[1][:4] == ("Comprehension", "dict", None, ("Name", "x"))


def test_identifiers_are_compared_as_python_does() -> None:
    facts = read_source("a.py", "ﬁx = 1\n".encode())
    assert facts.statements[0].binds == ["fix"]
    assert facts.words == ["fix"]
    assert first("ﬁx = 1").targets[0].span == model.Span(1, 1, 1, 3)


# --- what the form cannot hold --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("literal", "reason"),
    [
        ("1j", "a complex number"),
        ("0x1_0000_0000_0000_0000", "an integer beyond 64 bits"),
        ("1" * 5000, "an integer beyond 64 bits"),
        (r"'\ud800'", "an escape that is no character"),
        (r"'\N{NO SUCH CHARACTER}'", "an escape that names no character"),
        (r"'\x1'", "a malformed escape"),
    ],
)
def test_unrepresentable_literals_are_unknown(literal: str, reason: str) -> None:
    value = first(literal).value
    assert isinstance(value, model.Unknown)
    assert value.reason == reason
    assert value.span == model.Span(1, 1, 1, len(literal) + 1)


def test_a_malformed_escape_keeps_the_holes_of_its_text() -> None:
    text = first(r"f'{a}\ud800{b}'").value
    assert [type(part.value).__name__ for part in text.parts] == ["Name", "Unknown", "Name"]


# --- spans ----------------------------------------------------------------------------------------


def test_spans_of_a_function() -> None:
    function = first("@a\n@b()\nasync def f(x) -> int:  # note\n    return (x)\n\n")
    assert function.span == model.Span(1, 1, 4, 15)
    assert function.definition == model.Span(3, 1, 3, 22)
    assert function.name_span == model.Span(3, 11, 3, 12)
    assert function.parameters[0].span == model.Span(3, 13, 3, 14)
    assert decode_block(function.body)[0].span == model.Span(4, 5, 4, 15)


def test_parentheses_belong_to_tuples_and_generators_only() -> None:
    assert first("((a))").value.span == model.Span(1, 3, 1, 4)
    assert first("((a, b))").value.span == model.Span(1, 2, 1, 8)
    assert first("( )").value.span == model.Span(1, 1, 1, 4)
    assert first("(a for a in b)").value.span == model.Span(1, 1, 1, 15)
    assert first("(a).b").value.span == model.Span(1, 1, 1, 6)


def test_columns_count_characters() -> None:
    facts = read_source("a.py", "\ufeffé = '😀'; b\r\nc\rd\n".encode())
    assert [s.span for s in facts.statements] == [
        model.Span(1, 1, 1, 8),
        model.Span(1, 10, 1, 11),
        model.Span(2, 1, 2, 2),
        model.Span(3, 1, 3, 2),
    ]
    assert facts.lines == 3


# --- generators, comments, words ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("yield", True),
        ("x = [(yield)]", True),
        ("return lambda: (yield)", False),
        ("def g(): yield", False),
        ("def g(x=(yield)): pass", True),
        ("class C:\n        def g(self): yield", False),
        ("return 1", False),
    ],
)
def test_generators_yield_in_their_own_scope(body: str, expected: bool) -> None:
    function = first(f"def f():\n    {body}\n")
    assert function.is_generator is expected


def test_only_comments_of_the_gate_are_kept() -> None:
    facts = read_source(
        "a.py",
        b'x = """\n# gate: not a comment\n"""  # gate: allow[a]  \n# other\ny = "# gate: no"\n#gate: b\n',
    )
    assert [(comment.span.line, comment.text) for comment in facts.comments] == [
        (3, "# gate: allow[a]"),
        (6, "#gate: b"),
    ]


def test_words_hold_every_identifier() -> None:
    facts = read_source("a.py", _everything.encode())
    with warnings.catch_warnings(action="ignore"):
        tree = ast.parse(_everything)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg}
    assert names <= set(facts.words)
    assert facts.words == sorted(set(facts.words))


# --- errors ---------------------------------------------------------------------------------------


def error(data: bytes) -> tuple[str, int, int]:
    facts = read_source("a.py", data)
    assert isinstance(facts, FileFacts)
    assert facts.error is not None
    assert facts.statements == []
    return facts.error.message, facts.error.line, facts.error.column


@pytest.mark.parametrize(
    ("data", "message", "line", "column"),
    [
        (b"x = 1\ndef f(:\n    pass\n", "syntax error", 3, 4),
        (b"if a:\nb\n", "syntax error: expected an indented block", 2, 1),
        (b"x = 1\ny = 'a\n", "syntax error: unterminated string literal", 2, 5),
        ("é = 1\nx = é é\n".encode(), "syntax error", 2, 7),
        (b"x = 1\ny = '\0'\n", "the file holds a NUL byte", 2, 6),
        (b"x = 1\ny = '\xe9'\n", "byte 0xe9 is not valid utf-8; save the file as UTF-8", 2, 6),
        (b"# coding: nonsense\n", "unknown encoding 'nonsense'", 1, 1),
    ],
)
def test_unreadable_files_say_why_and_where(data: bytes, message: str, line: int, column: int) -> None:
    assert error(data) == (message, line, column)


def test_large_files_are_not_read() -> None:
    data = b"#" * (8 * 1024 * 1024 + 1)
    assert error(data) == ("the file has more than 8,388,608 bytes, which is all that is read", 1, 1)
    assert read_source("a.py", data[1:]).error is None


@pytest.mark.parametrize("data", [b"", b"\n", b"# only a comment", b"\xef\xbb\xbf", b"\x0c\n", b"x"])
def test_small_files(data: bytes) -> None:
    facts = read_source("a.py", data)
    assert facts.error is None
    assert len(facts.statements) == (data == b"x")
    assert facts.lines == (1 if data.strip(b"\xef\xbb\xbf") else 0)
