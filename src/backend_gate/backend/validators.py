"""What the declared checks of a field leave of it: validators of models, patterns, ``Annotated`` validators.

A validator is run with a value of the request. What its conditions narrow (see
:mod:`backend_gate.backend.narrowing`) holds for the field.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from backend_gate.backend.arguments import Arguments
from backend_gate.backend.attributes import annotation_value
from backend_gate.backend.budget import OverBudgetError
from backend_gate.backend.model import Place
from backend_gate.backend.narrowing import admits_words_only
from backend_gate.backend.trace import RaisedSignal, Trace
from backend_gate.backend.values import (
    BodyInput,
    Class,
    Constant,
    Descriptor,
    External,
    Function,
    Input,
    Instance,
    Mapping,
    Value,
    alternatives,
    join,
)

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter

STEPS = 500
_FIELD = ("field_validator", "validator")
_MODEL = ("model_validator", "root_validator")
_FUNCTIONAL = ("AfterValidator", "BeforeValidator", "PlainValidator")
_PATTERNS = ("pattern", "regex")


def by_markers(
    interpreter: Interpreter, value: Value, markers: Iterable[Value], place: Place | None
) -> Value:
    """``value`` of a parameter or field with markers: ``Query(pattern=…)``, ``AfterValidator(check)``."""
    for marker in markers:
        if not isinstance(marker, Instance) or not _is_unchecked(value):
            continue
        pattern = next((marker.keywords[k] for k in _PATTERNS if k in marker.keywords), None)
        if isinstance(pattern, Constant) and isinstance(pattern.value, str):
            if admits_words_only(pattern.value, whole=False):
                return Input("allow-listed", f"it matches {pattern.value!r}", place)
        if isinstance(marker.cls, External) and marker.cls.name.endswith(_FUNCTIONAL) and marker.arguments:
            value = _kept(value, _run(interpreter, marker.arguments[0], [value], place))
    return value


def takes_body(interpreter: Interpreter, made: Instance, place: Place | None) -> None:
    """What a model holds of a body that it was made of is checked, as far as its fields have types that check."""
    from backend_gate.backend.bodies import shape_of

    if not isinstance(made.cls, Class):
        return
    for name, value in list(made.attributes.items()):
        if not any(isinstance(one, BodyInput) for one in alternatives(value)):
            continue
        for base in made.cls.mro():
            if isinstance(base, Class) and name in base.scope.annotations:
                kind = annotation_value(interpreter, base.scope.annotations[name], base)
                if shape_of(interpreter, kind) == "typed":
                    source = f"{made.cls.full_name}.{name}"
                    made.attributes[name] = join(
                        [
                            Input("request", source, place) if isinstance(one, BodyInput) else one
                            for one in alternatives(value)
                        ]
                    )
                break


def by_model(interpreter: Interpreter, made: Instance, place: Place | None) -> None:
    """Narrow the fields of a model instance to what the validators of its class let through."""
    if not isinstance(made.cls, Class) or not any(_is_unchecked(v) for v in made.attributes.values()):
        return
    for function, decorator, fields in _validators(made.cls):
        names = [n for n in (fields or made.attributes) if _is_unchecked(made.attributes.get(n))]
        if not names:
            continue
        if fields:
            for name in names:
                value = made.attributes[name]
                given = [made.cls, value] if len(function.node.parameters) > 1 else [value]
                made.attributes[name] = _kept(value, _run(interpreter, function, given, place))
        elif _is_after(decorator):
            _run(interpreter, function, [made], place)
        else:
            values = Mapping(((Constant(n), v) for n, v in made.attributes.items()), open=True)
            _run(interpreter, function, [made.cls, values], place)
            for name in names:
                found = values.get(Constant(name))
                made.attributes[name] = _kept(made.attributes[name], found)


def _is_unchecked(value: Value | None) -> bool:
    return isinstance(value, Input) and value.kind == "request" and not isinstance(value, BodyInput)


def _kept(value: Value, found: Value | None) -> Value:
    """What a validator gives if that says more than what it was given."""
    if found is None:
        return value
    safe = all(
        isinstance(one, Constant) or (isinstance(one, Input) and one.kind in ("allow-listed", "coerced"))
        for one in alternatives(found)
    )
    return found if safe and found is not value else value


def _validators(cls: Class) -> Iterator[tuple[Function, Value, list[str]]]:
    """The validators of a class and its bases: function, decorator, fields (none: the whole model)."""
    for base in reversed(cls.mro()):
        for value in list(base.scope.names.values()) if isinstance(base, Class) else []:
            function = value.function if isinstance(value, Descriptor) else value
            if not isinstance(function, Function):
                continue
            for decorator in function.decorators:
                name = _name(decorator)
                if name in _FIELD and isinstance(decorator, Instance):
                    given = [a.value for a in decorator.arguments if isinstance(a, Constant)]
                    yield function, decorator, [str(g) for g in given]
                elif name in _MODEL:
                    yield function, decorator, []


def _name(decorator: Value) -> str:
    cls = decorator.cls if isinstance(decorator, Instance) else decorator
    return cls.name.rpartition(".")[2] if isinstance(cls, External) else ""


def _is_after(decorator: Value) -> bool:
    mode = decorator.keywords.get("mode") if isinstance(decorator, Instance) else None
    return isinstance(mode, Constant) and mode.value == "after"


def _run(interpreter: Interpreter, function: Value, given: list[Value], place: Place | None) -> Value | None:
    """Run a validator aside; ``None`` where it gives nothing."""
    saved = interpreter.trace, interpreter.active, interpreter.conditions
    interpreter.trace, interpreter.active = Trace(), []
    try:
        with interpreter.budget(STEPS):
            found = interpreter.call(function, Arguments(given), place)
        checks = interpreter.trace.checks
        for value in given:
            checks.settle(value)  # what a loop has checked piece by piece
        return checks.seen(found)
    except (RaisedSignal, OverBudgetError):
        return None
    finally:
        interpreter.trace, interpreter.active, interpreter.conditions = saved
