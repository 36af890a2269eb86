"""What can be done with the content of a body that nothing has checked.

Whatever is taken out of it is a part of it and keeps its origin; the trace learns which parts are read where.
What is then done with them is judged in :mod:`backend_gate.backend.body_reads`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from backend_gate.backend.arguments import Arguments
from backend_gate.backend.model import Place
from backend_gate.backend.values import (
    NONE,
    Alternatives,
    BodyInput,
    BodyOrigin,
    Class,
    Constant,
    External,
    Function,
    Input,
    Instance,
    Mapping,
    Native,
    Sequence,
    Tested,
    TextValue,
    Unknown,
    Value,
    WatchedMapping,
    alternatives,
)
from backend_gate.backend.vocabulary import effect
from backend_gate.backend.walk import expressions_in, names_bound_by
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.frame import Frame
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.vocabulary import Vocabulary

_PARTS = frozenset({"get", "getlist", "getall", "get_all", "popitem", "__getitem__"})
_SAME = frozenset(
    [
        "copy",
        "dict",
        "model_dump",
        "strip",
        "lstrip",
        "rstrip",
        "lower",
        "upper",
        "title",
        "capitalize",
        "casefold",
        "decode",
        "encode",
        "replace",
        "removeprefix",
        "removesuffix",
        "format",
        "zfill",
        "tobytes",
        "hex",
        "split",
        "rsplit",
        "splitlines",
        "partition",
        "rpartition",
    ]
)
_TESTS = frozenset(
    [
        "startswith",
        "endswith",
        "isdigit",
        "isalpha",
        "isalnum",
        "isnumeric",
        "isdecimal",
        "isspace",
        "count",
        "index",
        "find",
        "rfind",
    ]
)
_CHANGES = frozenset(
    [
        "update",
        "append",
        "extend",
        "insert",
        "remove",
        "clear",
        "sort",
        "reverse",
        "add",
        "discard",
        "move_to_end",
        "__setitem__",
        "__delitem__",
    ]
)
_METHODS = (_PARTS | _SAME | _TESTS | {"pop", "setdefault", "items", "values", "keys"}) - {"__getitem__"}
_OF_REQUEST = frozenset({"request", "coerced"})
TYPE_ADAPTER = "pydantic.type_adapter.TypeAdapter"
MAX_DEPTH = 5
MAX_ITEMS = 60
_ITEM = "[]"
PARSED = "parsed"
"""The key of what a text in a body holds, once it is parsed."""
_Run = Callable[[Arguments, "Place | None"], Value]


def attribute(interpreter: Interpreter, value: BodyInput, name: str, place: Place | None) -> Value:
    """``body.name``: a method of dicts and texts, or an attribute, which is a part."""
    if name in _METHODS:
        relies_on_type(interpreter, value, place)
    if name in ("pop", "setdefault"):
        return _method(
            name, lambda arguments, where: _taken(interpreter, value, arguments, where, name == "pop")
        )
    if name in _PARTS and not value.raw:
        return _method(name, lambda arguments, where: item(interpreter, value, _key(arguments), where))
    if name in _SAME:
        return _method(name, lambda arguments, where: value)
    if name in _TESTS:
        return _method(name, lambda arguments, where: _tested(value))
    if name in _CHANGES:
        return _method(name, lambda arguments, where: NONE)
    if name in ("items", "multi_items", "values", "keys"):
        return _method(name, lambda arguments, where: _contents(interpreter, value, name, where))
    return _noted(interpreter, value.part(name, place), place)


def item(interpreter: Interpreter, value: BodyInput, index: Value, place: Place | None) -> Value:
    """``body[index]``"""
    if value.raw:
        return value
    key = _key_text(index)
    own = value.parts.own.get(key)
    if own is not None and set(own[1]).issubset(interpreter.conditions):
        return own[0]
    relies_on_type(interpreter, value, place)
    return _noted(interpreter, value.part(key, place), place)


def taken_out(interpreter: Interpreter, value: BodyInput, index: Value, place: Place | None) -> BodyInput:
    """``body.pop(index)``: a way to change it, so that no read is noted."""
    if value.raw:
        return value
    part = value.part(_key_text(index), place)
    part.taken = True
    if interpreter.trace is not None:
        interpreter.trace.touched(interpreter, "taken", part, place)
    return part


def relies_on_type(interpreter: Interpreter, value: BodyInput, place: Place | None) -> None:
    """A part that was read by its key is taken for a dict or a text: anything else a client sends raises here."""
    named = value.parent is not None and value.key not in ("", _ITEM, PARSED)
    if named and not value.typed and value.origin.kind != "form" and interpreter.trace is not None:
        interpreter.trace.touched(interpreter, "relied", value, place)


def is_key(interpreter: Interpreter, index: Value, place: Place | None) -> None:
    """Something is looked up by it, or put under it: a dict or list that a client sends raises there."""
    for one in alternatives(index):
        if isinstance(one, BodyInput):
            relies_on_type(interpreter, one, place)


def _key_text(index: Value) -> str:
    return str(index.value) if isinstance(index, Constant) and index.value is not None else _ITEM


def assigned(interpreter: Interpreter, target: ir.Expression, value: Value, frame: Frame) -> None:
    """A body, or what holds one, gets a name, or is kept in an object that is not the request itself."""
    trace = interpreter.trace
    if trace is None:
        return
    if isinstance(target, ir.Name):
        _name(interpreter, value, target.id, frame.function, trace.home)
    elif isinstance(target, (ir.Attribute, ir.Subscript)):
        owner = interpreter.evaluate(target.value, frame)
        found = list(bodies_in(interpreter.vocabulary, value))
        if found and not _is_of_request(owner):
            for body in found:
                kind = _keeps(interpreter.vocabulary, owner, body)
                if kind == "kept" and _is_own(interpreter, target.value, frame):
                    kind = "collected"
                trace.touched(interpreter, kind, body, frame.place(target))


def _keeps(vocabulary: Vocabulary, owner: Value, body: BodyInput) -> str:
    """What it means that ``owner`` gets a body: it is kept, or put back where it was, or held for as long as it is
    worked on, by an object that is made for that. What an exception holds is answered.
    """
    owners = list(alternatives(owner))
    if body.parent is not None and any(isinstance(o, BodyInput) and o.origin is body.origin for o in owners):
        return "put back"
    kinds = [o.cls for o in owners if isinstance(o, Instance) and o.in_run and isinstance(o.cls, Class)]
    if len(kinds) == len(owners):
        bases = {
            base for kind in kinds for n in vocabulary.externals(kind) for base in vocabulary.hierarchy(n)
        }
        if "builtins.BaseException" in bases:
            return "put back"
        if all(base.partition(".")[0] in ("builtins", "abc", "typing") for base in bases):
            return "held"
    return "kept"


def _is_own(interpreter: Interpreter, owner: ir.Expression, frame: Frame) -> bool:
    """A dict or list that the function has made itself (``entry = {}``): what becomes of it is seen where it goes."""
    function = frame.function
    if not isinstance(owner, ir.Name) or function is None or not isinstance(function.node, ir.FunctionDef):
        return False
    if any(parameter.name == owner.id for parameter in function.node.parameters):
        return False
    block = interpreter.modules.body(function.module.path, function.node)
    made = [value for name, value in _bindings(block) if name == owner.id]
    return bool(made) and all(isinstance(value, (ir.DictDisplay, ir.ListDisplay)) for value in made)


def _bindings(block: Iterable[ir.Node]) -> Iterator[tuple[str, ir.Expression | None]]:
    """The names that a block binds, and what to; ``None`` if that is more than an expression to look at."""
    for one in expressions_in(list(block), into_functions=False):
        match one:
            case (
                ir.Assign(targets=[ir.Name(id=name)], value=value)
                | ir.AnnotatedAssign(target=ir.Name(id=name), value=value)
            ):
                yield name, value
            case ir.Assign(targets=targets):
                yield from ((name, None) for target in targets for name in names_bound_by(target))
            case ir.For(target=target) | ir.NamedExpression(target=target):
                yield from ((name, None) for name in names_bound_by(target))
            case ir.With(items=items):
                yield from ((name, None) for item in items for name in names_bound_by(item.target))
            case ir.Global(names=names) | ir.Nonlocal(names=names):
                yield from ((name, None) for name in names)


def written(interpreter: Interpreter, owner: Value, index: Value, value: Value, place: Place | None) -> None:
    """``data["user"] = value``: what stands there from now on is this backend's own."""
    for one in alternatives(owner):
        if isinstance(one, BodyInput):
            if interpreter.trace is not None and one.parent is not None:
                interpreter.trace.touched(interpreter, "written", one, place)
            relies_on_type(interpreter, one, place)
            key = _key_text(index)
            if key != _ITEM:
                one.parts.own[key] = (value, interpreter.conditions)


