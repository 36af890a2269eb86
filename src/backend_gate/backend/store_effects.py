"""Objects of the standard library that hold texts and give them back: ``ConfigParser``, ``StringIO``.

What the code puts in comes out again. What else they hold (a file that was read) stays what the library gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_gate.backend import texts
from backend_gate.backend.arguments import Arguments
from backend_gate.backend.calls import interpreter_external_call
from backend_gate.backend.values import NONE, Constant, Instance, Mapping, Sequence, Value
from backend_gate.backend.vocabulary import effect

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.model import Place

_KEPT = "__kept__"
_WRITTEN = "__written__"


@effect("config.set")
def _set(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``parser.set(section, option, value)``"""
    section, option = arguments.get(0, "section"), arguments.get(1, "option")
    value = arguments.get(2, "value")
    if isinstance(owner, Instance) and section is not None and option is not None and value is not None:
        kept = owner.attributes.setdefault(_KEPT, Mapping())
        if isinstance(kept, Mapping):
            kept.set(Sequence("tuple", [section, option]), value)
    return NONE


@effect("config.get")
def _get(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``parser.get(section, option)``"""
    section, option = arguments.get(0, "section"), arguments.get(1, "option")
    kept = owner.attributes.get(_KEPT) if isinstance(owner, Instance) else None
    if isinstance(kept, Mapping) and section is not None and option is not None:
        found = kept.get(Sequence("tuple", [section, option]))
        if found is not None:
            return found
    return interpreter_external_call(interpreter, "configparser.ConfigParser.get", owner, arguments, place)


@effect("stream.write")
def _write(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``stream.write(text)``"""
    added = arguments.get(0, "s")
    if isinstance(owner, Instance) and added is not None:
        owner.attributes[_WRITTEN] = texts.concat([_written(owner), added])
    return NONE


@effect("stream.getvalue")
def _getvalue(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``stream.getvalue()``"""
    if isinstance(owner, Instance) and (_WRITTEN in owner.attributes or owner.arguments):
        return _written(owner)
    return interpreter_external_call(interpreter, "io.StringIO.getvalue", owner, arguments, place)


def _written(owner: Instance) -> Value:
    initial = owner.arguments[0] if owner.arguments else Constant("")
    return owner.attributes.get(_WRITTEN, initial)
