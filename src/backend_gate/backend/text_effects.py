"""What functions of the standard library do to texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_gate.backend import texts
from backend_gate.backend.arguments import Arguments
from backend_gate.backend.calls import interpreter_external_call
from backend_gate.backend.sql import formatting, methods
from backend_gate.backend.sql.template import Template, TemplateError
from backend_gate.backend.values import Constant, External, Instance, Mapping, Unknown, Value
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
