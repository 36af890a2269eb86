"""``%``, ``str.format``, f-strings and ``string.Template`` on texts that are partly known."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Generic

from backend_gate.backend.sql.methods import Encoded, call_method
from backend_gate.backend.sql.template import Argument, Constant, Hole, Step, Template, TemplateError, V

_MAX_WIDTH = 1_000
"""Of a field: ``{:1000000000}`` in a hostile file must not cost a gigabyte."""

_CONVERSIONS: Final = {"s": Step("str"), "r": Step("repr"), "a": Step("ascii")}
_PERCENT = re.compile(
    r"%(?:%|(?:\((?P<key>[^()]*)\))?(?P<flags>[#0\- +]*)(?P<width>\*|\d+)?"
    r"(?:\.(?P<precision>\*|\d*))?[hlL]?(?P<type>[diouxXeEfFgGcrsa]))"
)
_FIELD = re.compile(r"(?P<first>[^.\[\]]*)(?P<rest>(?:\.[^.\[\]]+|\[[^\]]+\])*)")
_ACCESS = re.compile(r"\.(?P<name>[^.\[\]]+)|\[(?P<key>[^\]]+)\]")


# --- one field -------------------------------------------------------------------------------------


def formatted(argument: Argument[V], conversion: str = "", specification: str | None = "") -> Template[V]:
    """One field of an f-string or of ``str.format``: ``{argument!conversion:specification}``.

    ``conversion`` is ``""``, ``"s"``, ``"r"`` or ``"a"``; ``specification`` is ``None`` where it is not
    known: a known text is then left as it is.

    Raises:
        TemplateError: Python would raise, or the field is wider than the bounds allow.
    """
    steps = [_CONVERSIONS[conversion]] if conversion else []
    if specification != "":
        steps.append(Step("format", (specification,)))
    elif not steps:
        steps.append(Step("str"))
    if isinstance(argument, Hole):
        return Template.of(argument.then(*steps))
    if specification is None:
        steps.pop()
    result = perform(argument, steps)
    if result is None:
        raise TemplateError(f"a text cannot be formatted with {specification!r}")
    return result


def perform(value: Template[V] | Constant, steps: Sequence[Step]) -> Template[V] | None:
    """What the steps of a hole make of a known value; ``None`` if one of them cannot be done to it.

    Raises:
        TemplateError: Python would raise, or the result is beyond the bounds.
    """
    current: Template[V] | Constant = value
    for step in steps:
        result = _perform(current, step)
        if result is None:
            return None
        current = result
    return current if isinstance(current, Template) else Template.of(_checked(str, current))


def _perform(value: Template[V] | Constant, step: Step) -> Template[V] | None:
    if isinstance(value, Template) and value.text is None:
        return _perform_on_open_text(value, step)
    known = value.text if isinstance(value, Template) else value
    match step:
        case Step("str"):
            return Template.of(_checked(str, known))
        case Step("repr"):
            return Template.of(_checked(repr, known))
        case Step("ascii"):
            return Template.of(_checked(ascii, known))
        case Step("format" | "percent" as name, (str() as specification,)):
            _check_width(specification)
            if name == "format":
                return Template.of(_checked(format, known, specification))
            return Template.of(_checked(lambda: specification % (known,)))
        case Step("format" | "percent" | "getattr" | "getitem"):
            return None
        case Step(name, arguments):
            result = call_method(Template[V].of(_checked(str, known)), name, arguments)
            return result if isinstance(result, Template) else None


def _perform_on_open_text(text: Template[V], step: Step) -> Template[V] | None:
    match step:
        case Step("str"):
            return text
        case Step("repr" | "ascii"):
            return Template.of("'", text, "'")
        case Step("format" | "percent"):
            return None if step.coerces else text
        case Step("getattr" | "getitem"):
            return None
        case Step(name, arguments):
            result = call_method(text, name, arguments)
            return result if isinstance(result, Template) else None


def _checked(function: Callable[..., str], *arguments: Constant) -> str:
    """What a function of Python gives; its complaints about a value are ours."""
    try:
        return function(*arguments)
    except (ValueError, TypeError, OverflowError) as error:
        raise TemplateError(str(error)) from error


def _check_width(specification: str) -> None:
    if any(len(number) > 4 or int(number) > _MAX_WIDTH for number in re.findall(r"\d+", specification)):
        raise TemplateError("a field is too wide to follow")


def fill(
    template: Template[V], resolve: Callable[[Hole[V]], Template[V] | str | int | float | None]
) -> Template[V]:
    """The template with those holes filled whose value (before its steps) ``resolve`` knows.

    ``resolve`` returns ``None`` for the others. A hole whose steps cannot be done to the value stays.

    Raises:
        TemplateError: a step would raise in Python, or the result is too long.
    """
    parts: list[str | Hole[V] | Template[V]] = []
    for part in template.parts:
        known = None if isinstance(part, str) else resolve(part)
        filled = None if isinstance(part, str) or known is None else perform(known, part.steps)
        parts.append(part if filled is None else filled)
    return Template.of(*parts)


# --- the % operator --------------------------------------------------------------------------------


def percent(
    template: Template[V],
    arguments: Argument[V] | tuple[Argument[V], ...] | Mapping[str, Argument[V]],
) -> Template[V]:
    """``template % arguments``

    A single hole may turn out to be a tuple or a mapping: with several conversions, or with keys, each
    takes its part of it (a ``getitem`` step).

    Raises:
        TemplateError: too few or too many arguments, an unknown conversion, a value that does not fit.
    """
    encoded = Encoded(template)
    matches = list(_PERCENT.finditer(encoded.text))
    feed = _Feed(arguments, sum(_wanted(match) for match in matches))
    out: list[str | Hole[V] | Template[V]] = []
    end = 0
    for match in matches:
        out.append(_literal(encoded, encoded.text[end : match.start()]))
        out.append("%" if match["type"] is None else _convert(match, feed))
        end = match.end()
    out.append(_literal(encoded, encoded.text[end:]))
    feed.finish()
    return Template.of(*out)


def _literal(encoded: Encoded[V], text: str) -> Template[V]:
    if "%" in text:
        raise TemplateError("an unsupported or incomplete conversion")
    return encoded.decode(text)


def _wanted(match: re.Match[str]) -> int:
    """How many positional arguments a conversion takes."""
    if match["type"] is None or match["key"] is not None:
        return 0
    return 1 + (match["width"] == "*") + (match["precision"] == "*")


def _convert(match: re.Match[str], feed: _Feed[V]) -> Template[V]:
    width = feed.star() if match["width"] == "*" else match["width"] or ""
    precision = feed.star() if match["precision"] == "*" else match["precision"]
    points = "" if precision is None else f".{precision}"
    value = feed.take(match["key"])
    if match["type"] in "rsa" and not (width or points or match["flags"]):
        step = _CONVERSIONS[match["type"]]
    else:
        step = Step("percent", (f"%{match['flags']}{width}{points}{match['type']}",))
    if isinstance(value, Hole):
        return Template.of(value.then(step))
    result = perform(value, [step])
    if result is None:
        raise TemplateError(f"%{match['type']} of a text")
    return result


class _Feed(Generic[V]):
    """The arguments of one ``%``, handed out in order or by key."""

    def __init__(
        self, arguments: Argument[V] | tuple[Argument[V], ...] | Mapping[str, Argument[V]], wanted: int
    ) -> None:
        self.mapping = arguments if isinstance(arguments, Mapping) else None
        self.whole = arguments if isinstance(arguments, Hole) else None
        self.queue: list[Argument[V]] = []
        if isinstance(arguments, tuple):
            self.queue = list(arguments)
        elif isinstance(arguments, Hole) and wanted > 1:
            self.queue = [arguments.then(Step("getitem", (index,))) for index in range(wanted)]
        elif not isinstance(arguments, Mapping):
            self.queue = [arguments]
        self.queue.reverse()

    def take(self, key: str | None) -> Argument[V]:
        if key is None:
            if not self.queue:
                raise TemplateError("not enough arguments")
            return self.queue.pop()
        if self.whole is not None:
            self.queue.clear()
            return self.whole.then(Step("getitem", (key,)))
        if self.mapping is None or key not in self.mapping:
            raise TemplateError(f"no argument {key!r}")
        return self.mapping[key]

    def star(self) -> str:
        """A width or precision that is an argument itself."""
        value = self.take(None)
        if not isinstance(value, int):
            raise TemplateError("the width of a field is not known")
        return str(value)

    def finish(self) -> None:
        """All arguments have to be used; one that may be a mapping does not."""
        if self.queue and (self.whole is None or len(self.queue) > 1):
            raise TemplateError("not all arguments are used")


# --- str.format ------------------------------------------------------------------------------------


def format_text(
    template: Template[V],
    arguments: Sequence[Argument[V]] = (),
    keywords: Mapping[str, Argument[V]] | None = None,
    *,
    more_arguments: Hole[V] | None = None,
    more_keywords: Hole[V] | None = None,
) -> Template[V]:
    """``template.format(*arguments, **keywords)``

    ``more_arguments`` and ``more_keywords`` stand for an unknown ``*args`` and ``**kwargs``: what is
    not among the others is taken from them (a ``getitem`` step).

    Raises:
        TemplateError: a missing argument, a malformed field, a value that does not fit.
    """
    source = _Source(Encoded(template), list(arguments), dict(keywords or {}), more_arguments, more_keywords)
    return source.render(source.encoded.text, depth=2)


class _Source(Generic[V]):
    """The arguments of one call of ``format`` and the state of automatic numbering."""

    def __init__(
        self,
        encoded: Encoded[V],
        arguments: list[Argument[V]],
        keywords: dict[str, Argument[V]],
        more_arguments: Hole[V] | None,
        more_keywords: Hole[V] | None,
    ) -> None:
        self.encoded = encoded
        self.arguments = arguments
        self.keywords = keywords
        self.more_arguments = more_arguments
        self.more_keywords = more_keywords
        self.automatic = 0
        self.manual = False

    def render(self, text: str, *, depth: int) -> Template[V]:
        """The text with its fields filled; ``depth`` bounds specifications that hold fields."""
        if depth == 0:
            raise TemplateError("fields are nested too deeply")
        out: list[str | Hole[V] | Template[V]] = []
        try:
            fields = list(string.Formatter().parse(text))
        except ValueError as error:
            raise TemplateError(str(error)) from error
        for literal, name, specification, conversion in fields:
            out.append(self.encoded.decode(literal))
            if name is not None:
                out.append(self._field(name, specification or "", conversion or "", depth))
        return Template.of(*out)

    def _field(self, name: str, specification: str, conversion: str, depth: int) -> Template[V]:
        if conversion and conversion not in _CONVERSIONS:
            raise TemplateError(f"an unknown conversion {conversion!r}")
        value = self._value(name)
        if not specification:
            return formatted(value, conversion)
        return formatted(value, conversion, self.render(specification, depth=depth - 1).text)

    def _value(self, name: str) -> Argument[V]:
        match = _FIELD.fullmatch(name)
        if match is None or self.encoded.has_hole(name):
            raise TemplateError("a malformed or computed field name")
        value = self._argument(match["first"])
        steps = [
            Step("getattr", (access["name"],)) if access["name"] else Step("getitem", (_key(access["key"]),))
            for access in _ACCESS.finditer(match["rest"])
        ]
        if not steps:
            return value
        if not isinstance(value, Hole):
            raise TemplateError("a part of a text or of a number")
        return value.then(*steps)

    def _argument(self, first: str) -> Argument[V]:
        if first and not first.isdecimal():
            if first in self.keywords:
                return self.keywords[first]
            return _part(self.more_keywords, first)
        if first:
            self.manual = True
        if self.manual and (not first or self.automatic):
            raise TemplateError("numbered and unnumbered fields")
        if len(first) > 4:
            raise TemplateError("no such argument")
        index = int(first) if first else self.automatic
        if not first:
            self.automatic += 1
        if index < len(self.arguments):
            return self.arguments[index]
        return _part(self.more_arguments, index - len(self.arguments))


def _part(whole: Hole[V] | None, key: str | int) -> Hole[V]:
    if whole is None:
        raise TemplateError(f"no argument {key!r}")
    return whole.then(Step("getitem", (key,)))


def _key(text: str) -> str | int:
    return int(text) if text.isdecimal() and len(text) < 10 else text


# --- string.Template -------------------------------------------------------------------------------


def substitute(
    template: Template[V],
    keywords: Mapping[str, Argument[V]],
    *,
    more_keywords: Hole[V] | None = None,
    safe: bool = False,
) -> Template[V]:
    """``string.Template(template).substitute(**keywords)``, or ``safe_substitute``.

    Raises:
        TemplateError: a missing argument or a lone ``$`` (unless ``safe``).
    """
    encoded = Encoded(template)
    out: list[str | Hole[V] | Template[V]] = []
    end = 0
    for match in string.Template.pattern.finditer(encoded.text):
        out.append(encoded.decode(encoded.text[end : match.start()]))
        end = match.end()
        name = match["named"] or match["braced"]
        if match["escaped"] is not None:
            out.append("$")
        elif name is not None and name in keywords:
            out.append(formatted(keywords[name]))
        elif name is not None and more_keywords is not None:
            out.append(formatted(_part(more_keywords, name)))
        elif safe:
            out.append(match.group())
        else:
            raise TemplateError(f"no argument {name!r}" if name else "a lone dollar sign")
    out.append(encoded.decode(encoded.text[end:]))
    return Template.of(*out)
