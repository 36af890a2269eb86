"""The suppressions as a table for people."""

from __future__ import annotations

from collections.abc import Sequence

from backend_gate.report.canvas import Canvas
from backend_gate.report.text import one_line, path_text, plural
from backend_gate.rules.suppression import Suppression


def render(suppressions: Sequence[Suppression], *, color: bool = False, prefix: str = "") -> str:
    """Each comment with its place, rules and reason, and a note where it is of no use; then the count.

    ``prefix`` leads from the reader to the root of the tree.
    """
    canvas = Canvas(color=color)
    if not suppressions:
        canvas.line("No suppressions.")
        return canvas.text()
    for item in suppressions:
        canvas.line(f"{prefix}{path_text(item.place.file)}:{item.place.span.line}  {', '.join(item.rules)}")
        canvas.line(f"    {one_line(item.reason) or '(no reason)'}", "" if item.reason else "yellow")
        if item.stale:
            canvas.line(f"    stale: {', '.join(item.stale)} finds nothing here", "yellow")
        undecided = [slug for slug in item.rules if slug not in (*item.used, *item.stale)]
        if undecided:
            canvas.line(f"    undecided: {', '.join(undecided)} could not be run completely", "yellow")
    stale = sum(bool(item.stale) for item in suppressions)
    silent = sum(not item.reason for item in suppressions)
    notes = [f"{stale:,} stale"] if stale else []
    notes += [f"{silent:,} without a reason"] if silent else []
    canvas.line()
    canvas.line(f"{plural(len(suppressions), 'suppression')}{': ' if notes else ''}{', '.join(notes)}.")
    return canvas.text()
