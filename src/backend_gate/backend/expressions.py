"""How each form of expression is evaluated."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from backend_gate.backend import (
    body_flow,
    body_types,
    calls,
    coroutines,
    counters,
    decisions,
    guest_ways,
    narrowing,
    operations,
    rows_by_key,
    texts,
    wired,
)
from backend_gate.backend.arguments import Arguments
from backend_gate.backend.budget import OverBudgetError
from backend_gate.backend.checks import Branches
from backend_gate.backend.model import Condition, Place
from backend_gate.backend.trace import CallEvent, RaisedSignal, ReturnEvent, Trace
from backend_gate.backend.values import (
    ELLIPSIS,
    FALSE,
    NONE,
    TRUE,
    Absent,
    Alternatives,
    BodyInput,
    BoundMethod,
    Class,
    Constant,
    Empty,
    External,
    Function,
    HeaderName,
    Input,
    Instance,
    Mapping,
    Native,
    Nothing,
    Pieces,
    Scope,
    Sequence,
    Super,
    Suspended,
    TypeApplication,
    Unknown,
    Value,
    as_derived,
    join,
    missing_key,
)
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.frame import Frame
    from backend_gate.backend.interpreter import Interpreter

MAX_COMPREHENSION = 2_000


def evaluate(interpreter: Interpreter, node: ir.Expression, frame: Frame) -> Value:
    """The value of an expression in a frame.

    Raises:
        OverBudgetError: the innermost call has used its share of steps.
    """
    interpreter.steps += 1  # as Interpreter.step(), without a call: this is where time goes
    if interpreter.steps > interpreter.limit:
        raise OverBudgetError
    return _EVALUATORS[type(node)](interpreter, node, frame)


def _name(interpreter: Interpreter, node: ir.Name, frame: Frame) -> Value:
    found = interpreter.lookup(node.id, frame)
    if found is None:
        return Unknown(f"the name {node.id} is not bound here", frame.place(node))
    if found is NONE and interpreter.trace is not None:
        return _none_so_far(interpreter, interpreter.trace, node, frame)
    return found


def _none_so_far(interpreter: Interpreter, trace: Trace, node: ir.Name, frame: Frame) -> Value:
    """``None``, or what a function that runs at the start has put in its place by now.

    That matters to who may come in, and to where a body goes that has been read: ``if _run is None: raise`` is no
    end of it. The function that fills the name itself finds ``None`` there the first time.
    """
    if not (trace.absent or trace.touches) or node.id in frame.scope.names:
        return NONE
    if node.id not in interpreter.rebound_names(frame.module):
        return NONE
    if trace.absent:
        return Constant(None, node.id)
    if node.id in frame.scope.global_names:
        return NONE
    return join([NONE, Unknown(f"what is put into {node.id} at run time", frame.place(node))])


def _constant(interpreter: Interpreter, node: ir.Constant, frame: Frame) -> Value:
    if node.value is None:
        return NONE
    if node.value is True:
        return TRUE
    if node.value is False:
        return FALSE
    return Constant(node.value)


def _attribute(interpreter: Interpreter, node: ir.Attribute, frame: Frame) -> Value:
    owner = interpreter.evaluate(node.value, frame)
    if isinstance(owner, Nothing) and interpreter.trace is not None:
        interpreter.trace.fails(interpreter, "builtins.AttributeError", frame.place(node))
    return interpreter.attribute(owner, node.name, frame.place(node))


def _call(interpreter: Interpreter, node: ir.Call, frame: Frame) -> Value:
    callee = interpreter.evaluate(node.function, frame)
    if isinstance(callee, External) and callee.name == "builtins.super" and not node.arguments:
        return _super(frame)
    arguments = evaluate_arguments(interpreter, node.arguments, frame)
    if isinstance(callee, External) and callee.name in ("builtins.locals", "builtins.globals"):
        return Unknown("the names of a scope as a dict", frame.place(node))
    if interpreter.trace is not None:
        return _traced_call(interpreter, interpreter.trace, callee, arguments, node, frame)
    given = _for_texts(interpreter, callee, arguments, node, frame)
    return interpreter.call(callee, given, frame.place(node), node)


def _for_texts(
    interpreter: Interpreter, callee: Value, arguments: Arguments, node: ir.Call, frame: Frame
) -> Arguments:
    """What goes into a text takes its place along."""
    if not texts.wants_places(callee):
        return arguments
    if interpreter.trace is not None and interpreter.trace.checks.known:
        arguments = Arguments(
            [_checked(interpreter, value) for value in arguments.positional],
            {name: _checked(interpreter, value) for name, value in arguments.keywords.items()},
            open=arguments.open,
            rest=arguments.rest,
        )
    return texts.arguments_with_places(node, coroutines.consumed_arguments(arguments), frame)


def _traced_call(
    interpreter: Interpreter, trace: Trace, callee: Value, arguments: Arguments, node: ir.Call, frame: Frame
) -> Value:
    place = frame.place(node)
    caller = frame.function.full_name if frame.function is not None else frame.module.name
    event = CallEvent(
        callee,
        arguments,
        node,
        place,
        tuple(trace.stack),
        interpreter.conditions,
        caller,
        tuple(trace.tries),
    )
    event.number = trace.effects
    trace.calls.append(event)
    if trace.tries and not isinstance(callee, (Function, BoundMethod, Class)):
        for context in trace.tries:
            context.uncertain = True
    if _has_effect(interpreter, callee, arguments, node, frame):
        trace.effect()
    if _changes_part(callee, node):
        interpreter.summaries.changed()
    trace.stack.append((place, caller))
    try:
        given = _for_texts(interpreter, callee, arguments, node, frame)
        if trace.lazy and isinstance(node.function, ir.Attribute) and node.function.name == "replace":
            quoted = texts.escaped(callee, given, node, frame)
            if quoted is not None:
                return quoted
        result = interpreter.call(callee, given, place, node)
        if trace.lazy and isinstance(callee, (External, Native)):
            result = texts.made_at(result, node, frame)
        return _made(interpreter, result, node, frame) if isinstance(callee, Native) else result
    finally:
        trace.stack.pop()


_MUTATING = frozenset({"append", "add", "clear", "extend", "insert", "pop", "remove", "setdefault", "update"})
_FOR_WRITING = frozenset("wax+")
_WRITING = frozenset(
    [
        "add",
        "add_all",
        "apply_async",
        "bulk_save_objects",
        "commit",
        "create",
        "delay",
        "delete",
        "delete_object",
        "delete_one",
        "execute",
        "executemany",
        "insert",
        "insert_many",
        "insert_one",
        "merge",
        "publish",
        "put",
        "put_object",
        "rename",
        "replace_one",
        "rmdir",
        "save",
        "send",
        "send_message",
        "sendmail",
        "set",
        "update",
        "unlink",
        "update_one",
        "upload_file",
        "upload_fileobj",
        "upsert",
        "write",
        "write_bytes",
        "write_text",
    ]
)


def _is_shared(owner: ir.Expression, frame: Frame) -> bool:
    """The expression starts at a name of the module: what it holds outlives the call."""
    while isinstance(owner, (ir.Attribute, ir.Subscript)):
        owner = owner.value
    return isinstance(owner, ir.Name) and owner.id not in frame.scope.names


def _has_effect(
    interpreter: Interpreter, callee: Value, arguments: Arguments, node: ir.Call, frame: Frame
) -> bool:
    if isinstance(callee, External) and callee.owner is None:
        if callee.name in interpreter.vocabulary.names("opening"):
            mode = arguments.get(1, "mode")
            return isinstance(mode, Constant) and bool(_FOR_WRITING & set(str(mode.value)))
        if callee.name in interpreter.vocabulary.names("acting"):
            return True
    if not isinstance(node.function, ir.Attribute):
        return False
    name = node.function.name
    if isinstance(callee, Native):
        if name not in _MUTATING or not _is_shared(node.function.value, frame):
            return False
        # nothing is taken out for a credential that is not there
        return name not in ("pop", "remove") or not any(missing_key(one) for one in arguments.positional[:1])
    if not isinstance(callee, External) or callee.owner is None or name not in _WRITING:
        return False
    if callee.name.startswith("collections.") and getattr(callee.owner, "in_run", False):
        return False  # a container of this request
    trace = interpreter.trace
    if name == "execute" and trace is not None and rows_by_key.changes_nothing(interpreter, trace, arguments):
        return False
    return callee.name not in interpreter.vocabulary.names("transient")


def _changes_part(callee: Value, node: ir.Call) -> bool:
    """``self.items.append(x)``: what is changed may outlive the call."""
    if not isinstance(callee, Native) or not isinstance(node.function, ir.Attribute):
        return False
    return node.function.name in _MUTATING and not isinstance(node.function.value, ir.Name)


def _super(frame: Frame) -> Value:
    function = frame.function
    receiver = frame.receiver
    if function is not None and function.cls is not None and receiver is not None:
        return Super(function.cls, receiver)
    return Unknown("super() outside a method")


def evaluate_arguments(interpreter: Interpreter, arguments: list[ir.Argument], frame: Frame) -> Arguments:
    """Arguments of a call with ``*`` and ``**`` spread where they are known."""
    result = Arguments()
    for argument in arguments:
        value = interpreter.evaluate(argument.value, frame)
        if argument.star == "*":
            items, is_open = operations.items_of(coroutines.consumed(value))
            result.positional += items
            result.open = result.open or is_open
        elif argument.star == "**":
            spread(result, value)
        elif argument.name is not None:
            result.keywords[argument.name] = value
        else:
            result.positional.append(value)
    return result


def spread(arguments: Arguments, value: Value) -> None:
    """Add ``**value`` to arguments."""
    if isinstance(value, Alternatives):
        for one in value.values:
            spread(arguments, one)
    elif isinstance(value, Mapping):
        for key, item in value.entries.values():
            if isinstance(key, Constant) and isinstance(key.value, str):
                arguments.keywords[key.value] = item
        arguments.open = arguments.open or value.open
        arguments.rest += value.rest
    else:
        arguments.open = True
        if isinstance(value, BodyInput):
            arguments.rest.append(value)


def _subscript(interpreter: Interpreter, node: ir.Subscript, frame: Frame) -> Value:
    value = interpreter.evaluate(node.value, frame)
    if isinstance(node.index, ir.Slice):
        bounds = [
            interpreter.evaluate(bound, frame) if bound is not None else None
            for bound in (node.index.lower, node.index.upper, node.index.step)
        ]
        return operations.cut(value, *bounds)
    if isinstance(value, Class) and interpreter.vocabulary.is_enum(value):
        name = interpreter.evaluate(node.index, frame)
        if isinstance(name, Constant):
            return interpreter.attribute(value, str(name.value))
        return _member(interpreter, frame.place(node))
    if _is_generic(value):
        return TypeApplication(value, _type_arguments(interpreter, node.index, frame))
    index = interpreter.evaluate(node.index, frame)
    if isinstance(index, (BodyInput, Alternatives)):
        body_flow.is_key(interpreter, index, frame.place(node))
    if isinstance(value, BodyInput):
        return body_flow.item(interpreter, value, index, frame.place(node))
    if isinstance(value, Alternatives) and any(isinstance(one, BodyInput) for one in value.values):
        place = frame.place(node)
        return join(
            body_flow.item(interpreter, one, index, place)
            if isinstance(one, BodyInput)
            else operations.subscript(interpreter, one, index)
            for one in value.values
        )
    if isinstance(value, External):
        native = interpreter.natives.get(f"{value.name}[]")
        if native is not None:
            return native(interpreter, Arguments([index]), frame.place(node))
    if isinstance(value, Instance) and isinstance(value.cls, External):
        read = interpreter.vocabulary.method(value.cls.name, "__getitem__")
        if read is not None:
            return read(interpreter, value, Arguments([index]), frame.place(node))
    if isinstance(value, Instance) and isinstance(value.cls, Class):
        getter = interpreter.attribute(value, "__getitem__", frame.place(node))
        if not isinstance(getter, Unknown):
            return interpreter.call(getter, Arguments([index]), frame.place(node))
    if isinstance(value, Pieces) and interpreter.trace is not None and isinstance(index, Constant):
        if isinstance(index.value, int) and not -len(value.items) <= index.value < len(value.items):
            interpreter.trace.fails(interpreter, "builtins.IndexError", frame.place(node))
    if isinstance(value, Nothing) and interpreter.trace is not None:
        interpreter.trace.fails(interpreter, "builtins.TypeError", frame.place(node))
    trace = interpreter.trace
    if isinstance(value, Mapping) and trace is not None and trace.absent and trace.updated is not node:
        _must_have_key(interpreter, trace, value, index, frame.place(node))
    return operations.subscript(interpreter, value, index)


def _must_have_key(
    interpreter: Interpreter, trace: Trace, mapping: Mapping, index: Value, place: Place
) -> None:
    """``OWNERS[key]`` without a key raises; that is a denial if what is missing says who asks.

    One that may have an entry for it all the same, or makes one, as a ``defaultdict`` does, need not raise.

    Raises:
        RaisedSignal: the key is a credential, which is missing.
    """
    from backend_gate.backend.behaviour import says_who_asks

    missing = missing_key(index)
    if missing is None or mapping.open or operations.under_nothing(mapping):
        return
    error = Instance(External("builtins.KeyError"), place, in_run=True)
    if not says_who_asks(missing.reason.rpartition(" ")[2]):
        error.attributes[decisions.NOT_CREDENTIAL] = TRUE
    trace.raised(interpreter, error, place)
    raise RaisedSignal


def _member(interpreter: Interpreter, place: Place) -> Value:
    """``Color[name]``: whatever the name is, the code has written what comes out."""
    reason = "a member of an enumeration"
    return Input("allow-listed", reason, place) if interpreter.follows_values else Unknown(reason)


def _is_generic(value: Value) -> bool:
    if isinstance(value, External):
        return value.owner is None and not value.name.startswith(("os.environ", "sys."))
    return isinstance(value, (TypeApplication, Class))


def _type_arguments(interpreter: Interpreter, index: ir.Expression, frame: Frame) -> list[Value]:
    nodes = index.items if isinstance(index, ir.TupleDisplay) else [index]
    return [interpreter.evaluate(n.value if isinstance(n, ir.Starred) else n, frame) for n in nodes]


def _display(kind: str) -> Callable[[Interpreter, Any, Frame], Value]:
    def run(interpreter: Interpreter, node: Any, frame: Frame) -> Value:
        result = Sequence(kind)
        for item in node.items:
            if isinstance(item, ir.Starred):
                items, is_open = operations.items_of(interpreter.evaluate(item.value, frame))
                result.items += items
                result.open = result.open or is_open
            else:
                result.items.append(interpreter.evaluate(item, frame))
        return result

    return run


def _dict(interpreter: Interpreter, node: ir.DictDisplay, frame: Frame) -> Value:
    result = Mapping()
    for entry in node.entries:
        value = interpreter.evaluate(entry.value, frame)
        if entry.key is None:
            operations.merge(result, value)
        else:
            result.set(interpreter.evaluate(entry.key, frame), value)
    return result


def _text(interpreter: Interpreter, node: ir.Text, frame: Frame) -> Value:
    parts: list[Value] = []
    for part in node.parts:
        if isinstance(part, str):
            parts.append(Constant(part))
            continue
        value = texts.placed(
            _checked(interpreter, interpreter.evaluate(part.value, frame)), part.value, frame
        )
        if part.conversion or part.spec != "":
            value = texts.formatted(value, part.conversion, part.spec)
        parts.append(value)
    return _made(interpreter, texts.concat(parts), node, frame)


def _made(interpreter: Interpreter, value: Value, node: ir.Expression, frame: Frame) -> Value:
    """``value``, noted if it is a text and a run wants to know the texts that it makes."""
    if interpreter.trace is not None and interpreter.trace.texts is not None:
        interpreter.trace.made_text(frame.place(node), value)
    return value


def _binary(interpreter: Interpreter, node: ir.BinaryOperation, frame: Frame) -> Value:
    left, right = interpreter.evaluate(node.left, frame), interpreter.evaluate(node.right, frame)
    for side in (left, right):
        if isinstance(side, BodyInput) and node.operator != "|":
            body_flow.relies_on_type(interpreter, side, frame.place(node))
    result = combine(interpreter, node.operator, left, right, (node.left, node.right), frame)
    return _made(interpreter, result, node, frame)


def _checked(interpreter: Interpreter, value: Value) -> Value:
    """What goes into a text here, as the checks on the way have left it."""
    trace = interpreter.trace
    return trace.checks.seen(value) if trace is not None else value


def combine(
    interpreter: Interpreter,
    name: str,
    left: Value,
    right: Value,
    nodes: tuple[ir.Expression, ir.Expression],
    frame: Frame,
) -> Value:
    """``left name right``; what goes into a text keeps the place of its expression."""
    if not texts.concerns(name, left, right):
        return operations.binary(interpreter, name, left, right)
    left, right = _checked(interpreter, left), _checked(interpreter, right)
    if name == "%":
        right = texts.placed_fields(right, nodes[1], frame)
    else:
        left, right = texts.placed(left, nodes[0], frame), texts.placed(right, nodes[1], frame)
    return operations.binary(interpreter, name, left, right)


def _boolean(interpreter: Interpreter, node: ir.BooleanOperation, frame: Frame) -> Value:
    if interpreter.trace is None or not any(map(body_types.tests_type, node.values[:-1])):
        return _chain(interpreter, node, frame, [])
    known: list[Callable[[], None]] = []
    try:
        return _chain(interpreter, node, frame, known)
    finally:
        for take_back in reversed(known):
            take_back()


def _chain(
    interpreter: Interpreter, node: ir.BooleanOperation, frame: Frame, known_types: list[Callable[[], None]]
) -> Value:
    """What an ``and`` or ``or`` gives. ``known_types`` gets what takes back what its tests of types have shown."""
    stops_at = node.operator == "or"
    trace = interpreter.trace
    possible: list[Value] = []
    setting: str | None = None
    absent: Value | None = None
    for child in node.values[:-1]:
        value = interpreter.evaluate(child, frame)
        if trace is not None and trace.touches and body_types.tests_type(child):
            known_types.append(narrowing.assume(interpreter, child, frame, holds=not stops_at))
        if stops_at and isinstance(value, Absent):
            absent = as_derived(value)  # `token or 0` is as absent as the token
            if len(node.values) == 2 and isinstance(node.values[-1], ir.Constant):
                absent = _in_its_place(node.values[-1].value, absent)
        known, is_setting = operations.truth(value)
        if stops_at:
            body_flow.stands_in(possible, value)
        if known is stops_at and not is_setting:
            return value if _closes(value, stops_at=stops_at) else join([*possible, value])
        if known is stops_at and is_setting:
            interpreter.evaluate(node.values[-1], frame)
            return value if not possible else join([*possible, value])
        if known is None:
            possible.append(value)
        setting = setting or operations.setting_of(value)
    last = _attempt(interpreter, node.values[-1], frame)
    if last is None and not possible:
        raise RaisedSignal
    if last is not None:
        if stops_at:
            body_flow.stands_in(possible, last)
        if _closes(last, stops_at=stops_at) and setting is None:
            return last
        falsy = isinstance(last, Constant) and not last.value
        possible.append(absent if absent is not None and falsy else last)
    if setting is not None and len(possible) == 1 and isinstance(possible[0], Constant):
        return Constant(possible[0].value, setting)
    return join(possible)


def _closes(value: Value, *, stops_at: bool) -> bool:
    """``known and False`` is nothing, whatever is known: what comes before a constant gives nothing else."""
    return not stops_at and isinstance(value, Constant) and not value.value and value.setting is None


def _in_its_place(plain: object, absent: Absent) -> Absent:
    """A missing credential, where a constant stands in for it that is nothing as well."""
    if plain is None:
        return Nothing(absent.reason, absent.place)
    return Empty(absent.reason, absent.place) if plain == "" else absent


def _unary(interpreter: Interpreter, node: ir.UnaryOperation, frame: Frame) -> Value:
    return operations.unary(node.operator, interpreter.evaluate(node.value, frame))


def _comparison(interpreter: Interpreter, node: ir.Comparison, frame: Frame) -> Value:
    left = interpreter.evaluate(node.left, frame)
    results: list[Value] = []
    before = node.left
    for name, child in zip(node.operators, node.rights, strict=True):
        right = interpreter.evaluate(child, frame)
        compared = (
            _searched(interpreter, name, left, right, frame.place(node))
            or _is_named(interpreter, name, left, right, frame.place(node))
            or operations.compare(name, left, right)
        )
        if isinstance(compared, Absent) and _is_of_query(interpreter, before, child, frame):
            return compared
        results.append(compared)
        left, before = right, child
    truths = [operations.truth(r)[0] for r in results]
    setting = operations.setting_of(*results)
    if False in truths:
        return operations.boolean(False, setting, "")
    if len(results) == 1:
        return results[0]
    return operations.boolean(None if None in truths else True, setting, "a comparison", tuple(results))


def _is_of_query(interpreter: Interpreter, left: ir.Expression, right: ir.Expression, frame: Frame) -> bool:
    """``ApiKey.key == key``: no answer, but what rows are looked for by; without a key there is none."""
    return any(_is_column(interpreter, one, frame) for one in (left, right))


def _is_column(interpreter: Interpreter, node: ir.Expression, frame: Frame) -> bool:
    """``ApiKey.key`` or ``keys.c.key``: what a class or table of rows says of all of them."""
    if not isinstance(node, ir.Attribute):
        return False
    owner = interpreter.evaluate(node.value, frame)
    if isinstance(owner, Class):
        value = interpreter.attribute(owner, node.name)
        return not isinstance(value, Constant) and not interpreter.vocabulary.is_enum(owner)
    return isinstance(owner, External) and isinstance(owner.owner, Instance) and not owner.owner.in_run


def _searched(
    interpreter: Interpreter, name: str, wanted: Value, container: Value, place: Place
) -> Value | None:
    """``"name" in request.cookies`` in a run without credentials: it is not there; other headers may be."""
    trace = interpreter.trace
    if name not in ("in", "not in") or trace is None or not trace.absent:
        return None
    if not isinstance(container, Instance) or not isinstance(container.cls, External):
        return None
    if container.cls.name not in _CREDENTIAL_STORES or _is_other_header(container.cls.name, wanted):
        return None
    trace.credentials.append((place, "whether a credential is there"))
    return TRUE if name == "not in" else FALSE


def _is_other_header(store: str, wanted: Value) -> bool:
    """A header that says nothing of who calls, as every client sends it or a proxy adds it."""
    from backend_gate.backend.behaviour import is_plain_header

    if store != "backend_gate.request_headers" or not isinstance(wanted, Constant) or wanted.setting:
        return False
    name = wanted.value.decode("latin-1") if isinstance(wanted.value, bytes) else wanted.value
    return isinstance(name, str) and is_plain_header(name)


def _is_named(interpreter: Interpreter, name: str, left: Value, right: Value, place: Place) -> Value | None:
    """``key == b"authorization"`` of the headers of a request without credentials: none is called so."""
    from backend_gate.backend.behaviour import is_credential_name

    trace = interpreter.trace
    if name not in ("==", "!=") or trace is None or not trace.absent:
        return None
    header, other = (left, right) if isinstance(left, HeaderName) else (right, left)
    if not isinstance(header, HeaderName) or not isinstance(other, Constant):
        return None
    wanted = other.value.decode("latin-1") if isinstance(other.value, bytes) else other.value
    if not isinstance(wanted, str) or not is_credential_name(wanted, header=True):
        return None
    trace.credentials.append((place, f"the header {wanted}"))
    return TRUE if name == "!=" else FALSE


_CREDENTIAL_STORES = frozenset(
    {"backend_gate.request_headers", "backend_gate.request_cookies", "backend_gate.request_session"}
)


def _conditional(interpreter: Interpreter, node: ir.Conditional, frame: Frame) -> Value:
    read_before = len(interpreter.trace.credentials) if interpreter.trace is not None else 0
    test = interpreter.evaluate(node.test, frame)
    known, is_setting = operations.truth(test)
    place = frame.place(node.test)
    if known is not None and not is_setting:
        if interpreter.trace is not None and decisions.misses(interpreter, node.test, test, frame):
            interpreter.trace.missed.append(place)
        guest_ways.took_arm(interpreter, node, test, frame, holds=known, read_before=read_before)
        return interpreter.evaluate(node.body if known else node.orelse, frame)
    setting, text = operations.setting_of(test), interpreter.source(node.test)
    conditions = (
        Condition(text, place, known, setting),
        Condition(f"not ({text})", place, None if known is None else not known, setting),
    )
    arms = []
    branches = Branches(interpreter)
    for arm, condition, holds in zip((node.body, node.orelse), conditions, (True, False), strict=True):
        branches.start()
        take_back = narrowing.assume(interpreter, node.test, frame, holds=holds)
        with interpreter.under(condition):
            arms.append(_attempt(interpreter, arm, frame))
        take_back()
    branches.finish()
    if known is not None:
        chosen, other = arms if known else reversed(arms)
        if chosen is not None and other is not None and wired.is_chosen(interpreter, (chosen, other)):
            return wired.chosen(interpreter, (chosen, other), setting or text, is_default=True)
        arms = [_with_dependencies(interpreter, chosen, other)] if chosen is not None else arms
    found = [arm for arm in arms if arm is not None]
    if not found:
        raise RaisedSignal
    return wired.chosen(interpreter, found, setting or text, is_default=False)


def _with_dependencies(interpreter: Interpreter, chosen: Value, other: Value | None) -> Value:
    """``[Depends(guard)] if KEY else []``: a list of dependencies holds those of both arms, each on its condition."""
    if not isinstance(chosen, Sequence) or not isinstance(other, Sequence) or not other.items:
        return chosen
    if any(interpreter.vocabulary.marker(item) != "dependency" for item in (*chosen.items, *other.items)):
        return chosen
    return Sequence(chosen.kind, [*chosen.items, *other.items], open=chosen.open or other.open)


def _attempt(interpreter: Interpreter, node: ir.Expression, frame: Frame) -> Value | None:
    """The value of an expression on one of several paths; ``None`` if it certainly raises there."""
    try:
        return interpreter.evaluate(node, frame)
    except RaisedSignal:
        return None


def _lambda(interpreter: Interpreter, node: ir.Lambda, frame: Frame) -> Value:
    parent = frame.scope if frame.scope.kind != "module" else None
    name = calls.qualified_name("<lambda>", frame)
    function = Function(node, frame.module, Scope("function", frame.module, parent), name)
    for parameter in node.parameters:
        if parameter.default is not None:
            function.defaults[parameter.name] = interpreter.evaluate(parameter.default, frame)
    return function


def _comprehension(interpreter: Interpreter, node: ir.Comprehension, frame: Frame) -> Value:
    trace = interpreter.trace
    if node.kind == "generator" and trace is not None and trace.lazy:
        return Suspended(
            "a generator expression",
            lambda on_yield: _items(interpreter, node, frame),
            is_generator=True,
        )
    return _items(interpreter, node, frame)


def _items(interpreter: Interpreter, node: ir.Comprehension, frame: Frame) -> Value:
    saved = frame.scope
    frame.scope = Scope("function", frame.module, saved if saved.kind != "module" else None)
    try:
        mapping = Mapping()
        sequence = Sequence(node.kind)
        state = [0, False, False]

        def emit() -> None:
            if node.key is not None:
                mapping.set(interpreter.evaluate(node.key, frame), interpreter.evaluate(node.element, frame))
            else:
                sequence.items.append(interpreter.evaluate(node.element, frame))

        _generate(interpreter, node, 0, frame, emit, state)
        result: Mapping | Sequence = mapping if node.key is not None else sequence
        result.open = bool(state[1])
        if isinstance(result, Sequence):
            result.sample = bool(state[2])
            result.rejected = result.sample and _rejects(interpreter, node, frame)
        return result
    finally:
        frame.scope = saved


def _generate(
    interpreter: Interpreter,
    node: ir.Comprehension,
    number: int,
    frame: Frame,
    emit: Callable[[], None],
    state: list[Any],
) -> None:
    if number == len(node.generators):
        emit()
        return
    generator = node.generators[number]
    iterable = coroutines.consumed(interpreter.evaluate(generator.iterable, frame))
    items, is_open = operations.items_of(iterable)
    state[2] = state[2] or operations.is_sample(iterable)
    stands_for_all = is_open and not items
    if stands_for_all:
        state[2] = state[2] or interpreter.trace is not None
        items = [texts.element_of(iterable, "an item of something unknown")]
    else:
        state[1] = state[1] or is_open
    for item in decisions.deployed_items(interpreter, generator.iterable, items, frame):
        state[0] += 1
        if state[0] > MAX_COMPREHENSION:
            state[1] = True
            return
        assign(interpreter, generator.target, item, frame)
        verdicts = [operations.truth(interpreter.evaluate(c, frame)) for c in generator.conditions]
        if any(known is False and not is_setting for known, is_setting in verdicts):
            continue
        state[1] = state[1] or stands_for_all
        if interpreter.follows_values and any(known is None for known, _ in verdicts):
            state[1] = state[2] = True
        undo = [narrowing.assume(interpreter, c, frame, holds=True) for c in generator.conditions]
        _generate(interpreter, node, number + 1, frame, emit, state)
        for take_back in reversed(undo):
            take_back()


def _rejects(interpreter: Interpreter, node: ir.Comprehension, frame: Frame) -> bool:
    """``[name for name in names if name not in ALLOWED]``"""
    generator = node.generators[0]
    match node.element, generator.conditions:
        case ir.Name(id=name), [
            ir.Comparison(left=ir.Name(id=tested), operators=["not in"], rights=[allowed])
        ]:
            return name == tested and narrowing.is_list(interpreter.evaluate(allowed, frame))
    return False


def _await(interpreter: Interpreter, node: ir.Await, frame: Frame) -> Value:
    return coroutines.awaited(interpreter.evaluate(node.value, frame))


def _yield(interpreter: Interpreter, node: ir.Yield, frame: Frame) -> Value:
    trace = interpreter.trace
    if frame.on_yield is not None:
        given = interpreter.evaluate(node.value, frame) if node.value is not None else NONE
        if node.is_from and isinstance(given, Suspended):
            return given.run(frame.on_yield)
        return frame.on_yield(given)
    if node.value is not None:
        value = interpreter.evaluate(node.value, frame)
        if node.is_from:
            value = coroutines.consumed(value)
        if trace is not None and len(interpreter.active) == trace.root_depth:
            trace.returns.append(ReturnEvent(value, frame.place(node), interpreter.conditions))
        if node.is_from:
            items, is_open = operations.items_of(value)
            frame.yields += items
            if is_open:
                frame.yields.append(Unknown("an item of something unknown"))
        else:
            frame.yields.append(value)
    else:
        frame.yields.append(NONE)
    return Unknown("what is sent into a generator", frame.place(node))


def _named(interpreter: Interpreter, node: ir.NamedExpression, frame: Frame) -> Value:
    value = interpreter.evaluate(node.value, frame)
    assign(interpreter, node.target, value, frame)
    return value


def _unknown(interpreter: Interpreter, node: ir.Unknown, frame: Frame) -> Value:
    return Unknown(node.reason, frame.place(node))


def _starred(interpreter: Interpreter, node: ir.Starred, frame: Frame) -> Value:
    return interpreter.evaluate(node.value, frame)


def assign(
    interpreter: Interpreter, target: ir.Expression, value: Value, frame: Frame, *, counts: bool = False
) -> None:
    """Bind an assignment target: name, attribute, item, or a pattern of them.

    ``counts``: the value is what was there before, and one.
    """
    if interpreter.trace is not None and interpreter.trace.touches:
        body_flow.assigned(interpreter, target, value, frame)
    match target:
        case ir.Name(id=name):
            interpreter.bind(name, value, frame)
        case ir.Attribute(value=owner, name=name):
            from backend_gate.backend import attributes

            attributes.put(interpreter, interpreter.evaluate(owner, frame), name, value)
        case ir.Subscript(value=owner, index=index):
            container = interpreter.evaluate(owner, frame)
            if interpreter.trace is not None and _is_shared(owner, frame):
                if not counts or not counters.is_of_code(interpreter.evaluate(index, frame)):
                    interpreter.trace.effect()
            if not isinstance(owner, ir.Name):
                interpreter.summaries.changed()
            if isinstance(index, ir.Slice):
                if isinstance(container, Sequence):
                    replace_slice(container, value, whole=index.lower is None and index.upper is None)
                return
            at = interpreter.evaluate(index, frame)
            if isinstance(at, (BodyInput, Alternatives)):
                body_flow.is_key(interpreter, at, frame.place(index))
            put_item(container, at, value)
            if isinstance(container, (BodyInput, Alternatives)):
                body_flow.written(interpreter, container, at, value, frame.place(owner))
        case ir.TupleDisplay(items=targets) | ir.ListDisplay(items=targets):
            _unpack(interpreter, targets, value, frame)
        case ir.Starred(value=inner):
            assign(interpreter, inner, value, frame)


def replace_slice(container: Sequence, value: Value, *, whole: bool) -> None:
    """``container[a:b] = value``: exact for the whole list, otherwise the list gains the items."""
    items, is_open = operations.items_of(value)
    if whole and container.items and operations.is_vague(value):
        container.open = True  # most likely the same items, filtered or in another order
    elif whole:
        container.items[:] = items
        container.open = is_open
    else:
        container.items += items
        container.open = True


def put_item(container: Value, index: Value, value: Value) -> None:
    """``container[index] = value``"""
    if isinstance(container, Mapping):
        container.set(index, value)
    elif isinstance(container, Sequence):
        if isinstance(index, Constant) and isinstance(index.value, int) and not container.open:
            if -len(container.items) <= index.value < len(container.items):
                container.items[index.value] = value
        else:
            container.items.append(value)
            container.open = True


def _unpack(interpreter: Interpreter, targets: list[ir.Expression], value: Value, frame: Frame) -> None:
    if isinstance(value, Alternatives):
        shapes = [v for v in value.values if isinstance(v, Sequence) and len(v.items) == len(targets)]
        others = [v for v in value.values if not any(v is shape for shape in shapes)]
        starred = any(isinstance(target, ir.Starred) for target in targets)
        if interpreter.follows_values:  # None would have raised
            others = [v for v in others if not (isinstance(v, Constant) and v.value is None)]
        if shapes and (not others or (interpreter.follows_values and not starred)):
            for position, target in enumerate(targets):
                parts = [texts.element_of(one, place=frame.place(target), part=position) for one in others]
                assign(interpreter, target, join([*(s.items[position] for s in shapes), *parts]), frame)
            return
    items, is_open = operations.items_of(value)
    star = next((i for i, t in enumerate(targets) if isinstance(t, ir.Starred)), None)
    if not is_open and star is None and len(items) == len(targets):
        for target, item in zip(targets, items, strict=True):
            assign(interpreter, target, item, frame)
        return
    if not is_open and star is not None and len(items) >= len(targets) - 1:
        tail = len(targets) - star - 1
        middle = items[star : len(items) - tail]
        spread_items = [*items[:star], Sequence("list", middle), *items[len(items) - tail :]]
        for target, item in zip(targets, spread_items, strict=True):
            assign(interpreter, target, item, frame)
        return
    if interpreter.trace is not None and isinstance(value, (Pieces, Nothing)):
        kind = "TypeError" if isinstance(value, Nothing) else "ValueError"
        interpreter.trace.fails(interpreter, f"builtins.{kind}", frame.place(targets[0]))
    for position, target in enumerate(targets):
        known = position if star is None or position < star else None
        part = texts.element_of(value, place=frame.place(target), part=known)
        assign(interpreter, target, part, frame)


def _slice(interpreter: Interpreter, node: ir.Slice, frame: Frame) -> Value:
    return Unknown("a slice", frame.place(node))


_EVALUATORS: dict[type[Any], Callable[[Any, Any, Any], Value]] = {
    ir.Name: _name,
    ir.Constant: _constant,
    ir.BytesLiteral: lambda interpreter, node, frame: Constant(node.value),
    ir.EllipsisLiteral: lambda interpreter, node, frame: ELLIPSIS,
    ir.Attribute: _attribute,
    ir.Call: _call,
    ir.Subscript: _subscript,
    ir.Slice: _slice,
    ir.ListDisplay: _display("list"),
    ir.TupleDisplay: _display("tuple"),
    ir.SetDisplay: _display("set"),
    ir.DictDisplay: _dict,
    ir.Text: _text,
    ir.BinaryOperation: _binary,
    ir.BooleanOperation: _boolean,
    ir.UnaryOperation: _unary,
    ir.Comparison: _comparison,
    ir.Conditional: _conditional,
    ir.Lambda: _lambda,
    ir.Comprehension: _comprehension,
    ir.Await: _await,
    ir.Yield: _yield,
    ir.Starred: _starred,
    ir.NamedExpression: _named,
    ir.Unknown: _unknown,
}
