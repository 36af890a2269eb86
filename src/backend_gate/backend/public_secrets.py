"""Answers that hold a secret of the deployment: a setting whose name says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_gate.backend.values import (
    Alternatives,
    Class,
    Constant,
    Instance,
    ListedSetting,
    Mapping,
    Sequence,
    Setting,
    TextValue,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backend_gate.backend.trace import Trace
    from backend_gate.backend.vocabulary import Vocabulary

_SECRET = re.compile(
    r"(^|[_.])(api_?key|access_?key|credentials?|database_ur[il]|db_ur[il]|dsn|passphrase|passw(or)?d|private_?key|pwd"
    r"|secret(_?key)?|signing_?key|token)$",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(r"publi[cs]|client_id|site_?key|csrf", re.IGNORECASE)
"""Keys that a page needs, and that everybody may read there."""
_MAX_DEPTH = 4


def hands_out_secret(trace: Trace, vocabulary: Vocabulary) -> bool:
    """One of the answers holds such a setting as it is, or an object of settings that has one."""
    return any(_holds(event.value, vocabulary, 0) for event in trace.returns)


def _holds(value: Value, vocabulary: Vocabulary, depth: int) -> bool:
    match value:
        case ListedSetting():
            return False  # whether there is one
        case Setting(name=name) | Constant(value=str() | None, setting=str() as name):
            return is_secret_name(name)
        case Instance(cls=Class() as cls) if vocabulary.is_settings(cls):
            return any(
                is_secret_name(name)
                for base in cls.mro()
                if isinstance(base, Class)
                for name in base.scope.annotations
            )
    return depth < _MAX_DEPTH and any(_holds(part, vocabulary, depth + 1) for part in _parts(value))


def _parts(value: Value) -> Iterable[Value]:
    match value:
        case Alternatives(values=values):
            return values
        case Mapping(entries=entries):
            return [held for _, held in entries.values()]
        case Sequence(items=items):
            return items
        case TextValue(parts=parts):
            return [part for part in parts if isinstance(part, Value)]
        case Instance():
            return [*value.arguments, *value.keywords.values(), *value.attributes.values()]
    return ()


def is_secret_name(name: str) -> bool:
    """A setting of this name is a secret of the deployment."""
    return bool(_SECRET.search(name)) and not _PUBLISHED.search(name)
