"""A text under construction: known pieces, and holes that hold whatever value the caller follows.

Everything is immutable, and every operation is a pure function. An operation gives what Python's own
gives, with one reservation: what a hole holds is not looked into. A replaced word, a separator, a
``%s`` or ``{}`` inside of a hole is not found, and a hole at the end of a text is never all blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

V = TypeVar("V")

MAX_LENGTH = 200_000
"""Known characters of a template."""
MAX_PARTS = 4_000
"""Pieces and holes of a template."""

Constant: TypeAlias = str | int | float | bool | None

_NUMERIC = re.compile(
    r"(?:.?[<>=^])?[-+ ]?z?#?0?\d*[,_]?(?:\.\d+)?[bdoxXneEfFgG%]|[^,_]*[,_](?:\.\d+)?", re.DOTALL
)
_STRFTIME = re.compile(r"%[A-Za-z]")


class TemplateError(ValueError):
    """The operation would raise in Python, or its result is beyond the bounds of this module."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is done to the value of a hole before it stands in the text.

    ``str``, ``repr``, ``ascii``; ``format`` and ``percent`` with a specification (``None``: not known);
    ``getattr`` and ``getitem`` with a name or key; the name of a method of ``str`` with its arguments.
    """

    name: str
    arguments: tuple[Constant, ...] = ()

    @property
    def coerces(self) -> bool:
        """Only a number or a date comes out: ``{x:d}``, ``{x:.2f}``, ``{x:%Y-%m-%d}``, ``%d``."""
        specification = self.arguments[0] if self.arguments else None
        if not isinstance(specification, str) or not specification:
            return False
        if self.name == "percent":
            return specification[-1] in "diouxXeEfFgG"
        if self.name != "format":
            return False
        return bool(_NUMERIC.fullmatch(specification) or _STRFTIME.search(specification))


# No slots on generic classes: in Python 3.11 and 3.12, Hole[X](…) would raise.
@dataclass(frozen=True)
class Hole(Generic[V]):
    """A value in a text, and what is done to it on the way there."""

    value: V
    steps: tuple[Step, ...] = ()

    def then(self, *steps: Step) -> Hole[V]:
        """The same value with further steps."""
        return Hole(self.value, (*self.steps, *steps))

    @property
    def coerced(self) -> bool:
        """Only a number or a date can stand here, whatever the value is."""
        return any(step.coerces for step in self.steps)


@dataclass(frozen=True)
class Template(Generic[V]):
    """Pieces and holes in order; no two pieces are neighbours and none is empty (see :meth:`of`)."""

    parts: tuple[str | Hole[V], ...] = ()

    @staticmethod
    def of(*parts: str | Hole[V] | Template[V]) -> Template[V]:
        """A template of pieces, holes and other templates.

        Raises:
            TemplateError: it is longer than :data:`MAX_LENGTH` or has more than :data:`MAX_PARTS` parts.
        """
        pieces: list[list[str]] = []  # runs of literal pieces; an empty run is a hole
        holes: list[Hole[V]] = []
        length = 0
        for part in _flatten(parts):
            if not isinstance(part, str):
                pieces.append([])
                holes.append(part)
            elif part:
                length += len(part)
                if pieces and pieces[-1]:
                    pieces[-1].append(part)
                else:
                    pieces.append([part])
            if length > MAX_LENGTH or len(pieces) > MAX_PARTS:
                raise TemplateError("the text is too long to follow")
        following = iter(holes)
        return Template(tuple("".join(run) if run else next(following) for run in pieces))

    @property
    def text(self) -> str | None:
        """The text, if nothing is left open."""
        if not self.parts:
            return ""
        only = self.parts[0]
        return only if len(self.parts) == 1 and isinstance(only, str) else None

    @property
    def holes(self) -> tuple[Hole[V], ...]:
        """The holes in order."""
        return tuple(part for part in self.parts if not isinstance(part, str))

    def concat(self, other: Template[V] | str | Hole[V]) -> Template[V]:
        """``self + other``

        Raises:
            TemplateError: the result is too long.
        """
        return Template.of(self, other)


Argument: TypeAlias = Template[V] | Hole[V] | Constant
"""What can stand in a text: another text under construction, a followed value, a constant."""


def _flatten(parts: Iterable[str | Hole[V] | Template[V]]) -> Iterable[str | Hole[V]]:
    for part in parts:
        if isinstance(part, Template):
            yield from part.parts
        else:
            yield part


def join(separator: Template[V] | str | Hole[V], items: Sequence[Template[V] | str | Hole[V]]) -> Template[V]:
    """``separator.join(items)``

    Raises:
        TemplateError: the result is too long.
    """
    parts: list[str | Hole[V] | Template[V]] = []
    for item in items:
        if parts:
            parts.append(separator)
        parts.append(item)
        if len(parts) > MAX_LENGTH:
            raise TemplateError("the text is too long to follow")
    return Template.of(*parts)


def join_repeated(separator: Template[V] | str | Hole[V], item: Template[V] | str | Hole[V]) -> Template[V]:
    """``separator.join(item for … in …)`` over a collection nobody knows: the item twice.

    Two items show the separator, so that the text has the shape of every longer one.
    """
    return join(separator, [item, item])


def repeat(template: Template[V], count: int | None) -> Template[V]:
    """``template * count``; twice if the number is not known.

    Raises:
        TemplateError: the result is too long.
    """
    times = 2 if count is None else max(count, 0)
    length = sum(len(part) if isinstance(part, str) else 1 for part in template.parts)
    if times * length > MAX_LENGTH:
        raise TemplateError("the text is too long to follow")
    return Template.of(*[template] * times) if length else Template()
