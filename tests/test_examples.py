"""The example backends: the sound one is silent, the faulty one shows each documented fault once."""

from __future__ import annotations

import filecmp
import subprocess
import sys
from pathlib import Path

import pytest

import judging

EXAMPLES = Path(__file__).parents[1] / "examples"
SOUND, FAULTY = EXAMPLES / "sound", EXAMPLES / "faulty"

CHANGED = {
    "members/errors.py",
    "members/repositories/reports.py",
    "members/routers/__init__.py",
    "members/routers/projects.py",
    "members/routers/reports.py",
    "members/routers/users.py",
    "members/services/users.py",
}
"""Where the faulty backend is not the sound one."""


def test_the_sound_backend_passes(tmp_path: Path) -> None:
    code, report = judging.run("check", SOUND, tmp_path)

    assert report["findings"] == []
    assert report["open_questions"] == []
    assert report["summary"]["endpoints"] == {
        "protected": 10,
        "protected-conditionally": 0,
        "declared-public": 0,
        "public-by-nature": 2,
        "unprotected": 0,
        "unresolved": 0,
    }
    assert code == 0


def test_the_faulty_backend_fails_where_it_is_marked(tmp_path: Path) -> None:
    code, report = judging.run("check", FAULTY, tmp_path)

    assert judging.differences(judging.marked(FAULTY), judging.found(report)) == []
    assert code == 1


def test_every_documented_anti_pattern_is_among_the_faults() -> None:
    assert {rule for _, _, rule in judging.marked(FAULTY)} >= {"BG101", "BG201", "BG301", "BG401"}


def test_the_two_differ_in_the_faults_only() -> None:
    sources = {file.relative_to(SOUND).as_posix() for file in (SOUND / "members").rglob("*.py")}
    faulty = {file.relative_to(FAULTY).as_posix() for file in (FAULTY / "members").rglob("*.py")}

    assert faulty == sources
    assert {name for name in sources if not filecmp.cmp(SOUND / name, FAULTY / name, False)} == CHANGED


@pytest.mark.skipif(sys.platform == "win32", reason="the demonstration is a bash script")
def test_the_demonstration_says_that_both_end_as_expected() -> None:
    gate = Path(sys.executable).parent
    done = subprocess.run(
        [EXAMPLES / "demo.sh", "check"],
        env={"PATH": f"{gate}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("demo: as expected")
