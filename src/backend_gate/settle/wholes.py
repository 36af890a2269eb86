"""Tells once what many findings say of one application.

A rule reports each endpoint by itself, and all that comes before the last word counts these: a comment suppresses
one, a baseline knows one again, a comparison calls one new. Only what is left then is put together. So an endpoint
that joins an open application is new, although the application was open before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec

from backend_gate.backend.model import Place
from backend_gate.facts.code import CodeIndex
from backend_gate.facts.files import CannotOpenError, read_bytes
from backend_gate.facts.source import UnreadableError, decode
from backend_gate.rules.model import Finding, Whole
from backend_gate.rules.open_applications import open_application
from backend_gate.rules.registry import finding_order
from backend_gate.settle.changes import MAX_CHANGES, RANK
from backend_gate.settle.verdict import Change, JudgedBackend, Verdict

ENOUGH = 3
"""So many findings of an application are told as one; fewer are read as fast one by one."""


def without_wholes(
    findings: Iterable[Finding],
) -> tuple[list[Finding], tuple[tuple[Finding, Whole], ...]]:
    """The findings as they are known again, whatever application they are about, and what was taken off."""
    plain: list[Finding] = []
    wholes: list[tuple[Finding, Whole]] = []
    for finding in findings:
        plain.append(msgspec.structs.replace(finding, wholes=()) if finding.wholes else finding)
        wholes += [(plain[-1], whole) for whole in finding.wholes]
    return plain, tuple(wholes)


def told_once(verdict: Verdict, root: Path) -> Verdict:
    """The verdict with one finding for each application that has a fault as a whole, instead of its many.

    It stands at what makes the application, in the files below ``root``.
    Where some findings of an application are known, in the baseline or from before, the others are news about it
    and stay apart. A finding about several applications stays as long as one of them is not told as a whole.
    """
    judged = tuple(_judged(backend, root) for backend in verdict.backends)
    findings = {finding for backend in judged for finding in backend.findings}
    wholes = [finding for finding in findings if finding.parts]
    if not wholes:
        return verdict
    comparison = verdict.comparison
    if comparison is not None:
        changes = comparison.changes | {whole: _changes(whole, verdict) for whole in wholes}
        comparison = msgspec.structs.replace(comparison, changes=changes)
    return msgspec.structs.replace(
        verdict,
        backends=judged,
        findings=tuple(sorted(findings, key=finding_order)),
        comparison=comparison,
    )


def _judged(backend: JudgedBackend, root: Path) -> JudgedBackend:
    known = {*backend.baselined, *backend.existing}
    met = {whole.place for finding, whole in backend.wholes if finding in known}
    new = set(backend.findings)
    parts: dict[Place, list[tuple[Finding, Whole]]] = {}
    for finding, whole in backend.wholes:
        if finding in new and whole.place not in met:
            parts.setdefault(whole.place, []).append((finding, whole))
    told = {place: members for place, members in parts.items() if len(members) >= ENOUGH}
    apart = {finding for finding, whole in backend.wholes if whole.place not in told}
    gone = {finding for members in told.values() for finding, _ in members} - apart
    left = [finding for finding in backend.findings if finding not in gone]
    wholes = [_narrowed(open_application(members), root) for members in told.values()]
    return msgspec.structs.replace(backend, findings=tuple(sorted([*left, *wholes], key=finding_order)))


def _narrowed(finding: Finding, root: Path) -> Finding:
    """The finding at the name of what is called: the arguments of an application may take many lines."""
    place = finding.place
    try:
        index = CodeIndex(decode(read_bytes(root, place.file)))
    except (CannotOpenError, UnreadableError):
        return finding
    return msgspec.structs.replace(
        finding, place=msgspec.structs.replace(place, span=index.callee(place.span))
    )


def _changes(whole: Finding, verdict: Verdict) -> tuple[Change, ...]:
    """What made a whole new: what made most of its parts so, seen from where the application is made."""
    counts = Counter(
        msgspec.structs.replace(change, relation=_relation(change, whole.place))
        for part in whole.parts
        for change in verdict.changes(part)
    )
    closest = {change.place: change for change in sorted(counts, key=lambda each: -RANK.index(each.relation))}
    ranked = sorted(closest.values(), key=lambda each: (RANK.index(each.relation), -counts[each], each.place))
    return tuple(ranked[:MAX_CHANGES])


def _relation(change: Change, place: Place) -> str:
    lines, span = change.place.span, place.span
    if change.place.file == place.file and lines.line <= span.end_line and span.line <= lines.end_line:
        return "elsewhere" if change.deleted else "here"
    return "evidence" if change.relation == "here" else change.relation
