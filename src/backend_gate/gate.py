"""The use case: folders in, one verdict out.

discover, read, link, judge, settle, for every backend below a folder. What goes wrong in one file, rule
or backend is named in the verdict, and all the rest is judged.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import cast

import msgspec

from backend_gate.backend.known import Fact
from backend_gate.backend.link import EAGER_WORDS, link
from backend_gate.backend.model import Backend, Endpoint, Place, Unresolved
from backend_gate.backend.vocabulary import Vocabulary, load_vocabulary
from backend_gate.discover import ProjectTree, SourceFile, Unit, Zone, discover, project_root
from backend_gate.discover.frameworks import Detected, detect_in
from backend_gate.errors import GateError, InternalError
from backend_gate.evidence.endpoints import join_tests
from backend_gate.evidence.gather import Gathering
from backend_gate.facts.files import CannotOpenError, read_bytes
from backend_gate.facts.model import FunctionDef, Span, Statement, lines_in
from backend_gate.facts.pool import read_files
from backend_gate.facts.reader import read_body
from backend_gate.facts.source import UnreadableError
from backend_gate.facts.workers import cores
from backend_gate.rules.checks.sql_text_without_sink import SLUG as LOOSE_TEXTS
from backend_gate.rules.registry import check_names, load_registry, select_rules
from backend_gate.rules.spec import LIBRARY, VOCABULARY, EvidenceClass, RuleSpec, rules_directory
from backend_gate.rules.tools import TOOLS, tools_of
from backend_gate.settings import FailOn, Settings, load_settings
from backend_gate.settle.baseline import BaselineEntry
from backend_gate.settle.folders import backend_below, entry_below, merged_frameworks, outermost, prefix_of
from backend_gate.settle.handoff import Handoff, conclude
from backend_gate.settle.judging import Judge, evidence_on, inventory_order, note_requests
from backend_gate.settle.known import BaselineUse, Known
from backend_gate.settle.notes import Note, unmatched_notes
from backend_gate.settle.problems import UNREADABLE_ADVICE, called, crash, nothing_found, tree_problems
from backend_gate.settle.relocate import relocate
from backend_gate.settle.suppressions import Suppressions, comments_in
from backend_gate.settle.unreadable import unreadable_beside, unreadable_on_disk
from backend_gate.settle.verdict import (
    JudgedBackend,
    Problem,
    Verdict,
    settle,
)
from backend_gate.settle.wholes import told_once

Progress = Callable[[str, int, int], None]
"""Called with what is done now, how much of it is done, and how much there is (0: not known)."""

_RECURSION_LIMIT = 12_000
_COLLECT_AFTER = 1_000_000
_THAW_AFTER = 20_000
"""So many linked lines leave about 200,000 objects, 30 MB, among which there may be garbage."""
_READ_ZONES = frozenset({Zone.PRODUCTION, Zone.GENERATED, Zone.SCRIPTS})


class Overrides(msgspec.Struct, frozen=True):
    """What the command line says over the configuration of every backend; empty and ``None``: nothing.

    ``try_suppressions``: rules that a suppression names run as well, to tell whether it is of use;
    what they find elsewhere is dropped. ``baseline``: a file that counts instead of what each
    backend has of its own; without ``use_baseline`` none counts. ``code_only``: what a run of the tests
    has shown plays no part. ``every_rule``: whatever is selected or ignored.
    ``require_coverage``: a suite of tests without evidence could not be judged. ``with_tools``: the rules on
    what bandit and radon find run as well.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: FailOn | None = None
    strict: bool | None = None
    try_suppressions: bool = False
    baseline: Path | None = None
    use_baseline: bool = True
    code_only: bool = False
    every_rule: bool = False
    require_coverage: bool | None = None
    with_tools: bool = False

    def apply(self, settings: Settings) -> Settings:
        """The settings with the command line's word. ``ignore`` adds to what is ignored already."""
        return msgspec.structs.replace(
            settings,
            select=() if self.every_rule else self.select or settings.select,
            ignore=() if self.every_rule else (*settings.ignore, *self.ignore),
            require_coverage=bool(self.require_coverage or settings.require_coverage) and not self.code_only,
            fail_on=self.fail_on or settings.fail_on,
            strict=settings.strict if self.strict is None else self.strict,
        )

    def choose(self, rules: Mapping[str, RuleSpec], plan: Settings) -> list[RuleSpec]:
        """The rules to run under settings with the command line's word.

        Raises:
            GateError: a name fits no rule.
        """
        chosen = list(rules.values()) if self.every_rule else select_rules(rules, plan.select, plan.ignore)
        if self.with_tools:
            ignored = [spec for spec in rules.values() if spec not in select_rules(rules, rules, plan.ignore)]
            chosen += [
                spec
                for slug, spec in rules.items()
                if slug in TOOLS and spec not in chosen and spec not in ignored
            ]
        return [spec for spec in chosen if not (self.code_only and spec.evidence is EvidenceClass.RUNTIME)]


