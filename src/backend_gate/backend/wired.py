"""What a branch chooses for the wiring: a handler, a dependency, or none.

``handler = signed_in if AUTH else anybody``: one of the two stands behind the route, and a setting says which. Both
are looked at. Other values, and those of a running request, are joined as any values are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend_gate.backend.values import (
    Alternatives,
    BoundMethod,
    Chosen,
    Constant,
    Function,
    Overridden,
    Partial,
    Value,
    alternatives,
    join,
    overridden,
)

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter


def is_chosen(interpreter: Interpreter, arms: Sequence[Value]) -> bool:
    """Each of the arms is a handler, a dependency or ``None``, and not all are ``None``."""
    if interpreter.trace is not None:
        return False
    singles = [one for arm in arms for one in alternatives(arm)]
    wired = [_is_wired(interpreter, one) for one in singles]
    return any(wired) and all(w or is_none(one) for w, one in zip(wired, singles, strict=True))


def is_none(value: Value) -> bool:
    """``None``, whatever the settings are."""
    return isinstance(value, Constant) and value.value is None and value.setting is None


def chosen(interpreter: Interpreter, arms: Sequence[Value], setting: str, *, is_default: bool) -> Value:
    """One of the arms, as ``setting`` decides; ``is_default``: the first is there unless somebody sets it."""
    if not is_chosen(interpreter, arms):
        return join(arms)
    if is_default:
        return overridden(arms[0], arms[1:], setting)
    joined = join(arms)
    return Chosen(joined.values, setting) if isinstance(joined, Alternatives) else joined


def decided_by(value: Value) -> str | None:
    """The setting, or the test, that says which of several values is there; ``None`` if that is not known."""
    if isinstance(value, Overridden):
        return value.setting
    return value.by if isinstance(value, Chosen) else None


def _is_wired(interpreter: Interpreter, value: Value) -> bool:
    if isinstance(value, (Function, BoundMethod, Partial)):
        return True
    return interpreter.vocabulary.marker(value) == "dependency"
