"""Definitions and calls: functions, classes, decorators, binding of parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

from backend_gate.backend import (
    body_flow,
    body_returns,
    coroutines,
    decisions,
    generated,
    operations,
    project_files,
    promises,
    rows_by_key,
    setting_names,
    statements,
    texts,
    validators,
)
from backend_gate.backend.arguments import Arguments
from backend_gate.backend.attributes import library_call
from backend_gate.backend.budget import (
    LEAST_CALL_STEPS,
    LEAST_TRACED_STEPS,
    MAX_CALL_DEPTH,
    MAX_METHOD_RECURSION,
    MAX_RECURSION,
    MAX_SAME_FUNCTION,
    OverBudgetError,
)
from backend_gate.backend.checks import Branches
from backend_gate.backend.connections import scope_of_request
from backend_gate.backend.frame import Frame
from backend_gate.backend.heap import Fields
from backend_gate.backend.library_models import take_home
from backend_gate.backend.model import Condition, Place
from backend_gate.backend.summaries import Recording
from backend_gate.backend.trace import RaisedSignal, ReturnEvent, Trace
from backend_gate.backend.unparse import unparse
from backend_gate.backend.values import (
    ASKED,
    NONE,
    STATEMENT,
    TRUE,
    Absent,
    Alternatives,
    Asked,
    BoundMethod,
    Class,
    Constant,
    Derived,
    Descriptor,
    External,
    Function,
    GivenUp,
    Input,
    Instance,
    Mapping,
    Native,
    ObjectInput,
    Overridden,
    Partial,
    Scope,
    Sequence,
    Setting,
    Tested,
    TypeApplication,
    Unknown,
    Unpassed,
    Value,
    alternatives,
    join,
    missing_credential,
    missing_key,
    overridden,
)
from backend_gate.backend.ways import Ways
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter

MAX_CALL_ALTERNATIVES = 4
SHORT = 8
"""Lines of a function that is short."""
SHORT_DEEPER = 2
"""So much deeper than others a short function is followed."""
NO_ROW = "sqlalchemy.exc.NoResultFound"
_METHODS_OF_DATA = frozenset({*dir(str), *dir(bytes), *dir(dict), *dir(list), *dir(set), "dict", "json"})
MAX_TESTED = 20
"""So many of the tested values are kept with what a function that answers yes or no gives."""

ONLY_RAISES = "only raises"
"""How the reason ends why nothing is known of the result of a call."""


# --- definitions -------------------------------------------------------------------------------


def qualified_name(name: str, frame: Frame) -> str:
    """Python's ``__qualname__`` of what is defined under ``name`` in a frame."""
    if frame.scope.kind == "class":
        owner = frame.scope.names.get("__qualname__")
        return f"{owner.value}.{name}" if isinstance(owner, Constant) else name
    if frame.function is not None:
        return f"{frame.function.qualname}.<locals>.{name}"
    return name


def define_function(interpreter: Interpreter, node: ir.FunctionDef, frame: Frame) -> Value:
    """The value that ``def`` binds, decorators applied."""
    parent = frame.scope if frame.scope.kind != "module" else None
    function = Function(
        node, frame.module, Scope("function", frame.module, parent), qualified_name(node.name, frame)
    )
    for parameter in node.parameters:
        if parameter.default is not None:
            function.defaults[parameter.name] = interpreter.evaluate(parameter.default, frame)
    if interpreter.trace is not None:
        interpreter.trace.defined.append(function)
    value: Value = function
    for decorator in reversed(node.decorators):
        value = _decorate(interpreter, decorator, value, frame)
    return value


def _decorate(interpreter: Interpreter, decorator: ir.Expression, value: Value, frame: Frame) -> Value:
    callee = interpreter.evaluate(decorator, frame)
    place = frame.place(decorator)
    results = [_decorated(interpreter, single, value, place) for single in alternatives(callee)]
    result = join(results)
    for single in alternatives(result):
        if isinstance(single, Function) and single is not value:
            single.attributes.setdefault("__decorated__", value)
    return result


def _decorated(interpreter: Interpreter, callee: Value, value: Value, place: Place) -> Value:
    """``value`` with one decorator; what is not known of is taken to keep it."""
    result: Value = Unknown("an unknown decorator", place)
    if _is_opaque(interpreter, callee):
        _hand_over(callee)
    else:
        result = interpreter.call(callee, Arguments([value]), place)
    if not isinstance(result, Unknown):
        return result
    for single in alternatives(value):
        kept = single.function if isinstance(single, Descriptor) else single
        if isinstance(kept, (Function, Class)):
            kept.decorators.append(callee)
    return value


