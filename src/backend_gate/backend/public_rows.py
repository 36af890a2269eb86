"""Which part of what is stored reaches an answer: nothing, single fields of one row, or rows."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterator

from backend_gate.backend.trace import CallEvent, Trace
from backend_gate.backend.values import (
    Alternatives,
    Constant,
    Derived,
    External,
    Input,
    Instance,
    Mapping,
    Present,
    Repeated,
    Sequence,
    Slot,
    TextValue,
    Unknown,
    Value,
    alternatives,
)
from backend_gate.backend.vocabulary import Vocabulary
from backend_gate.facts import model as ir

_FROM = re.compile(r"\bfrom\b", re.IGNORECASE)
_SELECT = re.compile(r"\s*select\b", re.IGNORECASE)
_CHANGES = re.compile(r"\s*(update|delete|replace|merge|truncate|drop|alter)\b", re.IGNORECASE)
_ADDS = frozenset({"add", "add_all", "insert", "insert_one", "create"})
_CHANGING = frozenset(
    {
        "update", "delete", "merge", "update_one", "update_many", "delete_one", "delete_many", "replace_one",
        "find_one_and_update", "find_one_and_delete", "find_one_and_replace",
    }
)  # fmt: skip
_SCALARS = frozenset(
    {"scalar", "scalar_one", "scalar_one_or_none", "fetchval", "fetch_val", "count", "exists"}
)
_ONE = frozenset({"one", "first_or_none", "get_one", "earliest", "latest"})
_ASKS = frozenset(
    {
        "aggregate",
        "all",
        "exec",
        "execute",
        "fetch",
        "fetch_all",
        "find",
        "query",
        "scalars",
        "select",
        "stream",
    }
)
"""Methods of stores that may give many rows."""
_OF_CHECKS = frozenset(
    {"dbsize", "exists", "is_success", "ok", "ping", "reason_phrase", "status", "status_code"}
)
"""What an answer of another service says about itself, and not what it holds."""
_MAX_DEPTH = 12


class Rows(enum.IntEnum):
    """How much of what is stored a value holds."""

    NONE = 0
    SCALAR = 1
    FIELDS = 2
    ROWS = 3


class Change(enum.IntEnum):
    """How much a run changes of what is there for other requests: rows, files, other services."""

    NONE = 0
    ADDS = 1
    SETS = 2
    """Attributes of what may be new, or may have been there."""
    CHANGES = 3


class RowReader:
    """Looks for rows in values."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        known = vocabulary.extra
        receivers = [name for sink in known.get("sinks", []) for name in sink.get("receivers", [])]
        names = [*receivers, *known.get("document_stores", []), *known.get("row_classes", [])]
        self._stores = frozenset(name.partition(".")[0] for name in names)
        kept = ("lookups", "query_lookups", "class_lookups")
        self._one = _ONE.union(*(map(str, known.get(key, [])) for key in kept))
        self._aggregates = frozenset(map(str, known.get("aggregates", [])))
        self._remote = frozenset(map(str, known.get("remote", [])))
        self._reads = self._one | {"all", "fetch", "fetchall", "fetch_all", "find_many", "scalars", "to_list"}

    def of_answers(self, trace: Trace, apart_from: Callable[[Value], bool] | None = None) -> Rows:
        """What the answers of a run hold; ``apart_from`` says which of them do not count."""
        hidden = any(map(self._is_hidden_read, trace.calls))
        answers = [event.value for event in trace.returns]
        if apart_from is not None:
            answers = [one for value in answers for one in alternatives(value) if not apart_from(one)]
        found = max((self._in(one, set(), 0, hidden=hidden) for one in answers), default=Rows.NONE)
        if found < Rows.ROWS and any(map(self.asks, trace.calls)) and any(map(_loses_parts, answers)):
            return Rows.ROWS
        return found

    def asks(self, event: CallEvent) -> bool:
        """It asks a store for rows, or another service, or takes all variables of the environment."""
        if any(isinstance(one, External) and one.name == "os.environ" for one in event.arguments.all()):
            return True
        for callee in alternatives(event.callee):
            name = callee.name if isinstance(callee, External) else ""
            last = name.rpartition(".")[2]
            if self._is_remote(name) and last not in _OF_CHECKS:
                return True
            if self.is_store(name) and _is_method(name) and last in _ASKS:
                text = text_given(event)
                if text is None or _FROM.search(text):
                    return True
        return False

    def _is_remote(self, name: str) -> bool:
        return name.partition(".")[0] in self._remote or name.startswith(("subprocess.", "pandas.read_"))

    def of_value(self, value: Value) -> Rows:
        """What a value holds."""
        return self._in(value, set(), 0, hidden=False)

    def _is_hidden_read(self, event: CallEvent) -> bool:
        """``session.scalars(…)`` of something that nobody knows."""
        node = event.node.function
        return (
            isinstance(node, ir.Attribute)
            and node.name in self._reads - {"first", "get", "all", "scalar", "one"}
            and any(type(callee) in (Unknown, Derived) for callee in alternatives(event.callee))
        )

    def _in(self, value: Value, seen: set[int], depth: int, *, hidden: bool) -> Rows:
        if id(value) in seen or depth > _MAX_DEPTH:
            return Rows.NONE
        seen.add(id(value))
        own = self._own(value, hidden=hidden)
        if own is not None:
            return own
        found = max(
            (self._in(part, seen, depth + 1, hidden=hidden) for part in parts(value)), default=Rows.NONE
        )
        if found is Rows.ROWS and any(map(self._is_one_row, _wholes(value))):
            return Rows.FIELDS
        return found

    def _own(self, value: Value, *, hidden: bool) -> Rows | None:
        """What a value is by itself; ``None`` if its parts say so."""
        match value:
            case Input(kind="stored"):
                return Rows.ROWS
            case Instance(cls=External(name=name)) if self._is_remote(name):
                return Rows.NONE if name.rpartition(".")[2] in _OF_CHECKS else Rows.ROWS
            case External(name=name, owner=Value()) if name.rpartition(".")[2] in _OF_CHECKS:
                return Rows.NONE
            case Instance(cls=External()):
                return self._given_by(value)
        if hidden and type(value) is Unknown:
            return Rows.ROWS
        return None

    def _given_by(self, value: Instance) -> Rows | None:
        name = value.cls.name if isinstance(value.cls, External) else ""
        if not self.is_store(name):
            return None
        _, _, last = name.rpartition(".")
        if not _is_method(name):
            return Rows.NONE  # a statement, a session, or an error of it
        text = _statement(value)
        if text is not None and _SELECT.match(text) and not _FROM.search(text):
            return Rows.NONE
        if last in _SCALARS or last in self._aggregates:
            return Rows.SCALAR
        return Rows.ROWS

    def _is_one_row(self, value: Value, depth: int = 0) -> bool:
        """One row, or something that a library has made of it."""
        if not isinstance(value, Instance) or not isinstance(value.cls, External) or depth > _MAX_DEPTH:
            return False
        if self.is_store(value.cls.name):
            return value.cls.name.rpartition(".")[2] in self._one
        given = [*value.arguments, *value.keywords.values()]
        return any(self._is_one_row(one, depth + 1) for one in given)

    def is_store(self, name: str) -> bool:
        """What is called so belongs to a library that stores rows."""
        return name.partition(".")[0] in self._stores

    def asks_store(self, event: CallEvent) -> bool:
        """Something of a library that stores rows is called, whatever for."""
        callees = alternatives(event.callee)
        return any(isinstance(callee, External) and self.is_store(callee.name) for callee in callees)

    def changes_rows(self, trace: Trace) -> bool:
        """The run changes or removes rows that are there, and does not only add some."""
        return any(map(self._changes, trace.calls))

    def _changes(self, event: CallEvent) -> bool:
        for callee in alternatives(event.callee):
            name = callee.name if isinstance(callee, External) else ""
            if self.is_store(name) and name.rpartition(".")[2] in _CHANGING:
                return True
        text = text_given(event)
        return text is not None and _CHANGES.match(text) is not None


