"""Positions of bare holes, by what is expected where they stand and by the tokens next to them."""

from __future__ import annotations

from collections.abc import Callable

from backend_gate.backend.sql import keywords as kw
from backend_gate.backend.sql.frame import END, Cursor, Frame, Reading, begins_operand, follows_left_side
from backend_gate.backend.sql.keywords import Slot
from backend_gate.backend.sql.position import Position
from backend_gate.backend.sql.tokens import Kind

VALUE = Reading(Position.VALUE)
FRAGMENT = Reading(Position.FRAGMENT)
IDENTIFIER = Reading(Position.IDENTIFIER)
KEYWORD = Reading(Position.KEYWORD)
UNBINDABLE = Reading(Position.UNBINDABLE)
_LIKELY_IDENTIFIER = Reading(Position.IDENTIFIER, sure=False)
_LEFT_SIDE = Reading(Position.IDENTIFIER, sure=False, settled=True)
_LIKELY_KEYWORD = Reading(Position.KEYWORD, sure=False)

_NAMED = frozenset({Slot.VALUE, Slot.CONDITION, Slot.STATEMENT, Slot.COLUMN, Slot.ARGUMENT})
_NO_FUNCTION = frozenset({Slot.DONE, Slot.KEYWORD, Slot.TYPE, Slot.STATEMENT})
_ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "||"})
_ENDS = frozenset({",", ")", ";", ""})
_PREDICATES = kw.words("= <> != < > <= >= LIKE ILIKE IS IN BETWEEN")
"""Behind the left side of one of these every dialect reads the same."""
_NAMES_ARGUMENT = frozenset({":=", "=>"})
"""What stands between the name of an argument, or of a variable, and its value."""
_ANY = frozenset({"ANY", "ALL", "SOME"})


def read_hole(cursor: Cursor, frame: Frame, dialect: str | None) -> Reading:
    """The position of the hole at the cursor (alone, or part of a name)."""
    token, following = cursor.at(), cursor.at(1)
    if cursor.at(-1).text == "." or (following.text == "." and following.glued):
        return IDENTIFIER
    if following.text == "(" and frame.slot not in _NO_FUNCTION:
        return IDENTIFIER
    if following.text in _NAMES_ARGUMENT:
        return IDENTIFIER
    if token.kind is Kind.WORD and frame.slot in _NAMED and frame.mode != "setting":
        is_all = frame.slot is Slot.CONDITION and cursor.at(-1) is END and following is END
        return (
            IDENTIFIER if is_all else _LIKELY_IDENTIFIER
        )  # a condition that is but ``is_{state}``: a column
    if frame.slot is Slot.INTERVAL:
        return VALUE if dialect == "mysql" else UNBINDABLE
    return _SLOTS[frame.slot](cursor, frame)


def _statement(cursor: Cursor, frame: Frame) -> Reading:
    following = cursor.at(1)
    if frame.kind != "statement" or frame.verb:
        return FRAGMENT
    if following.text in kw.COMPARISONS or following.upper in kw.COMPARISONS | {"IS", "IN", "ASC", "DESC"}:
        return _LIKELY_IDENTIFIER
    return FRAGMENT


def _table(_cursor: Cursor, _frame: Frame) -> Reading:
    return IDENTIFIER


def _name(cursor: Cursor, frame: Frame) -> Reading:
    """A name; but ``WITH {tables} SELECT …`` is not one."""
    following = cursor.at(1)
    if frame.clause == "WITH" and following.upper != "AS" and following.text != "(":
        return FRAGMENT
    return IDENTIFIER


def _column(cursor: Cursor, frame: Frame) -> Reading:
    """A column or a list of them; a value if there is no table to take a column from."""
    if frame.clause != "SELECT":
        return IDENTIFIER
    if cursor.at(1).text in _ARITHMETIC and cursor.at(2).kind in (Kind.WORD, Kind.NAME):  # {n} - column
        return Reading(frame.literal, sure=False)
    if begins_operand(cursor.at(1)):  # SELECT {distinct} name
        return _LIKELY_KEYWORD
    settled = cursor.at(1).text == "," or cursor.at(1).upper in ("AS", "FROM")
    position = Position.IDENTIFIER if frame.from_ahead else frame.literal
    return Reading(position, sure=False, settled=settled)


