"""Guards that stand where somebody is to be turned away, and turn nobody away: found by what they do, and by what they
are called where that alone does not say that they are there to refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_gate.backend.model import Guard, GuardUse, Verdict
from backend_gate.rules.guards import DROPPED, SCHEMES
from backend_gate.rules.phrases import last_name
from backend_gate.rules.project import Project

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


def idle(project: Project) -> Iterator[tuple[Guard, list[GuardUse]]]:
    """Guards behind which everybody gets in whom what they depend on lets through, each with its uses."""
    found: dict[int, list[GuardUse]] = {}
    for guard, uses in (*_idle_checks(project), *_idle_guards(project)):
        known = found.setdefault(id(guard), [])
        known += [use for use in uses if use not in known]
    for guard in project.backend.guards:
        if id(guard) in found:
            yield guard, found[id(guard)]


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


def _idle_checks(project: Project) -> Iterator[tuple[Guard, list[GuardUse]]]:
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


def _idle_guards(project: Project) -> Iterator[tuple[Guard, list[GuardUse]]]:
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


def _is_check(guard: Guard, treatment: str) -> bool:
    words, own = _words(guard.name), guard.own
    last = words.rpartition(".")[2]
    named, of_role = _CHECK.search(words), _ROLE.search(words)
    if own.by_scopes:
        return True
    if own.provides and treatment not in DROPPED:
        return False
    if named and of_role:
        return True
    if named and own.tests and _ABOUT_ACCESS.search(words) and not _ABOUT_OTHER_THINGS.search(words):
        return True
    if own.answers and _ASKS.search(last) and (of_role or last.lstrip("_").startswith(("can_", "may_"))):
        return treatment in DROPPED
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
    if use.treatment not in (*DROPPED, "read") and (use.treatment != "handed" or guard.own.answers):
        return False
    return _is_check(guard, use.treatment)
