"""Operators over abstract values: truth, comparison, arithmetic, text."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from backend_gate.backend import body_flow, sets, texts
from backend_gate.backend.arguments import Arguments
from backend_gate.backend.values import (
    FALSE,
    TRUE,
    WHOLE_PATH,
    Absent,
    Alternatives,
    AskedText,
    BodyInput,
    BoundMethod,
    Class,
    ComposedText,
    Constant,
    Derived,
    Empty,
    External,
    Function,
    Input,
    Instance,
    ListedSetting,
    Mapping,
    Module,
    Native,
    Nothing,
    ObjectInput,
    OptionalInput,
    Overridden,
    Partial,
    Present,
    Sequence,
    Setting,
    Tested,
    TextValue,
    TypeApplication,
    Unknown,
    Value,
    alternatives,
    as_derived,
    is_known_key,
    join,
    key_of,
    missing_credential,
    missing_key,
)

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter

MAX_ITEMS = 20_000
_IS_TRUE = (Function, Class, Module, BoundMethod, Native, Partial)
_OPEN = frozenset({Unknown, Derived, Input, ObjectInput, OptionalInput, Tested, External})
"""Kinds of which no value is decided. Most values that are tested are of these: no pattern has to be tried."""


def truth(value: Value) -> tuple[bool | None, bool]:
    """Whether a value is true (``None``: not known), and whether that is only a setting's default."""
    if type(value) in _OPEN:
        return None, False
    match value:
        case BodyInput():
            value.tested = True
            return None, False
        case Absent():
            return False, False
        case AskedText():
            return value.is_so(bool), False
        case Constant(value=known, setting=setting):
            return bool(known), setting is not None
        case Setting(default=Value() as default):
            return truth(default)[0], True
        case Sequence(items=items, open=is_open):
            is_true = None if value.sample else True
            return (is_true if items else (None if is_open else False)), False
        case Mapping(entries=entries, open=is_open):
            return (True if entries else (None if is_open else False)), False
        case TextValue(parts=parts):
            return (True if any(isinstance(p, str) and p for p in parts) else None), False
        case Alternatives() if missing_credential(value) is not None:
            return False, False
        case Alternatives(values=values):
            found = [truth(v) for v in values]
            first = found[0][0]
            if first is not None and all(t is first for t, _ in found):
                return first, any(s for _, s in found)
            return (first, True) if isinstance(value, Overridden) else (None, False)
        case Instance(cls=Class()):
            return True, False
        case Present(true=True):
            return True, False
        case Instance() if "__present__" in value.attributes:
            return True, False
    return (True, False) if isinstance(value, _IS_TRUE) else (None, False)


def boolean(value: bool | None, setting: str | None, reason: str, sources: tuple[Value, ...] = ()) -> Value:
    """A truth value as a value; ``sources`` are what was tested."""
    if value is None:
        return ListedSetting(setting) if setting is not None else Tested(reason, sources)  # one of two
    if setting is not None:
        return Constant(value, setting)
    return TRUE if value else FALSE


def setting_of(*values: Value) -> str | None:
    """The setting that one of the values stems from."""
    for value in values:
        for single in alternatives(value):
            if isinstance(single, Constant) and single.setting:
                return single.setting
            if isinstance(single, Setting):
                return single.name
    return next((value.setting for value in values if isinstance(value, Overridden)), None)


_ORDER: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(name: str, left: Value, right: Value) -> Value:
    """``left name right``"""
    setting = setting_of(left, right)
    for side in (left, right):
        if isinstance(side, BodyInput):
            side.tested = True
    left, right = _missing(left), _missing(right)
    left, right = _by_default(left), _by_default(right)
    if name in _ORDER and (isinstance(left, Sequence) or isinstance(right, Sequence)):
        of_sets = sets.compared(name, left, right)
        if of_sets is not None:
            return of_sets
    if isinstance(left, Absent) or isinstance(right, Absent):
        return _compare_absent(name, left, right)
    if name in ("is not", "!=", "not in"):
        positive = {"is not": "is", "!=": "==", "not in": "in"}[name]
        compared = compare(positive, left, right)
        result, _ = truth(compared)
        if _is_of_path(left, right) and result is None:
            return compared
        return boolean(None if result is None else not result, setting, "a comparison", (left, right))
    if isinstance(left, Alternatives) or (isinstance(right, Alternatives) and name != "in"):
        found = [
            truth(compare(name, one, other))[0] for one in alternatives(left) for other in alternatives(right)
        ]
        is_decided = len(set(found)) == 1 or not (_is_undecided(left) or _is_undecided(right))
        return boolean(found[0] if is_decided else None, setting, "a comparison", (left, right))
    if name == "is":
        return boolean(_identical(left, right), setting, "an identity test", (left, right))
    if name == "==" and (_is_to_be_set(left, right) or _is_to_be_set(right, left)):
        return boolean(None, setting, "a comparison", (left, right))
    if name == "==":
        same = _equal(left, right)
        if same is None and _is_of_path(left, right):
            return Unknown("what stands for a placeholder of the path")
        return boolean(same, setting, "a comparison", (left, right))
    if name == "in":
        held = _contains(right, left)
        if held is None and _is_of_path(left, right):
            return Unknown("what stands for a placeholder of the path")
        return boolean(held, setting, "a membership test", (left, right))
    if isinstance(left, Constant) and isinstance(right, Constant):
        order = _ORDER.get(name)
        try:
            return boolean(bool(order(left.value, right.value)) if order else None, setting, "a comparison")
        except TypeError:
            return Unknown("a comparison of unlike things")
    return Tested("a comparison of unknown values", (left, right))


