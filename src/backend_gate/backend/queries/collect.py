"""From what ran to statements: one for each place and template, with the worst that reaches each hole."""

from __future__ import annotations

import re
from collections.abc import Iterable

from backend_gate.backend.model import Place, Sql, SqlHole, Step, Unresolved
from backend_gate.backend.queries.origins import Origins, Provenance
from backend_gate.backend.queries.sinks import Use, method_name, uses
from backend_gate.backend.queries.variants import variants
from backend_gate.backend.queries.words import Words
from backend_gate.backend.sql.lattice import Origin, severity
from backend_gate.backend.sql.position import HoleMark, Position
from backend_gate.backend.sql.statement import positions
from backend_gate.backend.sql.template import Hole
from backend_gate.backend.trace import CallEvent, Trace
from backend_gate.backend.unparse import unparse
from backend_gate.backend.values import BoundMethod, External, Function, Slot, Text, alternatives

MAX_TEMPLATE = 300
_BLANKS = re.compile(r"\s+")
_LEVELS = {"error": 4, "warning": 3, "unresolved": 2, "info": 1}

_Key = tuple[Place, str]


class Collector:
    """The statements of all runs of one unit."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.origins = Origins(words)
        self.visited: set[Place] = set()
        self.entered: set[int] = set()
        self._given_up: dict[Place, str] = {}
        self._found: dict[_Key, Sql] = {}
        self._traces: set[int] = set()
        self._kept: list[Trace] = []

    def add(self, trace: Trace, *, reachable: bool, only_new: bool = False) -> None:
        """The statements of one run. ``only_new``: at places that no other run has seen."""
        if id(trace) in self._traces:
            return
        self._traces.add(id(trace))
        self._kept.append(trace)  # so that its id stays its own
        before = set(self.visited) if only_new else frozenset()
        for event in trace.calls:
            for callee in alternatives(event.callee):
                function = callee.function if isinstance(callee, BoundMethod) else callee
                if isinstance(function, Function):
                    self.entered.add(id(function.node))
            if not self._may_be_sink(event):
                continue
            self.visited.add(event.place)
            if event.place not in before:
                for use in uses(event, self.words):
                    self._add(use, event, reachable=reachable)

    def asks_for_callers(self, trace: Trace) -> bool:
        """A statement of this run has a hole of which only callers know what it is."""
        seen = Collector(self.words)
        seen.visited = set(self.visited)
        seen.add(trace, reachable=False, only_new=True)
        return any(hole.origin == Origin.UNKNOWN.value for sql in seen._found.values() for hole in sql.holes)

    def statements(self) -> list[Sql]:
        """All statements with a hole, by place."""
        return sorted(self._found.values(), key=lambda sql: (sql.place, sql.template))

    def unresolved(self) -> list[Unresolved]:
        """Holes that nothing can be said of: clauses of unknown origin, and what was not followed to its end."""
        found = dict(self._given_up)
        for sql in self._found.values():
            for hole in sql.holes:
                worth = severity(Position(hole.position), Origin(hole.origin))
                if worth == "unresolved":
                    reason = f"a clause of SQL comes from something that cannot be followed: {hole.reason}"
                    found.setdefault(hole.place, reason)
        return [Unresolved(place, reason) for place, reason in found.items()]

    def _may_be_sink(self, event: CallEvent) -> bool:
        names = self.words.names
        return method_name(event.node) in names or any(
            isinstance(one, External) and one.name.rpartition(".")[2] in names
            for one in alternatives(event.callee)
        )

    def _add(self, use: Use, event: CallEvent, *, reachable: bool) -> None:
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
        sql = self._found.get(key)
        if sql is None:
            self._found[key] = Sql(
                place=event.place,
                sink=use.name,
                function=event.function,
                template=template,
                holes=list(holes.values()),
                steps=[Step(event.place, f"`{use.name.rpartition('.')[2]}` runs the text")],
                reachable_from_request=reachable,
            )
            return
        merged = {(hole.place, hole.expression): hole for hole in sql.holes}
        sql.reachable_from_request = sql.reachable_from_request or reachable
        for hole in holes.values():
            _keep_worst(merged, hole)
        sql.holes = list(merged.values())

    def _holes(self, variant: Text, use: Use, event: CallEvent) -> Iterable[SqlHole]:
        parts = [
            part if isinstance(part, str) else HoleMark(str(id(part.value.value))) for part in variant.parts
        ]
        where = positions(parts, use.dialect, context=use.context)
        for hole, position in zip(variant.holes, where, strict=True):
            provenance = self.origins.of_hole(hole)
            if use.is_whole and provenance.origin.rank < Origin.STORED.rank:
                continue
            if provenance.gave_up:
                place = hole.value.place or event.place
                self._given_up[place] = f"what is put into SQL here was not followed: {provenance.reason}"
                continue
            yield _hole(hole, position, provenance, event)


def _hole(hole: Hole[Slot], position: Position, provenance: Provenance, event: CallEvent) -> SqlHole:
    slot = hole.value
    place = slot.place or event.place
    expression = unparse(slot.node) if slot.node is not None else provenance.reason
    steps = provenance.steps
    steps += [Step(where, f"{caller} calls on") for where, caller in event.calls]
    steps.append(Step(place, f"`{expression}` is put into the text"))
    return SqlHole(expression, place, provenance.origin.value, position.value, provenance.reason, steps)


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
