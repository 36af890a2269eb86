"""What a condition says about the values that it tests, in the branch where it holds.

``if column not in ALLOWED: raise`` leaves a column that was checked. Only lazy runs ask (see
:attr:`backend_gate.backend.interpreter.Interpreter.follows_values`).
"""

from __future__ import annotations

import copy
import re
import string
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from backend_gate.backend import body_types, excluded, operations, remainders, texts
from backend_gate.backend.attributes import class_attribute
from backend_gate.backend.frame import Frame
from backend_gate.backend.library import is_instance
from backend_gate.backend.trace import RaisedSignal, Trace
from backend_gate.backend.unparse import unparse
from backend_gate.backend.values import (
    FALSE,
    NONE,
    Alternatives,
    AskedText,
    BodyInput,
    BoundMethod,
    Class,
    Constant,
    Derived,
    External,
    Function,
    Input,
    Instance,
    ListedConstant,
    ListedSetting,
    Mapping,
    Overridden,
    Present,
    Scope,
    Sequence,
    Setting,
    TextValue,
    TypeApplication,
    Unknown,
    Value,
    alternatives,
    is_given,
    join,
    text_of,
    untested,
)
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter

Narrowed = dict[str, tuple[ir.Expression, Value]]
"""What is known of names, attributes and items, by their text."""

_CASES = frozenset({"lower", "upper", "casefold", "strip", "lstrip", "rstrip", "title", "capitalize"})
"""Methods that leave it decided what a text can be."""
_WORDS = frozenset({"isalnum", "isalpha", "isdecimal", "isdigit", "isidentifier", "isnumeric"})
_HARMLESS = re.compile(r"[\w .]*")
_TEXTS_OF_STRING = {
    f"string.{name}": text for name, text in vars(string).items() if isinstance(text, str) and name[0] != "_"
}
_MATCHES = frozenset({"match", "fullmatch"})
_HOSTILE = ("x' or '1'='1", 'x" or 1=1', "x; drop", "x--", "x y", "x)", "x`", "x,y", "x/*", "x\\", "x='x")
"""What no name of a column or table holds."""
_MAX_PATTERN = 300


def assume(interpreter: Interpreter, test: ir.Expression, frame: Frame, *, holds: bool) -> Callable[[], None]:
    """Narrow what ``test`` tests to what it is if ``test`` holds, or does not.

    Returns what takes it back, as far as nothing else was put there.
    """
    undo: list[Callable[[], None]] = []
    trace = interpreter.trace
    if trace is None:
        return _settings_listed(interpreter, test, frame, holds=holds)
    if not trace.lazy or not _tests_something(test):
        return lambda: None
    interpreter.trace = _muted(trace)
    try:
        found = _narrowed(interpreter, test, frame, holds=holds)
        for target, value in {**_implied(interpreter, test, frame, holds=holds), **found}.values():
            before = interpreter.evaluate(target, frame)
            if isinstance(before, Sequence) and before.rejected:
                pairs = [
                    (item, _as(item, "allow-listed", "each of them was checked")) for item in before.items
                ]
            else:
                pairs = [(before, value)]
                _put(interpreter, target, value, frame, undo)
            marks = [mark for pair in pairs for mark in trace.checks.mark(*pair)]
            undo.append(partial(_forget, trace, marks))
        _exclude(interpreter, test, frame, undo, holds=holds)
    except RaisedSignal:
        pass  # whatever raises did so when the test itself ran
    finally:
        interpreter.trace = trace

    def take_back() -> None:
        for run in reversed(undo):
            run()

    return take_back


def _implied(interpreter: Interpreter, test: ir.Expression, frame: Frame, *, holds: bool) -> Narrowed:
    """What else holds, since something that came before cannot hold together with ``test``."""
    if not frame.excluded:
        return {}
    known = {fact.key for fact in excluded.facts_of(test, holds=holds)}
    found: Narrowed = {}
    for one in frame.excluded:
        wrong = one.left_by(known)
        if wrong is not None and all(interpreter.evaluate(path, frame) is value for path, value in one.about):
            found.update(_narrowed(interpreter, wrong.test, frame, holds=not wrong.holds))
    return found


