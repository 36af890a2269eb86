"""What a verdict means before code is handed on: stricter than a check.

A handoff fails on every finding of a rule that blocks one, whatever its severity, and wants evidence of every suite of
tests and most endpoints decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from backend_gate.backend.model import Verdict as Access
from backend_gate.rules.model import Finding
from backend_gate.rules.spec import Profile
from backend_gate.settle.verdict import Outcome, Verdict


class Handoff(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on a handoff.

    ``blocking`` are the findings that fail it, ``advisory`` all others that count. ``reasons`` say in one
    clause each why it does not pass. ``decided`` of ``endpoints`` is known who may call them; ``wanted`` is the
    share (0 to 1) that has to be.
    """

    root: Path
    verdict: Verdict
    outcome: Outcome
    reasons: tuple[str, ...]
    blocking: tuple[Finding, ...]
    advisory: tuple[Finding, ...]
    decided: int
    endpoints: int
    wanted: float

    @property
    def exit_code(self) -> int:
        """0 it can be handed on, 1 it cannot, 2 it could not be judged."""
        return self.outcome.exit_code


def conclude(root: Path, verdict: Verdict, wanted: float) -> Handoff:
    """What a verdict means for handing over."""
    failing = {backend.fail_on for backend in verdict.backends}
    blocking = tuple(
        finding
        for finding in verdict.findings
        if verdict.rules[finding.rule].profile is Profile.HANDOFF
        or any(finding.severity.rank <= severity.rank for severity in failing)
    )
    chosen = set(blocking)
    endpoints = sum(verdict.endpoints.values())
    decided = endpoints - verdict.endpoints[Access.UNRESOLVED.value]
    reasons = list(_reasons(verdict, blocking, decided, endpoints, wanted))
    outcome = Outcome.FAILS if reasons else Outcome.PASSES
    if verdict.problems:
        outcome = Outcome.NOT_JUDGED
    return Handoff(
        root=root,
        verdict=verdict,
        outcome=outcome,
        reasons=tuple(reasons),
        blocking=blocking,
        advisory=tuple(finding for finding in verdict.findings if finding not in chosen),
        decided=decided,
        endpoints=endpoints,
        wanted=wanted,
    )


def _reasons(
    verdict: Verdict, blocking: Sequence[Finding], decided: int, endpoints: int, wanted: float
) -> list[str]:
    reasons = [problem.message for problem in verdict.problems]
    if blocking:
        number = len(blocking)
        reasons.append(f"{number:,} {'finding blocks' if number == 1 else 'findings block'} it")
    if endpoints and decided / endpoints < wanted:
        reasons.append(
            f"it is known who may call {decided:,} of {endpoints:,} endpoints, and {wanted:.0%} are wanted"
        )
    if verdict.failing_questions:
        reasons.append(f"{len(verdict.failing_questions):,} questions are open, and none may be (strict)")
    reasons += [
        f"{framework.framework} is used here and is not analysed"
        for framework in verdict.unanalysed
        if framework.certain
    ]
    return reasons
