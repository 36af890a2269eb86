"""Worker processes that may die.

Every worker gets a few files at a time over a pipe of its own and sends each result back as soon as
it has it. A worker that dies was therefore on the first file it still owes: that file gets an error,
all others go to somebody else.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

#: Path, digest of the content ("" if there is none) and encoded facts.
Result = tuple[str, str, bytes]

# Handed out at a time: a worker always has the next one before it has finished.
_batch = 4


@contextmanager
def started_workers(
    read: Callable[[str], Result],
    paths: list[str],
    jobs: int,
    failed: Callable[[str, str], Result],
) -> Iterator[Iterator[Result]]:
    """Start ``jobs`` processes and give the results in the order in which they come.

    Args:
        read: called in the workers.
        paths: handed out in this order.
        failed: makes the result for a path whose worker died, from the path and a message.
    """
    pool = _Pool(read, deque(paths), failed)
    try:
        for _ in range(jobs):
            pool.start()
        yield pool.results()
    finally:
        pool.stop()


class _Worker:
    def __init__(self, process: BaseProcess, pipe: Connection) -> None:
        self.process = process
        self.pipe = pipe
        self.owed: deque[str] = deque()


class _Pool:
    def __init__(
        self, read: Callable[[str], Result], paths: deque[str], failed: Callable[[str, str], Result]
    ) -> None:
        self._read = read
        self._paths = paths
        self._failed = failed
        self._workers: list[_Worker] = []
        # A forked worker has the parsers already; elsewhere each one loads them again.
        method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
        self._context: Any = multiprocessing.get_context(method)  # each kind has its own class

    def start(self) -> None:
        here, there = self._context.Pipe()
        # With fork, a worker inherits our ends of all pipes; were it to keep them, nobody would see
        # that we are gone.
        inherited = []
        if self._context.get_start_method() == "fork":
            inherited = [here, *(worker.pipe for worker in self._workers)]
        process = self._context.Process(
            target=_work, args=(self._read, there, inherited), daemon=True, name="backend-gate-reader"
        )
        process.start()
        there.close()
        worker = _Worker(process, here)
        self._workers.append(worker)
        self._feed(worker)

    def results(self) -> Iterator[Result]:
        while any(worker.owed for worker in self._workers):
            handles: list[Connection | int] = [worker.pipe for worker in self._workers]
            handles += [worker.process.sentinel for worker in self._workers]
            ready = set(wait(handles))
            for worker in list(self._workers):
                if worker.pipe in ready:
                    yield from self._receive(worker)
                if worker.process.sentinel in ready and not worker.process.is_alive():
                    yield from self._bury(worker)

    def stop(self) -> None:
        for worker in self._workers:
            worker.pipe.close()
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join()
            worker.process.close()
        self._workers = []

    def _feed(self, worker: _Worker) -> None:
        """Keep between one and two batches with the worker; ends silently if it is dead."""
        if len(worker.owed) > _batch:
            return
        batch = [self._paths.popleft() for _ in range(min(_batch, len(self._paths)))]
        if not batch:
            return
        worker.owed.extend(batch)
        # If it died, its sentinel says so, and what it owes is handed out again.
        with suppress(OSError):
            worker.pipe.send(batch)

    def _receive(self, worker: _Worker) -> Iterator[Result]:
        """The results that are there."""
        try:
            while worker.pipe.poll():
                result: Result = worker.pipe.recv()
                worker.owed.remove(result[0])
                yield result
        except (EOFError, OSError):
            return  # it died, perhaps in the middle of a result
        self._feed(worker)

    def _bury(self, worker: _Worker) -> Iterator[Result]:
        yield from self._receive(worker)
        self._workers.remove(worker)
        worker.process.join()
        code = worker.process.exitcode or 0
        worker.pipe.close()
        worker.process.close()
        if worker.owed:
            reason = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            path = worker.owed.popleft()
            self._paths.extendleft(reversed(worker.owed))
            yield self._failed(path, f"the reader crashed on this file ({reason})")
        if self._paths:
            self.start()


def _work(read: Callable[[str], Result], pipe: Connection, inherited: list[Connection]) -> None:
    """What a worker does until the other end of its pipe is closed."""
    for other in inherited:
        other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us,
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # and so
    gc.disable()  # trees hold no cycles
    try:
        while True:
            for path in pipe.recv():
                pipe.send(read(path))
    except (EOFError, BrokenPipeError):
        return


def cores() -> int:
    """How many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1
