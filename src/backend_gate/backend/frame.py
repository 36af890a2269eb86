"""One activation: what a running function, class body or statement of a module has at hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from backend_gate.backend.heap import Fields, State
from backend_gate.backend.model import Condition, Place
from backend_gate.backend.modules import ModuleState
from backend_gate.backend.values import Function, Scope, Value
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.checks import Known
    from backend_gate.backend.excluded import Excluded
    from backend_gate.backend.statements import Outcome


class Frame:
    """One activation: of a module statement, a class body or a function call."""

    __slots__ = (
        "checked",
        "cls",
        "depth",
        "excluded",
        "exit_conditions",
        "fields",
        "function",
        "jumped",
        "jumps",
        "left",
        "module",
        "on_yield",
        "receiver",
        "returns",
        "scope",
        "ways",
        "yields",
    )

    def __init__(
        self,
        module: ModuleState,
        scope: Scope,
        function: Function | None = None,
        depth: int = 0,
        receiver: Value | None = None,
    ) -> None:
        self.module = module
        self.scope = scope
        self.function = function
        self.depth = depth
        self.receiver = receiver
        self.returns: list[Value] = []
        self.checked: list[Known] = []
        self.excluded: list[Excluded] = []
        self.ways: list[tuple[Condition, ...]] = []
        self.exit_conditions: tuple[Condition, ...] = ()
        self.fields: Fields | None = None
        self.left: list[tuple[State, tuple[Condition, ...]]] = []
        self.yields: list[Value] = []
        self.on_yield: Callable[[Value], Value] | None = None
        self.jumps: frozenset[Outcome] = frozenset()
        self.jumped: list[tuple[dict[str, Value], tuple[Condition, ...]]] = []

    def place(self, node: ir.Node) -> Place:
        """Where a node of this frame's module stands."""
        return Place(self.module.path, node.span)

    def place_of(self, span: ir.Span) -> Place:
        """A region of this frame's module."""
        return Place(self.module.path, span)
