"""Data that is broken, foreign, hostile or old is said to be so, and never counted."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path

import measuring
import pytest

from backend_gate.errors import InternalError
from backend_gate.evidence import process
from backend_gate.evidence.coverage.reports import ReportError, read_report

BOMB = """\
<?xml version="1.0"?>
<!DOCTYPE coverage [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<coverage><sources><source>&b;</source></sources></coverage>
"""
OUTSIDE = """\
<?xml version="1.0"?>
<!DOCTYPE coverage [<!ENTITY secret SYSTEM "file:///etc/passwd">]>
<coverage><sources><source>&secret;</source></sources></coverage>
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return measuring.make_project(tmp_path / "shop")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("hello", "neither coverage.py data or JSON, nor Cobertura XML, nor LCOV"),
        ("", "neither coverage.py data or JSON, nor Cobertura XML, nor LCOV"),
        ("!coverage.py: This is a private format, don't read it directly!{}", "coverage.py 4"),
        ("{}", "no JSON report of coverage.py"),
        ('{"meta": {}, "files": {"a.py": {"executed_lines": "x"}}}', "no JSON report of coverage.py"),
        ("[" * 100_000, "neither"),
        ("{" + '"a":{' * 100_000, "no JSON report"),
        ("<coverage", "no valid XML"),
        ("<testsuite/>", "no Cobertura report"),
        (
            '<coverage><class filename="shop/prices.py"><line number="x"/></class></coverage>',
            "lacks its number",
        ),
        ('<coverage><class><line number="1" hits="1"/></class></coverage>', "lacks its filename"),
        (BOMB, "declares entities"),
        (OUTSIDE, "declares entities"),
        ("TN:\nSF:shop/prices.py\nDA:one,1\nend_of_record\n", "line 3"),
        ("TN:\nDA:1,1\nend_of_record\n", "line 2"),
        ("TN:\nSF:shop/prices.py\nDA:1,1\n", "in the middle of a record"),
        ("TN:\nSF:shop/prices.py\nDA:-4,1\nend_of_record\n", "which is no line"),
    ],
)
def test_what_is_no_report_is_no_evidence(content: str, said: str) -> None:
    with pytest.raises(ReportError) as caught:
        read_report(content.encode())

    assert said in str(caught.value)


def test_a_report_of_another_project_is_no_evidence(project: Path) -> None:
    (project / "report").write_text("SF:other/module.py\nDA:1,1\nend_of_record\n", "utf-8")

    found = measuring.answer(project, "report")

    assert found.measured is None
    assert "names no file of this project, but other/module.py" in found.problem


def test_a_report_with_a_name_that_no_file_can_have(project: Path) -> None:
    (project / "report").write_text(f"SF:{'m' * 300}.py\nDA:1,1\nend_of_record\n", "utf-8")

    assert "names no file of this project" in measuring.answer(project, "report").problem


def test_a_report_that_contradicts_itself_is_refused(project: Path) -> None:
    measuring.measure(project)
    document = json.loads((project / "coverage.json").read_text("utf-8"))
    document["files"]["shop/prices.py"]["executed_lines"].append(20)
    (project / "coverage.json").write_text(json.dumps(document), "utf-8")

    assert "contradicts itself" in measuring.answer(project, "coverage.json").problem


def test_contexts_that_were_not_recorded_cannot_be_asked_for(project: Path) -> None:
    measuring.measure(project)
    measuring.coverage(project, "json", "-q", "-o", "plain.json")

    assert "without contexts" in measuring.answer(project, "plain.json", contexts=("unit",)).problem
    assert "contexts" in measuring.answer(project, "coverage.xml", contexts=("unit",)).problem
    assert "no regular expression" in measuring.answer(project, "coverage.json", contexts=("(",)).problem


def test_a_truncated_data_file_is_refused(project: Path) -> None:
    measuring.coverage(project, "run", "run.py")
    data = project / ".coverage"
    data.write_bytes(data.read_bytes()[:5000])

    found = measuring.answer(project, ".coverage")

    assert found.measured is None
    assert "no intact data file" in found.problem


