"""Takes out of a verdict what is known: the findings that a baseline covers."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from backend_gate.discover import Unit, project_root
from backend_gate.rules.model import Finding
from backend_gate.settings import Settings, find_upwards
from backend_gate.settle.baseline import NAME, BaselineEntry, read_baseline
from backend_gate.settle.fingerprint import Fingerprint, Fingerprints
from backend_gate.settle.matching import Definitions, Matched, match
from backend_gate.settle.verdict import JudgedBackend


class BaselineUse(msgspec.Struct, frozen=True):
    """What one baseline did in one run. Its entries are relative to its own folder.

    ``exists``: there is such a file. ``met`` are entries of findings that are still there, under the
    place that they have now; ``new`` what it does not cover. ``fixed`` is what no finding needs any
    more; ``untouched`` are entries that this run says nothing about, since it did not judge that code or
    not by that rule.
    """

    file: Path
    exists: bool
    met: tuple[BaselineEntry, ...] = ()
    new: tuple[BaselineEntry, ...] = ()
    fixed: tuple[BaselineEntry, ...] = ()
    untouched: tuple[BaselineEntry, ...] = ()


def combined(uses: Iterable[BaselineUse]) -> list[BaselineUse]:
    """One use a file, where several runs have used it: each says nothing about what another has judged."""
    by_file: dict[Path, BaselineUse] = {}
    for use in uses:
        other = by_file.get(use.file)
        if other is not None:
            use = BaselineUse(
                file=use.file,
                exists=use.exists,
                met=tuple(sorted({*other.met, *use.met})),
                new=tuple(sorted({*other.new, *use.new})),
                fixed=tuple(sorted({*other.fixed, *use.fixed})),
                untouched=tuple(sorted({*other.untouched} & {*use.untouched})),
            )
        by_file[use.file] = use
    return list(by_file.values())


def baseline_file(root: Path, unit: Unit, chosen: Path | None = None) -> Path:
    """Where the baseline of a backend in the tree at ``root`` is, or would be written.

    The one that the user chose, else the configured one, else the nearest of the usual name in or above
    its folder, else that name in the folder of the configuration or of the project.
    """
    settings = unit.settings
    if chosen is not None or settings.baseline is not None:
        return chosen or settings.baseline or Path()
    return find_upwards(root / unit.root, NAME) or _home(root, settings) / NAME


def _home(root: Path, settings: Settings) -> Path:
    return settings.base if settings.source is not None else project_root(root)


class Known:
    """Applies the baselines of one tree.

    Args:
        root: of the tree (absolute, resolved).
        chosen: a baseline that counts for all backends instead of their own.
    """

    def __init__(self, root: Path, chosen: Path | None = None) -> None:
        self._root = root
        self._chosen = chosen
        self._identify = Fingerprints(root)
        self.uses: list[BaselineUse] = []

    def apply(
        self, units: Sequence[Unit], judged: Sequence[JudgedBackend], ran: Sequence[Iterable[str]]
    ) -> list[JudgedBackend]:
        """The backends with the findings that their baselines cover set apart. ``ran`` are the slugs of the
        rules that were to run on each.

        Raises:
            BaselineError: a baseline is none, or cannot be read.
        """
        groups: dict[Path, list[int]] = {}
        for number, unit in enumerate(units):
            groups.setdefault(baseline_file(self._root, unit, self._chosen), []).append(number)
        result = list(judged)
        for file, members in groups.items():
            findings = {finding for number in members for finding in judged[number].findings}
            slugs = set.intersection(*(set(ran[number]) for number in members))
            complete = not any(judged[number].problems for number in members)
            known = self._match(file, findings, slugs if complete else set())
            for number in members:
                result[number] = _without(judged[number], known)
        return result

    def fixed(self) -> list[BaselineEntry]:
        """The fixed entries of all baselines, relative to the root of the tree."""
        return [
            msgspec.structs.replace(entry, file=_relative(use.file.parent / entry.file, self._root))
            for use in self.uses
            for entry in use.fixed
        ]

    def _match(self, file: Path, findings: Iterable[Finding], slugs: set[str]) -> frozenset[Finding]:
        """Match one baseline; ``slugs`` are the rules that have found all there is to find."""
        folder = file.parent
        exists = file.is_file()
        entries = read_baseline(file) if exists else ()
        inside = [entry for entry in entries if self._is_below(folder, entry)]
        found = {finding: self._seen_from(folder, finding) for finding in findings}
        known = Counter({_fingerprint(entry): entry.count for entry in inside})
        done = match(known, found, Definitions(folder).is_gone)
        fixed = {print_: count for print_, count in done.unmet.items() if print_.rule in slugs}
        unsure = {print_: count for print_, count in done.unmet.items() if print_.rule not in slugs}
        outside = [entry for entry in entries if not self._is_below(folder, entry)]
        self.uses.append(
            BaselineUse(
                file=file,
                exists=exists,
                met=_entries(done.met),
                new=_entries(_counted(done, found)),
                fixed=_entries(fixed),
                untouched=tuple(sorted([*outside, *_entries(unsure)])),
            )
        )
        return frozenset(done.known)

    def _seen_from(self, folder: Path, finding: Finding) -> Fingerprint:
        own = self._identify(finding)
        return msgspec.structs.replace(own, file=_relative(self._root / own.file, folder))

    def _is_below(self, folder: Path, entry: BaselineEntry) -> bool:
        return not _relative(folder / entry.file, self._root).startswith("../")


def _without(backend: JudgedBackend, known: frozenset[Finding]) -> JudgedBackend:
    return msgspec.structs.replace(
        backend,
        findings=tuple(finding for finding in backend.findings if finding not in known),
        baselined=tuple(finding for finding in backend.findings if finding in known),
    )


def _counted(done: Matched, found: Mapping[Finding, Fingerprint]) -> Counter[Fingerprint]:
    return Counter(found[finding] for finding in done.new)


def _entries(counts: Mapping[Fingerprint, int]) -> tuple[BaselineEntry, ...]:
    return tuple(
        sorted(
            BaselineEntry(each.file, each.rule, each.symbol, each.code, count)
            for each, count in counts.items()
        )
    )


def _fingerprint(entry: BaselineEntry) -> Fingerprint:
    return Fingerprint(entry.file, entry.rule, entry.symbol, entry.code)


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()
