"""Findings that do not count, and what made the others new, in words."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.report.text import one_line, path_text, plural
from backend_gate.rules.model import Finding
from backend_gate.settle.verdict import Change, Comparison, Verdict

_RELATIONS = {
    "here": "",
    "evidence": ", which this depends on",
    "file": ", in a file that this depends on",
    "elsewhere": ", perhaps the cause",
}
_ID = 10


def held_back_lines(verdict: Verdict) -> list[str]:
    """How many findings do not count and why, and what the baseline no longer needs."""
    parts = []
    if verdict.existing:
        parts.append(f"{len(verdict.existing):,} already in {revision(verdict.comparison)}")
    if verdict.baselined:
        parts.append(f"{len(verdict.baselined):,} in the baseline")
    if verdict.suppressed:
        parts.append(f"{len(verdict.suppressed):,} suppressed")
    lines = [f"{plural(verdict.held_back, 'finding')} not counted: {', '.join(parts)}."] if parts else []
    if verdict.comparison is not None and verdict.comparison.questions:
        number = len(verdict.comparison.questions)
        lines.append(
            f"{plural(number, 'open question')} not counted: already in {revision(verdict.comparison)}."
        )
    if verdict.comparison is not None and verdict.comparison.incomplete:
        lines.append(
            f"Not everything in {revision(verdict.comparison)} could be judged: "
            "what is called new here may be older."
        )
    if verdict.fixed:
        number = sum(entry.count for entry in verdict.fixed)
        lines.append(
            f"{plural(number, 'finding')} of the baseline {'is' if number == 1 else 'are'} fixed: "
            "`backend-gate baseline prune` drops what nothing needs any more."
        )
    return lines


def revision(comparison: Comparison | None) -> str:
    """What was compared with, as the user named it, with the commit if that says more."""
    if comparison is None or not comparison.commit:
        return "the last commit"
    short = comparison.commit[:_ID]
    is_id = comparison.commit.startswith(comparison.revision)
    return short if is_id else f"{one_line(comparison.revision)} ({short})"


def held_back(verdict: Verdict) -> Iterator[tuple[str, list[tuple[Finding, str]]]]:
    """The findings that do not count, under titles, each with a remark that may be empty."""
    if verdict.suppressed:
        yield (
            "Suppressed",
            [
                (item.finding, f"{item.reason or 'no reason'} (line {item.comment.span.line})")
                for item in verdict.suppressed
            ],
        )
    if verdict.baselined:
        yield "In the baseline", [(finding, "") for finding in verdict.baselined]
    if verdict.existing:
        title = f"Already in {revision(verdict.comparison)}"
        yield title, [(finding, "") for finding in verdict.existing]


def change_words(change: Change) -> str:
    """``2 lines removed, 1 added``, and what the finding has to do with it."""
    if change.deleted:
        text = "the file was deleted"
    elif change.added == change.removed:
        text = f"{plural(change.added, 'line')} changed"
    elif change.added and change.removed:
        text = f"{plural(change.removed, 'line')} replaced by {change.added:,}"
    elif change.added:
        text = f"{plural(change.added, 'line')} added"
    else:
        text = f"{plural(change.removed, 'line')} removed"
    return text + _RELATIONS[change.relation]


def held_back_line(finding: Finding, remark: str, rule: str, prefix: str) -> str:
    """One finding in one line."""
    span = finding.place.span
    where = f"{prefix}{path_text(finding.place.file)}:{span.line}:{span.column}"
    return f"{where}: {rule} {finding.rule} {one_line(finding.message)}" + (
        f" [{one_line(remark)}]" if remark else ""
    )
