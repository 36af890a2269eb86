"""Answers that tell how a service is set up: what a page has to know before anybody signs in.

What is answered decides, and not what the address is called: constants, settings that are no secrets, and texts of
translations. Or the handler promises a model that is named for it, is asked nothing, and reads nothing that is stored.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_gate.backend.attributes import annotation_value
from backend_gate.backend.decisions import Origin, origins
from backend_gate.backend.frame import Frame
from backend_gate.backend.public_files import texts_of
from backend_gate.backend.public_secrets import is_secret_name
from backend_gate.backend.public_stores import shows_store
from backend_gate.backend.public_work import is_one_of
from backend_gate.backend.values import (
    Alternatives,
    Class,
    Constant,
    Derived,
    External,
    Function,
    Input,
    Instance,
    Mapping,
    Sequence,
    Setting,
    Tested,
    TextValue,
    Value,
    alternatives,
)
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.trace import Trace
    from backend_gate.backend.vocabulary import Vocabulary

_TRANSLATIONS = frozenset({"i18n", "l10n", "lang", "langs", "languages", "locale", "locales", "translations"})
_PARSES = frozenset(
    {"json.load", "json.loads", "yaml.safe_load", "orjson.loads", "tomllib.load", "tomllib.loads"}
)
_READS = re.compile(r"(^|\.)(open|read|read_text|read_bytes|load|loads|safe_load)$")
_PROMISED = re.compile(
    r"(Config|Configuration|Settings|Capabilities|Features|FeatureFlags)(Response|Out|Model|Schema|Dto|Read|Public)?$"
)
_OF_FRAMEWORK = frozenset({"self", "request", "response"})
_DEPLOYED = frozenset({Origin.DEPLOYMENT})
_MAX_DEPTH = 8


def tells_set_up(interpreter: Interpreter, function: Function | None, trace: Trace) -> bool:
    """Every answer of a run is how the service is set up, and no secret."""
    if function is None or trace.effects or trace.gave_up or not trace.returns:
        return False
    if trace.changes_outside and function.node.parameters:
        return (
            False  # without any, nothing of the request can be kept: settings are, once they have been read
        )
    if shows_store(interpreter, function, trace):
        return False
    answers = [one for way in trace.returns for one in alternatives(way.value)]
    if all(_is_set_up(one, interpreter.vocabulary, 0) for one in answers):
        return any(_has_setting(one, 0) for one in answers)
    return _promises_set_up(interpreter, function, trace)


# --- values ---------------------------------------------------------------------------------------


def _is_set_up(value: Value, vocabulary: Vocabulary, depth: int) -> bool:
    """Nothing but constants, settings and texts of translations is in it, under names that speak of no secret."""
    if depth > _MAX_DEPTH:
        return False
    match value:
        case Constant(value=held, setting=setting):
            return setting is not None or held is not None
        case Setting(name=name):
            return not is_secret_name(name)
        case Input(kind=kind):
            return kind == "configuration"
        case Mapping(entries=entries, open=is_open):
            return not is_open and all(_is_plain_entry(*pair, vocabulary, depth) for pair in entries.values())
        case Sequence(items=items, open=is_open):
            return not is_open and all(_is_set_up(one, vocabulary, depth + 1) for one in items)
        case Alternatives(values=parts):
            return all(_is_set_up(one, vocabulary, depth + 1) for one in parts)
        case TextValue() | Derived() | Tested():
            return origins(value) == _DEPLOYED
        case Instance(cls=External(name=name)) if name in _PARSES:
            return _is_translation(value)
        case Instance(cls=External(name=name)) if is_one_of(name, vocabulary, "computing"):
            given = [*value.arguments, *value.keywords.values()]
            return all(_is_set_up(one, vocabulary, depth + 1) for one in given)
        case Instance(cls=Class() as cls) if not vocabulary.is_settings(cls):
            named = {Constant(name): held for name, held in value.keywords.items()}
            return (
                bool(named)
                and not value.arguments
                and all(_is_plain_entry(*pair, vocabulary, depth) for pair in named.items())
            )
    return False


def _is_plain_entry(key: Value, held: Value, vocabulary: Vocabulary, depth: int) -> bool:
    """An entry with a literal name; whether there is a secret is none."""
    if not isinstance(key, Constant) or not isinstance(key.value, str):
        return False
    if isinstance(held, Constant) and isinstance(held.value, bool):
        return True
    return not is_secret_name(key.value) and _is_set_up(held, vocabulary, depth + 1)


def _is_translation(value: Instance) -> bool:
    texts = [text for given in value.arguments for text in texts_of(given)]
    folders = {part.lower() for text in texts for part in text.split("/") if part}
    return bool(_TRANSLATIONS & folders)


def _has_setting(value: Value, depth: int) -> bool:
    """Something in it is a setting, or a translation."""
    if depth > _MAX_DEPTH:
        return False
    match value:
        case Constant(setting=setting):
            return setting is not None
        case Setting():
            return True
        case Input(kind=kind):
            return kind == "configuration"
        case Instance(cls=External(name=name)) if name in _PARSES:
            return True
    return any(_has_setting(part, depth + 1) for part in _parts(value))


def _parts(value: Value) -> Iterable[Value]:
    match value:
        case Mapping(entries=entries):
            return [held for _, held in entries.values()]
        case (
            Sequence(items=parts)
            | Alternatives(values=parts)
            | Derived(sources=parts)
            | Tested(sources=parts)
        ):
            return parts
        case TextValue(parts=pieces):
            return [part for part in pieces if isinstance(part, Value)]
        case Instance():
            return [*value.arguments, *value.keywords.values()]
    return ()


# --- what is promised -------------------------------------------------------------------------------


def _promises_set_up(interpreter: Interpreter, function: Function, trace: Trace) -> bool:
    """``async def config() -> ClientConfig``, which is asked nothing and opens no file."""
    node = function.node
    if not isinstance(node, ir.FunctionDef) or node.returns is None:
        return False
    if any(parameter.name not in _OF_FRAMEWORK for parameter in node.parameters) or _reads_files(trace):
        return False
    promised = interpreter.evaluate(node.returns, Frame(function.module, function.scope))
    if not isinstance(promised, Class) or interpreter.vocabulary.is_settings(promised):
        return False
    return _PROMISED.search(promised.qualname) is not None and not any(
        is_secret_name(name) and not _is_flag(interpreter, annotation, base)
        for base in promised.mro()
        if isinstance(base, Class)
        for name, annotation in base.scope.fields().items()
    )


def _is_flag(interpreter: Interpreter, annotation: ir.Expression, cls: Class) -> bool:
    value = annotation_value(interpreter, annotation, cls)
    return isinstance(value, External) and value.name == "builtins.bool"


def _reads_files(trace: Trace) -> bool:
    return any(
        isinstance(callee, External) and _READS.search(callee.name)
        for event in trace.calls
        for callee in alternatives(event.callee)
    )
