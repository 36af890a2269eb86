"""The verdict: what was found, what stayed open, what could not be judged, and the exit code.

Plain data, totally ordered, and free of anything that differs between two runs over the same code:
no clock, no host, no absolute path.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable

import msgspec

from backend_gate.backend.model import Endpoint, Place
from backend_gate.backend.model import Verdict as Access
from backend_gate.discover.frameworks import Detected
from backend_gate.evidence.coverage.model import SuiteSummary
from backend_gate.rules.model import Finding, Severity, Whole
from backend_gate.rules.registry import finding_order
from backend_gate.rules.spec import RuleSpec
from backend_gate.rules.suppression import Suppression
from backend_gate.settle.baseline import BaselineEntry
from backend_gate.settle.notes import Note


class Outcome(enum.Enum):
    """The answer to "does it meet the standard?"."""

    PASSES = "passes"
    FAILS = "fails"
    NOT_JUDGED = "not-judged"

    @property
    def exit_code(self) -> int:
        """0 judged and passes, 1 judged and fails, 2 could not judge."""
        return (Outcome.PASSES, Outcome.FAILS, Outcome.NOT_JUDGED).index(self)


class Problem(msgspec.Struct, frozen=True):
    """Why something could not be judged.

    ``kind`` is ``unreadable-file``, ``reader-crashed``, ``linker-crashed``, ``rule-crashed``,
    ``evidence-crashed``, ``no-evidence``, ``wrong-suppression`` or ``nothing-to-judge``. ``subject`` names
    the file, the rule, the suite or the backend. ``message`` says what happened and ``advice`` what to do,
    both as sentences without a final period. ``detail`` holds the steps of a crash, for ``--verbose`` and a
    bug report.
    """

    kind: str
    subject: str
    message: str
    advice: str = ""
    place: Place | None = None
    detail: str = ""


class OpenQuestion(msgspec.Struct, frozen=True, order=True):
    """A question without an answer: where, why, and, if it is about one endpoint, which.

    ``question`` is ``access`` (who may call it), ``body`` or ``wiring``.
    """

    place: Place
    question: str
    reason: str
    subject: str = ""


class Suppressed(msgspec.Struct, frozen=True):
    """A finding that a comment in the code suppresses: the comment's place, and the reason it gives."""

    finding: Finding
    comment: Place
    reason: str = ""


class Change(msgspec.Struct, frozen=True, order=True):
    """A changed part of a file that may have made a finding new.

    ``place`` are the lines as they are now; where lines only went away, the line that is there
    instead. ``deleted``: the whole file went, and the place is in the old one. ``removed`` and
    ``added`` count lines. ``relation`` says how the finding hangs on it: ``here`` (its own lines),
    ``evidence`` (its chain of evidence, now or before), ``file`` (a file that the chain runs
    through) or ``elsewhere``.
    """

    place: Place
    relation: str
    removed: int
    added: int
    deleted: bool = False


class Comparison(msgspec.Struct, frozen=True):
    """What the code was compared with.

    ``revision`` is what the user named, ``commit`` the full id of the commit that it was compared
    with; empty if there is none yet. ``state`` is ``index`` or ``working tree``. ``changes`` has what
    made each new finding new, the most telling change first. ``incomplete``: not everything in that
    commit could be judged, so that a finding may be older than it seems. ``questions`` are those that were open
    there as well; they are looked for only where an open question fails. ``unchanged``: there are
    changes, and none of a file that the gate reads, so that nothing was judged.
    """

    revision: str
    commit: str
    state: str
    changes: dict[Finding, tuple[Change, ...]] = {}
    incomplete: bool = False
    questions: tuple[OpenQuestion, ...] = ()
    unchanged: bool = False


class HotSpot(msgspec.Struct, frozen=True):
    """A function with many ways through it: its cyclomatic complexity, by radon."""

    place: Place
    name: str
    complexity: int


class Unread(msgspec.Struct, frozen=True):
    """A file that a tool could not read, so that it says nothing about it."""

    place: Place
    tool: str
    reason: str


