"""Routes that are reached more than once, and are there once: branches that exclude each other, and a second try.

``if METRICS: … app.include_router(rows)``, and the same ``else``: the routes of ``rows`` are there whatever METRICS
is. Where only their dependencies differ, one route has the dependencies of either branch.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable

from backend_gate.backend.dependencies import Dependency, handler_function
from backend_gate.backend.flatten import Registration
from backend_gate.backend.model import Condition


def each_once(registrations: Iterable[Registration]) -> list[Registration]:
    """The registrations of one application, with one for several that are never there together."""
    kept: list[Registration] = []
    by_route: dict[tuple[int, str], list[Registration]] = {}
    for registration in registrations:
        alike = by_route.setdefault((id(registration.route), registration.path), [])
        if not any(_takes_in(known, registration) for known in alike):
            kept.append(registration)
            alike.append(registration)
    gone = {id(r) for alike in by_route.values() for r in _taken_in(alike)}
    return [registration for registration in kept if id(registration) not in gone]


def _taken_in(alike: list[Registration]) -> list[Registration]:
    """Take in what is left to be taken in, now that conditions have gone; gives what is no longer needed."""
    gone: list[Registration] = []
    found = True
    while found:
        found = False
        left = [one for one in alike if not any(one is other for other in gone)]
        for number, one in enumerate(left):
            other = next((other for other in left[number + 1 :] if _takes_in(one, other)), None)
            if other is not None:
                gone.append(other)
                found = True
                break
    return gone


def _takes_in(known: Registration, other: Registration) -> bool:
    """Let ``known`` stand for ``other`` as well, if they are one route of which a branch takes one."""
    if _way(known) != _way(other):
        return False
    same = _dependencies(known) == _dependencies(other)
    own = [c for c in known.conditions if c not in other.conditions]
    others = [c for c in other.conditions if c not in known.conditions]
    if not own and others and same and not known.excluded:
        return True  # it is there anyhow
    if len(own) != 1 or len(others) != 1 or not _exclude_each_other(own[0], others[0]):
        return False
    if same and not other.excluded:
        _settle(known, own[0])
        return True
    if same or known.excluded or other.excluded:
        return False
    if own[0].by_default is False:
        known.exchange(other)
        own, others = others, own
    _settle(known, own[0])
    _settle(other, others[0])
    known.excluded = own[0], other
    return True


def _settle(registration: Registration, condition: Condition) -> None:
    registration.conditions = tuple(c for c in registration.conditions if c != condition)
    registration.settled += (condition,)


def _exclude_each_other(one: Condition, other: Condition) -> bool:
    return one.place == other.place and (
        one.text == f"not ({other.text})" or other.text == f"not ({one.text})"
    )


def _way(registration: Registration) -> Hashable:
    return (
        tuple(map(id, registration.applications)),
        tuple(map(id, registration.routers)),
        tuple(registration.prefixes),
        registration.in_schema,
    )


def _dependencies(registration: Registration) -> list[int]:
    return list(map(id, registration.dependencies))


def code_of(node: Dependency, around: Collection[Condition]) -> Hashable:
    """What a dependency is made of: the same for one that the same code makes, whenever it runs.

    ``around`` are the conditions of the route, which say nothing about the dependency.
    """
    function = handler_function(node.value)
    code = id(function.node) if function is not None else 0
    conditions = tuple(c for c in node.conditions if c not in around)
    return (
        node.name,
        node.parameter,
        code,
        conditions,
        tuple(code_of(other, around) for other in node.others),
    )
