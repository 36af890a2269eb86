"""Progress on standard error: only on a terminal, only when it takes a while."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 0.5
"""Seconds before anything is shown."""

INTERVAL = 0.1
"""Seconds between two drawings. Drawn when told, not by a thread: workers are forked meanwhile."""

Notify = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is (0: not known)."""


@contextmanager
def progress(*, visible: bool = True) -> Iterator[Notify | None]:
    """A line that shows what goes on and vanishes at the end; ``None`` where nobody would see it."""
    if not visible or sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    line = _Line()
    try:
        yield line.show
    finally:
        line.close()


class _Line:
    def __init__(self) -> None:
        self._due = time.monotonic() + PATIENCE
        self._stage = ""
        self._bar: Progress | None = None

    def show(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now < self._due and (stage == self._stage or self._bar is None):
            return
        self._stage, self._due = stage, now + INTERVAL
        if self._bar is None:
            self._bar = self._open()
        self._bar.update(self._bar.task_ids[0], description=stage, completed=done, total=total or None)
        self._bar.refresh()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()

    @staticmethod
    def _open() -> Progress:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            console=Console(stderr=True),
            transient=True,
            auto_refresh=False,
        )
        bar.add_task("")
        bar.start()
        return bar
