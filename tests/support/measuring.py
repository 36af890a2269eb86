"""Small projects, measured by the real coverage.py in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from backend_gate.evidence.coverage.model import Measured
from backend_gate.evidence.coverage.protocol import Answer, Reply, Request, SuiteRequest
from backend_gate.evidence.process import Job

PRICES = '''\
"""Prices."""


def discount(total: int) -> int:
    """Ten in a hundred from a thousand on."""
    if total >= 1000:
        total = total * 9 // 10
    return total


def tax(total: int) -> int: return total * 19 // 100


def debug() -> None:  # pragma: no cover
    print("never")


def unused(rates: list[int]) -> int:
    for rate in rates:
        if rate:
            return rate
    return 0
'''

RUN = "import shop.prices\nprint(shop.prices.discount(10))\n"


def make_project(root: Path, config: str = "[run]\nbranch = true\nsource = shop\n") -> Path:
    """A package ``shop`` with partly run code, a file that nothing imports, and a coverage configuration."""
    package = root / "shop"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "prices.py").write_text(PRICES, encoding="utf-8")
    (package / "idle.py").write_text("VALUE = 1\n", encoding="utf-8")
    (root / "run.py").write_text(RUN, encoding="utf-8")
    (root / ".coveragerc").write_text(config, encoding="utf-8")
    return root


def coverage(root: Path, *arguments: str) -> str:
    """What ``coverage ARGUMENTS`` prints in ``root``."""
    return _python(root, "-m", "coverage", *arguments)


def _python(root: Path, *arguments: str) -> str:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("COV")}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env={**clean, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


_MEASURE = """\
import sys
from coverage.cmdline import main

for command in ("run --context=unit run.py", "json -q --show-contexts", "xml -q", "lcov -q"):
    if code := main(command.split()):
        sys.exit(code)
"""


def measure(root: Path) -> Path:
    """Run the project under coverage and write its reports of every kind; its commands share one process."""
    _python(root, "-c", _MEASURE)
    return root


def totals(root: Path) -> dict[str, Any]:
    """The totals of coverage.py's own report."""
    coverage(root, "json", "-q", "-o", "totals.json")
    found: dict[str, Any] = json.loads((root / "totals.json").read_text("utf-8"))["totals"]
    return found


def answers(root: Path, *suites: SuiteRequest) -> Reply:
    """What the gate's worker says about these suites."""
    request = msgspec.json.encode(Request(str(root.resolve()), suites))
    with Job("coverage", request, "coverage") as job:
        return msgspec.json.decode(job.result(), type=Reply)


def answer(root: Path, *files: str, contexts: tuple[str, ...] = ()) -> Answer:
    """What it says about one suite with these files of data."""
    sources = tuple(str(root.resolve() / file) for file in files)
    return answers(root, SuiteRequest("unit", sources, contexts)).suites["unit"]


def measured(root: Path, *files: str, contexts: tuple[str, ...] = ()) -> Measured:
    """What was measured, if it can be used."""
    found = answer(root, *files, contexts=contexts)
    assert found.measured is not None, found
    return found.measured


def stale_kinds(root: Path, kinds: Sequence[str]) -> list[str]:
    """The files of data that do not fit the present source, and name ``shop/prices.py`` as the reason."""
    suites = [SuiteRequest(kind, (str(root.resolve() / kind),)) for kind in kinds]
    found = answers(root, *suites).suites
    for answered in found.values():
        assert answered.measured is not None, answered
        assert answered.measured.stale in ((), ("shop/prices.py",))
    return [kind for kind in kinds if (measured := found[kind].measured) and measured.stale]
