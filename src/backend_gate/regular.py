"""Looks at files whose names or kinds nobody vouches for: a pipe would wait for a writer, a device may never end, and
a name may be longer than any that the system has.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path


def read_regular(file: Path, most: int) -> bytes:
    """The first ``most`` bytes of a file.

    Raises:
        OSError: it cannot be read, is a link, or is no regular file.
    """
    handle = os.open(
        os.fspath(file), os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    )
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(None, "this is no regular file", os.fspath(file))
        return stream.read(most)


def is_file(path: Path) -> bool:
    """There is such a file. ``Path.is_file`` raises where the name is one that no file can have."""
    return os.path.isfile(path)  # noqa: PTH113


def is_folder(path: Path) -> bool:
    """There is such a folder, however long the name."""
    return os.path.isdir(path)  # noqa: PTH112


def exists(path: Path) -> bool:
    """There is something of that name, however long it is."""
    return os.path.exists(path)  # noqa: PTH110
