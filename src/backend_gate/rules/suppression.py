"""What a suppression is: ``# gate: ignore[slug] reason``."""

from __future__ import annotations

import msgspec

from backend_gate.backend.model import Place

ABOUT_SUPPRESSIONS = frozenset({"suppression-without-reason", "suppression-stale"})
"""The rules that judge suppressions. They run after all others, whose findings decide which are of use."""


class Suppression(msgspec.Struct, frozen=True, order=True):
    """One comment that suppresses findings.

    ``place`` is the comment, ``rules`` are slugs in the order they are written, ``reason`` may be
    empty. It covers findings that start on the lines ``first`` to ``last`` of its file.

    ``used`` are those of the rules that found something there, ``stale`` those that ran and found
    nothing; a rule that did not run is in neither.
    """

    place: Place
    rules: tuple[str, ...]
    reason: str
    first: int
    last: int
    used: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
