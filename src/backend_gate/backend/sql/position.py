"""Where in a statement a hole stands."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Position(enum.Enum):
    """What the database reads at a hole, and so what could be done about it.

    ``VALUE`` can be a bound parameter. ``IDENTIFIER`` (table, column, alias, name of a parameter) and
    ``KEYWORD`` (direction, operator, type) cannot, but can be checked against a list. ``FRAGMENT`` is
    a clause or more. ``UNBINDABLE`` is a literal that the database takes no parameter for (SET,
    PRAGMA, DDL, NOTIFY, interval, path into JSON). ``UNKNOWN``: it was not read.
    """

    VALUE = "value"
    IDENTIFIER = "identifier"
    KEYWORD = "keyword"
    FRAGMENT = "fragment"
    UNBINDABLE = "unbindable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class HoleMark:
    """A hole among the literal pieces of a statement.

    Holes with the same non-empty ``key`` are filled with the same value: what one of them is for
    certain helps to read the others.
    """

    key: str = ""
