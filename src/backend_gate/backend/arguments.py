"""The evaluated arguments of a call."""

from __future__ import annotations

from backend_gate.backend.values import Value


class Arguments:
    """Positional and keyword arguments. ``open``: unknown ones came through ``*`` or ``**``."""

    __slots__ = ("keywords", "open", "positional")

    def __init__(
        self,
        positional: list[Value] | None = None,
        keywords: dict[str, Value] | None = None,
        *,
        open: bool = False,
    ) -> None:
        self.positional: list[Value] = positional if positional is not None else []
        self.keywords: dict[str, Value] = keywords if keywords is not None else {}
        self.open = open

    def get(self, position: int | None, name: str | None) -> Value | None:
        """The argument given by keyword ``name`` or at ``position``; ``None`` if absent."""
        if name is not None and name in self.keywords:
            return self.keywords[name]
        if position is not None and position < len(self.positional):
            return self.positional[position]
        return None

    def prepend(self, value: Value) -> Arguments:
        """The same with a receiver in front."""
        return Arguments([value, *self.positional], self.keywords, open=self.open)

    def all(self) -> list[Value]:
        """Every argument value."""
        return [*self.positional, *self.keywords.values()]
