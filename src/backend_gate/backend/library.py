"""The builtins and the parts of the standard library that wiring code uses, over abstract values.

Each function is registered under the qualified name it models. What is not here is an unknown library call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from backend_gate.backend import (
    attributes,
    containers,
    implementations,
    operations,
    project_files,
    signatures,
    texts,
)
from backend_gate.backend.arguments import Arguments
from backend_gate.backend.trace import USER_OF_REQUEST
from backend_gate.backend.values import (
    FALSE,
    NONE,
    TRUE,
    Absent,
    Alternatives,
    BoundMethod,
    Class,
    Constant,
    Derived,
    Descriptor,
    Empty,
    External,
    Function,
    Input,
    Instance,
    Mapping,
    Module,
    Native,
    Nothing,
    Partial,
    Sequence,
    Setting,
    Signature,
    SignatureParameter,
    TextValue,
    TypeApplication,
    Unknown,
    Value,
    alternatives,
    join,
    key_of,
    missing_credential,
)

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.model import Place

NativeCall = Callable[["Interpreter", Arguments, "Place | None"], Value]
MAX_RANGE = 2_000
NATIVES: dict[str, NativeCall] = {}


def native(*names: str) -> Callable[[NativeCall], NativeCall]:
    """Register the model of library functions."""

    def register(run: NativeCall) -> NativeCall:
        for name in names:
            NATIVES[name] = run
        return run

    return register


def _argument(arguments: Arguments, position: int, name: str | None = None) -> Value:
    found = arguments.get(position, name)
    return found if found is not None else Unknown("a missing argument")


def _text(value: Value) -> str | None:
    return value.value if isinstance(value, Constant) and isinstance(value.value, str) else None


# --- attributes --------------------------------------------------------------------------------


@native("builtins.getattr")
def _getattr(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    name = _text(_argument(arguments, 1))
    owner = _argument(arguments, 0)
    default = arguments.get(2, None)
    if name is None:
        return Unknown("an attribute with a computed name", place)
    found = interpreter.attribute(owner, name, place)
    if isinstance(found, Unknown) and default is not None:
        return default if _has_no(owner) else join([found, default])
    if default is not None and isinstance(owner, (Class, Function, Instance)) and _is_guess(found, owner):
        return default if _has_no(owner) else join([found, default])
    return found


def _has_no(owner: Value) -> bool:
    """What is not seen on this object is not there: it belongs to the project."""
    if isinstance(owner, Instance):
        owner = owner.cls
    if isinstance(owner, Class):
        return all(isinstance(base, Class) or _root(base) for base in owner.mro())
    return isinstance(owner, (Module, Function, BoundMethod))


def _root(value: Value) -> bool:
    return isinstance(value, External) and (
        value.name.startswith("builtins.") or value.name in ("abc.ABC", "typing.Generic", "typing.Protocol")
    )


def _is_guess(found: Value, owner: Value) -> bool:
    return isinstance(found, External) and (isinstance(owner, Class) or found.owner is owner)


@native("builtins.hasattr")
def _hasattr(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    name = _text(_argument(arguments, 1))
    owner = _argument(arguments, 0)
    if name is None:
        return Unknown("an attribute with a computed name", place)
    found = interpreter.attribute(owner, name, place)
    if not isinstance(found, Unknown) and not _is_guess(found, owner):
        return Constant(True)
    if isinstance(found, Absent):
        return Constant(False)  # nobody has put a caller there: this run has none
    return Constant(False) if _has_no(owner) else Unknown("whether an attribute exists", place)


@native("builtins.setattr")
def _setattr(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    name = _text(_argument(arguments, 1))
    if name is not None:
        attributes.put(interpreter, _argument(arguments, 0), name, _argument(arguments, 2))
    return NONE


@native("builtins.delattr")
def _delattr(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    name = _text(_argument(arguments, 1))
    if name is not None:
        attributes.delete(interpreter, _argument(arguments, 0), name)
    return NONE


@native("builtins.vars")
def _vars(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    return interpreter.attribute(_argument(arguments, 0), "__dict__", place)


@native("builtins.dir")
def _dir(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    return Sequence("list", [Constant(n) for n, _ in _members(interpreter, _argument(arguments, 0))])


def _members(interpreter: Interpreter, owner: Value) -> list[tuple[str, Value]]:
    found: dict[str, Value] = {}
    if isinstance(owner, Module):
        module = interpreter.modules.get(owner.name)
        if module is not None:
            interpreter.run_module(module)
            for name in list(module.scope.names):
                value = interpreter.module_attribute(module, name)
                if value is not None:
                    found[name] = value
    cls = owner.cls if isinstance(owner, Instance) else owner
    if isinstance(cls, Class):
        for base in reversed(cls.mro()):
            if isinstance(base, Class):
                for name, value in base.scope.names.items():
                    if name != "__qualname__":
                        found[name] = value
        if isinstance(owner, Instance):
            for name in list(found):
                found[name] = interpreter.attribute(owner, name)
            found.update(owner.attributes)
    return sorted(found.items())


@native("inspect.getmembers", "inspect.getmembers_static")
def _getmembers(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    predicate = arguments.get(1, "predicate")
    pairs: list[Value] = []
    for name, value in _members(interpreter, _argument(arguments, 0)):
        if predicate is not None:
            known, _ = operations.truth(interpreter.call(predicate, Arguments([value]), place))
            if known is False:
                continue
        pairs.append(Sequence("tuple", [Constant(name), value]))
    return Sequence("list", pairs)


def _predicate(*kinds: type[Value]) -> NativeCall:
    def run(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
        value = _argument(arguments, 0)
        if isinstance(value, (Unknown, Alternatives)):
            return Unknown("the kind of an object", place)
        return Constant(isinstance(value, kinds))

    return run


NATIVES["inspect.isfunction"] = _predicate(Function)
NATIVES["inspect.ismethod"] = _predicate(BoundMethod)
NATIVES["inspect.isroutine"] = _predicate(Function, BoundMethod)
NATIVES["inspect.isclass"] = _predicate(Class)
NATIVES["inspect.ismodule"] = _predicate(Module)


@native("inspect.iscoroutinefunction", "asyncio.iscoroutinefunction")
def _is_coroutine(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    value = _argument(arguments, 0)
    function = value.function if isinstance(value, BoundMethod) else value
    if isinstance(function, Function):
        return Constant(bool(getattr(function.node, "is_async", False)))
    return Unknown("whether a function is a coroutine function", place)


@native("builtins.callable")
def _callable(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    value = _argument(arguments, 0)
    if isinstance(value, (Function, BoundMethod, Class, Native, Partial)):
        return Constant(True)
    if isinstance(value, (Constant, Sequence, Mapping, TextValue, Module)):
        return Constant(False)
    return Unknown("whether an object is callable", place)


# --- types -------------------------------------------------------------------------------------


@native("builtins.isinstance")
def _isinstance(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    found = {
        is_instance(interpreter, one, _argument(arguments, 1))
        for one in alternatives(_argument(arguments, 0))
    }
    known = found.pop() if len(found) == 1 else None
    return Unknown("the type of an object", place) if known is None else Constant(known)


def is_instance(interpreter: Interpreter, value: Value, kinds: Value) -> bool | None:
    """``isinstance(value, kinds)``: ``None`` if it cannot be told."""
    wanted = kinds.items if isinstance(kinds, Sequence) else [kinds]
    if isinstance(kinds, TypeApplication):
        wanted = kinds.arguments
    results = [_is_one(interpreter, value, kind) for kind in wanted]
    if True in results:
        return True
    return None if None in results else False


_BUILTIN_TYPES: dict[str, tuple[str, ...]] = {
    "str": ("builtins.str",),
    "bool": ("builtins.bool", "builtins.int"),
    "int": ("builtins.int",),
    "float": ("builtins.float",),
    "bytes": ("builtins.bytes",),
    "NoneType": ("types.NoneType",),
}


def _is_one(interpreter: Interpreter, value: Value, kind: Value) -> bool | None:
    names: tuple[str, ...] | None = None
    match value:
        case Constant(value=known):
            names = _BUILTIN_TYPES.get(type(known).__name__, ())
        case TextValue():
            names = ("builtins.str",)
        case Sequence(kind=container):
            names = (f"builtins.{container}",)
        case Mapping():
            names = ("builtins.dict",)
        case Function() | BoundMethod():
            names = ("types.FunctionType", "types.MethodType", "typing.Callable", "collections.abc.Callable")
        case Class():
            names = ("builtins.type",)
        case Instance(cls=External(name="backend_gate.request_user")):
            # Nobody is signed in where credentials are absent: the user is of no class of the project.
            if interpreter.trace is None or not interpreter.trace.absent:
                return None
            interpreter.trace.credentials.append((value.place, USER_OF_REQUEST))
            return False
        case Instance(cls=cls):
            return is_subclass(interpreter, cls, kind)
    if names is None:
        return None
    if isinstance(kind, External):
        if kind.name in names:
            return True
        return None if kind.name.startswith(("collections.abc.", "typing.")) else False
    return False if isinstance(kind, Class) else None


def is_subclass(interpreter: Interpreter, cls: Value, kind: Value) -> bool | None:
    """``issubclass(cls, kind)``: ``None`` if a library class hides the answer."""
    if isinstance(kind, TypeApplication):
        return is_subclass(interpreter, cls, kind.base)
    order = cls.mro() if isinstance(cls, Class) else [cls]
    if any(base is kind for base in order):
        return True
    hidden = False
    for base in order:
        if isinstance(base, External):
            if isinstance(kind, External):
                known = interpreter.vocabulary.is_subclass(base.name, kind.name)
                if known:
                    return True
                hidden = hidden or known is None
        elif not isinstance(base, Class):
            hidden = True
    if isinstance(kind, Class):
        return None if hidden else False
    return None if hidden or not isinstance(kind, External) else False


@native("builtins.issubclass")
def _issubclass(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    kinds = _argument(arguments, 1)
    wanted = kinds.items if isinstance(kinds, Sequence) else [kinds]
    results = [is_subclass(interpreter, _argument(arguments, 0), kind) for kind in wanted]
    if True in results:
        return Constant(True)
    return Unknown("the bases of a class", place) if None in results else Constant(False)


@native("builtins.type")
def _type(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    if len(arguments.positional) == 3:
        return signatures.make_class(interpreter, arguments, place)
    value = _argument(arguments, 0)
    if isinstance(value, Instance):
        return value.cls
    if isinstance(value, Constant):
        return External(f"builtins.{type(value.value).__name__}")
    return Unknown("the type of an object", place)


NATIVES["types.new_class"] = lambda interpreter, arguments, place: Unknown("a class made at run time", place)


@native("builtins.property", "functools.cached_property", "abc.abstractproperty")
def _property(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    return Descriptor("property", _argument(arguments, 0, "fget"))


@native("builtins.classmethod")
def _classmethod(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    return Descriptor("classmethod", _argument(arguments, 0))


@native("builtins.staticmethod")
def _staticmethod(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    return Descriptor("staticmethod", _argument(arguments, 0))


# --- containers --------------------------------------------------------------------------------


def _items(interpreter: Interpreter, value: Value) -> tuple[list[Value], bool]:
    """The items that iterating gives; of something unknown one, where it matters where values come from."""
    items, is_open = operations.items_of(value)
    if is_open and not items and interpreter.follows_values:
        items = [texts.element_of(value, "an item of something unknown")]
    return items, is_open


def _number(interpreter: Interpreter, reason: str, place: Place | None) -> Value:
    """A number that is not known: whatever it is, nobody can write text with it."""
    return Input("coerced", reason, place) if interpreter.follows_values else Unknown(reason, place)


def _convert(kind: str) -> NativeCall:
    def run(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
        if not arguments.positional:
            return Sequence(kind)
        given = arguments.positional[0]
        missing = missing_credential(given)
        if missing is not None:
            return missing  # nothing is in it
        items, is_open = _items(interpreter, given)
        if is_open and not items and interpreter.trace is not None and interpreter.trace.absent:
            return Derived(f"a {kind} of what is not known", (given,), place)
        sample = operations.is_sample(given) or (bool(items) and not operations.items_of(given)[0])
        made = Sequence(kind, items, open=is_open, sample=sample)
        made.rejected = isinstance(given, Sequence) and given.rejected
        return made

    return run


for _kind in ("list", "tuple", "set"):
    NATIVES[f"builtins.{_kind}"] = _convert(_kind)
NATIVES["builtins.frozenset"] = _convert("set")
NATIVES["collections.deque"] = _convert("list")
NATIVES["builtins.iter"] = _convert("generator")


@native("builtins.sorted")
def _sorted(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    made = _convert("list")(interpreter, arguments, place)
    if not isinstance(made, Sequence) or made.open or made.sample or set(arguments.keywords) - {"reverse"}:
        return made
    backwards = arguments.keywords.get("reverse", FALSE)
    keys = [_sort_key(item) for item in made.items]
    if not isinstance(backwards, Constant) or None in keys:
        return made
    try:
        order = sorted(range(len(keys)), key=lambda number: keys[number], reverse=bool(backwards.value))
    except TypeError:
        return made  # numbers among texts: the project would fail here
    made.items = [made.items[number] for number in order]
    return made


def _sort_key(value: Value) -> Any:
    """What Python sorts the value by; ``None`` if that is not known."""
    if isinstance(value, Constant) and value.setting is None:
        return value.value
    if isinstance(value, Sequence) and value.kind == "tuple" and not value.open and not value.sample:
        keys = tuple(_sort_key(item) for item in value.items)
        return None if None in keys else keys
    return None


@native("builtins.reversed")
def _reversed(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    items, is_open = _items(interpreter, _argument(arguments, 0))
    return Sequence("list", items[::-1], open=is_open)


@native("builtins.dict", "collections.OrderedDict")
def _dict(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    result = Mapping(open=arguments.open)
    first = arguments.positional[0] if len(arguments.positional) == 1 else None
    missing = missing_credential(first)
    if missing is not None and not arguments.keywords:
        return missing
    if isinstance(first, Instance) and isinstance(first.cls, External):
        return first  # a copy of headers or of a library's mapping reads like the original
    for argument in arguments.positional:
        operations.merge(result, argument)
    for name, value in arguments.keywords.items():
        result.set(Constant(name), value)
    return result


@native("collections.defaultdict")
def _defaultdict(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    factory = arguments.get(0, "default_factory")
    if interpreter.trace is not None or factory is None:
        return Mapping(open=True)
    made = Mapping(open=not interpreter.active)  # a module's may have got anything until a request reads it
    made.factory = factory
    for argument in arguments.positional[1:]:
        operations.merge(made, argument)
    return made


@native("builtins.enumerate")
def _enumerate(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    items, is_open = _items(interpreter, _argument(arguments, 0))
    start = arguments.get(1, "start")
    first = start.value if isinstance(start, Constant) and isinstance(start.value, int) else None
    pairs = []
    for n, item in enumerate(items, first or 0):
        certain = not interpreter.follows_values or (not is_open and (start is None or first is not None))
        number: Value = Constant(n) if certain else Input("coerced", "a position", place)
        pairs.append(Sequence("tuple", [number, item]))
    return Sequence("list", pairs, open=is_open)


@native("builtins.zip")
def _zip(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    columns = [_items(interpreter, a) for a in arguments.positional]
    rows = [Sequence("tuple", row) for row in zip(*(items for items, _ in columns), strict=False)]
    return Sequence("list", rows, open=any(is_open for _, is_open in columns))


@native("itertools.chain")
def _chain(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    parts = [operations.items_of(a) for a in arguments.positional]
    return Sequence("list", [i for items, _ in parts for i in items], open=any(o for _, o in parts))


@native("itertools.chain.from_iterable")
def _chain_from(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    outer, is_open = operations.items_of(_argument(arguments, 0))
    parts = [operations.items_of(a) for a in outer]
    return Sequence(
        "list", [i for items, _ in parts for i in items], open=is_open or any(o for _, o in parts)
    )


@native("builtins.range")
def _range(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    bounds = [a.value for a in arguments.positional if isinstance(a, Constant) and isinstance(a.value, int)]
    if len(bounds) != len(arguments.positional) or not bounds or (len(bounds) == 3 and bounds[2] == 0):
        some = [_number(interpreter, "a number of a range", place)] if interpreter.follows_values else []
        return Sequence("list", some, open=True)
    numbers = range(*bounds)
    return Sequence("list", [Constant(n) for n in numbers[:MAX_RANGE]], open=len(numbers) > MAX_RANGE)


@native("builtins.id")
def _id(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    """A number that is the same for the same object, and is only ever compared."""
    value = _argument(arguments, 0)
    return (
        Unknown("an identity", place) if isinstance(value, (Unknown, Alternatives)) else Constant(id(value))
    )


@native("builtins.len")
def _len(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    value = _argument(arguments, 0)
    if isinstance(value, Constant) and isinstance(value.value, (str, bytes)):
        return Constant(len(value.value), value.setting)
    if isinstance(value, Absent) and not isinstance(value, Nothing):
        return Constant(0)  # rows that were not found, or an empty text
    if isinstance(value, Sequence) and not value.open and not value.sample:
        if value.kind == "set" and None in (keys := [key_of(i) for i in value.items]):
            return Unknown("the size of a set", place)
        return Constant(len(set(keys)) if value.kind == "set" else len(value.items))
    if isinstance(value, Mapping) and not value.open:
        return Constant(len(value.entries))
    return _number(interpreter, "a length", place)


@native("builtins.next")
def _next(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    items, is_open = operations.items_of(_argument(arguments, 0))
    default = arguments.get(1, None)
    if items and not is_open and operations.is_sample(_argument(arguments, 0)) and default is not None:
        return join([items[0], default])
    if items:
        return items[0] if not is_open else join([items[0], Unknown("the next item")])
    trace = interpreter.trace
    if default is None and not is_open and trace is not None and trace.absent and place is not None:
        trace.fails(interpreter, "builtins.StopIteration", place)
    return default if default is not None and not is_open else Unknown("the next item", place)


@native("builtins.any")
def _any(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    items, is_open = operations.items_of(_argument(arguments, 0))
    truths = [operations.truth(i)[0] for i in items]
    if True in truths:
        return Constant(True)
    is_open = is_open and not (items and operations.is_sample(_argument(arguments, 0)))
    if is_open or None in truths:
        return operations.boolean(
            None, operations.setting_of(*items), "whether any item is true", tuple(items)
        )
    return Constant(False)


@native("builtins.all")
def _all(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    items, is_open = operations.items_of(_argument(arguments, 0))
    truths = [operations.truth(i)[0] for i in items]
    if False in truths:
        return Constant(False)
    return Unknown("whether all items are true", place) if is_open or None in truths else Constant(True)


@native("builtins.map")
def _map(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    function = _argument(arguments, 0)
    items, is_open = _items(interpreter, _argument(arguments, 1))
    return Sequence("list", [interpreter.call(function, Arguments([i]), place) for i in items], open=is_open)


@native("builtins.filter")
def _filter(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    function = _argument(arguments, 0)
    items, is_open = _items(interpreter, _argument(arguments, 1))
    tests = [i if function is NONE else interpreter.call(function, Arguments([i]), place) for i in items]
    verdicts = [operations.truth(test)[0] for test in tests]
    kept = [item for item, known in zip(items, verdicts, strict=True) if known is not False]
    sample = interpreter.follows_values and None in verdicts
    return Sequence("list", kept, open=is_open or sample, sample=sample)


@native("builtins.str")
def _str(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    if not arguments.positional:
        return Constant("")
    value = _argument(arguments, 0)
    if (
        isinstance(value, Instance)
        and isinstance(value.cls, External)
        and value.cls.name == "backend_gate.request_url"
    ):
        path = value.attributes.get("path", Unknown("the request's path", place))
        return texts.concat([Unknown("where the server is", place), path])
    return texts.concat([value])


@native("builtins.int", "builtins.float")
def _int(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    value = _argument(arguments, 0)
    missing = missing_credential(value)
    if missing is not None:
        return _number_of_missing(interpreter, value, missing, place)
    if isinstance(value, Constant) and isinstance(value.value, (str, int, float)):
        try:
            return Constant(int(value.value), value.setting)
        except (ValueError, OverflowError):
            return Unknown("a number", place)
    return _number(interpreter, "a number", place)


def _number_of_missing(interpreter: Interpreter, value: Value, missing: Absent, place: Place | None) -> Value:
    """``int(request.session.get("id"))`` raises without a session; with a default it is as absent as before."""
    kind = "TypeError" if isinstance(value, Nothing) else "ValueError" if isinstance(value, Empty) else ""
    if kind and interpreter.trace is not None and place is not None:
        interpreter.trace.fails(interpreter, f"builtins.{kind}", place)
    return missing


@native("builtins.bool")
def _bool(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    value = _argument(arguments, 0)
    return operations.boolean(operations.truth(value)[0], operations.setting_of(value), "a truth value")


@native("builtins.print", "warnings.warn", "warnings.filterwarnings", "builtins.breakpoint")
def _nothing(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    return NONE


# --- functools, typing, inspect ------------------------------------------------------------------


@native("functools.partial", "functools.partialmethod")
def _partial(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    return Partial(_argument(arguments, 0), arguments.positional[1:], arguments.keywords)


@native("functools.wraps")
def _wraps(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    wrapped = _argument(arguments, 0, "wrapped")
    return Native("functools.wraps()", lambda i, a, p: _copy_name(_argument(a, 0), wrapped))


@native("functools.update_wrapper")
def _update_wrapper(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    return _copy_name(_argument(arguments, 0, "wrapper"), _argument(arguments, 1, "wrapped"))


def _copy_name(wrapper: Value, wrapped: Value) -> Value:
    if isinstance(wrapper, Function):
        wrapper.attributes["__wrapped__"] = wrapped
    return wrapper


@native(
    "functools.lru_cache",
    "functools.cache",
    "contextlib.contextmanager",
    "contextlib.asynccontextmanager",
    "typing.overload",
    "typing.final",
    "typing.no_type_check",
    "typing.runtime_checkable",
    "functools.total_ordering",
    "enum.unique",
)
def _keeps(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    if arguments.positional and isinstance(
        arguments.positional[0], (Function, Class, Descriptor, BoundMethod)
    ):
        return arguments.positional[0]
    return Native("a decorator that keeps", lambda i, a, p: _argument(a, 0))


@native("abc.abstractmethod")
def _abstract(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    declared = _argument(arguments, 0)
    implementations.mark(declared)
    return declared


@native("inspect.isabstract")
def _is_abstract(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    cls = _argument(arguments, 0)
    if isinstance(cls, Class) and all(isinstance(base, Class) or _root(base) for base in cls.mro()):
        return Constant(implementations.is_abstract(cls))
    if isinstance(cls, Class) and implementations.is_abstract(cls):
        return TRUE
    return Unknown("whether a class is abstract", place)


@native("types.MappingProxyType")
def _view(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    return _argument(arguments, 0)


@native("typing.cast")
def _cast(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    return _argument(arguments, 1)


@native("typing.get_type_hints", "inspect.get_annotations")
def _get_type_hints(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    owner = _argument(arguments, 0)
    if isinstance(owner, Class):
        found: dict[str, Value] = {}
        for base in reversed(owner.mro()):
            if isinstance(base, Class):
                for name, node in base.scope.annotations.items():
                    found[name] = attributes.annotation_value(interpreter, node, base)
        return Mapping((Constant(k), v) for k, v in found.items())
    signature = signatures.signature_of(interpreter, owner)
    if signature is None:
        return Mapping(open=True)
    hints = Mapping(
        (Constant(p.name), p.annotation) for p in signature.parameters if p.annotation is not None
    )
    if signature.returns is not None:
        hints.set(Constant("return"), signature.returns)
    return hints


@native("typing.get_origin")
def _get_origin(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    value = _argument(arguments, 0)
    if isinstance(value, TypeApplication):
        return value.base
    return NONE if isinstance(value, (Class, External, Constant)) else Unknown("the origin of a type", place)


@native("typing.get_args")
def _get_args(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    value = _argument(arguments, 0)
    if isinstance(value, TypeApplication):
        return Sequence("tuple", value.arguments)
    return Sequence("tuple", open=not isinstance(value, (Class, External)))


@native("inspect.signature")
def _signature(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    found = signatures.signature_of(interpreter, _argument(arguments, 0, "obj"))
    return found if found is not None else Unknown("the signature of an unknown callable", place)


@native("inspect.Signature")
def _make_signature(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    items, _ = operations.items_of(arguments.get(0, "parameters") or Sequence("list"))
    parameters = [i for i in items if isinstance(i, SignatureParameter)]
    return Signature(parameters, arguments.get(None, "return_annotation"))


@native("inspect.Parameter")
def _make_parameter(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    name = _text(_argument(arguments, 0, "name"))
    kind = attributes.kind_of(_argument(arguments, 1, "kind"))
    default = arguments.get(None, "default")
    annotation = arguments.get(None, "annotation")
    return SignatureParameter(
        name or "?",
        kind,
        None if _is_empty(annotation) else annotation,
        None if _is_empty(default) else default,
        place,
    )


def _is_empty(value: Value | None) -> bool:
    return value is None or (isinstance(value, External) and value.name.endswith("Parameter.empty"))


@native("inspect.unwrap")
def _unwrap(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    value = _argument(arguments, 0)
    for _ in range(10):
        wrapped = value.attributes.get("__wrapped__") if isinstance(value, Function) else None
        if wrapped is None:
            break
        value = wrapped
    return value


@native("types.FunctionType")
def _function_of_code(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    """``FunctionType(f.__code__, f.__globals__)`` does what ``f`` does, and is another object."""
    code = _argument(arguments, 0, "code")
    if not isinstance(code, Function):
        return Unknown("a function made of code", place)
    made = Function(code.node, code.module, code.scope, code.qualname, code.cls)
    made.defaults, made.decorators = dict(code.defaults), list(code.decorators)
    return made


@native("copy.copy", "copy.deepcopy")
def _copy(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    value = _argument(arguments, 0)
    match value:
        case Sequence():
            return Sequence(value.kind, value.items, open=value.open)
        case Mapping():
            return Mapping(value.entries.values(), open=value.open)
        case Instance():
            made = Instance(value.cls, value.place, value.arguments, value.keywords, value.conditions)
            made.attributes = {
                k: Sequence(v.kind, v.items, open=v.open) if isinstance(v, Sequence) else v
                for k, v in value.attributes.items()
            }
            return made
        case Function():
            made_function = Function(value.node, value.module, value.scope, value.qualname, value.cls)
            made_function.defaults = dict(value.defaults)
            made_function.attributes = dict(value.attributes)
            return made_function
    return value


# --- imports and environment ----------------------------------------------------------------------


@native("importlib.import_module", "builtins.__import__")
def _import_module(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    name = _text(_argument(arguments, 0, "name"))
    if name is None:
        return Unknown("a module imported under a computed name", place)
    package = _text(arguments.get(1, "package") or NONE)
    if name.startswith(".") and package:
        level = len(name) - len(name.lstrip("."))
        base = package.split(".")
        name = ".".join([*base[: len(base) - level + 1], name.lstrip(".")]).strip(".")
    if not interpreter.modules.has(name):
        name = interpreter.files.importable(name) or name
    if interpreter.modules.has(name):
        interpreter.import_module(name)
        return Module(name)
    return interpreter.external(name)


@native(
    "importlib.metadata.entry_points", "importlib_metadata.entry_points", "pkg_resources.iter_entry_points"
)
def _entry_points(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    """The entry points that the project itself declares; others may be installed, which nobody can see here."""
    every = Sequence("list", [_entry(point, place) for point in interpreter.entry_points])
    return containers.selected(every, arguments, place)


def _entry(point: tuple[str, str, str], place: Place | None) -> Instance:
    group, name, target = point
    module, _, attribute = target.partition(":")
    entry = Instance(External("importlib.metadata.EntryPoint"), place)
    entry.attributes = {
        "name": Constant(name),
        "value": Constant(target),
        "group": Constant(group),
        "module": Constant(module.strip()),
        "attr": Constant(attribute.strip()),
        "load": Native("EntryPoint.load", _loader(target)),
    }
    return entry


def _loader(target: str) -> NativeCall:
    module, _, attribute = target.partition(":")

    def load(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
        interpreter.import_module(module)
        value: Value = Module(module) if interpreter.modules.has(module) else interpreter.external(module)
        for name in attribute.split("."):
            value = interpreter.attribute(value, name, place) if name else value
        return value

    return load


@native("pkgutil.iter_modules", "pkgutil.walk_packages")
def _iter_modules(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    prefix = _text(arguments.get(1, "prefix") or Constant("")) or ""
    paths, is_open = operations.items_of(arguments.get(0, "path") or Unknown("no path"))
    places = [text for text in map(project_files.path_of, paths) if text is not None]
    packages = [text for text in places if interpreter.modules.submodules(text)]
    found: list[Value] = [
        Sequence("tuple", [NONE, Constant(prefix + name), Constant(is_package)])
        for text in places
        if text not in packages and (folder := interpreter.files.folder(text)) is not None
        for name, is_package in interpreter.files.modules_in(folder)
    ]
    for package in packages:
        found += [
            Sequence(
                "tuple",
                [
                    NONE,
                    Constant(prefix + name),
                    Constant(bool(interpreter.modules.submodules(f"{package}.{name}"))),
                ],
            )
            for name in interpreter.modules.submodules(package)
        ]
    return Sequence("list", found, open=is_open or not found)


@native("os.getenv", "os.environ.get", "environ.get")
def _getenv(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    name = _text(_argument(arguments, 0, "key")) or "an environment variable"
    default = arguments.get(1, "default") or NONE
    if isinstance(default, Constant):
        return Constant(default.value, name)
    return Setting(name, place)


@native("os.environ[]")
def _environ_item(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    return Setting(_text(_argument(arguments, 0)) or "an environment variable", place)


@native("os.path.join", "posixpath.join")
def _path_join(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    texts = [_text(a) for a in arguments.positional]
    if None in texts:
        return Derived("a file path", tuple(arguments.positional), place)
    return Constant("/".join(t for t in texts if t))


@native("os.path.exists", "os.path.isdir", "os.path.isfile", "os.path.lexists")
def _path_exists(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    path = _argument(arguments, 0, "path")
    setting = operations.setting_of(path)
    if setting is not None and operations.truth(path)[0] is False:
        return Constant(False, setting)  # a setting that names no file unless somebody sets it
    return Setting(setting) if setting is not None else Unknown("whether a file exists", place)


@native("builtins.eval", "builtins.exec", "builtins.compile")
def _eval(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    return Unknown("code in a text", place)


@native("builtins.super")
def _super(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    from backend_gate.backend.values import Super

    cls = _argument(arguments, 0)
    if isinstance(cls, Class):
        return Super(cls, _argument(arguments, 1))
    return Unknown("super() of an unknown class", place)


@native("typing.TypeVar", "typing.ParamSpec", "typing.NewType", "typing.ForwardRef")
def _type_variable(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    bound = arguments.get(None, "bound") or arguments.get(1, None)
    made = Instance(External("typing.TypeVar"), place, arguments.positional, arguments.keywords)
    if bound is not None:
        made.attributes["bound"] = bound
    return made
