"""Sets that are compared with each other: scopes that somebody has, and those that he needs.

What is made of a missing credential is an empty set: nothing is missing in it, and it has nothing in common.
"""

from __future__ import annotations

from backend_gate.backend.values import (
    FALSE,
    TRUE,
    Mapping,
    Sequence,
    Tested,
    Value,
    key_of,
    missing_credential,
)


def is_subset(one: Value, other: Value) -> Value:
    """``one.issubset(other)``, ``one <= other``"""
    if missing_credential(one) is not None:
        return TRUE
    missing = missing_credential(other)
    if missing is not None:
        return TRUE if _is_empty(one) else missing
    keys, others = _keys(one), _keys(other)
    if keys is not None and others is not None:
        return TRUE if keys <= others else FALSE
    return Tested("whether a set holds all of another", (one, other))


def are_disjoint(one: Value, other: Value) -> Value:
    """``one.isdisjoint(other)``"""
    if missing_credential(one) is not None or missing_credential(other) is not None:
        return TRUE
    keys, others = _keys(one), _keys(other)
    if keys is not None and others is not None:
        return TRUE if keys.isdisjoint(others) else FALSE
    return Tested("whether two sets have something in common", (one, other))


def compared(operator: str, left: Value, right: Value) -> Value | None:
    """``left <= right`` of sets; ``None`` if they are none, or nothing is known of what is in them."""
    if not any(isinstance(side, Sequence) and side.kind == "set" for side in (left, right)):
        return None
    if operator in (">=", ">"):
        left, right = right, left
    found = is_subset(left, right)
    if operator in ("<=", ">=") or found is FALSE:
        return None if isinstance(found, Tested) else found
    if operator in ("<", ">"):
        other = is_subset(right, left)
        return None if isinstance(other, Tested) else FALSE if other is TRUE else found
    return None


def combined(operator: str, left: Sequence, right: Sequence) -> Sequence | None:
    """``left - right``, ``left & right`` of sets all of whose items are known; ``None`` for any others."""
    keys, others = _keys(left), _keys(right)
    if keys is None or others is None or operator not in ("-", "&"):
        return None
    kept = [item for item in left.items if (key_of(item) in others) is (operator == "&")]
    return Sequence(left.kind, kept)


def _is_empty(value: Value) -> bool:
    return isinstance(value, Sequence) and not value.items and not value.open


def _keys(value: Value) -> set[object] | None:
    """The keys of all items; ``None`` if some are not known."""
    if isinstance(value, Mapping):
        return None if value.open else set(value.entries)
    if not isinstance(value, Sequence) or value.open or value.sample:
        return None
    keys = {key_of(item) for item in value.items}
    return None if None in keys else keys
