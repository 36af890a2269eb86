"""What a part of a row holds, as far as the model of the table or the statement itself says so.

A number of a row can end no literal: whoever filled the table has no say in the statement it is written into.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from backend_gate.backend.attributes import annotation_value
from backend_gate.backend.behaviour import Runner
from backend_gate.backend.interpreter import Interpreter
from backend_gate.backend.queries.words import Words
from backend_gate.backend.sql.keywords import words as sql_words
from backend_gate.backend.sql.tokens import HOLE, Kind, Token, tokenize
from backend_gate.backend.values import (
    STATEMENT,
    Alternatives,
    Class,
    Constant,
    Derived,
    External,
    Instance,
    Present,
    TextValue,
    TypeApplication,
    Value,
)
from backend_gate.facts import model as ir

MAX_DEPTH = 10
MAX_LENGTH = 10_000
_SCALARS = frozenset({"scalar", "scalar_one", "scalar_one_or_none", "fetchval", "fetch_val"})
"""What gives the first column of the first row."""
_COUNTING = sql_words("COUNT LENGTH CHAR_LENGTH OCTET_LENGTH ROW_NUMBER RANK DENSE_RANK")
_ENDS = sql_words("FROM WHERE GROUP ORDER LIMIT UNION")
_NAMES = (Kind.WORD, Kind.NAME)
_TABLE_NAME = "__tablename__"


class Columns:
    """Answers for one linked unit."""

    def __init__(self, interpreter: Interpreter, words: Words) -> None:
        self._interpreter = interpreter
        self._runner = Runner(interpreter)
        self._types = words.typed_columns
        self._by_table: dict[str, Class | None] | None = None

    def holds_number(self, value: Value) -> bool:
        """A part of a row is a number, a date, a flag or a member of an enumeration."""
        part, row = _taken_apart(value)
        if part is None or row is None:
            return False
        asked = _asked(row)
        if isinstance(asked, Class):
            return isinstance(part, str) and self._is_declared(asked, part)
        selection = _selection(asked) if isinstance(asked, str) else None
        if selection is None:
            return False
        if _is_count(selection.column(part)):
            return True
        column, table = selection.name_of(part), selection.table
        model = self._models().get(table) if column is not None and table is not None else None
        return model is not None and self._is_declared(model, column or "")

    def _models(self) -> dict[str, Class | None]:
        """The models by the tables that they name; ``None`` for a table of several."""
        if self._by_table is None:
            self._by_table = {}
            for module in map(self._interpreter.modules.get, self._interpreter.modules.names()):
                if module is None or not module.mentions(_TABLE_NAME):
                    continue
                for number in range(len(module.facts.statements)):
                    statement = module.statement(number)
                    if not isinstance(statement, ir.ClassDef):
                        continue
                    cls = self._interpreter.module_attribute(module, statement.name)
                    name = cls.scope.names.get(_TABLE_NAME) if isinstance(cls, Class) else None
                    if isinstance(cls, Class) and isinstance(name, Constant) and isinstance(name.value, str):
                        self._by_table[name.value] = None if name.value in self._by_table else cls
        return self._by_table

    def _is_declared(self, cls: Class, name: str) -> bool:
        for base in cls.mro():
            if not isinstance(base, Class):
                continue
            column, annotation = base.scope.names.get(name), base.scope.annotations.get(name)
            if isinstance(column, Instance) and self._is_typed(column):
                return True
            if annotation is not None:
                kind = annotation_value(self._interpreter, annotation, base)
                if isinstance(kind, TypeApplication) and isinstance(kind.base, External):
                    if kind.base.name.endswith(".Mapped") and kind.arguments:
                        kind = kind.arguments[0]
                return self._runner.provenance(kind) != "request"
            if column is not None:
                return False
        return False

    def _is_typed(self, column: Instance) -> bool:
        """``Column(Integer, …)``, ``Column("id", Integer())``, ``IntegerField()``"""
        kinds = [one.cls if isinstance(one, Instance) else one for one in (column, *column.arguments[:2])]
        names = [kind.name for kind in kinds if isinstance(kind, External)]
        return any(name.rpartition(".")[2] in self._types for name in names)


def _taken_apart(value: Value) -> tuple[str | int | None, Value | None]:
    """The name or position of a part, and the row that it is a part of."""
    match value:
        case External(name=name, owner=Instance(cls=External(name=above)) as row):
            prefix, _, last = name.rpartition(".")
            return (last, row) if prefix == above else (None, None)
        case Derived(part=str() | int() as part, sources=(row,)):
            return part, row
        case Instance(cls=External(name=name)) if name.rpartition(".")[2] in _SCALARS:
            return 0, value
    return None, None


def _asked(row: Value, depth: int = 0) -> Class | str | None:
    """The model whose rows were asked for, or the statement that asked for them."""
    if depth > MAX_DEPTH:
        return None
    match row:
        case Derived(part=None | int(), sources=(whole,)):
            return _asked(whole, depth + 1)
        case Present(origin=origin):
            return _asked(origin, depth + 1)
        case Alternatives(values=values):
            rows = [one for one in values if not (isinstance(one, Constant) and one.value is None)]
            return _asked(rows[0], depth + 1) if len(rows) == 1 else None
        case Instance(cls=External(name=name, owner=owner)):
            statement = row.attributes.get(STATEMENT)
            given = [*row.arguments, *([statement] if statement is not None else [])]
            models = [one for one in given if isinstance(one, Class)]
            if models:
                is_whole = len(given) == 1 or name.rpartition(".")[2].startswith("get")
                return models[0] if len(models) == 1 and is_whole else None
            for one in given:
                if (text := _text(one)) is not None:
                    return text
                if isinstance(one, Instance) and (found := _asked(one, depth + 1)) is not None:
                    return found
            return _asked(owner, depth + 1) if owner is not None else None
    return None


def _text(value: Value) -> str | None:
    match value:
        case Constant(value=str() as text):
            return text
        case TextValue():
            return "".join(part if isinstance(part, str) else HOLE for part in value.parts)
    return None


class Selection(NamedTuple):
    """What a statement selects, from which table if it is only one."""

    columns: list[list[Token]]
    table: str | None

    def column(self, part: str | int) -> list[Token]:
        """The column at a position, or of a name; nothing where there is none."""
        if isinstance(part, int):
            return self.columns[part] if 0 <= part < len(self.columns) else []
        return next((column for column in self.columns if column and _name(column[-1]) == part), [])

    def name_of(self, part: str | int) -> str | None:
        """The name that a column has in its table, if it is one."""
        if isinstance(part, str) and [[t.text for t in column] for column in self.columns] == [["*"]]:
            return part
        match self.column(part):
            case [token] if token.kind in _NAMES:
                return _name(token)
            case [_, Token(text="."), token, *rest] if token.kind in _NAMES and not rest:
                return _name(token)
        return None


@lru_cache(maxsize=500)
def _selection(statement: str) -> Selection | None:
    """``SELECT a, count(*) AS n FROM t …``"""
    tokens = [t for t in tokenize(statement[:MAX_LENGTH], None) if t.kind is not Kind.COMMENT]
    if not tokens or tokens[0].upper != "SELECT":
        return None
    columns: list[list[Token]] = [[]]
    depth = 0
    rest: list[Token] = []
    for at, token in enumerate(tokens[1:], start=1):
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and (token.upper in _ENDS or token.text == ";"):
            rest = tokens[at:]
            break
        if depth == 0 and token.text == ",":
            columns.append([])
        else:
            columns[-1].append(token)
    return Selection(columns, _only_table(rest))


def _only_table(rest: list[Token]) -> str | None:
    """``FROM projects WHERE …``, and no further table."""
    if len(rest) < 2 or rest[0].upper != "FROM" or rest[1].kind not in _NAMES:
        return None
    is_only = len(rest) == 2 or rest[2].upper in _ENDS or rest[2].text == ";"
    return _name(rest[1]) if is_only else None


def _name(token: Token) -> str:
    return token.text.strip('"`[]')


def _is_count(item: list[Token]) -> bool:
    """``count(*)``, ``count(DISTINCT name) AS n`` and nothing beside it."""
    if len(item) < 3 or item[0].upper not in _COUNTING or item[1].text != "(":
        return False
    depth = 0
    for at, token in enumerate(item[1:], start=1):
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0:
            rest = item[at + 1 :]
            return len(rest) <= 2 and all(t.kind in _NAMES for t in rest)
    return False
