"""JUnit XML, for whatever shows the results of tests: a suite a backend, a case a finding.

A finding that fails the gate is a failure; a milder one is a case that passes, with the finding as its
output. What could not be judged is an error. A rule that found nothing is a case that passes.
"""

from __future__ import annotations

import re
from collections import Counter
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from backend_gate.backend.model import Place
from backend_gate.report.order import most_severe_first
from backend_gate.report.sarif_rules import in_order
from backend_gate.report.sentences import headline
from backend_gate.report.text import one_line, path_text, sentence
from backend_gate.rules.model import Finding
from backend_gate.rules.spec import RuleSpec
from backend_gate.settle.verdict import JudgedBackend, OpenQuestion, Outcome, Problem, Verdict

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(verdict: Verdict, *, prefix: str = "") -> str:
    """The document. ``prefix`` leads from the root of the repository to the tree."""
    suites = [_suite(backend, verdict.rules, prefix) for backend in verdict.backends]
    in_backends = {problem for backend in verdict.backends for problem in backend.problems}
    whole = Element("testsuite", name="backend-gate")
    for problem in verdict.problems:
        if problem not in in_backends:
            _add_problem(whole, problem, prefix)
    if verdict.outcome is Outcome.FAILS and not any(suite.findall("*/failure") for suite in suites):
        message = headline(verdict)
        _add(_case(whole, "judged", "verdict"), "failure", message, type="verdict", message=message)
    found = {finding.rule for finding in verdict.findings}
    for rule in in_order(verdict.rules.values()):
        if rule.slug not in found:
            _case(whole, rule.group, f"{rule.id} {rule.slug}")
    if len(whole):
        suites.append(whole)
    document = Element("testsuites", name="backend-gate")
    totals: Counter[str] = Counter()
    for suite in suites:
        counts = Counter(
            tests=len(suite), failures=len(suite.findall("*/failure")), errors=len(suite.findall("*/error"))
        )
        for name in ("tests", "failures", "errors", "skipped"):
            suite.set(name, str(counts[name]))
        suite.set("time", "0")
        totals += counts
        document.append(suite)
    for name in ("tests", "failures", "errors"):
        document.set(name, str(totals[name]))
    indent(document)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(document, encoding="unicode") + "\n"


def _suite(backend: JudgedBackend, rules: dict[str, RuleSpec], prefix: str) -> Element:
    suite = Element("testsuite", name=_text(prefix + backend.path) if backend.path != "." else "backend")
    for problem in backend.problems:
        _add_problem(suite, problem, prefix)
    for finding in most_severe_first(backend.findings, rules):
        fails = finding.severity.rank <= backend.fail_on.rank
        _add_finding(suite, finding, rules[finding.rule], prefix, fails=fails)
    for question in backend.questions:
        _add_question(suite, question, prefix, fails=backend.strict)
    return suite


def _add_finding(suite: Element, finding: Finding, rule: RuleSpec, prefix: str, *, fails: bool) -> None:
    where = _where(finding.place, prefix)
    case = _case(suite, rule.group, f"{rule.id} {rule.slug}: {finding.subject or where}", where)
    message = sentence(_text(finding.message))
    lines = [f"{where}: {message}"]
    lines += [f"  {_where(step.place, prefix)}: {_text(step.message)}" for step in finding.evidence]
    lines.append(_text(finding.fix) or rule.fix.strip())
    body = "\n".join(lines)
    if fails:
        _add(case, "failure", body, type=rule.slug, message=message)
    else:
        _add(case, "system-out", f"{finding.severity.value}: {body}")


def _add_question(suite: Element, question: OpenQuestion, prefix: str, *, fails: bool) -> None:
    where = _where(question.place, prefix)
    subject = question.subject or where
    case = _case(suite, "open-question", f"{question.question}: {subject}", where)
    message = sentence(_text(question.reason))
    if fails:
        _add(case, "failure", f"{where}: {message}", type="open-question", message=message)
    else:
        _add(case, "system-out", f"open: {where}: {message}")


def _add_problem(suite: Element, problem: Problem, prefix: str) -> None:
    where = _where(problem.place, prefix) if problem.place else ""
    case = _case(suite, "judged", f"{problem.kind}: {problem.subject}", where)
    message = sentence(_text(problem.message))
    text = f"{where}: {message}\n" if where else f"{message}\n"
    _add(case, "error", f"{text}{sentence(_text(problem.advice))}", type=problem.kind, message=message)


def _case(suite: Element, group: str, name: str, where: str = "") -> Element:
    case = SubElement(suite, "testcase", classname=f"backend-gate.{group}", name=_text(name), time="0")
    if where:
        file, _, line = where.rpartition(":")
        case.set("file", file)
        case.set("line", line)
    return case


def _add(case: Element, name: str, body: str, **attributes: str) -> None:
    element = SubElement(case, name, attributes)
    element.text = _NOT_XML.sub("?", body)


def _where(place: Place, prefix: str) -> str:
    return f"{_NOT_XML.sub('?', path_text(prefix + place.file))}:{place.span.line}"


def _text(text: str) -> str:
    """Text on one line, of characters that XML can hold."""
    return _NOT_XML.sub("?", one_line(text))