def _hand_over(decorator: Value) -> None:
    """A library's decorator that was given a router can change its routes: ``@cbv(router)``."""
    if isinstance(decorator, Instance) and isinstance(decorator.cls, External):
        for argument in [*decorator.arguments, *decorator.keywords.values()]:
            if isinstance(argument, Instance) and "routes" in argument.attributes:
                argument.attributes["handed_to"] = Constant(decorator.cls.name)


def _is_opaque(interpreter: Interpreter, callee: Value) -> bool:
    """A library's decorator that nothing is known of: it is taken to keep the function."""
    if isinstance(callee, Unknown):
        return True
    if isinstance(callee, Instance) and isinstance(callee.cls, External):
        return interpreter.vocabulary.method(callee.cls.name, "__call__") is None
    if isinstance(callee, External):
        known = interpreter.natives.get(callee.name) or interpreter.vocabulary.effect_of(callee)
        return known is None
    return False


def define_class(interpreter: Interpreter, node: ir.ClassDef, frame: Frame) -> Value:
    """The value that ``class`` binds, decorators applied."""
    parent = frame.scope if frame.scope.kind != "module" else None
    around = frame
    if node.type_parameters:
        parent = Scope("function", frame.module, parent)
        parent.names.update((name, type_variable(name, frame.place(node))) for name in node.type_parameters)
        around = Frame(frame.module, parent, frame.function, frame.depth)
    bases: list[Value] = []
    keywords: dict[str, Value] = {}
    for argument in node.bases:
        value = interpreter.evaluate(argument.value, around)
        if argument.name is not None:
            keywords[argument.name] = value
        elif argument.star == "*":
            bases += operations.items_of(value)[0]
        elif not argument.star:
            bases.append(value)
    scope = Scope("class", frame.module, parent)
    qualname = qualified_name(node.name, frame)
    cls = Class(node, frame.module, scope, qualname, bases)
    cls.keywords = keywords
    scope.names["__qualname__"] = Constant(qualname)
    inner = Frame(frame.module, scope, frame.function, frame.depth)
    statements.execute(interpreter, node.body, inner)
    for value in scope.names.values():
        _own(value, cls)
    if interpreter.vocabulary.is_enum(cls):
        _make_members(cls)
    subclassed(interpreter, cls, frame)
    value = cls
    for decorator in reversed(node.decorators):
        decorated = _decorate(interpreter, decorator, value, frame)
        value = decorated if isinstance(decorated, (Class, Instance, Function)) else value
    return value


def type_variable(name: str, place: Place) -> Instance:
    """The ``T`` of ``class Page[T]``."""
    return Instance(External("typing.TypeVar"), place, [Constant(name)])


def _own(value: Value, cls: Class) -> None:
    """Tell methods which class they were defined in (for ``super()``)."""
    for single in alternatives(value):
        if isinstance(single, Descriptor):
            _own(single.function, cls)
        elif isinstance(single, Function) and single.cls is None and single.module is cls.module:
            if single.qualname.startswith(cls.qualname + "."):
                single.cls = cls
            decorated = single.attributes.get("__decorated__")
            if decorated is not None:
                _own(decorated, cls)


def _make_members(cls: Class) -> None:
    for name, value in list(cls.scope.names.items()):
        is_plain = isinstance(value, Constant) or (isinstance(value, Sequence) and value.kind == "tuple")
        if is_plain and not name.startswith("__"):
            member = Instance(cls)
            member.attributes = {"name": Constant(name), "value": value, "_value_": value}
            cls.scope.names[name] = member


def subclassed(interpreter: Interpreter, cls: Class, frame: Frame) -> None:
    """Run ``__init_subclass__`` of the nearest project base that has one."""
    for base in cls.mro()[1:]:
        if isinstance(base, Class) and "__init_subclass__" in base.scope.names:
            hook = base.scope.names["__init_subclass__"]
            function = hook.function if isinstance(hook, Descriptor) else hook
            if isinstance(function, Function):
                interpreter.call(BoundMethod(function, cls), Arguments([], dict(cls.keywords)), cls.place)
            return


