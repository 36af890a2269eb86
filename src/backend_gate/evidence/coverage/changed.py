"""Coverage of changed lines: a line counts as run if it runs in any suite."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from backend_gate.evidence.model import Evidence


class ChangedCoverage(msgspec.Struct, frozen=True):
    """The changed lines that hold statements, by file: all in order, and those that no suite runs."""

    statements: dict[str, tuple[int, ...]]
    uncovered: dict[str, tuple[int, ...]]

    @property
    def total(self) -> int:
        """How many changed lines hold a statement."""
        return sum(map(len, self.statements.values()))

    @property
    def percent(self) -> float:
        """How many of them run, 0 to 100; 100 if there is nothing to run."""
        missing = sum(map(len, self.uncovered.values()))
        return 100.0 * (self.total - missing) / self.total if self.total else 100.0

    def stretches(self) -> Iterator[tuple[str, int, int]]:
        """Neighbouring changed statements that never run: file, first and last line."""
        for path, lines in sorted(self.uncovered.items()):
            order = {line: number for number, line in enumerate(self.statements[path])}
            first = last = 0
            for line in lines:
                if last and order[line] == order[last] + 1:
                    last = line
                    continue
                if last:
                    yield path, first, last
                first = last = line
            if last:
                yield path, first, last


def changed_coverage(evidence: Evidence) -> ChangedCoverage:
    """What all suites together say about the changed lines; files that none has measured are left out."""
    statements: dict[str, tuple[int, ...]] = {}
    uncovered: dict[str, tuple[int, ...]] = {}
    for path, changed in evidence.changed.items():
        files = [file for suite in evidence.measured for file in suite.measured.files if file.path == path]
        executed = {line for file in files for line in file.executed}
        known = executed | {line for file in files for line in file.missing}
        if lines := tuple(sorted(known & changed)):
            statements[path] = lines
            if missing := tuple(line for line in lines if line not in executed):
                uncovered[path] = missing
    return ChangedCoverage(statements, uncovered)
