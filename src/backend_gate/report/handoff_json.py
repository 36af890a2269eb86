"""The handoff for programs and coding agents; ``schemas/handoff.json`` gives the meaning of every field."""

from __future__ import annotations

from typing import Any

from backend_gate import __version__
from backend_gate.backend.model import Endpoint
from backend_gate.report.contract import statuses
from backend_gate.report.json import check_document, dump, endpoint_document
from backend_gate.rules.model import Finding
from backend_gate.rules.spec import EvidenceClass, RuleSpec
from backend_gate.settle.handoff import Handoff
from backend_gate.settle.verdict import Verdict

SCHEMA = 1


def render(handoff: Handoff) -> str:
    """``handoff.json``."""
    verdict = handoff.verdict
    return dump(
        {
            "schema": SCHEMA,
            "tool": {"name": "backend-gate", "version": __version__},
            "outcome": handoff.outcome.value,
            "exit_code": handoff.exit_code,
            "reasons": list(handoff.reasons),
            "resolution": {
                "decided": handoff.decided,
                "endpoints": handoff.endpoints,
                "wanted": handoff.wanted,
            },
            "todo": [_todo(finding, verdict) for finding in handoff.blocking],
            "advice": [_todo(finding, verdict) for finding in handoff.advisory],
            "endpoints": [_endpoint(endpoint) for endpoint in verdict.inventory],
            "hot_spots": [
                {
                    "file": spot.place.file,
                    "line": spot.place.span.line,
                    "function": spot.name,
                    "complexity": spot.complexity,
                }
                for spot in verdict.hot_spots
            ],
            "unread": [
                {"file": item.place.file, "tool": item.tool, "reason": item.reason} for item in verdict.unread
            ],
            "check": check_document(verdict),
        }
    )


def _todo(finding: Finding, verdict: Verdict) -> dict[str, Any]:
    rule = verdict.rules[finding.rule]
    return {
        "id": rule.id,
        "rule": rule.slug,
        "file": finding.place.file,
        "line": finding.place.span.line,
        "message": finding.message,
        "fix": finding.fix or rule.fix.strip(),
        "verify": _verify(rule),
    }


def _verify(rule: RuleSpec) -> str:
    """The command that tells by its exit code; a rule that asks for evidence says nothing without it."""
    command = f"backend-gate check --select {rule.id} --fail-on info"
    return f"backend-gate test && {command}" if rule.evidence is EvidenceClass.RUNTIME else command


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    return {**endpoint_document(endpoint), "statuses": statuses(endpoint)}
