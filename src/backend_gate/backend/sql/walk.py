"""The token reader: positions of holes from the tokens around them.

One pass with a stack of parentheses. It never fails, and never guesses silently: a reading says
whether the tokens leave any doubt, in which case a parser may know better.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from backend_gate.backend.sql import holes
from backend_gate.backend.sql import keywords as kw
from backend_gate.backend.sql.frame import Cursor, Frame, Reading
from backend_gate.backend.sql.keywords import Slot
from backend_gate.backend.sql.position import Position
from backend_gate.backend.sql.tokens import Kind, Token

_LISTS = kw.words("IN VALUES ANY SOME ALL TOP")
_COLUMN_LISTS = kw.words("KEY UNIQUE CONFLICT INCLUDE SETS MATCH LIST HASH")
_NOT_FUNCTIONS = kw.words("EXISTS ALL DISTINCT LATERAL ONLY MATERIALIZED")
_OPERATORS = kw.COMPARISONS | kw.words("+ - / % || -> ->> #> #>> | & ^ << >> := => ?| ?& !")

_STARTS = {
    "statement": Frame(),
    "condition": Frame(clause="WHERE", element=Slot.CONDITION, slot=Slot.CONDITION),
    "order": Frame(clause="ORDER", element=Slot.COLUMN, slot=Slot.COLUMN),
    "columns": Frame(clause="SELECT", element=Slot.COLUMN, slot=Slot.COLUMN),
    "table": Frame(clause="FROM", element=Slot.TABLE, slot=Slot.TABLE),
}
_JSON_PATHS = ("'$.", "'$[")
"""How the way into a JSON document begins: it names a member, and several databases take no parameter there."""
CONTEXTS = frozenset(_STARTS)
"""What a text may be: a statement, or what a query builder takes (a condition, an ORDER BY list, …)."""


def walk(tokens: list[Token], dialect: str | None, context: str = "statement") -> dict[int, Reading]:
    """A reading for every hole of the tokens, by its index."""
    readings: dict[int, Reading] = {}
    for token in tokens:
        if token.kind is Kind.COMMENT:
            readings.update(dict.fromkeys(token.holes, holes.FRAGMENT))
    code = [t for t in tokens if t.kind is not Kind.COMMENT]
    _Walk(Cursor(code), dialect, replace(_STARTS[context]), readings).run()
    return readings


class _Walk:
    def __init__(
        self, cursor: Cursor, dialect: str | None, start: Frame, readings: dict[int, Reading]
    ) -> None:
        self.cursor = cursor
        self.dialect = dialect
        self.stack = [start]
        self.readings = readings
        self.operand: str | None = None  # the name just read ("" without a text), None after anything else
        self.before = Slot.DONE  # what was expected where that name stands

    def run(self) -> None:
        with_from = _selects_with_from(self.cursor.tokens)
        for index, token in enumerate(self.cursor.tokens):
            self.cursor.index = index
            if token.upper == "SELECT":
                self.top.from_ahead = index in with_from
            operand, self.operand = self.operand, None
            self._read(token, operand)

    @property
    def top(self) -> Frame:
        return self.stack[-1]

    @property
    def previous(self) -> Token:
        return self.cursor.at(-1)

    def _note(self, token: Token, reading: Reading) -> None:
        self.readings.update(dict.fromkeys(token.holes, reading))

    def _read(self, token: Token, operand: str | None) -> None:
        match token.kind:
            case Kind.WORD if not token.holes:
                self._word(token)
            case Kind.WORD | Kind.HOLE:
                self._hole(token)
            case Kind.STRING | Kind.BODY:
                self._note(token, self._literal_reading(token))
                self._operand(None)
            case Kind.NAME:
                self._note(token, self._name_reading(token))
                self._operand("")
            case Kind.PLACEHOLDER:
                self._note(token, holes.IDENTIFIER)
                if self.top.slot is Slot.SETTING and token.text.startswith("@") and token.text[1:2] != "@":
                    self.top.literal = Position.VALUE  # a variable of MySQL is set like a column
                self._operand(None)
            case Kind.NUMBER:
                self._operand(None)
            case _:
                self._operator(token.text, operand)

    def _operand(self, name: str | None) -> None:
        """An operand was read: what is expected behind it."""
        frame = self.top
        self.operand, self.before = name, frame.slot
        if frame.slot is Slot.DEFINITION:
            frame.slot = Slot.TYPE
        elif frame.slot is Slot.SETTING:
            frame.slot = Slot.LITERAL
        elif not (frame.slot is Slot.KEYWORD and frame.clause == "OBJECT"):
            frame.slot = Slot.DONE

    def _literal_reading(self, token: Token) -> Reading:
        if self.top.slot is Slot.INTERVAL and self.dialect != "mysql":
            return holes.UNBINDABLE
        if token.text.startswith(_JSON_PATHS):
            return holes.UNBINDABLE
        return Reading(self.top.literal)

    def _name_reading(self, token: Token) -> Reading:
        """Double quotes are a literal in MySQL and, where no such column exists, in SQLite."""
        if token.text.startswith('"') and self.previous.text != ".":
            literal = self.top.slot in (Slot.VALUE, Slot.INTERVAL, Slot.LITERAL)
            if self.dialect == "mysql" or (self.dialect in (None, "sqlite") and literal):
                return self._literal_reading(token)
        return holes.IDENTIFIER

    def _hole(self, token: Token) -> None:
        frame = self.top
        reading = holes.read_hole(self.cursor, frame, self.dialect)
        self._note(token, reading)
        match reading.position, frame.slot:
            case Position.KEYWORD, Slot.DONE:  # an operator or AND/OR; a direction leaves things as they are
                if frame.clause != "ORDER":
                    frame.slot = Slot.CONDITION if frame.compared else Slot.VALUE
                    frame.compared = not frame.compared
            case Position.KEYWORD, Slot.COLUMN | Slot.CONDITION:
                pass
            case Position.KEYWORD, Slot.KEYWORD:
                if frame.mode == "definition" and frame.clause == "OBJECT":  # DROP {kind} name
                    frame.slot = Slot.NAME
                elif frame.mode == "definition":
                    self._operand("")
            case Position.FRAGMENT, slot:
                frame.slot, frame.compared = Slot.DONE, True
                if slot is Slot.STATEMENT:
                    frame.element = Slot.STATEMENT
            case _:
                self._operand("")

    # --- words -------------------------------------------------------------------------------------

    def _word(self, token: Token) -> None:
        word, frame = token.upper, self.top
        starts = frame.slot is Slot.STATEMENT or (frame.clause == "WITH" and frame.slot is Slot.DONE)
        special = _SPECIAL.get(word)
        if self.previous.text == ".":
            self._operand(word)
        elif starts and word in kw.VERBS:
            self._begin(word)
        elif special is not None and special(self):
            return
        elif self._is_function(word):
            self._operand(word)
        elif (entry := kw.TABLES[frame.mode].get(word)) is not None:
            self._announce(word, entry)
        elif word not in kw.TRANSPARENT:
            if frame.slot is Slot.STATEMENT:
                frame.slot = frame.element = Slot.CONDITION
            self._operand(word)

    def _is_function(self, word: str) -> bool:
        """A word before a parenthesis that means something else without it: ``IF(…)``, ``VALUES(…)``."""
        if self.cursor.at(1).text != "(":
            return False
        if word == "VALUES":
            return self.top.element is Slot.ASSIGNMENT
        return word in kw.TRANSPARENT - _NOT_FUNCTIONS and self.top.mode in ("query", "call")

    def _begin(self, word: str) -> None:
        frame, verb = self.top, kw.VERBS[word]
        if not frame.verb and frame.kind == "statement":
            frame.literal = verb.literal
        frame.verb, frame.mode = word, verb.mode
        self._announce(word, verb.entry)

    def _announce(self, word: str, entry: kw.Entry) -> None:
        frame = self.top
        frame.slot = entry.slot
        if entry.element is not None and frame.kind != "definition":
            frame.element, frame.clause = entry.element, entry.clause
            frame.between = frame.compared = False
            if entry.clause == "OBJECT" and word not in kw.VERBS and not frame.object:
                frame.object = word
        if word in kw.LEFT_SIDE and word != "NOT":
            frame.compared = True
        elif entry.slot is Slot.CONDITION:
            frame.compared = False
        frame.between = frame.between or word == "BETWEEN"

    def _select(self) -> bool:
        if self.top.verb in ("GRANT", "REVOKE"):
            return False
        self._begin("SELECT")
        return True

    def _with(self) -> bool:
        if self.previous.text != "(":
            return self.top.mode == "query"
        self._begin("WITH")
        return True

    def _as(self) -> bool:
        frame = self.top
        if frame.kind == "arguments":
            frame.slot = Slot.TYPE
        elif frame.kind == "definition":
            frame.slot = Slot.LITERAL
        elif frame.clause in ("WITH", "WINDOW"):
            frame.slot = Slot.STATEMENT
        elif frame.mode == "definition" and frame.verb == "CREATE":
            frame.slot = Slot.STATEMENT
            if frame.object == "TABLE":  # a view takes no parameters, CREATE TABLE … AS does
                frame.literal = Position.VALUE
        else:
            frame.slot = Slot.NAME
        return True

    def _by(self) -> bool:
        frame = self.top
        if frame.mode != "query" or frame.clause != "BY":
            return False
        frame.clause, frame.slot = self.previous.upper, Slot.COLUMN
        return True

    def _and(self) -> bool:
        frame = self.top
        if not frame.between:
            return False
        frame.between, frame.slot = False, Slot.VALUE
        return True

    def _not(self) -> bool:
        frame = self.top
        if self.previous.upper == "IS" or frame.mode == "definition":
            if self.cursor.at(1).upper != "EXISTS":
                frame.slot = Slot.KEYWORD
            return True
        return frame.slot is Slot.DONE  # NOT IN, NOT LIKE

    def _exists(self) -> bool:
        if self.top.mode == "query":
            self.top.slot = Slot.CONDITION
        return True

    def _from(self) -> bool:
        frame = self.top
        if self.previous.upper == "DISTINCT" and self.cursor.at(-2).upper in ("IS", "NOT"):
            frame.slot, frame.compared = Slot.VALUE, True
            return True
        if frame.kind == "arguments" and frame.verb != "SELECT":  # EXTRACT(… FROM …)
            frame.slot = Slot.ARGUMENT
            return True
        return False

    def _update(self) -> bool:
        frame = self.top
        match self.previous.upper:
            case "FOR":
                frame.slot, frame.element, frame.clause = Slot.DONE, Slot.TABLE, "FOR"
            case "KEY":
                frame.slot, frame.element, frame.clause = Slot.ASSIGNMENT, Slot.ASSIGNMENT, "SET"
            case "ON" | "DO" | "THEN":
                frame.slot = Slot.KEYWORD
            case _:
                return False
        return True

    def _delete(self) -> bool:
        if self.previous.upper not in ("ON", "THEN"):
            return False
        self.top.slot = Slot.KEYWORD
        return True

    def _for(self) -> bool:
        if self.top.mode != "definition" or self.cursor.at(1).upper != "VALUES":
            return False
        self.top.slot = Slot.LITERAL
        return True

    def _then(self) -> bool:
        """THEN and ELSE of a procedure or of MERGE begin a statement, those of CASE a value."""
        if self.top.kind == "case":
            return False
        self.top.slot = Slot.STATEMENT
        return True

    def _case(self) -> bool:
        self._push("case", Slot.COLUMN, Slot.COLUMN, clause="CASE")
        return True

    def _end(self) -> bool:
        if self.top.kind == "case":
            self._pop()
        return True

    # --- operators ---------------------------------------------------------------------------------

    def _operator(self, text: str, operand: str | None) -> None:
        frame = self.top
        match text:
            case "(":
                self._open(operand)
            case ")" | "]":
                while len(self.stack) > 1 and self.top.kind == "case":  # CASE without END
                    self.stack.pop()
                self._pop()
            case "[":
                self._push("group", Slot.VALUE, Slot.VALUE)
            case ",":
                frame.slot, frame.between, frame.compared = frame.element, False, False
            case ";":
                self.stack = [Frame()]
            case "::":
                frame.slot = Slot.TYPE
            case "*":
                star = frame.slot in (Slot.COLUMN, Slot.ARGUMENT, Slot.KEYWORD) or self.previous.text == "."
                frame.slot = Slot.DONE if star else Slot.VALUE
            case "." if frame.mode == "setting":
                frame.slot = Slot.SETTING
            case _ if text in _OPERATORS:
                frame.compared = frame.compared or text in kw.COMPARISONS
                if frame.slot in (Slot.DONE, Slot.LITERAL, Slot.TYPE, Slot.STATEMENT):
                    frame.slot = Slot.VALUE

    def _push(
        self, kind: str, element: Slot, slot: Slot, *, clause: str = "", resume: Slot = Slot.DONE
    ) -> Frame:
        parent = self.top
        frame = Frame(
            kind, parent.mode, "", clause, element, slot, parent.literal, parent.object, parent.ambient
        )
        frame.resume, frame.from_ahead = resume, parent.from_ahead
        self.stack.append(frame)
        return frame

    def _pop(self) -> None:
        if len(self.stack) == 1:
            return
        closed = self.stack.pop()
        self.top.slot = closed.resume
        self.top.compared = self.top.compared or closed.kind in ("condition", "query")

    def _open(self, operand: str | None) -> None:
        frame, word = self.top, self.previous.upper
        if operand is not None:
            self._open_after_name(operand)
        elif (
            word == "CONFLICT"
        ):  # the columns of an index, and expressions that have to be those of the index
            self._push("columns", Slot.COLUMN, Slot.COLUMN)
            self.top.literal = Position.UNBINDABLE
        elif word in _COLUMN_LISTS or (word == "RANGE" and frame.mode == "definition"):
            self._push("columns", Slot.COLUMN, Slot.COLUMN)
        elif word == "ON" and self.cursor.at(-2).upper == "DISTINCT":
            self._push("columns", Slot.COLUMN, Slot.COLUMN, resume=Slot.COLUMN)
        elif word == "USING" and frame.mode == "query" and frame.verb != "MERGE":
            self._push("columns", Slot.COLUMN, Slot.COLUMN)
        elif word in _LISTS:
            self._push("values", Slot.VALUE, Slot.VALUE, resume=Slot.COLUMN if word == "TOP" else Slot.DONE)
        elif word == "EXISTS" or frame.slot in (Slot.TABLE, Slot.STATEMENT):
            self._push("query", Slot.STATEMENT, Slot.STATEMENT)
        elif frame.slot is Slot.NAME:  # OVER (…)
            self._push("window", Slot.COLUMN, Slot.KEYWORD)
        elif frame.slot is Slot.CONDITION:
            self._push("condition", Slot.CONDITION, Slot.CONDITION, clause=frame.clause)
        else:
            element = Slot.VALUE if frame.slot is Slot.VALUE else frame.element
            self._push("group", element, frame.slot, clause=frame.clause)

    def _open_after_name(self, name: str) -> None:
        frame = self.top
        if frame.mode == "definition":
            self._open_in_definition()
        elif self.before is Slot.TYPE:
            self._push("values", Slot.LITERAL, Slot.LITERAL)
        elif frame.clause in ("INTO", "WITH") or self.cursor.at(-2).upper == "AS":
            self._push("columns", Slot.COLUMN, Slot.COLUMN)
        elif name in ("FILTER", "GROUP"):  # FILTER (WHERE …), WITHIN GROUP (ORDER BY …)
            self._push("window", Slot.COLUMN, Slot.KEYWORD)
        else:
            element = Slot.ARGUMENT if name in kw.AGGREGATES else Slot.VALUE
            ambient = self._ambient(name)
            self._push("arguments", element, Slot.ARGUMENT).ambient = ambient

    def _open_in_definition(self) -> None:
        frame = self.top
        if self.cursor.at(-2).upper == "REFERENCES":
            self._push("columns", Slot.COLUMN, Slot.COLUMN)
        elif frame.kind == "definition" or frame.clause == "COLUMN":
            self._push("values", Slot.LITERAL, Slot.LITERAL)
        elif frame.verb == "CREATE" and frame.object == "TABLE" and frame.clause == "OBJECT":
            self._push("definition", Slot.DEFINITION, Slot.DEFINITION)
        elif frame.clause in ("ON", "KEY", "NAME") or frame.object == "VIEW":
            self._push("columns", Slot.COLUMN, Slot.COLUMN)
        elif self.before is Slot.COLUMN:
            self._push("arguments", Slot.LITERAL, Slot.COLUMN)
        else:
            self._push("arguments", Slot.DEFINITION, Slot.DEFINITION)

    def _ambient(self, name: str) -> Position:
        """What the first argument of a function probably is, from where the function stands."""
        frame = self.top
        if name in kw.AGGREGATES or self.before is Slot.CONDITION:
            return Position.IDENTIFIER
        if self.before is Slot.COLUMN:
            return Position.IDENTIFIER if frame.from_ahead else frame.literal
        if self.before is Slot.ARGUMENT:
            return frame.ambient
        return frame.literal


def _selects_with_from(tokens: list[Token]) -> frozenset[int]:
    """Indices of the SELECT words that have a FROM on their level."""
    found: set[int] = set()
    levels: list[int | None] = [None]  # the last SELECT of each open parenthesis
    for index, token in enumerate(tokens):
        if token.text == "(":
            levels.append(None)
        elif token.text == ")" and len(levels) > 1:
            levels.pop()
        elif token.text == ";" or token.upper == "UNION":
            levels[-1] = None
        elif token.upper == "SELECT":
            levels[-1] = index
        elif token.upper == "FROM" and (select := levels[-1]) is not None:
            found.add(select)
    return frozenset(found)


_SPECIAL: dict[str, Callable[[_Walk], bool]] = {
    "SELECT": _Walk._select,
    "WITH": _Walk._with,
    "AS": _Walk._as,
    "BY": _Walk._by,
    "AND": _Walk._and,
    "NOT": _Walk._not,
    "EXISTS": _Walk._exists,
    "FROM": _Walk._from,
    "UPDATE": _Walk._update,
    "DELETE": _Walk._delete,
    "FOR": _Walk._for,
    "BEGIN": _Walk._then,
    "THEN": _Walk._then,
    "ELSE": _Walk._then,
    "CASE": _Walk._case,
    "END": _Walk._end,
}
"""Words whose meaning hangs on the words before them; True: the handler has dealt with the word."""
