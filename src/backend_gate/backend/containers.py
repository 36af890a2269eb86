"""Methods of lists, dicts, sets and texts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from backend_gate.backend import body_flow, operations, sets, texts
from backend_gate.backend.arguments import Arguments
from backend_gate.backend.values import (
    NONE,
    WHOLE_PATH,
    Absent,
    AskedText,
    ComposedText,
    Constant,
    Derived,
    Empty,
    Instance,
    Mapping,
    Pieces,
    Sequence,
    TextValue,
    Unknown,
    Value,
    ask,
    is_known_key,
    join,
    key_of,
    missing_key,
    text_of,
)

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.model import Place

Run = Callable[["Interpreter", Arguments, "Place | None"], Value]


def method(container: Sequence | Mapping, name: str) -> Run:
    """The behaviour of a method of a list, tuple, set, generator or dict."""
    table: dict[str, Callable[[Any, Interpreter, Arguments], Value]] = (
        _SEQUENCE if isinstance(container, Sequence) else _MAPPING
    )
    run = table.get(name)

    def call(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
        if run is None:
            return Unknown(f"the method {name} of a container", place)
        return run(container, interpreter, arguments)

    return call


def _first(arguments: Arguments) -> Value:
    return arguments.positional[0] if arguments.positional else Unknown("a missing argument")


def selected(entries: Sequence, arguments: Arguments, place: Place | None) -> Value:
    """``entry_points(group=…)`` and ``entries.select(group=…, name=…)``.

    Other distributions may offer something under a group that this project offers nothing under.
    """
    wanted = {key: arguments.get(0 if key == "group" else None, key) for key in ("group", "name")}
    asked = {key: _plain_text(value) for key, value in wanted.items() if value is not None}
    if None in asked.values():
        return Unknown("entry points under a computed name", place)
    found = [
        entry
        for entry in entries.items
        if isinstance(entry, Instance)
        and all(_plain_text(entry.attributes.get(key, NONE)) == text for key, text in asked.items())
    ]
    if not found and ("group" in asked or not entries.items):
        return Unknown("the installed entry points", place)
    return Sequence("list", found)


def _plain_text(value: Value) -> str | None:
    """A text, also as the member of an enumeration."""
    if isinstance(value, Instance):
        value = value.attributes.get("_value_", value)
    return value.value if isinstance(value, Constant) and isinstance(value.value, str) else None


def _select(sequence: Sequence, interpreter: Interpreter, arguments: Arguments) -> Value:
    return selected(sequence, arguments, None)


def _append(sequence: Sequence, interpreter: Interpreter, arguments: Arguments) -> Value:
    sequence.items.append(_first(arguments))
    return NONE


def _extend(sequence: Sequence, interpreter: Interpreter, arguments: Arguments) -> Value:
    for argument in arguments.positional:
        items, is_open = operations.items_of(argument)
        sequence.items += items
        sequence.open = sequence.open or is_open
    return NONE


def _insert(sequence: Sequence, interpreter: Interpreter, arguments: Arguments) -> Value:
    where = _first(arguments)
    value = arguments.get(1, None) or Unknown("a missing argument")
    index = (
        where.value if isinstance(where, Constant) and isinstance(where.value, int) else len(sequence.items)
    )
    sequence.items.insert(index, value)
    return NONE


def _remove(sequence: Sequence, interpreter: Interpreter, arguments: Arguments) -> Value:
    wanted = key_of(_first(arguments))
    for number, item in enumerate(sequence.items):
        if wanted is not None and key_of(item) == wanted:
            del sequence.items[number]
            return NONE
    return NONE


def _pop(sequence: Sequence, interpreter: Interpreter, arguments: Arguments) -> Value:
    index = arguments.positional[0] if arguments.positional else Constant(-1)
    if sequence.open or not isinstance(index, Constant) or not isinstance(index.value, int):
        return join([*sequence.items, Unknown("a popped item")])
    if -len(sequence.items) <= index.value < len(sequence.items):
        return sequence.items.pop(index.value)
    return Unknown("a popped item")


def _clear(sequence: Sequence, interpreter: Interpreter, arguments: Arguments) -> Value:
    sequence.items.clear()
    sequence.open = False
    return NONE


def _same_kind(sequence: Sequence, interpreter: Interpreter, arguments: Arguments) -> Value:
    return Sequence(sequence.kind, sequence.items, open=sequence.open, sample=sequence.sample)


def _union(sequence: Sequence, interpreter: Interpreter, arguments: Arguments) -> Value:
    result = Sequence(sequence.kind, sequence.items, open=sequence.open)
    _extend(result, interpreter, arguments)
    return result


def _difference(sequence: Sequence, interpreter: Interpreter, arguments: Arguments) -> Value:
    if not interpreter.follows_values:
        known = len(arguments.positional) == 1 and isinstance(_first(arguments), Sequence)
        if known and isinstance(
            made := operations.binary(interpreter, "-", sequence, _first(arguments)), Sequence
        ):
            return made
        return _same_kind(sequence, interpreter, arguments)
    # Empty is the difference if each item stands in one of them, so that all have to be lists of the code.
    return operations.without(
        sequence, join(arguments.positional) if arguments.positional else _first(arguments)
    )


def _intersection(sequence: Sequence, interpreter: Interpreter, arguments: Arguments) -> Value:
    return operations.binary(interpreter, "&", sequence, _first(arguments))


def _nothing(container: Any, interpreter: Interpreter, arguments: Arguments) -> Value:
    return NONE


def _reverse(sequence: Sequence, interpreter: Interpreter, arguments: Arguments) -> Value:
    sequence.items.reverse()
    return NONE


def _index(sequence: Sequence, interpreter: Interpreter, arguments: Arguments) -> Value:
    wanted = key_of(_first(arguments))
    for number, item in enumerate(sequence.items):
        if wanted is not None and key_of(item) == wanted:
            return Constant(number)
    return Unknown("a position in a list")


_SEQUENCE: dict[str, Callable[[Any, Interpreter, Arguments], Value]] = {
    "select": _select,
    "append": _append,
    "add": _append,
    "extend": _extend,
    "update": _extend,
    "insert": _insert,
    "remove": _remove,
    "discard": _remove,
    "pop": _pop,
    "clear": _clear,
    "copy": _same_kind,
    "union": _union,
    "difference": _difference,
    "intersection": _intersection,
    "issubset": lambda sequence, interpreter, arguments: sets.is_subset(sequence, _first(arguments)),
    "issuperset": lambda sequence, interpreter, arguments: sets.is_subset(_first(arguments), sequence),
    "isdisjoint": lambda sequence, interpreter, arguments: sets.are_disjoint(sequence, _first(arguments)),
    "sort": _nothing,
    "reverse": _reverse,
    "index": _index,
    "__iter__": _same_kind,
}


def _get(mapping: Mapping, interpreter: Interpreter, arguments: Arguments, *, taken: bool = False) -> Value:
    missing = missing_key(_first(arguments))
    if missing is not None:
        at_hand = operations.under_nothing(mapping)
        return join([missing, *at_hand]) if at_hand else missing
    found = mapping.get(_first(arguments))
    if found is not None:
        return found
    default = arguments.get(1, "default") or NONE
    is_known = is_known_key(_first(arguments))
    if mapping.open or not is_known:
        known = [v for _, v in mapping.entries.values()] if not is_known else []
        if known and operations.is_complete(interpreter, mapping):
            return join([*known, default])
        take = body_flow.taken_out if taken else body_flow.item
        parts = [take(interpreter, body, _first(arguments), None) for body in mapping.rest]
        return join([*known, *(parts or [Unknown("a key of an unknown dict")]), default])
    return default


def _pop_key(mapping: Mapping, interpreter: Interpreter, arguments: Arguments) -> Value:
    result = _get(mapping, interpreter, arguments, taken=True)
    mapping.entries.pop(key_of(_first(arguments)), None)
    return result


def _set_default(mapping: Mapping, interpreter: Interpreter, arguments: Arguments) -> Value:
    found = mapping.get(_first(arguments))
    if found is not None:
        return found
    default = arguments.get(1, "default") or NONE
    if not mapping.open:
        mapping.set(_first(arguments), default)
        return default
    return join([default, Unknown("a key of an unknown dict")])


def _update(mapping: Mapping, interpreter: Interpreter, arguments: Arguments) -> Value:
    for argument in arguments.positional:
        operations.merge(mapping, argument)
    for name, value in arguments.keywords.items():
        mapping.set(Constant(name), value)
    mapping.open = mapping.open or arguments.open
    return NONE


def _items(mapping: Mapping, interpreter: Interpreter, arguments: Arguments) -> Value:
    pairs: list[Value] = [Sequence("tuple", [k, v]) for k, v in mapping.entries.values()]
    key = Unknown("a key of a body")
    pairs += [Sequence("tuple", [key, body.each()]) for body in mapping.rest]
    return Sequence("list", pairs, open=mapping.open)


def _keys(mapping: Mapping, interpreter: Interpreter, arguments: Arguments) -> Value:
    return Sequence("list", [k for k, _ in mapping.entries.values()], open=mapping.open)


def _values(mapping: Mapping, interpreter: Interpreter, arguments: Arguments) -> Value:
    parts = [body.each() for body in mapping.rest]
    return Sequence("list", [*(v for _, v in mapping.entries.values()), *parts], open=mapping.open)


def _copy(mapping: Mapping, interpreter: Interpreter, arguments: Arguments) -> Value:
    copied = Mapping(mapping.entries.values(), open=mapping.open)
    copied.rest = [*mapping.rest]
    return copied


def _clear_mapping(mapping: Mapping, interpreter: Interpreter, arguments: Arguments) -> Value:
    mapping.entries.clear()
    mapping.open = False
    return NONE


_MAPPING: dict[str, Callable[[Any, Interpreter, Arguments], Value]] = {
    "get": _get,
    "pop": _pop_key,
    "setdefault": _set_default,
    "update": _update,
    "items": _items,
    "keys": _keys,
    "values": _values,
    "copy": _copy,
    "clear": _clear_mapping,
}


# --- text --------------------------------------------------------------------------------------

_PURE = frozenset(
    [
        "strip",
        "lstrip",
        "rstrip",
        "removeprefix",
        "removesuffix",
        "replace",
        "lower",
        "upper",
        "title",
        "capitalize",
        "casefold",
        "swapcase",
        "startswith",
        "endswith",
        "isdigit",
        "isalpha",
        "isidentifier",
        "islower",
        "isupper",
        "find",
        "rfind",
        "count",
        "zfill",
        "ljust",
        "rjust",
        "center",
        "encode",
    ]
)


def _ends(value: TextValue, name: str, choice: Value) -> Value | None:
    """``str(request.url).endswith("/docs")``: the known end, or beginning, of a text tells."""
    edge = value.parts[-1 if name == "endswith" else 0] if value.parts else None
    edge = Constant(edge) if isinstance(edge, str) else edge
    wanted = _plain(choice)
    if not isinstance(edge, Constant) or edge.setting is not None or not isinstance(wanted, str):
        return None
    found = ask(edge, lambda text: _edge_is(text, name, wanted) if len(text) >= len(wanted) else None)
    return Constant(found) if found is not None else None


_KEEPS_EMPTY = frozenset(
    ["strip", "lstrip", "rstrip", "removeprefix", "removesuffix", "lower", "upper", "title", "casefold"]
)
_SPLITS = frozenset({"split", "rsplit", "splitlines", "partition", "rpartition"})


def text_method(value: Constant | TextValue, name: str) -> Run:
    """The behaviour of a method of ``str`` on a known or partly known text.

    Arguments may carry their places (see :func:`backend_gate.backend.texts.placed`).
    """

    def call(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
        if name == "join":
            return texts.joined(value, _first(arguments))
        if isinstance(value, AskedText) and (found := _of_asked(value, name, arguments)) is not None:
            return found
        whole = value if isinstance(value, Constant) and not isinstance(value, ComposedText) else None
        if whole is not None and name in _SPLITS:
            found = _split(whole, name, arguments)
            if found is not None:
                return found
        if whole is not None and name in ("startswith", "endswith") and len(arguments.positional) == 1:
            found = _begins_or_ends(whole, name, texts.unplaced(arguments.positional[0]))
            if found is not None:
                return found
        if (
            isinstance(value, TextValue)
            and name in ("startswith", "endswith")
            and len(arguments.positional) == 1
        ):
            found = _ends(value, name, texts.unplaced(arguments.positional[0]))
            if found is not None:
                return found
        if whole is not None and name in _PURE:
            given = [_plain(a) for a in arguments.positional]
            if not arguments.keywords and not arguments.open and None not in given:
                try:
                    result = getattr(whole.value, name)(*given)
                except (TypeError, ValueError):
                    return Unknown(f"text.{name} with unsuitable arguments", place)
                if isinstance(result, (str, bytes)) and len(result) > texts.MAX_TEXT:
                    return Unknown("a very long text", place)
                return Constant(result, whole.setting)
        changed = texts.method(value, name, arguments)
        if changed is not None:
            return changed
        operands = [value, *(texts.unplaced(a) for a in arguments.all())]
        return Derived(f"the result of text.{name}", tuple(operands), place)

    return call


def empty_method(value: Empty, name: str) -> Run | None:
    """A method of an empty text that cuts it up or keeps it; other methods give something as absent as itself."""
    if name not in _SPLITS and name not in _KEEPS_EMPTY:
        return None

    def call(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
        if name in _KEEPS_EMPTY:
            return value
        found = _split(Constant(""), name, arguments)
        if not isinstance(found, Sequence):
            return Absent(value.reason, value.place)
        return Pieces(found.kind, [Empty(value.reason, value.place) for _ in found.items])

    return call


def _begins_or_ends(whole: Constant, name: str, choices: Value) -> Value | None:
    """``path.startswith(("/health", "/docs"))``; ``None`` where it depends on a choice that is not known."""
    if not isinstance(choices, Sequence) or choices.kind != "tuple":
        return None
    kind = str if isinstance(whole, AskedText) else type(whole.value)
    known = [choice for choice in map(_plain, choices.items) if isinstance(choice, kind)]
    if isinstance(whole, AskedText):
        return _edge_of_path(whole, name, tuple(known))
    if ask(whole, lambda text: any(getattr(text, name)(choice) for choice in known)):
        return Constant(True, whole.setting)
    if choices.open or len(known) < len(choices.items):
        return None
    return Constant(False, whole.setting)


def _of_asked(value: AskedText, name: str, arguments: Arguments) -> Value | None:
    """A method of a text that notes what is asked of it; ``None`` where all of it is needed."""
    given = [_argument_of(a) for a in arguments.positional]
    if arguments.keywords or arguments.open or None in given:
        return None

    def run(text: str) -> Any:
        return getattr(text, name)(*given)

    if name in ("startswith", "endswith") and len(given) == 1 and isinstance(given[0], (str, tuple)):
        return _edge_of_path(value, name, given[0] if isinstance(given[0], tuple) else (given[0],))
    try:
        result = run(value.seen)
    except (TypeError, ValueError):
        return None
    if name in _SPLITS:
        count = value.is_so(lambda text: len(run(text)))
        pieces = [value.part(partial(_piece, run, number)) for number in range(count)]
        return Sequence("tuple" if name.endswith("partition") else "list", pieces)
    if name not in _PURE or len(str(result)) > texts.MAX_TEXT:
        return None
    return value.part(run) if isinstance(result, str) else Constant(value.is_so(run))


def _edge_of_path(path: AskedText, name: str, choices: tuple[str, ...]) -> Value:
    """Whether a path begins or ends with one of the choices."""

    def run(text: str) -> bool | None:
        found = [_edge_is(text, name, choice) for choice in choices]
        return True if True in found else None if None in found else False

    known = path.is_so(run)
    edge = "ends" if name == "endswith" else "begins"
    return Constant(known) if known is not None else Unknown(f"how the path of the request {edge}")


def _edge_is(text: str, name: str, wanted: str) -> bool | None:
    """Whether a text begins or ends with another; ``None`` where that is up to the client.

    What a placeholder at the end stands for is; only one that takes a whole path holds slashes.
    """
    if getattr(text, name)(wanted):
        return True
    if name == "startswith":
        head, opened, rest = text.partition("{")
        is_path = opened and rest.partition("}")[0].endswith(WHOLE_PATH)
        return None if is_path and wanted.startswith(head) else False
    before, closed, tail = text.rpartition("}")
    if not closed or len(wanted) <= len(tail) or not wanted.endswith(tail):
        return False
    return None if "/" not in wanted or before.endswith(WHOLE_PATH) else False


def _piece(run: Callable[[str], list[str]], number: int, text: str) -> str:
    return run(text)[number]


def _argument_of(value: Value) -> str | int | tuple[str, ...] | None:
    """What a method is given; a tuple for ``startswith``."""
    if isinstance(value, AskedText):
        return None
    if isinstance(value, Sequence) and value.kind == "tuple" and not value.open:
        items = [_plain(item) for item in value.items]
        known = tuple(item for item in items if isinstance(item, str))
        return known if len(known) == len(items) else None
    if isinstance(value, Constant) and not isinstance(value.value, (str, int)):
        return None
    return _plain(value)


def _plain(value: Value) -> str | int | None:
    if isinstance(value, Constant) and isinstance(value.value, int):
        return value.value
    return text_of(value) if not isinstance(value, Constant) or value.setting is None else None


def _split(value: Constant, name: str, arguments: Arguments) -> Value | None:
    given = [a.value for a in arguments.positional if isinstance(a, Constant)]
    if len(given) < len(arguments.positional) or arguments.keywords or not isinstance(value.value, str):
        return None
    try:
        result = getattr(value.value, name)(*given)
    except (TypeError, ValueError):
        return Unknown(f"text.{name} with unsuitable arguments")
    kind = "tuple" if name.endswith("partition") else "list"
    return Sequence(kind, [Constant(piece, value.setting) for piece in result])
