"""Tools and backends that tests fetch from public registries, kept in a cache outside of the tree.

Where a registry cannot be reached, the test is skipped and says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

MULTITOOL = "@microsoft/sarif-multitool-linux", "5.7.0"


def validate_sarif(*files: Path) -> str:
    """What Microsoft's SARIF Multitool remarks on logs, as GitHub takes them; empty if nothing.

    Errors and warnings; its notes ask for what GitHub does not read (copies of the code).
    """
    done = subprocess.run(
        [_multitool(), "validate", "--rule-kind", "Sarif;Ghas", *files],
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    expected = ("Analyzing...", "THREADS:", "Done.", "Analysis completed successfully.")
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    assert f"Done. {len(files)} files scanned." in lines, done.stdout + done.stderr
    return "\n".join(line for line in lines if not line.startswith(expected))


def _multitool() -> Path:
    """The program; its package holds a binary for Linux that runs as it is."""
    name, version = MULTITOOL
    npm = shutil.which("npm")
    if npm is None or not sys.platform.startswith("linux"):
        pytest.skip("SARIF is not checked with Microsoft's Multitool: that needs Linux and npm")

    def install(folder: Path) -> None:
        _run([npm, "install", "--prefix", str(folder), "--ignore-scripts", f"{name}@{version}"], name)

    folder = _cached(f"sarif-multitool-{version}", install)
    program = folder / "node_modules" / name / "Sarif.Multitool"
    program.chmod(0o755)
    return program


def published_backend(project: str, version: str) -> Path:
    """The sources of a published backend, unpacked and never installed."""

    def unpack(folder: Path) -> None:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
        _run(
            [*command, "--only-binary", ":all:", "--ignore-requires-python", f"{project}=={version}"], project
        )
        (wheel,) = folder.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
        wheel.unlink()

    return _cached(f"{project}-{version}", unpack)


def _cached(name: str, fill: Callable[[Path], None]) -> Path:
    """The folder of that name in the cache; filled whole or not at all, so that runs may share it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "backend-gate-tests"
    folder = cache / name
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            filling = Path(scratch) / "filling"
            filling.mkdir()
            fill(filling)
            try:
                filling.rename(folder)
            except OSError:
                if not folder.is_dir():  # no other run was faster
                    raise
    return folder


def _run(command: Sequence[str], what: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        pytest.skip(f"{what} cannot be fetched, so what needs it is not tested: {last}")
