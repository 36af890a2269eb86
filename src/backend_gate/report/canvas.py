"""Styled lines to text, with escape sequences if colours are wanted and plain if not."""

from __future__ import annotations

import io

from rich.console import Console
from rich.text import Text

from backend_gate.rules.model import Severity

SEVERITY_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_NO_WRAP = 10_000


class Canvas:
    """Collects lines. Whoever writes on it wraps them: a line is never broken here."""

    def __init__(self, *, color: bool) -> None:
        self._buffer = io.StringIO()
        self._console = console(self._buffer, width=_NO_WRAP, color=color)
        self._last = ""

    def line(self, text: Text | str = "", style: str = "") -> None:
        """Add one line."""
        self._last = str(text)
        self._console.print(Text(text, style) if isinstance(text, str) else text, soft_wrap=True)

    def gap(self) -> None:
        """Add an empty line, unless one is there already or nothing is."""
        if self._last:
            self.line()

    def text(self) -> str:
        """Everything so far."""
        return self._buffer.getvalue()


def console(buffer: io.StringIO, *, width: int, color: bool) -> Console:
    """A console that writes into ``buffer`` and takes no hint from the environment."""
    return Console(
        file=buffer,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        legacy_windows=False,
        markup=False,
        highlight=False,
        emoji=False,
        _environ={},
    )
