"""Code frames: the mark stands under the span, whatever the line is made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from backend_gate.facts.model import Span
from backend_gate.report.frame import ASCII, UNICODE, frame


def draw(lines: list[str], span: Span, width: int = 80, first: int = 1) -> list[str]:
    numbered = list(enumerate(lines, first))
    return [text.plain for text in frame(numbered, span, width=width, glyphs=ASCII, mark_style="bold")]


def marked(rows: list[str]) -> str:
    """What stands above the mark, cell by cell."""
    below = next(number for number, row in enumerate(rows) if row.strip(" |") and not row.strip(" |^"))
    start = rows[below].index("^")
    end = start + rows[below].count("^")
    cells = ""
    for character in rows[below - 1]:
        cells += character + "\0" * (cell_len(character) - 1)
    return cells[start:end].replace("\0", "")


def test_marks_the_span_within_its_line() -> None:
    rows = draw(["before", "value = call(argument)", "after"], Span(2, 14, 2, 22))
    assert rows == [
        "  1 | before",
        "> 2 | value = call(argument)",
        "    |              ^^^^^^^^",
        "  3 | after",
    ]


def test_tabs_and_wide_characters_shift_the_mark() -> None:
    assert marked(draw(["\tx = 1"], Span(1, 2, 1, 3))) == "x"
    assert marked(draw(['"名前" + value'], Span(1, 8, 1, 13))) == "value"
    assert marked(draw(['"名前" + value'], Span(1, 2, 1, 4))) == "名前"


def test_an_empty_span_still_gets_a_mark() -> None:
    assert draw(["value"], Span(1, 6, 1, 6))[1] == "    |      ^"


def test_blank_lines_around_are_left_out() -> None:
    assert len(draw(["", "value", "  "], Span(2, 1, 2, 6))) == 2


def test_a_long_line_is_cut_around_the_span() -> None:
    line = "a" * 500 + "NEEDLE" + "b" * 500
    rows = draw(["def f():", line], Span(2, 501, 2, 507), width=60)
    assert marked(rows) == "NEEDLE"
    assert all(len(row) <= 60 for row in rows)
    assert rows[0].startswith("> 2 | ...")


def test_a_span_of_many_lines_is_shortened() -> None:
    rows = draw([f"line {number}" for number in range(1, 31)], Span(2, 1, 29, 3))
    assert [row.split()[-1] for row in rows] == ["1", "2", "3", "4", "5", "...", "29", "30"]
    assert [row[0] for row in rows] == [" ", ">", ">", ">", ">", " ", ">", " "]


def test_what_would_steer_the_terminal_is_escaped() -> None:
    rows = draw(["x = '\x1b[31m\u202e\x07'  # note"], Span(1, 1, 1, 2))
    assert rows[0] == r"> 1 | x = '\x1b[31m\u202e\x07'  # note"


def test_unicode_and_ascii_draw_the_same_shape() -> None:
    numbered = [(1, "value")]
    span = Span(1, 1, 1, 6)
    pretty = [text.plain for text in frame(numbered, span, width=40, glyphs=UNICODE, mark_style="")]
    assert pretty == ["❯ 1 │ value", "    │ ━━━━━"]


@pytest.mark.parametrize("width", [0, 1, 30])
def test_the_width_has_a_lower_bound(width: int) -> None:
    assert draw(["value = 1"], Span(1, 1, 1, 6), width=width)


@given(
    line=st.text(st.characters(exclude_characters="\n\r"), max_size=1500),
    column=st.integers(1, 2000),
    length=st.integers(0, 2000),
    width=st.integers(20, 200),
)
def test_no_line_is_wider_than_asked(line: str, column: int, length: int, width: int) -> None:
    span = Span(1, column, 1, column + length)
    rows = frame([(1, line)], span, width=width, glyphs=UNICODE, mark_style="bold")
    assert len(rows) == 2
    assert all(cell_len(row.plain) <= max(width, 26) for row in rows)
    assert all(character.isprintable() or character == "\u3000" for character in rows[1].plain)
