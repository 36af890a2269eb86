"""Compare the gate's answers before and after: which planted faults were found, and what else is new."""

from __future__ import annotations

import collections
import dataclasses
import enum
import json
from collections.abc import Iterable, Mapping, Sequence

from bench import gate
from bench.mutate.guards import Labels, only_guards, public_by_nature
from bench.mutate.model import LIFTED, WEAKENED, WIRING, Endpoint, Mutant, Operator, dependencies, key
from bench.mutate.source import Sources
from bench.mutate.weakened import sole_guard


class Status(enum.Enum):
    """What became of a planted fault."""

    FOUND = "found"
    MISSED = "missed"
    NO_FAULT = "no fault"


@dataclasses.dataclass(frozen=True)
class State:
    """A backend and what the gate says of it. ``edited`` are the files that differ from the original."""

    report: gate.Report
    inventory: gate.Inventory
    sources: Sources
    edited: frozenset[str] = frozenset()

    def scope(self, file: str, line: int) -> str:
        """Dotted name, within its file, of what a line lies in."""
        module = self.sources.module(file)
        definition = module.at(line) if module else None
        return definition.qualname if definition else ""

    def identity(self, finding: gate.Finding, edited: frozenset[str]) -> tuple[str, ...]:
        """What makes it the same finding before and after an edit that moves lines in ``edited``."""
        at = self.scope(finding.file, finding.line) if finding.file in edited else str(finding.line)
        return (finding.rule, finding.file, at, finding.subject)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """One mutant's fate; ``why`` says what was found, or why it is no fault or was missed."""

    mutant: Mutant
    status: Status
    why: str


@dataclasses.dataclass(frozen=True)
class Batch:
    """What one batch of mutants showed."""

    outcomes: tuple[Outcome, ...]
    unrelated: tuple[gate.Finding, ...]
    vanished: tuple[gate.Finding, ...]


def judge(mutants: Sequence[Mutant], before: State, after: State, labels: Labels) -> Batch:
    """Credit new findings to the planted faults; what no fault explains is unrelated.

    ``vanished`` are findings that are gone and lie in none of the edited functions.
    """
    new = _difference(after, before, after.edited)
    gone = _difference(before, after, after.edited)
    exposed = {id(m): _exposed(m, before, after, labels) for m in mutants if m.operator in _GUARDED}
    explained: set[int] = set()
    outcomes: list[Outcome] = []
    for mutant in mutants:
        due = [f for f in new if f.rule in mutant.due and _answers(mutant, f, after, exposed.get(id(mutant)))]
        explained.update(id(f) for f in due)
        outcomes.append(_outcome(mutant, due, exposed.get(id(mutant)), after))
    return Batch(
        outcomes=tuple(outcomes),
        unrelated=tuple(f for f in new if id(f) not in explained),
        vanished=tuple(
            f
            for f in gone
            if not any(m.file == f.file and m.scope == before.scope(f.file, f.line) for m in mutants)
        ),
    )


_GUARDED = LIFTED | WEAKENED


@dataclasses.dataclass(frozen=True)
class Exposure:
    """Endpoints that a guard mutant concerns: those that lost the guard and have no other (``open``), and
    why the rest is no fault (``kept``)."""

    open: tuple[Endpoint, ...]
    kept: tuple[str, ...]


def _exposed(mutant: Mutant, before: State, after: State, labels: Labels) -> Exposure:
    now = {key(e): e for e in after.inventory.endpoints}
    bare: list[Endpoint] = []
    kept: list[str] = []
    for endpoint in before.inventory.endpoints:
        names = only_guards(endpoint, labels)
        if not names & mutant.names or not _concerned(mutant, endpoint, before):
            continue
        if mutant.operator in WEAKENED:
            if sole_guard(before.sources, names) is None:
                kept.append(f"also guarded by {', '.join(sorted(names - mutant.names))}")
            elif public_by_nature(endpoint["path"]):
                kept.append(f"{endpoint['path']} is public by nature")
            else:
                bare.append(now.get(key(endpoint), endpoint))
            continue
        later = now.get(key(endpoint))
        if later is None:
            bare.append(endpoint)  # the edit lost the gate an endpoint: that is a miss, not an excuse
        elif later["dependencies"] is not None and dependencies(later) >= names:
            if mutant.operator not in WIRING:
                kept.append("every guard is also reached another way")
        elif names & dependencies(later):
            kept.append(f"still guarded by {', '.join(sorted(names & dependencies(later)))}")
        elif public_by_nature(endpoint["path"]):
            kept.append(f"{endpoint['path']} is public by nature")
        else:
            bare.append(later)
    return Exposure(tuple(bare), tuple(kept))


