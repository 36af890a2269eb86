"""The report for a person at a terminal: verdict and counts first, then the findings file by file."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich.text import Text

from backend_gate.backend.model import Place
from backend_gate.report.canvas import SEVERITY_COLORS, Canvas
from backend_gate.report.frame import ASCII, UNICODE, frame
from backend_gate.report.held_back import change_words, held_back, held_back_line
from backend_gate.report.sentences import headline, summary_lines
from backend_gate.report.source import SourceReader
from backend_gate.report.text import (
    first_paragraph,
    first_sentence,
    one_line,
    path_text,
    plural,
    sentence,
    visible,
)
from backend_gate.rules.model import Finding, Severity
from backend_gate.settle.verdict import OpenQuestion, Outcome, Problem, Verdict

MAX_WIDTH = 110
FEW = 5
MANY = 9
"""Beyond so many related places a few stand for all."""
_LABEL = 11

_WORDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_QUESTIONS = {
    "access": "Who may call it",
    "body": "Request bodies",
    "wiring": "Wiring",
}


@dataclass(frozen=True)
class Style:
    """How the text is to look. ``width`` in cells; ``prefix`` leads from the reader to the root of the tree.

    ``quiet`` leaves everything but the verdict out, ``verbose`` shortens nothing; ``show_suppressed``
    lists the findings that do not count.
    """

    width: int = 100
    color: bool = False
    unicode: bool = True
    quiet: bool = False
    verbose: bool = False
    show_suppressed: bool = False
    prefix: str = ""


def render(verdict: Verdict, sources: SourceReader, style: Style) -> str:
    """The whole report as text, with escape sequences for colours if the style says so."""
    report = _Report(verdict, sources, style)
    if style.quiet:
        if verdict.outcome is not Outcome.PASSES:
            report.head()
        return report.text()
    report.head()
    report.problems()
    report.findings()
    report.held_back()
    report.questions()
    report.notes()
    report.foot()
    return report.text()


class _Report:
    def __init__(self, verdict: Verdict, sources: SourceReader, style: Style) -> None:
        self._verdict = verdict
        self._sources = sources
        self._style = style
        self._glyphs = UNICODE if style.unicode else ASCII
        self._width = max(40, min(style.width, MAX_WIDTH))
        self._explained: set[tuple[str, str]] = set()
        self._canvas = Canvas(color=style.color)

    def text(self) -> str:
        return self._canvas.text()

    # --- parts -----------------------------------------------------------------------------------

    def head(self) -> None:
        self._wrapped(headline(self._verdict), self._headline_style())
        for line in summary_lines(self._verdict):
            self._wrapped(line)

    def problems(self) -> None:
        problems = self._verdict.problems_without_finding
        if not problems:
            return
        self._title("Could not judge")
        shown = problems if self._style.verbose else problems[: 2 * FEW]
        for problem in shown:
            self._problem(problem)
        self._left_out(len(problems) - len(shown), "problem")

    def findings(self) -> None:
        for file, findings in groupby(self._verdict.findings, key=lambda finding: finding.place.file):
            self._title(self._path(file))
            self._explained.clear()
            for finding in findings:
                self._finding(finding)

    def held_back(self) -> None:
        if not self._style.show_suppressed:
            return
        for title, members in held_back(self._verdict):
            self._title(title)
            for finding, remark in members:
                rule = self._verdict.rules[finding.rule].id
                self._wrapped(held_back_line(finding, remark, rule, self._style.prefix), "", indent="  ")

    def questions(self) -> None:
        questions = self._verdict.questions
        if not questions:
            return
        self._title("Open questions")
        for kind, title in _QUESTIONS.items():
            groups = _by_reason(question for question in questions if question.question == kind)
            shown = groups if self._style.verbose else groups[:FEW]
            for reason, members in shown:
                self._question(title, reason, members)
            self._left_out(sum(len(members) for _, members in groups[len(shown) :]), "question")

    def notes(self) -> None:
        if not self._verdict.notes:
            return
        self._title("Notes")
        for note in self._verdict.notes:
            where = f"{self._path(note.place.file)}:{note.place.span.line}"
            self._wrapped(f"{where}: {sentence(note.message)} {sentence(note.advice)}")

    def foot(self) -> None:
        """The verdict once more, where a long report ends on the screen."""
        if len(self._verdict.findings) + len(self._verdict.problems) > FEW:
            self._canvas.gap()
            self._wrapped(headline(self._verdict), self._headline_style())

    # --- one of each -----------------------------------------------------------------------------

    def _problem(self, problem: Problem) -> None:
        self._canvas.gap()
        self._wrapped(sentence(one_line(problem.message)), "bold", indent="  ")
        if problem.place is not None:
            self._labelled("at", self._position(problem.place))
        if problem.advice:
            self._labelled("fix", sentence(problem.advice))
        if problem.detail and self._style.verbose:
            for line in problem.detail.splitlines():
                self._line(Text(f"    {one_line(line) if line.strip() else ''}", "dim"))

    def _finding(self, finding: Finding) -> None:
        rule = self._verdict.rules[finding.rule]
        color = SEVERITY_COLORS[finding.severity]
        self._canvas.gap()
        head = f"{_WORDS[finding.severity]}: "
        for number, line in enumerate(self._wrap(head + one_line(finding.message), "  ", "  ")):
            text = Text(line, "bold")
            if number == 0:
                text.stylize(f"bold {color}", 2, 2 + len(head))
            self._line(text)
        self._line(
            Text(f"  {rule.id} {finding.rule} {self._glyphs.dot} {self._position(finding.place)}", "dim")
        )
        self._frame(finding.place, f"bold {color}")
        self._changes(finding)
        self._evidence(finding)
        self._related(finding)
        self._once("why", sentence(first_sentence(rule.why)))
        self._once("fix", sentence(first_paragraph(finding.fix or rule.fix)))

    def _changes(self, finding: Finding) -> None:
        """What made the finding new, unless it stands on the changed lines itself."""
        changes = [change for change in self._verdict.changes(finding) if change.relation != "here"]
        for number, change in enumerate(changes):
            where = f"{self._path(change.place.file)}:{change.place.span.line}"
            self._labelled("" if number else "because of", f"{where}  {change_words(change)}")

    def _related(self, finding: Finding) -> None:
        """Further places, unless the evidence has been there."""
        seen = {step.place for step in finding.evidence}
        places = [item for item in dict.fromkeys(finding.related) if item.place not in seen]
        shown = places if len(places) <= MANY or self._style.verbose else places[:FEW]
        for number, item in enumerate(shown):
            where = self._position(item.place)
            self._labelled("" if number else "related", f"{where}  {one_line(item.message)}")
        if more := len(places) - len(shown):
            self._labelled("", f"{self._cut()} {plural(more, 'more place')}, with --verbose")

    def _once(self, label: str, text: str) -> None:
        """What is the same for several findings of a file is said at the first."""
        if (label, text) not in self._explained:
            self._explained.add((label, text))
            self._labelled(label, text)

    def _evidence(self, finding: Finding) -> None:
        steps = finding.evidence
        shown = (
            [*steps[: FEW - 2], None, *steps[-1:]]
            if len(steps) > FEW and not self._style.verbose
            else list(steps)
        )
        for step in shown:
            if step is None:
                self._labelled(
                    "", f"{self._cut()} {plural(len(steps) - FEW + 1, 'more step')}, with --verbose"
                )
            else:
                label = "evidence" if step is steps[0] else ""
                self._labelled(label, f"{self._position(step.place)}  {one_line(step.message)}")

    def _frame(self, place: Place, mark_style: str) -> None:
        span = place.span
        lines = self._sources.lines(place.file, span.line - 1, span.end_line + 1)
        if not any(number == span.line for number, _ in lines):
            return
        self._canvas.gap()
        for line in frame(lines, span, width=self._width - 2, glyphs=self._glyphs, mark_style=mark_style):
            self._line(Text("  ").append_text(line))
        self._canvas.gap()

    def _question(self, title: str, reason: str, members: Sequence[OpenQuestion]) -> None:
        self._canvas.gap()
        self._wrapped(f"{title}: {one_line(reason)}", "", indent="  ")
        shown = members if self._style.verbose else members[:3]
        for question in shown:
            subject = f"  {one_line(question.subject)}" if question.subject else ""
            self._line(Text(f"    {self._position(question.place)}{subject}", "dim"))
        if len(members) > len(shown):
            self._line(Text(f"    {self._cut()} and {len(members) - len(shown):,} more", "dim"))

    # --- lines -----------------------------------------------------------------------------------

    def _title(self, text: str) -> None:
        self._canvas.gap()
        self._line(Text(text, "bold underline" if self._style.color else ""))
        if not self._style.color:
            self._line(Text("-" * min(len(text), self._width)))

    def _labelled(self, label: str, text: str) -> None:
        if not text:
            return
        gap = " " * (2 + _LABEL)
        for number, line in enumerate(self._wrap(visible(text), gap, gap)):
            if number == 0:
                row = Text(f"  {label:<{_LABEL}}", "dim")
                row.append(line[len(gap) :], "not dim")
                self._line(row)
            else:
                self._line(Text(line))

    def _wrapped(self, text: str, style: str = "", indent: str = "") -> None:
        hanging = indent + " " * (len(text) - len(text.lstrip()))
        for line in self._wrap(text.lstrip(), hanging, hanging):
            self._line(Text(line, style))

    def _wrap(self, text: str, indent: str, hanging: str) -> list[str]:
        return textwrap.wrap(
            text,
            self._width,
            initial_indent=indent,
            subsequent_indent=hanging,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def _left_out(self, number: int, noun: str) -> None:
        if number > 0:
            self._canvas.gap()
            self._line(
                Text(f"  {self._cut()} and {plural(number, 'more ' + noun)}, listed with --verbose", "dim")
            )

    def _line(self, text: Text) -> None:
        self._canvas.line(text)

    def _cut(self) -> str:
        return self._glyphs.cut

    def _path(self, file: str) -> str:
        return self._style.prefix + path_text(file)

    def _position(self, place: Place) -> str:
        return f"{self._path(place.file)}:{place.span.line}:{place.span.column}"

    def _headline_style(self) -> str:
        outcome = self._verdict.outcome
        if outcome is Outcome.PASSES:
            return "bold yellow" if self._verdict.unanalysed or self._verdict.questions else "bold green"
        return "bold red" if outcome is Outcome.FAILS else "bold magenta"


def _by_reason(questions: Iterable[OpenQuestion]) -> list[tuple[str, list[OpenQuestion]]]:
    """Questions by reason, the most frequent reason first."""
    groups: dict[str, list[OpenQuestion]] = {}
    for question in questions:
        groups.setdefault(question.reason, []).append(question)
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
