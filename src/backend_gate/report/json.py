"""The report and the inventory for programs; ``schemas/`` gives the meaning of every field.

Versioned (``"schema": 1``), in a total order, and the same on every machine: no clock, no duration,
no host, no absolute path.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import msgspec

from backend_gate import __version__
from backend_gate.backend.model import Body, Condition, Endpoint, Place, Requested, Unresolved
from backend_gate.evidence.coverage.model import SuiteSummary
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.spec import RuleSpec
from backend_gate.rules.suppression import Suppression
from backend_gate.settle.baseline import BaselineEntry
from backend_gate.settle.verdict import Change, Comparison, Problem, Verdict

SCHEMA = 1


def render_check(verdict: Verdict) -> str:
    """``check --format json``; described by ``schemas/check.json``."""
    return dump(check_document(verdict))


def check_document(verdict: Verdict) -> dict[str, Any]:
    """The same as a document."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "backend-gate", "version": __version__},
        "outcome": verdict.outcome.value,
        "exit_code": verdict.exit_code,
        "summary": {
            "findings": {severity.value: verdict.count(severity) for severity in Severity},
            "endpoints": verdict.endpoints,
            "open_questions": len(verdict.questions),
            "problems": len(verdict.problems),
            "suppressed": len(verdict.suppressed),
            "baselined": len(verdict.baselined),
            "existing": len(verdict.existing),
            "fixed": len(verdict.fixed),
        },
        "comparison": _comparison(verdict.comparison),
        "backends": [
            {
                "path": backend.path,
                "outcome": backend.outcome.value,
                "fail_on": backend.fail_on.value,
                "strict": backend.strict,
                "applications": list(backend.applications),
                "endpoints": backend.endpoints,
                "files": backend.files,
                "lines": backend.lines,
                "suites": [_suite(suite) for suite in backend.suites],
            }
            for backend in verdict.backends
        ],
        "frameworks": [
            {
                "name": framework.framework,
                "analysed": framework.analysed,
                "evidence": [
                    {
                        "file": item.file,
                        "line": item.line,
                        "what": item.what,
                        "application": item.application,
                    }
                    for item in framework.evidence
                ],
            }
            for framework in verdict.frameworks
        ],
        "rules": [_rule(rule) for rule in verdict.rules.values()],
        "findings": [
            {
                **_finding(finding, verdict.rules[finding.rule]),
                "changes": [_change(change) for change in verdict.changes(finding)],
                "parts": [_finding(part, verdict.rules[part.rule]) for part in finding.parts],
            }
            for finding in verdict.findings
        ],
        "suppressed": [
            {
                **_finding(item.finding, verdict.rules[item.finding.rule]),
                "reason": item.reason,
                "comment": _region(item.comment),
            }
            for item in verdict.suppressed
        ],
        "baselined": [_finding(finding, verdict.rules[finding.rule]) for finding in verdict.baselined],
        "existing": [_finding(finding, verdict.rules[finding.rule]) for finding in verdict.existing],
        "fixed": [msgspec.to_builtins(entry) for entry in verdict.fixed],
        "open_questions": [
            {
                "question": question.question,
                "subject": question.subject,
                "reason": question.reason,
                **_region(question.place),
            }
            for question in verdict.questions
        ],
        "problems": [_problem(problem) for problem in verdict.problems],
        "notes": [
            {
                "file": note.place.file,
                "line": note.place.span.line,
                "message": note.message,
                "advice": note.advice,
            }
            for note in verdict.notes
        ],
    }


def render_routes(endpoints: list[Endpoint], unresolved: list[Unresolved]) -> str:
    """``routes --format json``; described by ``schemas/routes.json``. Keeps the order it is given."""
    return dump(
        {
            "schema": SCHEMA,
            "endpoints": [
                endpoint_document(endpoint) for endpoint in endpoints if not endpoint.off_by_default
            ],
            "off_by_default": [
                endpoint_document(endpoint) for endpoint in endpoints if endpoint.off_by_default
            ],
            "unresolved": [
                {"file": item.place.file, "line": item.place.span.line, "reason": item.reason}
                for item in unresolved
            ],
        }
    )


def render_suppressions(suppressions: Iterable[Suppression]) -> str:
    """``suppressions --format json``; described by ``schemas/suppressions.json``. Keeps the order."""
    return dump(
        {
            "schema": SCHEMA,
            "suppressions": [
                {
                    "file": item.place.file,
                    "line": item.place.span.line,
                    "rules": list(item.rules),
                    "reason": item.reason,
                    "used": list(item.used),
                    "stale": list(item.stale),
                }
                for item in suppressions
            ],
        }
    )


