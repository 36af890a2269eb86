"""Opens files that nobody vouches for: a pipe would wait for a writer, and a device may never end."""

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
