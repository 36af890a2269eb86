"""From a configuration to what the verdict says about suites."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend_gate.evidence.coverage.model import State
from backend_gate.gate import check
from backend_gate.report.sentences import suite_lines
from backend_gate.settle.verdict import Outcome, Verdict

APP = """\
from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}
"""
LCOV = "SF:{path}\nDA:1,1\nDA:3,1\nDA:6,1\nDA:7,1\nDA:8,{hits}\nend_of_record\n"


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def judged(folder: Path) -> Verdict:
    return check([folder], jobs=1)[1]


def backend(root: Path, config: str, hits: int = 1) -> Path:
    return write(
        root, {"app.py": APP, "backend-gate.toml": config, "unit.lcov": LCOV.format(path="app.py", hits=hits)}
    )


def test_a_measured_suite_is_told_with_its_numbers(tmp_path: Path) -> None:
    verdict = judged(backend(tmp_path, "[suites.unit]\ndata = 'unit.lcov'\n", hits=0))

    (suite,) = verdict.suites
    assert (suite.state, suite.numbers.statements, suite.numbers.missing) == (State.MEASURED, 5, 1)
    assert suite.data == ("unit.lcov",)
    assert suite_lines(verdict.suites) == ["unit: 80.00 % covered, at least 80 % wanted."]
    assert verdict.outcome is Outcome.PASSES


def test_without_any_data_the_command_is_named(tmp_path: Path) -> None:
    verdict = judged(write(tmp_path, {"app.py": APP}))

    assert verdict.outcome is Outcome.PASSES
    assert suite_lines(verdict.suites) == [
        "No evidence of the suites unit and integration: `backend-gate test` makes it."
    ]


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ("[suites.unit]\ndata = 'none.xml'\n", "there is no file none.xml"),
        ("[suites.unit]\n", "it was never measured"),
        ("[suites.unit]\ndata = 'app.py'\n", "neither coverage.py data or JSON, nor Cobertura XML, nor LCOV"),
    ],
)
def test_required_evidence_that_is_missing_ends_with_2(tmp_path: Path, config: str, reason: str) -> None:
    verdict = judged(backend(tmp_path, f"require-coverage = true\n{config}"))

    (problem,) = verdict.problems
    assert (problem.kind, problem.subject) == ("no-evidence", "unit")
    assert reason in problem.message
    assert problem.advice
    assert verdict.exit_code == 2


def test_data_on_other_source_is_no_evidence(tmp_path: Path) -> None:
    root = backend(tmp_path, "[suites.unit]\ndata = 'unit.lcov'\n", hits=0)
    (root / "app.py").write_text(f"import os\n{APP}", "utf-8")

    verdict = judged(root)

    (suite,) = verdict.suites
    assert suite.state is State.STALE
    assert verdict.findings == ()
    assert "app.py is not what was measured" in suite_lines(verdict.suites)[0]


def test_suites_that_overlap_are_each_judged_by_all_that_they_run(tmp_path: Path) -> None:
    config = "[suites.unit]\ndata = 'unit.lcov'\n[suites.integration]\ndata = ['unit.lcov', 'more.lcov']\n"
    root = backend(tmp_path, config, hits=0)
    write(root, {"more.lcov": LCOV.format(path="app.py", hits=1)})

    verdict = judged(root)

    assert [suite.numbers.missing for suite in verdict.suites] == [1, 0]
    assert [endpoint.tests for endpoint in verdict.inventory] == [{"unit": "no", "integration": "yes"}]


def test_omitted_files_are_told_when_they_are_many(tmp_path: Path) -> None:
    root = backend(tmp_path, "[suites.unit]\ndata = 'unit.lcov'\n")
    (root / "more.py").write_text("A = 1\nB = 2\nC = 3\n", "utf-8")

    (suite,) = judged(root).suites

    assert suite.omitted_files == ("more.py",)
    assert suite.omitted == pytest.approx(3 / 8)
    assert "38% of the code, in 1 file, is not in the data" in suite_lines([suite])[0]


def test_nothing_to_run_is_said(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {"app.py": APP, "empty.py": "", "backend-gate.toml": "[suites.unit]\ndata = 'unit.lcov'\n",
         "unit.lcov": "SF:empty.py\nend_of_record\n"},
    )  # fmt: skip

    (suite,) = judged(root).suites

    assert suite.numbers.percent == 100.0
    assert "nothing to run" in suite_lines([suite])[0]


def test_a_folder_of_a_larger_project_shows_the_suites_of_the_project(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".git/HEAD": "",
            "backend-gate.toml": "[suites.unit]\ndata = 'unit.lcov'\n",
            "services/shop/app.py": APP,
            "unit.lcov": LCOV.format(path="services/shop/app.py", hits=0).replace("DA:7,1", "DA:7,0"),
        },
    )

    verdict = judged(tmp_path / "services")

    (finding,) = (finding for finding in verdict.findings if finding.rule == "coverage-below")
    assert (finding.rule, finding.place.file, finding.place.span.line) == ("coverage-below", "shop/app.py", 7)


def test_each_backend_has_its_own_suites(tmp_path: Path) -> None:
    for name, hits in (("one", 1), ("two", 0)):
        config = "[suites.unit]\nthreshold = 90\ndata = 'unit.lcov'\n"
        backend(tmp_path / name, config, hits)
        write(tmp_path / name, {"pyproject.toml": f"[project]\nname = '{name}'\nversion = '1'\n"})

    verdict = judged(tmp_path)

    (finding,) = (finding for finding in verdict.findings if finding.rule == "coverage-below")
    assert (finding.place.file, finding.place.span.line) == ("two/backend-gate.toml", 1)
    assert [backend.suites[0].numbers.missing for backend in verdict.backends] == [0, 1]


def test_the_command_that_makes_evidence_names_the_backend(tmp_path: Path) -> None:
    for name in ("one", "two parts"):
        config = f"[project]\nname = '{name}'\nversion = '1'\n\n[tool.backend-gate.suites.unit]\n"
        write(tmp_path / name, {"app.py": APP, "pyproject.toml": config})

    verdict = judged(tmp_path)

    assert [backend.suites[0].advice for backend in verdict.backends] == [
        "`backend-gate test unit --project one` makes it",
        "`backend-gate test unit --project 'two parts'` makes it",
    ]
    assert [suite.advice for suite in judged(tmp_path / "one").suites] == [
        "`backend-gate test unit` makes it"
    ]


def test_async_database_code_without_greenlet_is_told(tmp_path: Path) -> None:
    root = backend(tmp_path, "[suites.unit]\ndata = 'unit.lcov'\n")
    (root / "db.py").write_text("from sqlalchemy.ext.asyncio import create_async_engine\n", "utf-8")

    (suite,) = judged(root).suites
    assert suite.lost.startswith("db.py switches greenlets")

    (root / ".coveragerc").write_text("[run]\nconcurrency = greenlet,thread\n", "utf-8")
    assert judged(root).suites[0].lost == ""


def test_data_that_mixes_files_up_is_not_called_outdated(tmp_path: Path) -> None:
    root = backend(tmp_path, "[suites.unit]\ndata = 'unit.lcov'\n")
    (root / "db.py").write_text("from sqlalchemy.ext.asyncio import create_async_engine\n", "utf-8")
    report = root / "unit.lcov"
    report.write_text(
        report.read_text("utf-8").replace("end_of_record", "DA:180,1\nend_of_record", 1), "utf-8"
    )

    (suite,) = judged(root).suites

    assert suite.state is State.UNREADABLE
    assert "does not fit what was measured: db.py switches greenlets" in suite.reason
    assert suite.advice == "Tell it so, and measure again"
