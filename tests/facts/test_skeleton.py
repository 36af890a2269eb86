"""Leaving bodies out and reading them later gives what reading everything gives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_gate.facts import model
from backend_gate.facts.by_libcst.skeleton import skeleton
from backend_gate.facts.model import decode_block, encode_block, encode_facts, is_read
from backend_gate.facts.reader import read_body, read_source
from backend_gate.facts.source import UnreadableError

_root = Path(__file__).parents[2]
_sources = sorted(
    path
    for folder in ("src/backend_gate/facts", "tests/facts", "examples")
    for path in (_root / folder).rglob("*.py")
)


def functions(value: Any) -> Iterator[model.FunctionDef]:
    """The functions outside of any other function."""
    if isinstance(value, model.FunctionDef):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from functions(item)
    elif isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from functions(getattr(value, field))


def filled(data: bytes, words: frozenset[str]) -> tuple[bytes, int]:
    """The encoded facts after reading what was left out, and how many bodies that were."""
    facts = read_source("a.py", data, eager_words=words)
    count = 0
    for statement in facts.statements:
        block = decode_block(statement.code)
        for function in functions(block):
            if not is_read(function):
                function.body = encode_block(read_body(data, function))
                count += 1
        statement.code = encode_block(block)
    return encode_facts(facts), count


@pytest.mark.parametrize("path", _sources, ids=lambda path: str(path.relative_to(_root)))
@pytest.mark.parametrize("words", [frozenset(), frozenset({"self", "text"})], ids=["nothing", "some"])
def test_real_files(path: Path, words: frozenset[str]) -> None:
    data = path.read_bytes()
    assert filled(data, words)[0] == encode_facts(read_source("a.py", data))


_bodies = st.sampled_from(
    [
        " pass",
        " return '''a\n  b'''; x = 1;",
        "  # note\n{i}    'doc'\n\n{i}    return f(\n1,\n2)  # end\n{i}    # after\n",
        "\n{i}  # first\n{i}  if a:\n{i}     b;\n\n\n{i}  else: c ; # d\n",
        '\n{i}\tx = """\n\'\'\'\ndef no(): pass\n"""\n',
        "\n{i}    def inner(): return 'é😀'\n{i}    return inner\n",
        "\n{i}    x = yield\n",
        "\n{i}    'yield'\n",
        "\n{i}    @a\n{i}    class C:\n{i}        def m(self):\n{i}            return 1\n{i}    wanted()\n",
        " \\\n return 1 + \\\n 2\n",
        "\n{i}    try: a\n{i}    except B: c\n{i}    finally:\n{i}        d\n",
        "\n{i}    match x:\n{i}        case [1]: wanted\n",
        "\n{i}    return (yield)\n",
        " ...",
        "\n{i}    for x in y: z\n{i}    # gate: comment\n",
    ]
)
_headers = st.sampled_from(
    [
        "def f():",
        "@d(wanted)\n{i}# c\n{i}async def g(a, *, b=1) -> x:",
        "def h(  # c\n  a, b=lambda: 1\n) :",
        "@a\n\n{i}def k(x: '(:' = ':'):",
        "def l(x={{1: 2}}[1:2]) -> (a):",
    ]
)
_places = st.sampled_from(
    [
        ("", ""),
        ("class A:\n", "  "),
        ("class A:\n  x = 1\n  class B(C):\n", "    "),
        ("if a:\n", " "),
        ("try: pass\nexcept A:\n", "\t"),
        ("with a as b:\n", "  "),
        ("x = 1; y = 2\n", ""),
        ("é = '😀'\nfor x in y:\n", "   "),
        ("while a:\n", "      "),
        ("match a:\n case 1:\n", "   "),
    ]
)


@given(
    st.lists(st.tuples(_places, _headers, _bodies), min_size=1, max_size=5),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
)
@settings(deadline=None)
def test_any_mixture_of_functions(parts: list[Any], has_words: bool, newline: str) -> None:
    text = "".join(
        f"{before}{indent}{header.format(i=indent)}{body.format(i=indent)}\n"
        for (before, indent), header, body in parts
    ).replace("\n", newline)
    data = text.encode()
    full = read_source("a.py", data)
    assert full.error is None, (full.error, text)
    again, count = filled(data, frozenset({"wanted"}) if has_words else frozenset())
    assert again == encode_facts(full)
    assert count <= len(parts)


def lazy(text: str, *words: str) -> list[bool]:
    """Which of the functions have their body."""
    facts = read_source("a.py", text.encode(), eager_words=frozenset(words))
    return [is_read(function) for s in facts.statements for function in functions(decode_block(s.code))]


def test_which_bodies_are_read() -> None:
    text = (
        "def a(wanted=wanted): return other\n"
        "def b():\n    return x.wanted()\n"
        "def c():\n    'mentions wanted'\n"
        "def d():\n    unwanted, wanted_too\n"
        "def e():\n    def f(): wanted\n"
        "def g():\n    yield\n"
        "class H:\n    def i(self): wanted\n    def j(self): pass\n"
    )
    assert lazy(text, "wanted") == [False, True, True, False, True, True, True, False]
    assert lazy(text) == [False, False, False, False, False, True, False, False]


def test_a_word_is_found_however_it_is_written() -> None:
    assert lazy("def f():\n    ﬁx\n", "fix") == [True]


def test_a_body_that_was_left_out_does_not_pass_for_an_empty_one() -> None:
    facts = read_source("a.py", b"def f(): return 1\n", eager_words=frozenset())
    (function,) = functions(decode_block(facts.statements[0].code))
    with pytest.raises(msgspec.ValidationError):
        decode_block(function.body)


@pytest.mark.parametrize(
    "text",
    [
        "def f(): return 1\r# a\n",  # a line end that tree-sitter does not know
        "def f():\n\x0c    return 1\n",
        "x = 1\n",
        "def f(: return 1\n",
    ],
)
def test_all_is_read_where_the_parsers_may_differ(text: str) -> None:
    assert skeleton(text, frozenset()) is None
    assert encode_facts(read_source("a.py", text.encode(), eager_words=frozenset())) == encode_facts(
        read_source("a.py", text.encode())
    )


@pytest.mark.parametrize(
    "data",
    [
        b"def f(): return 1\nx = 0777\n",
        b"def f(): return 1\ndef g():\n\nx = 1\n",
        b"class A:\n    def g(self):\n",
    ],
)
def test_an_error_outside_of_bodies_is_the_same(data: bytes) -> None:
    eager, other = read_source("a.py", data), read_source("a.py", data, eager_words=frozenset())
    assert eager.error is not None
    assert encode_facts(other) == encode_facts(eager)


def test_a_body_that_only_one_parser_takes_is_refused_when_it_is_read() -> None:
    data = b"\ndef f():\n    return 0777\n"
    facts = read_source("a.py", data, eager_words=frozenset())
    assert facts.error is None
    (function,) = functions(decode_block(facts.statements[0].code))
    with pytest.raises(UnreadableError) as caught:
        read_body(data, function)
    assert caught.value.error.line == 2