def _condition(cursor: Cursor, _frame: Frame) -> Reading:
    following = cursor.at(1)
    if follows_left_side(following):
        if following.text == "=" and cursor.at(2).upper in _ANY:
            return VALUE
        return _LEFT_SIDE if _compares(cursor, 1) else _LIKELY_IDENTIFIER
    if following.kind is Kind.HOLE:  # {column} {operator} value, or two conditions
        return _LIKELY_IDENTIFIER if begins_operand(cursor.at(2)) else FRAGMENT
    if cursor.at(-1).text == "(" and following.text == ")" and follows_left_side(cursor.at(2)):
        return _LIKELY_IDENTIFIER
    return _LIKELY_KEYWORD if begins_operand(following) else FRAGMENT


def _compares(cursor: Cursor, at: int) -> bool:
    """A predicate stands there; of ``= ANY(…)`` it depends on the right side which side is the value."""
    token = cursor.at(at)
    return (token.text in _PREDICATES or token.upper in _PREDICATES) and cursor.at(at + 1).upper not in _ANY


def _value(_cursor: Cursor, frame: Frame) -> Reading:
    return Reading(frame.literal)


def _argument(cursor: Cursor, frame: Frame) -> Reading:
    settled = frame.ambient is Position.IDENTIFIER and _is_within_left_side(cursor)
    return Reading(frame.ambient, sure=False, settled=settled)


def _is_within_left_side(cursor: Cursor) -> bool:
    """``LOWER(CAST({column} AS TEXT)) LIKE …``"""
    after = 3 if cursor.at(1).upper == "AS" and cursor.at(2).kind is Kind.WORD else 1
    if cursor.at(after).text != ")":
        return False
    while cursor.at(after).text == ")":
        after += 1
    return _compares(cursor, after)


def _assignment(cursor: Cursor, _frame: Frame) -> Reading:
    return IDENTIFIER if cursor.at(1).text == "=" else FRAGMENT


def _definition(cursor: Cursor, _frame: Frame) -> Reading:
    return FRAGMENT if cursor.at(1).text in _ENDS else IDENTIFIER


def _type(_cursor: Cursor, _frame: Frame) -> Reading:
    return KEYWORD


def _keyword(cursor: Cursor, frame: Frame) -> Reading:
    return FRAGMENT if cursor.at(1).text in (";", "") and frame.clause == "OBJECT" else _LIKELY_KEYWORD


def _setting(cursor: Cursor, _frame: Frame) -> Reading:
    following = cursor.at(1)
    if following.text in ("=", "(", ".") or following.upper == "TO":
        return IDENTIFIER
    return FRAGMENT if following.text in (";", "") else UNBINDABLE


def _literal(_cursor: Cursor, _frame: Frame) -> Reading:
    return UNBINDABLE


def _after_operand(cursor: Cursor, frame: Frame) -> Reading:
    """Something complete stands before: an operator, a direction, an alias or the rest of a statement."""
    before, following = cursor.at(-1), cursor.at(1)
    if before.kind is Kind.NUMBER and cursor.at().glued:
        return Reading(frame.literal)
    if frame.mode == "definition" and frame.kind == "columns":
        return KEYWORD
    if frame.mode == "definition" or frame.element is Slot.STATEMENT:
        return FRAGMENT
    if frame.clause == "ORDER":
        return FRAGMENT if before.upper in ("ASC", "DESC") else KEYWORD
    if frame.element is Slot.TABLE:
        return IDENTIFIER if following.upper == "ON" else FRAGMENT
    if begins_operand(following) and frame.element in (Slot.CONDITION, Slot.ASSIGNMENT, Slot.COLUMN):
        return FRAGMENT if frame.compared and following.kind is Kind.HOLE else KEYWORD
    return FRAGMENT


_SLOTS: dict[Slot, Callable[[Cursor, Frame], Reading]] = {
    Slot.STATEMENT: _statement,
    Slot.TABLE: _table,
    Slot.NAME: _name,
    Slot.COLUMN: _column,
    Slot.CONDITION: _condition,
    Slot.VALUE: _value,
    Slot.ARGUMENT: _argument,
    Slot.ASSIGNMENT: _assignment,
    Slot.DEFINITION: _definition,
    Slot.TYPE: _type,
    Slot.KEYWORD: _keyword,
    Slot.SETTING: _setting,
    Slot.LITERAL: _literal,
    Slot.DONE: _after_operand,
}
