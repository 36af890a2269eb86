"""Several reports of one suite as one: a line has run if it ran anywhere."""

from __future__ import annotations

from collections.abc import Sequence

from backend_gate.evidence.coverage.model import FileCoverage
from backend_gate.evidence.coverage.reports import Report


def merge(reports: Sequence[Report]) -> Report:
    """All reports as one; files by path."""
    if len(reports) == 1:
        return Report(sorted(reports[0].files, key=_path), reports[0].branches, notes=reports[0].notes)
    files: dict[str, FileCoverage] = {}
    for report in reports:
        for file in report.files:
            known = files.get(file.path)
            files[file.path] = file if known is None else _together(known, file)
    notes = tuple(dict.fromkeys(note for report in reports for note in report.notes))
    return Report(sorted(files.values(), key=_path), any(report.branches for report in reports), notes=notes)


def _together(one: FileCoverage, other: FileCoverage) -> FileCoverage:
    executed = {*one.executed, *other.executed}
    everything = {*executed, *one.missing, *other.missing}
    branches = max(one.branches, other.branches)
    detailed = all(len(file.missing_branches) == file.missing_branch_count for file in (one, other))
    both = set(one.missing_branches) & set(other.missing_branches)
    # Without the ends of the branches nobody knows whether the two took different ones: the better one counts.
    missing = len(both) if detailed else min(one.missing_branch_count, other.missing_branch_count)
    entered = None
    if one.entered is not None or other.entered is not None:
        entered = tuple(sorted({*(one.entered or ()), *(other.entered or ())}))
    contexts = {
        line: tuple(sorted({*one.contexts.get(line, ()), *other.contexts.get(line, ())}))
        for line in sorted({*one.contexts, *other.contexts})
    }
    return FileCoverage(
        path=one.path,
        executed=tuple(sorted(executed)),
        missing=tuple(sorted(everything - executed)),
        excluded=tuple(sorted({*one.excluded, *other.excluded} - everything)),
        branches=branches,
        missing_branch_count=missing,
        missing_branches=tuple(sorted(both)) if detailed else (),
        contexts=contexts,
        entered=entered,
    )


def _path(file: FileCoverage) -> str:
    return file.path
