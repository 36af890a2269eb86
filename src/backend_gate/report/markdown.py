"""Markdown for a step summary or a comment on a pull request.

Text of the judged code makes no link, no markup and no mention: it may come from a stranger.
"""

from __future__ import annotations

import re
from itertools import groupby

from backend_gate.backend.model import Place
from backend_gate.report.sentences import headline, summary_lines
from backend_gate.report.text import first_paragraph, one_line, plural, sentence
from backend_gate.rules.model import Finding
from backend_gate.settle.verdict import OpenQuestion, Problem, Verdict

MAX_CHARACTERS = 60_000
"""What a comment on GitHub holds, with room for what surrounds the report."""

_PROBLEMS = 20
_QUESTIONS = 20
_PLACES = 20
_CODE = re.compile(r"`([^`]+)`")
_MARKUP = re.compile(r"([\\`*_{}\[\]<>|~&!$])")
_LIVE = re.compile(r"(@|#|:(?=//)|www(?=\.)|^[-+>=]|^\d+(?=[.)]))")


def render(verdict: Verdict, *, prefix: str = "", limit: int = MAX_CHARACTERS) -> str:
    """Verdict, counts, then each finding by file with reason, evidence and fix folded away.

    ``prefix`` leads from the root of the repository to the tree. Findings that do not fit into
    ``limit`` characters are counted instead.
    """
    head = [f"## {as_text(headline(verdict))}", *(as_text(line.strip()) for line in summary_lines(verdict))]
    problems = verdict.problems_without_finding
    head += [_problem(problem, prefix) for problem in problems[:_PROBLEMS]]
    if len(problems) > _PROBLEMS:
        head.append(f"{len(problems) - _PROBLEMS:,} more could not be judged.")
    tail = _questions(verdict.questions, prefix)
    blocks: list[str] = []
    room = limit - len("\n\n".join([*head, *tail])) - 200
    left_out = 0
    # By file, as people read; what does not fit is said.
    for file, findings in groupby(verdict.findings, key=lambda finding: finding.place.file):
        for number, finding in enumerate(findings):
            title = f"### {as_code(prefix + file)}\n\n" if number == 0 else ""
            block = title + _finding(finding, verdict, prefix)
            if left_out or len(block) + 2 > room:
                left_out += 1
                continue
            room -= len(block) + 2
            blocks.append(block)
    if left_out:
        blocks.append(
            f"{plural(left_out, 'more finding')} did not fit here; the other formats hold all of them."
        )
    return "\n\n".join([*head, *blocks, *tail]) + "\n"


def _finding(finding: Finding, verdict: Verdict, prefix: str) -> str:
    rule = verdict.rules[finding.rule]
    lead = f"**{finding.severity.value}**, line {finding.place.span.line}, `{rule.id} {rule.slug}`"
    parts = [
        f"{lead}: {as_text(sentence(one_line(finding.message)))}",
        "<details><summary>Why, evidence and fix</summary>",
        first_paragraph(rule.why),
    ]
    steps = [f"1. {_where(step.place, prefix)}: {as_text(step.message)}" for step in finding.evidence]
    places = finding.related[:_PLACES]
    steps += [f"1. {_where(item.place, prefix)}: {as_text(item.message)}" for item in places]
    if more := len(finding.related) - len(places):
        steps.append(f"1. and {more:,} more")
    if steps:
        parts.append("\n".join(dict.fromkeys(steps)))
    parts.append(as_text(sentence(one_line(finding.fix))) or rule.fix.strip())
    return "\n\n".join([*parts, "</details>"])


def _problem(problem: Problem, prefix: str) -> str:
    where = f"{_where(problem.place, prefix)}: " if problem.place else ""
    text = f"{sentence(one_line(problem.message))} {sentence(one_line(problem.advice))}".rstrip()
    return f"**Could not judge**, {where}{as_text(text)}"


def _questions(questions: tuple[OpenQuestion, ...], prefix: str) -> list[str]:
    if not questions:
        return []
    lines = []
    for question in questions[:_QUESTIONS]:
        subject = f"{as_code(question.subject)}: " if question.subject else ""
        lines.append(f"- {_where(question.place, prefix)}: {subject}{as_text(question.reason)}")
    if more := len(questions) - len(lines):
        lines.append(f"- and {more:,} more")
    title = f"<details><summary>{plural(len(questions), 'open question')}</summary>"
    return ["\n\n".join([title, "\n".join(lines), "</details>"])]


def _where(place: Place, prefix: str) -> str:
    return as_code(f"{prefix}{place.file}:{place.span.line}")


def as_code(text: str) -> str:
    """Text as a code span, whatever it holds."""
    shown = one_line(text)
    fence = "`"
    while fence in shown:
        fence += "`"
    pad = " " if "`" in shown else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def as_text(text: str) -> str:
    """Text on one line as it stands; what is between backticks stays code."""
    parts = _CODE.split(one_line(text))
    return "".join(as_code(part) if number % 2 else _escaped(part) for number, part in enumerate(parts))


def _escaped(text: str) -> str:
    # A comment inside keeps a forge from seeing a mention, a reference or an address.
    return _LIVE.sub(r"\1<!-- -->", _MARKUP.sub(r"\\\1", text))
