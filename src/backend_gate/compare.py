"""The use case with two trees: what is new in the working tree or the index, compared with a commit.

Both are judged in the same way, by all rules, and a finding is new if the old tree has none with its
fingerprint; a question that fails (``strict``), if it was not open there. So a fault counts wherever the
change stands that made it: without its guard in one file an endpoint in another one is a new finding.
"""

from __future__ import annotations

import functools
import operator
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from backend_gate.backend.model import Backend, Endpoint
from backend_gate.discover import discover
from backend_gate.discover.roots import parents_of
from backend_gate.errors import BaselineError, FileError, RepositoryError, SettingsError
from backend_gate.evidence.gather import Gathering
from backend_gate.gate import Judgement, Overrides, Progress, judge
from backend_gate.regular import is_file, is_folder
from backend_gate.rules.model import Finding
from backend_gate.rules.project import Project
from backend_gate.rules.registry import finding_order, load_registry, run_rules, select_rules
from backend_gate.settings import load_settings
from backend_gate.settle.changes import Changes, places_of
from backend_gate.settle.fingerprint import Fingerprints
from backend_gate.settle.folders import prefix_of
from backend_gate.settle.git import Entry, Repository
from backend_gate.settle.matching import Definitions, match
from backend_gate.settle.relocate import relocate
from backend_gate.settle.snapshot import is_read, snapshot
from backend_gate.settle.verdict import Change, Comparison, OpenQuestion, Verdict, compared, settle
from backend_gate.settle.wholes import told_once

INDEX, WORKING_TREE = "index", "working tree"
Key = TypeVar("Key")
COVERAGE_BELOW = "coverage-below"
"""The rule that judges changed lines as well."""


class Compared(msgspec.Struct, frozen=True):
    """The verdict; ``root`` is the folder that its files are relative to, ``sources`` the one where they can
    be read as they were judged, as long as the context lasts."""

    root: Path
    sources: Path
    verdict: Verdict


