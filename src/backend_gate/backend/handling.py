"""How ``try`` and ``with`` run: who catches what is raised in their bodies.

Without a trace (wiring code) bodies are taken to succeed. With one, exceptions are edges: each clause that
may catch something is a path. In a lazy run the body of a ``with`` runs where its context manager yields, so
that a manager of the project that translates or suppresses exceptions does so here as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_gate.backend import guest_ways, operations, statements
from backend_gate.backend.arguments import Arguments
from backend_gate.backend.checks import Branches
from backend_gate.backend.coroutines import awaited
from backend_gate.backend.expressions import assign
from backend_gate.backend.heap import Fields
from backend_gate.backend.model import Condition
from backend_gate.backend.statements import Names, Outcome
from backend_gate.backend.trace import (
    Handling,
    RaisedSignal,
    RaiseEvent,
    Trace,
    TryContext,
    exception_class,
)
from backend_gate.backend.unparse import unparse
from backend_gate.backend.values import (
    Class,
    Constant,
    External,
    Instance,
    Sequence,
    Setting,
    Suspended,
    Unknown,
    Value,
    join,
)
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.frame import Frame
    from backend_gate.backend.interpreter import Interpreter

# --- with ----------------------------------------------------------------------------------------


def _with(interpreter: Interpreter, node: ir.With, frame: Frame) -> Outcome:
    trace = interpreter.trace
    if trace is not None:
        return _enter(interpreter, trace, node, 0, frame)
    for item in node.items:
        manager = interpreter.evaluate(item.value, frame)
        if item.target is not None:
            assign(interpreter, item.target, _entered(interpreter, manager, item.value, frame), frame)
    return statements.execute_same(interpreter, node.body, frame)


def _entered(interpreter: Interpreter, manager: Value, node: ir.Expression, frame: Frame) -> Value:
    if isinstance(manager, Sequence) and manager.kind == "generator":
        return manager.items[0] if manager.items else Unknown("a context manager that yields nothing")
    if isinstance(manager, Instance) and not isinstance(manager.cls, External):
        for name in ("__enter__", "__aenter__"):
            method = interpreter.attribute(manager, name, frame.place(node))
            if not isinstance(method, Unknown):
                return awaited(interpreter.call(method, Arguments(), frame.place(node)))
    return manager


def _enter(interpreter: Interpreter, trace: Trace, node: ir.With, number: int, frame: Frame) -> Outcome:
    """Run the body under the managers from ``number`` on."""
    if number == len(node.items):
        return statements.execute_same(interpreter, node.body, frame)
    item = node.items[number]
    manager = interpreter.evaluate(item.value, frame)
    if isinstance(manager, Suspended) and manager.is_generator:
        return _under_generator(interpreter, trace, node, number, manager, frame)
    value = _entered(interpreter, manager, item.value, frame)
    if item.target is not None:
        assign(interpreter, item.target, value, frame)
    clauses = _clauses(interpreter, manager)
    if clauses is None:
        return _enter(interpreter, trace, node, number + 1, frame)
    context = TryContext(clauses, None, frame.place(node))
    trace.tries.append(context)
    try:
        outcome = _enter(interpreter, trace, node, number + 1, frame)
    finally:
        trace.tries.pop()
    suppressed = _leave(interpreter, trace, manager, context.caught[0])
    return Outcome.NEXT if outcome is Outcome.RAISE and suppressed else outcome


def _under_generator(
    interpreter: Interpreter, trace: Trace, node: ir.With, number: int, manager: Suspended, frame: Frame
) -> Outcome:
    """The body runs where the generator yields, inside of its ``try`` statements."""
    outcomes: list[Outcome] = []
    active, stack, conditions = list(interpreter.active), list(trace.stack), interpreter.conditions
    limit = interpreter.limit

    def body(value: Value) -> Value:
        if outcomes:
            return Unknown("a second yield of a context manager")
        inner = (interpreter.active, trace.stack, interpreter.conditions, interpreter.limit)
        interpreter.active, trace.stack, interpreter.conditions = list(active), list(stack), conditions
        interpreter.limit = limit
        outcomes.append(Outcome.RAISE)
        try:
            target = node.items[number].target
            if target is not None:
                assign(interpreter, target, value, frame)
            outcomes[0] = _enter(interpreter, trace, node, number + 1, frame)
        except RaisedSignal:
            outcomes[0] = Outcome.RAISE
        finally:
            after = interpreter.conditions
            interpreter.active, trace.stack, interpreter.conditions, interpreter.limit = inner
        left.append(after)
        if outcomes[0] is Outcome.RAISE:
            raise RaisedSignal
        return Unknown("what is sent into a generator")

    left: list[tuple[Condition, ...]] = []
    try:
        manager.run(body)
    except RaisedSignal:
        return Outcome.RAISE
    if not outcomes:
        # It was not followed to its yield: the body runs all the same.
        return _enter(interpreter, trace, node, number + 1, frame)
    if outcomes[0] is Outcome.NEXT:
        interpreter.conditions = left[0]
    return Outcome.NEXT if outcomes[0] is Outcome.RAISE else outcomes[0]


def _clauses(interpreter: Interpreter, manager: Value) -> list[Value | None] | None:
    """What a manager that is no generator catches; ``None`` for one that catches nothing."""
    if not isinstance(manager, Instance):
        return None
    if isinstance(manager.cls, External):
        if interpreter.vocabulary.has_role("suppressing", [manager.cls.name]):
            return [Sequence("tuple", manager.arguments)]
        return None
    return [None] if _exit_method(interpreter, manager) is not None else None


def _exit_method(interpreter: Interpreter, manager: Instance) -> Value | None:
    for name in ("__exit__", "__aexit__"):
        method = interpreter.attribute(manager, name)
        if not isinstance(method, (Unknown, External)):
            return method
    return None


def _leave(interpreter: Interpreter, trace: Trace, manager: Value, caught: list[RaiseEvent]) -> bool:
    """Hand what was raised to ``__exit__``; whether all of it was suppressed."""
    method = _exit_method(interpreter, manager) if isinstance(manager, Instance) else None
    if method is None or (isinstance(manager, Instance) and isinstance(manager.cls, External)):
        return bool(caught)
    suppressed = True
    for event in caught:
        given = [
            exception_class(event.exception) or Unknown("a class"),
            event.exception,
            Unknown("a traceback"),
        ]
        trace.handling.append(Handling([event]))
        try:
            known, _ = operations.truth(awaited(interpreter.call(method, Arguments(given), event.place)))
        except RaisedSignal:
            continue
        finally:
            trace.handling.pop()
        if not known:
            trace.deliver(interpreter, event if known is False else event.doubted())
            suppressed = False
    return suppressed and bool(caught)


# --- try -----------------------------------------------------------------------------------------


def _try(interpreter: Interpreter, node: ir.Try, frame: Frame) -> Outcome:
    if interpreter.trace is not None:
        return _traced_try(interpreter, interpreter.trace, node, frame)
    with interpreter.heap.branches() as fields:
        result = _attempted(interpreter, node, frame, fields)
    final = statements.execute_same(interpreter, node.finalbody, frame)
    return final or result


def _attempted(interpreter: Interpreter, node: ir.Try, frame: Frame, fields: Fields) -> Outcome:
    """The body and the clauses of a ``try`` in wiring."""
    names = Names(frame, node)
    outcome = statements.execute_same(interpreter, node.body, frame)
    if outcome is Outcome.NEXT:
        outcome = statements.execute_same(interpreter, node.orelse, frame)
    states, written = [names.take()], fields.take()
    outcomes = [outcome]
    for handler in node.handlers:
        names.put({**states[0], **names.before} if outcome is Outcome.NEXT else names.before)
        if handler.type is not None:
            interpreter.evaluate(handler.type, frame)
        if handler.name:
            interpreter.bind(handler.name, Unknown("a caught exception"), frame)
        text = f"except {unparse(handler.type)}" if handler.type is not None else "except"
        condition = Condition(text, frame.place_of(handler.span), False)
        with interpreter.under(condition):
            outcomes.append(statements.execute(interpreter, handler.body, frame))
        states.append(names.take())
    if outcomes[0] is Outcome.NEXT:
        # What an exception handler binds counts only where the body binds nothing: it is the rare case.
        merged = dict(states[0])
        for state, ended in zip(states[1:], outcomes[1:], strict=True):
            if ended is Outcome.NEXT:
                for name, value in state.items():
                    merged[name] = _or_without(merged[name], value) if name in merged else value
        names.put(merged)
        fields.prefer(written)
        return Outcome.NEXT
    live = [s for s, o in zip(states[1:], outcomes[1:], strict=True) if o is Outcome.NEXT]
    names.put_joined(live or [states[0]])
    return Outcome.NEXT if live else outcomes[0]


def _or_without(setting: Value, instead: Value) -> Value:
    """``try: mode = os.environ["MODE"]`` with ``except KeyError: mode = "dev"``: a setting and its default."""
    if type(setting) is not Setting or setting.default is not None or instead is setting:
        return setting
    if isinstance(instead, Constant):
        return Constant(instead.value, setting.name)
    is_own = isinstance(instead, Instance) and isinstance(instead.cls, Class)
    return Setting(setting.name, setting.place, default=instead) if is_own else setting


def _traced_try(interpreter: Interpreter, trace: Trace, node: ir.Try, frame: Frame) -> Outcome:
    """``try`` with exceptions as edges: every clause that may catch something is a path."""
    clauses = [interpreter.evaluate(h.type, frame) if h.type is not None else None for h in node.handlers]
    context = TryContext(clauses, node, frame.place(node))
    names, branches = Names(frame, node), Branches(interpreter)
    before_body = interpreter.conditions
    trace.tries.append(context)
    try:
        outcome = statements.execute_same(interpreter, node.body, frame)
    finally:
        trace.tries.pop()
        trace.attempted(context, frame)
    if outcome is Outcome.NEXT:
        outcome = statements.execute_same(interpreter, node.orelse, frame)
    if outcome is Outcome.NEXT:
        branches.goes_on()
    paths = [(outcome, names.take())]
    certain = outcome is Outcome.RAISE and any(context.caught)
    after_body, interpreter.conditions = interpreter.conditions, before_body
    for number, handler in enumerate(node.handlers):
        caught = context.caught[number]
        if not caught and (certain or not context.uncertain):
            continue
        names.put({**paths[0][1], **names.before})
        branches.start()
        if handler.name:
            interpreter.bind(handler.name, _caught_value(interpreter, caught, clauses[number]), frame)
        clause = f"except {unparse(handler.type)}" if handler.type is not None else "except"
        trace.handling.append(
            Handling(caught, handler.name or "", frame.scope, clauses[number], _answers(handler))
        )
        deliveries = [event.deliveries for event in caught]
        if certain:
            guest_ways.took_clause(trace, handler.body, caught, frame)
        try:
            with interpreter.under(Condition(clause, frame.place_of(handler.span), False)):
                ended = statements.execute(interpreter, handler.body, frame)
        finally:
            trace.handling.pop()
        trace.settled.update(
            (event.place, exception_class(event.exception))
            for event, before in zip(caught[: len(deliveries)], deliveries, strict=True)  # it may raise more
            if event.deliveries == before
        )
        if ended is Outcome.NEXT:
            branches.goes_on()
        paths.append((ended, names.take()))
    interpreter.conditions = after_body
    branches.finish()
    live = [state for ended, state in paths if ended is Outcome.NEXT]
    if live:
        names.put_joined(live)
        result = Outcome.NEXT
    else:
        names.put(paths[0][1])
        result = min(ended for ended, _ in paths)
    final = statements.execute_same(interpreter, node.finalbody, frame)
    return final or result


def _caught_value(interpreter: Interpreter, caught: list[RaiseEvent], clause: Value | None) -> Value:
    """What ``except … as name`` binds: the exceptions that get there, else any of the clause's types."""
    if caught:
        return join(_object(event.exception) for event in caught)
    kinds = clause.items if isinstance(clause, Sequence) else [clause] if clause is not None else []
    made: list[Value] = [_object(k) for k in kinds if isinstance(k, (Class, External))]
    return join(made) if made else Unknown("a caught exception")


def _answers(handler: ir.Handler) -> bool:
    """Some way out of the clause is no raising again."""
    if len(handler.body) == 1:
        return False
    return any(
        isinstance(node, ir.Return)
        or (isinstance(node, ir.Raise) and node.value is not None and unparse(node.value) != handler.name)
        for node in expressions_in(handler.body, into_functions=False)
    )


def _object(exception: Value) -> Value:
    """The object that a clause binds where a class was raised."""
    if not isinstance(exception, (Class, External)):
        return exception
    made = Instance(exception, in_run=True)
    made.attributes["__caught__"] = exception
    return made


statements.register(ir.With, _with)
statements.register(ir.Try, _try)
