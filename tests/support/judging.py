"""Run the gate on a folder, as its user does, and compare what it says with what the sources are marked with.

``# expect: BG101`` at the end of a line pins a rule to the line on which a finding starts; several ids are
separated by commas. A line without a marker has to stay silent.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from backend_gate.cli.main import main

_MARKER = re.compile(r"# expect: (BG\d{3}(?:, BG\d{3})*)\s*$")

Mark = tuple[str, int, str]
"""File relative to the judged folder, line, rule id."""


def run(command: str, root: Path, scratch: Path) -> tuple[int, dict[str, Any]]:
    """The exit code and the report of ``backend-gate COMMAND --format json`` on a copy of ``root``.

    The copy makes the answer independent of what lies around the folder.
    """
    copy = scratch / root.name
    if not copy.exists():
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns("__pycache__"))
    out = scratch / f"{command}.json"
    code = main([command, str(copy), "--format", "json", "--output", str(out)])
    document: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return code, document


def found(report: dict[str, Any]) -> set[Mark]:
    """The findings of a report."""
    return {(finding["file"], finding["line"], finding["id"]) for finding in report["findings"]}


def marked(root: Path) -> set[Mark]:
    """The findings that the sources under ``root`` are marked with."""
    marks = set()
    for file in sorted(root.rglob("*.py")):
        name = file.relative_to(root).as_posix()
        for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), start=1):
            if match := _MARKER.search(line):
                marks |= {(name, number, rule) for rule in match[1].split(", ")}
    return marks


def differences(expected: set[Mark], actual: set[Mark]) -> list[str]:
    """What was missed and what was reported too much, one sentence each; empty if they agree."""
    missed = [f"missed: {rule} at {file}:{line}" for file, line, rule in sorted(expected - actual)]
    return missed + [f"too much: {rule} at {file}:{line}" for file, line, rule in sorted(actual - expected)]
