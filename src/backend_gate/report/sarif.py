"""SARIF 2.1.0, with everything that GitHub code scanning shows and within what it takes.

Texts are plain: braces and brackets stand for themselves, as every reader shows them, except where
they would make a link. Paths are relative to the root of the repository. The log holds no clock, host
or absolute path.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from backend_gate import __version__
from backend_gate.backend.model import Place
from backend_gate.facts.model import Span
from backend_gate.report.fingerprints import LINE_HASH, fingerprints
from backend_gate.report.order import most_severe_first
from backend_gate.report.sarif_rules import LEVELS, descriptor, in_order
from backend_gate.report.sentences import headline
from backend_gate.report.source import SourceReader
from backend_gate.report.text import one_line, plural, sentence
from backend_gate.rules.model import Finding
from backend_gate.rules.spec import RuleSpec
from backend_gate.settle.notes import Note
from backend_gate.settle.verdict import OpenQuestion, Outcome, Problem, Verdict

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "SRCROOT"
"""What paths are relative to: the root of the repository."""

_LINKS = 10  # related places that a message links to
_INFORMATION = "data:,Run%20%60backend-gate%20--help%60%20where%20the%20gate%20is%20installed."
_LINK = re.compile(r"\[(?=[^\[\]]*\]\()")
_NOTIFICATIONS = {
    "cut": ("Findings are left out of this file.", "Another format holds all findings."),
    "linker-crashed": ("The gate crashed while it linked a backend.", "Report it as a fault of the gate."),
    "nothing-to-judge": ("No backend was found.", "Name the folder of the backend."),
    "open-question": (
        "Something could not be decided; it counts neither as fault nor as safe.",
        "Write the code so that it can be followed, or name the guard in the configuration.",
    ),
    "reader-crashed": ("The gate crashed while it read a file.", "Report it as a fault of the gate."),
    "rule-crashed": ("A rule crashed.", "Report it as a fault of the gate."),
    "unreadable-file": ("A file cannot be read.", "Correct the file, or exclude it."),
    "unmatched-entry": (
        "Nothing in the code answers to an entry of the configuration.",
        "Correct the name, or take the entry out.",
    ),
    "wrong-suppression": ("A suppressing comment cannot be understood.", "Correct the comment."),
}
"""What a notification means and what to do, by its kind."""


class Limits(msgspec.Struct, frozen=True):
    """What a reader of the log takes. The defaults are those of GitHub code scanning.

    ``results`` in a run, of which GitHub shows the ``shown`` most severe; ``locations`` and ``steps``
    (of code flows) of a result; ``bytes`` of the log after gzip.
    """

    results: int = 25_000
    shown: int = 5_000
    locations: int = 1_000
    steps: int = 10_000
    bytes: int = 10_000_000


class Log(msgspec.Struct, frozen=True):
    """A SARIF log as text, and sentences for whoever asked for it: what had to be left out."""

    text: str
    remarks: tuple[str, ...] = ()


def render(
    verdict: Verdict,
    sources: SourceReader,
    *,
    prefix: str = "",
    limits: Limits | None = None,
    with_held_back: bool = False,
) -> Log:
    """The verdict as a SARIF log, the most severe findings first.

    ``prefix`` leads from the root of the repository to the root of the tree. Findings beyond
    ``limits`` are left out, the mildest first, and the log says how many. ``with_held_back`` adds the
    findings that do not count: suppressed ones and those of the baseline with their ``suppressions``,
    those that were there before with ``baselineState``.
    """
    limits = limits or Limits()
    rules = in_order(verdict.rules.values())
    marks = _marks(verdict, prefix)
    everything = verdict.all_findings
    writer = _Writer(rules, fingerprints(everything, sources), prefix, limits)
    unmarked = _new(verdict) if with_held_back else {}
    results = [
        {**writer.result(finding), **marks.get(finding, unmarked)}
        for finding in most_severe_first(everything if with_held_back else verdict.findings, verdict.rules)
    ]
    kept = min(len(results), limits.results)
    while True:
        remarks = _remarks(len(results), kept, limits)
        text = _dump(_log(verdict, writer, results[:kept], remarks))
        size = _packed_size(text, limits.bytes)
        if size <= limits.bytes or not kept:
            return Log(text, tuple(remarks))
        kept = min(kept - 1, int(kept * limits.bytes / size * 0.95))


def _log(
    verdict: Verdict, writer: _Writer, results: Sequence[dict[str, Any]], remarks: Sequence[str]
) -> dict[str, Any]:
    where = one_line(writer.prefix).rstrip("/")
    notifications = [
        *(writer.problem(problem) for problem in verdict.problems),
        *(_notification("cut", "warning", remark) for remark in remarks),
        *(writer.question(question) for question in verdict.questions),
        *(writer.note(note) for note in verdict.notes),
    ]
    used = {notification["descriptor"]["id"] for notification in notifications}
    run = {
        "tool": {
            "driver": {
                "name": "backend-gate",
                "version": __version__,
                "semanticVersion": __version__,
                # Readers ask for an address, and the gate has none on the web.
                "informationUri": _INFORMATION,
                "rules": [descriptor(rule) for rule in writer.rules],
                "notifications": [
                    {
                        "id": kind,
                        "shortDescription": {"text": meaning},
                        "fullDescription": {"text": meaning},
                        "help": {"text": advice},
                    }
                    for kind, (meaning, advice) in sorted(_NOTIFICATIONS.items())
                    if kind in used
                ],
            }
        },
        # GitHub replaces the alerts of an earlier upload with the same id: one for each judged folder.
        "automationDetails": {"id": f"backend-gate/{where}/" if where else "backend-gate/"},
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": verdict.outcome is not Outcome.NOT_JUDGED,
                "exitCode": verdict.exit_code,
                "exitCodeDescription": headline(verdict),
                "toolExecutionNotifications": notifications,
            }
        ],
        "results": list(results),
        "properties": {"outcome": verdict.outcome.value, "endpoints": verdict.endpoints},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


class _Writer:
    """Turns findings, problems and questions into SARIF's objects."""

    def __init__(
        self, rules: Sequence[RuleSpec], names: dict[Finding, str], prefix: str, limits: Limits
    ) -> None:
        self.rules = rules
        self.prefix = prefix
        self._names = names
        self._limits = limits
        self._index = {rule.slug: index for index, rule in enumerate(rules)}

    def result(self, finding: Finding) -> dict[str, Any]:
        index = self._index[finding.rule]
        related = finding.related[: self._limits.locations - 1]  # the place itself is one more
        steps = finding.evidence[: self._limits.steps]
        location = self._location(finding.place)
        if finding.symbol:
            location["logicalLocations"] = [{"fullyQualifiedName": one_line(finding.symbol)}]
        result: dict[str, Any] = {
            "ruleId": self.rules[index].id,
            "ruleIndex": index,
            "level": LEVELS[finding.severity],
            "message": {"text": self._message(finding)},
            "locations": [location],
        }
        if name := self._names.get(finding):
            result["partialFingerprints"] = {LINE_HASH: name}
        if related:
            result["relatedLocations"] = [
                {"id": number, **self._location(item.place, item.message)}
                for number, item in enumerate(related, start=1)
            ]
        if steps:
            flow = [{"location": self._location(step.place, step.message)} for step in steps]
            result["codeFlows"] = [{"threadFlows": [{"locations": flow}]}]
        if finding.subject:
            result["properties"] = {"subject": one_line(finding.subject)}
        return result

    def problem(self, problem: Problem) -> dict[str, Any]:
        text = f"{_sentence(problem.message)} {_sentence(problem.advice)}".rstrip()
        return self._placed(_notification(problem.kind, "error", text), problem.place)

    def question(self, question: OpenQuestion) -> dict[str, Any]:
        subject = f"{one_line(question.subject)}: " if question.subject else ""
        text = _sentence(f"{subject}{question.reason}")
        return self._placed(_notification("open-question", "note", text), question.place)

    def note(self, note: Note) -> dict[str, Any]:
        """A remark; its place is left out if the configuration lies outside of what was judged."""
        place = None if note.place.file.startswith("../") else note.place
        text = f"{_sentence(note.message)} {_sentence(note.advice)}"
        return self._placed(_notification("unmatched-entry", "note", text), place)

    def _placed(self, notification: dict[str, Any], place: Place | None) -> dict[str, Any]:
        return notification if place is None else {**notification, "locations": [self._location(place)]}

    def _message(self, finding: Finding) -> str:
        """What is wrong, the way out if it is this finding's own, and links to the related places.

        GitHub shows a related place only where the message links to it.
        """
        parts = [_sentence(finding.message)]
        if finding.fix:
            parts.append(_sentence(finding.fix))
        links = []
        for number, item in enumerate(finding.related[:_LINKS], start=1):
            where = f"{self.prefix}{item.place.file}:{item.place.span.line}"
            target = re.sub(r"[\[\]()\\]", "_", one_line(where))
            links.append(f"[{target}]({number}): {_plain(item.message)}")
        if more := len(finding.related) - len(links):
            links.append(f"and {plural(more, 'more place')}")
        if links:
            parts.append(f"See {'; '.join(links)}.")
        return " ".join(parts)

    def _location(self, place: Place, message: str = "") -> dict[str, Any]:
        return _location(self.prefix, place, message)


