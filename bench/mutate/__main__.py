"""Plant faults in copies of real backends and print how many the gate finds.

A batch of independent faults is planted in a copy at once; the gate judges the copy before and after. The
table gives, by operator and backend, the faults found of those planted, and below the new findings that no
fault explains. ``--write`` puts it into ``docs/measurements.md``.
"""

from __future__ import annotations

import argparse
import dataclasses
import gzip
import itertools
import json
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import agreement, command, corpus, gate, tables
from bench.mutate import bodies, failures, guards, handlers, judge, plant, statements, weakened
from bench.mutate.model import DUE, WEAKENED, Mutant, Operator, simple
from bench.mutate.source import Sources
from bench.mutate.wiring import Wiring

GROUPS = ("analysis", "authentication", "input", "data", "errors")
SELECTED = ("--select", ",".join([*GROUPS, *sorted(set().union(*DUE.values()))]))
"""What runs by default, and the rules about planted faults that run only when selected."""


@dataclasses.dataclass(frozen=True)
class Result:
    """What planting showed on one backend."""

    subject: corpus.Subject
    batches: tuple[judge.Batch, ...]

    @property
    def outcomes(self) -> Iterator[judge.Outcome]:
        """The fate of every mutant."""
        return itertools.chain.from_iterable(batch.outcomes for batch in self.batches)


def labels_of(subject: corpus.Subject) -> guards.Labels:
    """Guards that people named for the subject's routes; empty where nobody did."""
    _, path = agreement.truth_files(subject)
    if path is None:
        return {}
    with gzip.open(path, "rt") as stream:
        rows = json.load(stream)["routes"]
    return {
        (method, row["path"]): frozenset(simple(name) for name in row["why"])
        for row in rows
        if row["label"] == "authenticated" and row["how"] == "dependency"
        for method in row["methods"]
    }


def mutants_of(
    sources: Sources, inventory: gate.Inventory, labels: guards.Labels, args: argparse.Namespace
) -> list[Mutant]:
    """Up to ``--limit`` mutants of each chosen operator."""
    wires, endpoints = Wiring(sources), inventory.endpoints

    def rng(operator: Operator) -> random.Random:
        return random.Random(f"{args.seed}|{operator.name}")  # noqa: S311 - a draw, no secret

    wired = list(guards.wiring_mutants(sources, wires, endpoints, labels, rng(Operator.ROUTER_GUARD)))
    offers: dict[Operator, Iterator[Mutant]] = {
        Operator.ROUTE_GUARD: guards.route_mutants(
            sources, wires, endpoints, labels, rng(Operator.ROUTE_GUARD)
        ),
        Operator.ROUTER_GUARD: (m for m in wired if m.operator is Operator.ROUTER_GUARD),
        Operator.INCLUDE_GUARD: (m for m in wired if m.operator is Operator.INCLUDE_GUARD),
        Operator.OPEN_BODY: bodies.body_mutants(sources, endpoints, rng(Operator.OPEN_BODY)),
        Operator.SQL: statements.sql_mutants(sources, rng(Operator.SQL)),
        Operator.HANDLER: handlers.handler_mutants(sources, endpoints, rng(Operator.HANDLER)),
        Operator.MISPLACED: guards.misplaced_mutants(
            sources, wires, endpoints, labels, rng(Operator.MISPLACED)
        ),
        **{
            operator: weakened.weakened_mutants(sources, endpoints, labels, rng(operator), operator)
            for operator in WEAKENED
        },
        Operator.LOOKUP: failures.lookup_mutants(sources, endpoints, rng(Operator.LOOKUP)),
        Operator.CLAUSE: failures.clause_mutants(sources, endpoints, rng(Operator.CLAUSE)),
        Operator.UNRAISED: failures.raise_mutants(sources, rng(Operator.UNRAISED)),
    }
    chosen = [operator for operator in Operator if not args.operator or operator.name in args.operator]
    return [m for operator in chosen for m in itertools.islice(offers[operator], args.limit)]