def _loses_parts(value: Value, depth: int = 0) -> bool:
    """A list, dict or text whose parts nobody knows is in it: it was put together in a loop."""
    if isinstance(value, Repeated) or (isinstance(value, Mapping) and value.open):
        return True
    if isinstance(value, Sequence) and value.open and not value.items:
        return True
    return depth < _MAX_DEPTH and any(_loses_parts(part, depth + 1) for part in parts(value))


def text_given(event: CallEvent) -> str | None:
    """The text that a call is given first, as far as it is known."""
    given = event.arguments.all()
    return _text(given[0]) if given else None


def parts(value: Value) -> Iterator[Value]:
    """What a value holds, or was made of."""
    match value:
        case Alternatives(values=inner) | Derived(sources=inner):
            yield from inner
        case Present(origin=origin):
            yield origin
        case Slot(value=held):
            yield held
        case TextValue(parts=pieces):
            yield from (piece for piece in pieces if isinstance(piece, Value))
        case Sequence(items=items):
            yield from items
        case Mapping(entries=entries):
            for key, held in entries.values():
                yield key
                yield held
        case Instance():
            yield from (*value.arguments, *value.keywords.values(), *value.attributes.values())
            if isinstance(value.cls, External) and value.cls.owner is not None:
                yield value.cls.owner
        case External(owner=Value() as owner):
            yield owner


def _wholes(value: Value) -> tuple[Value, ...]:
    """What a value is an item or an attribute of."""
    match value:
        case Derived(sources=sources):
            return sources
        case External(owner=Value() as owner):
            return (owner,)
    return ()


def _is_method(name: str) -> bool:
    """``sqlalchemy.orm.Session.scalars``, and neither ``sqlalchemy.select`` nor ``sqlalchemy.orm.Session``."""
    above = name.split(".")[:-1]
    return any(part[:1].isupper() for part in above) or "connect" in above


def _statement(value: Value, depth: int = 0) -> str | None:
    """The text of the statement whose result a value is; ``None`` if it is no text, or not known."""
    if depth > _MAX_DEPTH or not isinstance(value, Instance) or not isinstance(value.cls, External):
        return None
    text = _text(value.arguments[0]) if value.arguments else None
    return text if text is not None else _statement(value.cls.owner or value, depth + 1)


def _text(value: Value) -> str | None:
    if isinstance(value, Constant):
        return value.value if isinstance(value.value, str) else None
    if isinstance(value, TextValue):
        return "".join(piece if isinstance(piece, str) else " " for piece in value.parts)
    if isinstance(value, Instance) and isinstance(value.cls, External) and value.arguments:
        return _text(value.arguments[0]) if value.cls.name.endswith((".text", ".SQL")) else None
    return None
