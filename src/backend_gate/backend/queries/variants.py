"""The texts that a text with choices can be: each choice is taken at least once, not each combination."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.backend import texts
from backend_gate.backend.queries.origins import is_placeholder_list
from backend_gate.backend.sql.template import Hole, Template, TemplateError
from backend_gate.backend.values import Alternatives, Constant, Repeated, Slot, Text, Value, text_of

MAX_VARIANTS = 24
MAX_NESTING = 12

Parts = list[str | Hole[Slot]]


def variants(text: Text) -> Iterator[Text]:
    """Texts without choices, in which every alternative of every choice stands somewhere."""
    choosing = _Choosing()
    for number in range(min(choosing.count(text, 0), MAX_VARIANTS)):
        try:
            yield Template.of(*choosing.pick(text, number, 0))
        except TemplateError:
            return


def _options(value: Value) -> list[Value]:
    """The alternatives of a choice; empty if ``value`` is none that holds a text."""
    if not isinstance(value, Alternatives):
        return []
    options = [v for v in value.values if not (isinstance(v, Constant) and v.value is None)]
    return options if any(texts.is_text(v) for v in options) else []


def _inner(value: Value) -> Text | None:
    """The text that a hole stands for."""
    if isinstance(value, Repeated):
        return None if is_placeholder_list(value.shape) else value.shape
    made = texts.template_of(value)
    if made is not None or not isinstance(value, Constant):
        return made
    plain = text_of(value) if value.setting is None else None
    return Template.of(plain) if plain is not None else None


class _Choosing:
    """Choices in one text. How many texts a value can be is counted once, not again for each of them.

    Counts are found by the identity of the value, which is kept, and by how deep it stands.
    """

    def __init__(self) -> None:
        self._counts: dict[tuple[int, int], tuple[Value, int]] = {}

    def count(self, text: Text, depth: int) -> int:
        """How many texts are needed to have every alternative in one."""
        return max((self._count_value(hole.value.value, depth + 1) for hole in text.holes), default=1)

    def _count_value(self, value: Value, depth: int) -> int:
        known = self._counts.get((id(value), depth))
        if known is None:
            known = self._counts[id(value), depth] = (value, self._counted(value, depth))
        return known[1]

    def _counted(self, value: Value, depth: int) -> int:
        if depth > MAX_NESTING:
            return 1
        options = _options(value)
        if options:
            return sum(self._count_value(option, depth + 1) for option in options)
        inner = _inner(value) if not isinstance(value, Constant) else None
        return self.count(inner, depth + 1) if inner is not None else 1

    def pick(self, text: Text, number: int, depth: int) -> Parts:
        """The parts of the text with this number."""
        parts: Parts = []
        for part in text.parts:
            if isinstance(part, str):
                parts.append(part)
            else:
                parts += self._pick_value(part, part.value.value, number, depth + 1)
        return parts

    def _pick_value(self, hole: Hole[Slot], value: Value, number: int, depth: int) -> Parts:
        """``hole`` with one of the alternatives of ``value``, which stands in it."""
        if depth > MAX_NESTING:
            return [hole]
        options = _options(value)
        if options:
            counts = [self._count_value(option, depth + 1) for option in options]
            number %= sum(counts)
            for option, count in zip(options, counts, strict=True):
                if number < count:
                    return self._pick_value(hole, option, number, depth + 1)
                number -= count
        inner = _inner(value)
        if inner is not None and not (isinstance(value, Constant) and value.setting is not None):
            return self.pick(inner, number, depth + 1)
        if value is hole.value.value:
            return [hole]
        return [Hole(Slot(value, hole.value.place, hole.value.node), hole.steps)]
