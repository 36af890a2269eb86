"""The gate as a user runs it, on a small backend: in a process of its own, or in this one, which is faster."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from backend_gate.cli.main import main

SRC = Path(__file__).parents[2] / "src"

UNTYPED = """\
from fastapi import FastAPI

app = FastAPI()


@app.post("/users")
def create_user(data: dict):
    return {"status": "ok"}
"""
"""A backend with one finding of the rule ``untyped-request-body``, at 7:17."""

TYPED = """\
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class User(BaseModel):
    name: str


@app.post("/users")
def create_user(data: User):
    return {"status": "ok"}
"""
"""The same without the finding."""

BODIES = ("check", "--select", "untyped-request-body")
"""Judge the bodies alone, so that nothing else of these backends matters."""


def make_backend(root: Path, source: str = UNTYPED) -> Path:
    """A backend of one module, ``shop/main.py``, in the new folder ``root``."""
    (root / "shop").mkdir(parents=True)
    (root / "shop" / "__init__.py").touch()
    (root / "shop" / "main.py").write_text(source, encoding="utf-8")
    return root


def environment(**more: str) -> dict[str, str]:
    """The environment of a user who has set nothing that matters but ``more``."""
    dropped = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "PYTHONIOENCODING"}
    kept = {key: value for key, value in os.environ.items() if key not in dropped}
    return {**kept, "PYTHONPATH": str(SRC), "PYTHONUTF8": "1", **more}


def interruptible() -> None:
    """In a process before it starts: what a shell runs in the background ignores interrupts, and so do its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def python(
    *arguments: str, cwd: Path, env: dict[str, str] | None = None, stdout: int = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    """A finished run of this Python."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=env or environment(),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def gate(
    *arguments: str, cwd: Path, env: dict[str, str] | None = None, stdout: int = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    """A finished run of ``backend-gate``."""
    return python("-m", "backend_gate", *arguments, cwd=cwd, env=env, stdout=stdout)


def gate_here(
    *arguments: str, cwd: Path, stdout: io.TextIOWrapper | None = None
) -> subprocess.CompletedProcess[str]:
    """A run of ``backend-gate`` in this process, for what it says and writes.

    Terminals, signals and what a fresh process loads are for :func:`gate`, which takes ten times as long.
    """
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    with (
        contextlib.chdir(cwd),
        mock.patch.dict(os.environ, environment(COLUMNS="100"), clear=True),
        contextlib.redirect_stdout(stdout or out),
        contextlib.redirect_stderr(err),
    ):
        try:
            code = main(arguments)
        except SystemExit as end:  # as argparse ends
            code = end.code if isinstance(end.code, int) else 1
    return subprocess.CompletedProcess(arguments, code, _written(out), _written(err))


def _written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


def on_terminal(*arguments: str, cwd: Path, **more: str) -> str:
    """What ``backend-gate`` writes to a terminal that is its standard output and error."""
    return python_on_terminal("-m", "backend_gate", *arguments, cwd=cwd, **more)


def python_on_terminal(*arguments: str, cwd: Path, **more: str) -> str:
    """What this Python writes to such a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment(**{"TERM": "xterm-256color", **more}),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    text = b"".join(_read(ours))
    os.close(ours)
    process.wait(30)
    return text.decode()


def _read(descriptor: int) -> Iterator[bytes]:
    while True:
        try:
            data = os.read(descriptor, 65536)
        except OSError:  # the other side has closed
            return
        if not data:
            return
        yield data