def _exclude(
    interpreter: Interpreter,
    test: ir.Expression,
    frame: Frame,
    undo: list[Callable[[], None]],
    *,
    holds: bool,
) -> None:
    """Remember that not all parts of ``a and b`` hold where it does not."""
    facts = excluded.facts_of(test, holds=not holds)
    if len(facts) < 2 or not excluded.lists(facts):
        return
    open_facts = [fact for fact in facts if not _is_certain(interpreter, fact.test, frame, fact.holds)]
    one = excluded.excluded(open_facts, lambda path: interpreter.evaluate(path, frame), _is_path)
    if one is not None:
        frame.excluded = [*frame.excluded[1 - excluded.MAX_EXCLUDED :], one]
        undo.append(lambda: setattr(frame, "excluded", [e for e in frame.excluded if e is not one]))


def _settings_listed(
    interpreter: Interpreter, test: ir.Expression, frame: Frame, *, holds: bool
) -> Callable[[], None]:
    """``if MODE not in ("a", "b"): MODE = "a"`` of the wiring: what a setting can still be."""
    match test:
        case ir.Comparison(left=ir.Name(id=name), operators=["in" | "not in" as operator], rights=[right]):
            names = frame.scope.names
            before = names.get(name)
            if before is not None and holds is (operator == "in") and _is_fixed(interpreter, right, frame):
                values = [_listed(one) for one in alternatives(before)]
                checked = (
                    Overridden(tuple(values), before.setting)
                    if isinstance(before, Overridden)
                    else join(values)
                )
                names[name] = checked
                return lambda: names.update({name: before}) if names.get(name) is checked else None
    return lambda: None


def _is_fixed(interpreter: Interpreter, node: ir.Expression, frame: Frame) -> bool:
    """A collection of constants that stands there, or under a name: looking at it once more does nothing."""
    if not isinstance(node, (ir.TupleDisplay, ir.ListDisplay, ir.SetDisplay)) and not _is_path(node):
        return False
    found = interpreter.evaluate(node, frame)
    return (
        isinstance(found, Sequence)
        and not found.open
        and all(isinstance(item, Constant) and item.setting is None for item in found.items)
    )


def _listed(value: Value) -> Value:
    match value:
        case Constant(setting=str()):
            return ListedConstant(value.value, value.setting)
        case Setting():
            return ListedSetting(value.name, value.place, value.default)
    return value


def matched(interpreter: Interpreter, subject: ir.Expression, values: list[Value], frame: Frame) -> None:
    """``case "asc" | "desc"``: the subject is one of these."""
    known = [v for v in values if isinstance(v, Constant) or text_of(v) is not None]
    if interpreter.follows_values and values and len(known) == len(values) and isinstance(subject, ir.Name):
        if subject.id in frame.scope.names:
            frame.scope.names[subject.id] = join(known)


def _tests_something(test: ir.Expression) -> bool:
    return not isinstance(test, (ir.Constant, ir.Unknown))


def _muted(trace: Trace) -> Trace:
    """Looking at values once more is nothing that the program does."""
    muted = Trace()
    muted.root_depth, muted.max_depth, muted.home = trace.root_depth, trace.max_depth, trace.home
    muted.stack, muted.parts = list(trace.stack), trace.parts
    muted.checks = trace.checks
    return muted


def _forget(trace: Trace, marks: list[int]) -> None:
    for mark in marks:
        trace.checks.known.pop(mark, None)


