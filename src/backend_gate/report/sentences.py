"""The verdict in sentences: what every report for people begins or ends with."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from backend_gate.backend.model import Verdict as Access
from backend_gate.report.text import enumeration, first, one_line, plural, sentence
from backend_gate.rules.model import Severity
from backend_gate.settle.verdict import Outcome, Problem, Verdict

ACCESS_WORDS = {
    Access.PROTECTED.value: "protected",
    Access.CONDITIONAL.value: "protected under a condition",
    Access.DECLARED_PUBLIC.value: "declared public",
    Access.PUBLIC_BY_NATURE.value: "public by nature",
    Access.UNPROTECTED.value: "unprotected",
    Access.UNRESOLVED.value: "unresolved",
}
_SEVERITY_WORDS = {
    Severity.ERROR: ("error", "errors"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.INFO: ("note", "notes"),
}
_PROBLEM_WORDS = {
    "linker-crashed": ("backend", "the gate crashed while it linked {}"),
    "nothing-to-judge": ("folder", "no backend was found in {}"),
    "reader-crashed": ("file", "the gate crashed while it read {}"),
    "rule-crashed": ("rule", "{} crashed"),
    "unreadable-file": ("file", "{} cannot be read"),
    "wrong-suppression": ("suppression", "{} cannot be understood"),
}


def headline(verdict: Verdict) -> str:
    """The verdict and its first reason in one sentence."""
    found = _found(verdict)
    if verdict.outcome is Outcome.NOT_JUDGED:
        reason = _reason(verdict.problems)
        if sum(verdict.endpoints.values()) or verdict.findings:
            return f"Could not judge everything: {reason}. Apart from that: {found or 'no findings'}."
        return f"Could not judge: {reason}."
    if verdict.outcome is Outcome.FAILS:
        if any(backend.has_failing_findings for backend in verdict.backends):
            return f"Fails: {found}."
        left = [plural(len(verdict.questions), "open question")] if verdict.questions else []
        left += [
            f"{framework.framework} is not analysed" for framework in verdict.unanalysed if framework.certain
        ]
        return f"Fails, as nothing may stay open (strict): {enumeration(left)}."
    rest = f", {plural(len(verdict.questions), 'open question')}" if verdict.questions else ""
    scope = " as far as it was analysed" if verdict.unanalysed else ""
    return f"Passes{scope}: {found or 'no findings'}{rest}."


def endpoint_sentence(endpoints: dict[str, int]) -> str:
    """``41 endpoints: 36 protected, 3 public by nature, …``; verdicts that nothing has are left out."""
    total = sum(endpoints.values())
    if not total:
        return "No endpoints."
    parts = [f"{number:,} {ACCESS_WORDS[access]}" for access, number in endpoints.items() if number]
    return f"{plural(total, 'endpoint')}: {', '.join(parts)}."


def summary_lines(verdict: Verdict) -> list[str]:
    """The counts below the headline: endpoints, open questions, what is not analysed."""
    lines = []
    if verdict.backends:
        lines.append(endpoint_sentence(verdict.endpoints))
    if len(verdict.backends) > 1:
        lines += [
            f"  {one_line(backend.path)}: {endpoint_sentence(backend.endpoints)}"
            for backend in verdict.backends
        ]
    if verdict.questions:
        lines.append(
            f"{plural(len(verdict.questions), 'open question')}, counted neither as fault nor as safe."
        )
    lines += unanalysed_lines(verdict)
    return lines


def unanalysed_lines(verdict: Verdict) -> list[str]:
    """One sentence a framework that the gate does not know yet."""
    lines = []
    for framework in verdict.unanalysed:
        places, more = first((f"{one_line(item.file)}:{item.line}" for item in framework.evidence), 2)
        where = f" ({', '.join(places)}{f' and {more} more' if more else ''})" if places else ""
        seen = "is used here" if framework.certain else "shows here"
        lines.append(
            f"{framework.framework} {seen}{where} and is not analysed yet: the verdict does not cover it."
        )
    return lines


def _reason(problems: Sequence[Problem]) -> str:
    """What kept the gate from judging, in one clause."""
    clauses = []
    for kind, members in groupby(problems, key=lambda problem: problem.kind):
        subjects = {problem.subject for problem in members}
        noun, clause = _PROBLEM_WORDS[kind]
        clauses.append(clause.format(plural(len(subjects), noun)))
    return enumeration(clauses)


def _found(verdict: Verdict) -> str:
    counts = []
    for severity, (one, many) in _SEVERITY_WORDS.items():
        number = verdict.count(severity)
        if number:
            counts.append(plural(number, one, many))
    if not counts:
        return ""
    files = len({finding.place.file for finding in verdict.findings})
    return f"{enumeration(counts)} in {plural(files, 'file')}"


def problem_lines(problems: Sequence[Problem]) -> list[str]:
    """Each problem in one line: where, what, and what to do."""
    lines = []
    for problem in problems:
        where = f"{one_line(problem.place.file)}:{problem.place.span.line}: " if problem.place else ""
        advice = f" {sentence(one_line(problem.advice))}" if problem.advice else ""
        lines.append(f"{where}{sentence(one_line(problem.message))}{advice}")
    return lines