def _missing(value: Value) -> Value:
    """A missing credential as it is, for one that may be nothing else; any other value as it is."""
    return value if isinstance(value, Absent) else missing_credential(value) or value


def _is_undecided(value: Value) -> bool:
    """One of several values, none of which is the default."""
    return isinstance(value, Alternatives) and not isinstance(value, Overridden)


def _by_default(value: Value) -> Value:
    return value.default if isinstance(value, Setting) and value.default is not None else value


def _compare_absent(name: str, left: Value, right: Value) -> Value:
    """A credential that is not there equals ``None`` and nothing else; a search for it finds nothing."""
    other = right if isinstance(left, Absent) else left
    if isinstance(left, Empty) or isinstance(right, Empty):
        plain = Constant("")
        one, another = (plain if isinstance(side, Empty) else side for side in (left, right))
        if isinstance(one, Constant) and isinstance(another, Constant) and setting_of(one, another) is None:
            return compare(name, one, another)
    if name in ("is", "==", "is not", "!=") and isinstance(left, (Nothing, OptionalInput)):
        # Two things that nobody has sent are both ``None``.
        if isinstance(left, Nothing) and isinstance(right, Nothing):
            return TRUE if name in ("is", "==") else FALSE
        if isinstance(right, (Nothing, OptionalInput)):
            return Tested("whether the client leaves it out", tuple(_sent(left, right)))
    is_none = isinstance(other, Constant) and other.value is None
    if name == "==" and _is_zero(other) and Absent in (type(left), type(right)):
        return Tested("how many rows there are", (left, right))  # of a key that is not, if it is a number
    absent = missing_credential(left if isinstance(left, Absent) else right) or right
    if (
        is_none
        and isinstance(other, Constant)
        and other.setting is not None
        and name in ("==", "!=", "is", "is not")
    ):
        return Constant(name in ("==", "is"), other.setting)  # equal only while nobody sets it
    match name:
        case "is" | "==":
            return TRUE if is_none else absent
        case "is not" | "!=":
            return FALSE if is_none else TRUE
        case "not in":
            return TRUE
    return absent


def _is_zero(value: Value) -> bool:
    return type(value) is Constant and type(value.value) is int and value.value == 0


def _sent(*sides: Value) -> Iterator[Value]:
    return (side for side in sides if isinstance(side, OptionalInput))


def _is_to_be_set(value: Value, other: Value) -> bool:
    """A setting that is ``None`` in the code, compared with a text: which environment this is, which mode.

    It is there to be set, in a file that is no code, and ``None`` is no default that anybody starts with.
    """
    if not isinstance(value, Constant) or value.setting is None or value.value is not None:
        return False
    return isinstance(other, Constant) and isinstance(other.value, str)


def _is_none(value: Value) -> bool:
    return isinstance(value, Constant) and value.value is None


def _is_present(value: Value) -> bool:
    if isinstance(value, Input):
        return value.given
    return isinstance(value, Present) or (isinstance(value, Instance) and "__present__" in value.attributes)


def _identical(left: Value, right: Value) -> bool | None:
    if (_is_present(left) and _is_none(right)) or (_is_present(right) and _is_none(left)):
        return False
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return None
    if isinstance(left, Constant) != isinstance(right, Constant):
        constant, other = (left, right) if isinstance(left, Constant) else (right, left)
        if isinstance(other, (External, Instance)) and not _certain(other):
            return None
        return False if isinstance(constant, Constant) else None
    if _different_types(left, right):
        return False
    return _equal(left, right)


