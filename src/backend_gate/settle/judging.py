"""Judges one backend: rules, then suppressions, then the rules about suppressions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from backend_gate.backend.model import Backend, Endpoint, Place
from backend_gate.backend.model import Verdict as Access
from backend_gate.backend.vocabulary import Vocabulary
from backend_gate.discover import Unit
from backend_gate.errors import InternalError
from backend_gate.evidence.endpoints import join_tests
from backend_gate.evidence.gather import Gathering
from backend_gate.evidence.model import Evidence
from backend_gate.facts.model import Span
from backend_gate.rules.checks.endpoint_untested import SLUG as UNTESTED
from backend_gate.rules.model import Severity
from backend_gate.rules.phrases import route
from backend_gate.rules.project import Project
from backend_gate.rules.registry import RuleRun, finding_order, run_rules
from backend_gate.rules.spec import RuleSpec
from backend_gate.rules.suppression import ABOUT_SUPPRESSIONS
from backend_gate.settings import Settings
from backend_gate.settle.problems import called, crash
from backend_gate.settle.suppressions import Suppressions
from backend_gate.settle.verdict import HotSpot, JudgedBackend, OpenQuestion, Problem, Unread, count_access
from backend_gate.settle.wholes import without_wholes

_HOT_SPOTS = 10


class Judge:
    """Judges one backend: first all rules but those about suppressions, which need what these found
    in every backend of the tree."""

    def __init__(
        self,
        unit: Unit,
        settings: Settings,
        chosen: Sequence[RuleSpec],
        vocabulary: Vocabulary,
        rules: Mapping[str, RuleSpec],
        suppressions: Suppressions,
        gathering: Gathering | None,
        *,
        try_all: bool,
    ) -> None:
        self._unit = unit
        self._settings = settings
        self._vocabulary = vocabulary
        self._suppressions = suppressions
        self._gathering = gathering
        self._files = [file.path for file in unit.files]
        self._about = [spec for spec in chosen if spec.slug in ABOUT_SUPPRESSIONS]
        self._chosen = {spec.slug for spec in chosen}
        # Whether a suppression is of use, only its rules can tell.
        named = suppressions.named_in(self._files) if self._about or try_all else set()
        self._specs = [
            spec
            for spec in rules.values()
            if spec.slug in self._chosen | named and spec.slug not in ABOUT_SUPPRESSIONS
        ]

    @property
    def ran(self) -> frozenset[str]:
        """The slugs of the rules whose findings count."""
        return frozenset(self._chosen)

    def judge(self, linked: Backend | None, lines: int, problems: Sequence[Problem]) -> JudgedBackend:
        """The backend without the rules about suppressions.

        ``linked`` is ``None`` if the linker crashed; ``lines`` are those that were read, ``problems`` what
        went wrong so far.
        """
        unit = self._unit
        backend = linked or Backend()
        evidence, crashed = evidence_on(unit, self._gathering)
        join_tests(backend.endpoints, evidence)
        if any(spec.slug == UNTESTED for spec in self._specs):
            crashed += note_requests(unit, backend.endpoints, evidence, self._vocabulary, self._gathering)
        run = run_rules(Project(backend, self._settings, evidence=evidence), self._specs)
        kept, suppressed = self._suppressions.apply(run.findings)
        kept, wholes = without_wholes(kept)
        problems = [*crashed, *problems, *_rule_crashes(unit, run)]
        if not problems:
            self._suppressions.note_run(self._files, [spec.slug for spec in self._specs])
        return JudgedBackend(
            path=unit.name,
            applications=tuple(sorted(set(backend.applications))),
            endpoints=count_access(endpoint.auth.verdict for endpoint in backend.endpoints),
            inventory=tuple(inventory_order(backend.endpoints)),
            hot_spots=_hot_spots(evidence),
            unread=tuple(
                Unread(Place(item.path, Span(1, 1, 1, 2)), item.tool, item.reason)
                for item in evidence.skipped
            ),
            files=len(unit.files),
            lines=lines,
            fail_on=Severity(self._settings.fail_on),
            strict=self._settings.strict,
            findings=tuple(finding for finding in kept if finding.rule in self._chosen),
            suppressed=tuple(item for item in suppressed if item.finding.rule in self._chosen),
            questions=tuple(open_questions(backend)),
            suites=tuple(suite.summary() for suite in evidence.suites),
            problems=(*problems, *(_missing(evidence) if self._settings.require_coverage else ())),
            wholes=wholes,
        )

    def judge_suppressions(self, judged: JudgedBackend) -> JudgedBackend:
        """The whole backend, once all backends of the tree have been judged."""
        suppressions = self._suppressions.judged(self._files)
        run = run_rules(Project(Backend(), self._settings, suppressions), self._about)
        wrong = self._suppressions.problems_in(self._files)
        return msgspec.structs.replace(
            judged,
            findings=tuple(sorted([*judged.findings, *run.findings], key=finding_order)),
            suppressions=suppressions,
            problems=(*judged.problems, *wrong, *_rule_crashes(self._unit, run)),
        )


def _rule_crashes(unit: Unit, run: RuleRun) -> list[Problem]:
    return [
        crash("rule-crashed", slug, f"the rule {slug}, run on {called(unit)},", error)
        for slug, error in run.crashed
    ]


def evidence_on(unit: Unit, gathering: Gathering | None) -> tuple[Evidence, list[Problem]]:
    """The evidence on a unit, or none and why it could not be gathered; none if nothing is gathered."""
    if gathering is None:
        return Evidence(), []
    try:
        return gathering.of(unit), []
    except InternalError as error:
        return Evidence(), [Problem("evidence-crashed", error.subject, error.message, error.hint)]


def note_requests(
    unit: Unit,
    endpoints: Sequence[Endpoint],
    evidence: Evidence,
    vocabulary: Vocabulary,
    gathering: Gathering | None,
) -> list[Problem]:
    """Note at endpoints what the code of the tests says, where coverage data does not; gives what went wrong."""
    if gathering is None:
        return []
    try:
        gathering.note_requests(unit, endpoints, evidence, vocabulary)
    except InternalError as error:
        return [Problem("evidence-crashed", error.subject, error.message, error.hint)]
    return []


def inventory_order(endpoints: Iterable[Endpoint]) -> Iterator[Endpoint]:
    """Endpoints by application, path and methods, without the linker's handle."""
    for endpoint in sorted(endpoints, key=lambda endpoint: (endpoint.app, endpoint.path, endpoint.methods)):
        yield msgspec.structs.replace(endpoint, operation=None)


