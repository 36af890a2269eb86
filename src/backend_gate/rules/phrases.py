"""How checks name things, and the groups that keep one fault from being reported many times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backend_gate.backend.model import Condition, Endpoint, Place, Step
from backend_gate.rules.model import Related, Severity

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"})
"""Methods that change nothing, by the standard of HTTP."""

_NAMED = 3
_RELATED = 8


def route(endpoint: Endpoint) -> str:
    """``POST /users``, ``GET, HEAD /files``: what a reader calls the endpoint."""
    return f"{', '.join(endpoint.methods)} {endpoint.path}"


def routes(endpoints: Iterable[Endpoint]) -> list[str]:
    """The routes of ``endpoints``, each once, in order."""
    return sorted({route(endpoint) for endpoint in endpoints})


def subject(endpoints: Iterable[Endpoint]) -> str:
    """All routes in one line: the same however the code moves, another as soon as a route joins them."""
    return "; ".join(routes(endpoints))


def listed(names: Iterable[str], noun: str = "more") -> str:
    """``a``, ``b`` and ``c``; beyond three names the rest is counted: ``a``, ``b``, ``c`` and 4 more."""
    quoted = [f"`{name}`" for name in names]
    if len(quoted) > _NAMED + 1:
        quoted[_NAMED:] = [f"{len(quoted) - _NAMED} {noun}"]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def doing(names: Iterable[str], one: str, many: str) -> str:
    """What one or several do, with the verb that fits: ``a`` takes, ``a`` and ``b`` take."""
    known = list(names)
    return f"{listed(known)} {one if len(known) == 1 else many}"


def last_name(qualified: str) -> str:
    """``EmailTaken`` of ``app.errors.EmailTaken``."""
    return qualified.rpartition(".")[2]


def by_handler(endpoints: Iterable[Endpoint]) -> Iterator[list[Endpoint]]:
    """Endpoints that share a handler, together: one fault of a handler is one finding, not one a path."""
    groups: dict[tuple[Place, str], list[Endpoint]] = {}
    for endpoint in endpoints:
        groups.setdefault((endpoint.place, endpoint.handler), []).append(endpoint)
    yield from groups.values()


def under(conditions: Iterable[Condition]) -> str:
    """A clause that names the conditions under which something exists; empty without any."""
    return where(condition.text for condition in conditions)


def where(conditions: Iterable[str]) -> str:
    """The same of conditions as text."""
    texts = list(dict.fromkeys(conditions))
    return f", where {listed(texts)} holds" if texts else ""


def related(steps: Iterable[Step], primary: Place) -> tuple[Related, ...]:
    """The places of ``steps`` beside the primary one, each once, the first few."""
    places: dict[Place, str] = {}
    for step in steps:
        if step.place != primary:
            places.setdefault(step.place, step.message)
    return tuple(Related(place, message) for place, message in list(places.items())[:_RELATED])


def unique(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps without repetitions, in order."""
    return tuple(dict.fromkeys(steps))


def worst(severities: Iterable[Severity]) -> Severity:
    """The most severe one; there has to be one."""
    return min(severities, key=lambda severity: severity.rank)