# --- calls -------------------------------------------------------------------------------------


def call(
    interpreter: Interpreter,
    callee: Value,
    arguments: Arguments,
    place: Place | None,
    node: ir.Call | None = None,
) -> Value:
    """The result of calling ``callee``; unknown callees give unknown with the reason."""
    interpreter.step()
    taught = interpreter.vocabulary.taught
    if taught and isinstance(callee, (Function, Class)) and callee.full_name in taught:
        callee = External(callee.full_name)  # what the user says of it counts, not what its code shows
    match callee:
        case Function():
            if coroutines.suspends(interpreter, callee):
                return coroutines.suspended(interpreter, callee, arguments, place, None)
            return call_function(interpreter, callee, arguments, place)
        case BoundMethod(function=function, receiver=receiver):
            given = arguments.prepend(receiver)
            if coroutines.suspends(interpreter, function):
                return coroutines.suspended(interpreter, function, given, place, receiver)
            return call_function(interpreter, function, given, place, receiver)
        case Class():
            return instantiate(interpreter, callee, arguments, place)
        case Native(run=run):
            return run(interpreter, coroutines.consumed_arguments(arguments), place)
        case Partial(function=function, arguments=bound, keywords=keywords):
            merged = Arguments(
                [*bound, *arguments.positional],
                {**keywords, **arguments.keywords},
                open=arguments.open,
                rest=arguments.rest,
            )
            return interpreter.call(function, merged, place, node)
        case External():
            return _call_external(interpreter, callee, arguments, place)
        case Instance(cls=External() as external):
            effect = interpreter.vocabulary.method(external.name, "__call__")
            if effect is not None:
                return effect(interpreter, callee, arguments, place)
            only = arguments.positional[0] if len(arguments.positional) == 1 else None
            if isinstance(only, Function) and not arguments.keywords:
                return only  # ``limit("5/minute")(handler)``: a decorator of a library, called by hand
            return interpreter_external_call(
                interpreter, f"{external.name}.__call__", callee, arguments, place
            )
        case Instance(cls=cls):
            if isinstance(cls, Class) and (effect := library_call(interpreter, cls)) is not None:
                return effect(interpreter, callee, arguments, place)
            method = interpreter.attribute(callee, "__call__", place)
            if isinstance(method, Unknown):
                return Unknown("a call of an object that is not seen to be callable", place)
            return interpreter.call(method, arguments, place)
        case Overridden() if interpreter.trace is None and place is not None:
            return _call_chosen(interpreter, callee, arguments, place, node)
        case Alternatives(values=values):
            return _call_each(interpreter, values, arguments, place, node)
        case Descriptor(function=function):
            return interpreter.call(function, arguments, place, node)
        case TypeApplication(base=base) if isinstance(base, (Class, External)):
            made = interpreter.call(base, arguments, place, node)
            if isinstance(made, Instance):
                made.attributes.setdefault("__orig_class__", callee)
            return made
        case Absent() if _is_called(interpreter, node, "counts"):
            return Constant(0)
        case Absent() if node is not None and _is_of_empty_set(node):
            return TRUE
        case Absent() if _is_called(interpreter, node, "demands") and place is not None:
            trace = interpreter.trace
            if trace is not None:
                trace.raised(interpreter, Instance(External(NO_ROW), place), place, implicit=True)
            raise RaisedSignal
        case ObjectInput() if node is not None and _is_own_method(node):
            return Unknown(f"what a method of {callee.source} gives", place)
        case Absent() | Input() | Setting():
            return callee
        case Unknown() if (found := _looked_up(interpreter, callee, arguments, node)) is not None:
            return found
        case Derived() | GivenUp() if not _asks(interpreter, arguments):
            return callee
        case Unknown(reason=reason):
            if _asks(interpreter, arguments):
                return Asked(unparse(node.function) if node is not None else reason, place)
            only = arguments.positional[0] if len(arguments.positional) == 1 else None
            if interpreter.trace is not None and isinstance(only, Function) and not arguments.keywords:
                return only  # most likely a decorator, called by hand
            return Unknown(reason, callee.place or place)
    return Unknown("a call of something that is not callable", place)


def _is_own_method(node: ir.Call) -> bool:
    """The method is none of texts, dicts, lists and models: what it gives need not be what a client sends."""
    name = node.function.name if isinstance(node.function, ir.Attribute) else ""
    return bool(name) and name not in _METHODS_OF_DATA and not name.startswith("model_")