def _different_types(left: Value, right: Value) -> bool:
    """Two types of which one at least is Python's own: ``list``, ``Annotated``, a class, ``list[int]`` …

    A library may hand on Python's under the same name.
    """
    if isinstance(left, External) and isinstance(right, External):
        if not (_is_pythons(left) or _is_pythons(right)):
            return False
        if _is_pythons(left) and _is_pythons(right):
            return left.name != right.name
        return left.name.rpartition(".")[2] != right.name.rpartition(".")[2]
    known = all(isinstance(v, (Class, TypeApplication)) or _is_pythons(v) for v in (left, right))
    return known and type(left) is not type(right)


def _is_pythons(value: Value) -> bool:
    return isinstance(value, External) and value.name.startswith(("builtins.", "typing."))


def _certain(value: Value) -> bool:
    if isinstance(value, Instance):
        return isinstance(value.cls, Class) or not value.cls.name.rpartition(".")[2][:1].islower()
    return isinstance(value, External) and value.owner is None


def _equal(left: Value, right: Value) -> bool | None:
    asked, plain = (left, right) if isinstance(left, AskedText) else (right, left)
    if isinstance(asked, AskedText) and type(plain) is Constant:
        wanted = plain.value
        same: bool | None = asked.is_so(lambda text: _is_path(text, wanted))
        return same
    if isinstance(asked, AskedText) and (isinstance(plain, (Instance, External)) or key_of(plain) is None):
        return None
    one, other = key_of(left), key_of(right)
    if (_is_present(left) and _is_none(right)) or (_is_present(right) and _is_none(left)):
        return False
    if left is right and type(left) is Unknown:
        return True
    if isinstance(left, Sequence) and isinstance(right, Sequence):
        return _equal_items(left, right)
    if one is None or other is None:
        return None
    if one == other:
        return True
    if isinstance(left, Constant) and isinstance(right, Constant):
        return bool(left.value == right.value)
    if isinstance(left, (Instance, External)) or isinstance(right, (Instance, External)):
        both_named = isinstance(left, External) and isinstance(right, External)
        return False if both_named or (_certain(left) and _certain(right)) else None
    return False


def _equal_items(left: Sequence, right: Sequence) -> bool | None:
    if left is right:
        return True
    if left.kind != right.kind:
        return False
    if left.open or right.open:
        return None
    if left.kind in ("set", "frozenset"):
        keys = [{key_of(item) for item in side.items} for side in (left, right)]
        return None if None in keys[0] | keys[1] else keys[0] == keys[1]
    if len(left.items) != len(right.items):
        return False
    found = [_equal(one, other) for one, other in zip(left.items, right.items, strict=True)]
    return False if False in found else None if None in found else True


def _is_of_path(left: Value, right: Value) -> bool:
    """The path of a request is compared with texts that the code lists."""
    other = right if isinstance(left, AskedText) else left
    listed = other.items if isinstance(other, Sequence) else [other]
    return (isinstance(left, AskedText) or isinstance(right, AskedText)) and all(
        isinstance(one, Constant) and one.setting is None for one in listed
    )


def _is_path(text: str, wanted: object) -> bool | None:
    """Whether a path is another; ``None`` where a placeholder for a whole path may stand for the rest of it."""
    if text == wanted or not isinstance(wanted, str):
        return text == wanted
    head, opened, rest = text.partition("{")
    is_open = opened and rest.partition("}")[0].endswith(WHOLE_PATH) and wanted.startswith(head)
    return None if is_open else False


def _holds(text: str, wanted: str) -> bool | None:
    """Whether a part stands in a path; ``None`` where a placeholder may stand for it."""
    if wanted in text:
        return True
    is_open = WHOLE_PATH + "}" in text or ("}" in text and "/" not in wanted)
    return None if is_open else False


def _contains(container: Value, item: Value) -> bool | None:
    if isinstance(item, AskedText) and type(container) is Constant and isinstance(container.value, str):
        whole = container.value
        return bool(item.is_so(lambda text: text in whole))
    if isinstance(container, AskedText) and type(item) is Constant and isinstance(item.value, str):
        wanted = item.value
        held: bool | None = container.is_so(lambda text: _holds(text, wanted))
        return held
    if isinstance(container, Constant) and isinstance(item, Constant):
        if isinstance(container.value, str) and isinstance(item.value, str):
            return item.value in container.value
        return None
    if isinstance(container, Sequence):
        found = [_equal(item, known) for known in container.items]
        if any(found):
            return True
        return None if container.open or None in found else False
    if isinstance(container, Mapping):
        if container.get(item) is not None:
            return True
        return None if container.open or not is_known_key(item) else False
    return None


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "/": operator.truediv,
    "%": operator.mod,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
}