def render_baseline(entries: Iterable[BaselineEntry]) -> str:
    """``baseline show --format json``; described by ``schemas/baseline.json``. Keeps the order."""
    return dump({"schema": SCHEMA, "findings": [msgspec.to_builtins(entry) for entry in entries]})


def dump(document: dict[str, Any]) -> str:
    """A document as text, the same on every machine."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def endpoint_document(endpoint: Endpoint) -> dict[str, Any]:
    """One endpoint of the inventory."""
    return {
        "methods": endpoint.methods,
        "path": endpoint.path,
        "handler": endpoint.handler,
        "file": endpoint.place.file,
        "line": endpoint.place.span.line,
        "app": endpoint.app,
        "conditions": [_condition(condition) for condition in endpoint.conditions],
        "dependencies": endpoint.dependencies,
        "auth": {
            "verdict": endpoint.auth.verdict.value,
            "required": endpoint.auth.required,
            "guards": endpoint.auth.guards,
            "reason": endpoint.auth.reason,
        },
        "bodies": [_body(body) for body in endpoint.bodies if body.source != "request"],
        "response_model": endpoint.response_model,
        "status_code": endpoint.status_code,
        "async": endpoint.is_async,
        "tests": endpoint.tests,
        "requested": _requested(endpoint.requested),
    }


def _requested(requested: Requested | None) -> dict[str, Any] | None:
    if requested is None:
        return None
    return {
        "answer": requested.answer,
        "suites": list(requested.suites),
        "by": [{"file": each.place.file, "line": each.place.span.line} for each in requested.by],
        "reason": requested.reason,
    }


def _condition(condition: Condition) -> dict[str, Any]:
    return {
        "text": condition.text,
        "file": condition.place.file,
        "line": condition.place.span.line,
        "by_default": condition.by_default,
    }


def _body(body: Body) -> dict[str, Any]:
    return {"name": body.name, "annotation": body.annotation, "untyped": body.untyped}


def _rule(rule: RuleSpec) -> dict[str, Any]:
    return {
        "id": rule.id,
        "slug": rule.slug,
        "group": rule.group,
        "severity": rule.severity.value,
        "why": rule.why,
        "fix": rule.fix,
    }


def _finding(finding: Finding, rule: RuleSpec) -> dict[str, Any]:
    return {
        "id": rule.id,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        **_region(finding.place),
        "subject": finding.subject,
        "symbol": finding.symbol,
        "fix": finding.fix or rule.fix,
        "related": [_step(related.place, related.message) for related in finding.related],
        "evidence": [_step(step.place, step.message) for step in finding.evidence],
    }


def _comparison(comparison: Comparison | None) -> dict[str, Any] | None:
    if comparison is None:
        return None
    return {
        "revision": comparison.revision,
        "commit": comparison.commit,
        "state": comparison.state,
        "incomplete": comparison.incomplete,
        "questions": len(comparison.questions),
        "unchanged": comparison.unchanged,
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "relation": change.relation,
        **_region(change.place),
        "removed": change.removed,
        "added": change.added,
        "deleted": change.deleted,
    }


def _step(place: Place, message: str) -> dict[str, Any]:
    return {**_region(place), "message": message}


def _suite(suite: SuiteSummary) -> dict[str, Any]:
    numbers = suite.numbers
    return {
        "name": suite.name,
        "state": suite.state.value,
        "threshold": suite.threshold,
        "percent": numbers.percent if suite.is_measured else None,
        "reaches_threshold": suite.reaches_threshold,
        "statements": numbers.statements,
        "missing": numbers.missing,
        "excluded": numbers.excluded,
        "branches": numbers.branches if suite.branches else None,
        "missing_branches": numbers.missing_branches if suite.branches else None,
        "files": suite.files,
        "data": list(suite.data),
        "reason": suite.reason,
        "advice": suite.advice,
        "omitted": suite.omitted,
        "omitted_files": list(suite.omitted_files),
        "left_out": [{"file": item.path, "reason": item.reason} for item in suite.left_out],
        "notes": [*suite.notes, *([suite.lost] if suite.lost else [])],
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "kind": problem.kind,
        "subject": problem.subject,
        "message": problem.message,
        "advice": problem.advice,
        **({"file": problem.place.file, "line": problem.place.span.line} if problem.place else {}),
    }


def _region(place: Place) -> dict[str, Any]:
    span = place.span
    return {
        "file": place.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }
