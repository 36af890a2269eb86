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
_CHECK = re.compile(
    r"(^|[._])(check|require|requires|verify|ensure|assert|enforce|authorize|authorise|restrict|validate|must|allow|"
    r"only|protect|deny|forbid|reject)s?_|(^|\.)(authorize|authorise|enforce)$|_(check|checker|guard|required|only|verifier)($|\.)"
)
_ROLE = re.compile(
    r"admin|super(_?user|_|\.|$)|staff|role|perm(ission)?s?(_|\.|$)|scopes?(_|\.|$)|owner|moderator|manager|editor|privilege|"
    r"verified|active|approved|rights?(_|\.|$)"
)
_ABOUT_ACCESS = re.compile(
    r"access|auth|polic|grant|group|team|tenant|organi|(^|_)org(_|$)|department|workspace|project|claim|(^|_)acl|rbac|"
    r"user|member|account|caller|identi|trusted|internal|(^|_)(can|may|read|write|edit|delete|manage)(_|$)|"
    r"restrict|protect|deny|forbid|reject|enforce$"
)
_ABOUT_OTHER_THINGS = re.compile(
    r"limit|quota|throttl|usage|captcha|version|agent|format|content|json|(^|_)db(_|$)|database|ready|health|feature|flag"
)
"""What a check looks at that is not who calls: it warns, and that is all it is there for."""
_RECORDS = re.compile(
    r"^_?(log|audit|track|trace|record|count|measure|mark|set|load|update|notify|report|touch|sync|add|bind|attach|"
    r"store|save|remember|inject|init|warn)(_|$)"
)
"""Verbs for what is done for its effect, whoever calls."""
_ASKS = re.compile(r"^_?(is|has|can|may)_")
_LOOSE = re.compile(r"active|verified|approved")
"""Words for a state of an account, which are no rights."""
_OF_RIGHTS = re.compile(r"role|perm|scope|privilege|right|access|polic")
_PRIVILEGED = re.compile(r"(^|[._])current_(active_)?(admin|super_?user|staff|owner)(_user)?$")
_HALTED = (Verdict.PROTECTED, Verdict.CONDITIONAL, Verdict.UNRESOLVED)
_CALLER = re.compile(
    r"(current|authenticated|logged_?in|signed_?in|auth|request(ing)?|active|verified)_?(user|member|account|principal|"
    r"identity|subject|admin)$|^get_(user|member|account|principal|identity|subject)$"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_DROPPED = ("dropped", "unused")
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


def idle_checks(project: Project) -> Iterator[tuple[Guard, list[GuardUse]]]:
    """The checks that refuse nobody, behind a guard that knows who calls, each with its uses.

    A function that is named for a role, or for a check and looks at something, has nothing else to be there for.
    """
    asked: dict[int, list[Guard]] = {}
    for guard in project.backend.guards:
        for use in guard.uses:
            asked.setdefault(id(use.endpoint), []).append(guard)
    own = {guard.name for guard in project.backend.guards}
    for guard in project.backend.guards:
        if guard.kind != "function" or not guard.own.idle or not guard.behind:
            continue
        if not guard.own.tests and any(not name.startswith(SCHEMES) for name in {*guard.behind} - own):
            continue  # another name for what a library has made, which may look at more than who calls
        uses = [
            use
            for use in guard.uses
            if _is_left_to(guard, use)
            and not any(_checks_the_same(other, guard) for other in asked[id(use.endpoint)])
        ]
        if uses:
            yield guard, uses


def idle_guards(project: Project) -> Iterator[tuple[Guard, list[GuardUse]]]:
    """Functions that are given what a security scheme found, refuse nobody, and are all that looks at it.

    Where nobody looks at it at all, the scheme is at fault.
    """
    bare = {
        id(use.endpoint)
        for guard in project.backend.guards
        if guard.only_asks
        for use in guard.uses
        if use.unproved
    }
    for guard in project.backend.guards:
        if guard.kind != "function" or not guard.own.idle or guard.effect != "denies" or guard.only_asks:
            continue
        uses = [
            use
            for use in guard.uses
            if use.direct
            and use.alone
            and use.unproved
            and use.endpoint.auth.verdict is Verdict.PROTECTED
            and id(use.endpoint) not in bare
        ]
        if uses:
            yield guard, uses


def gives_nobody(project: Project) -> Iterator[tuple[Guard, list[GuardUse]]]:
    """Functions that are there to say who calls, and say "nobody" whoever calls, each with its uses.

    Where nobody turns that away, the endpoint is open, and other rules say so.
    """
    for guard in project.backend.guards:
        if guard.kind != "function" or guard.effect != "passes" or not guard.own.gives_nothing:
            continue
        uses = [u for u in guard.uses if u.consumer and u.alone and u.endpoint.auth.verdict in _HALTED]
        if uses and _CALLER.search(last_name(guard.name)):
            yield guard, uses


def _is_check(guard: Guard, treatment: str) -> bool:
    words, own = _words(guard.name), guard.own
    last = words.rpartition(".")[2]
    named, of_role = _CHECK.search(words), _ROLE.search(words)
    if own.by_scopes:
        return True
    if own.provides and treatment not in _DROPPED:
        return False
    if named and of_role:
        return True
    if named and own.tests and _ABOUT_ACCESS.search(words) and not _ABOUT_OTHER_THINGS.search(words):
        return True
    if own.answers and _ASKS.search(last) and (of_role or last.lstrip("_").startswith(("can_", "may_"))):
        return treatment in _DROPPED
    if _RECORDS.search(last):
        return False
    return own.hands_on and bool((of_role and own.tests) or _PRIVILEGED.search(words))


def _words(name: str) -> str:
    """The last two parts of a qualified name, in words."""
    return _CAMEL.sub("_", ".".join(name.rsplit(".", 2)[-2:])).lower()


def _rights(name: str) -> set[str]:
    """The roles that the name of a guard speaks of."""
    found = {match.group().rstrip("_.s") for match in _ROLE.finditer(_words(name))}
    return {word for word in found if not _LOOSE.search(word)} or found


def _checks_the_same(other: Guard, guard: Guard) -> bool:
    """``other`` refuses somebody, and is named for the same role, or for roles at all and asked first."""
    if other is guard or other.kind != "function" or other.effect != "denies" or other.own.idle:
        return False
    wanted = _rights(guard.name)
    if wanted and wanted <= _rights(other.name):
        return True
    is_below = other.name in guard.behind and not guard.own.tests
    return is_below and _OF_RIGHTS.search(_words(other.name).rpartition(".")[2]) is not None


def _is_left_to(guard: Guard, use: GuardUse) -> bool:
    """The route or its handler asks for the check, and nobody looks at what it gives."""
    if not use.direct or use.endpoint.auth.verdict not in (Verdict.PROTECTED, Verdict.CONDITIONAL):
        return False
    if use.treatment not in (*_DROPPED, "read") and (use.treatment != "handed" or guard.own.answers):
        return False
    return _is_check(guard, use.treatment)


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
        if use.treatment in _DROPPED or (swallow.gives == "nothing" and use.treatment == "read"):
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
    return use.treatment in (*_DROPPED, "read") or (use.treatment == "handed" and changes)


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