def _is_of_empty_set(node: ir.Call) -> bool:
    """``scopes.isdisjoint(…)`` holds of the scopes that nobody has."""
    return isinstance(node.function, ir.Attribute) and node.function.name in ("isdisjoint", "issubset")


def _is_called(interpreter: Interpreter, node: ir.Call | None, key: str) -> bool:
    """A method with a name of that list, in a run without credentials: ``query.count()``, ``rows.scalar_one()``."""
    trace = interpreter.trace
    return (
        trace is not None
        and trace.absent
        and node is not None
        and isinstance(node.function, ir.Attribute)
        and node.function.name in interpreter.vocabulary.names(key)
    )


def _looked_up(
    interpreter: Interpreter, callee: Unknown, arguments: Arguments, node: ir.Call | None
) -> Value | None:
    """What a method of an object that nobody knows finds without a credential, by the statement that it is given."""
    trace = interpreter.trace
    if trace is None or not trace.absent or node is None or not isinstance(node.function, ir.Attribute):
        return None
    lookup = rows_by_key.looked_up(interpreter, trace, callee, node.function.name, arguments)
    return lookup.value if lookup is not None else None


def _wanted(arguments: Arguments) -> Iterator[Value]:
    """``find_one({"key": key})``, ``find_unique(where={"key": key})``: what the row must have, all of it."""
    for value in (*arguments.positional[:1], *arguments.keywords.values()):
        if isinstance(value, Mapping):
            yield from (held for _, held in value.entries.values())


def _asks(interpreter: Interpreter, arguments: Arguments) -> bool:
    """In a run without credentials: something that is not followed is given the request, or the credential."""
    trace = interpreter.trace
    return trace is not None and trace.absent and any(map(decisions.is_request_part, arguments.all()))


def _call_chosen(
    interpreter: Interpreter, callee: Overridden, arguments: Arguments, place: Place, node: ir.Call | None
) -> Value:
    """Call the default of several callees, and each other on the condition that the setting has another value."""
    default, *others = callee.values
    results = [interpreter.call(default, arguments, place, node)]
    text = f"{callee.setting} has another value than its default"
    for other in others:
        with interpreter.under(Condition(text, place, False, callee.setting)):
            results.append(interpreter.call(other, arguments, place, node))
    return overridden(results[0], results[1:], callee.setting)


def _call_each(
    interpreter: Interpreter,
    callees: tuple[Value, ...],
    arguments: Arguments,
    place: Place | None,
    node: ir.Call | None,
) -> Value:
    """Call each of several callees; the whole raises only if all of them do."""
    results: list[Value] = []
    ways = Ways(interpreter, place)
    passed: list[tuple[Value, tuple[Condition, ...]]] = []
    if not texts.wants_places(Alternatives(callees)):
        callees = callees[:MAX_CALL_ALTERNATIVES]
    for callee in callees:
        try:
            results.append(interpreter.call(callee, arguments, place, node))
        except RaisedSignal:
            continue
        finally:
            after, interpreter.conditions = interpreter.conditions, ways.before
        passed.append((callee, after))
    if not results:
        raise RaisedSignal
    ways.go_on_after(passed, callees)
    return join(results)


def _call_external(
    interpreter: Interpreter, callee: External, arguments: Arguments, place: Place | None
) -> Value:
    native = interpreter.natives.get(callee.name)
    if native is not None:
        return native(interpreter, coroutines.consumed_arguments(arguments), place)
    if interpreter.trace is None and callee.name.endswith("Router"):
        _assume_router(interpreter, callee, place)
    effect = interpreter.vocabulary.effect_of(callee)
    if effect is not None:
        if interpreter.uses is not None and place is not None:
            interpreter.uses.append((place, callee.name))
        if callee.owner is not None:
            return effect(interpreter, callee.owner, arguments, place)
        return effect(interpreter, callee, arguments, place)
    if callee.name.startswith("builtins."):
        arguments = coroutines.consumed_arguments(arguments)
    if interpreter.trace is None and callee.name.startswith("pathlib."):
        listed = project_files.called(interpreter, callee, arguments, place)
        if listed is not None:
            return listed
    return interpreter_external_call(interpreter, callee.name, callee.owner, arguments, place)


