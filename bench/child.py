"""Run a command and say how long it took and how much memory it and its workers held."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_SAMPLE_SECONDS = 0.1
_PROC = Path("/proc")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How a command ended. ``seconds`` is wall time.

    ``peak_bytes`` is the most that the command and all its descendants held at once, shared pages counted
    once, to a twentieth; where the system offers no such figure it is the peak of the largest single
    process, and ``peak_is_sum`` is false. ``exit_code`` is negative for a signal and ``None`` when the time
    limit ended the command.
    """

    exit_code: int | None
    seconds: float
    peak_bytes: int
    peak_is_sum: bool
    stdout: str
    stderr: str


def run(
    argv: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 900.0,
) -> Outcome:
    """Run ``argv`` to its end, or to ``timeout`` seconds, and measure it."""
    with tempfile.TemporaryFile("w+b") as out, tempfile.TemporaryFile("w+b") as err:
        started = time.perf_counter()
        process = subprocess.Popen(argv, cwd=cwd, env=env, stdout=out, stderr=err)
        sampler = _Sampler(process.pid)
        sampler.start()
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            process.kill()

        timer = threading.Timer(timeout, expire)
        timer.start()
        try:
            # wait4 and not Popen.wait: only it tells this child's own peak, not that of every child so far.
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            timer.cancel()
        seconds = time.perf_counter() - started
        sampler.stop()
        process.returncode = os.waitstatus_to_exitcode(status)
        largest = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        out.seek(0)
        err.seek(0)
        return Outcome(
            exit_code=None if expired.is_set() else process.returncode,
            seconds=seconds,
            peak_bytes=max(largest, sampler.peak),
            peak_is_sum=sampler.peak > 0,
            stdout=out.read().decode("utf-8", "replace"),
            stderr=err.read().decode("utf-8", "replace"),
        )


class _Sampler(threading.Thread):
    """Watches the memory of a process and its descendants."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._pid = pid
        self._done = threading.Event()

    def run(self) -> None:
        if not _PROC.is_dir():
            return
        weighed = 0
        while not self._done.wait(_SAMPLE_SECONDS):
            processes = _tree(self._pid)
            resident = sum(_resident(pid) for pid in processes)
            # Telling shared pages apart holds up the process that is looked at, so it is done only when the
            # cheap figure has grown by a twentieth.
            if resident > weighed * 1.05:
                weighed = resident
                self.peak = max(self.peak, sum(_held(pid) for pid in processes))

    def stop(self) -> None:
        self._done.set()
        self.join()


def _tree(pid: int) -> list[int]:
    """The process and its descendants; one that ends meanwhile is left out."""
    found = [pid]
    for current in found:
        for tasks in (_PROC / str(current) / "task").glob("*/children"):
            try:
                found.extend(int(child) for child in tasks.read_text().split())
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def _resident(pid: int) -> int:
    """Resident set size in bytes, shared pages included."""
    try:
        return int((_PROC / str(pid) / "statm").read_text().split()[1]) * _PAGE
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _held(pid: int) -> int:
    """Proportional set size in bytes: pages that workers share are counted once among them."""
    try:
        text = (_PROC / str(pid) / "smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    for line in text.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
