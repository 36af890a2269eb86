"""One finding a line, for editors, ``grep`` and commit hooks."""

from __future__ import annotations

from backend_gate.report.held_back import change_words, held_back, held_back_line, held_back_lines
from backend_gate.report.sentences import headline, next_step_lines
from backend_gate.report.text import one_line, path_text
from backend_gate.settle.verdict import Outcome, Problem, Verdict


def render(
    verdict: Verdict,
    *,
    prefix: str = "",
    quiet: bool = False,
    verbose: bool = False,
    show_suppressed: bool = False,
    next_steps: bool = False,
) -> str:
    """``path:line:column: BG101 endpoint-without-auth message``, then the verdict.

    Problems come first, in the same form with ``not-judged`` for the rule. ``prefix`` leads from
    where the reader is to the root of the tree. ``quiet`` leaves the verdict out if it passes;
    ``verbose`` lists the open questions, with ``unresolved`` for the rule; ``show_suppressed`` the
    findings that do not count. ``next_steps`` says at the end what to do about a verdict that stops
    somebody's work.
    """
    lines = [_problem(problem, prefix) for problem in verdict.problems_without_finding]
    for finding in verdict.findings:
        rule = verdict.rules[finding.rule]
        span = finding.place.span
        lines.append(
            f"{prefix}{path_text(finding.place.file)}:{span.line}:{span.column}: "
            f"{rule.id} {finding.rule} {one_line(finding.message)}"
        )
        lines += [
            f"    because of {prefix}{path_text(change.place.file)}:{change.place.span.line}: {change_words(change)}"
            for change in verdict.changes(finding)
            if change.relation != "here"
        ]
    if verbose:
        for question in verdict.questions:
            span = question.place.span
            subject = f"{one_line(question.subject)}: " if question.subject else ""
            lines.append(
                f"{prefix}{path_text(question.place.file)}:{span.line}:{span.column}: "
                f"unresolved {subject}{one_line(question.reason)}"
            )
    if show_suppressed:
        for title, members in held_back(verdict):
            lines.append(f"{title}:")
            lines += [
                held_back_line(finding, remark, verdict.rules[finding.rule].id, prefix)
                for finding, remark in members
            ]
    if not quiet:
        for note in verdict.notes:
            where = f"{prefix}{path_text(note.place.file)}:{note.place.span.line}"
            lines.append(f"{where}: note {one_line(note.message)}")
    if not (quiet and verdict.outcome is Outcome.PASSES):
        lines += [headline(verdict), *held_back_lines(verdict)]
    if next_steps and verdict.outcome is not Outcome.PASSES:
        lines += next_step_lines(verdict)
    return "".join(line + "\n" for line in lines)


def _problem(problem: Problem, prefix: str) -> str:
    text = f"not-judged {one_line(problem.message)}"
    if problem.place is None:
        return text
    span = problem.place.span
    return f"{prefix}{path_text(problem.place.file)}:{span.line}:{span.column}: {text}"
