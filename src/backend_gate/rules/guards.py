"""Open endpoints that something means to guard: which guard is at fault, and by which rule.

An endpoint that anybody may call is one finding. Where a guard stands before it that does not guard, that guard is
the more precise answer, and the first rule of the list below that fits it reports it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_gate.backend.model import Endpoint, Guard, GuardUse, Place, Step, Swallow, Verdict
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import (
    SAFE_METHODS,
    last_name,
    listed,
    related,
    routes,
    subject,
    unique,
    worst,
)
from backend_gate.rules.project import Project

MISPLACED = "guard-without-depends"
SWALLOWS = "guard-swallows-denial"
NEVER_DENIES = "guard-never-denies"
SCHEME = "scheme-auto-error-off-unchecked"
OPTIONAL = "optional-user-as-guard"

_IDENTITY = re.compile(
    r"auth|user|account|token|permission|security|login|signed|jwt|verify|require|access|admin|session|principal|"
    r"identity|credential|member|owner|guard|protect|api.?key|^key$|_key$|check",
    re.IGNORECASE,
)
DROPPED = ("dropped", "unused")
"""How a guard's value is treated that nobody looks at."""
SCHEMES = "fastapi.security."

Blame = tuple[Guard, GuardUse]


def finding(
    rule: str,
    message: str,
    uses: list[GuardUse],
    *,
    place: Place,
    symbol: str,
    steps: list[Step],
    fix: str,
    severity: Severity | None = None,
) -> Finding:
    """One finding on a guard: what it lets through to the endpoints of ``uses``, which decide how bad that is."""
    endpoints = [use.endpoint for use in uses]
    evidence = unique(steps)
    return Finding(
        rule=rule,
        message=message,
        place=place,
        severity=severity or worst(map(severity_of, endpoints)),
        subject=subject(endpoints),
        symbol=symbol,
        related=related(evidence, place),
        evidence=evidence,
        fix=fix,
    )


def reached(uses: list[GuardUse]) -> str:
    """The endpoints behind a guard, quoted: ``GET /users`` and 3 more."""
    return listed(routes(use.endpoint for use in uses))


def is_open(endpoint: Endpoint) -> bool:
    """Unprotected; an unverified webhook is another rule's."""
    return endpoint.auth.verdict is Verdict.UNPROTECTED and not endpoint.auth.webhook


def severity_of(endpoint: Endpoint) -> Severity:
    """Changing state is an error, reading a warning; routes that are off by default are milder."""
    changes = not SAFE_METHODS.issuperset(endpoint.methods)
    return Severity.ERROR if changes and not endpoint.off_by_default else Severity.WARNING


def blamed(project: Project, rule: str) -> list[tuple[Guard, list[GuardUse]]]:
    """The guards that ``rule`` reports for open endpoints, each with its uses, in the order of guards."""
    found: dict[int, tuple[Guard, list[GuardUse]]] = {}
    for slug, guard, use in _first_of_each(project):
        if slug == rule:
            found.setdefault(id(guard), (guard, []))[1].append(use)
    return list(found.values())


def left_to_guards(project: Project) -> set[int]:
    """The identities of open endpoints for which a rule that runs reports a guard."""
    return {id(use.endpoint) for slug, _, use in _first_of_each(project) if slug in project.running}


def passed(guard: Guard) -> str:
    """Whom a guard lets through that leaves everything to what it depends on."""
    first = guard.behind[0]
    if first.startswith(SCHEMES):
        return "everybody with any credential"
    return f"everybody who passes `{last_name(first)}`"


def swallow_of(guard: Guard, use: GuardUse) -> Swallow | None:
    """The clause for everything by which a guard lets a failed check pass, as far as this endpoint is concerned."""
    return _swallow(guard, use, broad=True)


def nobody_of(guard: Guard, use: GuardUse) -> Swallow | None:
    """The clause for a failed check that gives nobody, where the guard denies whoever has no credential at all.

    Of an endpoint that has no other guard, and that does not look whether there is somebody.
    """
    if not (use.direct and use.alone) or use.endpoint.auth.verdict is not Verdict.PROTECTED:
        return None
    found = _swallow(guard, use, broad=False)
    return found if found is not None and found.gives == "nothing" else None


def _swallow(guard: Guard, use: GuardUse, *, broad: bool) -> Swallow | None:
    for swallow in guard.swallowed:
        if swallow.broad is not broad:
            continue
        if use.treatment in DROPPED or (swallow.gives == "nothing" and use.treatment == "read"):
            return swallow
        if swallow.gives in ("true", "something") and use.treatment not in ("tested", "called"):
            return swallow
    return None


def _first_of_each(project: Project) -> Iterator[tuple[str, Guard, GuardUse]]:
    """For each open endpoint the rule that comes first, and the guard and use that it reports."""
    taken: set[int] = set()
    for slug, fits in _RULES:
        for guard in project.backend.guards:
            for use in guard.uses:
                if is_open(use.endpoint) and id(use.endpoint) not in taken and fits(guard, use):
                    taken.add(id(use.endpoint))
                    yield slug, guard, use


def _swallows(guard: Guard, use: GuardUse) -> bool:
    return guard.kind == "function" and use.direct and swallow_of(guard, use) is not None


def _is_bare_scheme(guard: Guard, use: GuardUse) -> bool:
    """A scheme that raises nothing by itself, and whose value the route or its handler never tests."""
    return use.direct and _is_scheme_below(guard, use)


def _never_denies(guard: Guard, use: GuardUse) -> bool:
    """It reads a credential, raises for nobody, and no library could for it; its value is not even tested."""
    if guard.kind != "function" or guard.effect != "passes" or guard.refuses or not use.direct:
        return False
    if guard.delegated or not guard.decides or use.treatment in ("tested", "called"):
        return False
    return bool(_IDENTITY.search(".".join(guard.name.rsplit(".", 2)[-2:])))


def _is_scheme_below(guard: Guard, use: GuardUse) -> bool:
    """A scheme whose value the dependency that asks for it never tests."""
    return guard.kind == "scheme" and guard.optional and use.treatment not in ("tested", "called")


def _is_optional(guard: Guard, use: GuardUse) -> bool:
    """It turns some callers away, but not those without a credential, and nobody tests what it gives."""
    if guard.kind != "function" or guard.effect != "passes" or not guard.optional or not use.direct:
        return False
    changes = not SAFE_METHODS.issuperset(use.endpoint.methods)
    return use.treatment in (*DROPPED, "read") or (use.treatment == "handed" and changes)


def _is_misplaced(guard: Guard, _: GuardUse) -> bool:
    return guard.kind == "misplaced"


_RULES = (
    (MISPLACED, _is_misplaced),
    (SWALLOWS, _swallows),
    (SCHEME, _is_bare_scheme),
    (NEVER_DENIES, _never_denies),
    (SCHEME, _is_scheme_below),
    (OPTIONAL, _is_optional),
)
