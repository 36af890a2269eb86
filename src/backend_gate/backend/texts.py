"""Texts that are put together while a program runs: nothing that goes into one is lost.

Each function gives the value of one operation of Python on texts (``+``, ``%``, ``format``, ``join`` …). A
value that is not known stands in the result as a hole with its place; an operation that cannot be followed
gives a text of one hole that is made of all operands.
"""

from __future__ import annotations

import collections.abc
from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from backend_gate.backend.arguments import Arguments
from backend_gate.backend.model import Place
from backend_gate.backend.sql import formatting, methods, template
from backend_gate.backend.sql.template import Argument, Hole, Template, TemplateError
from backend_gate.backend.values import (
    MAX_ALTERNATIVES,
    Absent,
    Alternatives,
    AskedText,
    BodyInput,
    ComposedText,
    Constant,
    Derived,
    External,
    Input,
    Mapping,
    Native,
    Questions,
    Repeated,
    Sequence,
    Setting,
    Slot,
    Text,
    TextValue,
    Unknown,
    Value,
    alternatives,
    join,
    text_of,
)
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.frame import Frame

MAX_TEXT = 100_000
MAX_CHOICES = 64
_SCALARS = (str, int, float, bool, type(None))


# --- from values to templates and back -----------------------------------------------------------


def placed(value: Value, node: ir.Expression, frame: Frame) -> Value:
    """``value`` with the place of the expression that gives it, unless it is a known text already."""
    if isinstance(value, (Slot, TextValue)) or (isinstance(value, Constant) and value.setting is None):
        return value
    return Slot(value, frame.place(node), node)


def made_at(value: Value, node: ir.Call, frame: Frame) -> Value:
    """A text that a call has made: a part without a place stands where the call is, ``x`` of ``str(x)``."""
    if not isinstance(value, TextValue) or all(h.value.place is not None for h in value.template.holes):
        return value
    is_plain = len(node.arguments) == 1 and not node.arguments[0].star and isinstance(node.function, ir.Name)
    written = node.arguments[0].value if is_plain else node
    parts = [
        Hole(Slot(part.value.value, frame.place(written), written), part.steps)
        if isinstance(part, Hole) and part.value.place is None
        else part
        for part in value.template.parts
    ]
    return TextValue(Template.of(*parts))


def unplaced(value: Value) -> Value:
    """The value without the place that :func:`placed` gave it."""
    return value.value if isinstance(value, Slot) else value


def piece(value: Value) -> Text:
    """What ``str(value)`` adds to a text.

    Raises:
        TemplateError: it is too long.
    """
    inner = unplaced(value)
    if isinstance(inner, (TextValue, ComposedText)):
        return inner.template
    if isinstance(inner, AskedText):
        return Template.of(hole(value))
    if isinstance(inner, Alternatives) and not any(isinstance(v, AskedText) for v in inner.values):
        known = {text_of(v) for v in inner.values}
        text = known.pop() if len(known) == 1 else None
    else:
        text = None if isinstance(inner, Constant) and inner.setting is not None else text_of(inner)
    if text is not None:
        return Template.of(text)
    return Template.of(hole(value))


def hole(value: Value) -> Hole[Slot]:
    """A hole that holds a value."""
    return Hole(value if isinstance(value, Slot) else Slot(value))


def argument(value: Value) -> Argument[Slot]:
    """The value as an argument of :mod:`backend_gate.backend.sql.formatting`."""
    if isinstance(value, AskedText):
        return hole(value)
    if isinstance(value, Constant) and value.setting is None and isinstance(value.value, _SCALARS):
        scalar: str | int | float | bool | None = value.value
        return Template.of(scalar) if isinstance(scalar, str) else scalar
    made = piece(value)
    only = made.parts[0] if len(made.parts) == 1 else None
    return only if isinstance(only, Hole) else made


def value_of(made: Text) -> Value:
    """The value of a text: a constant if all is known, by default at least."""
    if sum(len(part) for part in made.parts if isinstance(part, str)) > MAX_TEXT:
        raise TemplateError("a very long text")
    text = made.text
    if text is not None:
        return Constant(text)
    asked = [h.value.value for h in made.holes if isinstance(h.value.value, AskedText)]
    if asked and len(asked) == len(made.holes):
        return _of_asked(made, asked[0].questions)
    settings = [h.value.value.setting for h in made.holes if isinstance(h.value.value, Constant)]
    if len(settings) == len(made.holes):
        filled = formatting.fill(made, _default).text
        if filled is not None:
            return ComposedText(filled, next((s for s in settings if s is not None), None), made)
    return TextValue(made)


