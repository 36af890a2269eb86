"""Totals of coverage, side by side with coverage.py's own report, on real projects with their real tests.

    python -m bench.coverage_totals [--write] [--scratch DIR]

Each project is downloaded as its source distribution, its tests run in a throw-away environment under
coverage.py, and the data and reports of every kind are given to the gate. The tests are code of strangers:
run it where that is fine.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import subprocess
import sys
import tarfile
import tempfile
import venv
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from backend_gate.evidence.coverage.model import show_percent
from backend_gate.evidence.coverage.protocol import Reply, Request, SuiteRequest
from backend_gate.evidence.process import Job
from bench.tables import MEASUREMENTS, table, write_block

KINDS = (".coverage", "coverage.json", "coverage.xml", "coverage.lcov")
DIGITS = 6


@dataclasses.dataclass(frozen=True)
class Project:
    """A distribution with tests; ``package`` is measured, ``needs`` is what its tests import."""

    name: str
    version: str
    package: str
    needs: tuple[str, ...] = ()


PROJECTS = (
    Project("blinker", "1.9.0", "blinker", ("pytest-asyncio",)),
    Project("click", "8.1.8", "click"),
    Project("itsdangerous", "2.2.0", "itsdangerous", ("freezegun",)),
)


@dataclasses.dataclass(frozen=True)
class Row:
    """What both say about one project, in percent as text."""

    project: Project
    theirs: str
    ours: dict[str, str]
    statements: int
    branches: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the table; 1 if a total differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", action="store_true", help=f"into {MEASUREMENTS.name}")
    parser.add_argument(
        "--scratch", type=Path, help="folder for downloads and environments (default: temporary)"
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        rows = list(measure(options.scratch or Path(temporary)))
    text = render(rows)
    print(text)
    if options.write:
        write_block("coverage", text)
    return int(any(total != row.theirs for row in rows for total in row.ours.values()))


def measure(scratch: Path) -> Iterator[Row]:
    """The totals of all projects."""
    scratch.mkdir(parents=True, exist_ok=True)
    for project in PROJECTS:
        root = _source(project, scratch).resolve()
        python = _environment(project, root, scratch / f"venv-{project.name}")
        # Old tests under a new pytest may warn or even fail: what has run is what is counted.
        tests = [python, "-m", "coverage", "run", "--branch", f"--source={project.package}"]
        _run([*tests, "-m", "pytest", "-q", "-o", "filterwarnings="], root, accepted=(0, 1))
        _run([python, "-m", "coverage", "json", "-q", "--show-contexts"], root)
        _run([python, "-m", "coverage", "xml", "-q"], root)
        _run([python, "-m", "coverage", "lcov", "-q"], root)
        theirs = _run(
            [python, "-m", "coverage", "report", "--format=total", f"--precision={DIGITS}"], root
        ).strip()
        totals = json.loads((root / "coverage.json").read_text("utf-8"))["totals"]
        yield Row(project, theirs, _ours(root), totals["num_statements"], totals["num_branches"])


def render(rows: Sequence[Row]) -> str:
    """The table as Markdown."""
    head = ["project", "statements", "branches", "coverage report", *KINDS]
    body = [
        [
            f"{row.project.name} {row.project.version}",
            f"{row.statements:,}",
            f"{row.branches:,}",
            row.theirs,
            *(row.ours[kind] for kind in KINDS),
        ]
        for row in rows
    ]
    return table(head, body)


def _ours(root: Path) -> dict[str, str]:
    suites = tuple(SuiteRequest(kind, (str(root / kind),)) for kind in KINDS)
    with Job("coverage", msgspec.json.encode(Request(str(root), suites)), "coverage") as job:
        reply = msgspec.json.decode(job.result(), type=Reply)
    totals = {}
    for kind, answer in reply.suites.items():
        if answer.measured is None:
            totals[kind] = answer.problem
        elif answer.measured.stale:
            totals[kind] = f"stale: {answer.measured.stale[0]}"
        else:
            totals[kind] = show_percent(answer.measured.numbers.percent, DIGITS)
    return totals


def _source(project: Project, scratch: Path) -> Path:
    folder = scratch / f"{project.name}-{project.version}"
    if not folder.is_dir():
        wanted = f"{project.name}=={project.version}"
        _run(
            [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", wanted],
            scratch,
        )
        with tarfile.open(next(scratch.glob(f"{project.name}-{project.version}.tar.gz"))) as archive:
            archive.extractall(scratch, filter="data")
    return folder


def _environment(project: Project, root: Path, folder: Path) -> Path:
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.exists():
        venv.create(folder, with_pip=True)
        _run([python, "-m", "pip", "install", "-q", "-e", root, "coverage", "pytest", *project.needs], folder)
    return python


def _run(command: Sequence[str | Path], folder: Path, accepted: Sequence[int] = (0,)) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode not in accepted:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
