"""Shares of one task, each in a process of its own.

A forked process has all that the parent knows and gives back plain data. Where processes cannot be forked,
everything is done here, share after share.
"""

from __future__ import annotations

import io
import multiprocessing
import pickle
import signal
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

T = TypeVar("T")
S = TypeVar("S")


class WorkerDiedError(Exception):
    """A process has failed, or has ended before it had an answer: a crash, as if it had happened here."""


def in_processes(
    work: Callable[[S], T],
    shares: Sequence[S],
    jobs: int,
    common: Sequence[object],
    meanwhile: Callable[[], object] = lambda: None,
) -> list[T]:
    """``work`` of each share, in order: of the first here, of every other in a process that is forked before.

    ``meanwhile`` is what this process does once the first share is done, while the others may still be at work.

    Each share so finds the same state, whatever ``jobs`` is: the number of shares worked on at a time. Objects
    of ``common`` in an answer are the parent's own again when it arrives. Without fork all is done here.

    Raises:
        WorkerDiedError: a process has failed.
    """
    if len(shares) <= 1 or "fork" not in multiprocessing.get_all_start_methods():
        return [work(share) for share in shares]
    helpers: list[_Helper[T]] = []
    try:
        for share in shares[1:]:
            helpers.append(_Helper(work, share, common, [helper.pipe for helper in helpers]))
        for helper in helpers[: jobs - 1]:
            helper.go()
        answers = [work(shares[0])]
        meanwhile()
        for number, helper in enumerate(helpers):
            for following in helpers[number : number + max(jobs, 1)]:
                following.go()
            answers.append(helper.answer(common))
    finally:
        for helper in helpers:
            helper.stop()
    return answers


class _Helper(Generic[T]):
    """A forked process that waits for its word to begin."""

    def __init__(
        self, work: Callable[[S], T], share: S, common: Sequence[object], others: list[Connection]
    ) -> None:
        context: Any = multiprocessing.get_context("fork")
        self.pipe, there = context.Pipe()
        self._began = False
        inherited = [self.pipe, *others]
        self._process = context.Process(
            target=_work, args=(work, share, there, common, inherited), daemon=True, name="backend-gate-judge"
        )
        self._process.start()
        there.close()

    def go(self) -> None:
        """Let it begin; it may have begun."""
        if not self._began:
            self._began = True
            with suppress(OSError):  # it has died, which its answer says
                self.pipe.send(None)

    def answer(self, common: Sequence[object]) -> T:
        """What it has found.

        Raises:
            WorkerDiedError: it has failed.
        """
        found: T = _received(self.pipe, common)
        return found

    def stop(self) -> None:
        """End it, whether it is done or not."""
        self.pipe.close()
        self._process.terminate()
        self._process.join()
        self._process.close()


def _work(
    work: Callable[[S], T],
    share: S,
    pipe: Connection,
    common: Sequence[object],
    inherited: list[Connection],
) -> None:
    """What a helper does: it sends its answer, or how it has failed."""
    for other in inherited:
        other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us
    try:
        pipe.recv()
    except EOFError:
        return
    try:
        data = _pickled((True, work(share)), common)
    except Exception:  # noqa: BLE001  the parent raises it again
        data = _pickled((False, traceback.format_exc()), ())
    with suppress(BrokenPipeError):  # the parent has ended
        pipe.send_bytes(data)


def _pickled(answer: tuple[bool, object], common: Sequence[object]) -> memoryview:
    out = io.BytesIO()
    _Pickler(out, {id(one): number for number, one in enumerate(common)}).dump(answer)
    return out.getbuffer()


def _received(pipe: Connection, common: Sequence[object]) -> Any:
    try:
        data = pipe.recv_bytes()
    except (EOFError, OSError) as error:
        raise WorkerDiedError("a process that judges endpoints has ended without an answer") from error
    succeeded, answer = _Unpickler(io.BytesIO(data), common).load()
    if not succeeded:
        raise WorkerDiedError(f"a process that judges endpoints has failed:\n{answer}")
    return answer


class _Pickler(pickle.Pickler):
    def __init__(self, out: io.BytesIO, numbers: dict[int, int]) -> None:
        super().__init__(out, pickle.HIGHEST_PROTOCOL)
        self._numbers = numbers

    def persistent_id(self, value: object) -> int | None:
        return self._numbers.get(id(value))


class _Unpickler(pickle.Unpickler):
    def __init__(self, data: io.BytesIO, common: Sequence[object]) -> None:
        super().__init__(data)
        self._common = common

    def persistent_load(self, number: int) -> object:
        return self._common[number]