def _of_asked(made: Text, questions: Questions) -> Value:
    """A text whose holes are all filled by what is asked of one text: it can be asked as well."""

    def fill(whole: str | None) -> str | None:
        return formatting.fill(made, lambda hole: Template.of(_filled(hole, whole))).text

    seen = fill(None)
    return TextValue(made) if seen is None else AskedText(seen, questions, fill)


def _filled(hole: Hole[Slot], whole: str | None) -> str:
    """What a hole holds for another whole; without one, what the run has seen."""
    asked = cast("AskedText", hole.value.value)
    return asked.seen if whole is None else str(asked.make(whole))


def _settled(text: Text) -> Text:
    """The text with what is asked in it asked for as a whole."""
    if not any(isinstance(h.value.value, AskedText) for h in text.holes):
        return text
    return formatting.fill(
        text, lambda hole: _default(hole) if isinstance(hole.value.value, AskedText) else None
    )


def _default(hole: Hole[Slot]) -> Text | None:
    text = text_of(hole.value.value)
    return Template.of(text) if text is not None else None


def lost(reason: str, operands: Iterable[Value]) -> Value:
    """A text that cannot be followed, made of ``operands``."""
    return TextValue(Template.of(Hole(Slot(Derived(reason, tuple(unplaced(o) for o in operands))))))


def template_of(value: Value) -> Text | None:
    """The text that a value is; ``None`` for anything else."""
    if isinstance(value, (TextValue, ComposedText)):
        return value.template
    if isinstance(value, AskedText):
        return Template.of(hole(value))
    if isinstance(value, Constant) and isinstance(value.value, str):
        return Template.of(value.value) if value.setting is None else Template.of(Hole(Slot(value)))
    return None


def is_text(value: Value) -> bool:
    """The value is a known or partly known text."""
    return isinstance(value, (TextValue, AskedText)) or (
        isinstance(value, Constant) and isinstance(value.value, str)
    )


def element_of(
    value: Value,
    reason: str = "a part of something unknown",
    place: Place | None = None,
    part: str | int | None = None,
) -> Value:
    """An item, an attribute or a part of something unknown: it comes from where the whole comes from."""
    value = unplaced(value)
    if isinstance(value, (Input, Setting, Absent)):
        return value
    if isinstance(value, Unknown):
        return Derived(value.reason, (value,), place or value.place, part)
    return Derived(reason, (value,), place, part)


# --- operators -----------------------------------------------------------------------------------


def concat(parts: list[Value]) -> Value:
    """The values one after the other, each as ``str()`` gives it."""
    if all(
        isinstance(part, Constant) and part.setting is None and not isinstance(part, AskedText)
        for part in parts
    ):
        text = "".join(str(part.value) for part in parts if isinstance(part, Constant))
        if len(text) <= MAX_TEXT:
            return Constant(text)
    try:
        return value_of(Template.of(*(piece(part) for part in parts)))
    except TemplateError as error:
        return lost(str(error), parts)


def formatted(value: Value, conversion: str, specification: str | None) -> Value:
    """``{value!conversion:specification}`` of an f-string."""
    if isinstance(value, AskedText) and not conversion and not specification:
        return value
    try:
        return value_of(formatting.formatted(argument(value), conversion, specification))
    except TemplateError as error:
        return lost(str(error), [value])


def concerns(operator: str, left: Value, right: Value) -> bool:
    """``left operator right`` puts a text together."""
    if operator not in ("+", "%", "*"):
        return False
    sides = [left] if operator == "%" else [left, right]
    return any(is_text(one) for side in sides for one in alternatives(unplaced(side)))


