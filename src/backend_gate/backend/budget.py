"""What ends a piece of work that takes too long; budgets count steps, never time."""

from __future__ import annotations


class OverBudgetError(Exception):
    """The steps granted to the current call are used up."""