def binary(interpreter: Interpreter, name: str, left: Value, right: Value) -> Value:
    """``left name right``"""
    if texts.concerns(name, left, right) and not (_is_plain(left) and _is_plain(right)):
        return texts.combine(name, left, right)
    if isinstance(left, Alternatives) or isinstance(right, Alternatives):
        return join(
            binary(interpreter, name, one, other)
            for one in alternatives(left)
            for other in alternatives(right)
        )
    if isinstance(left, Constant) and isinstance(right, Constant):
        return _fold(name, left, right)
    if isinstance(left, (Absent, Input)) or isinstance(right, (Absent, Input)):
        return _of_inputs(name, left, right)
    if name == "|" and (is_type(left) or is_type(right)):
        return TypeApplication(External("typing.Union"), [*_arms(left), *_arms(right)])
    if name == "+":
        if isinstance(left, Sequence) and isinstance(right, Sequence):
            return Sequence(left.kind, [*left.items, *right.items], open=left.open or right.open)
        if isinstance(left, Sequence) and isinstance(right, Unknown):
            return Sequence(left.kind, left.items, open=True)
        if isinstance(right, Sequence) and isinstance(left, Unknown):
            return Sequence(right.kind, right.items, open=True)
    if name == "|" and isinstance(left, Mapping):
        merged = Mapping(left.entries.values(), open=left.open)
        merged.rest = [*left.rest]
        merge(merged, right)
        return merged
    if name == "|" and isinstance(left, Sequence) and isinstance(right, Sequence):
        return Sequence(left.kind, [*left.items, *right.items], open=left.open or right.open)
    if name == "*" and (isinstance(left, Sequence) or isinstance(right, Sequence)):
        return _repeated(left, right) if isinstance(left, Sequence) else _repeated(right, left)
    if isinstance(left, Sequence) and isinstance(right, Sequence):
        found = sets.combined(name, left, right) if not interpreter.follows_values else None
        if found is not None:
            return found
    if name == "-" and isinstance(left, Sequence) and interpreter.follows_values:
        return without(left, right)
    if name == "&" and interpreter.follows_values and (shared := _shared(left, right)) is not None:
        return shared
    if interpreter.follows_values and _gives_number(name, left, right):
        return Input("coerced", f"the result of {name}")
    return Derived(f"the result of {name}", (left, right))


def without(items: Sequence, others: Value) -> Value:
    """``items - others`` of sets: any of the items."""
    from backend_gate.backend.narrowing import is_list

    left = Sequence(items.kind, items.items, open=True, sample=True)
    left.rejected = is_list(others)
    return left


def _shared(left: Value, right: Value) -> Sequence | None:
    """``left & right`` of sets: some of the items of one that the code lists."""
    for one in (left, right):
        if isinstance(one, Sequence) and one.items and not one.open and all(map(_is_plain, one.items)):
            return Sequence(one.kind, one.items, open=True, sample=True)
    return None


def _gives_number(name: str, left: Value, right: Value) -> bool:
    """Only numbers, dates and sets can be subtracted; what adds a number is one."""
    if name in ("-", "//", "**", "<<", ">>"):
        return not isinstance(left, Sequence) and not isinstance(right, Sequence)
    numbers = [v for v in (left, right) if isinstance(v, Constant) and isinstance(v.value, (int, float))]
    return name in ("+", "/") and bool(numbers)


def _is_plain(value: Value) -> bool:
    return isinstance(value, Constant) and value.setting is None


def _of_inputs(name: str, left: Value, right: Value) -> Value:
    """What a request brings and something else: as good as the worse of both.

    ``Item.shared | (Item.owner == user)`` finds the shared ones without a user as well.
    """
    first, second = (left, right) if isinstance(left, (Absent, Input)) else (right, left)
    if name == "|" and isinstance(left, Absent) != isinstance(right, Absent):
        return right if isinstance(left, Absent) else left
    if name == "-" and isinstance(right, Absent) and isinstance(left, Sequence):
        return left  # nothing is taken away: what is needed is missing
    if isinstance(first, Absent):
        return as_derived(first)
    if not isinstance(second, Unknown):
        return first
    if isinstance(second, Input) and second.kind == "request":
        return second
    if isinstance(first, Input) and first.kind == "request":
        return first
    return Derived(f"the result of {name}", (left, right))


