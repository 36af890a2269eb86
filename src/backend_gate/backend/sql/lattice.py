"""What fills the holes of a statement, from harmless to hostile, and what follows from it."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from backend_gate.backend.sql.position import Position

Level = Literal["error", "warning", "info"]
"""The values of :class:`backend_gate.rules.model.Severity`, which stands in a layer above."""

BUILT_FROM_VALUES: Final = "sql-built-from-values"
IDENTIFIER_FROM_REQUEST: Final = "sql-identifier-from-request"
MANUAL_ESCAPE_RULE: Final = "sql-manual-escape"
VALUE_UNPROVED: Final = "sql-value-unproved"
IDENTIFIER_UNPROVED: Final = "sql-identifier-unproved"


class Origin(enum.Enum):
    """Where the text of a hole comes from. The order of the members is the order of the lattice."""

    LITERAL = "literal"
    """Written in the code."""
    CONSTANT = "constant"
    """A name of a module or class that is never written again, or a member of an Enum."""
    PLACEHOLDER_LIST = "placeholder-list"
    """``?, ?, ?``, ``%s``, ``:name`` or ``$1``, however many."""
    COERCED = "coerced"
    """A number, a UUID, a date: a text that cannot leave its place."""
    ALLOW_LISTED = "allow-listed"
    """Checked against a collection of the code; whatever else it was, the code goes another way."""
    QUOTED_IDENTIFIER = "quoted-identifier"
    """Quoted by the driver or the dialect."""
    SCHEMA_DERIVED = "schema-derived"
    """The name of a table or column as the models or the database's catalogue have it."""
    COMPOSED_SAFE = "composed-safe"
    """A text of a function whose own holes are all safe."""
    CONFIGURATION = "configuration"
    """The environment, the settings, the command line."""
    UNKNOWN = "unknown"
    """Nobody could tell."""
    STORED = "stored"
    """A row, or the response of another service: whoever wrote it decides."""
    REQUEST_TAINTED = "request-tainted"
    """What a client sent."""

    @property
    def rank(self) -> int:
        """0 for the most harmless."""
        return _RANKS[self]

    @property
    def is_safe(self) -> bool:
        """Nobody outside the code decides what the text is."""
        return self.rank <= Origin.COMPOSED_SAFE.rank


_RANKS: Final = {origin: rank for rank, origin in enumerate(Origin)}


def worst(origins: Iterable[Origin]) -> Origin:
    """The worst of some origins: the join of the lattice. ``LITERAL`` for none."""
    return max(origins, key=lambda origin: origin.rank, default=Origin.LITERAL)


class Judgement(NamedTuple):
    """The slug of a rule and the level of its finding."""

    slug: str
    level: Level


MANUAL_ESCAPE: Final = Judgement(MANUAL_ESCAPE_RULE, "warning")
"""What a value deserves whose quotes the code doubles by hand, whatever its origin and position."""

_TABLE: Final[dict[Position, tuple[Level | None, Level | None, Literal["unresolved"] | Level]]] = {
    # The catalogue asks for warnings where configuration or an unknown value is written into a statement;
    # bench/judgements/sql-built-from-values.yaml shows why they are notes.
    # up to composed-safe, configuration, unknown; stored and request-tainted are errors everywhere
    Position.VALUE: (None, "info", "info"),
    Position.IDENTIFIER: (None, "info", "info"),
    Position.KEYWORD: (None, "info", "info"),
    Position.FRAGMENT: (None, "info", "unresolved"),
    Position.UNBINDABLE: (None, None, "info"),
    Position.UNKNOWN: (None, "info", "unresolved"),
}


_CANNOT_BE_BOUND: Final = frozenset({Position.IDENTIFIER, Position.KEYWORD, Position.UNBINDABLE})


def is_open_question(position: Position, origin: Origin, *, served: bool) -> bool:
    """Nothing is known against a hole, and there is nothing better to write: it is listed as unresolved, not noted.

    Where no parameter can stand, a text that could not be followed to its origin is most likely one of the code:
    of ten such places in real backends none deserved a change. ``served``: the code has endpoints, and so there is
    somebody of whom to tell whether he gets there; of a library anybody may call everything.
    """
    return served and origin is Origin.UNKNOWN and position in _CANNOT_BE_BOUND


def severity(
    position: Position,
    origin: Origin,
    *,
    suggest_binding: bool = True,
) -> Judgement | Literal["unresolved"] | None:
    """What a hole deserves: a finding, nothing, or to be listed as unresolved.

    A value that only configuration or something unknown can reach is a note at most: of twenty such places in
    real backends two deserved a change. A clause of unknown origin is listed as unresolved.

    ``suggest_binding``: a coerced value is an information, since binding it costs nothing; without,
    it is clean. A hole of unknown position is judged like a fragment: what could be anything is
    neither a fault nor safe.
    """
    name = position in (Position.IDENTIFIER, Position.KEYWORD)
    if origin.rank >= Origin.STORED.rank:
        return Judgement(IDENTIFIER_FROM_REQUEST if name else BUILT_FROM_VALUES, "error")
    if position is Position.VALUE and origin is Origin.COERCED:
        return Judgement(BUILT_FROM_VALUES, "info") if suggest_binding else None
    safe, configuration, unknown = _TABLE[position]
    if origin.is_safe:
        level: Level | Literal["unresolved"] | None = safe
    elif origin is Origin.CONFIGURATION:
        level = configuration
    else:
        level = unknown
    if level is None or level == "unresolved":
        return level
    return Judgement(IDENTIFIER_UNPROVED if name else VALUE_UNPROVED, level)