def _put(
    interpreter: Interpreter,
    target: ir.Expression,
    value: Value,
    frame: Frame,
    undo: list[Callable[[], None]],
) -> None:
    if isinstance(target, ir.Name):
        names = frame.scope.names
        if target.id in names:
            name, previous = target.id, names[target.id]
            names[name] = value
            undo.append(lambda: names.update({name: previous}) if names.get(name) is value else None)
            for holder in list(names.values()):
                if isinstance(holder, Mapping) and isinstance(previous, Input):
                    _put_entries(holder, previous, value, undo)
    elif isinstance(target, ir.Attribute):
        owner = interpreter.evaluate(target.value, frame)
        if isinstance(owner, Instance) and target.name in owner.attributes:
            kept, attribute, before = owner.attributes, target.name, owner.attributes[target.name]
            interpreter.heap.changes(owner, attribute, narrowed=True)
            kept[attribute] = value
            undo.append(lambda: kept.update({attribute: before}) if kept.get(attribute) is value else None)
        elif isinstance(owner, Unknown) and isinstance(value, Present) and interpreter.trace is not None:
            parts, part, found = interpreter.trace.parts, (id(owner), target.name), (owner, value)
            if (former := parts.get(part)) is not None:
                parts[part] = found
                undo.append(lambda: parts.update({part: former}) if parts.get(part) is found else None)
    elif isinstance(target, ir.Subscript):
        owner, index = interpreter.evaluate(target.value, frame), interpreter.evaluate(target.index, frame)
        if isinstance(owner, Mapping) and (known := owner.get(index)) is not None:
            mapping = owner
            mapping.set(index, value)
            undo.append(partial(_restore, mapping, index, value, known))
        else:
            undo += body_types.kept(owner, index, value)


def _put_entries(mapping: Mapping, previous: Value, value: Value, undo: list[Callable[[], None]]) -> None:
    """What was taken out of a dict and checked is checked in the dict as well."""
    for key, entry in list(mapping.entries.values()):
        if entry is previous:
            mapping.set(key, value)
            undo.append(partial(_restore, mapping, key, value, previous))


def _restore(mapping: Mapping, key: Value, value: Value, previous: Value) -> None:
    if mapping.get(key) is value:
        mapping.set(key, previous)


def _narrowed(interpreter: Interpreter, test: ir.Expression, frame: Frame, *, holds: bool) -> Narrowed:
    match test:
        case ir.UnaryOperation(operator="not", value=value):
            return _narrowed(interpreter, value, frame, holds=not holds)
        case ir.BooleanOperation(operator=operator, values=values):
            if (operator == "and") is not holds:
                values = _undecided(interpreter, values, frame, not holds) or values
            arms = [_narrowed(interpreter, v, frame, holds=holds) for v in values]
            if (operator == "and") is holds:
                return {key: entry for arm in arms for key, entry in arm.items()}
            return {
                key: (arms[0][key][0], join(arm[key][1] for arm in arms))
                for key in arms[0]
                if all(key in arm for arm in arms)
            }
        case ir.Comparison(left=left, operators=[operator], rights=[right]):
            found = _compared(interpreter, left, operator, right, frame, holds=holds)
            return {**found, **_emptied(interpreter, test, frame, holds=holds)}
        case ir.Call():
            found = _called(interpreter, test, frame, holds=holds)
            return {**found, **_emptied(interpreter, test, frame, holds=holds)}
        case ir.Await(value=ir.Call() as call) if holds:
            return _answered(interpreter, call, frame)
        case ir.NamedExpression(value=value):
            found = _narrowed(interpreter, value, frame, holds=holds)
            return {**found, **_emptied(interpreter, test, frame, holds=holds)}
        case ir.BinaryOperation() | ir.Comprehension():
            return _emptied(interpreter, test, frame, holds=holds)
        case _ if not holds and _is_path(test):
            return {**_owners(interpreter, test, frame, holds=holds), **_empty(interpreter, test, frame)}
        case _ if holds:
            there = _without(interpreter, test, frame, lambda v: isinstance(v, Constant) and not v.value)
            return {**_owners(interpreter, test, frame, holds=holds), **there}
    return {}


def _owners(interpreter: Interpreter, test: ir.Expression, frame: Frame, *, holds: bool) -> Narrowed:
    """Of several objects those whose attribute, which is tested, can be true or false as it is."""
    if not isinstance(test, ir.Attribute) or not isinstance(test.value, ir.Name):
        return {}
    owner = interpreter.evaluate(test.value, frame)
    if not isinstance(owner, Alternatives):
        return {}

    def is_other(one: Value) -> bool:
        if not isinstance(one, Instance) or not isinstance(one.cls, Class):
            return False
        of_class = class_attribute(one.cls, test.name)
        found = one.attributes.get(test.name, of_class[0] if of_class is not None else None)
        known, is_setting = operations.truth(found) if isinstance(found, Constant) else (None, False)
        return known is (not holds) and not is_setting

    kept = [one for one in owner.values if not is_other(one)]
    if not kept or len(kept) == len(owner.values):
        return {}
    return {unparse(test.value): (test.value, join(kept))}


