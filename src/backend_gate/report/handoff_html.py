"""The handoff as one page that needs nothing else: no network, no other file.

Everything from the judged code is escaped; the page's policy allows its own style and script and nothing more.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib import resources

from backend_gate import __version__
from backend_gate.backend.model import Endpoint, Place, Step
from backend_gate.evidence.coverage.model import SuiteSummary, show_percent
from backend_gate.report.contract import (
    STATUS_LEGEND,
    access_word,
    body_words,
    legend,
    response_word,
    status_words,
    test_words,
)
from backend_gate.report.handoff_markdown import by_rule, headline
from backend_gate.report.sentences import ACCESS_WORDS, covered_percent, endpoint_sentence, suite_remarks
from backend_gate.report.source import SourceReader
from backend_gate.report.text import blocks, first_paragraph, one_line, plural, sentence, visible
from backend_gate.rules.model import Finding
from backend_gate.settle.handoff import Handoff
from backend_gate.settle.verdict import Outcome, Verdict

_LOOK = {Outcome.PASSES: "good", Outcome.FAILS: "bad", Outcome.NOT_JUDGED: "open"}
_ACCESS_LOOK = {
    "protected": "good",
    "protected-conditionally": "warn",
    "unprotected": "bad",
    "unresolved": "open",
}
_AROUND = 2
_JOINT = re.compile(r"([/_.\[|-])")


def render(handoff: Handoff, sources: SourceReader) -> str:
    """The whole page."""
    style, script = _asset("page.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:"
    )
    verdict = handoff.verdict
    body = [
        *_verdict(handoff),
        *_problems(verdict),
        *_findings("What has to be mended", handoff.blocking, verdict, sources),
        *_coverage(verdict.suites),
        *_endpoints(verdict),
        *_findings("Advice", handoff.advisory, verdict, sources),
        *_complexity(verdict),
        *_exceptions(verdict),
        *_questions(verdict),
        *_frameworks(verdict),
    ]
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{_text(headline(handoff))}</title>",
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            '<a class="skip" href="#content">To the content</a>',
            *body,
            "</main>",
            f"<footer>Judged by backend-gate {_text(__version__)}.</footer>",
            f"<script>{script}</script>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _verdict(handoff: Handoff) -> Iterator[str]:
    yield "<header>"
    yield f'<h1 class="{_LOOK[handoff.outcome]}">{_text(headline(handoff))}</h1>'
    if handoff.reasons:
        yield _list(_prose(sentence(reason)) for reason in handoff.reasons)
    else:
        yield "<p>Nothing stands in the way.</p>"
    yield f"<p>{_text(endpoint_sentence(handoff.verdict.endpoints))}</p>"
    yield "</header>"
    yield '<main id="content">'


def _problems(verdict: Verdict) -> Iterator[str]:
    if verdict.problems:
        yield "<h2>What could not be judged</h2>"
        yield _list(
            _at(problem.place) + _prose(f"{sentence(problem.message)} {sentence(problem.advice)}")
            for problem in verdict.problems
        )


def _findings(
    title: str, findings: Sequence[Finding], verdict: Verdict, sources: SourceReader
) -> Iterator[str]:
    """Rule by rule: the reason and the way out once, then the places."""
    if not findings:
        return
    yield f"<h2>{_text(title)}</h2>"
    for rule, members in by_rule(findings, verdict):
        yield '<section class="rule">'
        yield f"<h3>{_text(rule.title)}</h3>"
        yield f'<p class="quiet">{_text(rule.id)} {_text(rule.slug)}</p>'
        yield f"<p>{_prose(first_paragraph(rule.why))}</p>"
        if not any(finding.fix for finding in members):
            yield from _fix(rule.fix)
        for finding in members:
            yield f'<article class="finding {finding.severity.value}">'
            yield f"<h4>{_prose(sentence(finding.message))}</h4>"
            yield f'<p class="quiet">{finding.severity.value} · {_where(finding.place)}</p>'
            yield from _frame(finding.place, sources)
            yield from _places(finding)
            if finding.fix:
                yield from _fix(finding.fix)
            yield "</article>"
        yield "</section>"


def _places(finding: Finding) -> Iterator[str]:
    """What led to a finding, and what belongs to it; the two often name the same places."""
    steps = [*finding.evidence, *(Step(item.place, item.message) for item in finding.related)]
    if steps:
        told = {(step.place.file, step.place.span.line, step.message): step for step in steps}
        yield f"<details><summary>{plural(len(told), 'place')} that led here</summary>"
        yield _steps(told.values())
        yield "</details>"


def _fix(markdown: str) -> Iterator[str]:
    lead = "<strong>Fix:</strong> "
    for is_code, text in blocks(markdown):
        if is_code:
            yield f'<pre role="group" aria-label="example" tabindex="0">{escape(text)}</pre>'
        else:
            yield f"<p>{lead}{_prose(text)}</p>"
        lead = ""


def _frame(place: Place, sources: SourceReader) -> Iterator[str]:
    span = place.span
    lines = sources.lines(place.file, span.line - _AROUND, min(span.end_line, span.line + 8) + _AROUND)
    if not lines:
        return
    shown = []
    for number, line in lines:
        row = f"{number:>5}  {escape(visible(line.replace(chr(9), '    ')))}"
        hit = span.line <= number <= span.end_line
        shown.append(f'<span class="hit">{row}</span>' if hit else row)
    yield (
        f'<pre role="group" aria-label="{_text(place.file)} from line {lines[0][0]}" tabindex="0">'
        + "\n".join(shown)
        + "</pre>"
    )


def _coverage(suites: Sequence[SuiteSummary]) -> Iterator[str]:
    yield "<h2>Tests</h2>"
    if not suites:
        yield "<p>No suites of tests are configured.</p>"
        return
    yield '<ul class="bars">'
    for suite in suites:
        if not suite.is_measured:
            said = _prose(f"{sentence(suite.reason)} {sentence(suite.advice)}")
            yield f'<li><strong>{_text(suite.name)}</strong>: <span class="open">no evidence</span>. {said}</li>'
            continue
        look = "good" if suite.reaches_threshold else "bad"
        words = f"{covered_percent(suite)} % covered, at least {suite.threshold:g} % wanted"
        if suite.branches:
            lines = show_percent(suite.numbers.percent_lines)
            words += f" (lines {lines} %, branches {show_percent(suite.numbers.percent_branches)} %)"
        yield f'<li class="{look}"><strong>{_text(suite.name)}</strong>: {_text(words)}'
        # Widths are attributes of the picture: the page's policy allows no style on an element.
        yield (
            f'<svg class="bar" aria-hidden="true" viewBox="0 0 100 4" '
            f'preserveAspectRatio="none" width="100%" height="14">'
            f'<rect width="{min(100.0, suite.numbers.percent):.2f}" height="4" fill="currentColor"/>'
            f'<rect x="{min(99.6, suite.threshold):.2f}" width="0.4" height="4" fill="CanvasText"/></svg>'
        )
        if remarks := suite_remarks(suite):
            yield _list(_prose(sentence(remark)) for remark in remarks)
        yield "</li>"
    yield "</ul>"


def _endpoints(verdict: Verdict) -> Iterator[str]:
    yield "<h2>Endpoints</h2>"
    if not verdict.inventory:
        yield "<p>There are none.</p>"
        return
    words = list(dict.fromkeys(access_word(endpoint) for endpoint in verdict.inventory))
    tested = sorted({test_words(endpoint) for endpoint in verdict.inventory})
    yield '<div class="filters" role="search" hidden>'
    yield '<label>Find <input id="find" type="search" placeholder="path, method, handler"></label>'
    yield _select("access", "Access", [word for word in ACCESS_WORDS.values() if word in words])
    yield _select("tests", "Tests", tested)
    yield '<span id="shown" role="status" class="quiet"></span>'
    yield "</div>"
    yield '<table id="endpoints" role="table"><caption class="quiet">Open a path to see what decided.</caption>'
    yield (
        '<thead role="rowgroup"><tr role="row">'
        + "".join(
            f'<th scope="col" role="columnheader">{name}</th>'
            for name in ("Method", "Path", "Access", "Body", "Response", "Status", "Tests")
        )
        + '</tr></thead><tbody role="rowgroup">'
    )
    for endpoint in verdict.inventory:
        yield _endpoint(endpoint)
    yield "</tbody></table>"
    for told in (STATUS_LEGEND, legend(verdict.inventory)):
        if told:
            yield f'<p class="quiet">{_text(told)}</p>'


def _endpoint(endpoint: Endpoint) -> str:
    guards = ", ".join(guard.rpartition(".")[2] for guard in endpoint.auth.guards)
    search = " ".join([*endpoint.methods, endpoint.path, endpoint.handler, access_word(endpoint)]).lower()
    look = _ACCESS_LOOK.get(endpoint.auth.verdict.value, "quiet")
    steps = list(dict.fromkeys(endpoint.auth.steps))
    about = [f"<p>{_code(endpoint.handler)}, {_where(endpoint.place)}</p>"]
    if endpoint.auth.reason:
        about.append(f"<p>{_prose(sentence(endpoint.auth.reason))}</p>")
    if steps:
        about.append(_steps(steps))
    about += [f"<p>Only if {_code(condition.text)}.</p>" for condition in endpoint.conditions]
    cells = [
        ("Method", _text(", ".join(endpoint.methods))),
        ("", f"<details><summary>{_name(endpoint.path)}</summary>{''.join(about)}</details>"),
        (
            "Access",
            f'<span class="{look}">{_text(access_word(endpoint))}</span>'
            + (f" by {_name(guards)}" if guards else ""),
        ),
        ("Body", ", ".join(_name(body) for body in body_words(endpoint))),
        ("Response", _name(response_word(endpoint)) if response_word(endpoint) else ""),
        ("Status", _text(", ".join(status_words(endpoint)))),
        ("Tests", _text(test_words(endpoint))),
    ]
    return (
        f'<tr role="row" data-text="{_text(search)}" data-access="{_text(access_word(endpoint))}" '
        f'data-tests="{_text(test_words(endpoint))}">'
        + "".join(
            f'<td role="cell" data-label="{label}">{cell}</td>' if label else f'<td role="cell">{cell}</td>'
            for label, cell in cells
        )
        + "</tr>"
    )


def _select(name: str, label: str, options: Sequence[str]) -> str:
    every = "".join(f'<option value="{_text(option)}">{_text(option)}</option>' for option in options)
    return f'<label>{label} <select id="{name}"><option value="">all</option>{every}</select></label>'


def _complexity(verdict: Verdict) -> Iterator[str]:
    if verdict.hot_spots or verdict.unread:
        yield "<h2>Complexity</h2>"
    if verdict.hot_spots:
        yield "<p>The functions with the most ways through them, by radon.</p>"
        yield _list(
            f"{spot.complexity}: {_code(spot.name)}, {_where(spot.place)}" for spot in verdict.hot_spots[:10]
        )
    if verdict.unread:
        yield "<p>Files that a tool could not read:</p>"
        yield _list(
            f"{_code(item.place.file)}: {_text(f'{item.tool}, {item.reason}')}" for item in verdict.unread
        )


def _exceptions(verdict: Verdict) -> Iterator[str]:
    public = [item for item in verdict.inventory if access_word(item) == ACCESS_WORDS["declared-public"]]
    lines = [
        f"{_text(', '.join(item.methods))} {_code(item.path)} is public: {_prose(sentence(item.auth.reason))}"
        for item in public
    ]
    lines += [
        f"{_where(item.comment)} suppresses {_code(item.finding.rule)}: "
        f"{_prose(sentence(item.reason or 'no reason is given'))}"
        for item in verdict.suppressed
    ]
    if verdict.baselined:
        lines.append(_text(f"{plural(len(verdict.baselined), 'older finding')} in the baseline."))
    if lines:
        yield "<h2>Exceptions that somebody has made</h2>"
        yield _list(lines)


def _questions(verdict: Verdict) -> Iterator[str]:
    if verdict.questions:
        yield "<h2>Open questions</h2>"
        yield "<p>Neither a fault nor safe: the gate could not follow the code here.</p>"
        yield _list(
            f"{_where(question.place)}: {_code(question.subject) + ': ' if question.subject else ''}"
            f"{_prose(sentence(question.reason))}"
            for question in verdict.questions
        )


def _frameworks(verdict: Verdict) -> Iterator[str]:
    if verdict.frameworks:
        yield "<h2>Frameworks</h2>"
        yield _list(_text(f"{item.framework}: {item.status}") for item in verdict.frameworks)


def _steps(steps: Iterable[Step]) -> str:
    items = "".join(f"<li>{_where(step.place)}: {_prose(step.message)}</li>" for step in steps)
    return f'<ol class="evidence">{items}</ol>'


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def _where(place: Place) -> str:
    return _code(f"{place.file}:{place.span.line}")


def _at(place: Place | None) -> str:
    return f"{_where(place)}: " if place is not None else ""


def _code(text: str) -> str:
    return f"<code>{_text(text)}</code>"


def _name(text: str) -> str:
    """Code in a narrow cell: it may break where a name or path has its joints, and nowhere else."""
    parts = _JOINT.sub(r"\1<wbr>", _text(text))
    return f"<code>{parts}</code>"


def _text(text: str) -> str:
    return escape(one_line(text))


def _prose(text: str) -> str:
    """A sentence; what is between backticks is code."""
    parts = one_line(text).split("`")
    return "".join(
        f"<code>{escape(part)}</code>" if number % 2 else escape(part) for number, part in enumerate(parts)
    )


def _asset(name: str) -> str:
    return (resources.files("backend_gate.report") / "page" / name).read_text("utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
