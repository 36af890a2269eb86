"""What a check looks at."""

from __future__ import annotations

from dataclasses import dataclass, field

from backend_gate.backend.model import Backend
from backend_gate.evidence.model import Evidence
from backend_gate.rules.suppression import Suppression
from backend_gate.settings import Settings


@dataclass(frozen=True, slots=True)
class Project:
    """The linked backend, the settings it is judged with, and what its tests have shown. A check changes nothing.

    ``suppressions`` are there for the rules about them alone, which see no backend. ``running`` are the slugs of
    all rules that run: one may leave a fault to another, but only then.
    """

    backend: Backend
    settings: Settings
    suppressions: tuple[Suppression, ...] = ()
    evidence: Evidence = field(default_factory=Evidence)
    running: frozenset[str] = frozenset()
