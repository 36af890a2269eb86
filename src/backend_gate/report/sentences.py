"""The verdict in sentences: what every report for people begins or ends with."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from backend_gate.backend.model import Verdict as Access
from backend_gate.evidence.coverage.model import NOTEWORTHY, State, SuiteSummary, show_percent
from backend_gate.report.held_back import held_back_lines
from backend_gate.report.text import enumeration, first, one_line, path_text, plural, sentence
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
_NOTHING_TO_RUN = "there is nothing to run in it"
_FILES = 5
_SEVERITY_WORDS = {
    Severity.ERROR: ("error", "errors"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.INFO: ("note", "notes"),
}
_PROBLEM_WORDS = {
    "evidence-crashed": ("part", "{} of gathering evidence crashed"),
    "linker-crashed": ("backend", "the gate crashed while it linked {}"),
    "no-evidence": ("suite", "no evidence of {} of tests"),
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
            return f"Could not judge everything: {reason}. Apart from that: {found or _nothing(verdict)}."
        return f"Could not judge: {reason}."
    if verdict.outcome is Outcome.FAILS:
        if any(backend.has_failing_findings for backend in verdict.backends):
            return f"Fails: {found}."
        left = [plural(len(verdict.questions), "open question")] if verdict.questions else []
        left += [
            f"{framework.framework} is not analysed" for framework in verdict.unanalysed if framework.certain
        ]
        return f"Fails, as nothing may stay open (strict): {enumeration(left)}."
    if verdict.comparison is not None and verdict.comparison.unchanged:
        return "Passes: no change of a file that is judged."
    rest = f", {plural(len(verdict.questions), 'open question')}" if verdict.questions else ""
    scope = " as far as it was analysed" if verdict.unanalysed else ""
    return f"Passes{scope}: {found or _nothing(verdict)}{rest}."


def next_step_lines(verdict: Verdict) -> list[str]:
    """What to do about a verdict that does not pass."""
    steps = []
    failing = [finding for finding in verdict.findings if finding.severity is Severity.ERROR]
    first_finding = next(iter([*failing, *verdict.findings]), None)
    if first_finding is not None:
        rule = verdict.rules[first_finding.rule]
        steps.append(f"`backend-gate explain {rule.id}` says why it matters and how to mend it;")
        steps.append("`backend-gate check --staged` shows the code and the evidence.")
        if first_finding.place not in {problem.place for problem in verdict.problems}:
            steps.append(f"If it is meant as it is: `# gate: ignore[{rule.slug}] reason` on the line.")
    if verdict.findings and verdict.comparison is None and not verdict.baselined:
        steps.append("To start from what is there today: `backend-gate baseline write`, and commit the file.")
    advice = dict.fromkeys(problem.advice for problem in verdict.problems_without_finding if problem.advice)
    steps += [sentence(one_line(text)) for text in advice]
    return ["", *steps] if steps else []


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
            f"  {path_text(backend.path)}: {endpoint_sentence(backend.endpoints)}"
            for backend in verdict.backends
        ]
    if verdict.questions:
        lines.append(
            f"{plural(len(verdict.questions), 'open question')}, counted neither as fault nor as safe."
        )
    lines += suite_lines(verdict.suites)
    lines += held_back_lines(verdict)
    lines += unanalysed_lines(verdict)
    return lines


def suite_lines(suites: Sequence[SuiteSummary]) -> list[str]:
    """What is known of each suite of tests, and what to do where nothing is known."""
    missing = [suite for suite in suites if not suite.is_measured]
    if missing and all(_is_made_by_its_name(suite) for suite in missing):
        names = enumeration([suite.name for suite in missing])
        advice = "`backend-gate test` makes it" if len(missing) == len(suites) else missing[0].advice
        told = [
            f"No evidence of the {'suite' if len(missing) == 1 else 'suites'} {names}: {sentence(advice)}"
        ]
        missing = []
    else:
        told = []
    lines = []
    for suite in suites:
        if suite.is_measured:
            lines.append(covered_sentence(suite))
        elif suite in missing:
            told.append(
                f"No evidence of the suite {suite.name}: {one_line(suite.reason)}. {sentence(suite.advice)}"
            )
    return lines + told


def _is_made_by_its_name(suite: SuiteSummary) -> bool:
    return suite.state is State.MISSING and suite.advice == f"`backend-gate test {suite.name}` makes it"


def covered_percent(suite: SuiteSummary) -> str:
    """How much a suite covers, with as many decimals as it takes to see that it is too little."""
    digits = 2
    while digits < 6 and not suite.reaches_threshold and _shown_reaches(suite, digits):
        digits += 1
    return show_percent(suite.numbers.percent, digits)


def covered_sentence(suite: SuiteSummary) -> str:
    """``unit: 83.21 % covered, of 80 % wanted; …``."""
    text = f"{suite.name}: {covered_percent(suite)} % covered, at least {suite.threshold:g} % wanted"
    if suite.branches:
        numbers = suite.numbers
        text += f" (lines {show_percent(numbers.percent_lines)} %, branches {show_percent(numbers.percent_branches)} %)"
    if not suite.numbers.total:
        text += f"; {_NOTHING_TO_RUN}"
    if suite.excluded > NOTEWORTHY:
        text += f"; {_excluded(suite)}"
    if suite.omitted > NOTEWORTHY:
        files = plural(len(suite.omitted_files), "file")
        text += f"; {suite.omitted:.0%} of the code, in {files}, is not in the data"
    return f"{text}."


def suite_remarks(suite: SuiteSummary) -> list[str]:
    """What has to be known besides the numbers of a suite, a clause each."""
    remarks = []
    if suite.is_measured and not suite.numbers.total:
        remarks.append(_NOTHING_TO_RUN)
    if suite.excluded > NOTEWORTHY:
        remarks.append(_excluded(suite))
    if suite.omitted > NOTEWORTHY:
        names, more = first(suite.omitted_files, _FILES)
        listed = ", ".join(names) + (f" and {more} more" if more else "")
        remarks.append(f"{suite.omitted:.0%} of the code is not in the data ({listed})")
    if suite.lost:
        remarks.append(suite.lost)
    return [*remarks, *suite.notes]


def _excluded(suite: SuiteSummary) -> str:
    return f"{suite.excluded:.0%} of the lines are excluded by the project's coverage configuration"


def _shown_reaches(suite: SuiteSummary, digits: int) -> bool:
    return float(show_percent(suite.numbers.percent, digits)) >= suite.threshold


def unanalysed_lines(verdict: Verdict) -> list[str]:
    """One sentence a framework that the gate does not know yet."""
    lines = []
    for framework in verdict.unanalysed:
        places, more = first((f"{path_text(item.file)}:{item.line}" for item in framework.evidence), 2)
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
        subjects = {problem.place or problem.subject for problem in members}
        noun, clause = _PROBLEM_WORDS[kind]
        clauses.append(clause.format(plural(len(subjects), noun)))
    return enumeration(clauses)


def _nothing(verdict: Verdict) -> str:
    """That nothing was found, or nothing that is new."""
    return "no new findings" if verdict.comparison or verdict.baselined else "no findings"


def _found(verdict: Verdict) -> str:
    counts = []
    new = "new " if verdict.comparison else ""
    for severity, (one, many) in _SEVERITY_WORDS.items():
        number = verdict.count(severity)
        if number:
            counts.append(plural(number, f"{new}{one}", f"{new}{many}"))
    if not counts:
        return ""
    files = len({finding.place.file for finding in verdict.findings})
    return f"{enumeration(counts)} in {plural(files, 'file')}"


def problem_lines(problems: Sequence[Problem]) -> list[str]:
    """Each problem in one line: where, what, and what to do."""
    lines = []
    for problem in problems:
        where = f"{path_text(problem.place.file)}:{problem.place.span.line}: " if problem.place else ""
        advice = f" {sentence(one_line(problem.advice))}" if problem.advice else ""
        lines.append(f"{where}{sentence(one_line(problem.message))}{advice}")
    return lines
