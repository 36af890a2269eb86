"""Values of literals against the running Python."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_gate.facts.literals import MalformedLiteralError, integer_value, string_value

_pieces = st.lists(
    st.sampled_from(
        [*"abfnrtvxNuU01789\\'\"{}\n é", r"\\", r"\x41", r"\xff", r"\u00e9", r"\U0001F600", r"\N{BULLET}"]
    )
    | st.text(max_size=3),
    max_size=8,
)  # fmt: skip


@given(
    _pieces, st.sampled_from(["", "r", "b", "rb", "R", "u", "Br"]), st.sampled_from(["'", '"', "'''", '"""'])
)
def test_strings_have_the_value_python_gives_them(pieces: list[str], prefix: str, quotes: str) -> None:
    source = prefix + quotes + "".join(pieces) + quotes
    try:
        with warnings.catch_warnings(action="ignore"):  # unknown escapes stay as they are
            expected = ast.literal_eval(source)
    except (SyntaxError, ValueError, UnicodeError):
        return  # not a literal; the parser sees to that
    if len(list(tokenize.generate_tokens(io.StringIO(source).readline))) > 3:
        return  # several literals in a row (the last two tokens are the ends of line and file)
    if isinstance(expected, str) and any("\ud800" <= c <= "\udfff" for c in expected):
        with pytest.raises(MalformedLiteralError):
            string_value(source)
    else:
        assert string_value(source) == expected


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_survives_repr(text: str) -> None:
    assert string_value(repr(text)) == text


@given(st.binary())
def test_all_bytes_survive_repr(data: bytes) -> None:
    assert string_value(repr(data)) == data


@pytest.mark.parametrize(
    "source",
    [r"'\x1'", r"'\u12'", r"'\N{'", r"'\N{nothing}'", r"'\U00110000'", r"'\ud83d'", "b'é'", "rb'\u2028'"],
)
def test_malformed_escapes_have_no_value(source: str) -> None:
    with pytest.raises(MalformedLiteralError):
        string_value(source)


@given(st.integers(0, 2**63 - 1))
def test_integers_in_every_base(number: int) -> None:
    for source in (f"{number}", f"{number:_}", f"{number:#x}", f"{number:#_b}", f"{number:#o}".upper()):
        assert integer_value(source) == number


@given(st.integers(2**63, 2**80))
def test_large_integers_are_refused(number: int) -> None:
    with pytest.raises(MalformedLiteralError):
        integer_value(hex(number))
