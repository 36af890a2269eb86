"""What the commands about the baseline say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from backend_gate.report.text import one_line, path_text, plural
from backend_gate.settle.baseline import BaselineEntry
from backend_gate.settle.known import BaselineUse


def listed(entries: Sequence[BaselineEntry], file: str) -> str:
    """The entries by file, and how many there are of each rule."""
    lines = []
    for path, members in groupby(entries, key=lambda entry: entry.file):
        lines += [one_line(path), *map(_line, members), ""]
    by_rule: Counter[str] = Counter()
    for entry in entries:
        by_rule[entry.rule] += entry.count
    lines.append(f"{file} holds {_findings(entries)}{':' if by_rule else '.'}")
    lines += [
        f"  {count:>5,}  {rule}" for rule, count in sorted(by_rule.items(), key=lambda x: (-x[1], x[0]))
    ]
    return "\n".join(lines) + "\n"


def written(use: BaselineUse, file: str, *, takes_new: bool) -> str:
    """What was written to a baseline, what has gone from it, and what was left out."""
    taken = [*use.met, *use.untouched, *(use.new if takes_new else ())]
    lines = [f"{file} holds {_findings(taken)}."]
    if not use.exists:
        lines.append("Commit it: from now on `backend-gate check` fails on new findings only.")
        return "\n".join(lines) + "\n"
    if use.fixed:
        lines.append(f"{_findings(use.fixed)} fixed since:")
        lines += _lines(use.fixed)
    if use.new and takes_new:
        lines.append(f"{_findings(use.new)} taken in:")
        lines += _lines(use.new)
    elif use.new:
        lines.append(f"{_findings(use.new)} left out, as a baseline only shrinks:")
        lines += _lines(use.new)
        lines.append("Mend what is new, suppress it with a reason, or take it in with --allow-growth.")
    return "\n".join(lines) + "\n"


def pruned(use: BaselineUse, file: str) -> str:
    """What was dropped from a baseline."""
    if not use.fixed:
        return f"{file} holds nothing that is fixed.\n"
    lines = [f"{_findings(use.fixed)} fixed and dropped from {file}:", *_lines(use.fixed)]
    return "\n".join(lines) + "\n"


def _lines(entries: Iterable[BaselineEntry]) -> list[str]:
    return [f"  {path_text(entry.file)}: {_line(entry).strip()}" for entry in entries]


def _line(entry: BaselineEntry) -> str:
    times = f"{entry.count:,} × " if entry.count > 1 else ""
    where = f" in {one_line(entry.symbol)}" if entry.symbol else ""
    return f"  {times}{entry.rule}{where}: {one_line(entry.code)}"


def _findings(entries: Iterable[BaselineEntry]) -> str:
    return plural(sum(entry.count for entry in entries), "finding")
