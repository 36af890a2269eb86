"""The handoff for people: the verdict, what stands in the way, and what is handed over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from backend_gate import __version__
from backend_gate.backend.model import Endpoint, Place
from backend_gate.backend.model import Verdict as Access
from backend_gate.evidence.coverage.model import SuiteSummary
from backend_gate.report.contract import (
    STATUS_LEGEND,
    access_word,
    body_words,
    legend,
    response_word,
    status_words,
    test_words,
)
from backend_gate.report.markdown import as_code, as_text
from backend_gate.report.sentences import covered_percent, endpoint_sentence, suite_remarks
from backend_gate.report.text import first_paragraph, one_line, plural, sentence
from backend_gate.rules.model import Finding
from backend_gate.rules.spec import RuleSpec
from backend_gate.settle.handoff import Handoff
from backend_gate.settle.verdict import Outcome, Verdict

_PIPE = re.compile(r"(?<!\\)\|")
_HEADS = {
    Outcome.PASSES: "Ready to hand over",
    Outcome.FAILS: "Not ready to hand over",
    Outcome.NOT_JUDGED: "Could not be judged",
}


def headline(handoff: Handoff) -> str:
    """The verdict in a few words."""
    return _HEADS[handoff.outcome]


def by_rule(findings: Sequence[Finding], verdict: Verdict) -> Iterator[tuple[RuleSpec, list[Finding]]]:
    """The findings of each rule, in the order of the rules."""
    order = {slug: number for number, slug in enumerate(verdict.rules)}
    ranked = sorted(findings, key=lambda finding: order[finding.rule])
    for slug, members in groupby(ranked, key=lambda finding: finding.rule):
        yield verdict.rules[slug], list(members)


def render(handoff: Handoff) -> str:
    """The whole document."""
    verdict = handoff.verdict
    parts = [
        f"# {headline(handoff)}",
        *_verdict(handoff),
        *_problems(verdict),
        *_findings("What has to be mended", handoff.blocking, verdict),
        *_findings("Advice", handoff.advisory, verdict),
        *_endpoints(verdict),
        *_coverage(verdict.suites),
        *_complexity(verdict),
        *_exceptions(verdict),
        *_questions(verdict),
        *_frameworks(verdict),
        f"Judged by backend-gate {__version__}.",
    ]
    return "\n\n".join(parts) + "\n"


def _verdict(handoff: Handoff) -> Iterator[str]:
    if handoff.reasons:
        yield "\n".join(f"- {as_text(sentence(one_line(reason)))}" for reason in handoff.reasons)
    else:
        yield "Nothing stands in the way."
    yield as_text(endpoint_sentence(handoff.verdict.endpoints))


def _problems(verdict: Verdict) -> Iterator[str]:
    if verdict.problems:
        yield "## What could not be judged"
        yield "\n".join(
            f"- {_at(problem.place)}{as_text(sentence(one_line(problem.message)))} "
            f"{as_text(sentence(one_line(problem.advice)))}".rstrip()
            for problem in verdict.problems
        )


def _findings(title: str, findings: Sequence[Finding], verdict: Verdict) -> Iterator[str]:
    """Rule by rule: the reason and the way out once, then the places."""
    if not findings:
        return
    yield f"## {title}"
    for rule, members in by_rule(findings, verdict):
        yield f"### {as_text(rule.title)} ({rule.id} {rule.slug})"
        yield first_paragraph(rule.why)
        lines = []
        fixes = set()
        for finding in members:
            lines.append(f"- {_where(finding.place)}: {as_text(sentence(one_line(finding.message)))}")
            if finding.fix and finding.fix not in fixes:
                fixes.add(finding.fix)
                lines.append(f"  Fix: {as_text(sentence(one_line(finding.fix)))}")
        yield "\n".join(lines)
        if not fixes:
            yield f"Fix: {rule.fix.strip()}"


def _endpoints(verdict: Verdict) -> Iterator[str]:
    yield "## Endpoints"
    if not verdict.inventory:
        yield "There are none."
        return
    for app, members in groupby(verdict.inventory, key=lambda endpoint: endpoint.app):
        if app:
            yield f"Application {as_code(app)}:"
        yield _table(
            ("Method", "Path", "Access", "Body", "Response", "Status", "Tests"),
            (_endpoint_row(endpoint) for endpoint in members),
        )
    yield STATUS_LEGEND
    if told := legend(verdict.inventory):
        yield as_text(told)


def _endpoint_row(endpoint: Endpoint) -> tuple[str, ...]:
    by = ", ".join(guard.rpartition(".")[2] for guard in endpoint.auth.guards)
    access = as_text(access_word(endpoint)) + (f" by {as_code(by)}" if by else "")
    return (
        as_text(", ".join(endpoint.methods)),
        as_code(endpoint.path),
        access,
        ", ".join(as_code(body) for body in body_words(endpoint)),
        as_code(response) if (response := response_word(endpoint)) else "",
        ", ".join(status_words(endpoint)),
        as_text(test_words(endpoint)),
    )


def _coverage(suites: Sequence[SuiteSummary]) -> Iterator[str]:
    yield "## Tests"
    if not suites:
        yield "No suites of tests are configured."
        return
    yield _table(
        ("Suite", "Covered", "Wanted", "Lines", "Branches", "Evidence"),
        (_suite_row(suite) for suite in suites),
    )
    remarks = [f"{suite.name}: {sentence(remark)}" for suite in suites for remark in suite_remarks(suite)]
    if remarks:
        yield "\n".join(f"- {as_text(remark)}" for remark in remarks)


def _suite_row(suite: SuiteSummary) -> tuple[str, ...]:
    wanted = f"{suite.threshold:g} %"
    if not suite.is_measured:
        return (
            as_text(suite.name),
            "unknown",
            wanted,
            "",
            "",
            as_text(f"{suite.reason}. {sentence(suite.advice)}"),
        )
    numbers = suite.numbers
    covered = f"{covered_percent(suite)} %"
    taken = numbers.branches - numbers.missing_branches
    branches = f"{taken:,} of {numbers.branches:,}" if suite.branches else "not measured"
    return (
        as_text(suite.name),
        covered if suite.reaches_threshold else f"**{covered}**",
        wanted,
        f"{numbers.statements - numbers.missing:,} of {numbers.statements:,}",
        branches,
        ", ".join(as_code(name) for name in suite.data),
    )


def _complexity(verdict: Verdict) -> Iterator[str]:
    if verdict.hot_spots or verdict.unread:
        yield "## Complexity"
    if verdict.hot_spots:
        yield "The functions with the most ways through them, by radon."
        yield _table(
            ("Function", "Place", "Complexity"),
            (
                (as_code(spot.name), _where(spot.place), str(spot.complexity))
                for spot in verdict.hot_spots[:10]
            ),
        )
    if verdict.unread:
        yield "Files that a tool could not read, as it uses the grammar of the Python that runs the gate:"
        yield "\n".join(
            f"- {as_code(item.place.file)}: {as_text(f'{item.tool}, {sentence(item.reason)}')}"
            for item in verdict.unread
        )


def _exceptions(verdict: Verdict) -> Iterator[str]:
    """What is not judged as everything else, and the reason that somebody gave."""
    public = [endpoint for endpoint in verdict.inventory if endpoint.auth.verdict is Access.DECLARED_PUBLIC]
    if not (public or verdict.suppressed or verdict.baselined):
        return
    yield "## Exceptions that somebody has made"
    lines = [
        f"- {as_text(', '.join(endpoint.methods))} {as_code(endpoint.path)} is public: "
        f"{as_text(sentence(one_line(endpoint.auth.reason)))}"
        for endpoint in public
    ]
    lines += [
        f"- {_where(item.comment)} suppresses {as_code(item.finding.rule)}: "
        f"{as_text(sentence(one_line(item.reason or 'no reason is given')))}"
        for item in verdict.suppressed
    ]
    if verdict.baselined:
        lines.append(f"- {plural(len(verdict.baselined), 'older finding')} in the baseline.")
    yield "\n".join(lines)


def _questions(verdict: Verdict) -> Iterator[str]:
    if verdict.questions:
        yield "## Open questions"
        yield "Neither a fault nor safe: the gate could not follow the code here."
        yield "\n".join(
            f"- {_where(question.place)}: {as_code(question.subject) + ': ' if question.subject else ''}"
            f"{as_text(sentence(one_line(question.reason)))}"
            for question in verdict.questions
        )


def _frameworks(verdict: Verdict) -> Iterator[str]:
    if verdict.frameworks:
        yield "## Frameworks"
        yield "\n".join(
            f"- {as_text(framework.framework)}: {as_text(framework.status)}"
            for framework in verdict.frameworks
        )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for row in rows:
        cells = " | ".join(_PIPE.sub(r"\\|", cell) for cell in row)
        lines.append(f"| {cells} |")
    return "\n".join(lines)


def _where(place: Place) -> str:
    return as_code(f"{place.file}:{place.span.line}")


def _at(place: Place | None) -> str:
    return f"{_where(place)}: " if place is not None else ""
