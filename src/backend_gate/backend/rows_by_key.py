"""Statements of SQL that look for a credential, in a run without one: they find no row, and count none.

``cursor.execute("SELECT … WHERE key = ?", (key,))`` leaves that with the cursor, for ``cursor.fetchone()``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from backend_gate.backend.arguments import Arguments
from backend_gate.backend.sql.lookup import Found, Key, found_without, only_reads
from backend_gate.backend.sql.tokens import HOLE
from backend_gate.backend.trace import Trace
from backend_gate.backend.values import (
    Absent,
    Constant,
    External,
    Instance,
    Mapping,
    Nothing,
    Sequence,
    TextValue,
    Unknown,
    Value,
    as_derived,
    missing_key,
)

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.queries.words import Sink

_FOUND = "__found__"
"""What the rows are that a cursor, or a result, is left with: an attribute of it."""
_QUERIES = ("sqlalchemy.Select", "sqlalchemy.orm.Query", "sqlmodel.Select")
_TEXTS = (".text", ".SQL")
_NONE_LEFT = Constant(None)
_NUMBERS = frozenset({"scalar", "scalar_one", "scalar_one_or_none", "fetchval", "fetch_val"})
_ROWS = frozenset({"all", "fetchall", "fetchmany", "fetch", "fetch_all"})
_ROW = frozenset({"fetchone", "fetchrow", "fetch_one", "first", "one", "one_or_none"})
_FETCHES = _ROW | _ROWS | _NUMBERS


class Lookup(NamedTuple):
    """What a call finds for a credential that is missing; ``value`` is ``None`` where it finds rows all the same."""

    value: Value | None


def looked_up(
    interpreter: Interpreter, trace: Trace, owner: Value | None, method: str, arguments: Arguments
) -> Lookup | None:
    """What a method that runs a statement, or gives the rows of one, finds; ``None`` for any other call."""
    sink = interpreter.summaries.words.untyped.get(method)
    if sink is None and method not in _FETCHES:
        return None
    statement = arguments.get(sink.argument, _keyword(sink, arguments)) if sink is not None else None
    if sink is None or statement is None:
        if method not in _FETCHES:
            _leave(interpreter, trace, owner, None)
            return None
        left = _left(trace, owner)
        return Lookup(_given(method, left)) if left is not None else None
    text = _text(statement)
    missing = dict(_missing(sink, arguments))
    if text is None or not missing:
        _leave(
            interpreter, trace, owner, None
        )  # whatever it finds, it is not what the statement before it has
        return None
    found = found_without(text, frozenset(missing), _blank(missing))
    rows: Value | None = None
    if found is Found.NO_ROW:
        rows = as_derived(next(iter(missing.values())))
    elif found is Found.ZERO:
        rows = Constant(0)
    _leave(interpreter, trace, owner, rows)
    if found is not Found.ZERO or method in _FETCHES:
        return Lookup(_given(method, rows) if rows is not None else None)
    result = Instance(External("backend_gate.result"), in_run=True)
    result.attributes[_FOUND] = Constant(0)
    return Lookup(result)


def changes_nothing(interpreter: Interpreter, trace: Trace, arguments: Arguments) -> bool:
    """What ``execute`` is given only reads; or it changes rows that are not found for want of a credential."""
    sink = interpreter.summaries.words.untyped["execute"]
    statement = arguments.get(sink.argument, _keyword(sink, arguments))
    text = _text(statement)
    if text is None:
        return isinstance(statement, Absent) or (
            isinstance(statement, Instance)
            and isinstance(statement.cls, External)
            and statement.cls.name.startswith(_QUERIES)
        )
    if only_reads(text):
        return True
    missing = dict(_missing(sink, arguments)) if trace.absent else {}
    return bool(missing) and found_without(text, frozenset(missing), _blank(missing)) is Found.NO_ROW


def _given(method: str, found: Value) -> Value:
    """What a method gives of the rows that were found: none, or one with a number."""
    if isinstance(found, Absent) or method in _NUMBERS:
        return found
    row = Sequence("tuple", [found])
    return Sequence("list", [row]) if method in _ROWS else row


def _left(trace: Trace, owner: Value | None) -> Value | None:
    """What the last statement of a cursor has found; ``None`` where nothing is known of it."""
    if isinstance(owner, Instance):
        found = owner.attributes.get(_FOUND)
        return None if found is _NONE_LEFT else found
    known = trace.parts.get((id(owner), _FOUND))
    return known[1] if known is not None else None


def _leave(interpreter: Interpreter, trace: Trace, owner: Value | None, found: Value | None) -> None:
    """A cursor of this run has run another statement."""
    if isinstance(owner, Instance):
        if owner.in_run and (_FOUND in owner.attributes or found is not None):
            count = Constant(0) if found is not None else Unknown("how many rows there are")
            for name, value in ((_FOUND, found or _NONE_LEFT), ("rowcount", count)):
                interpreter.heap.changes(owner, name)
                # whatever made it may be used again, for another request
                trace.replaced.append((owner.attributes, name, owner.attributes.get(name)))
                owner.attributes[name] = value
    elif isinstance(owner, Unknown):
        trace.parts.pop((id(owner), _FOUND), None)
        if isinstance(found, Absent):
            trace.parts[id(owner), _FOUND] = (owner, found)


def kept_under(interpreter: Interpreter, name: str, arguments: Arguments) -> Value | None:
    """What a library that keeps values by keys has under the key that nobody has; ``None`` for any other call."""
    vocabulary, method = interpreter.vocabulary, name.rpartition(".")[2]
    if method not in vocabulary.names("key_lookups") or name.partition(".")[0] not in vocabulary.names(
        "key_stores"
    ):
        return None
    missing = missing_key(arguments.positional[0]) if arguments.positional else None
    return Constant(0) if missing is not None and method == "exists" else missing


def _keyword(sink: Sink, arguments: Arguments) -> str | None:
    return next((name for name in sink.keywords if name in arguments.keywords), None)


def _text(value: Value | None) -> str | None:
    """The text of a statement with a mark for each hole; ``None`` if it is not known."""
    match value:
        case Constant(value=str() as text):
            return text
        case TextValue(parts=parts):
            return "".join(part if isinstance(part, str) else HOLE for part in parts)
        case Instance(cls=External(name=name), arguments=[first, *_]) if name.endswith(_TEXTS):
            return _text(first)
    return None


def _missing(sink: Sink, arguments: Arguments) -> Iterator[tuple[Key, Absent]]:
    """The values beside a statement that are missing: in a tuple, in a dict, or one after the other."""
    after = (sink.argument or 0) + (_keyword(sink, arguments) is None)
    beside = arguments.positional[after:]
    named = [value for name, value in arguments.keywords.items() if name not in sink.keywords]
    for values in (beside[:1], named):
        for value in values:
            if isinstance(value, Sequence):
                yield from _absent(enumerate(value.items))
            elif isinstance(value, Mapping):
                names = ((key.value, one) for key, one in value.entries.values() if isinstance(key, Constant))
                yield from _absent((name, one) for name, one in names if isinstance(name, str))
    yield from _absent(enumerate(beside))
    yield from _absent(arguments.keywords.items())


def _blank(missing: dict[Key, Absent]) -> frozenset[Key]:
    """Those that may be an empty text, or one that is made of what is missing: only ``None`` is ``NULL`` surely."""
    return frozenset(key for key, one in missing.items() if not isinstance(one, Nothing))


def _absent(values: Iterable[tuple[Key, Value]]) -> Iterator[tuple[Key, Absent]]:
    for key, value in values:
        missing = value if isinstance(value, Nothing) else missing_key(value)
        if missing is not None:
            yield key, missing
