"""The inventory as a table for people."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from backend_gate.backend.model import Endpoint, Unresolved, Verdict
from backend_gate.report.canvas import Canvas
from backend_gate.report.sentences import endpoint_sentence
from backend_gate.report.text import one_line, path_text, plural
from backend_gate.settle.verdict import count_access

_ACCESS = {
    Verdict.PROTECTED: ("protected", "green"),
    Verdict.CONDITIONAL: ("conditional", "yellow"),
    Verdict.DECLARED_PUBLIC: ("declared public", "cyan"),
    Verdict.PUBLIC_BY_NATURE: ("public", "cyan"),
    Verdict.UNPROTECTED: ("unprotected", "red"),
    Verdict.UNRESOLVED: ("unresolved", "magenta"),
}
_HEADER = ("METHOD", "PATH", "ACCESS", "BY", "TESTS", "HANDLER", "NOTE")
BY_REQUEST = "*"
LEGEND = f"{BY_REQUEST} read from the requests in the tests' code: no coverage data decides."
_SHARES = (0, 3, 0, 2, 0, 3, 3)
_GAP = 2
_LEAST = 12


def render(
    endpoints: Sequence[Endpoint],
    unresolved: Sequence[Unresolved],
    *,
    width: int | None = None,
    color: bool = False,
    prefix: str = "",
) -> str:
    """One endpoint a line below the name of its application, then the counts and what is unresolved.

    Cells are cut to fit ``width``; with ``None`` (no terminal) nothing is cut. ``endpoints`` must be
    sorted by application. ``prefix`` leads from the reader to the root of the tree.
    """
    canvas = Canvas(color=color)
    rows = {id(endpoint): _row(endpoint, prefix) for endpoint in endpoints}
    widths = _widths([_HEADER, *rows.values()], width)
    for app, members in groupby(endpoints, key=lambda endpoint: endpoint.app):
        canvas.line(one_line(app) or "no application", "bold")
        canvas.line(_line(_HEADER, widths, [""] * len(_HEADER), "dim"))
        for endpoint in members:
            tests = "red" if tested_by(endpoint) in ("none", f"none{BY_REQUEST}") else "dim"
            styles = ["", "", _ACCESS[endpoint.auth.verdict][1], "dim", tests, "dim", "yellow"]
            canvas.line(_line(rows[id(endpoint)], widths, styles))
        canvas.line()
    if any(BY_REQUEST in row[_HEADER.index("TESTS")] for row in rows.values()):
        canvas.line(LEGEND, "dim")
        canvas.line()
    canvas.line(endpoint_sentence(count_access(endpoint.auth.verdict for endpoint in endpoints)))
    if unresolved:
        canvas.line()
        canvas.line(f"{plural(len(unresolved), 'place')} could not be followed:")
        for item in unresolved:
            where = f"{prefix}{path_text(item.place.file)}:{item.place.span.line}"
            canvas.line(f"  {where}  {one_line(item.reason)}")
    return canvas.text()


def _row(endpoint: Endpoint, prefix: str) -> tuple[str, ...]:
    where = f"{prefix}{path_text(endpoint.place.file)}:{endpoint.place.span.line}"
    guards = ", ".join(guard.rsplit(".", 1)[-1] for guard in endpoint.auth.guards)
    return (
        one_line(",".join(endpoint.methods)),
        one_line(endpoint.path),
        _ACCESS[endpoint.auth.verdict][0],
        one_line(guards),
        one_line(tested_by(endpoint)),
        f"{one_line(endpoint.handler.rsplit('.', 1)[-1])} {where}",
        one_line(_note(endpoint)),
    )


def tested_by(endpoint: Endpoint) -> str:
    """The suites that run the handler, ``none``, or ``?`` where nobody knows; empty without any measured suite.

    What ends in ``*`` is read from the requests in the tests' code: there is no coverage data that decides.
    """
    suites = [name for name, runs in endpoint.tests.items() if runs == "yes"]
    requested = endpoint.requested
    if requested is not None and requested.answer == "yes":
        senders = [name for name in requested.suites if name not in suites] or (
            [] if suites else ["requested"]
        )
        suites += [f"{name}{BY_REQUEST}" for name in senders]
    if suites or not (endpoint.tests or requested):
        return ", ".join(suites)
    answers = {*endpoint.tests.values(), *([requested.answer] if requested is not None else ())}
    if "unknown" in answers:
        return "?"
    return "none" if requested is None else f"none{BY_REQUEST}"


def _note(endpoint: Endpoint) -> str:
    notes = [f"untyped body {body.name}" for body in endpoint.bodies if body.untyped]
    if endpoint.off_by_default:
        notes.append("off by default")
    notes += [f"only if {condition.text}" for condition in endpoint.conditions]
    if endpoint.dependencies is None:
        notes.append("dependencies unresolved")
    return "; ".join(notes)


def _widths(rows: Sequence[tuple[str, ...]], width: int | None) -> list[int]:
    """The width of each column: what it needs, or its share of what the line has to give."""
    needs = [max(cell_len(row[column]) for row in rows) for column in range(len(_HEADER))]
    for column in (_HEADER.index("TESTS"), _HEADER.index("NOTE")):
        if len(rows) > 1 and not any(row[column] for row in rows[1:]):
            needs[column] = 0
    if width is None:
        return needs
    room = width - _GAP * (sum(1 for need in needs if need) - 1)
    flexible = [column for column, share in enumerate(_SHARES) if share and needs[column]]
    for column in sorted(flexible, key=lambda column: needs[column] / _SHARES[column]):
        others = sum(needs[other] for other in range(len(needs)) if other not in flexible)
        share = (room - others) * _SHARES[column] // sum(_SHARES[other] for other in flexible)
        needs[column] = min(needs[column], max(_LEAST, share))
        flexible.remove(column)
    return needs


def _line(row: Sequence[str], widths: Sequence[int], styles: Sequence[str], style: str = "") -> Text:
    line = Text(style=style)
    for cell, cells, cell_style in zip(row, widths, styles, strict=True):
        if not cells:
            continue
        if len(line):
            line.append(" " * _GAP)
        line.append(_fit(cell, cells), cell_style)
    line.rstrip()
    return line


def _fit(cell: str, cells: int) -> str:
    if cell_len(cell) <= cells:
        return set_cell_size(cell, cells)
    return set_cell_size(cell, cells - 1) + "…"