def _hot_spots(evidence: Evidence) -> tuple[HotSpot, ...]:
    """The functions with the most ways through them."""
    worst = sorted(evidence.functions, key=lambda function: (-function.complexity, function))[:_HOT_SPOTS]
    return tuple(
        HotSpot(Place(each.path, Span(each.lines[0], 1, each.lines[0], 2)), each.name, each.complexity)
        for each in worst
    )


def _missing(evidence: Evidence) -> Iterator[Problem]:
    """The suites without evidence, where the configuration asks for it."""
    for suite in evidence.suites:
        if not suite.is_measured:
            yield Problem(
                kind="no-evidence",
                subject=suite.name,
                message=f"there is no evidence of the suite {suite.name}: {suite.reason}",
                advice=suite.advice,
            )


def open_questions(backend: Backend) -> Iterator[OpenQuestion]:
    """What the linker could not decide: who may call an endpoint, what its body is, how it is wired."""
    for endpoint in backend.endpoints:
        if endpoint.auth.verdict is Access.UNRESOLVED:
            yield OpenQuestion(endpoint.registration, "access", endpoint.auth.reason, route(endpoint))
        for body in endpoint.bodies:
            if body.shape == "unresolved":
                yield OpenQuestion(body.place, "body", body.reason, f"{route(endpoint)} {body.name}")
    for item in backend.unresolved:
        yield OpenQuestion(item.place, "wiring", item.reason)
