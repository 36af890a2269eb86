"""How far the gate's inventory agrees with what the framework itself resolves.

Runs ``routes`` on every backend whose framework was asked (``bench/oracle/truth``), compares the two with
``bench/oracle/compare.py`` and prints the table; ``--write`` puts it into ``docs/measurements.md``.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import command, corpus, gate, tables

ORACLE = Path(__file__).resolve().parent / "oracle"
_ALL = 1_000_000


@dataclasses.dataclass(frozen=True)
class Agreement:
    """Scores of one backend (ratios from 0 to 1, ``None`` where nothing was to be compared), and its
    differences by kind, as lines of text."""

    scores: dict[str, Any]
    differences: dict[str, list[str]]

    def untyped(self) -> tuple[int, int, int]:
        """Untyped bodies: rightly reported, wrongly reported, in the truth."""
        true = int(self.scores["untyped_true"])
        right = round(true * (self.scores["untyped_recall"] or 0))
        return right, len(self.differences.get("untyped_extra", [])), true


def compare(truth: Path, inventory: dict[str, Any], labels: Path | None) -> Agreement:
    """Score an inventory against a truth file, with all differences."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "inventory.json"
        listed.write_text(json.dumps(inventory), "utf-8")
        argv = [
            sys.executable,
            str(ORACLE / "compare.py"),
            str(truth),
            str(listed),
            "--json",
            "--show",
            str(_ALL),
        ]
        if labels is not None:
            argv += ["--labels", str(labels)]
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    return Agreement(answer["scores"], answer["differences"])


def truth_files(subject: corpus.Subject) -> tuple[Path, Path | None]:
    """The truth of a subject, and its labels if there are any."""
    truth = ORACLE / "truth" / f"{subject.truth}.json.gz"
    return truth, ORACLE / "labels" / f"{subject.truth}.json.gz" if subject.labelled else None


def _ratio(value: float | None) -> str | None:
    return None if value is None else f"{100 * value:.1f} %"


def agreement_table(rows: Sequence[tuple[corpus.Subject, Agreement]]) -> str:
    """The table of the document: one row a backend, untyped bodies pooled in the last."""
    head = [
        "backend",
        "routes",
        "recall",
        "precision",
        "handler",
        "dependencies exact",
        "auth decided",
        "auth wrong",
        "untyped bodies",
        "recall",
        "precision",
    ]
    body: list[list[object]] = []
    right_all = wrong_all = true_all = 0
    for subject, agreement in rows:
        s = agreement.scores
        right, wrong, true = agreement.untyped()
        right_all, wrong_all, true_all = right_all + right, wrong_all + wrong, true_all + true
        body.append(
            [
                subject.title,
                s["truth_routes"],
                _ratio(s["route_recall"]),
                _ratio(s["route_precision"]),
                _ratio(s["handler_match"]),
                _ratio(s.get("dependency_exact")),
                _ratio(s.get("auth_decided")),
                _ratio(s.get("auth_wrong")),
                true,
                tables.percent(right, true),
                tables.percent(right, right + wrong),
            ]
        )
    body.append(
        [
            "together",
            sum(int(a.scores["truth_routes"]) for _, a in rows),
            *[None] * 6,
            true_all,
            tables.percent(right_all, true_all),
            tables.percent(right_all, right_all + wrong_all),
        ]
    )
    return tables.table(head, body)


def main(argv: Sequence[str] | None = None) -> int:
    """Compare the gate's inventory with the frameworks' answers."""
    parser = argparse.ArgumentParser(prog="bench.agreement", description=main.__doc__)
    corpus.add_arguments(parser)
    gate.add_arguments(parser)
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print N differences of each kind")
    parser.add_argument("--write", action="store_true", help="put the table into docs/measurements.md")
    args = parser.parse_args(argv)
    judge = gate.from_arguments(args)

    def work(subject: corpus.Subject, root: Path) -> tuple[corpus.Subject, Agreement]:
        truth, labels = truth_files(subject)
        found = compare(truth, judge.routes(root).document, labels)
        for kind, lines in found.differences.items() if args.show else ():
            print(f"{subject.title}, {kind} ({len(lines)}):")
            for line in lines[: args.show]:
                print(f"  {line}")
        return subject, found

    subjects = (s for s in corpus.SUBJECTS if s.truth)
    return command.run(
        "bench.agreement", args, subjects, work, lambda rows: {"agreement": agreement_table(rows)}
    )


if __name__ == "__main__":
    sys.exit(main())
