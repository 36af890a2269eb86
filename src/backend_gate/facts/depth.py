"""How deep code may nest."""

from __future__ import annotations

#: How deep statements and expressions may nest in the intermediate form, links of a chain included.
#: Whoever walks the form by recursion stays far from Python's own limit of 1,000 frames.
MAX_DEPTH = 200


class TooDeepError(Exception):
    """The file nests deeper than :data:`MAX_DEPTH`."""

    def __init__(self, line: int, column: int) -> None:
        super().__init__(f"nested too deeply at {line}:{column}")
        self.line = line
        self.column = column