class JudgedBackend(msgspec.Struct, frozen=True, kw_only=True):
    """One backend of the tree, and everything that was found in it.

    ``path`` is its folder relative to the root, ``.`` for the root itself. ``endpoints`` counts
    endpoints by who may call them, in the order of :class:`backend_gate.backend.model.Verdict`.
    ``lines`` are lines of text in the files that were read. ``fail_on`` is the mildest severity
    that fails; ``strict`` lets open questions fail as well. ``findings`` are those that count;
    ``suppressed``, ``baselined`` and ``existing`` as in :class:`Verdict`.
    ``suites`` is what is known of its tests, ``inventory`` its endpoints by application, path and methods.
    ``hot_spots`` are its most complex functions, ``unread`` what a tool could not read; empty if none was asked.
    ``wholes`` has a finding with each application that has its fault as a whole: the same finding may be one of
    another backend, where this is not so.
    """

    path: str
    applications: tuple[str, ...]
    endpoints: dict[str, int]
    files: int
    lines: int
    fail_on: Severity
    strict: bool
    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    baselined: tuple[Finding, ...] = ()
    existing: tuple[Finding, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    questions: tuple[OpenQuestion, ...] = ()
    suites: tuple[SuiteSummary, ...] = ()
    inventory: tuple[Endpoint, ...] = ()
    hot_spots: tuple[HotSpot, ...] = ()
    unread: tuple[Unread, ...] = ()
    problems: tuple[Problem, ...] = ()
    wholes: tuple[tuple[Finding, Whole], ...] = ()

    @property
    def outcome(self) -> Outcome:
        """Fails closed: what could not be judged outweighs what was."""
        if self.problems:
            return Outcome.NOT_JUDGED
        if self.has_failing_findings or (self.strict and self.questions):
            return Outcome.FAILS
        return Outcome.PASSES

    @property
    def has_failing_findings(self) -> bool:
        """Whether a finding is at least as severe as the backend allows none to be."""
        return any(finding.severity.rank <= self.fail_on.rank for finding in self.findings)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate says about everything that it was given. Made by :func:`settle`.

    ``findings``, ``questions`` and ``problems`` are those of all backends together, ``problems``
    with those that belong to none. ``rules`` are the rules that were to run, by slug. ``strict``: a
    framework that is not analysed fails.

    ``findings`` are those that count. A finding that does not count is in exactly one of
    ``suppressed`` (by a comment), ``baselined`` (an entry of the baseline covers it) and ``existing``
    (there already in the revision that the code was compared with; only with a ``comparison``).
    ``fixed`` are entries of the baseline, or the part of their count, that nothing needs any more.
    ``suppressions`` are all comments that suppress findings, of use or not. ``notes`` are remarks that
    decide nothing.
    """

    outcome: Outcome
    findings: tuple[Finding, ...]
    questions: tuple[OpenQuestion, ...]
    problems: tuple[Problem, ...]
    backends: tuple[JudgedBackend, ...]
    frameworks: tuple[Detected, ...]
    rules: dict[str, RuleSpec]
    strict: bool = False
    suppressed: tuple[Suppressed, ...] = ()
    baselined: tuple[Finding, ...] = ()
    existing: tuple[Finding, ...] = ()
    fixed: tuple[BaselineEntry, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    comparison: Comparison | None = None
    notes: tuple[Note, ...] = ()

    @property
    def exit_code(self) -> int:
        """0, 1 or 2, whatever the format of the report."""
        return self.outcome.exit_code

    @property
    def unanalysed(self) -> tuple[Detected, ...]:
        """Frameworks that show here and that the gate does not know yet."""
        return tuple(framework for framework in self.frameworks if not framework.analysed)

    @property
    def problems_without_finding(self) -> tuple[Problem, ...]:
        """The problems that no finding at the same place tells already."""
        told = {finding.place for finding in self.findings}
        return tuple(problem for problem in self.problems if problem.place not in told)

    @property
    def endpoints(self) -> dict[str, int]:
        """Endpoints of all backends by who may call them."""
        totals = count_access(())
        for backend in self.backends:
            for access, number in backend.endpoints.items():
                totals[access] += number
        return totals

    @property
    def failing_questions(self) -> tuple[OpenQuestion, ...]:
        """The open questions that fail, as their backend may leave none open."""
        asked = {question for backend in self.backends if backend.strict for question in backend.questions}
        return tuple(question for question in self.questions if question in asked)

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """Every finding, whether it counts or not."""
        suppressed = (item.finding for item in self.suppressed)
        return _ordered((*self.findings, *suppressed, *self.baselined, *self.existing))

    @property
    def inventory(self) -> tuple[Endpoint, ...]:
        """The endpoints of all backends, backend by backend."""
        return tuple(endpoint for backend in self.backends for endpoint in backend.inventory)

    @property
    def hot_spots(self) -> tuple[HotSpot, ...]:
        """The most complex functions of all backends, the worst first."""
        return tuple(
            sorted((spot for backend in self.backends for spot in backend.hot_spots), key=_worst_first)
        )

    @property
    def unread(self) -> tuple[Unread, ...]:
        """What tools could not read, in all backends."""
        return tuple(item for backend in self.backends for item in backend.unread)

    @property
    def suites(self) -> tuple[SuiteSummary, ...]:
        """What is known of the tests of all backends; those that share a configuration share their suites."""
        return tuple(dict.fromkeys(suite for backend in self.backends for suite in backend.suites))

    @property
    def held_back(self) -> int:
        """How many findings do not count."""
        return len(self.suppressed) + len(self.baselined) + len(self.existing)

    def changes(self, finding: Finding) -> tuple[Change, ...]:
        """What made a finding new; empty without a comparison."""
        return self.comparison.changes.get(finding, ()) if self.comparison else ()

    def count(self, severity: Severity) -> int:
        """How many findings have a severity."""
        return sum(finding.severity is severity for finding in self.findings)


def count_access(verdicts: Iterable[Access]) -> dict[str, int]:
    """How many endpoints have which verdict; every verdict is a key, in the order of the enumeration."""
    counts = {access.value: 0 for access in Access}
    for verdict in verdicts:
        counts[verdict.value] += 1
    return counts


def settle(
    backends: Iterable[JudgedBackend],
    *,
    rules: dict[str, RuleSpec],
    problems: Iterable[Problem] = (),
    frameworks: Iterable[Detected] = (),
    strict: bool = False,
    fixed: Iterable[BaselineEntry] = (),
    notes: Iterable[Note] = (),
) -> Verdict:
    """One verdict on all backends: everything in its total order, and each thing once.

    ``frameworks`` name each one once. ``strict`` is what holds for the tree as a whole: an application
    of a framework that is not analysed fails it.
    """
    judged = tuple(sorted(backends, key=lambda backend: backend.path))
    all_problems = {*problems, *(problem for backend in judged for problem in backend.problems)}
    used = tuple(sorted(frameworks, key=lambda framework: (not framework.analysed, framework.framework)))
    return Verdict(
        outcome=_outcome(judged, bool(all_problems), strict and any(map(is_left_out, used))),
        findings=_ordered(finding for backend in judged for finding in backend.findings),
        suppressed=tuple(
            sorted({item for backend in judged for item in backend.suppressed}, key=_suppressed_order)
        ),
        baselined=_ordered(finding for backend in judged for finding in backend.baselined),
        existing=_ordered(finding for backend in judged for finding in backend.existing),
        fixed=tuple(sorted(fixed)),
        suppressions=tuple(sorted({item for backend in judged for item in backend.suppressions})),
        questions=tuple(sorted({question for backend in judged for question in backend.questions})),
        problems=tuple(sorted(all_problems, key=_problem_order)),
        backends=judged,
        frameworks=used,
        notes=tuple(sorted(set(notes))),
        rules=dict(sorted(rules.items())),
        strict=strict,
    )


def compared(verdict: Verdict, existing: Iterable[Finding], comparison: Comparison) -> Verdict:
    """The verdict without the findings, and the questions that fail, that were there before."""
    old, asked = set(existing), set(comparison.questions)
    judged = tuple(
        msgspec.structs.replace(
            backend,
            findings=tuple(finding for finding in backend.findings if finding not in old),
            existing=tuple(finding for finding in backend.findings if finding in old),
            questions=tuple(question for question in backend.questions if question not in asked),
        )
        for backend in verdict.backends
    )
    left_out = verdict.strict and any(map(is_left_out, verdict.frameworks))
    return msgspec.structs.replace(
        verdict,
        outcome=_outcome(judged, bool(verdict.problems), left_out),
        backends=judged,
        findings=tuple(finding for finding in verdict.findings if finding not in old),
        existing=tuple(finding for finding in verdict.findings if finding in old),
        questions=tuple(question for question in verdict.questions if question not in asked),
        comparison=comparison,
    )


def _outcome(judged: Iterable[JudgedBackend], has_problems: bool, left_out: bool) -> Outcome:
    """Fails closed: what could not be judged outweighs what was. ``left_out``: a framework fails it."""
    if has_problems:
        return Outcome.NOT_JUDGED
    if left_out or any(backend.outcome is Outcome.FAILS for backend in judged):
        return Outcome.FAILS
    return Outcome.PASSES


def is_left_out(framework: Detected) -> bool:
    """Whether an application was seen that the verdict does not cover."""
    return framework.certain and not framework.analysed


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(set(findings), key=finding_order))


def _suppressed_order(item: Suppressed) -> tuple[object, Place]:
    return (finding_order(item.finding), item.comment)


def _problem_order(problem: Problem) -> tuple[object, ...]:
    place = (problem.place,) if problem.place else ()
    return (problem.kind, problem.subject, place, msgspec.json.encode(problem))


def _worst_first(spot: HotSpot) -> tuple[int, Place]:
    return (-spot.complexity, spot.place)