def _undecided(
    interpreter: Interpreter, values: list[ir.Expression], frame: Frame, known: bool
) -> list[ir.Expression]:
    """Those that are not ``known`` anyway; of comparisons it is asked where another part looks into a collection."""
    left = [value for value in values if not _is_certain(interpreter, value, frame, known)]
    if len(left) < 2 or not excluded.lists(f for v in left for f in excluded.facts_of(v, holds=known)):
        return left
    compared = [v for v in left if isinstance(v, ir.Comparison) and excluded.is_plain(v, _is_path)]
    decided = [v for v in compared if _has_truth(interpreter, v, frame, known)]
    return [value for value in left if value not in decided]


def _is_certain(interpreter: Interpreter, test: ir.Expression, frame: Frame, known: bool) -> bool:
    """``test`` is ``known`` whatever the request: another part decides."""
    if not _is_path(test):
        return False
    return _has_truth(interpreter, test, frame, known)


def _has_truth(interpreter: Interpreter, test: ir.Expression, frame: Frame, known: bool) -> bool:
    found, is_setting = operations.truth(interpreter.evaluate(test, frame))
    return found is known and not is_setting


def _empty(interpreter: Interpreter, test: ir.Expression, frame: Frame) -> Narrowed:
    """``not x``: an empty text, zero or nothing."""
    value = interpreter.evaluate(test, frame)
    if isinstance(value, Sequence) and value.rejected:
        return {unparse(test): (test, value)}
    if not isinstance(value, Input) or isinstance(value, BodyInput):
        return {}
    return {unparse(test): (test, _as(value, "allow-listed", "it is empty"))}


def _emptied(interpreter: Interpreter, test: ir.Expression, frame: Frame, *, holds: bool) -> Narrowed:
    """``set(columns) - ALLOWED`` is empty: each of the columns was checked."""
    rest = remainders.emptied(test, holds=holds)
    return _empty(interpreter, rest, frame) if rest is not None else {}


def _compared(
    interpreter: Interpreter,
    left: ir.Expression,
    operator: str,
    right: ir.Expression,
    frame: Frame,
    *,
    holds: bool,
) -> Narrowed:
    positive = holds is (operator in ("in", "==", "is", "<="))
    if operator in ("in", "not in"):
        return _in(interpreter, left, right, frame) if positive else {}
    if operator in ("==", "!=", "is", "is not"):
        for one, other in ((left, right), (right, left)):
            value = interpreter.evaluate(other, frame)
            if isinstance(value, Constant) and value.setting is None:
                if positive:
                    return _only(interpreter, one, value, frame)
                return _without(interpreter, one, frame, _equal_to(value))
    if operator == "<=" and positive:  # set(columns) <= ALLOWED
        return _in(interpreter, _inside(left), right, frame)
    return {}


def _equal_to(known: Constant) -> Callable[[Value], bool]:
    return lambda value: isinstance(value, Constant) and bool(value.value == known.value)


def _only(interpreter: Interpreter, target: ir.Expression, known: Constant, frame: Frame) -> Narrowed:
    """``target == known`` holds."""
    subject = _subject(target)
    if subject is None or subject is not target:
        return {}
    value = interpreter.evaluate(subject, frame)
    changed = any(isinstance(one, (Unknown, TextValue)) or is_given(one) for one in alternatives(value))
    return {unparse(subject): (subject, known)} if changed or known is NONE else {}


def _without(
    interpreter: Interpreter, target: ir.Expression, frame: Frame, excluded: Callable[[Value], bool]
) -> Narrowed:
    """``target`` is none of those alternatives."""
    subject = _subject(target)
    if subject is None or subject is not target:
        return {}
    value = interpreter.evaluate(subject, frame)
    before = list(alternatives(value))
    kept = [_there(one, excluded) for one in before if not excluded(one)]
    if not kept or (len(kept) == len(before) and all(a is b for a, b in zip(kept, before, strict=True))):
        return {}
    return {unparse(subject): (subject, join(kept))}


