"""What does not fit the present source is no evidence; times never decide."""

from __future__ import annotations

import os
from pathlib import Path

import measuring
import pytest

from backend_gate.evidence.coverage.fresh import digest

KINDS = [".coverage", "coverage.json", "coverage.xml", "coverage.lcov"]
TEXT = measuring.PRICES


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return measuring.measure(measuring.make_project(tmp_path_factory.mktemp("shop")))


def noticed_by(project: Path, text: str) -> list[str]:
    """The kinds of data that do not fit with ``text`` in place of the measured one."""
    file = project / "shop" / "prices.py"
    file.write_text(text, "utf-8")
    try:
        return measuring.stale_kinds(project, KINDS)
    finally:
        file.write_text(TEXT, "utf-8")


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("def discount", "\n\ndef discount"),
        TEXT.replace("    if total", "    # careful\n    if total"),
    ],
    ids=["moved", "a comment more"],
)
def test_moved_lines_are_noticed(project: Path, text: str) -> None:
    assert noticed_by(project, text) == KINDS


@pytest.mark.parametrize(
    "text",
    [
        TEXT + "\n\ndef more() -> int:\n    return 1\n",
        TEXT.replace("    for rate", "    print(rates)\n    for rate"),
    ],
    ids=["a function more", "a statement more"],
)
def test_reports_notice_new_statements(project: Path, text: str) -> None:
    assert noticed_by(project, text)[-3:] == KINDS[1:]


@pytest.mark.parametrize("time", [1, 4_000_000_000], ids=["old", "new"])
def test_the_time_of_a_file_decides_nothing(project: Path, time: int) -> None:
    os.utime(project / "shop" / "prices.py", (time, time))

    assert measuring.stale_kinds(project, KINDS) == []


def test_statements_that_compile_to_nothing_decide_nothing(tmp_path: Path) -> None:
    """Another Python may list an annotation, ``pass`` or a constant where this one does not."""
    root = measuring.make_project(tmp_path / "shop")
    (root / "shop" / "idle.py").write_text(
        "class A:\n    name: str\n    ...\n\n    def f(self):\n        pass\n", "utf-8"
    )
    (root / "report.lcov").write_text("SF:shop/idle.py\nDA:1,1\nDA:5,1\nend_of_record\n", "utf-8")

    assert measuring.measured(root, "report.lcov").stale == ()


def test_line_ends_do_not_change_a_digest() -> None:
    assert digest(b"a\r\nb\r\n") == digest(b"a\nb\n") != digest(b"a\nc\n")
