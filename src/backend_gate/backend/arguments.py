"""The evaluated arguments of a call."""

from __future__ import annotations

from backend_gate.backend.values import BodyInput, Value


class Arguments:
    """Positional and keyword arguments. ``open``: unknown ones came through ``*`` or ``**``.

    ``rest`` are the request bodies among what was spread.
    """

    __slots__ = ("keywords", "open", "positional", "rest")

    def __init__(
        self,
        positional: list[Value] | None = None,
        keywords: dict[str, Value] | None = None,
        *,
        open: bool = False,
        rest: list[BodyInput] | None = None,
    ) -> None:
        self.positional: list[Value] = positional if positional is not None else []
        self.keywords: dict[str, Value] = keywords if keywords is not None else {}
        self.open = open
        self.rest: list[BodyInput] = rest if rest is not None else []

    def get(self, position: int | None, name: str | None) -> Value | None:
        """The argument given by keyword ``name`` or at ``position``; ``None`` if absent."""
        if name is not None and name in self.keywords:
            return self.keywords[name]
        if position is not None and position < len(self.positional):
            return self.positional[position]
        return None

    def prepend(self, value: Value) -> Arguments:
        """The same with a receiver in front."""
        return Arguments([value, *self.positional], self.keywords, open=self.open, rest=self.rest)

    def all(self) -> list[Value]:
        """Every argument value."""
        return [*self.positional, *self.keywords.values()]
