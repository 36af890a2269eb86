"""What the terminal can show."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path


def wants_color(no_color: bool) -> bool:
    """Colours on a terminal, never in a pipe or file; ``NO_COLOR`` and ``FORCE_COLOR`` are honoured."""
    if no_color or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return is_terminal() and os.environ.get("TERM") != "dumb"


def is_terminal() -> bool:
    """Whether a person is likely to read standard output."""
    return sys.stdout is not None and sys.stdout.isatty()


def width() -> int:
    """Cells in a line of the terminal, 100 without one."""
    return shutil.get_terminal_size((100, 24)).columns


def has_unicode() -> bool:
    """Whether standard output can show the drawing characters of the reports."""
    if sys.stdout is None:
        return True
    try:
        "│❯━…·".encode(sys.stdout.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def prefix(root: Path) -> str:
    """What leads from the working directory to ``root``: empty, or a path that ends with ``/``.

    Paths in reports for people can then be opened from where the command was run.
    """
    try:
        relative = os.path.relpath(root.resolve(), Path.cwd())
    except (OSError, ValueError):  # no working directory any more, or another drive
        return ""
    from backend_gate.report.text import path_text

    return "" if relative == os.curdir else path_text(Path(relative).as_posix()) + "/"
