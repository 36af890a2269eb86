"""Draw findings to be judged by people: up to twenty a rule, spread over the backends.

Works on the reports that ``bench.measure --reports DIR`` keeps. Each finding gets a number from the seed
and its identity; the lowest numbers of each backend are drawn in turn, so that a changed gate changes
only what it has to in the sample. Verdicts of findings that are drawn again are kept.

``--blind DIR`` writes what the blind judge gets: places and the rule's definition, without message,
subject or evidence.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from bench import corpus, gate, judgements

RULES = Path(__file__).resolve().parent.parent / "rules"
DEFINITION_KEYS = ("title", "standard", "why")


def findings_of(reports: Path, subjects: Iterable[corpus.Subject]) -> dict[str, list[gate.Finding]]:
    """The findings of each backend whose report lies in ``reports``, by the backend's title."""
    found: dict[str, list[gate.Finding]] = {}
    for subject in subjects:
        path = reports / f"{subject.folder}.check.json"
        if path.exists():
            document = json.loads(path.read_text("utf-8"))
            found[subject.title] = [gate.finding_of(raw) for raw in document["findings"]]
    return found


def draw(
    seed: int, rule: str, findings: Mapping[str, Sequence[gate.Finding]], size: int
) -> list[tuple[str, gate.Finding]]:
    """Up to ``size`` findings of ``rule``, one backend after the other, by number within each."""

    def number(*parts: object) -> str:
        return hashlib.sha256("|".join(map(str, (seed, *parts))).encode()).hexdigest()

    queues: list[collections.deque[tuple[str, gate.Finding]]] = []
    for project in sorted(findings, key=lambda name: number(rule, name)):
        own = {(f.file, f.line, f.subject): f for f in findings[project] if f.rule == rule}
        numbered = sorted((number(rule, project, *key), key) for key in own)
        queues.append(collections.deque((project, own[key]) for _, key in numbered))
    drawn: list[tuple[str, gate.Finding]] = []
    while len(drawn) < size and any(queues):
        for queue in queues:
            if queue and len(drawn) < size:
                drawn.append(queue.popleft())
    return drawn


def entries(
    rule: str, drawn: Iterable[tuple[str, gate.Finding]], before: Iterable[judgements.Judgement]
) -> list[judgements.Judgement]:
    """The drawn findings as judgements: known ones as they are, new ones unjudged, judges balanced."""
    known = {j.identity: j for j in before}
    fresh = [
        judgements.Judgement(
            project=project,
            file=f.file,
            line=f.line,
            rule=rule,
            subject=f.subject,
            message=f.message,
            judge="",
        )
        for project, f in drawn
    ]
    kept = [dataclasses.replace(known.get(j.identity, j), message=j.message) for j in fresh]
    share = collections.Counter(j.judge for j in kept)
    out: list[judgements.Judgement] = []
    for j in kept:
        judge = j.judge or ("b" if share["b"] <= share["a"] else "a")
        share[judge] += not j.judge
        out.append(dataclasses.replace(j, judge=judge))
    return sorted(out, key=lambda j: (j.project, j.file, j.line, j.subject))


def definition(rule: str, folder: Path = RULES) -> str:
    """What the rule's file says a fault is; raises :class:`judgements.JudgementError` without one."""
    paths = sorted(folder.glob(f"*/{rule}.yaml"))
    if len(paths) != 1:
        raise judgements.JudgementError(f"{rule}: expected one rules/*/{rule}.yaml, found {len(paths)}")
    document: dict[str, Any] = yaml.safe_load(paths[0].read_text("utf-8"))
    parts = [f"{key}: {str(document[key]).strip()}" for key in DEFINITION_KEYS if document.get(key)]
    return "\n".join(parts)


def blind_text(rule: str, meaning: str, found: Iterable[judgements.Judgement]) -> str:
    """What the blind judge reads: the definition, and places to judge, nothing of what the tool said."""
    places = [
        {"project": j.project, "file": j.file, "line": j.line, "verdict": None, "reason": None}
        for j in found
        if j.judge == "b" and j.verdict is None
    ]
    return yaml.safe_dump(
        {"rule": rule, "definition": meaning, "places": places},
        sort_keys=False,
        allow_unicode=True,
        width=100,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Draw the findings to be judged, rule by rule."""
    parser = argparse.ArgumentParser(prog="bench.sample", description=main.__doc__)
    parser.add_argument("--reports", type=Path, required=True, metavar="DIR", help="reports of bench.measure")
    parser.add_argument("--seed", type=int, default=7, help="seed of the draw (default: %(default)s)")
    parser.add_argument("--size", type=int, default=20, help="findings a rule (default: %(default)s)")
    parser.add_argument("--rule", action="append", default=[], help="only this rule (repeatable)")
    parser.add_argument(
        "--folder", type=Path, default=judgements.FOLDER, metavar="DIR", help="the judgements"
    )
    parser.add_argument("--blind", type=Path, metavar="DIR", help="write the blind judge's sheets there")
    args = parser.parse_args(argv)
    try:
        findings = findings_of(args.reports, (s for s in corpus.SUBJECTS if s.measured))
        if not findings:
            raise judgements.JudgementError(f"{args.reports} holds no report")
        print(f"seed {args.seed}, {len(findings)} backends")
        for rule in sorted({f.rule for own in findings.values() for f in own}):
            if not args.rule or rule in args.rule:
                _draw_rule(rule, findings, args)
    except judgements.JudgementError as error:
        print(f"bench.sample: {error}", file=sys.stderr)
        return 2
    return 0


def _draw_rule(rule: str, findings: Mapping[str, Sequence[gate.Finding]], args: argparse.Namespace) -> None:
    path = judgements.path_of(rule, args.folder)
    _, before = judgements.load(path)
    found = entries(rule, draw(args.seed, rule, findings, args.size), before)
    dropped = len({j.identity for j in before if j.verdict is not None} - {j.identity for j in found})
    judgements.save(path, args.seed, found)
    if args.blind is not None:
        args.blind.mkdir(parents=True, exist_ok=True)
        (args.blind / f"{rule}.yaml").write_text(blind_text(rule, definition(rule), found), "utf-8")
    open_ = sum(j.verdict is None for j in found)
    print(f"{rule:34} {len(found):3} drawn, {open_:3} to judge, {dropped:3} verdicts no longer drawn")


if __name__ == "__main__":
    sys.exit(main())