@contextmanager
def check_changes(
    folders: Sequence[Path],
    overrides: Overrides | None = None,
    *,
    since: str | None = None,
    staged: bool = False,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Iterator[Compared]:
    """The verdict on what is new below ``folders``.

    With ``since`` the comparison is with the last commit that this revision and the present branch have
    in common, as a pull request is shown; else with the last commit, and in a merge also with the one that
    is merged: what either of them has is not new. ``staged`` judges the index,
    otherwise the working tree is judged. If the index holds nothing that the last commit does not hold, and
    no revision is named, everything in it counts: there is no change to look at. If it holds changes, and none
    of a file that the gate reads, nothing is judged: nothing can be new.

    What a run of the tests has shown of the old tree no commit remembers. So it plays no part, but for one
    question: whether the changed lines run in any suite, if the evidence fits the present source.

    Raises:
        GateError: as :func:`backend_gate.gate.check`; and if git cannot say what is asked.
    """
    overrides = msgspec.structs.replace(overrides or Overrides(), code_only=True)
    repository = Repository(folders[0])
    places = [_inside(repository, folder) for folder in folders]
    commit = repository.merge_base(since) if since is not None else repository.head()
    merged = repository.merged() if since is None else None
    before = repository.files_of(commit) if commit is not None else []
    with ExitStack() as stack:
        top = repository.top
        now = None
        if staged:
            now = repository.staged_files()
            if since is None and merged is None and _is_beside(before, now, places):
                if overrides.select or overrides.ignore:  # a wrong name is an error whatever is staged
                    select_rules(load_registry(), overrides.select, overrides.ignore)
                comparison = Comparison("HEAD", commit or "", INDEX, unchanged=True)
                root = Path(os.path.commonpath([repository.top / place for place in places]))
                yield Compared(root, root, compared(settle((), rules={}), (), comparison))
                return
            whole, _ = repository.with_submodules(now)
            top = stack.enter_context(snapshot(repository, _relevant(whole, places)))
        chosen = _existing(top, places)
        if not chosen:
            raise RepositoryError(
                f"nothing of {' and '.join(places)} is in the index", "`git add` what is to be judged."
            )
        with _named_as_in(repository.top, top):
            judged = judge(
                chosen,
                overrides,
                jobs=jobs,
                progress=progress,
                named=lambda folder: os.path.relpath(repository.top / folder.relative_to(top)),
            )
        root = repository.top / judged.root.relative_to(top)
        if since is None and now == before and merged is None:
            yield Compared(root, judged.root, told_once(judged.verdict, judged.root))
            return
        revision = since or ("HEAD" if merged is None else "HEAD or MERGE_HEAD")
        before, missing = repository.with_submodules(before)
        comparison = Comparison(
            revision, commit or "", INDEX if staged else WORKING_TREE, incomplete=bool(missing)
        )
        old_paths = {entry.path for entry in before}
        old_tree = _OldTree(lambda: stack.enter_context(snapshot(repository, _relevant(before, places))))
        judged = _with_changed_lines(judged, repository.top, top, old_tree, old_paths, overrides)
        verdict = compared(judged.verdict, (), comparison)
        if judged.verdict.findings or judged.verdict.failing_questions:  # else nothing can be new
            tops = [old_tree.top]
            if merged is not None:
                other, _ = repository.with_submodules(repository.files_of(merged))
                tops.append(stack.enter_context(snapshot(repository, _relevant(other, places))))
            olds = [_Old(each, _existing(each, places), overrides, jobs, progress) for each in tops]
            verdict = _against(olds, top, judged, comparison, old_paths)
        yield Compared(root, judged.root, told_once(verdict, judged.root))


class _OldTree:
    """The old tree, written out when somebody asks."""

    def __init__(self, make: Callable[[], Path]) -> None:
        self._make = make

    @functools.cached_property
    def top(self) -> Path:
        """The folder that it lies in."""
        return self._make()


def _with_changed_lines(
    judged: Judgement, real_top: Path, top: Path, old: _OldTree, old_paths: set[str], overrides: Overrides
) -> Judgement:
    """The judgement with what the suites say about changed lines.

    The evidence is about the working tree (``real_top``). A file that is staged otherwise is left out.
    """
    rules = load_registry()
    folder = real_top / judged.root.relative_to(top)
    settings = load_settings(folder)
    plan = overrides.apply(settings)
    wanted = [spec for spec in select_rules(rules, plan.select, plan.ignore) if spec.slug == COVERAGE_BELOW]
    if not wanted:
        return judged
    tree = discover(folder, settings)
    prefix = prefix_of(judged.root, top)
    backends = {backend.path: backend for backend in judged.verdict.backends}
    with Gathering(tree) as gathering:
        for unit in tree.units:
            evidence = gathering.of(unit)
            if unit.name not in backends or not evidence.measured:
                continue
            paths = [prefix + file.path for file in unit.files]
            changes = Changes(
                old.top, top, [path for path in paths if path in old_paths or is_file(top / path)]
            )
            changed = {
                path.removeprefix(prefix): lines
                for path, lines in changes.new_lines().items()
                if _is_same(real_top / path, top / path)
            }
            if not changed:
                continue
            project = Project(
                Backend(), unit.settings, evidence=msgspec.structs.replace(evidence, changed=changed)
            )
            found = run_rules(project, wanted).findings
            backend = backends[unit.name]
            backends[unit.name] = msgspec.structs.replace(
                backend, findings=tuple(sorted([*backend.findings, *found], key=finding_order))
            )
    everything = {finding for backend in backends.values() for finding in backend.findings}
    verdict = msgspec.structs.replace(
        judged.verdict,
        backends=tuple(backends[backend.path] for backend in judged.verdict.backends),
        findings=tuple(sorted(everything, key=finding_order)),
        rules={**judged.verdict.rules, **{spec.slug: spec for spec in wanted}},
    )
    return msgspec.structs.replace(judged, verdict=verdict)


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.read_bytes() == other.read_bytes()
    except OSError:
        return False


@contextmanager
def _named_as_in(real: Path, copy: Path) -> Iterator[None]:
    """Errors name files where the user has them, not those of a copy."""
    try:
        yield
    except FileError as error:
        file = Path(error.file)
        if real != copy and file.is_relative_to(copy):
            error.file = os.fspath(real / file.relative_to(copy))
        raise


class _Old:
    """The old tree: its findings and its endpoints, with files relative to ``top``."""

    def __init__(
        self,
        top: Path,
        folders: Sequence[Path],
        overrides: Overrides,
        jobs: int | None,
        progress: Progress | None,
    ) -> None:
        self.top = top
        self.findings: list[Finding] = []
        self.endpoints: list[Endpoint] = []
        self.questions: list[OpenQuestion] = []
        self.incomplete = False
        if not folders:
            return
        overrides = msgspec.structs.replace(overrides, every_rule=True, use_baseline=False)
        try:
            judged = judge(folders, overrides, jobs=jobs, progress=progress)
        except (SettingsError, BaselineError):  # it may be what the change mends
            self.incomplete = True
            return
        prefix = prefix_of(judged.root, top)
        verdict = judged.verdict
        self.findings = relocate(list(verdict.findings), prefix)
        self.endpoints = relocate(
            [each for backend in verdict.backends for each in backend.inventory], prefix
        )
        self.questions = relocate(list(verdict.questions), prefix)
        self.incomplete = any(problem.kind != "nothing-to-judge" for problem in verdict.problems)


def _against(
    olds: Sequence[_Old], top: Path, judged: Judgement, comparison: Comparison, old_paths: set[str]
) -> Verdict:
    """The verdict on what is judged below ``top`` without what one of the old trees has as well.

    What has changed is told from the first of them.
    """
    old = olds[0]
    prefix = prefix_of(judged.root, top)
    findings = {relocate(finding, prefix): finding for finding in judged.verdict.findings}
    identify = Fingerprints(top)
    done = match(
        _most(Counter(map(Fingerprints(each.top), each.findings)) for each in olds),
        {finding: identify(finding) for finding in findings},
        Definitions(top).is_gone,
    )
    mentioned = {place.file for finding in done.new for place in places_of(finding)}
    changes = Changes(old.top, top, _text_files(old_paths | mentioned), old.endpoints)
    inside = judged.root.relative_to(top).as_posix()
    causes = {
        findings[finding]: tuple(_seen_from(inside, change) for change in changes.of(finding))
        for finding in done.new
    }
    return compared(
        judged.verdict,
        [findings[finding] for finding in done.known],
        msgspec.structs.replace(
            comparison,
            changes=causes,
            incomplete=comparison.incomplete or any(each.incomplete for each in olds),
            questions=_asked_before(
                [each.questions for each in olds], judged.verdict.failing_questions, prefix
            ),
        ),
    )


def _most(counts: Iterable[Counter[Key]]) -> Counter[Key]:
    """Of each key as many as where there are most of it."""
    return functools.reduce(operator.or_, counts)


def _asked_before(
    olds: Iterable[Sequence[OpenQuestion]], now: Sequence[OpenQuestion], prefix: str
) -> tuple[OpenQuestion, ...]:
    """The questions that were open before: about the same in the same file, wherever in it, and no more of them."""

    def about(question: OpenQuestion) -> tuple[str, ...]:
        return question.place.file, question.question, question.reason, question.subject

    left = _most(Counter(map(about, old)) for old in olds)
    known = []
    for question in now:
        key = about(relocate(question, prefix))
        if left[key]:
            left[key] -= 1
            known.append(question)
    return tuple(known)


def _inside(repository: Repository, folder: Path) -> str:
    """A folder relative to the top of the repository, ``.`` for the top."""
    try:
        return folder.resolve().relative_to(repository.top).as_posix()
    except ValueError:
        raise RepositoryError(
            f"{folder} is not in the repository {repository.top}", "Judge one repository at a time."
        ) from None


def _is_beside(before: Sequence[Entry], now: Sequence[Entry], places: Sequence[str]) -> bool:
    """Whether something has changed, and nothing of it is read to judge these places, which both trees have."""
    if before == now or not all(
        any(place == "." or entry.path.startswith(f"{place}/") for entry in now) for place in places
    ):
        return False
    one, other = ({each for each in _relevant(tree, places) if is_read(each)} for tree in (before, now))
    return one == other


def _existing(top: Path, places: Sequence[str]) -> list[Path]:
    return [top / place for place in places if is_folder(top / place)]


def _relevant(entries: Sequence[Entry], places: Sequence[str]) -> Iterator[Entry]:
    """The files in and directly above some folders, and settings anywhere, which can be named from there."""
    if "." in places:
        yield from entries
        return
    above = {parent for place in places for parent in parents_of(place)} | {""}
    for entry in entries:
        folder = entry.path.rpartition("/")[0]
        is_below = any(f"{folder}/".startswith(f"{place}/") for place in places)
        if is_below or folder in above or entry.path.endswith((".toml", ".yaml", ".yml")):
            yield entry


def _text_files(paths: set[str]) -> list[str]:
    return [path for path in paths if path.endswith((".py", ".toml", ".cfg", ".ini", ".yaml", ".yml"))]


def _seen_from(folder: str, change: Change) -> Change:
    """The change with its file relative to a folder; both are relative to the top."""
    file = os.path.relpath(change.place.file, folder).replace(os.sep, "/")
    return msgspec.structs.replace(change, place=msgspec.structs.replace(change.place, file=file))
