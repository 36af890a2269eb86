"""Size, time, memory, inventory and findings of every backend, side by side with bandit in the same run.

Prints the tables; ``--write`` puts them into ``docs/measurements.md``, ``--reports DIR`` keeps the gate's
reports, from which ``bench.sample`` draws.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import child, command, corpus, gate, tables

VERDICTS = (
    "protected",
    "protected-conditionally",
    "declared-public",
    "public-by-nature",
    "unprotected",
    "unresolved",
)
_MEGABYTE = 1 << 20
_LONG = 30.0
"""A run that took so many seconds is not repeated: what else the machine does evens out over it."""


@dataclasses.dataclass(frozen=True)
class Measurement:
    """One backend. ``check`` and ``bandit`` are the quickest of the runs made."""

    subject: corpus.Subject
    files: int
    lines: int
    check: gate.Report
    bandit: child.Outcome | None
    inventory: gate.Inventory


def measure(subject: corpus.Subject, root: Path, judge: gate.Gate, *, repeat: int, peer: bool) -> Measurement:
    """Run the gate and bandit in turn on one backend, ``repeat`` times each, or once if that takes long."""
    checks: list[gate.Report] = []
    peers: list[child.Outcome] = []
    for _ in range(repeat):
        checks.append(judge.check(root))
        if peer:
            peers.append(run_bandit(root))
        if checks[-1].outcome.seconds > _LONG:
            break
    files, lines = corpus.count_python(root)
    return Measurement(
        subject=subject,
        files=files,
        lines=lines,
        check=min(checks, key=lambda report: report.outcome.seconds),
        bandit=min(peers, key=lambda outcome: outcome.seconds, default=None),
        inventory=judge.routes(root),
    )


def run_bandit(root: Path) -> child.Outcome:
    """``bandit -r`` on the same tree; raises :class:`gate.GateError` if it reports nothing."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "bandit.json"
        argv = [
            sys.executable,
            "-m",
            "bandit",
            "-r",
            ".",
            "-q",
            "-f",
            "json",
            "-o",
            str(target),
            "--exit-zero",
        ]
        outcome = child.run(argv, cwd=root)
        if not target.exists():
            raise gate.GateError(f"{root.name}: bandit printed no report: {outcome.stderr.strip()[-400:]}")
    return outcome


def cost_table(rows: Sequence[Measurement]) -> str:
    """Size, seconds of both tools, their ratio, memory."""
    head = ["backend", "files", "lines", "check, s", "bandit, s", "ratio", "lines/s", "peak, MB", "exit code"]
    body: list[list[object]] = []
    for m in rows:
        seconds = m.check.outcome.seconds
        peer = m.bandit.seconds if m.bandit else None
        body.append(
            [
                m.subject.title,
                m.files,
                m.lines,
                f"{seconds:.1f}",
                None if peer is None else f"{peer:.1f}",
                None if peer is None else f"{seconds / peer:.2f}",
                round(m.lines / seconds),
                round(m.check.outcome.peak_bytes / _MEGABYTE),
                m.check.outcome.exit_code,
            ]
        )
    return tables.table(head, body)


def inventory_table(rows: Sequence[Measurement]) -> str:
    """Endpoints by verdict, and what could not be followed."""
    head = ["backend", "endpoints", *VERDICTS, "unresolved places"]
    body: list[list[object]] = []
    for m in rows:
        count = collections.Counter(endpoint["auth"]["verdict"] for endpoint in m.inventory.endpoints)
        strange = sorted(set(count) - set(VERDICTS))
        if strange:
            raise gate.GateError(f"{m.subject.title}: unknown verdicts {', '.join(strange)}")
        body.append(
            [
                m.subject.title,
                len(m.inventory.endpoints),
                *(count[verdict] for verdict in VERDICTS),
                len(m.inventory.unresolved),
            ]
        )
    return tables.table(head, body)


def findings_table(rows: Sequence[Measurement]) -> str:
    """Findings by rule and backend; a rule that finds nothing anywhere has no row."""
    counts = [collections.Counter(finding.rule for finding in m.check.findings) for m in rows]
    rules = sorted(set().union(*counts))
    head = ["rule", *(m.subject.name for m in rows), "together"]
    body: list[list[object]] = [
        [rule, *(count[rule] for count in counts), sum(count[rule] for count in counts)] for rule in rules
    ]
    return tables.table(head, body)


def machine() -> str:
    """What the figures were taken on, as far as they depend on it."""
    return f"{os.cpu_count()} cores, {platform.machine()}, CPython {platform.python_version()}"


def keep(folder: Path, m: Measurement) -> None:
    """Write the gate's reports on one backend below ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, document in (("check", m.check.document), ("routes", m.inventory.document)):
        path = folder / f"{m.subject.folder}.{kind}.json"
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure the gate on real backends."""
    parser = argparse.ArgumentParser(prog="bench.measure", description=main.__doc__)
    corpus.add_arguments(parser)
    gate.add_arguments(parser)
    parser.add_argument(
        "--repeat", type=int, default=1, metavar="N", help="runs of each tool; the best counts"
    )
    parser.add_argument("--no-peer", action="store_true", help="leave bandit out")
    parser.add_argument("--reports", type=Path, metavar="DIR", help="keep the gate's reports there")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/measurements.md")
    args = parser.parse_args(argv)
    judge = gate.from_arguments(args)

    def work(subject: corpus.Subject, root: Path) -> Measurement:
        done = measure(subject, root, judge, repeat=args.repeat, peer=not args.no_peer)
        if args.reports is not None:
            keep(args.reports, done)
        return done

    def blocks(rows: Sequence[Measurement]) -> dict[str, str]:
        return {
            "cost": f"{cost_table(rows)}\n\nTaken on {machine()}; the quickest of {args.repeat} runs, "
            f"or the only one of more than {_LONG:.0f} s.",
            "inventory": inventory_table(rows),
            "findings": findings_table(rows),
        }

    return command.run("bench.measure", args, (s for s in corpus.SUBJECTS if s.measured), work, blocks)


if __name__ == "__main__":
    sys.exit(main())
