"""What the methods of validated models give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_gate.backend import operations
from backend_gate.backend.arguments import Arguments
from backend_gate.backend.model import Place
from backend_gate.backend.values import Class, Constant, External, Instance, Mapping, Unknown, Value
from backend_gate.backend.vocabulary import effect

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter

_KEEPS_NAMES = frozenset(
    {"exclude_unset", "exclude_none", "exclude_defaults", "mode", "exclude", "round_trip"}
)


@effect("model.dump")
def _dump(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``model.model_dump()``: the fields by name. One that may be left out is there all the same."""
    known = not arguments.positional and not arguments.open and set(arguments.keywords) <= _KEEPS_NAMES
    fields = _fields(interpreter, owner) if known else None
    if not isinstance(owner, Instance) or fields is None:
        made = External("pydantic.main.BaseModel.model_dump", owner)
        in_run = interpreter.trace is not None
        return Instance(made, place, arguments.positional, arguments.keywords, in_run=in_run)
    excluded = arguments.keywords.get("exclude")
    left_out = (
        [item.value for item in operations.items_of(excluded)[0] if isinstance(item, Constant)]
        if excluded
        else []
    )
    return Mapping(
        (Constant(name), interpreter.attribute(owner, name, place)) for name in fields if name not in left_out
    )


def fields_by_name(interpreter: Interpreter, cls: Class) -> Mapping:
    """``Model.model_fields``: what a model and its bases declare; open where a base is not known."""
    names: dict[str, None] = {}
    is_open = False
    for base in reversed(cls.mro()):
        if isinstance(base, Class):
            names |= dict.fromkeys(n for n in base.scope.fields() if not n.startswith("_"))
        elif isinstance(base, External):
            model = interpreter.vocabulary.has_role("models", [base.name])
            is_open = is_open or not (model or interpreter.vocabulary.is_plain_base(base.name))
        else:
            is_open = True
    fields = ((Constant(name), Unknown(f"the field {name} of {cls.full_name}")) for name in names)
    return Mapping(fields, open=is_open)


def _fields(interpreter: Interpreter, owner: Value) -> list[str] | None:
    """The fields of a model; ``None`` if it may have others."""
    if not isinstance(owner, Instance) or not isinstance(owner.cls, Class):
        return None
    names: dict[str, None] = {}
    for base in reversed(owner.cls.mro()):
        if isinstance(base, Class):
            if "model_config" in base.scope.names or "Config" in base.scope.names:
                return None  # extra keys and other names are for the reader of bodies
            names |= dict.fromkeys(n for n in base.scope.fields() if not n.startswith("_"))
        elif isinstance(base, External):
            model = interpreter.vocabulary.has_role("models", [base.name])
            if not model and not interpreter.vocabulary.is_plain_base(base.name):
                return None
    return list(names)
