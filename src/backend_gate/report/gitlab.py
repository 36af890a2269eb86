"""GitLab's code quality report: a JSON list that a merge request shows beside the changed lines."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any

from backend_gate.backend.model import Place
from backend_gate.report.fingerprints import fingerprints
from backend_gate.report.order import most_severe_first
from backend_gate.report.source import SourceReader
from backend_gate.report.text import one_line, path_text, sentence
from backend_gate.rules.model import Severity
from backend_gate.settle.verdict import Verdict

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.INFO: "info"}


def render(verdict: Verdict, sources: SourceReader, *, prefix: str = "") -> str:
    """All findings and what could not be judged. ``prefix`` leads from the repository to the tree.

    GitLab tells new from old by ``fingerprint``: it follows the code of the finding, not its line.
    """
    names = fingerprints(verdict.all_findings, sources)
    used: Counter[str] = Counter()
    entries = []
    for problem in verdict.problems_without_finding:
        text = f"{sentence(one_line(problem.message))} {sentence(one_line(problem.advice))}".rstrip()
        entries.append(_entry(text, problem.kind, "blocker", problem.place, prefix, (problem.subject,), used))
    for finding in most_severe_first(verdict.findings, verdict.rules):
        text = sentence(one_line(finding.message))
        identity = (finding.place.file, names.get(finding) or finding.subject)
        severity = _SEVERITIES[finding.severity]
        entries.append(_entry(text, finding.rule, severity, finding.place, prefix, identity, used))
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"


def _entry(
    text: str,
    name: str,
    severity: str,
    place: Place | None,
    prefix: str,
    identity: tuple[str, ...],
    used: Counter[str],
) -> dict[str, Any]:
    key = json.dumps([prefix, name, *identity])
    used[key] += 1
    digest = hashlib.sha256(f"{key}{used[key]}".encode())
    return {
        "description": text,
        "check_name": name,
        "fingerprint": digest.hexdigest(),
        "severity": severity,
        "location": {
            "path": path_text(prefix + place.file) if place else path_text(prefix).rstrip("/") or ".",
            "lines": {
                "begin": place.span.line if place else 1,
                "end": place.span.end_line if place else 1,
            },
        },
    }