class Inventory(msgspec.Struct):
    """The endpoints of all backends below ``root``, and what could not be followed or looked at.

    ``endpoints`` are sorted by application, path and methods; the same route twice keeps the order of
    registration. Files are relative to ``root`` (absolute).
    """

    root: Path
    endpoints: list[Endpoint]
    unresolved: list[Unresolved]
    problems: list[Problem]


class Linked(msgspec.Struct):
    """One backend after linking; ``backend`` is ``None`` if the linker crashed."""

    unit: Unit
    backend: Backend | None
    lines: int
    problems: list[Problem]


def check(
    folders: Sequence[Path],
    overrides: Overrides | None = None,
    *,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> tuple[Path, Verdict]:
    """The verdict on every backend below ``folders``, and the folder that its files are relative to.

    Each folder is judged as if it were the only one, with the configuration that holds for it.

    Raises:
        GateError: a configuration or baseline is wrong, a rule does not exist, the gate's own rules
            are broken.
    """
    judgement = judge(folders, overrides, jobs=jobs, progress=progress)
    return judgement.root, told_once(judgement.verdict, judgement.root)


class Judgement(msgspec.Struct, frozen=True):
    """A verdict, the folder that its files are relative to, and what each baseline did.

    Its findings are those that can be known again, one by one (see :mod:`backend_gate.settle.wholes`).
    """

    root: Path
    verdict: Verdict
    baselines: tuple[BaselineUse, ...]


def judge(
    folders: Sequence[Path],
    overrides: Overrides | None = None,
    *,
    jobs: int | None = None,
    progress: Progress | None = None,
    named: Callable[[Path], str] = os.path.relpath,
) -> Judgement:
    """As :func:`check`, with what only some commands need. ``named`` tells how the user would name a folder."""
    overrides = overrides or Overrides()
    rules = load_registry()
    select_rules(rules, overrides.select, overrides.ignore)  # a wrong name is an error before any work
    vocabularies = _Vocabularies()
    folders = outermost(folders)
    root = Path(os.path.commonpath(folders))
    judged: list[JudgedBackend] = []
    problems: list[Problem] = []
    notes: list[Note] = []
    frameworks: list[Detected] = []
    ran: dict[str, RuleSpec] = {}
    fixed: list[BaselineEntry] = []
    baselines: list[BaselineUse] = []
    strict = False
    for folder in folders:
        prefix = prefix_of(folder, root)
        settings = load_settings(folder)
        strict = strict or overrides.apply(settings).strict
        tree = discover(folder, settings)
        detected = detect_in(tree)
        for unit in tree.units if not overrides.every_rule else ():
            check_names(rules, unit.settings)
        plans = [overrides.apply(unit.settings) for unit in tree.units]
        chosen = [overrides.choose(rules, plan) for plan in plans]
        tools = tools_of(spec for specs in chosen for spec in specs)
        with nullcontext() if overrides.code_only else Gathering(tree, tools, jobs=jobs) as gathering:
            known = [vocabularies.of(unit.settings) for unit in tree.units]
            facts = _read(tree, known, jobs=jobs, progress=progress)
            suppressions = Suppressions(comments_in(facts), rules)
            wanted = [any(spec.slug == LOOSE_TEXTS for spec in specs) for specs in chosen]
            linked = _with_unreadable(_linked(tree, facts, known, progress, wanted, jobs=jobs), tree, chosen)
            judges = [
                Judge(*each, rules, suppressions, gathering, try_all=overrides.try_suppressions)
                for each in zip(tree.units, plans, chosen, known, strict=True)
            ]
            unmatched: dict[Path | None, set[str]] = {}
            found = []
            for unit, judge, each in zip(tree.units, judges, linked, strict=True):
                found.append(judge.judge(each.backend, each.lines, each.problems))
                names = set(each.backend.unmatched if each.backend is not None else ())
                unmatched[unit.settings.source] = unmatched.get(unit.settings.source, names) & names
        found = [judge.judge_suppressions(each) for judge, each in zip(judges, found, strict=True)]
        if overrides.use_baseline:
            known_findings = Known(tree.root, overrides.baseline)
            found = known_findings.apply(tree.units, found, [judge.ran for judge in judges])
            baselines += known_findings.uses
            fixed += [entry_below(prefix, entry) for entry in known_findings.fixed()]
        ran |= {spec.slug: spec for specs in chosen for spec in specs}
        configured = {u.settings.source: (u.settings, v.own) for u, v in zip(tree.units, known, strict=True)}
        for source, (own, entries) in configured.items():
            notes += unmatched_notes(own, entries, unmatched[source], root)
        judged += [backend_below(prefix, backend) for backend in found]
        problems += relocate([*tree_problems(tree), *nothing_found(tree, found, detected, named)], prefix)
        frameworks += relocate(detected, prefix)
    verdict = settle(
        judged,
        rules=ran,
        problems=problems,
        frameworks=merged_frameworks(frameworks),
        strict=strict,
        fixed=fixed,
        notes=notes,
    )
    return Judgement(root, verdict, tuple(baselines))


def handoff(
    folders: Sequence[Path],
    overrides: Overrides | None = None,
    *,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Handoff:
    """The verdict on handing over the backends below ``folders``.

    Raises:
        GateError: as :func:`check`.
    """
    overrides = msgspec.structs.replace(overrides or Overrides(), require_coverage=True, with_tools=True)
    root, verdict = check(folders, overrides, jobs=jobs, progress=progress)
    wanted = max((load_settings(folder).min_resolved for folder in folders), default=0.0)
    return conclude(root, verdict, wanted)


def inventory(folder: Path, *, jobs: int | None = None, progress: Progress | None = None) -> Inventory:
    """The endpoints of all backends below ``folder``.

    Raises:
        GateError: as :func:`check`.
    """
    folder = folder.resolve()
    tree = discover(folder, load_settings(folder))
    found = Inventory(folder, [], [], tree_problems(tree))
    vocabularies = _Vocabularies()
    known = [vocabularies.of(unit.settings) for unit in tree.units]
    with Gathering(tree, jobs=jobs) as gathering:
        facts = _read(tree, known, jobs=jobs, progress=progress)
        for linked, vocabulary in zip(_linked(tree, facts, known, progress, jobs=jobs), known, strict=True):
            found.problems += linked.problems
            if linked.backend is not None:
                evidence, problems = evidence_on(linked.unit, gathering)
                found.problems += problems
                join_tests(linked.backend.endpoints, evidence)
                found.problems += note_requests(
                    linked.unit, linked.backend.endpoints, evidence, vocabulary, gathering
                )
                found.endpoints += linked.backend.endpoints
                found.unresolved += linked.backend.unresolved
    found.endpoints = list(inventory_order(found.endpoints))
    found.unresolved.sort(key=lambda item: (item.place, item.reason))
    return found


def knowledge(
    file: Path, *, jobs: int | None = None, progress: Progress | None = None
) -> tuple[Path, str, list[Fact]]:
    """All that is known of the backends that ``file`` belongs to: their root, its path there, and the facts.

    The root is the folder of the configuration that holds for the file, else its project.

    Raises:
        GateError: as :func:`check`; or linking a backend crashed.
    """
    file = file.resolve()
    settings = load_settings(file)
    root = settings.base if settings.source is not None else project_root(file)
    tree = discover(root, settings)
    path = file.relative_to(tree.root).as_posix()
    units = [unit for unit in tree.units if any(each.path == path for each in unit.files)]
    vocabularies = _Vocabularies()
    known = [vocabularies.of(unit.settings) for unit in units]
    facts = _read(tree, known, jobs=jobs, progress=progress)
    found: list[Fact] = []
    for unit, vocabulary in zip(units, known, strict=True):
        if progress is not None:
            progress("Linking backends", 0, len(units))
        linked = _link(unit, facts, vocabulary, _Bodies(tree.root), explain=True)
        if linked.backend is None:
            raise InternalError(unit.name, linked.problems[0].message)
        found += cast("list[Fact]", linked.backend.known)
    return tree.root, path, found


# --- read and link -----------------------------------------------------------------------------


class _Vocabularies:
    """The vocabulary of each configuration, loaded once."""

    def __init__(self) -> None:
        self._loaded: dict[tuple[object, ...], Vocabulary] = {}

    def of(self, settings: Settings) -> Vocabulary:
        key = (settings.vocabulary, settings.applications, settings.routers)
        if key not in self._loaded:
            taught = {"applications": settings.applications, "routers": settings.routers}
            folder = rules_directory() / VOCABULARY
            self._loaded[key] = load_vocabulary(folder, settings.vocabulary, taught)
        return self._loaded[key]


def _read(
    tree: ProjectTree, known: Sequence[Vocabulary], *, jobs: int | None, progress: Progress | None
) -> dict[str, bytes]:
    """The facts of all files of all backends, read once, on all cores."""
    wanted = sorted({file.path for unit in tree.units for file in _files_to_read(unit)})
    return read_files(
        tree.root, wanted, jobs=jobs, progress=_staged(progress, "Reading files"), eager_words=EAGER_WORDS
    )


def _linked(
    tree: ProjectTree,
    facts: Mapping[str, bytes],
    known: Sequence[Vocabulary],
    progress: Progress | None,
    with_loose_texts: Sequence[bool] = (),
    *,
    jobs: int | None,
) -> Iterator[Linked]:
    """Every backend of the tree, linked. ``with_loose_texts`` says for each whether a rule asks for those."""
    jobs = cores() if jobs is None else jobs
    for number, (unit, vocabulary) in enumerate(zip(tree.units, known, strict=True)):
        if progress is not None:
            progress("Linking backends", number, len(tree.units))
        loose = bool(with_loose_texts) and with_loose_texts[number]
        yield _link(unit, facts, vocabulary, _Bodies(tree.root), jobs=jobs, with_loose_texts=loose)


def _with_unreadable(
    linked: Iterable[Linked], tree: ProjectTree, chosen: Iterable[Iterable[RuleSpec]]
) -> Iterator[Linked]:
    """The backends with the unreadable files that linking does not meet, where a rule wants them."""
    wanting = [
        unit
        for unit, specs in zip(tree.units, chosen, strict=True)
        if any(spec.slug == "source-not-analysable" for spec in specs)
    ]
    beside = unreadable_beside(tree, wanting)
    on_disk = unreadable_on_disk(tree)
    for each in linked:
        if each.backend is not None:
            root = each.unit.root
            met = {item.place.file for item in each.backend.unreadable}
            others = (*beside.get(root, ()), *on_disk.get(root, ()))
            each.backend.unreadable += [item for item in others if item.place.file not in met]
        yield each


def _files_to_read(unit: Unit) -> Iterator[SourceFile]:
    """What wires a backend, or is imported by what does; where nothing is production, examples as well."""
    zones = _READ_ZONES if unit.in_zone(Zone.PRODUCTION) else _READ_ZONES | {Zone.EXAMPLES}
    return (file for file in (*unit.files, *unit.references) if file.zone in zones)


class _Bodies:
    """Reads the bodies of functions that the facts leave out, from the files that the facts were read from."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._data: dict[str, bytes] = {}
        self._lines: dict[str, list[bytes]] = {}
        self.unreadable: dict[str, tuple[int, str]] = {}

    def code(self, path: str, function: FunctionDef) -> bytes:
        """The lines of a function as they stand in the file; nothing where it cannot be read."""
        try:
            if path not in self._data:
                self._data[path] = read_bytes(self._root, path)
        except CannotOpenError:
            return b""
        if path not in self._lines:
            self._lines[path] = self._data[path].splitlines()
        span = function.span
        return b"\n".join(self._lines[path][span.line - 1 : span.end_line])

    def read(self, path: str, function: FunctionDef) -> list[Statement]:
        """The statements of a body; none, and a note, where it cannot be read."""
        try:
            if path not in self._data:
                self._data[path] = read_bytes(self._root, path)
            return read_body(self._data[path], function)
        except (UnreadableError, CannotOpenError) as error:
            self.unreadable.setdefault(path, (function.definition.line, str(error)))
            return []


def _link(
    unit: Unit,
    facts: Mapping[str, bytes],
    vocabulary: Vocabulary,
    bodies: _Bodies,
    *,
    jobs: int = 1,
    explain: bool = False,
    with_loose_texts: bool = False,
) -> Linked:
    own = {file.path: facts[file.path] for file in _files_to_read(unit)}
    lines = sum(lines_in(own[file.path]) for file in unit.files if file.path in own)
    try:
        with _deep_recursion(), _leftovers.rare_collection(lines):
            more = {"explain": True} if explain else {}
            more |= {"with_loose_texts": True} if with_loose_texts else {}
            backend = link(unit, own, vocabulary, bodies, rules_directory() / LIBRARY, jobs=jobs, **more)
    except GateError:
        raise
    except Exception as error:  # noqa: BLE001  named in the verdict, which fails closed
        return Linked(
            unit, None, lines, [crash("linker-crashed", unit.name, f"linking {called(unit)}", error)]
        )
    problems = [
        Problem(
            kind="unreadable-file",
            subject=file.place.file,
            message=f"this file cannot be read as Python: {file.message.rstrip('.')}",
            advice=UNREADABLE_ADVICE,
            place=file.place,
        )
        for file in backend.unreadable
        if file.zone == Zone.PRODUCTION.value
    ]
    problems += [
        Problem(
            kind="unreadable-file",
            subject=path,
            message=f"a function of this file cannot be read as Python: {message.rstrip('.')}",
            advice=UNREADABLE_ADVICE,
            place=Place(path, Span(line, 1, line, 2)),
        )
        for path, (line, message) in sorted(bodies.unreadable.items())
    ]
    return Linked(unit, backend, lines, problems)


@contextmanager
def _deep_recursion() -> Iterator[None]:
    """Room for the interpreter: its depth is bounded, but a call in the judged code takes several of ours."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _RECURSION_LIMIT))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


class _Leftovers:
    """What linking leaves in memory, and when it is looked through."""

    def __init__(self) -> None:
        self._lines = 0

    @contextmanager
    def rare_collection(self, lines: int) -> Iterator[None]:
        """Look for cyclic garbage seldom while a unit of so many lines is linked.

        Nearly all that linking makes stays, and looking again takes a quarter of it.
        """
        before = gc.get_threshold()
        if self._lines >= _THAW_AFTER:
            gc.unfreeze()
            gc.collect()
            self._lines = 0
        self._lines += lines
        gc.freeze()
        gc.set_threshold(_COLLECT_AFTER, before[1], before[2])
        try:
            yield
        finally:
            # What is there stays frozen: thawing it would have all of it looked through at once, mostly to end.
            gc.freeze()
            gc.set_threshold(*before)


_leftovers = _Leftovers()  # of this process, as its collector is


def _staged(progress: Progress | None, stage: str) -> Callable[[int, int], None] | None:
    if progress is None:
        return None
    notify = progress
    return lambda done, total: notify(stage, done, total)
