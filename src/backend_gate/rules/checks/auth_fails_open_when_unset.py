"""BG104: a guard that lets everybody through as long as a secret is not set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from backend_gate.backend.model import Endpoint, Guard, Opening, Step, Verdict
from backend_gate.rules.guards import passed
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import last_name, listed, related, routes, subject
from backend_gate.rules.project import Project

_SECRET = re.compile(
    r"secret|key|token|passw(or)?d|passphrase|credential|auth_?string|basic_?auth|jwks|issuer|audience|client_?id|"
    r"provider|realm|oidc|htpasswd|certificate|user(name)?s?$|auth$",
    re.IGNORECASE,
)
_SWITCH = re.compile(
    r"enable|disable|require|allow|public|anonym|debug|\bdev(elop(ment)?)?(_|\b)|local|test(ing|s)?(_|\b)|insecure|"
    r"no_auth|without_auth|skip|bypass|(^|[._])(use|is|has|should)_|_mode\b|optional|trust",
    re.IGNORECASE,
)
"""A switch that says what it does: whoever turns it knows."""
_NAME = r"[\w.]+(\([^()]*\)[\w.]*)?"
_EMPTY = re.compile(
    rf"^(?:not (?P<bare>{_NAME})|not \((?P<truth>{_NAME})(?: and .*)?\)"
    rf"|(?P<none>{_NAME}) (?:is|==) (?:None|''|b''|\[\])"
    rf"|not \((?P<some>{_NAME}) (?:is not|!=) (?:None|'')(?: and .*)?\)"
    rf"|not \(\((?P<nested>{_NAME}) (?:is not|!=) (?:None|'')\)(?: and .*)?\)"
    rf"|\((?P<inner>{_NAME}) (?:is|==) (?:None|'')\)(?: or .*)?|not (?P<either>{_NAME}) or .*)$"
)


def auth_fails_open_when_unset(project: Project) -> Iterator[Finding]:
    """One finding a guard and secret, naming the endpoints that have no other guard.

    The condition may be written where each route is registered: it opens the same guard everywhere.
    """
    found: dict[tuple[str, str], _Open] = {}
    for guard in project.backend.guards:
        for opening in guard.openings:
            secret = _unset_secret(opening) if guard.kind == "opening" else None
            if secret is None:
                continue
            verdicts = (Verdict.CONDITIONAL, Verdict.PROTECTED) if guard.behind else (Verdict.CONDITIONAL,)
            endpoints = [u.endpoint for u in guard.uses if u.endpoint.auth.verdict in verdicts]
            if endpoints:
                known = found.setdefault((guard.name, secret), _Open(guard, opening, secret, []))
                known.endpoints.extend(e for e in endpoints if e not in known.endpoints)
    for one in found.values():
        yield _finding(*one)


class _Open(NamedTuple):
    """A guard, the first of the conditions that open it, and what it then leaves open."""

    guard: Guard
    opening: Opening
    secret: str
    endpoints: list[Endpoint]


def _unset_secret(opening: Opening) -> str | None:
    """The name of the secret of which the condition says that it is empty; ``None`` if it says something else.

    One that has a default which closes the guard opens nothing where nobody sets it.
    """
    if opening.condition.by_default is False:
        return None
    text = opening.condition.text
    match = _EMPTY.match(text)
    if match is None or _SWITCH.search(text) or _SWITCH.search(opening.setting):
        return None
    name = next(found for found in match.groupdict().values() if found is not None)
    names = [re.sub(r"\([^()]*\)", "", name), *opening.setting.split(", ")]
    if not any(_SECRET.search(last_name(one)) for one in names):
        return None
    return last_name(opening.setting if re.fullmatch(r"[\w.]+", opening.setting) else names[0])


def _finding(guard: Guard, opening: Opening, secret: str, endpoints: list[Endpoint]) -> Finding:
    place, name = opening.condition.place, last_name(guard.name)
    whom = f"{passed(guard)} through" if guard.behind else "everybody through"
    default = ", which it is unless somebody sets it" if opening.condition.by_default else ""
    left = f"this is left to `{name}`" if guard.behind else f"nothing but `{name}` guards this"
    steps = [Step(endpoint.registration, left) for endpoint in endpoints]
    return Finding(
        rule="auth-fails-open-when-unset",
        message=(
            f"While `{secret}` is not set{default}, `{name}` lets {whom} to {listed(routes(endpoints))}"
        ),
        place=place,
        severity=Severity.WARNING,
        subject=f"{guard.name}: {subject(endpoints)}",
        symbol=guard.name,
        related=related(steps, place),
        evidence=tuple(dict.fromkeys(steps)),
        fix=(
            f"Refuse to start without `{secret}`, or deny every request while it is not set. "
            "If it has to run without, ask for a switch that says so by its name."
        ),
    )
