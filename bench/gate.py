"""Ask the gate what it finds, through its command line, as any user would."""

from __future__ import annotations

import argparse
import dataclasses
import json
import shlex
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench import child

DEFAULT_COMMAND = f"{shlex.quote(sys.executable)} -m backend_gate"


class GateError(Exception):
    """The gate did not judge: it crashed, ran out of time, or printed no report."""


@dataclasses.dataclass(frozen=True)
class Finding:
    """One finding of a report. ``raw`` is the finding as the report holds it."""

    rule: str
    file: str
    line: int
    severity: str
    message: str
    subject: str
    symbol: str
    raw: dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Report:
    """What ``check`` printed, and how the command ended."""

    findings: tuple[Finding, ...]
    document: dict[str, Any]
    outcome: child.Outcome


@dataclasses.dataclass(frozen=True)
class Inventory:
    """What ``routes`` printed, and how the command ended. ``endpoints`` are all that the rules judge, also
    those that are off by default."""

    endpoints: tuple[dict[str, Any], ...]
    unresolved: tuple[dict[str, Any], ...]
    document: dict[str, Any]
    outcome: child.Outcome


@dataclasses.dataclass(frozen=True)
class Gate:
    """The gate as a command; ``timeout`` is in seconds and for one run."""

    command: tuple[str, ...]
    timeout: float = 900.0

    def check(self, root: Path, *options: str) -> Report:
        """Judge the backend below ``root``; raises :class:`GateError` if no report came.

        Exit code 2 with a report (a file was unreadable, a rule crashed) is passed on in ``outcome``.
        """
        document, outcome = self._run(["check", ".", *options], root)
        return Report(tuple(map(finding_of, each_fault(document))), document, outcome)

    def routes(self, root: Path, *options: str) -> Inventory:
        """List the endpoints of the backend below ``root``; raises as :meth:`check` does."""
        document, outcome = self._run(["routes", ".", *options], root)
        endpoints = (*document["endpoints"], *document["off_by_default"])
        return Inventory(endpoints, tuple(document["unresolved"]), document, outcome)

    def _run(self, arguments: Sequence[str], root: Path) -> tuple[dict[str, Any], child.Outcome]:
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "report.json"
            argv = [*self.command, *arguments, "--format", "json", "--output", str(target)]
            outcome = child.run(argv, cwd=root, timeout=self.timeout)
            text = target.read_text("utf-8") if target.exists() else ""
        if outcome.exit_code is None:
            raise GateError(f"{root.name}: no answer within {self.timeout:.0f} s")
        try:
            document = json.loads(text)
        except json.JSONDecodeError:
            said = textwrap.shorten(outcome.stderr, 300) if outcome.stderr.startswith("backend-gate") else ""
            said = said or outcome.stderr.strip()[-800:]
            raise GateError(f"{root.name}: exit code {outcome.exit_code}, no report: {said}") from None
        return document, outcome


def each_fault(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The findings of a report as the rules found them: of one that tells several at once, each of these."""
    for raw in document["findings"]:
        yield from raw.get("parts") or [raw]


def finding_of(raw: dict[str, Any]) -> Finding:
    """A finding as a report holds it."""
    return Finding(
        rule=raw["rule"],
        file=raw["file"],
        line=raw["line"],
        severity=raw["severity"],
        message=raw["message"],
        subject=raw.get("subject", ""),
        symbol=raw.get("symbol", ""),
        raw=raw,
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how the gate is started."""
    parser.add_argument("--gate", default=DEFAULT_COMMAND, metavar="COMMAND", help="how the gate is started")
    parser.add_argument(
        "--timeout", type=float, default=900.0, metavar="SECONDS", help="time limit of one run"
    )


def from_arguments(args: argparse.Namespace) -> Gate:
    """The gate that the options of :func:`add_arguments` describe."""
    return Gate(tuple(shlex.split(args.gate)), args.timeout)
