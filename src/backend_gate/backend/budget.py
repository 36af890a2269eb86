"""What ends a piece of work that takes too long; budgets count steps, never time."""

from __future__ import annotations

MAX_CALL_DEPTH = 48
MAX_SAME_FUNCTION = 3
MAX_RECURSION = 1
MAX_METHOD_RECURSION = 2
"""Calls of one function within each other in a traced run; a method may be another object's within its own."""
ROOT_STEPS = 3_000_000
MODULE_STEPS = 200_000
LEAST_MODULE_STEPS = 5_000
ALL_MODULES_STEPS = 1_000_000
"""What the top-level statements of one unit may take in all; the nearer it is, the less each next one is given."""
LEAST_CALL_STEPS = 400
LEAST_TRACED_STEPS = 150


class OverBudgetError(Exception):
    """The steps granted to the current call are used up."""


def steps_for_statement(taken: int) -> int:
    """What the next top-level statement may take, if those before it have taken ``taken`` steps."""
    return max(LEAST_MODULE_STEPS, min(MODULE_STEPS, (ALL_MODULES_STEPS - taken) // 8))