def combine(operator: str, left: Value, right: Value) -> Value:
    """``left operator right`` for ``+``, ``%`` and ``*``; alternatives stay apart as long as they are few."""
    lefts, rights = list(alternatives(unplaced(left))), list(alternatives(unplaced(right)))
    if len(lefts) * len(rights) == 1:
        return _combine(operator, left, right)
    if len(lefts) * len(rights) > MAX_ALTERNATIVES:
        return _combine(operator, left, right)
    pairs = [(_like(left, one), _like(right, other)) for one in lefts for other in rights]
    possible = [pair for pair in pairs if operator != "+" or not any(_refuses(one) for one in pair)]
    return join(_combine(operator, one, other) for one, other in possible or pairs)


def _like(whole: Value, one: Value) -> Value:
    """One alternative at the place of all."""
    return Slot(one, whole.place, whole.node) if isinstance(whole, Slot) else one


def _refuses(value: Value) -> bool:
    """Adding it to a text raises."""
    value = unplaced(value)
    return type(value) is Constant and not isinstance(value.value, str)


def _combine(operator: str, left: Value, right: Value) -> Value:
    if operator == "+":
        return concat([left, right])
    if operator == "*":
        return _repeat(left, right) if is_text(unplaced(left)) else _repeat(right, left)
    return percent(left, right)


def _repeat(text: Value, count: Value) -> Value:
    number = unplaced(count)
    known = number.value if isinstance(number, Constant) and isinstance(number.value, int) else None
    try:
        made = template.repeat(piece(text), known)
        if known is None:
            return TextValue(Template.of(Hole(Slot(Repeated(made)))))
        return value_of(made)
    except TemplateError as error:
        return lost(str(error), [text, count])


def percent(left: Value, right: Value) -> Value:
    """``left % right``"""
    given: Argument[Slot] | tuple[Argument[Slot], ...] | collections.abc.Mapping[str, Argument[Slot]]
    inner = unplaced(right)
    try:
        if isinstance(inner, Sequence) and inner.kind == "tuple" and not inner.open:
            given = tuple(argument(item) for item in inner.items)
        elif isinstance(inner, Mapping):
            given = _Fields(inner)
        else:
            given = argument(right)
        return value_of(formatting.percent(piece(left), given))
    except TemplateError as error:
        return lost(str(error), [left, right])


