"""What the token reader knows while it walks: frames of parentheses, a cursor, readings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from backend_gate.backend.sql import keywords as kw
from backend_gate.backend.sql.keywords import Slot
from backend_gate.backend.sql.position import Position
from backend_gate.backend.sql.tokens import Kind, Token

END = Token(Kind.OPERATOR, "", "", False, ())
"""What stands behind the last token and before the first."""


class Reading(NamedTuple):
    """The position of a hole.

    ``sure``: the tokens leave no other reading. ``settled``: a syntax tree would say nothing else, so that
    nobody needs to ask the parser.
    """

    position: Position
    sure: bool = True
    settled: bool = False


@dataclass(slots=True)
class Frame:
    """What is known inside one pair of parentheses, inside CASE … END, or of a statement.

    ``slot`` is what would stand next, ``element`` what a comma returns to. ``literal`` is the
    position of values here. ``ambient`` is what the first argument of a function is, ``object``
    what a definition is about (``"TABLE"``). ``compared``: the condition has its operator already.
    ``resume`` is the slot behind the closing parenthesis.
    """

    kind: str = "statement"
    mode: str = "query"
    verb: str = ""
    clause: str = ""
    element: Slot = Slot.STATEMENT
    slot: Slot = Slot.STATEMENT
    literal: Position = Position.VALUE
    object: str = ""
    ambient: Position = Position.VALUE
    between: bool = False
    compared: bool = False
    from_ahead: bool = True
    resume: Slot = Slot.DONE


class Cursor:
    """Tokens without comments, and where the reader is."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.index = 0

    def at(self, distance: int = 0) -> Token:
        """The token so many places ahead (or, if negative, behind)."""
        index = self.index + distance
        return self.tokens[index] if 0 <= index < len(self.tokens) else END


def begins_operand(token: Token) -> bool:
    """The token starts an operand: a name, a literal, a placeholder, a parenthesis."""
    if token.kind is Kind.WORD:
        return bool(token.holes) or token.upper not in kw.PHRASES
    return token.kind not in (Kind.OPERATOR, Kind.BODY) or token.text == "("


def follows_left_side(token: Token) -> bool:
    """The token is what stands behind the left side of a condition."""
    return token is not END and (token.text in kw.LEFT_SIDE or token.upper in kw.LEFT_SIDE)
