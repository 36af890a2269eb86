"""Workflow commands of GitHub Actions: each finding becomes an annotation on its line.

GitHub shows ten errors, ten warnings and ten notices of a step; the most severe are written first.
"""

from __future__ import annotations

from collections import Counter

from backend_gate.backend.model import Place
from backend_gate.report.order import most_severe_first
from backend_gate.report.sentences import headline
from backend_gate.report.text import first_sentence, one_line, path_text, sentence
from backend_gate.rules.model import Finding, Severity
from backend_gate.settle.verdict import Outcome, Problem, Verdict

SHOWN = 10
"""How many annotations of each kind GitHub shows for one step."""

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(verdict: Verdict, *, prefix: str = "") -> str:
    """One command a line, then the verdict. ``prefix`` leads from the repository to the tree."""
    lines = [_problem(problem, prefix) for problem in verdict.problems_without_finding]
    lines += [
        _finding(finding, verdict, prefix) for finding in most_severe_first(verdict.findings, verdict.rules)
    ]
    lines += [
        _command(
            "error",
            sentence(f"{one_line(question.subject)}: {one_line(question.reason)}".removeprefix(": ")),
            "Open question",
            question.place,
            prefix,
        )
        for question in verdict.failing_questions
    ]
    if verdict.outcome is Outcome.FAILS and not lines:
        lines.append(_command("error", headline(verdict), "backend-gate", None, prefix))
    counts = Counter(line.removeprefix("::").split(" ", 1)[0] for line in lines)
    lines.append(headline(verdict))
    if any(number > SHOWN for number in counts.values()):
        lines.append(f"GitHub shows {SHOWN} annotations of each kind for a step; this log has all of them.")
    return "".join(f"{line}\n" for line in lines)


def _finding(finding: Finding, verdict: Verdict, prefix: str) -> str:
    rule = verdict.rules[finding.rule]
    fix = one_line(finding.fix) or first_sentence(rule.fix)
    text = f"{sentence(one_line(finding.message))}\n{sentence(fix)}"
    return _command(_COMMANDS[finding.severity], text, f"{rule.id} {rule.slug}", finding.place, prefix)


def _problem(problem: Problem, prefix: str) -> str:
    text = f"{sentence(one_line(problem.message))} {sentence(one_line(problem.advice))}".rstrip()
    return _command("error", text, "Could not judge", problem.place, prefix)


def _command(name: str, text: str, title: str, place: Place | None, prefix: str) -> str:
    properties = {"title": title}
    if place is not None:
        span = place.span
        properties |= {
            "file": path_text(prefix) + path_text(place.file),
            "line": str(span.line),
            "endLine": str(span.end_line),
        }
        if span.line == span.end_line:  # GitHub takes columns within one line only
            properties |= {"col": str(span.column), "endColumn": str(span.end_column)}
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {listed}::{_data(text)}"


def _data(text: str) -> str:
    """Text as the runner decodes it; no text ends its command or begins another one."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