def _there(value: Value, excluded: Callable[[Value], bool]) -> Value:
    """The same where it is not ``None``, which a test has shown."""
    if not excluded(NONE):
        return value
    is_true = excluded(FALSE)
    if type(value) is Unknown or (isinstance(value, Present) and is_true and not value.true):
        return Present(value.origin if isinstance(value, Present) else value, true=is_true)
    if isinstance(value, Instance) and isinstance(value.cls, External) and untested(value) is value:
        made = copy.copy(value)
        made.attributes = {**value.attributes, "__present__": value}
        return made
    return value


def _in(interpreter: Interpreter, item: ir.Expression, container: ir.Expression, frame: Frame) -> Narrowed:
    """``item in container`` holds: it is one of what the code or the database lists."""
    subject = _subject(item) or body_types.part_read(interpreter, item, frame)
    if subject is None or not is_list(interpreter.evaluate(container, frame)):
        return {}
    return _allowed(interpreter, subject, frame, f"it is one of {unparse(container)}")


def is_list(container: Value) -> bool:
    """A collection that a client neither makes nor is a text in which the item stands somewhere.

    A text of the code with each letter, digit or blank once is a list of signs: ``sign in string.ascii_letters``.
    """
    for one in alternatives(container):
        known = _known_text(one)
        if known is not None:
            if _HARMLESS.fullmatch(known) and len(set(known)) == len(known):
                continue
            return False
        if texts.is_text(one) or (isinstance(one, Input) and one.kind == "request"):
            return False
        if isinstance(one, Sequence) and any(isinstance(i, Input) and i.kind == "request" for i in one.items):
            return False
    return True


def _known_text(value: Value) -> str | None:
    """A text of the code, put together from constants of the module ``string`` as well."""
    match value:
        case AskedText():
            return None
        case Constant(value=str() as text, setting=None):
            return text
        case External(name=name, owner=None) if name in _TEXTS_OF_STRING:
            return _TEXTS_OF_STRING[name]
        case TextValue(parts=parts) | Derived(reason="the result of +", sources=parts):
            known = [part if isinstance(part, str) else _known_text(part) for part in parts]
            return None if None in known else "".join(part for part in known if part is not None)
    return None


def _called(interpreter: Interpreter, test: ir.Call, frame: Frame, *, holds: bool) -> Narrowed:
    name = test.function.name if isinstance(test.function, ir.Attribute) else ""
    given = [a.value for a in test.arguments if a.name is None and not a.star]
    if isinstance(test.function, ir.Name) and test.function.id in ("all", "any") and len(given) == 1:
        return _each(interpreter, given[0], frame, holds=holds, every=test.function.id == "all")
    if isinstance(test.function, ir.Name) and test.function.id == "isinstance" and len(given) == 2:
        return _of_type(interpreter, given[0], given[1], frame, holds=holds)
    if not holds:
        return {}
    if isinstance(test.function, ir.Attribute) and name in _WORDS:
        subject = _subject(_without_words(test.function.value))
        return _allowed(interpreter, subject, frame, f"it passed .{name}()") if subject is not None else {}
    if name in _MATCHES and given and isinstance(test.function, ir.Attribute):
        return _matched(interpreter, test.function, given, frame)
    if name == "issuperset" and isinstance(test.function, ir.Attribute) and given:
        return _in(interpreter, _inside(given[0]), test.function.value, frame)
    if isinstance(test.function, ir.Name) and test.function.id == "hasattr" and len(given) == 2:
        owner = interpreter.evaluate(given[0], frame)
        subject = _subject(given[1])
        if subject is not None and isinstance(owner, (Class, External, Instance)):
            return _allowed(interpreter, subject, frame, f"it names an attribute of {unparse(given[0])}")
    return _answered(interpreter, test, frame)