class _Fields(collections.abc.Mapping[str, Argument[Slot]]):
    """The named arguments of a template; of an open dict, any name may be one."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping

    def __getitem__(self, key: str) -> Argument[Slot]:
        found = self.mapping.get(Constant(key))
        if found is None and not self.mapping.open:
            raise KeyError(key)
        return argument(found if found is not None else element_of(self.mapping))

    def __contains__(self, key: object) -> bool:
        return self.mapping.open or self.mapping.get(Constant(key)) is not None

    def __iter__(self) -> collections.abc.Iterator[str]:
        return (str(key.value) for key, _ in self.mapping.entries.values() if isinstance(key, Constant))

    def __len__(self) -> int:
        return len(self.mapping.entries)


# --- methods -------------------------------------------------------------------------------------

_TEXT_METHODS = (
    "strip lstrip rstrip removeprefix removesuffix replace lower upper title capitalize casefold swapcase "
    "zfill ljust rjust center expandtabs translate format format_map join"
)
_GIVES_TEXT = frozenset(_TEXT_METHODS.split())
_FILLS = frozenset({"format", "format_map", "join", "replace"})
_GIVES_LIST = frozenset({"split", "rsplit", "splitlines", "partition", "rpartition"})


def method(value: Value, name: str, arguments: Arguments) -> Value | None:
    """``value.name(…)`` of a partly known text or with unknown arguments; ``None`` if it is not followed."""
    operands = [value, *arguments.all()]
    try:
        # Without knowing what it is given, no text answers, or tells what becomes of it.
        is_vain = isinstance(value, AskedText) and name not in _FILLS
        found = None if is_vain else _method(_settled(piece(value)), name, arguments)
    except TemplateError as error:
        return lost(str(error), operands) if name in _GIVES_TEXT else None
    if isinstance(found, list):
        return Sequence("list", [value_of(one) for one in found])
    if found is not None:
        return value_of(found)
    if name in _GIVES_TEXT:
        return lost(f"a text changed by {name}", operands)
    if name in _GIVES_LIST:
        return Sequence("list", [lost(f"a part of a text that {name} gives", operands)], open=True)
    return None


def _method(text: Text, name: str, arguments: Arguments) -> Text | list[Text] | None:
    if name == "format":
        return _as_meant(text, format_text(text, arguments), arguments)
    if name == "format_map":
        given = unplaced(arguments.positional[0]) if arguments.positional else Unknown("a missing argument")
        spread = Arguments()
        if isinstance(given, Mapping):
            spread.keywords = {str(k.value): v for k, v in given.entries.values() if isinstance(k, Constant)}
        spread.open = not isinstance(given, Mapping) or given.open
        return format_text(text, spread)
    if arguments.open or arguments.keywords:
        return None
    return methods.call_method(text, name, [argument(a) for a in arguments.positional])


_QUOTES = frozenset({"'", '"', "`", "]", "\\"})


def escaped(callee: Value, arguments: Arguments, node: ir.Call, frame: Frame) -> Value | None:
    """``x.replace("'", "''")`` of something unknown: a text that remembers which quotes were doubled."""
    owner = callee.owner if isinstance(callee, External) else callee if isinstance(callee, Unknown) else None
    given = [one.value for one in map(unplaced, arguments.positional) if isinstance(one, Constant)]
    if owner is None or isinstance(owner, Absent) or len(given) != 2 or given[0] not in _QUOTES:
        return None
    if isinstance(owner, BodyInput):
        return None  # what is done with a body is followed by itself
    step = template.Step("replace", (given[0], given[1]))
    return TextValue(Template.of(Hole(Slot(owner, frame.place(node), node), (step,))))


def _as_meant(text: Text, made: Text, arguments: Arguments) -> Text:
    """``"n = %s".format(x)`` leaves ``x`` out, which is a mistake: it is followed as what it was meant to be."""
    plain = text.text
    if plain is None or "%s" not in plain or made.text != plain or not arguments.positional:
        return made
    try:
        return formatting.percent(text, tuple(argument(a) for a in arguments.positional))
    except TemplateError:
        return made


def format_text(text: Text, arguments: Arguments) -> Text:
    """``text.format(…)``

    Raises:
        TemplateError: an argument is missing or cannot be formatted.
    """
    more = hole(Unknown("one of unknown arguments")) if arguments.open else None
    return formatting.format_text(
        text,
        [argument(a) for a in arguments.positional],
        {name: argument(a) for name, a in arguments.keywords.items()},
        more_arguments=more,
        more_keywords=more,
    )


def joined(separator: Value, items: Value) -> Value:
    """``separator.join(items)``"""
    inner = unplaced(items)
    if isinstance(inner, Alternatives):
        return join(joined(separator, _like(items, one)) for one in inner.values)
    try:
        if isinstance(inner, Constant) and isinstance(inner.value, str) and len(inner.value) <= 1_000:
            return value_of(template.join(piece(separator), [Template.of(c) for c in inner.value]))
        is_open, pieces = True, [piece(_like(items, element_of(inner)))]
        if isinstance(inner, TextValue):
            pieces = [piece(items)]
        elif isinstance(inner, (Sequence, Mapping)):
            is_open = inner.open
            known = inner.items if isinstance(inner, Sequence) else [k for k, _ in inner.entries.values()]
            if known or not is_open:
                pieces = [piece(i if isinstance(i, Slot) else _like(items, i)) for i in known]
        if not is_open:
            return value_of(template.join(piece(separator), pieces))
        shape = (
            template.join(piece(separator), pieces)
            if len(pieces) > 1
            else template.join_repeated(piece(separator), pieces[0])
        )
        return TextValue(Template.of(Hole(_repeated(items, shape))))
    except TemplateError as error:
        return lost(str(error), [separator, items])


def _repeated(items: Value, shape: Text) -> Slot:
    if isinstance(items, Slot):
        return Slot(Repeated(shape, items.place), items.place, items.node)
    return Slot(Repeated(shape))


def cut(value: Value, start: int | None, stop: int | None) -> Value:
    """``value[start:stop]`` of a partly known text."""
    try:
        found = methods.cut(_settled(piece(value)), start, stop)
        return value_of(found) if found is not None else lost("a part of a text", [value])
    except TemplateError as error:
        return lost(str(error), [value])


def wants_places(callee: Value) -> bool:
    """The callee puts its arguments into a text."""
    if isinstance(callee, Native):
        return callee.label.startswith("text.")
    if isinstance(callee, External):
        return callee.name.startswith(("string.Template.", "io.StringIO.write"))
    return isinstance(callee, Alternatives) and all(map(wants_places, callee.values))


def arguments_with_places(node: ir.Call, arguments: Arguments, frame: Frame) -> Arguments:
    """The arguments of a method of a text, each at its place."""
    positional, keywords, number = list(arguments.positional), dict(arguments.keywords), 0
    for given in node.arguments:
        if given.star == "**":
            spread = _spread_nodes(given.value)
            for name in keywords.keys() - {a.name for a in node.arguments}:
                keywords[name] = placed(keywords[name], spread.get(name, given.value), frame)
        if given.star:
            number = len(positional)  # what comes behind cannot be counted
            continue
        if given.name is not None:
            keywords[given.name] = placed(keywords[given.name], given.value, frame)
        elif number < len(positional):
            positional[number] = _placed_items(positional[number], given.value, frame)
            number += 1
    return Arguments(positional, keywords, open=arguments.open, rest=arguments.rest)


def _spread_nodes(node: ir.Expression) -> dict[str, ir.Expression]:
    """The expressions of ``**{"name": expression}`` by name."""
    if not isinstance(node, ir.DictDisplay):
        return {}
    return {
        entry.key.value: entry.value
        for entry in node.entries
        if isinstance(entry.key, ir.Constant) and isinstance(entry.key.value, str)
    }


def placed_fields(value: Value, node: ir.Expression, frame: Frame) -> Value:
    """The right side of ``%``: each item of a tuple or entry of a dict at its place."""
    if isinstance(value, Sequence) and isinstance(node, ir.TupleDisplay):
        return _placed_items(value, node, frame)
    if isinstance(value, Mapping) and isinstance(node, ir.DictDisplay) and not value.open:
        nodes = [entry.value for entry in node.entries if entry.key is not None]
        if len(nodes) == len(node.entries) == len(value.entries):
            pairs = zip(value.entries.values(), nodes, strict=True)
            return Mapping((key, placed(item, one, frame)) for (key, item), one in pairs)
    return placed(value, node, frame)


def _placed_items(value: Value, node: ir.Expression, frame: Frame) -> Value:
    """For ``join([a, b])`` each item has a place of its own."""
    nodes = node.items if isinstance(node, (ir.ListDisplay, ir.TupleDisplay)) else []
    if isinstance(value, Sequence) and nodes and len(nodes) == len(value.items) and not value.open:
        items = [placed(item, one, frame) for item, one in zip(value.items, nodes, strict=True)]
        return Sequence(value.kind, items)
    return placed(value, node.element if isinstance(node, ir.Comprehension) else node, frame)


# --- many texts in one ---------------------------------------------------------------------------


def one_of(texts: list[Value]) -> Value:
    """Many texts as one: what they begin with in common, and a hole that holds what differs."""
    templates = [template_of(text) for text in texts[:MAX_CHOICES]]
    given = [made for made in templates if made is not None]
    shared: list[str | Hole[Slot]] = []
    while all(len(made.parts) > len(shared) for made in given):
        part = given[0].parts[len(shared)]
        if not all(_same(part, made.parts[len(shared)]) for made in given):
            break
        shared.append(part)
    rest = [made.parts[len(shared) :] for made in given]
    start = _common_start([parts[0] if parts and isinstance(parts[0], str) else "" for parts in rest])
    choices: dict[object, Value] = {}
    for parts in rest:
        first = [parts[0][len(start) :]] if parts and isinstance(parts[0], str) else []
        one = value_of(Template.of(*first, *parts[len(first) :]))
        choices.setdefault(one.value if type(one) is Constant else id(one), one)
    if len(texts) > MAX_CHOICES:
        choices["more"] = Derived("one of many texts", tuple(texts[MAX_CHOICES:]))
    return value_of(Template.of(*shared, start, Hole(Slot(Alternatives(tuple(choices.values()))))))


def _same(one: str | Hole[Slot], other: str | Hole[Slot]) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return one.value.value is other.value.value and one.steps == other.steps


def _common_start(texts: list[str]) -> str:
    shortest, longest = min(texts), max(texts)
    for number, character in enumerate(shortest):
        if character != longest[number]:
            return shortest[:number]
    return shortest