def refused(tested: Value, depth: int = 0) -> None:
    """A condition raises unless it likes what it looks at."""
    for one in alternatives(tested):
        if isinstance(one, BodyInput):
            one.refused = True
        elif isinstance(one, Tested) and depth < MAX_DEPTH:
            for source in one.sources:
                refused(source, depth + 1)


def _name(interpreter: Interpreter, value: Value, text: str, function: Function | None, home: str) -> None:
    """The first name in the function that the run is about is what a body is called."""
    if not isinstance(value, (BodyInput, Alternatives, Mapping)):
        return
    for body in bodies_in(interpreter.vocabulary, value, MAX_DEPTH - 1):
        whole = body.parent is None or (body.parent.parent is None and body.parent.raw)
        if whole and body.origin.kind != "parameter" and not body.origin.named:
            body.origin.name = text
            body.origin.named = function is not None and function.full_name == home


def stands_in(before: list[Value], value: Value) -> None:
    """``query or body.get("kind")``: a part of a body is used where another part of the request says nothing."""
    given = (one for each in before for one in alternatives(each))
    if any(
        isinstance(one, Input) and one.kind in _OF_REQUEST and not isinstance(one, BodyInput) for one in given
    ):
        for part in alternatives(value):
            if isinstance(part, BodyInput) and part.parent is not None:
                part.spare = True


