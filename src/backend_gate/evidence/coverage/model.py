"""What a suite of tests has run: plain data, whatever tool has recorded it."""

from __future__ import annotations

import enum
from collections.abc import Iterable

import msgspec

NOTEWORTHY = 0.10
"""The share of excluded or omitted lines from which on a report mentions them."""


class Numbers(msgspec.Struct, frozen=True):
    """Counts of statements and branches, as coverage.py counts them.

    ``statements`` are executable and not excluded. Two exits of one line are two branches.
    """

    statements: int = 0
    missing: int = 0
    excluded: int = 0
    branches: int = 0
    missing_branches: int = 0

    def __add__(self, other: Numbers) -> Numbers:
        return Numbers(
            self.statements + other.statements,
            self.missing + other.missing,
            self.excluded + other.excluded,
            self.branches + other.branches,
            self.missing_branches + other.missing_branches,
        )

    @property
    def covered(self) -> int:
        """Statements and branches that ran."""
        return self.total - self.missing - self.missing_branches

    @property
    def total(self) -> int:
        """Statements and branches."""
        return self.statements + self.branches

    @property
    def percent(self) -> float:
        """Statements and branches together, 0 to 100; 100 where there is nothing to run."""
        return _percent(self.covered, self.total)

    @property
    def percent_lines(self) -> float:
        """Statements alone, 0 to 100."""
        return _percent(self.statements - self.missing, self.statements)

    @property
    def percent_branches(self) -> float:
        """Branches alone, 0 to 100."""
        return _percent(self.branches - self.missing_branches, self.branches)


class FileCoverage(msgspec.Struct, frozen=True):
    """One measured file. ``path`` is relative to the folder of the configuration, with ``/``.

    ``executed`` and ``missing`` are first lines of statements, ``excluded`` what the project's
    configuration leaves out; all sorted. ``missing_branches`` are pairs of lines, where known; a negative
    second line leaves the function. ``contexts`` names what ran a line, where that was recorded.
    ``entered`` are the first lines of functions and classes whose code began to run, or ``None`` where the
    report does not tell.
    """

    path: str
    executed: tuple[int, ...]
    missing: tuple[int, ...]
    excluded: tuple[int, ...] = ()
    branches: int = 0
    missing_branch_count: int = 0
    missing_branches: tuple[tuple[int, int], ...] = ()
    contexts: dict[int, tuple[str, ...]] = {}
    entered: tuple[int, ...] | None = None

    @property
    def numbers(self) -> Numbers:
        """The counts of this file."""
        return Numbers(
            statements=len(self.executed) + len(self.missing),
            missing=len(self.missing),
            excluded=len(self.excluded),
            branches=self.branches,
            missing_branches=self.missing_branch_count,
        )


class LeftOut(msgspec.Struct, frozen=True, order=True):
    """A file of the data that says nothing about the project, and why. ``path`` as the data names it."""

    path: str
    reason: str


class Measured(msgspec.Struct, frozen=True):
    """What one or several files of data say together.

    ``branches`` tells whether branches were measured. ``notes`` are sentences about the data as a whole.
    ``stale`` names files whose text is not the one that was measured.
    """

    files: tuple[FileCoverage, ...]
    branches: bool = False
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()

    @property
    def numbers(self) -> Numbers:
        """The counts of all files."""
        return sum_numbers(file.numbers for file in self.files)


class State(enum.Enum):
    """What is known of a suite."""

    MEASURED = "measured"
    MISSING = "missing"
    STALE = "stale"
    FAILED = "failed"
    UNREADABLE = "unreadable"


class SuiteCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """The evidence of one suite.

    ``threshold`` is in percent. ``data`` are the files it was read from, relative to the configuration.
    Unless ``state`` is measured, ``measured`` is empty, ``reason`` says in a clause what is wrong, and
    ``advice`` what makes the evidence. ``omitted`` is the share (0 to 1) of the backend's lines of code
    in files that the data leaves out.
    ``file`` and ``line`` are where the suite is configured, empty and 0 if nowhere. ``lost`` says why lines
    that ran may be missing from the data.
    """

    name: str
    threshold: float
    state: State
    data: tuple[str, ...] = ()
    measured: Measured = Measured(())
    reason: str = ""
    advice: str = ""
    omitted: float = 0.0
    omitted_files: tuple[str, ...] = ()
    lost: str = ""
    file: str = ""
    line: int = 0

    @property
    def numbers(self) -> Numbers:
        """The counts of the suite."""
        return self.measured.numbers

    @property
    def is_measured(self) -> bool:
        """Whether it is evidence."""
        return self.state is State.MEASURED

    @property
    def reaches_threshold(self) -> bool:
        """Whether enough is covered; not rounded: 79.99 is below 80."""
        return self.numbers.percent >= self.threshold

    @property
    def excluded(self) -> float:
        """The share (0 to 1) of executable lines that the project's coverage configuration leaves out."""
        numbers = self.numbers
        everything = numbers.statements + numbers.excluded
        return numbers.excluded / everything if everything else 0.0

    def summary(self) -> SuiteSummary:
        """What a verdict keeps of it."""
        return SuiteSummary(
            name=self.name,
            threshold=self.threshold,
            state=self.state,
            numbers=self.numbers,
            branches=self.measured.branches,
            files=len(self.measured.files),
            data=self.data,
            reason=self.reason,
            advice=self.advice,
            omitted=self.omitted,
            omitted_files=self.omitted_files,
            excluded=self.excluded,
            left_out=self.measured.left_out,
            notes=self.measured.notes,
            lost=self.lost,
        )


class SuiteSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A :class:`SuiteCoverage` without its files. ``branches`` tells whether branches were measured, ``files``
    counts what was; the shares ``omitted`` and ``excluded`` are from 0 to 1."""

    name: str
    threshold: float
    state: State
    numbers: Numbers
    branches: bool
    files: int
    data: tuple[str, ...]
    reason: str
    advice: str
    omitted: float
    omitted_files: tuple[str, ...]
    excluded: float
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    lost: str

    @property
    def is_measured(self) -> bool:
        """Whether it is evidence."""
        return self.state is State.MEASURED

    @property
    def reaches_threshold(self) -> bool:
        """Whether enough is covered; not rounded."""
        return self.is_measured and self.numbers.percent >= self.threshold


def sum_numbers(numbers: Iterable[Numbers]) -> Numbers:
    """All counts together."""
    total = Numbers()
    for each in numbers:
        total += each
    return total


def show_percent(percent: float, digits: int = 2) -> str:
    """A percentage with ``digits`` decimals, as coverage.py shows it: 0 and 100 only where exactly that."""
    step = 10.0**-digits
    if 0 < percent < step:
        percent = step
    elif 100 - step < percent < 100:
        percent = 100 - step
    return f"{round(percent, digits):.{digits}f}"


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 100.0
