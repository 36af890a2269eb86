"""All that is known of a backend from other sources than its code."""

from __future__ import annotations

import msgspec

from backend_gate.evidence.coverage.model import FileCoverage, SuiteCoverage
from backend_gate.evidence.tools import BanditIssue, FileMaintainability, FunctionComplexity, Skipped


class Evidence(msgspec.Struct, frozen=True):
    """The evidence on one backend. Files are relative to the tree, as those of the backend are.

    ``suites`` hold every suite of the configuration, with or without data. What tools found is empty if they were
    not asked; ``skipped`` are files that they could not read.
    ``changed`` are the lines that are judged as changed, by file; empty unless changes are judged.
    """

    suites: tuple[SuiteCoverage, ...] = ()
    functions: tuple[FunctionComplexity, ...] = ()
    files: tuple[FileMaintainability, ...] = ()
    issues: tuple[BanditIssue, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    changed: dict[str, frozenset[int]] = {}

    @property
    def measured(self) -> tuple[SuiteCoverage, ...]:
        """The suites that are evidence."""
        return tuple(suite for suite in self.suites if suite.is_measured)


def coverage_of(suite: SuiteCoverage, path: str) -> FileCoverage | None:
    """What a suite says about one file."""
    return next((file for file in suite.measured.files if file.path == path), None)
