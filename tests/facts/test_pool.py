"""Many files at once: same result however they are read, and a dead worker costs one file."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from backend_gate.facts import pool
from backend_gate.facts.cache import FactCache
from backend_gate.facts.model import decode_facts
from backend_gate.facts.pool import read_files
from backend_gate.facts.workers import Result, started_workers

needs_fork = pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(),
    reason="the fault is planted in memory that fork copies",
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for number in range(60):
        folder = tmp_path / f"package{number % 7}"
        folder.mkdir(exist_ok=True)
        text = f"x{number} = {number}\n" + "def f(a): return a\n" * (number % 5)
        (folder / f"module{number}.py").write_text(text, encoding="utf-8")
    (tmp_path / "broken.py").write_text("def f(:\n", encoding="utf-8")
    return tmp_path


def paths(tree: Path) -> list[str]:
    return [path.relative_to(tree).as_posix() for path in tree.rglob("*.py")]


def test_jobs_and_order_do_not_matter(tree: Path) -> None:
    wanted = paths(tree)
    expected = read_files(tree, wanted, jobs=1)
    assert list(expected) == sorted(wanted)
    assert read_files(tree, wanted[::-1] + wanted[:5], jobs=3) == expected
    assert list(read_files(tree, wanted[::-1], jobs=2)) == sorted(wanted)
    assert read_files(tree, wanted) == expected
    error = decode_facts(expected["broken.py"]).error
    assert error is not None
    assert error.message.startswith("syntax error")


@pytest.mark.parametrize("jobs", [1, 2])
def test_progress_reaches_the_end(tree: Path, jobs: int) -> None:
    seen: list[tuple[int, int]] = []
    read_files(tree, paths(tree), jobs=jobs, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(number, 61) for number in range(62)]


def test_nothing_to_read(tmp_path: Path) -> None:
    assert read_files(tmp_path, []) == {}
    assert read_files(tmp_path, [], jobs=4) == {}


@needs_fork
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "SIGKILL"),
        (lambda: os.kill(os.getpid(), signal.SIGSEGV), "SIGSEGV"),
        (lambda: os._exit(3), "exit code 3"),
    ],
    ids=["killed", "crashed", "left"],
)
def test_a_dead_worker_costs_one_file(
    tree: Path, monkeypatch: pytest.MonkeyPatch, fault: Callable[[], None], reason: str
) -> None:
    wanted = paths(tree)
    expected = read_files(tree, wanted, jobs=1)
    deadly = {sorted(wanted)[index] for index in (0, 17, 18, 60)}
    real = pool.read_file

    def read(root: Path, words: frozenset[str] | None, path: str) -> Result:
        if path in deadly:
            faulthandler.disable()
            fault()
        return real(root, words, path)

    monkeypatch.setattr(pool, "read_file", read)
    found = read_files(tree, wanted, jobs=2)
    assert list(found) == sorted(wanted)
    for path in wanted:
        if path in deadly:
            error = decode_facts(found[path]).error
            assert error is not None
            assert error.message == f"the reader crashed on this file ({reason})"
        else:
            assert found[path] == expected[path]


def _fails(message: str, path: str) -> Result:
    raise ZeroDivisionError(message)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_fault_of_the_reader_is_an_error_of_the_file(
    tree: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    from backend_gate.facts import reader

    monkeypatch.setattr(reader, "decode", partial(_fails, "planted"))
    found = read_files(tree, ["broken.py", "package1/module1.py"], jobs=jobs)
    for path in found:
        error = decode_facts(found[path]).error
        assert error is not None
        assert error.message == "the reader crashed on this file (ZeroDivisionError: planted)"


def _echo(path: str) -> Result:
    return path, "", path.encode()


def _failed(path: str, message: str) -> Result:
    return path, message, b""


def test_workers_end_with_their_user() -> None:
    with started_workers(_echo, [str(number) for number in range(100)], 2, _failed) as results:
        next(results)
        workers = [
            child for child in multiprocessing.active_children() if child.name == "backend-gate-reader"
        ]
        assert len(workers) == 2
    assert not [child for child in multiprocessing.active_children() if child.name == "backend-gate-reader"]


# --- what is opened -------------------------------------------------------------------------------


def message(root: Path, path: str) -> str | None:
    error = decode_facts(read_files(root, [path])[path]).error
    return None if error is None else error.message


def test_links_are_followed_inside_the_tree_only(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "a.py").write_text("x = 1", encoding="utf-8")
    (tmp_path / "secret.py").write_text("x = 1", encoding="utf-8")
    (root / "inside.py").symlink_to(root / "a.py")
    (root / "outside.py").symlink_to(tmp_path / "secret.py")
    (root / "folder").symlink_to(tmp_path)
    (root / "loop.py").symlink_to(root / "loop.py")
    assert message(root, "inside.py") is None
    assert message(root, "outside.py") == "the path leads out of the project"
    assert message(root, "folder/secret.py") == "the path leads out of the project"
    assert message(root, "../secret.py") == "the path leads out of the project"
    assert message(root, str(tmp_path / "secret.py")) == "the path leads out of the project"
    assert "cannot be opened" in str(message(root, "loop.py"))
    link = tmp_path / "link"
    link.symlink_to(root)
    assert message(link, "a.py") is None


def test_what_is_no_file_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "folder.py").mkdir()
    assert message(tmp_path, "pipe.py") == "this is no regular file"
    assert message(tmp_path, "folder.py") == "this is no regular file"
    assert message(tmp_path, "missing.py") == "the file cannot be opened: No such file or directory"


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    try:
        (tmp_path / name).write_bytes(b"x = 1")
    except OSError:
        pytest.skip("the file system takes no such name")
    found = read_files(tmp_path, [name, os.fsdecode(b"gone\xe9.py")])
    assert decode_facts(found[name]).path == "caf?.py"
    assert decode_facts(found[name]).error is None


# --- cache ----------------------------------------------------------------------------------------


def test_a_warm_run_equals_a_cold_one(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    cache = FactCache(tmp_path_factory.mktemp("cache") / "facts")
    wanted = paths(tree)
    cold = read_files(tree, wanted, jobs=1)
    assert read_files(tree, wanted, cache=cache) == cold
    assert read_files(tree, wanted, cache=cache) == cold
    assert read_files(tree, wanted[3:9], jobs=1, cache=cache) == {
        path: cold[path] for path in sorted(wanted[3:9])
    }


def test_a_warm_run_reads_what_changed_only(
    tree: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = FactCache(tmp_path_factory.mktemp("cache"))
    wanted = paths(tree)
    read_files(tree, wanted, cache=cache)
    (tree / "broken.py").write_text("mended = 1\n", encoding="utf-8")
    read: list[str] = []
    real = pool.read_file

    def spy(root: Path, words: frozenset[str] | None, path: str) -> Result:
        read.append(path)
        return real(root, words, path)

    monkeypatch.setattr(pool, "read_file", spy)
    found = read_files(tree, wanted, cache=cache, jobs=1)
    assert read == ["broken.py"]
    assert decode_facts(found["broken.py"]).statements[0].binds == ["mended"]


def test_what_is_read_is_part_of_the_key(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    cache = FactCache(tmp_path_factory.mktemp("cache"))
    wanted = paths(tree)
    for words in (None, frozenset[str](), frozenset({"a"}), frozenset({"b"})):
        expected = read_files(tree, wanted, eager_words=words, jobs=1)
        assert read_files(tree, wanted, eager_words=words, cache=cache) == expected
        assert read_files(tree, wanted, eager_words=words, cache=cache) == expected


def test_crashes_are_not_kept(
    tree: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = FactCache(tmp_path_factory.mktemp("cache"))
    with monkeypatch.context() as planted:
        planted.setattr(pool, "read_file", lambda root, words, path: pool.unread(path, "crashed"))
        read_files(tree, ["broken.py"], cache=cache)
    error = decode_facts(read_files(tree, ["broken.py"], cache=cache)["broken.py"]).error
    assert error is not None
    assert error.message != "crashed"
