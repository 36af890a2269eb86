"""Placeholders between quotes: the driver writes a value with its own quotes there, which end those of the text.

``execute("… name = '%s'", (name,))`` becomes ``… name = ''Ada''``: the value stands outside of the literal. That is
so with drivers that put the values into the text themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_gate.backend import texts
from backend_gate.backend.queries.words import Sink
from backend_gate.backend.sql.template import Hole, Step, Template
from backend_gate.backend.sql.tokens import HOLE, Kind, text_of, tokenize
from backend_gate.backend.trace import CallEvent
from backend_gate.backend.values import Constant, Mapping, Sequence, Slot, Text, Unknown, Value, is_given
from backend_gate.facts import model as ir

PLACED = "placeholder between quotes"
"""The step of a hole that the driver fills so."""
_QUOTED = re.compile(r"--[^\n]*|/\*.*?(?:\*/|\Z)|(?P<literal>'(?:[^'\\]|\\.|'')*')", re.DOTALL)
_PLACEHOLDER = re.compile(r"%%|%(?:\((?P<key>[^()]*)\))?s")
_KEYWORDS = ("args", "params", "parameters", "vars")


def filled(event: CallEvent, sink: Sink, value: Value) -> Text | None:
    """The text with a hole for each placeholder between quotes; ``None`` if there are none, or no values for them."""
    template = texts.template_of(value)
    given = _values(event, sink)
    if template is None or given is None or not any(isinstance(p, str) and "%" in p for p in template.parts):
        return None
    text = text_of(template.parts)
    if not _is_style(text, given[0]):
        return None
    literals = [match.span() for match in _QUOTED.finditer(text) if match["literal"] is not None]
    holes = iter(template.holes)
    out: list[str | Hole[Slot]] = []
    end = number = 0
    for match in _PLACEHOLDER.finditer(text):
        if match[0] == "%%":
            continue
        key: str | int = number if match["key"] is None else match["key"]
        number += match["key"] is None
        if any(first < match.start() < last for first, last in literals):
            out += [*_pieces(text[end : match.start()], holes), _hole(key, *given, event)]
            end = match.end()
    if not end:
        return None
    return Template.of(*out, *_pieces(text[end:], holes))


def _is_style(text: str, given: Value) -> bool:
    """``%s`` is what the values are for: in ``strftime('%s', at) > ?`` it is not."""
    if any(t.kind is Kind.PLACEHOLDER and not t.text.startswith(("%", "@")) for t in tokenize(text, None)):
        return False
    wanted = sum(match[0] != "%%" and match["key"] is None for match in _PLACEHOLDER.finditer(text))
    return not isinstance(given, Sequence) or given.open or len(given.items) == wanted


def _pieces(text: str, holes: Iterator[Hole[Slot]]) -> Iterator[str | Hole[Slot]]:
    for number, piece in enumerate(text.split(HOLE)):
        if number:
            yield next(holes)
        yield piece


def _values(event: CallEvent, sink: Sink) -> tuple[Value, ir.Expression | None] | None:
    """What is passed beside the text, and the expression of it."""
    if sink.argument is None:
        return None
    keyword = next((name for name in _KEYWORDS if name in event.arguments.keywords), None)
    given = event.arguments.get(sink.argument + 1, keyword)
    if given is None or (isinstance(given, Constant) and given.value is None):
        return None
    written = [a for a in event.node.arguments if not a.star]
    plain = [a.value for a in written if a.name is None]
    node = next((a.value for a in written if a.name == keyword), None) if keyword is not None else None
    return given, node or (plain[sink.argument + 1] if sink.argument + 1 < len(plain) else None)


def _hole(key: str | int, given: Value, node: ir.Expression | None, event: CallEvent) -> Hole[Slot]:
    value, written = _of(key, given), _written(key, node)
    place = event.place if written is None else type(event.place)(event.place.file, written.span)
    return Hole(Slot(value, place, written), (Step(PLACED),))


def _of(key: str | int, given: Value) -> Value:
    match given:
        case Sequence(items=items) if isinstance(key, int) and key < len(items):
            return items[key]
        case Mapping() if (known := given.get(Constant(key))) is not None:
            return known
        case Unknown():
            return given
    return texts.element_of(given) if is_given(given) else Unknown("one of the values beside the statement")


def _written(key: str | int, node: ir.Expression | None) -> ir.Expression | None:
    """The expression of one value, where the values are written down."""
    match node:
        case ir.TupleDisplay(items=items) | ir.ListDisplay(items=items):
            return items[key] if isinstance(key, int) and key < len(items) else node
        case ir.DictDisplay(entries=entries):
            found = (e.value for e in entries if isinstance(e.key, ir.Constant) and e.key.value == key)
            return next(found, node)
    return node
