"""The process of the command: where it begins, and how it ends."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import NoReturn

ROOM = 400_000
"""Slots that are asked for: half of what one piece of CPython's stack then has, so that as much is free."""
INTERRUPTED = 2
"""The exit code of a run that was ended before it began: nothing was judged."""
YOUNG = 100_000
"""So many objects are made before the first of them are looked through; by default it is some hundreds."""


def start() -> NoReturn:
    """Run the command that the process was given, and end the process with its exit code.

    What the run has made is not taken apart object by object: that takes a twentieth of a run, to no end. Nor is
    garbage looked for while modules are imported: they stay.
    """
    gc.set_threshold(YOUNG)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        from backend_gate.cli.main import main  # takes a moment, in which somebody may change their mind

        code = _with_room(main)
    except KeyboardInterrupt:
        code = INTERRUPTED
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # it is, where the process was started with it closed
            with suppress(OSError, ValueError):  # closed, or nobody reads on: who has written was told
                stream.flush()
    os._exit(code)


def _interrupt(signal_number: int, frame: FrameType | None) -> None:
    """End as at an interrupt, so that no file or process of this run is left behind."""
    raise KeyboardInterrupt


def _with_room(work: Callable[[], int]) -> int:
    """Call ``work`` on a large piece of the stack on which CPython keeps the frames of Python functions.

    It takes pieces of 16 KiB and gives each back as soon as it is empty, so that a recursion that goes up and down
    over the end of a piece asks the system for memory at every call: 80,000 times in a run of some seconds. Only
    a function that needs more than a piece is given a larger one, and what it leaves of it is there for those that
    it calls. See ``push_chunk`` in CPython's ``Python/pystate.c``.
    """
    return work()


_with_room.__code__ = _with_room.__code__.replace(co_stacksize=ROOM)