def run(subject: corpus.Subject, root: Path, judging: gate.Gate, args: argparse.Namespace) -> Result:
    """Plant and judge all mutants of one backend."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / subject.folder
        plant.copy(root, copy)
        sources, labels = Sources(copy), labels_of(subject)
        before = judge.State(judging.check(copy, *SELECTED), judging.routes(copy), sources)
        mutants = mutants_of(sources, before.inventory, labels, args)
        if args.list:
            for mutant in mutants:
                print(f"{subject.title}: {mutant.file}:{mutant.line}: {mutant.operator.value}: {mutant.what}")
            return Result(subject, ())
        done: list[judge.Batch] = []
        for batch in plant.batches(mutants):
            texts = plant.rewritten(sources, batch)
            with plant.planted(copy, texts):
                after = judge.State(
                    judging.check(copy, *SELECTED), judging.routes(copy), Sources(copy), frozenset(texts)
                )
            done.append(judge.judge(batch, before, after, labels))
        return Result(subject, tuple(done))


def recall_table(results: Sequence[Result]) -> str:
    """Found of planted by operator and backend, and the unrelated findings."""
    by_subject = [judge.recall(result.outcomes) for result in results]
    rows: list[list[object]] = []
    for operator in Operator:
        counts = [found.get(operator, (0, 0, 0)) for found in by_subject]
        hit, planted, void = (sum(c[i] for c in counts) for i in range(3))
        cells = [f"{h}/{p}" if p else None for h, p, _ in counts]
        rows.append([operator.value, *cells, f"{hit}/{planted}", tables.percent(hit, planted), void])
    unrelated = [sum(len(b.unrelated) for b in result.batches) for result in results]
    rows.append(["unrelated new findings", *unrelated, sum(unrelated), None, None])
    head = ["operator", *(r.subject.name for r in results), "together", "recall", "no fault"]
    return tables.table(head, rows)


def details(result: Result) -> Iterator[str]:
    """Lines that say what became of each mutant, and what was unrelated."""
    for outcome in result.outcomes:
        m = outcome.mutant
        yield f"{outcome.status.value}: {result.subject.title}: {m.file}:{m.line}: {m.what}: {outcome.why}"
    for batch in result.batches:
        for kind, findings in (("unrelated", batch.unrelated), ("vanished", batch.vanished)):
            for f in findings:
                yield f"{kind}: {result.subject.title}: {f.file}:{f.line}: {f.rule}: {f.message}"


def main(argv: Sequence[str] | None = None) -> int:
    """Plant faults in copies of real backends and print how many the gate finds."""
    parser = argparse.ArgumentParser(prog="bench.mutate", description=main.__doc__)
    corpus.add_arguments(parser)
    gate.add_arguments(parser)
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="mutants an operator and backend")
    parser.add_argument("--seed", type=int, default=7, help="seed of the draw (default: %(default)s)")
    parser.add_argument("--operator", action="append", default=[], choices=[o.name for o in Operator])
    parser.add_argument("--list", action="store_true", help="print the mutants and plant nothing")
    parser.add_argument("--show", action="store_true", help="print what became of each mutant")
    parser.add_argument("--write", action="store_true", help="put the table into docs/measurements.md")
    args = parser.parse_args(argv)
    judging = gate.from_arguments(args)

    def work(subject: corpus.Subject, root: Path) -> Result:
        result = run(subject, root, judging, args)
        if args.show:
            for line in details(result):
                print(line)
        return result

    def blocks(results: Sequence[Result]) -> dict[str, str]:
        if args.list:
            return {}
        caption = f"Seed {args.seed}, up to {args.limit} mutants an operator and backend."
        return {"recall": f"{recall_table(results)}\n\n{caption}"}

    return command.run(
        "bench.mutate", args, (s for s in corpus.SUBJECTS if s.measured or s.planted), work, blocks
    )


if __name__ == "__main__":
    sys.exit(main())
