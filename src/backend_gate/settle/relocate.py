"""Move everything that names a file below another root."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from backend_gate.backend.model import Place
from backend_gate.discover.frameworks import Evidence

T = TypeVar("T")


def relocate(value: T, prefix: str) -> T:
    """A copy of ``value`` (structs, tuples, lists) whose places lie below ``prefix``.

    ``prefix`` is empty, which changes nothing, or a folder with a trailing ``/``.
    """
    return _moved(value, prefix) if prefix else value


def _moved(value: Any, prefix: str) -> Any:
    if isinstance(value, (Place, Evidence)):
        return msgspec.structs.replace(value, file=prefix + value.file)
    if isinstance(value, msgspec.Struct):
        changes = {}
        for name in value.__struct_fields__:
            old = getattr(value, name)
            if isinstance(old, (msgspec.Struct, tuple, list)) and (new := _moved(old, prefix)) is not old:
                changes[name] = new
        return msgspec.structs.replace(value, **changes) if changes else value
    if isinstance(value, (tuple, list)):
        moved = [_moved(item, prefix) for item in value]
        if all(new is old for new, old in zip(moved, value, strict=True)):
            return value
        return type(value)(moved)
    return value
