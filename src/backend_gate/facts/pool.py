"""Reads many files: from the cache, here, or in worker processes."""

from __future__ import annotations

import gc
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from backend_gate.facts.cache import FactCache, cache_key
from backend_gate.facts.files import CannotOpenError, read_bytes
from backend_gate.facts.model import FileFacts, ReadError, encode_facts
from backend_gate.facts.workers import Result, cores, started_workers

Progress = Callable[[int, int], None]

#: Starting processes pays off from about this many files on.
MIN_FILES = 40


def read_files(
    root: Path,
    paths: Sequence[str],
    *,
    eager_words: frozenset[str] | None = None,
    jobs: int | None = None,
    cache: FactCache | None = None,
    progress: Progress | None = None,
) -> dict[str, bytes]:
    """The encoded facts (see :func:`~backend_gate.facts.model.decode_facts`) of every path, sorted by path.

    The result does not depend on ``jobs``, on the order of ``paths`` or on the cache. A file that
    cannot be read has facts with an error; nothing is raised for it.

    Args:
        root: the folder that the paths are relative to. Links that lead out of it are not followed.
        paths: relative, with ``/``; each is read once.
        eager_words: which bodies of functions to read, see :func:`~backend_gate.facts.reader.read_source`.
        jobs: worker processes; 1 reads here, without any. By default one a core, and none for few files.
        cache: asked first, and filled.
        progress: called with the number of files done and of all files, first before any is read.
            Worker processes are started before the first call, so that a display with threads can
            begin there.

    Raises:
        OSError: the cache cannot be written.
    """
    root = Path(os.path.realpath(root))
    wanted = sorted(set(paths))
    results: dict[str, bytes] = {}
    if cache is not None:
        for path in wanted:
            known = _cached(root, path, eager_words, cache)
            if known is not None:
                results[path] = known
    missing = [path for path in wanted if path not in results]
    with _readers(root, missing, eager_words, jobs) as reading:
        done = len(results)
        if progress is not None:
            progress(done, len(wanted))
        for path, digest, facts in reading:
            results[path] = facts
            if cache is not None and digest:
                cache.put(cache_key(path, digest, eager_words), facts)
            done += 1
            if progress is not None:
                progress(done, len(wanted))
    if cache is not None and missing:
        cache.trim()
    return {path: results[path] for path in wanted}


def read_file(root: Path, eager_words: frozenset[str] | None, path: str) -> Result:
    """Path, digest of the content and encoded facts of one file; no digest where it could not be read.

    An exception inside the reader is a fault of the reader. It becomes the error of this file, so that
    every other file is still judged.
    """
    from backend_gate.facts.reader import read_source

    try:
        data = read_bytes(root, path)
    except CannotOpenError as problem:
        return unread(path, str(problem))
    try:
        facts = read_source(_printable(path), data, eager_words=eager_words)
        return path, facts.digest, encode_facts(facts)
    except Exception as problem:  # noqa: BLE001  (reported as an error of the file, which ends in exit code 2)
        return unread(path, f"the reader crashed on this file ({type(problem).__name__}: {problem})")


def unread(path: str, message: str) -> Result:
    """The result for a file without content."""
    facts = FileFacts(_printable(path), "", 0, [], [], [], ReadError(_printable(message)))
    return path, "", encode_facts(facts)


def _printable(name: str) -> str:
    """A file name that is not UTF-8 on disk holds surrogates, which no report can write."""
    return name.encode("utf-8", "replace").decode()


def _cached(root: Path, path: str, eager_words: frozenset[str] | None, cache: FactCache) -> bytes | None:
    try:
        data = read_bytes(root, path)
    except CannotOpenError:
        return None
    return cache.get(cache_key(path, hashlib.sha256(data).hexdigest(), eager_words))


def _readers(
    root: Path, paths: list[str], eager_words: frozenset[str] | None, jobs: int | None
) -> AbstractContextManager[Iterator[Result]]:
    if jobs is None:
        jobs = cores() if len(paths) >= MIN_FILES else 1
    jobs = min(jobs, len(paths))
    read = partial(read_file, root, eager_words)
    if jobs <= 1:
        return _here(read, paths)
    # The largest first, so that no core is left with one of them at the end.
    return started_workers(read, _largest_first(root, paths), jobs, unread)


@contextmanager
def _here(read: Callable[[str], Result], paths: list[str]) -> Iterator[Iterator[Result]]:
    """Reads in this process. Trees hold no cycles: looking for them would cost a tenth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield map(read, paths)
    finally:
        if was_enabled:
            gc.enable()


def _largest_first(root: Path, paths: list[str]) -> list[str]:
    def size(path: str) -> int:
        try:
            return os.lstat(root / path).st_size
        except OSError:
            return 0

    return sorted(paths, key=lambda path: (-size(path), path))
