"""Statements of SQL that are put together and that nothing seen runs: for a rule that people ask for.

The texts are those that traces have noted. What a log, a print or an exception is given is no statement,
whatever it reads like.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backend_gate.backend.model import Place, Sql, SqlHole, Step
from backend_gate.backend.queries.origins import Origins
from backend_gate.backend.queries.sinks import method_name, shape
from backend_gate.backend.queries.variants import variants
from backend_gate.backend.queries.words import Words
from backend_gate.backend.sql.lattice import Origin
from backend_gate.backend.sql.position import HoleMark
from backend_gate.backend.sql.statement import looks_like_sql, positions
from backend_gate.backend.sql.template import Template
from backend_gate.backend.trace import CallEvent, Trace
from backend_gate.backend.unparse import unparse
from backend_gate.backend.values import Class, External, Slot, Text, TextValue, Value, alternatives

_REFUSALS = ("Error", "Exception", "Warning")


def loose_texts(traces: Iterable[Trace], statements: Iterable[Sql], words: Words) -> list[Sql]:
    """The texts of ``traces`` that look like SQL, have an unsafe hole, and are no part of ``statements``."""
    traces = list(traces)
    run = {hole.place for sql in statements for hole in sql.holes}
    spoken = {
        hole.value.place
        for trace in traces
        for event in trace.calls
        if _speaks(event, words)
        for value in event.arguments.all()
        for text in _texts(value)
        for hole in text.holes
    }
    found: dict[Place, Sql] = {}
    for trace in traces:
        for place, value in trace.texts or ():
            for text in _texts(value):
                places = {hole.value.place for hole in text.holes}
                if places & run or places & spoken:
                    continue
                sql = _statement(place, text, Origins(words))
                if sql is not None:
                    found.setdefault(place, sql)
    return [found[place] for place in sorted(found) if not any(_inside(place, other) for other in found)]


def _speaks(event: CallEvent, words: Words) -> bool:
    if method_name(event.node) in words.speech:
        return True
    for one in alternatives(event.callee):
        name = one.qualname if isinstance(one, Class) else one.name if isinstance(one, External) else ""
        if name.endswith(_REFUSALS):
            return True
    return False


def _texts(value: Value) -> Iterator[Text]:
    for one in alternatives(value):
        if isinstance(one, TextValue):
            yield one.template


def _statement(place: Place, text: Text, origins: Origins) -> Sql | None:
    holes: dict[tuple[Place, str], SqlHole] = {}
    for variant in variants(text):
        if not looks_like_sql(shape(variant)):
            continue
        marks = [part if isinstance(part, str) else HoleMark() for part in variant.parts]
        for hole, position in zip(variant.holes, positions(marks, None), strict=True):
            provenance = origins.of_hole(hole)
            if provenance.origin.rank < Origin.CONFIGURATION.rank or provenance.gave_up:
                continue
            slot = hole.value
            where = slot.place or place
            expression = unparse(slot.node) if slot.node is not None else provenance.reason
            steps = [*provenance.steps, Step(where, f"`{expression}` is put into the text")]
            made = SqlHole(
                expression, where, provenance.origin.value, position.value, provenance.reason, steps
            )
            holes.setdefault((where, expression), made)
    if not holes:
        return None
    return Sql(
        place=place,
        sink="",
        function=place.file,
        template=_template(text),
        holes=list(holes.values()),
        steps=[],
        reachable_from_request=False,
    )


def _template(text: Template[Slot]) -> str:
    from backend_gate.backend.queries.collect import template_text

    return template_text(text)


def _inside(place: Place, other: Place) -> bool:
    if place == other or place.file != other.file:
        return False
    inner, outer = place.span, other.span
    starts = (outer.line, outer.column) <= (inner.line, inner.column)
    return starts and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)
