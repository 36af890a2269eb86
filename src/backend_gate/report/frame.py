"""A code frame: the lines around a span, the span underlined, cut to the width of the terminal."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from backend_gate.facts.model import Span
from backend_gate.report.text import escape, is_hidden

TAB = 4
MAX_SPAN_LINES = 6
_SLICE = 1_000
_LEAD = 300


@dataclass(frozen=True)
class Glyphs:
    """The drawing characters, in Unicode or plain ASCII."""

    bar: str
    pointer: str
    mark: str
    cut: str
    dot: str


UNICODE = Glyphs(bar="│", pointer="❯", mark="━", cut="…", dot="·")
ASCII = Glyphs(bar="|", pointer=">", mark="^", cut="...", dot="-")


def frame(
    lines: list[tuple[int, str]], span: Span, *, width: int, glyphs: Glyphs, mark_style: str
) -> list[Text]:
    """Draw ``lines`` (number and text) with ``span`` marked, each at most ``width`` cells wide.

    Lines too long are cut so that the span stays in sight. A span within one line is underlined;
    a longer one is marked in the margin, and its middle is left out beyond
    :data:`MAX_SPAN_LINES` lines.
    """
    lines = _without_blank_ends(lines, span)
    if not lines:
        return []
    digits = len(str(lines[-1][0]))
    room = max(20, width - digits - 5)
    first_character = max(0, span.column - 1 - _LEAD) if span.column > _SLICE - _LEAD else 0
    single = span.line == span.end_line
    shift = 0
    shown = {
        number: _Line(text[first_character : first_character + _SLICE], first_character)
        for number, text in lines
    }
    if single and span.line in shown:
        start, end = shown[span.line].cells(span)
        if end > room:
            shift = max(0, min(start - room // 4, end - room // 2))
    drawn: list[Text] = []
    for number, _ in lines:
        inside = span.line <= number <= span.end_line
        if shift and not inside:
            continue  # what stands around it begins at the left, out of sight
        if _left_out(number, span):
            if number == span.line + MAX_SPAN_LINES - 2:
                drawn.append(Text(f"  {' ' * digits} {glyphs.cut}", "dim"))
            continue
        row = Text(f"{glyphs.pointer if inside else ' '} ", mark_style if inside else "")
        row.append(f"{number:>{digits}} {glyphs.bar} ", "dim")
        row.append(shown[number].window(shift, room, glyphs.cut))
        row.rstrip()
        drawn.append(row)
        if inside and single:
            start, end = shown[number].cells(span)
            left, right = min(max(start - shift, 0), room - 1), min(max(end, start + 1) - shift, room)
            below = Text(f"  {' ' * digits} ")
            below.append(f"{glyphs.bar} ", "dim")
            below.append(" " * left)
            below.append(glyphs.mark * max(1, right - left), mark_style)
            drawn.append(below)
    return drawn


def _left_out(number: int, span: Span) -> bool:
    length = span.end_line - span.line + 1
    return length > MAX_SPAN_LINES and span.line + MAX_SPAN_LINES - 2 <= number < span.end_line


def _without_blank_ends(lines: list[tuple[int, str]], span: Span) -> list[tuple[int, str]]:
    first, last = 0, len(lines)
    while first < last and lines[first][0] < span.line and not lines[first][1].strip():
        first += 1
    while last > first and lines[last - 1][0] > span.end_line and not lines[last - 1][1].strip():
        last -= 1
    return lines[first:last]


class _Line:
    """A line as it is drawn, and the cell at which each of its characters starts."""

    def __init__(self, text: str, first_character: int) -> None:
        self._first = first_character
        self._pieces: list[str] = []
        self._starts: list[int] = []
        at = 0
        for character in text:
            if character == "\t":
                piece = " " * (TAB - at % TAB)
            elif is_hidden(character):
                piece = escape(character)
            else:
                piece = character
            self._pieces.append(piece)
            self._starts.append(at)
            at += cell_len(piece)
        self._starts.append(at)

    def cells(self, span: Span) -> tuple[int, int]:
        """The first cell of the span and the one after its last."""
        return self._cell(span.column), self._cell(span.end_column)

    def _cell(self, column: int) -> int:
        return self._starts[min(max(column - 1 - self._first, 0), len(self._starts) - 1)]

    def window(self, shift: int, room: int, cut: str) -> str:
        """The cells from ``shift`` on, at most ``room`` of them, with a sign where something is cut off."""
        total = self._starts[-1]
        if shift == 0 and total <= room:
            return "".join(self._pieces)
        kept = [
            piece
            for piece, start in zip(self._pieces, self._starts, strict=False)
            if shift + (len(cut) if shift else 0) <= start
            and start + cell_len(piece) <= shift + room - (len(cut) if total > shift + room else 0)
        ]
        if not kept:
            return cut if total > shift else ""
        return (cut if shift else "") + "".join(kept) + (cut if total > shift + room else "")