def _assume_router(interpreter: Interpreter, callee: External, place: Place | None) -> None:
    """A library's router is followed like a plain one, which is said."""
    name = callee.name
    if callee.owner is not None or place is None or name in interpreter.assumed:
        return
    if interpreter.vocabulary.assume_router(name):
        interpreter.assumed.add(name)
        interpreter.report(
            f"{name} is taken for a plain router: what it adds to its routes by itself is not seen. "
            "If it adds nothing, name it under `routers`",
            place,
        )


def interpreter_external_call(
    interpreter: Interpreter, name: str, owner: Value | None, arguments: Arguments, place: Place | None
) -> Value:
    """The result of a library call that nothing is known of: an object that remembers its making."""
    trace = interpreter.trace
    if trace is None and interpreter.vocabulary.may_answer_errors(name):
        for value in arguments.all():
            if isinstance(value, Instance) and "router" in value.attributes:
                value.attributes["given_to"] = Constant(name)
    if trace is not None and trace.lazy and name.endswith(".loads"):
        content = body_flow.parsed(interpreter, arguments, place)
        if content is not None:
            return content
    if trace is not None and trace.lazy:
        for exception in interpreter.vocabulary.failures.get(name, ()):
            if place is not None:
                made = Instance(External(exception), place)
                trace.raised(interpreter, made, place, implicit=True)
    if trace is not None and trace.absent:
        given = [missing_credential(v) for v in [owner, *arguments.all()]]
        method = name.rpartition(".")[2]
        if method in interpreter.vocabulary.names("lookups"):
            given += [missing_key(v) for v in _wanted(arguments)]
        if name in interpreter.vocabulary.names("digests"):
            given += map(missing_key, arguments.positional)
        missing = next((v for v in given if v is not None), None)
        if None in given[1:] and name in interpreter.vocabulary.names("either"):
            missing = None  # rows that fit the rest are found all the same
        lookup = rows_by_key.looked_up(interpreter, trace, owner, method, arguments)
        if lookup is not None:
            missing = missing_credential(lookup.value)
            if missing is None and lookup.value is not None:
                return lookup.value
        else:
            kept = rows_by_key.kept_under(interpreter, name, arguments)
            if isinstance(kept, Constant):
                return kept
            missing = missing or missing_credential(kept)
        if missing is not None and not name.endswith(("Exception", "Error", "Response")):
            trace.delegated.append((place, name))
            return missing
    returns = interpreter.vocabulary.returns(name)
    cls = External(returns) if returns else External(name, owner)
    made = Instance(
        cls,
        place,
        arguments.positional,
        arguments.keywords,
        interpreter.conditions,
        in_run=trace is not None,
    )
    if trace is None:
        interpreter.wrappers.note(interpreter, cls, made, arguments, place)
    elif isinstance(owner, Instance):
        _remember_statement(interpreter, name, owner, arguments, made)
    return made


def _remember_statement(
    interpreter: Interpreter, name: str, cursor: Instance, arguments: Arguments, made: Instance
) -> None:
    """``cursor.execute(statement)``: what ``cursor.fetchall()`` gives now are rows of that statement."""
    method = name.rpartition(".")[2]
    if method in interpreter.vocabulary.names("asking") and arguments.positional:
        cursor.attributes[ASKED] = arguments.positional[0]
    elif method in interpreter.vocabulary.names("reading") and ASKED in cursor.attributes:
        made.attributes[STATEMENT] = cursor.attributes[ASKED]


def call_function(
    interpreter: Interpreter,
    function: Function,
    arguments: Arguments,
    place: Place | None,
    receiver: Value | None = None,
    *,
    on_yield: Callable[[Value], Value] | None = None,
) -> Value:
    """Enter a function of the project with its share of the caller's budget.

    ``on_yield`` is called with what a generator yields, where it yields it. In a traced run a call that was
    followed before gives what it gave then (see :mod:`backend_gate.backend.summaries`).
    """
    trace = interpreter.trace
    node = function.node
    if trace is None or not interpreter.active or isinstance(node, ir.Lambda) or node.is_generator:
        value = _follow(interpreter, function, arguments, place, receiver, on_yield)
        if isinstance(value, Instance):
            take_home(value, place)
        return value
    summaries = interpreter.summaries
    before = interpreter.steps
    asked = summaries.asked(trace, function, arguments, receiver)
    if asked is None:
        value = _follow(interpreter, function, arguments, place, receiver, on_yield)
        summaries.learn(function, interpreter.steps - before)
        return value
    known = summaries.recall(interpreter, trace, *asked)
    if known is not None:
        return known
    recording = Recording(interpreter, trace, *asked)
    summaries.recordings.append(recording)
    try:
        value = _follow(interpreter, function, arguments, place, receiver, on_yield)
    finally:
        summaries.recordings.pop()
    summaries.keep(recording, function, arguments, receiver, value)
    return value


