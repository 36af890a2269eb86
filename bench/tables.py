"""Markdown tables, and their place between markers in a document that people write."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

MEASUREMENTS = Path(__file__).resolve().parent.parent / "docs" / "measurements.md"


class MarkerError(Exception):
    """The document has no such pair of markers, or more than one."""


def table(head: Sequence[str], rows: Sequence[Sequence[object]], *, text_columns: int = 1) -> str:
    """A Markdown table; columns after the first ``text_columns`` are aligned to the right.

    Cells: ``None`` prints as a dash, whole numbers with separators, other values as they are.
    """
    lines = ["| " + " | ".join(head) + " |"]
    lines.append("| " + " | ".join("---" if i < text_columns else "---:" for i in range(len(head))) + " |")
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value).replace("|", "\\|")


def percent(part: float, whole: float) -> str | None:
    """``part`` of ``whole`` as a percentage with one decimal, ``None`` for nothing of nothing."""
    return f"{100 * part / whole:.1f} %" if whole else None


def replace_block(document: str, name: str, content: str) -> str:
    """``document`` with what stands between the markers ``name`` replaced; raises :class:`MarkerError`."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    if document.count(begin) != 1 or document.count(end) != 1:
        raise MarkerError(f"the document needs exactly one '{begin}' and one '{end}'")
    before, _, rest = document.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise MarkerError(f"'{end}' stands before '{begin}'")
    return f"{before}{begin}\n{content.strip()}\n{end}{after}"


def write_block(name: str, content: str, path: Path = MEASUREMENTS) -> None:
    """Put ``content`` between the markers ``name`` of the document at ``path``."""
    path.write_text(replace_block(path.read_text("utf-8"), name, content), "utf-8")
