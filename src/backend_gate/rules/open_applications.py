"""Applications that ask nobody for a credential: one fact, however many endpoints they have.

Whoever leaves out one guard of many has forgotten it, and wants to know where. Whoever has none has decided
something about the application, and wants to hear it once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from backend_gate.backend.model import Backend, Endpoint, Place, Verdict
from backend_gate.rules.model import Finding, Related, Whole
from backend_gate.rules.phrases import listed, routes, where, worst

_ASKING = frozenset({Verdict.PROTECTED, Verdict.CONDITIONAL, Verdict.UNRESOLVED})
_NAMED = 3


def asking_nobody(backend: Backend) -> set[Place]:
    """Where applications are made of which no endpoint looks for a credential, whatever it does without one.

    No guard of it may be open to doubt either, though whether an endpoint needs one may be, or what a handler does
    that a library has made and that nobody can read. What is made at one place in several ways counts as one.
    """
    guards = [guard for guard in backend.guards if guard.kind != "opening"]  # these may refuse for anything
    asking = {use.endpoint.made for guard in guards for use in guard.uses}
    asking |= {endpoint.made for endpoint in backend.endpoints if _asks(endpoint)}
    return {place for endpoint in backend.endpoints if (place := endpoint.made) is not None} - asking


def _asks(endpoint: Endpoint) -> bool:
    auth = endpoint.auth
    if auth.verdict is Verdict.UNRESOLVED and not (auth.asks or auth.guards or endpoint.code):
        return False
    return auth.asks or (not auth.doubtful and (bool(auth.guards) or auth.verdict in _ASKING))


def wholes_of(endpoints: Sequence[Endpoint], asking_nobody: Collection[Place]) -> tuple[Whole, ...]:
    """The applications that these open endpoints of a handler belong to; none if one of them asks somebody."""
    by_place: dict[Place, list[Endpoint]] = {}
    for endpoint in endpoints:
        if endpoint.made is None or endpoint.made not in asking_nobody:
            return ()
        by_place.setdefault(endpoint.made, []).append(endpoint)
    return tuple(
        Whole(
            name=members[0].app,
            place=place,
            routes=tuple(routes(members)),
            endpoints=len(members),
            conditions=tuple(dict.fromkeys(c.text for each in members for c in each.conditions)),
        )
        for place, members in by_place.items()
    )


def open_application(told: Iterable[tuple[Finding, Whole]]) -> Finding:
    """The one finding on an application that says what findings say of its endpoints, each with its share."""
    pairs = sorted(told, key=lambda pair: pair[0].severity.rank)
    parts, shares = [part for part, _ in pairs], [share for _, share in pairs]
    common = [text for text in shares[0].conditions if all(text in share.conditions for share in shares)]
    number = sum(share.endpoints for share in shares)
    names = [name for share in shares for name in share.routes[:1]]
    among = ", among them" if number > _NAMED else ":"
    return Finding(
        rule=parts[0].rule,
        message=(
            f"No endpoint of the application `{shares[0].name}` has a guard: without credentials anybody can call "
            f"{number:,} of them{where(common)}{among} {listed(names[:_NAMED])}"
        ),
        place=shares[0].place,
        severity=worst(part.severity for part in parts),
        subject=shares[0].name,
        symbol=shares[0].name,
        related=tuple(
            Related(part.place, f"{listed(share.routes)}{where(_without(share.conditions, common))}")
            for part, share in pairs
        ),
        fix=(
            "Guard it once, where it is made: `dependencies=[Depends(...)]`, or a middleware that answers 401, which "
            "also stands before mounted applications. Declare what is public on purpose under "
            "[[tool.backend-gate.public]]. If something in front of it turns strangers away, say so on this line: "
            f"`# gate: ignore[{parts[0].rule}] reason`."
        ),
        parts=tuple(parts),
    )


def _without(texts: Iterable[str], common: Collection[str]) -> list[str]:
    return [text for text in texts if text not in common]
