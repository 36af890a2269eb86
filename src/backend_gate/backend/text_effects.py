"""What functions of the standard library do to texts."""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING, TypeGuard

from backend_gate.backend import texts
from backend_gate.backend.arguments import Arguments
from backend_gate.backend.calls import interpreter_external_call
from backend_gate.backend.sql import formatting, methods
from backend_gate.backend.sql.template import Template, TemplateError
from backend_gate.backend.values import (
    NONE,
    AskedText,
    Constant,
    External,
    Instance,
    Mapping,
    Unknown,
    Value,
    ask,
)
from backend_gate.backend.vocabulary import Effect, effect

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.model import Place


def _method(name: str) -> Effect:
    """A function that works on one text as a method would."""

    def run(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
        value = arguments.positional[0] if arguments.positional else Unknown("a missing text", place)
        text = texts.template_of(value)
        if text is not None:
            try:
                made = methods.call_method(text, name, ())
            except TemplateError as error:
                return texts.lost(str(error), [value])
            if isinstance(made, Template):
                return texts.value_of(made)
        called = owner.name if isinstance(owner, External) else name
        return interpreter_external_call(interpreter, called, None, arguments, place)

    return run


effect("text.dedent")(_method("dedent"))
effect("text.cleandoc")(_method("cleandoc"))


def _substitute(*, safe: bool) -> Effect:
    """``string.Template(text).substitute(…)``"""

    def run(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
        given = owner.arguments[0] if isinstance(owner, Instance) and owner.arguments else owner
        keywords = dict(arguments.keywords)
        is_open = arguments.open
        for mapping in arguments.positional:
            if isinstance(mapping, Mapping):
                named = {str(k.value): v for k, v in mapping.entries.values() if isinstance(k, Constant)}
                keywords = {**named, **keywords}
            is_open = is_open or not isinstance(mapping, Mapping) or mapping.open
        more = texts.hole(Unknown("one of unknown arguments", place)) if is_open else None
        try:
            made = formatting.substitute(
                texts.piece(given),
                {name: texts.argument(value) for name, value in keywords.items()},
                more_keywords=more,
                safe=safe,
            )
            return texts.value_of(made)
        except TemplateError as error:
            return texts.lost(str(error), [given, *arguments.all()])

    return run


effect("text.substitute")(_substitute(safe=False))
effect("text.safe_substitute")(_substitute(safe=True))


# --- patterns ------------------------------------------------------------------------------------

MAX_PATTERN = 400
_REPEATS_REPEATED = re.compile(r"[+*}]\)*[+*{]")
"""A repetition of a repetition: with some texts it takes for ever."""


def _matches(name: str) -> Effect:
    """``re.match(pattern, text)`` or ``PATTERN.match(text)`` of a known text, such as a path."""

    def run(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
        given = [*(owner.arguments if isinstance(owner, Instance) else []), *arguments.positional]
        found = _decided(name, *given) if len(given) == 2 and not arguments.keywords else None
        if found is not None:
            return found
        called = f"re.compile.{name}" if isinstance(owner, Instance) else f"re.{name}"
        kept = owner if isinstance(owner, Instance) else None
        return interpreter_external_call(interpreter, called, kept, arguments, place)

    return run


def _decided(name: str, pattern: Value, text: Value) -> Value | None:
    """A match or ``None``; nothing at all where that is not known."""
    known = _known(pattern)
    if not _is_known(text) or ask(text, lambda whole: "{" in whole):
        return None  # a placeholder of a path stands for many texts
    if known is None or len(known) > MAX_PATTERN or _REPEATS_REPEATED.search(known):
        return None
    try:
        found = ask(text, lambda whole: getattr(re, name)(known, whole) is not None)
    except (re.error, OverflowError):
        return None
    if not found:
        return NONE
    match = Instance(External("re.Match"))
    match.attributes["__present__"] = match
    return match


def _is_known(value: Value) -> TypeGuard[Constant]:
    """A text that stands in the code, or is the path of a route."""
    if not isinstance(value, Constant) or value.setting is not None:
        return False
    return isinstance(value, AskedText) or isinstance(value.value, str)


def _known(value: Value) -> str | None:
    return str(value.value) if _is_known(value) else None


effect("pattern.match")(_matches("match"))
effect("pattern.fullmatch")(_matches("fullmatch"))
effect("pattern.search")(_matches("search"))


@effect("text.fnmatch")
def _fnmatch(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``fnmatch(path, "/docs*")``"""
    given = arguments.positional
    pattern = _known(given[1]) if len(given) == 2 else None
    if pattern is not None and _is_known(given[0]):
        return Constant(ask(given[0], lambda text: fnmatch.fnmatchcase(text, pattern)))
    called = owner.name if isinstance(owner, External) else "fnmatch.fnmatch"
    return interpreter_external_call(interpreter, called, None, arguments, place)
