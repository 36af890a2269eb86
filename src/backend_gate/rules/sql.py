"""What a hole in an SQL statement is worth, by where its value comes from and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from backend_gate.backend.model import Sql, SqlHole, Step
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import last_name, listed, related, unique, worst

CLEAN_ORIGINS = frozenset(
    {
        "literal",
        "constant",
        "placeholder-list",
        "coerced",
        "allow-listed",
        "quoted-identifier",
        "schema-derived",
        "composed-safe",
    }
)
"""Origins of a hole that no caller can influence, best first up to ``composed-safe``."""

OUTSIDE_ORIGINS = frozenset({"request-tainted", "stored"})
"""Origins that a stranger can influence: the request itself, or what was stored from one."""

IDENTIFIER_POSITIONS = frozenset({"identifier", "keyword"})
"""Places for names and words of SQL, which no parameter can be bound to."""

_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

_SEVERITY: dict[str, dict[str, Severity | None]] = {
    # position: severity of configuration, unknown, anything from outside
    "value": {"configuration": _WARNING, "unknown": _WARNING, "outside": _ERROR},
    "identifier": {"configuration": _INFO, "unknown": _INFO, "outside": _ERROR},
    "keyword": {"configuration": _INFO, "unknown": _INFO, "outside": _ERROR},
    "fragment": {"configuration": _INFO, "unknown": None, "outside": _ERROR},
    "unbindable": {"configuration": _INFO, "unknown": _WARNING, "outside": _ERROR},
    "unknown": {"configuration": _INFO, "unknown": None, "outside": _ERROR},
}

_ORIGINS = {
    "request-tainted": "Text from the request",
    "stored": "Stored or third-party data",
    "unknown": "A value of unknown origin",
    "configuration": "A value of the configuration",
    "coerced": "A converted value",
}


@dataclass(frozen=True)
class JudgedHole:
    """A hole and what it is worth."""

    hole: SqlHole
    severity: Severity


def severity_of(hole: SqlHole, *, reachable_from_request: bool) -> Severity | None:
    """What the hole is worth; ``None``: nothing, or nothing that can be said.

    Raises:
        KeyError: origin or position is none of those that the model names.
    """
    if hole.origin in CLEAN_ORIGINS:
        return None
    origin = "outside" if hole.origin in OUTSIDE_ORIGINS else hole.origin
    severity = _SEVERITY[hole.position][origin]
    if (hole.position, origin) == ("value", "unknown") and reachable_from_request:
        return Severity.ERROR
    return severity


def judged(statement: Sql, belongs: Callable[[SqlHole], bool]) -> list[JudgedHole]:
    """The holes of ``statement`` that belong to a rule and are worth something, worst first."""
    holes: list[JudgedHole] = []
    for hole in statement.holes:
        if belongs(hole):
            severity = severity_of(hole, reachable_from_request=statement.reachable_from_request)
            if severity is not None:
                holes.append(JudgedHole(hole, severity))
    return sorted(holes, key=lambda each: each.severity.rank)


def statement_finding(rule: str, statement: Sql, holes: list[JudgedHole], *, does: str, fix: str) -> Finding:
    """One finding for one statement: at its worst hole, naming all of the same origin.

    ``does`` says what the value does to the SQL of the sink, after "Text from the request …".
    """
    first = holes[0].hole
    names = list(dict.fromkeys(each.hole.expression for each in holes if each.hole.origin == first.origin))
    return Finding(
        rule=rule,
        message=f"{_ORIGINS[first.origin]} {does} the SQL of `{last_name(statement.sink)}`: {listed(names)}",
        place=first.place,
        severity=worst(each.severity for each in holes),
        subject=f"{statement.function}: {', '.join(names)}",
        symbol=statement.function,
        related=related(_steps(statement, [each.hole for each in holes]), first.place),
        evidence=unique([*first.steps, *statement.steps, *_reason(first)]),
        fix=fix,
    )


def _steps(statement: Sql, holes: list[SqlHole]) -> Iterator[Step]:
    for hole in holes[1:]:
        yield Step(hole.place, f"`{hole.expression}` stands in the same statement")
    for hole in holes:
        yield from hole.steps
    yield from statement.steps
    yield Step(statement.place, f"the statement runs here: {statement.template}")


def _reason(hole: SqlHole) -> Iterator[Step]:
    if hole.reason:
        yield Step(hole.place, hole.reason)
