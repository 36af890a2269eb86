"""The order of reports that a reader may cut: what matters most comes first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from backend_gate.rules.model import Finding
from backend_gate.rules.registry import finding_order
from backend_gate.rules.spec import RuleSpec


def most_severe_first(findings: Iterable[Finding], rules: Mapping[str, RuleSpec]) -> list[Finding]:
    """Findings by severity, then by how bad their rule is for security, then by place."""

    def order(finding: Finding) -> tuple[int, float, Any]:
        security = float(rules[finding.rule].security_severity or 0)
        return finding.severity.rank, -security, finding_order(finding)

    return sorted(findings, key=order)
