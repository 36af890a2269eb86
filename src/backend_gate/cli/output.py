"""Where text goes: files, and a standard output that may be closed, full or not Unicode."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from backend_gate.errors import OutputError


def check_writable(file: Path, *, home: Path | None = None) -> None:
    """Find out before a long run whether ``file`` can be written; see :func:`write_file`.

    Raises:
        OutputError: it cannot.
    """
    _refuse_link_out(file, home)
    if file.is_dir():
        raise OutputError("is a folder", "Name a file in it.", file=file)
    if not file.parent.is_dir():
        raise OutputError("cannot be written: its folder does not exist", "Make the folder first.", file=file)
    # What is there is replaced and not overwritten, but for a device or a pipe.
    targets = [file, file.parent] if file.is_file() else [file if file.exists() else file.parent]
    if not all(os.access(target, os.W_OK) for target in targets):
        raise OutputError(
            "cannot be written: no permission", "Choose a place that you may write to.", file=file
        )


def write_file(file: Path, text: str, *, home: Path | None = None) -> None:
    """Write a report whole or not at all, so that nobody reads half of one.

    A link inside a repository is followed only as long as it stays there: whoever made the repository may have
    laid it under the name of a report, over another file of the user. ``home`` is the folder that is taken
    for the repository where there is none, for a name that the user has not chosen.

    Raises:
        OutputError: the file cannot be written.
    """
    _refuse_link_out(file, home)
    data = encode(text)
    try:
        if file.exists() and not file.is_file():  # a device or a pipe cannot be replaced
            with file.open("wb") as stream:
                stream.write(data)
            return
        _replace(_real(file), data)
    except OSError as error:
        raise OutputError(
            f"cannot be written: {error.strerror or error}",
            "Choose a place that you may write to.",
            file=file,
        ) from error


def write_files(texts: Iterable[tuple[Path, str]], *, home: Path | None = None) -> list[OutputError]:
    """Write several reports, as :func:`write_file` does; what is wrong with those that cannot be written."""
    failed = []
    for file, text in texts:
        try:
            write_file(file, text, home=home)
        except OutputError as error:
            failed.append(error)
    return failed


def _refuse_link_out(file: Path, home: Path | None) -> None:
    place = Path(os.path.abspath(file))  # noqa: PTH100  resolving would follow the link
    top = next((folder for folder in place.parents if (folder / ".git").exists()), home)
    target = _real(file)
    if top is not None and not target.is_relative_to(_real(top)):
        raise OutputError(
            "cannot be written: a link leads out of the repository",
            f"Remove the link, or name what it leads to: {target}",
            file=file,
        )


def _real(file: Path) -> Path:
    """Where a path leads; one of links that loop leads to one of them."""
    return Path(os.path.realpath(file))


def _replace(file: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        mode = file.stat().st_mode if file.exists() else 0o666 & ~_umask()
        temporary.chmod(mode & 0o777)
        temporary.replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def print_text(text: str, *, machine: bool = False) -> None:
    """Write to standard output. Machine output is UTF-8, other text in the encoding of the terminal.

    A reader that has gone (``| head``) has read what it wanted: that is no error.

    Raises:
        OutputError: the output takes no more, such as a full disk.
    """
    stream = sys.stdout
    if stream is None:
        raise OutputError("is closed", "Open it, or write to a file with --output.", file="standard output")
    encoding = "utf-8" if machine else (stream.encoding or "utf-8")
    try:
        stream.buffer.write(encode(text, encoding))
        stream.flush()
    except BrokenPipeError:
        _discard_output()
    except OSError as error:
        _discard_output()
        raise OutputError(
            f"cannot be written: {error.strerror or error}",
            "Free some space or choose another place.",
            file="standard output",
        ) from error


def print_error(text: str) -> None:
    """Write to standard error, as far as there is one."""
    if sys.stderr is None:
        return
    with contextlib.suppress(OSError):
        sys.stderr.write(encode(text, sys.stderr.encoding or "utf-8").decode(sys.stderr.encoding or "utf-8"))
        sys.stderr.flush()


def encode(text: str, encoding: str = "utf-8") -> bytes:
    """Text as bytes; what the encoding lacks becomes an escape, which JSON reads as well."""
    return text.encode(encoding, errors="backslashreplace")


def _discard_output() -> None:
    """Send the rest of standard output nowhere, or the interpreter complains when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