def _repeated(sequence: Value, count: Value) -> Value:
    """``[item] * count``; two times for a number that is not known."""
    if not isinstance(sequence, Sequence):
        return Derived("the result of *", (sequence, count))
    known = count.value if isinstance(count, Constant) and isinstance(count.value, int) else None
    times = 2 if known is None else min(max(known, 0), MAX_ITEMS // max(len(sequence.items), 1))
    return Sequence(sequence.kind, sequence.items * times, open=sequence.open or known is None)


def _fold(name: str, left: Constant, right: Constant) -> Value:
    if name == "|" and (left.value is None or right.value is None):
        return TypeApplication(External("typing.Union"), [left, right])
    run = _ARITHMETIC.get(name)
    a, b = left.value, right.value
    too_large = (
        isinstance(a, (str, bytes, int))
        and isinstance(b, (str, bytes, int))
        and (
            (name == "*" and _size(a) * _size(b) > texts.MAX_TEXT)
            or (name == "+" and _size(a) + _size(b) > texts.MAX_TEXT and not isinstance(a, int))
        )
    )
    if run is None or too_large:
        return Unknown(f"the result of {name}")
    try:
        return Constant(run(a, b), setting_of(left, right))
    except (TypeError, ValueError, ArithmeticError, KeyError):
        return Unknown(f"the result of {name}")


def _size(value: str | bytes | int) -> int:
    return min(abs(value), 10**9) if isinstance(value, int) else len(value)


def is_type(value: Value) -> bool:
    """The value can stand in ``A | B`` as a type."""
    return isinstance(value, (Class, TypeApplication)) or (
        isinstance(value, External) and value.owner is None
    )


def _arms(value: Value) -> list[Value]:
    if (
        isinstance(value, TypeApplication)
        and isinstance(value.base, External)
        and value.base.name == "typing.Union"
    ):
        return value.arguments
    return [value]


def is_vague(value: Value) -> bool:
    """A collection of which some items are not known, or nothing at all."""
    if isinstance(value, Sequence):
        return any(isinstance(item, Unknown) for item in value.items) or (value.open and not value.items)
    return isinstance(value, Unknown)


def merge(target: Mapping, source: Value) -> None:
    """``target.update(source)``"""
    if isinstance(source, Mapping):
        target.entries.update(source.entries)
        target.open = target.open or source.open
        target.rest += source.rest
    elif isinstance(source, BodyInput):
        target.open = True
        target.rest.append(source)
    elif isinstance(source, Alternatives):
        for value in source.values:
            merge(target, value)
    elif isinstance(source, Sequence) and all(
        isinstance(i, Sequence) and len(i.items) == 2 for i in source.items
    ):
        for item in source.items:
            if isinstance(item, Sequence):
                target.set(item.items[0], item.items[1])
        target.open = target.open or source.open
    elif not (isinstance(source, Constant) and source.value is None):
        target.open = True


def unary(name: str, value: Value) -> Value:
    """``not``, ``-``, ``+``, ``~``"""
    if name == "not":
        known, _ = truth(value)
        return boolean(None if known is None else not known, setting_of(value), "a negation", (value,))
    if isinstance(value, Constant) and isinstance(value.value, (int, float)):
        if name in ("-", "+"):
            return Constant(-value.value if name == "-" else value.value, value.setting)
    return Unknown(f"the result of {name}")


def is_sample(value: Value) -> bool:
    """The items that iterating gives stand for any number of such, perhaps none."""
    return any(
        isinstance(one, BodyInput)
        or (isinstance(one, Sequence) and one.sample)
        or (isinstance(one, Instance) and EACH in one.attributes)
        for one in alternatives(value)
    )


EACH = "__each__"
"""What stands for the items of an object of a library, among its attributes."""


def items_of(value: Value) -> tuple[list[Value], bool]:
    """The items that iterating gives, and whether there may be more."""
    match value:
        case Sequence(items=items, open=is_open):
            return list(items[:MAX_ITEMS]), is_open or len(items) > MAX_ITEMS
        case Mapping(entries=entries, open=is_open):
            return [key for key, _ in entries.values()], is_open
        case Constant(value=str() as known) if len(known) <= 200:
            return [Constant(c) for c in known], False
        case Alternatives(values=values):
            found = [items_of(v) for v in values]
            # Whichever of the lists it is: it holds an object once.
            once = {id(item): item for items, _ in found for item in items}
            return list(once.values()), any(o for _, o in found)
        case BodyInput():
            return [value if value.raw else value.part("[]")], True
        case Absent():
            return [], False
        case Instance() if EACH in value.attributes:
            return items_of(value.attributes[EACH])
        case Class():
            members = [one for one in value.scope.names.values() if _is_member(one, value)]
            return members, not members
    return [], True


def _is_member(value: Value, cls: Class) -> bool:
    """A member of an enumeration, which iterating over the class gives."""
    return isinstance(value, Instance) and value.cls is cls and "_value_" in value.attributes


def under_nothing(mapping: Mapping) -> list[Value]:
    """What a dict has for those who bring no key: under ``None``, an empty text, or what is not known."""
    return [
        value
        for key, value in mapping.entries.values()
        if not isinstance(key, Constant) or not key.value or "None" in str(key.value)
    ]


def subscript(interpreter: Interpreter, value: Value, index: Value) -> Value:
    """``value[index]`` for containers and texts."""
    missing = missing_key(index)
    if missing is not None:
        at_hand = under_nothing(value) if isinstance(value, Mapping) else []
        return join([missing, *at_hand]) if at_hand else missing
    match value:
        case Alternatives(values=values):
            return join(subscript(interpreter, v, index) for v in values)
        case BodyInput():
            return body_flow.item(interpreter, value, index, None)
        case Absent():
            return as_derived(value)
        case Input() | Setting():
            return value
        case Instance(cls=External(name=name)) if name.endswith(".json"):
            return value  # a part of another service's answer is its answer
        case Mapping():
            found = value.get(index)
            if found is not None:
                return found
            if value.factory is not None and interpreter.trace is None and is_known_key(index):
                made = interpreter.call(value.factory, Arguments(), None)
                value.set(index, made)
                return made
            if value.rest:
                return body_flow.item(interpreter, value.rest[-1], index, None)
            if not is_known_key(index) and value.entries:
                known = [v for _, v in value.entries.values()]
                return join(known if is_complete(interpreter, value) else [*known, Unknown("an unknown key")])
            return Unknown("a key that the dict is not seen to have")
        case Sequence(items=items):
            if isinstance(index, Constant) and isinstance(index.value, int) and not value.open:
                if -len(items) <= index.value < len(items):
                    return items[index.value]
                return Unknown("an item beyond the end of the list")
            return join(
                items
                if is_complete(interpreter, value)
                else [*items, Unknown("an item at an index that is not known")]
            )
        case AskedText() if type(index) is Constant and isinstance(index.value, int):
            at = index.value
            if value.is_so(lambda text: -len(text) <= at < len(text)):
                return value.part(lambda text: text[at])
            return Unknown("an index beyond the text")
        case Constant(value=str() as known):
            if isinstance(index, Constant) and isinstance(index.value, int):
                inside = -len(known) <= index.value < len(known)
                return Constant(known[index.value]) if inside else Unknown("an index beyond the text")
    known_index = index.value if isinstance(index, Constant) and index.setting is None else None
    return texts.element_of(value, part=known_index if isinstance(known_index, (str, int)) else None)


def is_complete(interpreter: Interpreter, container: Sequence | Mapping) -> bool:
    """While values are followed: the container is known to hold what it holds and nothing else."""
    return interpreter.follows_values and not container.open and truth(container)[0] is True


def cut(value: Value, lower: Value | None, upper: Value | None, step: Value | None) -> Value:
    """``value[lower:upper:step]``"""
    if isinstance(value, BodyInput):
        return value
    bounds: list[int | None] = []
    for bound in (lower, upper, step):
        if bound is None:
            bounds.append(None)
        elif isinstance(bound, Constant) and (bound.value is None or isinstance(bound.value, int)):
            bounds.append(bound.value)
        else:
            return texts.element_of(value)
    if bounds[2] == 0:
        return Unknown("a slice with step 0")
    wanted = slice(*bounds)
    if isinstance(value, AskedText):
        return value.part(lambda text: text[wanted])
    if isinstance(value, (TextValue, ComposedText)) and bounds[2] is None:
        return texts.cut(value, bounds[0], bounds[1])
    if isinstance(value, Constant) and isinstance(value.value, (str, bytes)):
        return Constant(value.value[wanted], value.setting)
    if isinstance(value, Sequence):
        return Sequence(value.kind, value.items[wanted], open=value.open)
    if isinstance(value, (Input, Setting)):
        return value
    return texts.element_of(value)