def _answered(interpreter: Interpreter, test: ir.Call, frame: Frame) -> Narrowed:
    """``registry.knows(name)`` holds, and all that the method does is ``return name in self.names``."""
    if any(argument.star for argument in test.arguments) or not _is_path(test.function):
        return {}
    callee = interpreter.evaluate(test.function, frame)
    function = callee.function if isinstance(callee, BoundMethod) else callee
    if not isinstance(function, Function) or not isinstance(function.node, ir.FunctionDef):
        return {}
    item, container = _membership(interpreter.modules.body(function.module.path, function.node))
    if item is None or container is None:
        return {}
    receiver = callee.receiver if isinstance(callee, BoundMethod) else None
    names = [p.name for p in function.node.parameters if p.kind in ("positional", "normal")]
    positional = [a.value for a in test.arguments if a.name is None]
    passed = dict(zip(names[receiver is not None :], positional, strict=False))
    passed |= {a.name: a.value for a in test.arguments if a.name is not None}
    subject = _subject(passed[item]) if item in passed else None
    if subject is None:
        return {}
    inside = Frame(
        function.module, Scope("function", function.module, function.scope.parent), function, 0, receiver
    )
    inside.scope.names |= {name: Unknown(f"the parameter {name}") for name in names}
    if receiver is not None and names:
        inside.scope.names[names[0]] = receiver
    inside.scope.names |= {
        name: interpreter.evaluate(node, frame)
        for name, node in passed.items()
        if _is_path(node) or isinstance(node, ir.Constant)
    }
    if not is_list(interpreter.evaluate(container, inside)):
        return {}
    return _allowed(interpreter, subject, frame, f"{function.full_name} finds it in {unparse(container)}")


def _membership(body: list[ir.Statement]) -> tuple[str | None, ir.Expression | None]:
    """The parameter and the collection of a function that says whether the one is in the other, and no more."""
    statements = [s for s in body if not _is_text_only(s)]
    match statements:
        case [ir.Return(value=ir.Comparison(left=left, operators=["in"], rights=[container]))]:
            item = _subject(left)
            return (item.id, container) if isinstance(item, ir.Name) else (None, None)
    return None, None


def _is_text_only(statement: ir.Statement) -> bool:
    """A docstring."""
    return isinstance(statement, ir.ExpressionStatement) and isinstance(statement.value, ir.Constant)


def _without_words(node: ir.Expression) -> ir.Expression:
    """``x`` of ``x.replace("_", "")``: what is left out are parts of words."""
    if (
        isinstance(node, ir.Call)
        and isinstance(node.function, ir.Attribute)
        and node.function.name == "replace"
    ):
        left_out = node.arguments[0].value if node.arguments else None
        if isinstance(left_out, ir.Constant) and left_out.value in ("_", "-", "."):
            return _without_words(node.function.value)
    return node


def _of_type(
    interpreter: Interpreter, target: ir.Expression, kind: ir.Expression, frame: Frame, *, holds: bool
) -> Narrowed:
    kinds = interpreter.evaluate(kind, frame)
    found = _without(interpreter, target, frame, lambda v: is_instance(interpreter, v, kinds) is (not holds))
    if holds:
        found = body_types.narrowed(interpreter, target, kinds, frame, found)
    if found or not holds:
        return found
    each = kinds.items if isinstance(kinds, Sequence) else [kinds]
    subject = _subject(target)
    is_number = all(
        isinstance(one, External)
        and one.name in ("builtins.int", "builtins.float", "builtins.bool", "uuid.UUID")
        for one in each
    )
    if subject is None or not each or not is_number:
        return {}
    value = interpreter.evaluate(subject, frame)
    return {unparse(subject): (subject, _as(value, "coerced", "it is a number"))}


def _each(
    interpreter: Interpreter, node: ir.Expression, frame: Frame, *, holds: bool, every: bool
) -> Narrowed:
    """``all(c in ALLOWED for c in columns)``, or not ``any(c not in ALLOWED …)``."""
    if holds is not every or not isinstance(node, ir.Comprehension) or len(node.generators) != 1:
        return {}
    generator = node.generators[0]
    subject = _subject(generator.iterable)
    if subject is None or not isinstance(generator.target, ir.Name) or generator.conditions:
        return {}
    saved = frame.scope.names.get(generator.target.id)
    value = interpreter.evaluate(subject, frame)
    frame.scope.names[generator.target.id] = texts.element_of(value)
    found = _narrowed(interpreter, node.element, frame, holds=every).get(generator.target.id)
    if saved is None:
        del frame.scope.names[generator.target.id]
    else:
        frame.scope.names[generator.target.id] = saved
    if found is None:
        return {}
    return _allowed(interpreter, subject, frame, "each of them was checked")


