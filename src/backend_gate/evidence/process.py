"""Starts the process that evidence is gathered in, and waits for what it says."""

from __future__ import annotations

import subprocess
import sys
import threading
from types import TracebackType
from typing import Self

from backend_gate.errors import InternalError

PATIENCE = 300
"""Seconds after which a worker is ended: a pattern or database made to last forever."""

_TAIL = 600


class Job:
    """One request that is being answered beside everything else.

    ``what`` names the work in a message. Use it as a context manager: leaving ends the process.
    """

    def __init__(self, task: str, request: bytes, what: str) -> None:
        self._what = what
        # -P: nothing is imported from the working directory, which is somebody's project.
        self._process = subprocess.Popen(  # noqa: S603  our own module
            [sys.executable, "-P", "-m", "backend_gate.evidence.worker", task],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._output: tuple[bytes, bytes] = (b"", b"")
        self._late = False
        # Read meanwhile: a full pipe would stop the worker.
        self._reader = threading.Thread(target=self._communicate, args=(request,), daemon=True)
        self._reader.start()

    def result(self) -> bytes:
        """What the worker answered; waits for it.

        Raises:
            InternalError: it crashed, or took too long.
        """
        self._reader.join()
        output, errors = self._output
        if self._late:
            raise InternalError(
                self._what,
                f"took more than {PATIENCE} seconds and was given up",
                "Leave its evidence out, or make it smaller.",
            )
        if self._process.returncode != 0:
            reason = (
                errors.decode(errors="replace").strip()[-_TAIL:] or f"exit code {self._process.returncode}"
            )
            raise InternalError(self._what, f"crashed: {reason.splitlines()[-1]}")
        return output

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._reader.join()

    def _communicate(self, request: bytes) -> None:
        try:
            self._output = self._process.communicate(request, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self._late = True
            self._process.kill()
            self._process.communicate()
