"""Opens the files of a tree that nobody vouches for."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from backend_gate.facts.source import MAX_BYTES


class CannotOpenError(Exception):
    """The file is not there, not a file, or not inside the tree; the message says which."""


def read_bytes(root: Path, path: str) -> bytes:
    """The content of ``path`` below ``root``, no more than one byte above the size that is read at all.

    Symbolic links are followed as long as they stay inside ``root``. ``root`` is a real path (without links).

    Raises:
        CannotOpenError: see there.
    """
    real = os.path.realpath(root / path)
    if os.path.commonpath([real, root]) != os.fspath(root):
        raise CannotOpenError("the path leads out of the project")
    try:
        # A pipe or device would wait for a writer; a link that appears only now is not followed.
        handle = os.open(real, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
    except OSError as problem:
        raise CannotOpenError(f"the file cannot be opened: {problem.strerror}") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise CannotOpenError("this is no regular file")
    try:
        with os.fdopen(handle, "rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as problem:
        raise CannotOpenError(f"the file cannot be read: {problem.strerror}") from None
