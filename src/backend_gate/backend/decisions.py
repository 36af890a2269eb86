"""What the conditions on the ways through a guard look at: the credential, the request, a setting, a checker.

A condition that is decided by nothing but the deployment makes a guard conditional. One that asks code which is
not followed leaves it open. One that the client's own input decides is no obstacle: the client picks the branch.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from backend_gate.backend.model import Condition, Opening, Place
from backend_gate.backend.spans import misses_credential
from backend_gate.backend.trace import RaisedSignal, RaiseEvent, Trace, status_of
from backend_gate.backend.values import (
    Absent,
    Alternatives,
    Asked,
    Class,
    Constant,
    Derived,
    External,
    Function,
    Input,
    Instance,
    Mapping,
    Module,
    Pieces,
    Sequence,
    Setting,
    Slot,
    Tested,
    TextValue,
    Unknown,
    Value,
    alternatives,
    missing_credential,
)
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.frame import Frame
    from backend_gate.backend.interpreter import Interpreter

MAX_DEPTH = 8
REQUEST_PARTS = ("backend_gate.request_", "starlette.requests.", "starlette.websockets.")
_OF_APPLICATION = (
    "starlette.requests.HTTPConnection.app.",
    "starlette.requests.Request.app.",
    "starlette.websockets.WebSocket.app.",
)
"""What hangs on the application is the same for each request."""
_CONFIGURATION = ("configparser.", "decouple.", "dynaconf.", "environs.")
"""What these libraries give is what somebody has written down for the deployment."""
_COMMAND_LINE = "argparse.ArgumentParser.parse_"
_SCOPES = "fastapi.security.oauth2.SecurityScopes"
"""What a route asks for, which another route that has the same dependency may not."""
_TRANSPARENT = frozenset({"all", "any", "bool", "getattr", "hasattr", "int", "isinstance", "len", "str"})
"""Builtins whose answer is about their arguments; what other calls give says itself what it was made of."""
AFTER_CREDENTIAL = "__after_a_credential__"
"""Marks a socket that is closed after a credential was looked for."""
NOT_CREDENTIAL = "__not_a_credential__"
"""Marks the exception that says of something missing from the request whose name is not that of a credential."""
_DENYING_STATUS = frozenset({401, 403, 407, 511})
_DENYING_NAME = re.compile(
    r"auth|permission|forbidden|credential|denied|access|login|token|signature|jwt|session", re.IGNORECASE
)


class Origin(enum.Enum):
    """Where something that is tested comes from."""

    ABSENT = "the missing credential"
    ASKED = "code that is not followed and was given the request"
    REQUEST = "what the client sends besides credentials"
    STORED = "a row, or another service's answer"
    DEPLOYMENT = "a setting, or an object made when the application was put together"
    UNKNOWN = "unknown"

    __hash__ = object.__hash__  # an enum's own is several times slower


def tests(interpreter: Interpreter, test: ir.Expression, value: Value, frame: Frame) -> tuple[Value, ...]:
    """What ``test`` looks at, for a run without credentials: its value, and those of the names in it."""
    trace = interpreter.trace
    found: list[Value] = [value]
    if trace is None:
        return ()
    interpreter.trace = Trace(absent=True)
    interpreter.trace.root_depth, interpreter.trace.max_depth = trace.root_depth, trace.max_depth
    try:
        found += [_looked_at(interpreter, leaf, frame) for leaf in _leaves(test)]
    except RaisedSignal:
        pass  # whatever raises did so when the test itself ran
    finally:
        interpreter.trace = trace
    return tuple(found)


def misses(interpreter: Interpreter, test: ir.Expression, value: Value, frame: Frame) -> bool:
    """Whether a missing credential is among what a decided test looks at."""
    trace = interpreter.trace
    if trace is None or not trace.absent or not (trace.credentials or trace.lacks_credential):
        return False
    return any(Origin.ABSENT in origins(one) for one in tests(interpreter, test, value, frame))


def _leaves(node: ir.Expression) -> Iterator[ir.Name | ir.Attribute]:
    """The names, and the attributes of names, that stand in a test outside of what is called."""
    match node:
        case ir.Name():
            yield node
        case ir.Attribute(value=owner):
            if _root(node) is not None:
                yield node
            else:
                yield from _leaves(owner)
        case ir.UnaryOperation(value=value) | ir.Await(value=value) | ir.NamedExpression(value=value):
            yield from _leaves(value)
        case ir.BooleanOperation(values=values):
            for one in values:
                yield from _leaves(one)
        case ir.Comparison(left=left, rights=rights):
            for one in (left, *rights):
                yield from _leaves(one)
        case ir.Subscript(value=value):
            yield from _leaves(value)
        case ir.Call(function=ir.Attribute(value=owner)):
            yield from _leaves(owner)
        case ir.Call(function=ir.Name(id=name), arguments=arguments) if name in _TRANSPARENT:
            for argument in arguments:
                yield from _leaves(argument.value)


def _root(node: ir.Expression) -> ir.Name | None:
    while isinstance(node, ir.Attribute):
        node = node.value
    return node if isinstance(node, ir.Name) else None


def _looked_at(interpreter: Interpreter, leaf: ir.Name | ir.Attribute, frame: Frame) -> Value:
    """The value of a name or path; a setting, if it belongs to what was made with the application."""
    value = interpreter.evaluate(leaf, frame)
    if isinstance(leaf, ir.Name) and leaf.id in frame.scope.names:
        return value  # the function's own
    if isinstance(value, (Constant, Function, Class, External, Module)) or not _is_plain(value):
        return value
    if isinstance(leaf, ir.Attribute):
        owner = interpreter.evaluate(leaf.value, frame)
        if _is_deployed(owner):
            return Setting(_text(leaf))
    elif _is_from_wiring(interpreter, leaf.id, frame):
        return Setting(leaf.id)
    return value


def _is_from_wiring(interpreter: Interpreter, name: str, frame: Frame) -> bool:
    """A name of the module that no function rebinds, or of the factory that made the guard."""
    if (
        frame.scope.kind == "function"
        and frame.scope.parent is not None
        and frame.scope.parent.kind == "function"
    ):
        if name in frame.scope.parent.names:
            return bool(interpreter.active) and interpreter.active[0] is frame.function
    if name in interpreter.changed_names(frame.module):
        return False
    return interpreter.module_attribute(frame.module, name) is not None


def deployed_items(
    interpreter: Interpreter, iterable: ir.Expression, items: list[Value], frame: Frame
) -> list[Value]:
    """The items of a list that existed before any request: what is not known of them is a setting."""
    leaf = iterable if isinstance(iterable, ir.Name) else _root(iterable)
    trace = interpreter.trace
    if trace is None or not trace.absent or leaf is None or not isinstance(iterable, (ir.Name, ir.Attribute)):
        return items
    if isinstance(iterable, ir.Attribute):
        if not _is_deployed(interpreter.evaluate(iterable.value, frame)):
            return items
    elif leaf.id in frame.scope.names or not _is_from_wiring(interpreter, leaf.id, frame):
        return items
    return [_as_setting(item, _text(iterable)) for item in items]


def _as_setting(item: Value, name: str) -> Value:
    if isinstance(item, Sequence) and item.kind == "tuple":
        return Sequence("tuple", [_as_setting(part, name) for part in item.items], open=item.open)
    return Setting(name) if isinstance(item, (Unknown, TextValue)) and _is_plain(item) else item


def _is_plain(value: Value) -> bool:
    """Nothing of the request, of a credential or of a row is in it."""
    return all(found <= _PLAIN for found in _found([value]))


def _is_deployed(owner: Value) -> bool:
    """An object of the project that existed before any request."""
    return all(isinstance(one, Instance) and not one.in_run for one in alternatives(owner))


def _text(node: ir.Expression) -> str:
    parts: list[str] = []
    while isinstance(node, ir.Attribute):
        parts.append(node.name)
        node = node.value
    return ".".join(
        [*([node.id] if isinstance(node, ir.Name) and node.id != "self" else []), *reversed(parts)]
    )


def origins(value: Value) -> frozenset[Origin]:
    """All that ``value`` was made of."""
    return _all([value])


def _all(values: Iterable[Value]) -> frozenset[Origin]:
    """All that ``values`` were made of."""
    return _NOTHING.union(*_found(values))


def _found(values: Iterable[Value]) -> Iterator[frozenset[Origin]]:
    """What ``values`` were made of, level by level: what two of them share is looked at once."""
    level = {id(one): one for one in values}
    for _ in range(MAX_DEPTH + 1):
        below: dict[int, Value] = {}
        for one in level.values():
            own, inner = _origins(one)
            yield own
            for part in inner:
                below[id(part)] = part
        level = below
    if level:
        yield _UNKNOWN


_NOTHING: frozenset[Origin] = frozenset()
_ABSENT = frozenset({Origin.ABSENT})
_ASKED = frozenset({Origin.ASKED})
_DEPLOYMENT = frozenset({Origin.DEPLOYMENT})
_REQUEST = frozenset({Origin.REQUEST})
_STORED = frozenset({Origin.STORED})
_UNKNOWN = frozenset({Origin.UNKNOWN})
_DENIES = _ABSENT | _ASKED
_PLAIN = frozenset({Origin.UNKNOWN, Origin.DEPLOYMENT})


def _origins(value: Value) -> tuple[frozenset[Origin], Iterable[Value]]:
    """What a value says of itself, and the values that say the rest."""
    match value:
        case Absent():
            return _ABSENT, ()
        case Asked():
            return _ASKED, ()
        case Setting():
            return _DEPLOYMENT, ()
        case Constant(setting=setting):
            return _DEPLOYMENT if setting is not None else _NOTHING, ()
        case Input(kind=kind):
            if kind == "configuration":
                return _DEPLOYMENT, ()
            return _STORED if kind == "stored" else _REQUEST, ()
        case Tested(sources=sources) | Derived(sources=sources) | Alternatives(values=sources):
            return _NOTHING, sources
        case TextValue(parts=parts):
            return _NOTHING, [part for part in parts if isinstance(part, Value)]
        case Pieces():
            return _ABSENT, ()
        case Sequence(items=items):
            return _NOTHING, items[:MAX_DEPTH]
        case Mapping(entries=entries):
            return _NOTHING, [v for _, v in list(entries.values())[:MAX_DEPTH]]
        case Instance(cls=External(name=name, owner=owner)):
            if name.startswith(REQUEST_PARTS):
                return _REQUEST, ()
            if name == _SCOPES:
                return _UNKNOWN, ()
            given = [*value.arguments, *value.keywords.values()]
            if was_asked(value):
                return _ASKED, ()
            if not value.in_run:
                return _DEPLOYMENT, ()  # whatever it was made of when its module was imported
            own = _DEPLOYMENT if name.startswith(_CONFIGURATION) else _STORED
            return own, given if owner is None else [*given, owner]
        case Instance(in_run=in_run):
            return _UNKNOWN if in_run else _DEPLOYMENT, ()
        case External(name=name) if name.startswith(_OF_APPLICATION):
            return _DEPLOYMENT, ()
        case External(owner=Instance() as owner) if was_asked(owner):
            return _ASKED, ()  # the status of another service's answer
        case External(owner=Instance(cls=External(name=name))) if name.startswith(REQUEST_PARTS):
            return _REQUEST, ()
        case External(owner=Instance(cls=External(name=name))) if name == _SCOPES:
            return _UNKNOWN, ()
        case External(name=name, owner=Instance(in_run=False)) if name.startswith(_COMMAND_LINE):
            return _DEPLOYMENT, ()
        case Function() | Class() | External() | Module():
            return _NOTHING, ()
    return _UNKNOWN, ()


def was_asked(value: Value) -> bool:
    """What a library made of the request, or of the credential that it does not carry: ``get(url, headers=…)``."""
    if not isinstance(value, Instance) or not isinstance(value.cls, External):
        return False
    return any(map(_hands_over, [*value.arguments, *value.keywords.values()]))


def _hands_over(value: Value) -> bool:
    match value:
        case Mapping(entries=entries):
            return any(_hands_over(held) for _, held in list(entries.values())[:MAX_DEPTH])
        case TextValue(parts=parts):
            return any(missing_credential(part) is not None for part in parts if isinstance(part, Value))
    return is_request_part(value)


def is_request_part(value: Value) -> bool:
    """The request, a part of it, or the credential that it does not carry."""
    if isinstance(value, Instance) and isinstance(value.cls, External):
        return value.cls.name.startswith(REQUEST_PARTS)
    return missing_credential(value) is not None


def decided_by(trace: Trace, condition: Condition) -> frozenset[Origin]:
    """What a condition of a run looks at."""
    if condition.setting is not None:
        return _DEPLOYMENT
    values = trace.tests.get(condition.place)
    if values is None:
        return _UNKNOWN
    known = trace.decided.get(condition.place)
    if known is None or known[0] is not values:
        known = trace.decided[condition.place] = (values, _all(values))
    return known[1]


def who_was_asked(trace: Trace, conditions: tuple[Condition, ...]) -> str:
    """The first callee that is not followed and whose answer a condition tests; empty if there is none."""
    for condition in conditions:
        for value in trace.tests.get(condition.place, ()):
            name = _asked(value, 0)
            if name:
                return name
    return ""


def _asked(value: Value, depth: int) -> str:
    if depth > MAX_DEPTH:
        return ""
    if isinstance(value, Asked):
        return value.name
    if isinstance(value, Instance) and isinstance(value.cls, External):
        given = [*value.arguments, *value.keywords.values()]
        if was_asked(value):
            return value.cls.name
        return next(filter(None, (_asked(one, depth + 1) for one in given)), "")
    if isinstance(value, External) and value.owner is not None and was_asked(value.owner):
        return _asked(value.owner, depth + 1)
    sources: tuple[Value, ...] = ()
    if isinstance(value, (Tested, Derived)):
        sources = value.sources
    elif isinstance(value, Alternatives):
        sources = value.values
    return next(filter(None, (_asked(one, depth + 1) for one in sources)), "")


def is_denial(trace: Trace, event: RaiseEvent) -> bool:
    """Whether a raise turns a caller away for want of a credential, not for a missing row or a wrong field."""
    status = status_of(event.exception)
    if status in _DENYING_STATUS:
        return True
    if status is not None and 200 <= status < 300:
        return False  # whoever is turned away so is told that all is well
    if isinstance(event.exception, Instance) and NOT_CREDENTIAL in event.exception.attributes:
        return False
    looked_at = [decided_by(trace, c) for c in event.conditions if c.by_default is None]
    if any(found & _DENIES for found in looked_at):
        return True
    if (
        isinstance(event.exception, Instance)
        and AFTER_CREDENTIAL in event.exception.attributes
        and (not looked_at or _is_open_by_setting(trace, event))
    ):
        return True  # ``if not allowed(token): close()``, where no token is needed unless one is set
    is_certain = all(c.by_default is True for c in event.conditions)
    if is_certain and (status is None or trace.credentials or trace.lacks_credential):
        return True  # it raises whatever else is true, and a credential is all that this run misses
    cls = event.exception.cls if isinstance(event.exception, Instance) else event.exception
    name = cls.full_name if isinstance(cls, Class) else cls.name if isinstance(cls, External) else ""
    return status is None and bool(_DENYING_NAME.search(name.rsplit(".", 1)[-1]))


def _is_open_by_setting(trace: Trace, event: RaiseEvent) -> bool:
    """Settings alone leave undecided what ``allowed`` says: for want of a credential it has said no otherwise."""
    undecided = [c for c in event.conditions if c.by_default is None]
    return all(is_of_deployment(trace, c) for c in undecided) and any(
        misses_credential(trace, c.place) for c in undecided
    )


def settings_of(trace: Trace, conditions: tuple[Condition, ...]) -> list[str]:
    """The settings that open a way; empty if something else is needed as well, or nothing.

    A setting that leaves the way open as it is by default opens nothing where the request decides as well.
    """
    found: list[str] = []
    by_default: list[str] = []
    for condition in conditions:
        if condition.setting is not None:
            (by_default if condition.by_default else found).append(condition.setting)
        elif condition.by_default is None and decided_by(trace, condition) == _DEPLOYMENT:
            found.append(_named(trace, condition))
    return found or ([] if is_free(trace, conditions) else by_default)


def is_of_deployment(trace: Trace, condition: Condition) -> bool:
    """Nothing but settings decides whether a condition holds."""
    if condition.setting is not None:
        return True
    return condition.by_default is None and decided_by(trace, condition) == _DEPLOYMENT


def leave_nothing_out(ways: Iterable[tuple[Condition, ...]]) -> bool:
    """One of the ways is open whatever holds: the one ``if limited``, the other if not."""
    left = {tuple((condition.place, condition.text) for condition in way) for way in ways}
    while () not in left:
        whole = {
            way[:-1] for way in left if any((*way[:-1], other) in left for other in _opposites(*way[-1]))
        }
        if whole <= left:
            return False
        left |= whole
    return True


def _opposites(place: Place, text: str) -> Iterator[tuple[Place, str]]:
    yield place, f"not ({text})"
    if text.startswith("not (") and text.endswith(")"):
        yield place, text[len("not (") : -1]


def deciding(conditions: tuple[Condition, ...], denials: list[RaiseEvent]) -> tuple[Condition, ...]:
    """The conditions on a way out without those that decide nothing: requests are denied whether they hold or not.

    ``if tracing: …`` around a guard is one.
    """
    sides: dict[Place, set[str]] = {}
    for event in denials:
        for condition in event.conditions:
            sides.setdefault(condition.place, set()).add(condition.text)
    return tuple(c for c in conditions if len(sides.get(c.place, ())) < 2) or conditions


def openings_of(trace: Trace, way: tuple[Condition, ...]) -> list[Opening]:
    """The conditions on a way that nothing but settings decides."""
    found: list[Opening] = []
    for condition in way:
        if condition.setting is not None:
            found.append(Opening(condition.setting, condition))
        elif condition.by_default is None and decided_by(trace, condition) == _DEPLOYMENT:
            found.append(Opening(_named(trace, condition), condition))
    return found


def _named(trace: Trace, condition: Condition) -> str:
    """The settings that a condition reads; the condition itself where they have no names."""
    names = [name for value in trace.tests.get(condition.place, ()) for name in _setting_names(value, 0)]
    return ", ".join(dict.fromkeys(names)) or condition.text


def _setting_names(value: Value, depth: int) -> Iterator[str]:
    if isinstance(value, Setting):
        yield value.name
    elif isinstance(value, Constant) and value.setting is not None:
        yield value.setting
    elif isinstance(value, (Tested, Derived)) and depth < MAX_DEPTH:
        for source in value.sources:
            yield from _setting_names(source, depth + 1)


def may_happen(event: RaiseEvent) -> bool:
    """No setting keeps an exception from being raised, as they are by default."""
    return all(condition.by_default is not False for condition in event.conditions)


def looks_at_address(trace: Trace, conditions: tuple[Condition, ...]) -> bool:
    """Whether one of the conditions may depend on the path or the method of the request, which are any here."""
    return any(
        _are_of_address(trace.tests[condition.place]) if condition.place in trace.tests else True
        for condition in conditions
        if condition.by_default is None and condition.setting is None
    )


def _are_of_address(values: Iterable[Value]) -> bool:
    """A path or method that may be any counts as a value of a known form; so does what lies too deep."""
    level = {id(one): one for one in values}
    for _ in range(MAX_DEPTH + 1):
        if any(isinstance(one, Input) and one.kind == "coerced" for one in level.values()):
            return True
        level = {id(part): part for one in level.values() for part in _parts(one)}
    return any(
        (isinstance(one, Input) and one.kind == "coerced") or next(iter(_parts(one)), None) is not None
        for one in level.values()
    )


def _parts(value: Value) -> Iterable[Value]:
    match value:
        case Input():
            return ()
        case Tested(sources=sources) | Derived(sources=sources) | Alternatives(values=sources):
            return sources
        case TextValue(parts=parts):
            return [part for part in parts if isinstance(part, Value)]
        case Slot(value=held):
            return [held]
        case Sequence(items=items):
            return items
        case Mapping(entries=entries):
            return [held for _, held in entries.values()]
        case Instance(cls=External(owner=owner)):
            return [*value.arguments, *value.keywords.values(), *([owner] if owner is not None else [])]
        case External(owner=Value() as owner):
            return [owner]
    return ()


def is_free(trace: Trace, conditions: tuple[Condition, ...]) -> bool:
    """Nothing but the client's own input stands before a way, as the settings are by default."""
    undecided = [c for c in conditions if c.by_default is None]
    return bool(undecided) and all(_is_up_to_client(trace, c) for c in undecided)


def _is_up_to_client(trace: Trace, condition: Condition) -> bool:
    """What the client sends decides; in ``preview or token`` the missing credential has been decided."""
    found = decided_by(trace, condition)
    if found <= _REQUEST:
        return True
    if condition.setting is not None or not found <= _REQUEST | _ABSENT:
        return False
    results = trace.results.get(condition.place, ())
    return bool(results) and all(_all(_open_parts(one)) == _REQUEST for one in results)


def _open_parts(value: Value) -> Iterator[Value]:
    """What is not yet decided of a truth value that was put together."""
    match value:
        case Absent() | Constant(setting=None):
            return
        case Alternatives(values=parts) | Tested(sources=(Alternatives(values=parts),)):
            for part in parts:
                yield from _open_parts(part)
        case _:
            yield value
