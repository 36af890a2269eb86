"""Changed lines that no suite runs, in a real repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from backend_gate.compare import check_changes
from backend_gate.evidence.coverage.changed import changed_coverage
from backend_gate.evidence.coverage.model import FileCoverage, Measured, State, SuiteCoverage
from backend_gate.evidence.model import Evidence

OLD = """\
from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}
"""
MORE = """\


def discount(total: int) -> int:
    if total > 1000:
        total = total - 100
        total = total - 1
    return total
"""
NEW = {11: 1, 12: 1, 13: 0, 14: 0, 15: 1}


def git(root: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *arguments],
        cwd=root, check=True, capture_output=True,
    )  # fmt: skip


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(OLD, "utf-8")
    (tmp_path / "backend-gate.toml").write_text("[suites.unit]\ndata = 'unit.lcov'\n", "utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "begin")
    (tmp_path / "app.py").write_text(OLD + MORE, "utf-8")
    lines = {1: 1, 3: 1, 6: 1, 7: 1, 8: 0, **NEW}
    data = "".join(f"DA:{line},{hits}\n" for line, hits in lines.items())
    (tmp_path / "unit.lcov").write_text(f"SF:app.py\n{data}end_of_record\n", "utf-8")
    return tmp_path


def found(root: Path, *, staged: bool = False) -> list[tuple[str, int, int]]:
    with check_changes([root], since=None if staged else "HEAD", staged=staged, jobs=1) as compared:
        return [
            (item.place.file, item.place.span.line, item.place.span.end_line)
            for item in compared.verdict.findings
            if item.rule == "coverage-below"
        ]


def test_changed_lines_that_never_run_are_found_where_they_are(repository: Path) -> None:
    assert found(repository) == [("app.py", 13, 14)], "line 8 never runs either, but it is old"


def test_staged_lines_are_judged_with_the_evidence_on_the_working_tree(repository: Path) -> None:
    assert found(repository, staged=True) == [], "nothing is staged"
    git(repository, "add", "app.py")

    assert found(repository, staged=True) == [("app.py", 13, 14)]


def test_the_threshold_is_that_of_all_changed_lines(repository: Path) -> None:
    (repository / "backend-gate.toml").write_text(
        "changed-coverage = 60\n[suites.unit]\ndata = 'unit.lcov'\n", "utf-8"
    )

    assert found(repository) == []


def test_stale_evidence_says_nothing(repository: Path) -> None:
    with (repository / "app.py").open("a", encoding="utf-8") as stream:
        stream.write("\n\nMORE = 1\n")

    assert found(repository) == []


def test_any_suite_counts() -> None:
    def suite(name: str, executed: tuple[int, ...], missing: tuple[int, ...]) -> SuiteCoverage:
        file = FileCoverage("a.py", executed, missing)
        return SuiteCoverage(name=name, threshold=0, state=State.MEASURED, measured=Measured((file,)))

    changed = {"a.py": frozenset(range(1, 7)), "unmeasured.py": frozenset({1})}
    evidence = Evidence((suite("a", (1,), (2, 3, 5)), suite("b", (2,), (1, 3, 5))), changed=changed)

    coverage = changed_coverage(evidence)

    assert (coverage.total, coverage.percent) == (4, 50.0)
    assert list(coverage.stretches()) == [("a.py", 3, 5)]
