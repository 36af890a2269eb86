"""Lines for code frames: of the tree, and of nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from backend_gate.facts.source import MAX_BYTES
from backend_gate.report.source import SourceReader


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "outside.py").write_text("secret = 1\n")
    root = tmp_path / "tree"
    root.mkdir()
    (root / "a.py").write_bytes(b"one\r\ntwo\rthree\x0c\nfour")
    return root


def test_counts_lines_as_python_does(root: Path) -> None:
    assert SourceReader(root).lines("a.py", 0, 99) == [(1, "one"), (2, "two"), (3, "three\x0c"), (4, "four")]
    assert SourceReader(root).lines("a.py", 2, 3) == [(2, "two"), (3, "three\x0c")]
    assert SourceReader(root).lines("a.py", 9, 10) == []


@pytest.mark.parametrize(
    "name", ["../outside.py", "link.py", "missing.py", ".", "fifo", "a.py/b", "nul\0.py", "loop"]
)
def test_reads_nothing_but_files_of_the_tree(root: Path, name: str) -> None:
    (root / "link.py").symlink_to(root.parent / "outside.py")
    (root / "loop").symlink_to("loop")
    os.mkfifo(root / "fifo")
    assert SourceReader(root).lines(name, 1, 9) == []


def test_a_huge_file_gives_no_frame(root: Path) -> None:
    with (root / "huge.py").open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    assert SourceReader(root).lines("huge.py", 1, 1) == []


def test_encodings(root: Path) -> None:
    (root / "latin.py").write_bytes(b"# coding: latin-1\nname = '\xe9'\n")
    (root / "mark.py").write_bytes("\ufeffname = 'é'\n".encode())
    (root / "broken.py").write_bytes(b"name = '\xff'\n")
    reader = SourceReader(root)
    assert reader.lines("latin.py", 2, 2) == [(2, "name = 'é'")]
    assert reader.lines("mark.py", 1, 1) == [(1, "name = 'é'")]
    assert reader.lines("broken.py", 1, 1) == [(1, "name = '\ufffd'")]
