"""From what ran to statements: one for each place and template, with the worst that reaches each hole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from backend_gate.backend.model import Choice, Place, Sql, SqlHole, Step, Unresolved
from backend_gate.backend.queries.columns import Columns
from backend_gate.backend.queries.origins import Origins, Provenance
from backend_gate.backend.queries.placeholders import PLACED
from backend_gate.backend.queries.selectors import choices
from backend_gate.backend.queries.sinks import Use, may_use, method_name, passed_on, uses
from backend_gate.backend.queries.variants import variants
from backend_gate.backend.queries.words import Words
from backend_gate.backend.sql.lattice import Origin, is_open_question, severity
from backend_gate.backend.sql.position import HoleMark, Position
from backend_gate.backend.sql.statement import positions
from backend_gate.backend.sql.template import Hole
from backend_gate.backend.trace import CallEvent, Trace
from backend_gate.backend.unparse import unparse
from backend_gate.backend.values import (
    BoundMethod,
    External,
    Function,
    Slot,
    Text,
    Value,
    alternatives,
)
from backend_gate.facts import model as ir

MAX_TEMPLATE = 300
_NAME_QUOTES = frozenset({'"', "`", "]"})
_BLANKS = re.compile(r"\s+")
_LEVELS = {"error": 4, "warning": 3, "unresolved": 2, "info": 1}

_Key = tuple[Place, str]


class Collected(NamedTuple):
    """What a collector holds, as plain data. ``entered`` are the functions that have run: file and span."""

    found: dict[_Key, Sql]
    choices: dict[_Key, Choice]
    passed_on: dict[_Key, Sql]
    given_up: dict[Place, str]
    visited: set[Place]
    entered: set[tuple[str, ir.Span]]


class Collector:
    """The statements of many runs. ``keep_traces``: somebody looks at them afterwards."""

    def __init__(self, words: Words, columns: Columns, *, keep_traces: bool = False) -> None:
        self.words = words
        self.columns = columns
        self.origins = Origins(words, columns)
        self.visited: set[Place] = set()
        self._entered: dict[int, Function] = {}
        self._entered_elsewhere: set[tuple[str, ir.Span]] = set()
        self.defined: list[Function] = []
        self._given_up: dict[Place, str] = {}
        self._found: dict[_Key, Sql] = {}
        self._choices: dict[_Key, Choice] = {}
        self._passed_on: dict[_Key, Sql] = {}
        self._positions: dict[tuple[object, ...], list[Position]] = {}
        self.traces: list[Trace] | None = [] if keep_traces else None

    def add(self, callee: Value, trace: Trace, *, reachable: bool) -> None:
        """The statements of one run of ``callee``."""
        if self.traces is not None:
            self.traces.append(trace)
        self._enter(callee)
        self.defined += trace.defined
        for event in trace.calls:
            self._enter(event.callee)
            if method_name(event.node) in self.words.choosing:
                for choice in choices(event, self.words, self.origins):
                    self._choices.setdefault((choice.place, choice.expression), choice)
            if may_use(event, self.words):
                self.visited.add(event.place)
                for use in uses(event, self.words):
                    self._add(self._found, use, event, reachable=reachable)
            if trace.gave_up:
                for use in passed_on(event, self.words):
                    self._add(self._passed_on, use, event, reachable=reachable)

    def _enter(self, callee: Value) -> None:
        if isinstance(callee, External):
            return
        for one in alternatives(callee):
            function = one.function if isinstance(one, BoundMethod) else one
            if isinstance(function, Function):
                self._entered[id(function.node)] = function

    def has_run(self, path: str, node: ir.FunctionDef) -> bool:
        """Whether a function of a file was called in one of the runs."""
        return id(node) in self._entered or (path, node.span) in self._entered_elsewhere

    def collected(self) -> Collected:
        """All that was found so far."""
        entered = {
            (function.module.path, function.node.span)
            for function in self._entered.values()
            if isinstance(function.node, ir.FunctionDef)
        }
        return Collected(self._found, self._choices, self._passed_on, self._given_up, self.visited, entered)

    def merge(self, later: Collected) -> None:
        """Take up what another collector has found in runs that come after those of this one."""
        for mine, others in ((self._found, later.found), (self._passed_on, later.passed_on)):
            for key, sql in others.items():
                known = mine.setdefault(key, sql)
                if known is not sql:
                    _take_up(known, sql.holes, reachable=sql.reachable_from_request)
        for key, choice in later.choices.items():
            self._choices.setdefault(key, choice)
        self._given_up.update(later.given_up)
        self.visited |= later.visited
        self._entered_elsewhere |= later.entered

    def choices(self) -> list[Choice]:
        """What clients may choose besides SQL, by place."""
        return [self._choices[key] for key in sorted(self._choices)]

    def of_one_run(self, callee: Value, trace: Trace) -> Collector:
        """A collector of what one run that no request is seen to reach does, and of no more."""
        alone = Collector(self.words, self.columns, keep_traces=self.traces is not None)
        alone._positions = self._positions  # where holes stand is the same for everybody
        alone.add(callee, trace, reachable=False)
        return alone

    def take_up(self, other: Collector) -> None:
        """Take up what another collector of this process has found."""
        self.merge(other.collected())
        self._entered |= other._entered
        self.defined += other.defined
        if self.traces is not None:
            self.traces += other.traces or []

    def asks_for_callers(self) -> bool:
        """A statement has a hole of which only callers know what it is."""
        return any(h.origin == Origin.UNKNOWN.value for sql in self.statements() for h in sql.holes)

    def statements(self) -> list[Sql]:
        """All statements with a hole, by place."""
        found = [*self._found.values(), *self._handed_to_sinks()]
        return sorted(found, key=lambda sql: (sql.place, sql.template))

    def _handed_to_sinks(self) -> Iterator[Sql]:
        """Statements that were not followed to where they run, handed to a method that is called like a sink."""
        for sql in self._not_followed():
            if sql.sink in self.words.untyped:
                yield sql

    def _not_followed(self) -> Iterator[Sql]:
        """Texts of SQL that a function of the project was given, and whose holes no sink is seen to get."""
        known = {(hole.place, hole.expression) for sql in self._found.values() for hole in sql.holes}
        for sql in self._passed_on.values():
            holes = [hole for hole in sql.holes if (hole.place, hole.expression) not in known]
            if holes:
                yield msgspec.structs.replace(sql, holes=holes)

    def unresolved(self, *, served: bool) -> list[Unresolved]:
        """Holes that nothing can be said of: clauses of unknown origin, and what was not followed to its end.

        ``served``: the code has endpoints.
        """
        found = dict(self._given_up)
        for sql in self._found.values():
            for hole in sql.holes:
                worth = severity(Position(hole.position), Origin(hole.origin))
                if hole.quoted and hole.origin == Origin.UNKNOWN.value:
                    reason = (
                        f"nobody knows whose value is bound to a placeholder between quotes: {hole.reason}"
                    )
                    found.setdefault(hole.place, reason)
                elif (
                    sql.reachable_from_request
                    and is_open_question(Position(hole.position), Origin(hole.origin), served=served)
                    and not (hole.escaped or hole.quoted)
                ):
                    reason = f"a part of SQL comes from something that cannot be followed: {hole.reason}"
                    found.setdefault(hole.place, reason)
                elif worth == "unresolved" and not (hole.escaped or hole.quoted):
                    reason = f"a clause of SQL comes from something that cannot be followed: {hole.reason}"
                    found.setdefault(hole.place, reason)
        for sql in self._not_followed():
            if sql.sink not in self.words.untyped:
                for hole in sql.holes:
                    if not Origin(hole.origin).is_safe:
                        reason = f"a text of SQL goes to `{sql.sink}`, which was not followed to its end"
                        found.setdefault(hole.place, reason)
        return [Unresolved(place, reason) for place, reason in found.items()]

    def _add(self, found: dict[_Key, Sql], use: Use, event: CallEvent, *, reachable: bool) -> None:
        holes: dict[_Key, SqlHole] = {}
        template, size = "", -1
        for variant in variants(use.text):
            text = template_text(variant)
            if (len(variant.holes), len(text)) > (size, len(template)):
                template, size = text, len(variant.holes)
            for hole in self._holes(variant, use, event):
                _keep_worst(holes, hole)
        if not holes:
            return
        key = (event.place, template)
        sql = found.get(key)
        if sql is None:
            found[key] = Sql(
                place=event.place,
                sink=use.name,
                function=event.function,
                template=template,
                holes=list(holes.values()),
                steps=[Step(event.place, f"`{use.name.rpartition('.')[2]}` runs the text")],
                reachable_from_request=reachable,
            )
            return
        _take_up(sql, holes.values(), reachable=reachable)

    def _holes(self, variant: Text, use: Use, event: CallEvent) -> Iterable[SqlHole]:
        for hole, position in zip(variant.holes, self._positions_of(variant, use), strict=True):
            provenance = self.origins.of_hole(hole)
            if use.is_whole and provenance.origin.rank < Origin.STORED.rank:
                continue
            if provenance.gave_up:
                place = hole.value.place or event.place
                self._given_up[place] = f"what is put into SQL here was not followed: {provenance.reason}"
                continue
            yield _hole(hole, position, provenance, event)

    def _positions_of(self, variant: Text, use: Use) -> list[Position]:
        """Where each hole stands; many handlers run the same statement."""
        numbers: dict[int, int] = {}
        parts = [
            part
            if isinstance(part, str)
            else HoleMark(str(numbers.setdefault(id(part.value.value), len(numbers))))
            for part in variant.parts
        ]
        key = (use.dialect, use.context, *parts)
        if key not in self._positions:
            self._positions[key] = positions(parts, use.dialect, context=use.context)
        return self._positions[key]


def _hole(hole: Hole[Slot], position: Position, provenance: Provenance, event: CallEvent) -> SqlHole:
    slot = hole.value
    place = slot.place or event.place
    expression = unparse(slot.node) if slot.node is not None else provenance.reason
    steps = provenance.steps
    steps += [Step(where, f"{caller} calls on") for where, caller in event.calls]
    steps.append(Step(place, f"`{expression}` is put into the text"))
    doubled = {step.arguments[0] for step in hole.steps if step.name == "replace" and step.arguments}
    origin = provenance.origin
    if position is Position.IDENTIFIER and doubled & _NAME_QUOTES and not origin.is_safe:
        origin = Origin.QUOTED_IDENTIFIER
    escaped = "'" in doubled and position is not Position.IDENTIFIER
    quoted = any(step.name == PLACED for step in hole.steps)
    return SqlHole(expression, place, origin.value, position.value, provenance.reason, steps, escaped, quoted)


def _take_up(sql: Sql, holes: Iterable[SqlHole], *, reachable: bool) -> None:
    """The same statement once more: of each hole the worst counts."""
    merged = {(hole.place, hole.expression): hole for hole in sql.holes}
    sql.reachable_from_request = sql.reachable_from_request or reachable
    for hole in holes:
        _keep_worst(merged, hole)
    sql.holes = list(merged.values())


def _keep_worst(holes: dict[_Key, SqlHole], hole: SqlHole) -> None:
    key = (hole.place, hole.expression)
    known = holes.get(key)
    if known is None or _weight(hole) > _weight(known):
        holes[key] = hole


def _weight(hole: SqlHole) -> tuple[int, int]:
    origin = Origin(hole.origin)
    found = severity(Position(hole.position), origin, suggest_binding=False)
    level = found if isinstance(found, str) or found is None else found.level
    return (_LEVELS.get(level or "", 0), origin.rank)


def template_text(text: Text) -> str:
    """A text for people: one line, each hole as its expression in braces."""
    shown = [
        part if isinstance(part, str) else "{" + (unparse(part.value.node, 40) or "…") + "}"
        for part in text.parts
    ]
    line = _BLANKS.sub(" ", "".join(shown)).strip()
    return line if len(line) <= MAX_TEMPLATE else line[: MAX_TEMPLATE - 1] + "…"