def _matched(
    interpreter: Interpreter, function: ir.Attribute, given: list[ir.Expression], frame: Frame
) -> Narrowed:
    """``re.match(pattern, subject)`` or ``PATTERN.match(subject)`` with a pattern that admits words only."""
    owner = interpreter.evaluate(function.value, frame)
    pattern: Value | None = None
    target = given[0]
    if isinstance(owner, External) and owner.name == "re" and len(given) > 1:
        pattern, target = interpreter.evaluate(given[0], frame), given[1]
    elif isinstance(owner, Instance) and isinstance(owner.cls, External) and owner.cls.name == "re.compile":
        pattern = owner.arguments[0] if owner.arguments else None
    subject = _subject(target)
    whole = function.name == "fullmatch"
    if subject is None or not isinstance(pattern, Constant) or not isinstance(pattern.value, str):
        return {}
    if not admits_words_only(pattern.value, whole=whole):
        return {}
    return _allowed(interpreter, subject, frame, f"it matches {pattern.value!r}")


def admits_words_only(pattern: str, *, whole: bool) -> bool:
    """A text that matches can end no name and no literal. ``whole``: all of it has to match."""
    if len(pattern) > _MAX_PATTERN:
        return False
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    match = compiled.fullmatch if whole else compiled.match
    return not any(match(hostile) for hostile in _HOSTILE)


def _subject(node: ir.Expression) -> ir.Expression | None:
    """What is tested: a name, an attribute or an item, perhaps in another case."""
    if _is_path(node):
        return node
    if isinstance(node, ir.NamedExpression):
        return node.target
    if isinstance(node, ir.Call) and isinstance(node.function, ir.Attribute) and node.function.name in _CASES:
        return _subject(node.function.value)
    if isinstance(node, ir.Call) and isinstance(node.function, ir.Name) and node.function.id == "str":
        return _subject(node.arguments[0].value) if len(node.arguments) == 1 else None
    return None


def _is_path(node: ir.Expression) -> bool:
    """A name, or attributes and fixed items of one: looking at it does nothing."""
    while isinstance(node, ir.Attribute) or (
        isinstance(node, ir.Subscript) and isinstance(node.index, ir.Constant)
    ):
        node = node.value
    return isinstance(node, ir.Name)


def _inside(node: ir.Expression) -> ir.Expression:
    """``columns`` of ``set(columns)``"""
    if isinstance(node, ir.Call) and isinstance(node.function, ir.Name) and len(node.arguments) == 1:
        if node.function.id in ("set", "frozenset"):
            return node.arguments[0].value
    return node


def _allowed(interpreter: Interpreter, subject: ir.Expression, frame: Frame, reason: str) -> Narrowed:
    value = interpreter.evaluate(subject, frame)
    narrowed = _as(value, "allow-listed", reason)
    return {unparse(subject): (subject, narrowed)} if narrowed is not value else {}


def _as(value: Value, kind: str, reason: str) -> Value:
    """``value`` where it was checked."""
    match value:
        case Alternatives(values=values):
            return join(_as(one, kind, reason) for one in values)
        case BodyInput():
            checked = copy.copy(value)
            checked.kind, checked.tested = kind, True
            checked.typed = checked.plain = True
            return checked
        case Input(kind="coerced" | "allow-listed"):
            return value
        case Input(source=source):
            return Input(kind, f"{source}; {reason}", value.place, given=value.given)
        case Unknown() | TextValue() | TypeApplication(base=External()):
            return Input(kind, reason, value.place if isinstance(value, Unknown) else None)
        case Instance(cls=External()):
            return Input(kind, reason, value.place)
        case Sequence(items=items, kind=shape):
            return Sequence(shape, [_as(item, kind, reason) for item in items], open=value.open)
    return value
