"""The methods of ``str`` on a text that is partly known.

A template is encoded as one text in which a character of a private-use plane stands for each hole.
Python's own methods then do the work, since no method takes such a character for a letter or a blank.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Sequence
from typing import Generic

from backend_gate.backend.sql.template import (
    MAX_LENGTH,
    MAX_PARTS,
    Argument,
    Hole,
    Step,
    Template,
    TemplateError,
    V,
)

_BASE = 0xF0000
"""Where the private-use plane begins whose characters stand for holes; it has room for 65,534."""
_PRIVATE = re.compile("[\U000f0000-\U000fffff]")

_CASE = frozenset({"upper", "lower", "casefold", "swapcase"})
_STRIP = frozenset({"strip", "lstrip", "rstrip"})
_PAD = frozenset({"center", "ljust", "rjust", "zfill"})
_MAX_PAD = 1_000


class Encoded(Generic[V]):
    """A template as one text: each hole is the private-use character of its place in ``holes``."""

    def __init__(self, template: Template[V]) -> None:
        """
        Raises:
            TemplateError: a known piece holds private-use characters itself.
        """
        self.holes: list[Hole[V]] = []
        self.text = self.add(template)

    def add(self, template: Template[V]) -> str:
        """The text of a further template, with holes of this encoding."""
        out: list[str] = []
        for part in template.parts:
            if isinstance(part, str):
                if _PRIVATE.search(part):
                    raise TemplateError("private-use characters in the text")
                out.append(part)
            else:
                out.append(chr(_BASE + len(self.holes)))
                self.holes.append(part)
        return "".join(out)

    @staticmethod
    def has_hole(text: str) -> bool:
        """Whether an encoded text holds a hole."""
        return _PRIVATE.search(text) is not None

    def decode(self, text: str, change: Callable[[Hole[V]], Hole[V]] | None = None) -> Template[V]:
        """The template of an encoded text; ``change`` is done to each of its holes."""
        parts: list[str | Hole[V]] = []
        start = 0
        for match in _PRIVATE.finditer(text):
            hole = self.holes[ord(match.group()) - _BASE]
            parts += [text[start : match.start()], change(hole) if change else hole]
            start = match.end()
        return Template.of(*parts, text[start:])


def call_method(
    template: Template[V], name: str, arguments: Sequence[Argument[V]]
) -> Template[V] | list[Template[V]] | None:
    """``template.name(*arguments)`` for the methods of ``str`` that give texts.

    ``split``, ``rsplit`` and ``splitlines`` give lists; ``dedent`` (of :mod:`textwrap`) and ``cleandoc``
    (of :mod:`inspect`) count as methods. ``None``: the method is not modelled, or not for these arguments.

    Raises:
        TemplateError: the result is too long.
    """
    if name == "replace":
        return _replace(template, arguments)
    values = [a.text if isinstance(a, Template) else a for a in arguments]
    known = [v for v in values if isinstance(v, (str, int)) or v is None]
    if len(known) != len(arguments) or any(isinstance(a, Template) and a.text is None for a in arguments):
        return None
    if name in _CASE and not known:
        encoded = Encoded(template)
        step = Step(name)
        return encoded.decode(getattr(encoded.text, name)(), lambda hole: hole.then(step))
    if name in _STRIP:
        return _strip(template, name, known)
    if name in ("removeprefix", "removesuffix"):
        return _remove(template, name, known)
    if name in ("split", "rsplit", "splitlines"):
        return _split(template, name, known)
    if name in ("dedent", "cleandoc") and not known:
        encoded = Encoded(template)
        return encoded.decode((textwrap.dedent if name == "dedent" else inspect.cleandoc)(encoded.text))
    if name in _PAD or name in ("title", "capitalize", "expandtabs"):
        return _known_only(template, name, known)
    return None


def _call(text: str, name: str, arguments: Sequence[str | int | None]) -> object:
    try:
        return getattr(text, name)(*arguments)
    except (TypeError, ValueError) as error:
        raise TemplateError(str(error)) from error


def _known_only(
    template: Template[V], name: str, arguments: Sequence[str | int | None]
) -> Template[V] | None:
    """Methods whose result hangs on every character."""
    text = template.text
    if text is None or any(isinstance(a, int) and abs(a) > _MAX_PAD for a in arguments):
        return None
    result = _call(text, name, arguments)
    return Template.of(result) if isinstance(result, str) else None


def _strip(template: Template[V], name: str, arguments: Sequence[str | int | None]) -> Template[V]:
    encoded = Encoded(template)
    text = str(_call(encoded.text, name, arguments))
    given = tuple(arguments)
    parts = list(encoded.decode(text).parts)
    if parts and name != "rstrip" and isinstance(first := parts[0], Hole):
        parts[0] = first.then(Step("lstrip", given))
    if parts and name != "lstrip" and isinstance(last := parts[-1], Hole):
        parts[-1] = last.then(Step("rstrip", given))
    return Template.of(*parts)


def _remove(template: Template[V], name: str, arguments: Sequence[str | int | None]) -> Template[V]:
    encoded = Encoded(template)
    text = str(_call(encoded.text, name, arguments))
    parts = list(encoded.decode(text).parts)
    at = 0 if name == "removeprefix" else -1
    if text == encoded.text and parts and isinstance(end := parts[at], Hole):
        parts[at] = end.then(Step(name, tuple(arguments)))
    return Template.of(*parts)


def _replace(template: Template[V], arguments: Sequence[Argument[V]]) -> Template[V] | None:
    if len(arguments) not in (2, 3):
        return None
    old = arguments[0].text if isinstance(arguments[0], Template) else arguments[0]
    new = arguments[1]
    count = arguments[2] if len(arguments) == 3 else -1
    if not isinstance(old, str) or not isinstance(new, (str, Hole, Template)) or not isinstance(count, int):
        return None
    if not old and template.text is None:
        return None
    encoded = Encoded(template)
    own = len(encoded.holes)
    inserted = encoded.add(new if isinstance(new, Template) else Template.of(new))
    times = encoded.text.count(old) if count < 0 else min(count, encoded.text.count(old))
    if times * len(inserted) > MAX_LENGTH or times * (len(encoded.holes) - own) > MAX_PARTS:
        raise TemplateError("the text is too long to follow")
    text = encoded.text.replace(old, inserted, count)
    known = new.text if isinstance(new, Template) else new
    step = Step("replace", (old, known)) if isinstance(known, str) and count < 0 else None
    before = {id(hole) for hole in encoded.holes[:own]}

    def change(hole: Hole[V]) -> Hole[V]:
        return hole.then(step) if step is not None and id(hole) in before else hole

    return encoded.decode(text, change)


def _split(
    template: Template[V], name: str, arguments: Sequence[str | int | None]
) -> list[Template[V]] | None:
    encoded = Encoded(template)
    pieces = _call(encoded.text, name, arguments)
    return [encoded.decode(str(piece)) for piece in pieces] if isinstance(pieces, list) else None


def cut(template: Template[V], start: int | None, stop: int | None) -> Template[V] | None:
    """``template[start:stop]``; ``None`` if the cut does not fall into the known text at an end.

    ``query[:-2]`` cuts the last comma of a list, ``clause[4:]`` the first `` AND``.
    """
    text = template.text
    if text is not None:
        return Template.of(text[start:stop])
    parts = list(template.parts)
    if start:
        first = parts[0]
        if start < 0 or not isinstance(first, str) or start > len(first):
            return None
        parts[0] = first[start:]
    if stop is not None:
        last = parts[-1]
        if stop >= 0 or not isinstance(last, str) or -stop > len(last):
            return None
        parts[-1] = last[:stop]
    return Template.of(*parts)