def _follow(
    interpreter: Interpreter,
    function: Function,
    arguments: Arguments,
    place: Place | None,
    receiver: Value | None,
    on_yield: Callable[[Value], Value] | None,
) -> Value:
    interpreter.called.add(id(function.node))
    if interpreter.trace is None and isinstance(receiver, Instance) and isinstance(receiver.cls, Class):
        interpreter.called_on.add((id(function.node), id(receiver.cls)))
    tracing = interpreter.trace
    node = function.node
    same = [depth for depth, active in enumerate(interpreter.active) if active.node is node]
    if same:
        again = sum(interpreter.active[depth] is function for depth in same)
        most = MAX_RECURSION if function.cls is None else MAX_METHOD_RECURSION
        is_wrapper = tracing is not None and tracing.absent and "__wrapped__" in function.attributes
        if (len(same) >= MAX_SAME_FUNCTION and not is_wrapper) or (tracing is not None and again >= most):
            interpreter.summaries.cut(same[0])
            if tracing is not None and not again:
                _leave_open(interpreter, tracing, function, arguments)
            return GivenUp(f"{function.full_name} calls itself", place)
    if tracing is not None and _is_too_deep(interpreter, tracing, node):
        body_flow.lost(interpreter, arguments, place)
        tracing.gave_up = True
        interpreter.summaries.cut(-1)
        if any(missing_credential(v) is not None for v in arguments.all()):
            tracing.delegated.append((place, function.full_name))
        _leave_open(interpreter, tracing, function, arguments)
        if _asks(interpreter, arguments):
            return Asked(function.full_name, place)
        return GivenUp(f"{function.full_name} is called too deep to follow", place)
    if len(interpreter.active) >= MAX_CALL_DEPTH:
        interpreter.summaries.cut(-1)
        return GivenUp(f"calls go too deep at {function.full_name}", place)
    left = interpreter.limit - interpreter.steps
    # A traced run is short and goes straight down; wiring is long, and one call must not eat it up.
    share, least = (
        (left * 4 // 5, LEAST_TRACED_STEPS) if tracing is not None else (left // 2, LEAST_CALL_STEPS)
    )
    if share < least:
        body_flow.lost(interpreter, arguments, place)
        interpreter.summaries.cut(-1)
        if tracing is not None and tracing.lazy:
            tracing.gave_up = True
        if tracing is not None:
            _leave_open(interpreter, tracing, function, arguments)
        return GivenUp(f"no steps left to follow {function.full_name}", place)
    scope = Scope("function", function.module, function.scope.parent)
    frame = Frame(function.module, scope, function, len(interpreter.active), receiver)
    frame.on_yield = on_yield
    bind_parameters(interpreter, function, arguments, frame)
    if receiver is None and function.cls is not None and function.node.parameters:
        frame.receiver = scope.names.get(function.node.parameters[0].name)
    saved_limit, saved_conditions = interpreter.limit, interpreter.conditions
    interpreter.limit = interpreter.steps + share
    interpreter.active.append(function)
    branches, ways = Branches(interpreter), Ways(interpreter, place)
    tested = len(tracing.tested) if tracing is not None else 0
    try:
        if isinstance(function.node, ir.Lambda):
            return interpreter.evaluate(function.node.body, frame)
        body = interpreter.modules.body(function.module.path, function.node)
        with interpreter.heap.branches() as frame.fields:
            outcome = statements.execute(interpreter, body, frame)
            if outcome is statements.Outcome.NEXT:
                frame.left.append((frame.fields.take(), frame.exit_conditions))
            _leave(interpreter, frame, frame.fields)
    except OverBudgetError:
        if interpreter.trace is not None:
            interpreter.trace.gave_up = True
            _leave_open(interpreter, interpreter.trace, function, arguments)
        interpreter.summaries.cut(-1)
        body_flow.lost(interpreter, arguments, place)
        branches.finish()
        reason = f"{function.full_name} takes too many steps to follow"
        interpreter.report(reason, place or function.place)
        return body_returns.given_back(interpreter, function, arguments, GivenUp(reason, place))
    finally:
        interpreter.active.pop()
        interpreter.limit, interpreter.conditions = saved_limit, saved_conditions
    branches.ways = frame.checked
    if outcome is statements.Outcome.NEXT:
        branches.goes_on()
    branches.finish()
    if function.node.is_generator:
        if on_yield is not None and outcome is statements.Outcome.RAISE:
            raise RaisedSignal
        return Sequence("generator", frame.yields, open=not frame.yields)
    trace = interpreter.trace
    if trace is not None:
        if outcome is statements.Outcome.NEXT and len(interpreter.active) + 1 == trace.root_depth:
            trace.returns.append(ReturnEvent(NONE, function.place, frame.exit_conditions, trace.effects))
        if outcome is statements.Outcome.RAISE and not frame.returns:
            raise RaisedSignal
        if outcome is statements.Outcome.NEXT:
            frame.ways.append(frame.exit_conditions)
        ways.go_on(frame.ways)
    if outcome is statements.Outcome.NEXT and frame.returns:
        frame.returns.append(NONE)
        if trace is None:
            frame.ways.append(frame.exit_conditions)
    if not frame.returns:
        return (
            Unknown(f"{function.full_name} {ONLY_RAISES}", place)
            if outcome is statements.Outcome.RAISE
            else NONE
        )
    returned = _returned(interpreter, frame)
    if trace is not None and trace.absent and len(trace.tested) > tested and _is_answer(frame.returns):
        if not isinstance(returned, Overridden):  # no setting alone says which
            return Tested(f"what {function.full_name} answers", tuple(trace.tested[tested:][:MAX_TESTED]))
    result = setting_names.as_declared(interpreter, function, returned)
    return promises.as_promised(interpreter, function, arguments, receiver, result)


def _leave_open(interpreter: Interpreter, trace: Trace, function: Function, arguments: Arguments) -> None:
    """A function of the project that is not followed to its end: note it, if it was given the request."""
    if _asks(interpreter, arguments):
        trace.unfollowed.append(function.full_name)
    elif trace.absent and any(scope_of_request(value) is not None for value in arguments.positional):
        trace.forwarded.append(function.full_name)


def _is_too_deep(interpreter: Interpreter, trace: Trace, node: ir.FunctionDef | ir.Lambda) -> bool:
    """So many calls are running that no further one is followed; a short function costs less than not knowing it."""
    deeper = _depth(interpreter, trace) - trace.max_depth
    if deeper < 0:
        return False
    is_short = node.span.end_line - node.span.line < SHORT
    return not (trace.lazy and is_short and deeper < SHORT_DEEPER)


def _depth(interpreter: Interpreter, trace: Trace) -> int:
    """How many calls are running; where guards are looked for, a wrapper counts as one with what it wraps."""
    running = interpreter.active
    if not trace.absent or len(running) < trace.max_depth:
        return len(running)
    return sum("__wrapped__" not in function.attributes for function in running)


def _leave(interpreter: Interpreter, frame: Frame, fields: Fields) -> None:
    """Behind a call its objects hold any of what they held where it was left."""
    if len(frame.left) > 1:
        states, setting = _defaults_first(interpreter, frame.left)
        fields.join(interpreter, states, setting)


def _returned(interpreter: Interpreter, frame: Frame) -> Value:
    values, setting = _defaults_first(interpreter, list(zip(frame.returns, frame.ways, strict=True)))
    return join(values) if setting is None else overridden(values[0], values[1:], setting)


Left = TypeVar("Left")


def _defaults_first(
    interpreter: Interpreter, ways: list[tuple[Left, tuple[Condition, ...]]]
) -> tuple[list[Left], str | None]:
    """What the ways out of a call leave, last what is left only where a setting has not its default.

    With the setting that the first of them needs to be as it is, if nothing else decides.
    """
    outside = len(interpreter.conditions)
    ordered = sorted(ways, key=lambda way: any(c.by_default is False for c in way[1][outside:]))
    deciding = ordered[0][1][outside:]
    setting = None
    if len(ways) > 1 and deciding and all(c.by_default is True for c in deciding):
        setting = next((c.setting for c in reversed(deciding) if c.setting is not None), deciding[-1].text)
    return [left for left, _ in ordered], setting


def _is_answer(returned: list[Value]) -> bool:
    """Yes here and no there: which of them depends on what was tested."""
    return len({operations.truth(value)[0] for value in returned}) == 2 and all(
        isinstance(value, Constant) and value.setting is None for value in returned
    )


def bind_parameters(interpreter: Interpreter, function: Function, arguments: Arguments, frame: Frame) -> None:
    """Bind arguments to parameters as Python does; what is missing is unknown."""
    names = frame.scope.names
    positional = list(arguments.positional)
    keywords = dict(arguments.keywords)
    for parameter in function.node.parameters:
        name = parameter.name
        if parameter.kind == "*":
            names[name] = Sequence("tuple", positional, open=arguments.open)
            positional = []
        elif parameter.kind == "**":
            collected = Mapping(((Constant(k), v) for k, v in keywords.items()), open=arguments.open)
            collected.rest = [*arguments.rest]
            names[name] = collected
            keywords = {}
        elif parameter.kind in ("normal", "positional") and positional:
            names[name] = positional.pop(0)
            keywords.pop(name, None)
        elif name in keywords and parameter.kind != "positional":
            names[name] = keywords.pop(name)
        elif arguments.open:
            reason = f"the argument {name} comes through unknown arguments"
            unknown: Value = Unknown(reason)
            if arguments.rest:
                unknown = body_flow.item(interpreter, arguments.rest[0], Constant(name), None)
            elif name in function.defaults:
                unknown = Unpassed(reason)
            names[name] = join([function.defaults[name], unknown]) if name in function.defaults else unknown
        elif name in function.defaults:
            names[name] = function.defaults[name]
        else:
            names[name] = Unknown(f"the parameter {name} of {function.full_name}", function.place)


def instantiate(interpreter: Interpreter, cls: Class, arguments: Arguments, place: Place | None) -> Value:
    """A new instance of a project class: ``__init__`` runs, or fields are set from the arguments."""
    if interpreter.vocabulary.is_enum(cls):
        wanted = arguments.get(0, "value")
        for member in cls.scope.names.values():
            if member is wanted:
                return member
            if isinstance(member, Instance) and "_value_" in member.attributes and wanted is not None:
                known = operations.truth(operations.compare("==", member.attributes["_value_"], wanted))[0]
                if known:
                    return member
        reason = f"a member of {cls.full_name}"
        return Input("allow-listed", reason, place) if interpreter.follows_values else Unknown(reason, place)
    in_run = interpreter.trace is not None
    instance = Instance(cls, place, conditions=interpreter.conditions, in_run=in_run)
    if not in_run:
        interpreter.wrappers.note(interpreter, cls, instance, arguments, place)
    for base in cls.mro():
        if isinstance(base, Class):
            init = base.scope.names.get("__init__")
            if init is None and "__new__" in base.scope.names:
                made = _call_new(interpreter, base, cls, arguments, place)
                if made is not None:
                    return made
            if init is not None:
                for single in alternatives(init):
                    if isinstance(single, Function):
                        call_function(interpreter, single, arguments.prepend(instance), place, instance)
                return instance
        elif isinstance(base, External):
            if not in_run and base.name.endswith("Router"):
                _assume_router(interpreter, base, place)
            effect = interpreter.vocabulary.method(base.name, "__init__")
            if effect is not None:
                effect(interpreter, instance, arguments, place)
                return instance
    generated.construct(interpreter, cls, instance, arguments, place)
    if interpreter.trace is not None and interpreter.trace.lazy and interpreter.vocabulary.is_model(cls):
        table = cls.keywords.get("table")
        if not (isinstance(table, Constant) and table.value):
            validators.takes_body(interpreter, instance, place)
    if interpreter.follows_values and interpreter.vocabulary.is_model(cls):
        validators.by_model(interpreter, instance, place)
    return instance


def _call_new(
    interpreter: Interpreter, base: Class, cls: Class, arguments: Arguments, place: Place | None
) -> Value | None:
    new = base.scope.names["__new__"]
    function = new.function if isinstance(new, Descriptor) else new
    if not isinstance(function, Function):
        return None
    made = call_function(interpreter, function, arguments.prepend(cls), place, cls)
    return made if isinstance(made, Instance) and isinstance(made.cls, Class) else None
