"""Precision of each rule, from the judged findings in ``bench/judgements``."""

from __future__ import annotations

import argparse
import dataclasses
import math
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench import judgements, tables


@dataclasses.dataclass(frozen=True)
class Precision:
    """Judged findings of one rule: how many, how many true, the blind judge's share, how many are open."""

    rule: str
    judged: int
    true: int
    blind_judged: int
    blind_true: int
    projects: int
    open: int

    @property
    def lower(self) -> float:
        """Lower end of the 95 % Wilson interval of the precision, from 0 to 1."""
        return wilson_lower(self.true, self.judged)


def wilson_lower(true: int, judged: int, z: float = 1.96) -> float:
    """Lower end of the Wilson score interval for ``true`` of ``judged``; 0 for nothing judged."""
    if judged == 0:
        return 0.0
    share = true / judged
    middle = share + z * z / (2 * judged)
    spread = z * math.sqrt(share * (1 - share) / judged + z * z / (4 * judged * judged))
    return max(0.0, (middle - spread) / (1 + z * z / judged))


def precision(rule: str, found: Iterable[judgements.Judgement]) -> Precision:
    """Count the judgements of one rule."""
    everything = list(found)
    judged = [j for j in everything if j.verdict is not None]
    blind = [j for j in judged if j.judge == "b"]
    return Precision(
        rule=rule,
        judged=len(judged),
        true=sum(j.verdict is True for j in judged),
        blind_judged=len(blind),
        blind_true=sum(j.verdict is True for j in blind),
        projects=len({j.project for j in judged}),
        open=len(everything) - len(judged),
    )


def precision_table(rows: Sequence[Precision]) -> str:
    """The table of the document."""
    head = ["rule", "judged", "backends", "true", "precision", "at least (95 %)", "seen", "blind"]
    body: list[list[object]] = []
    for row in rows:
        seen, seen_true = row.judged - row.blind_judged, row.true - row.blind_true
        body.append(
            [
                row.rule,
                row.judged if not row.open else f"{row.judged} (+{row.open} open)",
                row.projects,
                row.true,
                tables.percent(row.true, row.judged),
                f"{100 * row.lower:.0f} %" if row.judged else None,
                f"{seen_true} of {seen}",
                f"{row.blind_true} of {row.blind_judged}",
            ]
        )
    return tables.table(head, body)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the precision of each judged rule."""
    parser = argparse.ArgumentParser(prog="bench.precision", description=main.__doc__)
    parser.add_argument("--folder", type=Path, default=judgements.FOLDER, metavar="DIR")
    parser.add_argument("--write", action="store_true", help="put the table into docs/measurements.md")
    args = parser.parse_args(argv)
    try:
        rows = [precision(path.stem, judgements.load(path)[1]) for path in sorted(args.folder.glob("*.yaml"))]
    except judgements.JudgementError as error:
        print(f"bench.precision: {error}", file=sys.stderr)
        return 2
    text = precision_table(rows)
    print(text)
    if args.write:
        tables.write_block("precision", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