def _is_of_request(owner: Value) -> bool:
    """The request, its state or its scope: what is kept there is gone with the answer."""
    for one in alternatives(owner):
        kind = one.cls if isinstance(one, Instance) else one
        if _is_scope(one) or (
            isinstance(kind, External)
            and kind.name.startswith(("starlette.requests.", "backend_gate.request"))
        ):
            return True
    return False


def _is_scope(value: Value) -> bool:
    """The scope of the request, or a copy: ``dict(request.scope)``."""
    if isinstance(value, WatchedMapping):
        return True
    return isinstance(value, Mapping) and any(
        isinstance(held, Instance)
        and isinstance(held.cls, External)
        and held.cls.name.startswith("backend_gate.request_")
        for _, held in value.entries.values()
    )


def lost(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> None:
    """A call into the project was not followed to its end: what it does with a body is not known."""
    if interpreter.trace is not None:
        for value in [*arguments.rest, *arguments.all()]:
            # the request itself may be read anywhere, whether somebody has put the body into it before or not
            held = (
                value.attributes.values() if isinstance(value, Instance) and not _is_of_request(value) else ()
            )
            for one in [value, *held]:
                for found in bodies_in(interpreter.vocabulary, one):
                    interpreter.trace.touched(interpreter, "lost", found, place)


def bodies_in(vocabulary: Vocabulary, value: Value, depth: int = 0) -> Iterator[BodyInput]:
    """The bodies, and parts of bodies, that are in a value as they came: in a container, a text, a copy."""
    if isinstance(value, BodyInput):
        yield value
    if depth > MAX_DEPTH:
        return
    inner: list[Value] = []
    match value:
        case Alternatives(values=values):
            inner = list(values)
        case TextValue(parts=parts):
            inner = [part for part in parts if isinstance(part, Value)]
        case Sequence(items=items):
            inner = items[:MAX_ITEMS]
        case Mapping() if not _is_scope(value):  # who is given the scope could have had the body anyway
            inner = [v for _, v in list(value.entries.values())[:MAX_ITEMS]] + list(value.rest)
        case Instance(cls=External() as cls) if _serialises(vocabulary, cls.name):
            inner = [*value.arguments, *value.keywords.values()]
            if cls.owner is not None:
                inner.append(cls.owner)
    for one in inner:
        yield from bodies_in(vocabulary, one, depth + 1)


def _serialises(vocabulary: Vocabulary, name: str) -> bool:
    """The result of a library's function, or of a method of it, is its argument in another form."""
    names = vocabulary.names("body_serialisers")
    return name in names or name.rpartition(".")[0] in names


def _noted(interpreter: Interpreter, part: BodyInput, place: Place | None) -> BodyInput:
    if interpreter.trace is not None:
        interpreter.trace.touched(interpreter, "part", part, place)
    return part


def _method(name: str, run: _Run) -> Native:
    return Native(f"{name} of a body", lambda interpreter, arguments, place: run(arguments, place))


def _key(arguments: Arguments) -> Value:
    return arguments.positional[0] if arguments.positional else Unknown("a key")


def _tested(value: BodyInput) -> Value:
    value.tested = True
    return Unknown("a test of a body")


def _taken(
    interpreter: Interpreter, value: BodyInput, arguments: Arguments, place: Place | None, is_pop: bool
) -> Value:
    """Often a way to change a body: no read is noted, and what is taken out counts where it is used."""
    key = _key_text(_key(arguments))
    own = value.parts.own.get(key)
    if own is not None and set(own[1]).issubset(interpreter.conditions):
        if is_pop:
            del value.parts.own[key]
        return own[0]
    part = taken_out(interpreter, value, _key(arguments), place)
    part.taken = is_pop
    if is_pop:
        value.parts.gone.add(key)
    return part


def _contents(interpreter: Interpreter, value: BodyInput, name: str, place: Place | None) -> Value:
    key: Value = Input("request", "a key of the request's body", place)
    if name == "keys":
        value.tested = True
        return Sequence("list", [key], open=True, sample=True)
    part = _noted(interpreter, value.each(place), place)
    entry = part if name == "values" else Sequence("tuple", [key, part])
    return Sequence("list", [entry], open=True, sample=True)


# --- reading the request -------------------------------------------------------------------------


def _read(kind: str) -> None:
    """Register reading the body of a request object as an effect."""

    def run(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
        """``await request.json()`` and its like."""
        trace = interpreter.trace
        if trace is None or trace.absent or place is None:
            return Input("request", "the request's body", place)
        callers = [caller for _, caller in trace.stack]
        start = callers.index(trace.home) if trace.home in callers else 0
        places = tuple(where for where, _ in trace.stack[start:]) or (place,)
        called = "request.body()" if kind == "bytes" else f"request.{kind}()"
        origin = BodyOrigin(kind, called, places[0], places, trace.home)
        read = BodyInput(origin, place=place, raw=kind == "bytes")
        trace.touched(interpreter, "read", read, place)
        return read

    effect(f"request.read_{kind}")(run)


for _kind in ("json", "form", "bytes"):
    _read(_kind)


def parsed(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> BodyInput | None:
    """The content of a body that is among the arguments as bytes or text; ``None`` if none is."""
    for value in arguments.all():
        for found in bodies_in(interpreter.vocabulary, value):
            content = BodyInput(found.origin, found, "" if found.raw else PARSED, place)
            return _noted(interpreter, content, place)
    return None


@effect("body.parse")
def _parse(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``json.loads(text)``"""
    from backend_gate.backend.calls import interpreter_external_call

    name = owner.name if isinstance(owner, External) else "json.loads"
    return parsed(interpreter, arguments, place) or interpreter_external_call(
        interpreter, name, None, arguments, place
    )


def accepts_anything(interpreter: Interpreter, validator: Value | None) -> bool:
    """``TypeAdapter(dict[str, object])``, or a model of which every field may be anything, checks nothing."""
    from backend_gate.backend.bodies import is_unchecking, shape_of

    if isinstance(validator, Class):
        return is_unchecking(interpreter, validator)
    return (
        isinstance(validator, Instance)
        and isinstance(validator.cls, External)
        and validator.cls.name == TYPE_ADAPTER
        and bool(validator.arguments)
        and shape_of(interpreter, validator.arguments[0]).startswith("open-")
    )


def _validate(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``TypeAdapter(type).validate_python(data)``"""
    from backend_gate.backend.calls import interpreter_external_call

    if accepts_anything(interpreter, owner):
        for found in bodies_in(interpreter.vocabulary, arguments.get(0, None) or NONE):
            content = parsed(interpreter, arguments, place) if found.raw else None
            return content or found
    return interpreter_external_call(interpreter, f"{TYPE_ADAPTER}.validate_python", owner, arguments, place)


effect("adapter.validate")(_validate)