@pytest.mark.parametrize(("schema", "said"), [(3, "an older coverage.py"), (99, "a newer coverage.py")])
def test_data_of_other_versions_names_the_way_out(project: Path, schema: int, said: str) -> None:
    measuring.coverage(project, "run", "run.py")
    with sqlite3.connect(project / ".coverage") as database:
        database.execute("update coverage_schema set version = ?", (schema,))
    database.close()

    found = measuring.answer(project, ".coverage")

    assert said in found.problem
    assert "coverage json" in found.advice


def test_data_of_another_project_is_no_evidence(project: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "main.py").write_text("print(1)\n", "utf-8")
    measuring.coverage(other, "run", "main.py")

    found = measuring.answer(project, "../other/.coverage")

    assert "no file of this project" in found.problem


def test_data_without_lines_is_no_evidence(project: Path) -> None:
    database = sqlite3.connect(project / "empty")
    database.execute("create table something (x)")
    database.commit()
    database.close()

    assert measuring.answer(project, "empty").problem == "the coverage data is empty"


def test_lines_and_branches_do_not_combine(project: Path) -> None:
    measuring.coverage(project, "run", "--data-file=a", "run.py")
    (project / ".coveragerc").write_text("[run]\nsource = shop\n", "utf-8")
    measuring.coverage(project, "run", "--data-file=b", "run.py")

    assert "some of its data files measured branches" in measuring.answer(project, "a", "b").problem


def test_the_projects_plugins_are_never_loaded(project: Path) -> None:
    measuring.coverage(project, "run", "run.py")
    (project / "evil.py").write_text("open('loaded', 'w').close()\n", "utf-8")
    (project / ".coveragerc").write_text(
        "[run]\nplugins = evil\ndebug = config\ndebug_file = written\n[report]\nexclude_also = def unused\n",
        "utf-8",
    )

    found = measuring.measured(project, ".coverage")

    assert found.numbers.excluded > 2
    assert not (project / "loaded").exists()
    assert not (project / "written").exists()


def test_nothing_is_imported_from_the_project(project: Path) -> None:
    measuring.coverage(project, "run", "run.py")
    for name in ("coverage.py", "msgspec.py", "sqlite3.py", "backend_gate.py"):
        (project / name).write_text("open('loaded', 'w').close()\n", "utf-8")

    measuring.measured(project, ".coverage")

    assert not (project / "loaded").exists()


def test_links_out_of_the_project_are_not_followed(project: Path, tmp_path: Path) -> None:
    measuring.coverage(project, "run", "run.py")
    outside = tmp_path / "outside.py"
    outside.write_text(measuring.PRICES, "utf-8")
    (project / "shop" / "prices.py").unlink()
    (project / "shop" / "prices.py").symlink_to(outside)

    found = measuring.measured(project, ".coverage")

    assert "shop/prices.py" not in {file.path for file in found.files}
    assert [item.reason for item in found.left_out] == ["no file of this project"]


def test_source_that_this_python_cannot_parse_needs_the_projects_own(project: Path) -> None:
    measuring.measure(project)
    (project / "shop" / "idle.py").write_text("VALUE = 1 +* 2\n", "utf-8")

    by_data = measuring.measured(project, ".coverage")
    by_report = measuring.measured(project, "coverage.json")

    (left_out,) = by_data.left_out
    assert left_out.path == "shop/idle.py"
    assert "which runs backend-gate, cannot parse it" in left_out.reason
    assert "the project's own interpreter" in left_out.reason
    assert "shop/idle.py" in {file.path for file in by_report.files}, "the report says what it says"


def test_a_pattern_made_to_last_forever_is_given_up(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "PATIENCE", 3)
    measuring.coverage(project, "run", "run.py")
    (project / "shop" / "idle.py").write_text(f"VALUE = '{'a' * 60}'\n", "utf-8")
    (project / ".coveragerc").write_text("[report]\nexclude_also = (a+)+b\n", "utf-8")
    started = time.monotonic()

    with pytest.raises(InternalError) as caught:
        measuring.measured(project, ".coverage")

    assert "took more than 3 seconds" in str(caught.value)
    assert time.monotonic() - started < 20


def test_a_crash_of_the_worker_is_named(tmp_path: Path) -> None:
    with pytest.raises(InternalError) as caught:
        measuring.measured(tmp_path / "nowhere", ".coverage")

    assert "FileNotFoundError" in str(caught.value)
