"""The rules that need a tool of others to run. They run in a handoff, and in a check if they are selected."""

from __future__ import annotations

from collections.abc import Iterable

from backend_gate.evidence.tools import BANDIT, RADON
from backend_gate.rules.spec import RuleSpec

TOOLS = {"bandit-finding": BANDIT, "file-hard-to-maintain": RADON, "function-too-complex": RADON}
"""The tool that each of these rules reads."""


def tools_of(rules: Iterable[RuleSpec]) -> frozenset[str]:
    """The tools that these rules need."""
    return frozenset(TOOLS[spec.slug] for spec in rules if spec.slug in TOOLS)