def _location(prefix: str, place: Place, message: str = "") -> dict[str, Any]:
    path = f"{prefix}{place.file}".encode("utf-8", errors="surrogateescape")  # as the disk has it
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(path), "uriBaseId": ROOT},
            "region": _region(place.span),
        },
        **({"message": {"text": _plain(message)}} if message else {}),
    }


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _notification(kind: str, level: str, text: str) -> dict[str, Any]:
    return {"descriptor": {"id": kind}, "level": level, "message": {"text": text}}


def _plain(text: str) -> str:
    """Text on one line that no reader takes for a link."""
    return _LINK.sub(r"\\[", one_line(text))


def _sentence(text: str) -> str:
    return sentence(_plain(text))


def _marks(verdict: Verdict, prefix: str) -> dict[Finding, dict[str, Any]]:
    """What the results of findings that do not count say about that."""
    new = _new(verdict)
    marks = {
        finding: {"suppressions": [{"kind": "external", "justification": "In the baseline."}], **new}
        for finding in verdict.baselined
    }
    for item in verdict.suppressed:
        suppression: dict[str, Any] = {"kind": "inSource", "location": _location(prefix, item.comment)}
        if item.reason:
            suppression["justification"] = one_line(item.reason)
        marks[item.finding] = {"suppressions": [suppression], **new}
    return marks | {finding: {"baselineState": "unchanged"} for finding in verdict.existing}


def _new(verdict: Verdict) -> dict[str, Any]:
    """All results of a log have a state, or none has."""
    return {"baselineState": "new"} if verdict.existing else {}


def _remarks(total: int, kept: int, limits: Limits) -> list[str]:
    if kept < total:
        left_out = f"{plural(total - kept, 'finding')} of {total:,} left out, the mildest ones"
        return [f"{left_out}: GitHub takes no more in one log. The other formats hold all of them."]
    if total > limits.shown:
        return [f"GitHub shows the {limits.shown:,} most severe of these {total:,} findings."]
    return []


def _packed_size(text: str, limit: int) -> int:
    """Bytes after gzip, or at most ``limit`` without looking if that is plain."""
    data = text.encode("utf-8", errors="backslashreplace")
    return len(data) if len(data) <= limit else len(gzip.compress(data, mtime=0))


def _dump(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
