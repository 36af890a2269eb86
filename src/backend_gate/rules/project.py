"""What a check looks at."""

from __future__ import annotations

from dataclasses import dataclass

from backend_gate.backend.model import Backend
from backend_gate.rules.suppression import Suppression
from backend_gate.settings import Settings


@dataclass(frozen=True, slots=True)
class Project:
    """The linked backend and the settings it is judged with. A check reads it and changes nothing.

    ``suppressions`` are there for the rules about them alone, which see no backend.
    """

    backend: Backend
    settings: Settings
    suppressions: tuple[Suppression, ...] = ()
