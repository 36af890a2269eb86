"""What the gate and the process that reads coverage data say to each other."""

from __future__ import annotations

import msgspec

from backend_gate.evidence.coverage.model import Measured


class SuiteRequest(msgspec.Struct, frozen=True):
    """What to read for one suite: files (absolute paths), and regular expressions for contexts.

    ``recorded`` says that digests have told already that the source is the measured one; ``trace`` is
    the data file behind a recorded report.
    """

    name: str
    sources: tuple[str, ...]
    contexts: tuple[str, ...] = ()
    recorded: bool = False
    trace: str = ""


class Request(msgspec.Struct, frozen=True):
    """All suites of one configuration; ``base`` is its folder (absolute), ``production`` its files that suites are
    to cover."""

    base: str
    suites: tuple[SuiteRequest, ...]
    production: tuple[str, ...] = ()


class Answer(msgspec.Struct, frozen=True):
    """What was read, or why it cannot be used, and what to do about it. ``omitted`` counts the statements of
    production files that the data says nothing about."""

    measured: Measured | None = None
    omitted: dict[str, int] = {}
    problem: str = ""
    advice: str = ""


class Reply(msgspec.Struct, frozen=True):
    """An answer for each suite, and the ``concurrency`` that the project's configuration names."""

    suites: dict[str, Answer]
    concurrency: tuple[str, ...] = ()
