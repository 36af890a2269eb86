"""The cache: all of an entry or nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_gate.facts.cache import FactCache, cache_key

_key = cache_key("a.py", "0" * 64, None)


def entries(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


def test_what_is_put_is_got(tmp_path: Path) -> None:
    cache = FactCache(tmp_path / "new" / "folder")
    assert cache.get(_key) is None
    cache.put(_key, b"facts")
    assert cache.get(_key) == b"facts"
    cache.put(_key, b"")
    assert cache.get(_key) == b""


@given(
    st.sampled_from(["a.py", "b.py"]),
    st.sampled_from(["0", "1"]),
    st.sampled_from([None, frozenset(), frozenset("a"), frozenset("ab")]),
)
def test_keys_tell_everything_apart(path: str, digest: str, words: frozenset[str] | None) -> None:
    assert (cache_key(path, digest, words) == cache_key("a.py", "0", frozenset("ab"))) == (
        (path, digest, words) == ("a.py", "0", frozenset("ab"))
    )


@pytest.mark.parametrize("position", [0, 3, 5, 8, 12])
def test_a_broken_entry_is_a_miss(tmp_path: Path, position: int) -> None:
    cache = FactCache(tmp_path)
    cache.put(_key, b"some facts")
    (entry,) = entries(tmp_path)
    whole = entry.read_bytes()
    entry.write_bytes(whole[:position])
    assert cache.get(_key) is None
    entry.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
    assert cache.get(_key) is None
    cache.put(_key, b"other")
    assert cache.get(_key) == b"other"


def test_nothing_is_left_of_an_entry_that_could_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: object) -> None:
        raise OSError("no space left")

    cache = FactCache(tmp_path)
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="no space left"):
        cache.put(_key, b"facts")
    assert entries(tmp_path) == []


def test_the_oldest_entries_go_first(tmp_path: Path) -> None:
    cache = FactCache(tmp_path, limit=3 * 1008)
    keys = [cache_key(f"{number}.py", "0", None) for number in range(5)]
    for number, key in enumerate(keys):
        cache.put(key, bytes(1000))
        (entry,) = [path for path in entries(tmp_path) if path.parent.name + path.name == key]
        os.utime(entry, (number, number))
    assert cache.trim() == 2
    assert [cache.get(key) is not None for key in keys] == [False, False, True, True, True]
    assert cache.trim() == 0


def test_a_missing_folder_needs_no_trimming(tmp_path: Path) -> None:
    assert FactCache(tmp_path / "none").trim() == 0
