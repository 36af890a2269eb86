"""What a rule is and what it finds."""

from __future__ import annotations

import enum

import msgspec

from backend_gate.backend.model import Place, Step


class Severity(enum.Enum):
    """How bad a finding is; ``error`` fails ``check`` by default."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return ("error", "warning", "info").index(self.value)


class Related(msgspec.Struct, frozen=True):
    """Another place that matters to a finding, and why."""

    place: Place
    message: str


class Whole(msgspec.Struct, frozen=True):
    """An application that has a fault as a whole, and what one finding says of it.

    ``name`` is the application's, ``place`` where it is made. ``routes`` are those that the finding is about,
    ``endpoints`` how many they are, ``conditions`` what has to hold for them to exist, as in the code.
    """

    name: str
    place: Place
    routes: tuple[str, ...]
    endpoints: int
    conditions: tuple[str, ...] = ()


class Finding(msgspec.Struct, frozen=True):
    """One fault at one place.

    ``rule`` is the slug. ``message`` says what is wrong in one sentence, without a final period.
    ``place`` is as narrow as can be. ``subject`` names what is judged in a way that survives moved
    lines (``POST /users``, ``module.function``); ``symbol`` is the enclosing function or class.
    ``evidence`` is the chain that led to the verdict, in order. ``wholes`` are applications of which
    every finding of the rule says the same; ``parts`` the findings that this one tells at once. A rule gives
    the former, :mod:`backend_gate.settle.wholes` turns them into the latter.
    """

    rule: str
    message: str
    place: Place
    severity: Severity
    subject: str = ""
    symbol: str = ""
    related: tuple[Related, ...] = ()
    evidence: tuple[Step, ...] = ()
    fix: str = ""
    wholes: tuple[Whole, ...] = ()
    parts: tuple[Finding, ...] = ()
