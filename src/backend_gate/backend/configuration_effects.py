"""Readers of settings that libraries offer: ``config("DEBUG", cast=bool, default=False)``.

What is read is a setting of the deployment; unless somebody sets it, it is its default, converted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_gate.backend.arguments import Arguments
from backend_gate.backend.values import (
    NONE,
    Class,
    Constant,
    External,
    Instance,
    Setting,
    Value,
)
from backend_gate.backend.vocabulary import effect

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.model import Place

_WORDS = {
    **dict.fromkeys(("true", "yes", "y", "on", "t", "1"), True),
    **dict.fromkeys(("false", "no", "n", "off", "f", "0"), False),
}


@effect("setting.read")
def read(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``config(name, default=…, cast=…)``: the default comes second."""
    return _setting(interpreter, arguments, arguments.get(1, "default"), arguments.get(2, "cast"), place)


@effect("setting.read_cast")
def read_cast(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``config(name, cast=…, default=…)``: the conversion comes second."""
    return _setting(interpreter, arguments, arguments.get(2, "default"), arguments.get(1, "cast"), place)


@effect("setting.read_truth")
def read_truth(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``env.bool(name, default)``"""
    return _setting(interpreter, arguments, arguments.get(1, "default"), External("builtins.bool"), place)


def _setting(
    interpreter: Interpreter,
    arguments: Arguments,
    default: Value | None,
    cast: Value | None,
    place: Place | None,
) -> Value:
    key = arguments.get(0, None)
    name = (
        key.value if isinstance(key, Constant) and isinstance(key.value, str) else "an environment variable"
    )
    if default is not None and cast not in (None, NONE) and default is not NONE:
        default = _converted(interpreter, cast, default, place)
    if isinstance(default, Constant):
        return Constant(default.value, name)
    is_own = isinstance(default, Instance) and isinstance(default.cls, Class)
    return Setting(name, place, default=default if is_own else None)


def _converted(interpreter: Interpreter, cast: Value, default: Value, place: Place | None) -> Value:
    is_truth = isinstance(cast, External) and cast.name == "builtins.bool"
    if is_truth and isinstance(default, Constant) and isinstance(default.value, str):
        return Constant(_WORDS[default.value.lower()]) if default.value.lower() in _WORDS else NONE
    return interpreter.call(cast, Arguments([default]), place)
