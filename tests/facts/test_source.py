"""Bytes to text: PEP 263 and what is refused."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_gate.facts.source import UnreadableError, decode


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"# -*- coding: latin-1 -*-\nx = '\xe9'\n", "# -*- coding: latin-1 -*-\nx = 'é'\n"),
        (b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n'\x80'", None),
        (b"\xef\xbb\xbfx = 1", "x = 1"),
        (b"\xef\xbb\xbf# coding: utf-8\n", "# coding: utf-8\n"),
        (b"x = 1\n# coding: latin-1\n'\xc3\xa9'", "x = 1\n# coding: latin-1\n'é'"),
        (b"\r\n# coding: latin-1\r\n'\xe9'", "\r\n# coding: latin-1\r\n'é'"),
        (b"# coding=UTF-8-unix\n", None),
    ],
)
def test_declared_encodings(data: bytes, text: str | None) -> None:
    if text is None and b"cp1252" in data:
        text = data.decode("cp1252")
    if text is None:
        with pytest.raises(UnreadableError):
            decode(data)
    else:
        assert decode(data) == text


@pytest.mark.parametrize(
    "codec", ["rot13", "hex", "unicode_escape", "punycode", "idna", "undefined", "no/such"]
)
def test_codecs_that_are_not_for_source(codec: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        decode(f"# coding: {codec}\n".encode())
    assert "encoding" in caught.value.error.message


def test_text_that_the_parser_could_not_take() -> None:
    with pytest.raises(UnreadableError):
        decode(b"# coding: utf-7\nx = '+2AA-'\n")


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        (b"\xff", 1, 1),
        (b"a\r\nb\rc\n  \xff", 4, 3),
        ("é\né".encode() + b"\0", 2, 2),
        (b"# coding: ascii\nab\xc3", 2, 3),
    ],
)
def test_the_place_of_a_bad_byte(data: bytes, line: int, column: int) -> None:
    with pytest.raises(UnreadableError) as caught:
        decode(data)
    assert (caught.value.error.line, caught.value.error.column) == (line, column)


@given(st.lists(st.sampled_from([b"#", b" coding: latin-1", b"coding=utf-8", b"\n", b"\r\n", b"x", b" "])))
def test_what_python_decodes_is_decoded_alike(parts: list[bytes]) -> None:
    data = b"".join(parts)
    try:
        tree = ast.parse(b"".join([data, b"\n'\xc3\xa9'\n"]))
    except (SyntaxError, ValueError):
        return
    last = tree.body[-1]
    assert isinstance(last, ast.Expr)
    assert isinstance(last.value, ast.Constant)
    assert repr(last.value.value) in decode(data + b"\n'\xc3\xa9'\n")
