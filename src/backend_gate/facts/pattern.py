"""What a pattern of ``match`` says, while a file is being read."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from backend_gate.facts import model


class Pattern(msgspec.Struct):
    """``values``: what the whole subject is compared with, not its parts. ``names``: everything bound.
    ``is_wildcard``: it matches any subject."""

    values: list[model.Expression]
    names: list[str]
    is_wildcard: bool = False

    @classmethod
    def any_of(cls, patterns: Iterable[Pattern]) -> Pattern:
        """The pattern of ``a | b | c``."""
        result, is_other = cls([], []), False
        for inner in patterns:
            result.values.extend(inner.values)
            result.names.extend(name for name in inner.names if name not in result.names)
            result.is_wildcard = result.is_wildcard or inner.is_wildcard
            is_other = is_other or not (inner.values or inner.is_wildcard)
        if is_other:  # ``"all" | int()``: more than those values match
            result.values.clear()
        return result
