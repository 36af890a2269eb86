"""The wheel is whole: built, installed into an empty environment, and run from another folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RULES = {file.relative_to(ROOT / "rules").as_posix() for file in (ROOT / "rules").rglob("*.yaml")}


def run(command: Sequence[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    """The finished command, started without anything that points back to this checkout."""
    dropped = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")
    clean = {key: value for key, value in os.environ.items() if key not in dropped}
    return subprocess.run(
        command, cwd=folder, env=clean, capture_output=True, text=True, timeout=600, check=False
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    done = run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT], out)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of an environment that holds the wheel and what it asks for, nothing else."""
    folder = tmp_path_factory.mktemp("empty")
    venv.create(folder)
    scripts = folder / ("Scripts" if sys.platform == "win32" else "bin")
    # The pip of this Python installs there: one of its own would be installed first, to no end. What is imported
    # is compiled when it is.
    pip = [sys.executable, "-m", "pip", "--python", str(scripts / "python")]
    done = run([*pip, "install", "--quiet", "--no-compile", wheel], folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return scripts


def test_every_rule_is_in_the_wheel(wheel: Path) -> None:
    prefix = "backend_gate/_rules/"
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())

    assert RULES
    assert {name.removeprefix(prefix) for name in names if name.startswith(prefix)} >= RULES
    assert "backend_gate/py.typed" in names
    assert not any(name.startswith(("tests/", "examples/", "bench/")) for name in names)


def test_the_installed_gate_judges_from_another_folder(installed: Path, tmp_path: Path) -> None:
    done = run(
        [installed / "backend-gate", "check", ROOT / "examples" / "faulty", "--format", "json"], tmp_path
    )

    assert done.returncode == 1, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert {finding["id"] for finding in report["findings"]} >= {"BG101", "BG201"}


def test_the_installed_gate_needs_nothing_it_does_not_ask_for(installed: Path, tmp_path: Path) -> None:
    """Every module can be imported without the tools of its developers."""
    script = (
        "import importlib, pkgutil, backend_gate\n"
        "for module in pkgutil.walk_packages(backend_gate.__path__, 'backend_gate.'):\n"
        "    if not module.name.endswith('__main__'):\n"
        "        importlib.import_module(module.name)\n"
    )
    done = run([installed / "python", "-c", script], tmp_path)

    assert done.returncode == 0, done.stderr


def test_the_rules_are_listed_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    done = run([installed / "backend-gate", "rules"], tmp_path)

    assert done.returncode == 0, done.stderr
    assert "endpoint-without-auth" in done.stdout


def test_pre_commit_accepts_the_hook() -> None:
    done = run([sys.executable, "-m", "pre_commit", "validate-manifest", ".pre-commit-hooks.yaml"], ROOT)

    assert done.returncode == 0, done.stdout + done.stderr
