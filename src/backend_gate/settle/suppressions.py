"""Suppressions in the code: reads the comments, and takes out the findings that they cover."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping

import msgspec

from backend_gate.backend.model import Place
from backend_gate.facts.model import GateComment, decode_facts
from backend_gate.rules.model import Finding
from backend_gate.rules.spec import RuleSpec, find_rule
from backend_gate.rules.suppression import ABOUT_SUPPRESSIONS, Suppression
from backend_gate.settle.verdict import Problem, Suppressed

_ignore = re.compile(r"#\s*gate:\s*ignore\s*\[(?P<rules>[^\[\]]*)\](?P<reason>.*)")
_word = re.compile(r"#\s*gate:\s*(?P<word>[\w-]+)\s*(?P<bracket>\[?)")
# Another comment may follow in the same one: ``# gate: ignore[x] why  # type: ignore``. ``#123`` is of the reason.
_next_comment = re.compile(r"(?:^|\s)#\s.*$")
_LIKENESS = 0.7


def comments_in(facts: Mapping[str, bytes]) -> dict[str, list[GateComment]]:
    """The gate's comments by file, of encoded facts by file."""
    return {
        file: decode_facts(data).comments
        for file, data in facts.items()
        if b"gate:" in data  # decoding takes time
    }


class Suppressions:
    """The suppressions of one tree. Remembers which of them were of use."""

    def __init__(self, comments: Mapping[str, Iterable[GateComment]], rules: Mapping[str, RuleSpec]) -> None:
        """``comments`` by file. ``rules`` are all that exist, by slug."""
        self._problems: list[Problem] = []
        self._by_file: dict[str, list[Suppression]] = {}
        self._used: set[tuple[Place, str]] = set()
        self._ran: set[tuple[str, str]] = set()
        for file, found in sorted(comments.items()):
            for comment in found:
                self._read(file, comment, rules)

    def problems_in(self, files: Collection[str]) -> list[Problem]:
        """The comments in these files that are meant for the gate and cannot be understood."""
        return [problem for problem in self._problems if problem.subject in files]

    def named_in(self, files: Iterable[str]) -> set[str]:
        """The slugs of all rules that comments in these files name."""
        return {
            slug
            for file in files
            for suppression in self._by_file.get(file, ())
            for slug in suppression.rules
        }

    def apply(self, findings: Iterable[Finding]) -> tuple[list[Finding], list[Suppressed]]:
        """The findings that no comment covers, and those that one does, at their line or at their application.

        One about two applications, of which one has a comment, is about the other one then.
        """
        kept: list[Finding] = []
        suppressed: list[Suppressed] = []
        for finding in findings:
            covering = self._covering(finding.place, finding.rule)
            around = {whole: self._covering(whole.place, finding.rule) for whole in finding.wholes}
            left = tuple(whole for whole, found in around.items() if not found)
            is_covered = bool(covering or (around and not left))
            covering = covering or [suppression for found in around.values() for suppression in found]
            self._used.update((suppression.place, finding.rule) for suppression in covering)
            if is_covered:
                plain = msgspec.structs.replace(finding, wholes=())
                suppressed.append(Suppressed(plain, covering[0].place, covering[0].reason))
            else:
                kept.append(msgspec.structs.replace(finding, wholes=left))
        return kept, suppressed

    def note_run(self, files: Iterable[str], slugs: Collection[str]) -> None:
        """Note that rules looked at files, and found all there is to find."""
        self._ran.update((file, slug) for file in files for slug in slugs)

    def judged(self, files: Iterable[str]) -> tuple[Suppression, ...]:
        """The suppressions in these files, each with the rules that were of use and those that were not."""
        return tuple(self._judged(item) for file in sorted(files) for item in self._by_file.get(file, ()))

    def _judged(self, suppression: Suppression) -> Suppression:
        used = tuple(slug for slug in suppression.rules if (suppression.place, slug) in self._used)
        stale = tuple(
            slug
            for slug in suppression.rules
            if slug not in used and (suppression.place.file, slug) in self._ran
        )
        return msgspec.structs.replace(suppression, used=used, stale=stale)

    def _covering(self, place: Place, rule: str) -> list[Suppression]:
        line = place.span.line
        return [
            item
            for item in self._by_file.get(place.file, ())
            if rule in item.rules and item.first <= line <= item.last
        ]

    def _read(self, file: str, comment: GateComment, rules: Mapping[str, RuleSpec]) -> None:
        place = Place(file, comment.span)
        match = _ignore.match(comment.text)
        if match is None:
            if _is_meant(comment.text):
                self._problems.append(_problem(
                    place,
                    f"`{_shown(comment.text)}` is no suppression",
                    "Write `# gate: ignore[slug] reason`, with the slug of the rule in brackets",
                ))  # fmt: skip
            return
        slugs: list[str] = []
        for name in match["rules"].split(","):
            spec = find_rule(rules, name)
            if spec is not None and spec.slug in ABOUT_SUPPRESSIONS:
                self._problems.append(_problem(
                    place,
                    f"`{spec.slug}` is about suppressions and cannot be suppressed",
                    f'Follow it, or turn it off for all files: `ignore = ["{spec.slug}"]`',
                ))  # fmt: skip
            elif spec is not None:
                slugs.append(spec.slug)
            elif name.strip():
                self._problems.append(_problem(
                    place,
                    f"there is no rule `{_shown(name.strip())}`, so this suppression has no effect",
                    _near(name.strip(), rules),
                ))  # fmt: skip
        if not match["rules"].replace(",", " ").strip():
            self._problems.append(
                _problem(
                    place, "this suppression names no rule", "Write the slug of the rule in the brackets"
                )
            )
        if slugs:
            reason = _next_comment.sub("", match["reason"]).strip().lstrip(":-–— ").strip()
            item = Suppression(place, tuple(dict.fromkeys(slugs)), reason, comment.first, comment.last)
            self._by_file.setdefault(file, []).append(item)


def _is_meant(text: str) -> bool:
    """Whether a comment that is no suppression was to be one; people write about gates as well."""
    match = _word.match(text)
    if match is None:
        return False
    word = match["word"].lower()
    if word in ("ignore", "ignores"):
        return True
    likeness = difflib.SequenceMatcher(a=word, b="ignore").ratio()
    return bool(match["bracket"]) and (likeness >= _LIKENESS or word in ("noqa", "disable", "allow", "skip"))


def _near(name: str, rules: Mapping[str, RuleSpec]) -> str:
    if any(spec.group == name.lower() for spec in rules.values()):
        return f"`{name}` is a group; a suppression names the rules one by one"
    known = [*rules, *(spec.id.lower() for spec in rules.values())]
    nearest = difflib.get_close_matches(name.lower(), known, 2, cutoff=0.5)
    names = [near.upper() if near not in rules else near for near in nearest]
    if not names:
        return "`backend-gate rules` lists them"
    return f"Did you mean {' or '.join(f'`{near}`' for near in names)}?"


def _problem(place: Place, message: str, advice: str) -> Problem:
    return Problem(kind="wrong-suppression", subject=place.file, message=message, advice=advice, place=place)


def _shown(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"
