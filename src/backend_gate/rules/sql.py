"""What the rules about SQL share: which holes of a statement are worth a finding, and its wording."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from backend_gate.backend.model import Place, Sql, SqlHole, Step
from backend_gate.backend.sql import lattice
from backend_gate.backend.sql.lattice import Origin, severity
from backend_gate.backend.sql.position import Position
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import last_name, listed, related, unique, worst
from backend_gate.rules.project import Project

_IDENTIFIERS = frozenset({Position.IDENTIFIER, Position.KEYWORD})

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


def is_identifier(hole: SqlHole) -> bool:
    """The hole stands where SQL has a name or a keyword, which no parameter can be bound to."""
    return Position(hole.position) in _IDENTIFIERS


def is_from_outside(hole: SqlHole) -> bool:
    """A stranger decides what the hole holds: the request itself, or what was stored from one."""
    return Origin(hole.origin) in (Origin.STORED, Origin.REQUEST_TAINTED)


def is_reported_elsewhere(statements: Iterable[Sql]) -> Callable[[SqlHole], bool]:
    """Whether the text that a hole stands for holds, in another of the statements, what a stranger decides.

    One function runs the clause of another with many callers: what is a fault for one of them is no note for the rest.
    """
    outside = {
        (hole.place, hole.expression)
        for statement in statements
        for hole in statement.holes
        if is_from_outside(hole)
    }
    return lambda hole: (hole.place, hole.expression) in outside


def is_open_question(hole: SqlHole, project: Project) -> bool:
    """Nobody can tell where a name or a literal of a served statement comes from: listed as unresolved."""
    served = bool(project.backend.endpoints)
    return lattice.is_open_question(Position(hole.position), Origin(hole.origin), served=served)


def severity_of(hole: SqlHole) -> Severity | None:
    """What the hole is worth; ``None``: nothing, nothing that can be said, or something for another rule
    (quotes that are written or doubled by hand).

    Raises:
        ValueError: origin or position is none of those that there are.
    """
    if hole.escaped or hole.quoted:
        return None
    judgement = severity(Position(hole.position), Origin(hole.origin), suggest_binding=False)
    return None if judgement is None or judgement == "unresolved" else Severity(judgement.level)


def judged(
    statements: Iterable[Sql],
    belongs: Callable[[SqlHole], bool],
    worth: Callable[[SqlHole], Severity | None] = severity_of,
) -> Iterator[tuple[Sql, list[JudgedHole]]]:
    """The statements with those of their holes that belong to a rule and are worth something, worst first.

    A hole that stands in several statements (a clause that one function makes for all) is one thing to
    change: it counts in the first of those where it is worst.
    """
    found = [(statement, _judged_holes(statement, belongs, worth)) for statement in statements]
    owners: dict[tuple[Place, str], tuple[int, int]] = {}
    for number, (_, holes) in enumerate(found):
        for each in holes:
            key, here = (each.hole.place, each.hole.expression), (each.severity.rank, number)
            owners[key] = min(owners.get(key, here), here)
    for number, (statement, holes) in enumerate(found):
        own = [each for each in holes if owners[each.hole.place, each.hole.expression][1] == number]
        if own:
            yield statement, own


def _judged_holes(
    statement: Sql, belongs: Callable[[SqlHole], bool], worth: Callable[[SqlHole], Severity | None]
) -> list[JudgedHole]:
    holes = [(hole, worth(hole)) for hole in statement.holes if belongs(hole)]
    judged_holes = [JudgedHole(hole, severity) for hole, severity in holes if severity is not None]
    return sorted(judged_holes, key=lambda each: (each.severity.rank, -Origin(each.hole.origin).rank))


def by_source(
    found: Iterable[tuple[Sql, list[JudgedHole]]], *, together: bool
) -> Iterator[tuple[Sql, list[JudgedHole], list[JudgedHole]]]:
    """Each statement with its holes, and the holes of those further statements of the same function whose worst
    hole takes what enters at the same place: one thing to mend. Not ``together``: each by itself.
    """
    groups: dict[tuple[object, ...], list[tuple[Sql, list[JudgedHole]]]] = {}
    for number, (statement, holes) in enumerate(found):
        first = holes[0].hole
        source = first.steps[0].place if first.steps else first.place
        key = (statement.function, source) if together else (number,)
        groups.setdefault(key, []).append((statement, holes))
    for (statement, holes), *further in groups.values():
        yield statement, holes, [each for _, more in further for each in more]


def statement_finding(
    rule: str,
    statement: Sql,
    holes: list[JudgedHole],
    *,
    does: str,
    fix: str,
    elsewhere: Sequence[JudgedHole] = (),
) -> Finding:
    """One finding for one statement: at its worst hole, naming all of the same origin.

    ``does`` says what the value does to the SQL of the sink, after "Text from the request …"; ``elsewhere``
    are holes of further statements of the same function, which the finding stands for as well.
    """
    first = holes[0].hole
    every = [each.hole for each in (*holes, *elsewhere)]
    names = list(dict.fromkeys(hole.expression for hole in every if hole.origin == first.origin))
    others = [Step(each.hole.place, f"`{each.hole.expression}` in another statement") for each in elsewhere]
    return Finding(
        rule=rule,
        message=f"{_ORIGINS[first.origin]} {does} the SQL of `{last_name(statement.sink)}`: {listed(names)}",
        place=first.place,
        severity=worst(each.severity for each in holes),
        subject=f"{statement.function}: {', '.join(names)}",
        symbol=statement.function,
        related=related([*_steps(statement, [each.hole for each in holes]), *others], first.place),
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


def value_fix(hole: SqlHole) -> str:
    """What to do about a value, clause or literal in a text."""
    if hole.position == "value":
        return f"Write a placeholder instead of `{hole.expression}` and pass the value as a parameter."
    if hole.position == "unbindable":
        return (
            f"No parameter can be bound here: take `{hole.expression}` from a fixed set, or convert it first."
        )
    return "Choose the clause from a fixed set of texts and bind the values in it as parameters."
