"""Fingerprints: GitHub's own values, stable where the code only moves, different for different findings."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import verdicts
from hypothesis import given
from hypothesis import strategies as st

from backend_gate.report.fingerprints import fingerprints, line_hashes
from backend_gate.report.source import SourceReader
from backend_gate.rules.model import Finding, Severity

LINES = st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=60))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # Computed by github/codeql-action, src/fingerprints.ts.
        ("", ["c129715d7a2bc9a3:1"]),
        (
            " a\nb\n  \t\tc\n d",
            ["271789c17abda88f", "54703d4cd895b18", "180aee12dab6264", "a23a3dc5e078b07b"],
        ),
        (
            "x = 2\nx = 1\nprint(x)\nx = 3\nprint(x)\nx = 4\nprint(x)\n",
            [
                *("e54938cc54b302f1", "bb609acbe9138d60", "1131fd5871777f34", "5c482a0f8b35ea28"),
                *("54517377da7028d2", "2c644846cb18d53e", "f1b89f20de0d133", "c129715d7a2bc9a3"),
            ],
        ),
    ],
)
def test_values_are_those_of_the_upload_action(source: str, expected: list[str]) -> None:
    assert line_hashes(source.encode()) == [item if ":" in item else f"{item}:1" for item in expected]


def test_lines_that_hash_alike_are_counted() -> None:
    hashes = line_hashes(b"Lorem ipsum dolor sit amet.\n" * 10)
    assert hashes[:7] == [*(f"a7f2ff13bc495cf2:{number}" for number in range(1, 7)), "a7f2ff1481e87703:1"]


@given(LINES, LINES)
def test_lines_above_change_no_hash(above: list[str], lines: list[str]) -> None:
    source = "\n".join(lines)
    before = [value.partition(":")[0] for value in line_hashes(source.encode())]
    moved = line_hashes("".join(f"{line}\n" for line in above).encode() + source.encode())
    assert [value.partition(":")[0] for value in moved[len(above) :]] == before


@given(LINES, st.sampled_from(["\r\n", "\r"]), st.sampled_from([" ", "\t", "    "]))
def test_indentation_and_line_ends_change_nothing(lines: list[str], end: str, blank: str) -> None:
    assert line_hashes("\n".join(lines).encode()) == line_hashes(
        end.join(blank + line for line in lines).encode()
    )


@given(st.binary(max_size=300))
def test_every_line_of_any_file_has_one(data: bytes) -> None:
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    hashes = line_hashes(data)
    assert len(hashes) == len(lines)
    assert len(set(hashes)) == len(hashes)


def _finding(
    line: int, column: int, message: str = "a fault", rule: str = "sql-built-from-values"
) -> Finding:
    return Finding(rule, message, verdicts.place("a.py", line, column, column + 3), Severity.ERROR)


def _names(root: Path, source: str, *findings: Finding) -> list[str]:
    (root / "a.py").write_text(source)
    found = fingerprints(findings, SourceReader(root))
    return [found[finding] for finding in findings]


def test_a_renamed_message_and_a_moved_column_change_nothing(tmp_path: Path) -> None:
    source = "f(a)\ng(b)\n"
    assert _names(tmp_path, source, _finding(2, 3)) == _names(tmp_path, source, _finding(2, 1, "new words"))


def test_a_finding_keeps_its_name_where_the_line_goes(tmp_path: Path) -> None:
    old = _names(tmp_path, "f(a)\ng(b)\n", _finding(2, 3))
    assert old == _names(tmp_path, "import os\n\n\nf(a)\n    g(b)\n", _finding(5, 7))
    assert old != _names(tmp_path, "f(a)\ng(c)\n", _finding(2, 3))


def test_equal_findings_on_equal_code_are_told_apart(tmp_path: Path) -> None:
    filler = "".join(f"    value_{number} = {number}\n" for number in range(20))
    source = f"def f():\n{filler}\n" * 2
    again = len(f"def f():\n{filler}\n".splitlines()) + 1
    names = _names(
        tmp_path,
        source,
        _finding(1, 1),
        _finding(1, 5),
        _finding(1, 5, rule="body-model-open"),
        _finding(again, 1),
    )
    value = names[0].removesuffix(":1")
    assert names == [f"{value}:1", f"{value}:1:2", f"{value}:1", f"{value}:2"]


def test_a_file_that_cannot_be_read_has_none(tmp_path: Path) -> None:
    finding = _finding(1, 1)
    assert fingerprints([finding], SourceReader(tmp_path)) == {}
    (tmp_path / "a.py").write_text("x")
    beyond = msgspec.structs.replace(finding, place=verdicts.place("a.py", 9, 1, 2))
    assert fingerprints([beyond], SourceReader(tmp_path)) == {}
