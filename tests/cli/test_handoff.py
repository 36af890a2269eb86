"""``backend-gate handoff`` as its user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import running

from backend_gate.cli.main import main

LCOV = (
    "SF:shop/main.py\n"
    + "".join(f"DA:{line},1\n" for line in (1, 2, 4, 7, 8, 11, 12, 13))
    + "end_of_record\n"
)
PUBLIC = "[[public]]\npath = '/users'\nreason = 'a demonstration'\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = running.make_backend(tmp_path / "project", running.TYPED)
    (root / "backend-gate.toml").write_text(f"{PUBLIC}[suites.integration]\ndata = 'report.lcov'\n", "utf-8")
    (root / "report.lcov").write_text(LCOV, "utf-8")
    return root


def run(project: Path, *more: str) -> tuple[int, Path]:
    folder = project.parent / "bundle"
    return main(["handoff", str(project), "--output", str(folder), *more]), folder


def test_a_sound_backend_with_evidence_is_ready(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, folder = run(project, "--html")

    assert code == 0, capsys.readouterr().out
    assert sorted(file.name for file in folder.iterdir()) == [
        "gate.sarif", "handoff.html", "handoff.json", "handoff.md",
    ]  # fmt: skip
    assert (folder / "handoff.md").read_text("utf-8").startswith("# Ready to hand over")
    assert json.loads((folder / "handoff.json").read_text("utf-8"))["outcome"] == "passes"
    assert capsys.readouterr().out.startswith("Ready to hand over.\n")


def test_a_finding_that_blocks_ends_with_1(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "shop" / "main.py").write_text(running.TYPED.replace("data: User", "data: dict"), "utf-8")

    code, folder = run(project)

    assert code == 1
    assert "Not ready to hand over:\n  - 1 finding blocks it.\n" in capsys.readouterr().out
    (task,) = json.loads((folder / "handoff.json").read_text("utf-8"))["todo"]
    assert (task["id"], task["file"], task["line"]) == ("BG201", "shop/main.py", 12)
    assert not (folder / "handoff.html").exists()


def test_missing_evidence_ends_with_2_and_names_the_command(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "backend-gate.toml").write_text(PUBLIC, "utf-8")

    code, folder = run(project)

    assert code == 2
    assert "There is no evidence of the suite unit: it was never measured" in capsys.readouterr().out
    assert "backend-gate test unit" in (folder / "handoff.md").read_text("utf-8")


def test_stale_evidence_ends_with_2(project: Path) -> None:
    with (project / "shop" / "main.py").open("a", encoding="utf-8") as stream:
        stream.write("\n\nMORE = 1\n")

    assert run(project)[0] == 2


def test_a_folder_that_cannot_be_written_is_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "file").touch()

    assert main(["handoff", str(project), "--output", str(project / "file")]) == 2
    assert "cannot be made" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["backend-gate-handoff", "backend-gate-handoff/handoff.md"])
def test_the_folder_that_nobody_has_named_is_no_way_out(
    project: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    link = project / name
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(outside if link.parent == project else outside / "new.md")
    monkeypatch.chdir(project)

    assert main(["handoff"]) == 2
    assert "cannot be written: a link leads out of the repository" in capsys.readouterr().err
    assert list(outside.iterdir()) == []


def test_all_schemas_are_printed_together(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["schema"]) == 0

    assert set(json.loads(capsysbinary.readouterr().out)) >= {"check", "handoff", "routes"}