def _concerned(mutant: Mutant, endpoint: Endpoint, before: State) -> bool:
    """Whether the edit can reach the endpoint: its own handler, or anything for wiring."""
    if mutant.operator in WIRING | WEAKENED:
        return True
    return endpoint["file"] == mutant.file and before.scope(mutant.file, endpoint["line"]) == mutant.scope


def _answers(mutant: Mutant, finding: gate.Finding, after: State, exposure: Exposure | None) -> bool:
    """Whether a new finding of a due rule is about this planted fault."""
    if exposure is not None:
        if any(_about(finding, endpoint, after) for endpoint in exposure.open):
            return True
        if mutant.operator not in WEAKENED:
            return False
    if mutant.operator in (Operator.HANDLER, Operator.UNRAISED):
        text = json.dumps(finding.raw)
        return any(name in text for name in mutant.names)
    return finding.file == mutant.file and after.scope(finding.file, finding.line) == mutant.scope


def _about(finding: gate.Finding, endpoint: Endpoint, after: State) -> bool:
    routes = {f"{method} {endpoint['path']}" for method in endpoint["methods"]}
    if routes & set(finding.subject.rpartition(": ")[2].split("; ")):
        return True
    if finding.file != endpoint["file"]:
        return False
    return after.scope(finding.file, finding.line) == after.scope(endpoint["file"], endpoint["line"])


def _outcome(mutant: Mutant, due: Sequence[gate.Finding], exposure: Exposure | None, after: State) -> Outcome:
    if due:
        why = f"{due[0].rule} at {due[0].file}:{due[0].line}: {due[0].message}"
        if exposure is not None and len(exposure.open) > 1:
            silent = [e for e in exposure.open if not any(_about(f, e, after) for f in due)]
            told = len(exposure.open) - len(silent)
            but = f", not {', '.join(map(_said, silent[:3]))}" if silent else ""
            why = f"{told} of {len(exposure.open)} endpoints reported{but}; {why}"
        return Outcome(mutant, Status.FOUND, why)
    if exposure is None:
        return Outcome(mutant, Status.MISSED, "no new finding there")
    if not exposure.open:
        why = exposure.kept[0] if exposure.kept else "no endpoint lost a guard"
        return Outcome(mutant, Status.NO_FAULT, why)
    return Outcome(mutant, Status.MISSED, "; ".join(map(_said, exposure.open[:3])))


def _said(endpoint: Endpoint) -> str:
    """What the gate's inventory says of an endpoint."""
    route = f"{'|'.join(endpoint['methods'])} {endpoint['path']}"
    return f"{route} ({endpoint['auth']['verdict']}: {endpoint['auth']['reason']})"


def _difference(one: State, other: State, edited: frozenset[str]) -> list[gate.Finding]:
    """Findings of ``one`` beyond those of ``other``, each counted as often as it occurs."""
    left: collections.Counter[tuple[str, ...]] = collections.Counter(
        other.identity(f, edited) for f in other.report.findings
    )
    out: list[gate.Finding] = []
    for finding in one.report.findings:
        identity = one.identity(finding, edited)
        if left[identity]:
            left[identity] -= 1
        else:
            out.append(finding)
    return out


def recall(outcomes: Iterable[Outcome]) -> Mapping[Operator, tuple[int, int, int]]:
    """Faults found, faults planted, and mutants that were no fault, by operator."""
    found: dict[Operator, tuple[int, int, int]] = {}
    for outcome in outcomes:
        hit, planted, void = found.get(outcome.mutant.operator, (0, 0, 0))
        fault = outcome.status is not Status.NO_FAULT
        hit += outcome.status is Status.FOUND
        found[outcome.mutant.operator] = (hit, planted + fault, void + (not fault))
    return found
