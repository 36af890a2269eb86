"""What is known at a place, for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from backend_gate.backend.known import Fact
from backend_gate.backend.model import Place
from backend_gate.report.canvas import Canvas
from backend_gate.report.text import one_line, path_text

_LABEL = 13


def explanation(facts: Sequence[Fact], *, prefix: str = "", color: bool = False) -> str:
    """Each fact with its details and the steps that led to it. ``prefix`` leads to the root of the tree."""
    canvas = Canvas(color=color)
    for fact in facts:
        canvas.gap()
        head = Text(f"{fact.kind}  ", "dim")
        if fact.kind != "vocabulary":
            head.append(one_line(fact.title), "bold")
        canvas.line(head)
        before = ""
        for label, text in fact.lines:
            canvas.line(f"  {label if label != before else '':<{_LABEL}} {one_line(text)}")
            before = label
        for number, step in enumerate(fact.steps):
            label = "" if number else "steps"
            canvas.line(f"  {label:<{_LABEL}} {_where(step.place, prefix)}  {one_line(step.message)}")
    return canvas.text()


def _where(place: Place, prefix: str) -> str:
    return f"{prefix}{path_text(place.file)}:{place.span.line}"
