"""A planted fault: the edit, and what the gate owes for it."""

from __future__ import annotations

import dataclasses
import enum
from typing import Any

import libcst as cst


class Operator(enum.Enum):
    """The ways in which a backend is broken; values are what tables print."""

    ROUTE_GUARD = "guard removed from a route"
    ROUTER_GUARD = "guard removed from a router"
    INCLUDE_GUARD = "guard removed from an include"
    OPEN_BODY = "typed body opened"
    SQL = "bound value written into the statement"
    HANDLER = "exception handler dropped"
    MISPLACED = "guard written without Depends"
    EMPTIED = "guard emptied"
    UNDENIED = "denials dropped from a guard"
    SWALLOWED = "failed check swallowed in a guard"
    OPENED = "guard open while a secret is not set"
    LOOKUP = "test after a lookup dropped"
    CLAUSE = "clause widened and its raise dropped"
    UNRAISED = "exception with a handler raised no more"


# An open endpoint is one finding: where a guard stands before it that does not guard, that guard is.
_OPEN = frozenset(
    {
        *("endpoint-without-auth", "guard-never-denies", "optional-user-as-guard"),
        *("scheme-auto-error-off-unchecked", "guard-swallows-denial"),
    }
)
# What is left may be a scheme that asks for a credential and nobody who looks at it.
_WEAK = _OPEN | {"bearer-presence-only"}

DUE: dict[Operator, frozenset[str]] = {
    Operator.ROUTE_GUARD: _OPEN,
    Operator.ROUTER_GUARD: _OPEN,
    Operator.INCLUDE_GUARD: _OPEN,
    Operator.MISPLACED: frozenset({"guard-without-depends"}),
    Operator.EMPTIED: _WEAK,
    Operator.UNDENIED: _WEAK,
    Operator.SWALLOWED: _WEAK,
    Operator.OPENED: frozenset({"auth-fails-open-when-unset"}),
    Operator.LOOKUP: frozenset({"lookup-result-unchecked"}),
    Operator.CLAUSE: frozenset({"silent-except-in-request"}),
    Operator.UNRAISED: frozenset({"handler-unreachable"}),
    # The catalogue's downgrades of an open body are the same fault under a milder name.
    Operator.OPEN_BODY: frozenset({"untyped-request-body", "body-validated-late", "body-proxied-untyped"}),
    Operator.SQL: frozenset({"sql-built-from-values", "sql-value-unproved"}),
    Operator.HANDLER: frozenset({"endpoint-errors-unhandled"}),
}
WIRING = frozenset({Operator.ROUTER_GUARD, Operator.INCLUDE_GUARD})
LIFTED = WIRING | {Operator.ROUTE_GUARD, Operator.MISPLACED}
"""What takes a guard away from endpoints."""
WEAKENED = frozenset({Operator.EMPTIED, Operator.UNDENIED, Operator.SWALLOWED, Operator.OPENED})
"""What leaves a guard where it is, and changes what it does."""


@dataclasses.dataclass(frozen=True, eq=False)
class Mutant:
    """One planted fault.

    ``file`` is relative to the backend, ``line`` is that of the edited code before the edit. ``scope`` is
    the dotted name, within the file, of the function or class that is edited. ``replacement`` stands in
    for ``node`` of the parsed file. ``names`` match the gate's answer to the fault: for guards the
    callables that were removed, for handlers the exceptions that are no longer handled.
    """

    operator: Operator
    file: str
    line: int
    scope: str
    what: str
    node: cst.CSTNode
    replacement: cst.CSTNode | cst.RemovalSentinel
    names: frozenset[str] = frozenset()

    @property
    def due(self) -> frozenset[str]:
        """The rules of which one has to report the fault."""
        return DUE[self.operator]


Endpoint = dict[str, Any]


def simple(name: str) -> str:
    """The last part of a callable's qualified name as the inventory prints it.

    A closure counts as the factory that made it, an instance or its ``__call__`` as the class.
    """
    parts = name.partition(".<locals>")[0].partition("(")[0].split(".")
    while len(parts) > 1 and parts[-1] in ("__call__", "__init__"):
        parts.pop()
    return parts[-1]


def dependencies(endpoint: Endpoint) -> frozenset[str]:
    """Simple names of an endpoint's dependency callables; empty where the gate could not resolve them."""
    return frozenset(simple(name) for name in endpoint["dependencies"] or ())


def guards(endpoint: Endpoint) -> frozenset[str]:
    """Simple names of the guards that decided the endpoint's verdict."""
    return frozenset(simple(name) for name in endpoint["auth"]["guards"])


def key(endpoint: Endpoint) -> tuple[str, str, str, str]:
    """What makes it the same endpoint before and after an edit."""
    return (
        ",".join(sorted(endpoint["methods"])),
        endpoint["path"],
        endpoint["handler"],
        endpoint.get("app") or "",
    )
