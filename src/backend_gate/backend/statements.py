"""How each form of statement is executed.

Both branches of an undecided condition run; what they add carries the condition. A branch that leaves
(returns, breaks, continues) makes the rest of its block conditional; one that raises does not.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeGuard

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
    promises,
    texts,
)
from backend_gate.backend.budget import OverBudgetError
from backend_gate.backend.checks import Branches
from backend_gate.backend.expressions import assign, combine
from backend_gate.backend.heap import Fields, State
from backend_gate.backend.model import Condition
from backend_gate.backend.trace import RaisedSignal, ReturnEvent
from backend_gate.backend.unparse import unparse
from backend_gate.backend.values import (
    NONE,
    Absent,
    Constant,
    Instance,
    LazyImport,
    Mapping,
    Module,
    Sequence,
    Tested,
    Value,
    join,
    untested,
)
from backend_gate.backend.walk import names_bound_by
from backend_gate.backend.ways import Ways
from backend_gate.backend.wired import chosen
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.frame import Frame
    from backend_gate.backend.interpreter import Interpreter

MAX_ITERATIONS = 500
MAX_SKIPPED = 3
"""So many rounds of a loop are followed that end the function unless a condition skips them: the rest is alike."""


class Outcome(enum.IntEnum):
    """How a block ends."""

    NEXT = 0
    RETURN = 1
    RAISE = 2
    BREAK = 3
    CONTINUE = 4


def execute(interpreter: Interpreter, block: list[ir.Statement], frame: Frame) -> Outcome:
    """Run the statements of a block until one leaves it."""
    saved = interpreter.conditions
    try:
        outcome = execute_same(interpreter, block, frame)
        frame.exit_conditions = interpreter.conditions
        return outcome
    finally:
        interpreter.conditions = saved


def _assign(interpreter: Interpreter, node: ir.Assign, frame: Frame) -> Outcome:
    value = interpreter.evaluate(node.value, frame)
    for target in node.targets:
        assign(interpreter, target, value, frame, counts=counters.adds_one(target, node.value))
    _remember_name(interpreter, node.targets[0], value, frame)
    return Outcome.NEXT


def _remember_name(interpreter: Interpreter, target: ir.Expression, value: Value, frame: Frame) -> None:
    if isinstance(value, Instance) and isinstance(target, ir.Name) and frame.scope.kind == "module":
        interpreter.names.setdefault(id(value), f"{frame.module.name}.{target.id}")


def _annotated(interpreter: Interpreter, node: ir.AnnotatedAssign, frame: Frame) -> Outcome:
    if isinstance(node.target, ir.Name):
        frame.scope.annotations[node.target.id] = node.annotation
    if node.value is not None:
        value = interpreter.evaluate(node.value, frame)
        if interpreter.follows_values and isinstance(node.annotation, ir.Name):
            value = promises.as_annotated(interpreter, value, interpreter.evaluate(node.annotation, frame))
        assign(interpreter, node.target, value, frame)
        _remember_name(interpreter, node.target, value, frame)
    return Outcome.NEXT


def _augmented(interpreter: Interpreter, node: ir.AugmentedAssign, frame: Frame) -> Outcome:
    if interpreter.trace is not None:
        interpreter.trace.updated = node.target
    current = interpreter.evaluate(node.target, frame)
    added = interpreter.evaluate(node.value, frame)
    if node.operator == "+" and isinstance(current, Sequence) and current.kind == "list":
        items, is_open = operations.items_of(added)
        current.items += items
        current.open = current.open or is_open
        return Outcome.NEXT
    if node.operator == "|" and isinstance(current, Mapping):
        operations.merge(current, added)
        return Outcome.NEXT
    result = combine(interpreter, node.operator, current, added, (node.target, node.value), frame)
    counts = node.operator == "+" and counters.is_one(node.value)
    assign(interpreter, node.target, result, frame, counts=counts)
    return Outcome.NEXT


def _type_alias(interpreter: Interpreter, node: ir.TypeAlias, frame: Frame) -> Outcome:
    interpreter.bind(node.name, interpreter.evaluate(node.value, frame), frame)
    return Outcome.NEXT


def _expression(interpreter: Interpreter, node: ir.ExpressionStatement, frame: Frame) -> Outcome:
    if not isinstance(node.value, ir.Constant):
        interpreter.evaluate(node.value, frame)
    return Outcome.NEXT


def _function(interpreter: Interpreter, node: ir.FunctionDef, frame: Frame) -> Outcome:
    interpreter.bind(node.name, calls.define_function(interpreter, node, frame), frame)
    return Outcome.NEXT


def _class(interpreter: Interpreter, node: ir.ClassDef, frame: Frame) -> Outcome:
    interpreter.bind(node.name, calls.define_class(interpreter, node, frame), frame)
    return Outcome.NEXT


def _import(interpreter: Interpreter, node: ir.Import, frame: Frame) -> Outcome:
    for imported in node.names:
        interpreter.import_module(imported.name)
        name = imported.name if imported.alias else imported.name.split(".", 1)[0]
        value: Value = Module(name) if interpreter.modules.has(name) else interpreter.external(name)
        interpreter.bind(imported.alias or name, value, frame)
    return Outcome.NEXT


def _import_from(interpreter: Interpreter, node: ir.ImportFrom, frame: Frame) -> Outcome:
    source = interpreter.modules.absolute(frame.module, node.module, node.level)
    interpreter.import_module(source)
    for imported in node.names:
        if imported.name == "*":
            frame.module.star_imports.append(source)
            continue
        submodule = f"{source}.{imported.name}"
        if interpreter.modules.get(submodule) is not None:
            target = interpreter.modules.get(source)
            if target is None or target is frame.module or not target.binds(imported.name):
                interpreter.import_module(submodule)
        value: Value = LazyImport(source, imported.name)
        if not interpreter.modules.has(source) and not interpreter.modules.has(submodule):
            value = interpreter.imported(source, imported.name)
        interpreter.bind(imported.alias or imported.name, value, frame)
    return Outcome.NEXT


def _return(interpreter: Interpreter, node: ir.Return, frame: Frame) -> Outcome:
    value = interpreter.evaluate(node.value, frame) if node.value is not None else NONE
    frame.returns.append(value)
    frame.ways.append(interpreter.conditions)
    if frame.fields is not None:
        frame.left.append((frame.fields.take(), interpreter.conditions))
    trace = interpreter.trace
    if trace is not None and trace.lazy:
        trace.checks.settle(value)
        frame.checked.append(dict(trace.checks.known))
    if trace is not None and len(interpreter.active) == trace.root_depth:
        trace.returns.append(ReturnEvent(value, frame.place(node), interpreter.conditions, trace.effects))
    return Outcome.RETURN


def _raise(interpreter: Interpreter, node: ir.Raise, frame: Frame) -> Outcome:
    value = interpreter.evaluate(node.value, frame) if node.value is not None else None
    if interpreter.trace is not None:
        if value is None:
            interpreter.trace.reraised(interpreter, frame)
        else:
            interpreter.trace.raised(interpreter, value, frame.place(node))
    return Outcome.RAISE


def _assert(interpreter: Interpreter, node: ir.Assert, frame: Frame) -> Outcome:
    if interpreter.trace is not None and interpreter.trace.absent:
        # Whoever has no credential is turned away by it as by a ``raise``.
        fails = ir.Raise(node.span, ir.Name(node.span, "AssertionError"), None)
        return _if(interpreter, ir.If(node.span, node.test, [ir.Pass(node.test.span)], [fails]), frame)
    interpreter.evaluate(node.test, frame)
    narrowing.assume(interpreter, node.test, frame, holds=True)
    return Outcome.NEXT


def _global(interpreter: Interpreter, node: ir.Global, frame: Frame) -> Outcome:
    frame.scope.global_names.update(node.names)
    return Outcome.NEXT


def _nonlocal(interpreter: Interpreter, node: ir.Nonlocal, frame: Frame) -> Outcome:
    frame.scope.nonlocal_names.update(node.names)
    return Outcome.NEXT


def _delete(interpreter: Interpreter, node: ir.Delete, frame: Frame) -> Outcome:
    for target in node.targets:
        if isinstance(target, ir.Subscript) and not isinstance(target.index, ir.Slice):
            container = interpreter.evaluate(target.value, frame)
            index = interpreter.evaluate(target.index, frame)
            if isinstance(container, Mapping):
                from backend_gate.backend.values import key_of

                container.entries.pop(key_of(index), None)
    return Outcome.NEXT


# --- branches ----------------------------------------------------------------------------------


class Names:
    """The bindings of a scope that the branches of one statement may change, saved and joined.

    A function's scope is copied whole. In a module other statements run in between, so only the names that
    the statement itself binds are put back.
    """

    def __init__(self, frame: Frame, node: Any) -> None:
        self.scope = frame.scope
        self.only = frozenset(_bound_names(node)) if frame.scope.kind == "module" else None
        self.before = self.take()

    def take(self) -> dict[str, Value]:
        names = self.scope.names
        if self.only is None:
            return dict(names)
        return {name: names[name] for name in self.only if name in names}

    def put(self, names: dict[str, Value]) -> None:
        if self.only is None:
            self.scope.names.clear()
        else:
            for name in self.only:
                self.scope.names.pop(name, None)
        self.scope.names.update(names)

    def put_joined(
        self,
        states: list[dict[str, Value]],
        join_names: Callable[[list[Value]], Value] | None = None,
    ) -> None:
        if len(states) == 1:
            self.put(states[0])
            return
        join_names = join_names or partial(_join_names, join)
        joined: dict[str, Value] = {}
        for name in dict.fromkeys(chain.from_iterable(states)):
            found = [state[name] for state in states if name in state]
            first = found[0]
            if len(found) == 1 or (len(found) == 2 and found[1] is first):
                joined[name] = first  # nearly all names: a branch changes few
            else:
                joined[name] = first if all(v is first for v in found) else join_names(found)
        self.put(joined)


def _join_names(join_values: Callable[[list[Value]], Value], found: list[Value]) -> Value:
    if any(isinstance(v, LazyImport) for v in found):
        return next(v for v in found if isinstance(v, LazyImport))
    first, *others = (untested(v) for v in found)
    return first if all(v is first for v in others) else join_values(found)


def _if(interpreter: Interpreter, node: ir.If, frame: Frame) -> Outcome:
    read_before = len(interpreter.trace.credentials) if interpreter.trace is not None else 0
    value = interpreter.evaluate(node.test, frame)
    known, is_setting = operations.truth(value)
    if _is_type_checking(node.test):
        known, is_setting = True, False
    if node.orelse and frame.scope.kind == "module" and _is_start(node.test):
        return _started_or_imported(interpreter, node, frame)
    trace = interpreter.trace
    place = frame.place(node.test)
    if known is not None and not is_setting:
        if trace is not None and decisions.misses(interpreter, node.test, value, frame):
            trace.missed.append(place)
        guest_ways.took_branch(interpreter, node, value, frame, holds=known, read_before=read_before)
        if known and interpreter.passes_checks and not node.orelse and isinstance(node.body[-1], ir.Raise):
            return Outcome.NEXT
        return execute_same(interpreter, node.body if known else node.orelse, frame)
    text = interpreter.source(node.test)
    setting = operations.setting_of(value)
    if trace is not None and trace.absent:
        read = [Absent(label, where) for where, label in trace.credentials[read_before:][:1]]
        trace.decides(place, (*decisions.tests(interpreter, node.test, value, frame), *read))
    holds = Condition(text, place, known, setting)
    fails = Condition(f"not ({text})", place, None if known is None else not known, setting)
    with interpreter.heap.branches() as fields:
        outcome, refuses = _both(interpreter, node, frame, holds, fails, fields)
    if trace is not None and trace.touches and outcome is Outcome.NEXT:
        if refuses:
            body_flow.refused(value)
        body_types.replaced(interpreter, node.test, frame, holds)
    return outcome


def _started_or_imported(interpreter: Interpreter, node: ir.If, frame: Frame) -> Outcome:
    """``if __name__ == "__main__": run()`` with an ``else``: a server is started either way, which is no condition."""
    names, states = Names(frame, node), []
    with interpreter.heap.branches() as fields:
        written: list[State] = []
        for block in (node.body, node.orelse):
            names.put(names.before)
            fields.start_again()
            if execute(interpreter, block, frame) is Outcome.NEXT:
                states.append(names.take())
                written.append(fields.take())
        fields.join(interpreter, written)
    names.put_joined(states or [names.before])
    return Outcome.NEXT


def _both(
    interpreter: Interpreter, node: ir.If, frame: Frame, holds: Condition, fails: Condition, fields: Fields
) -> tuple[Outcome, bool]:
    """Run the branches of an undecided ``if``. The second result says whether one of them raises."""
    names = Names(frame, node)
    branches, around = Branches(interpreter), Ways(interpreter, holds.place)
    passed: list[tuple[Condition, ...]] = []
    take_back = narrowing.assume(interpreter, node.test, frame, holds=True)
    with interpreter.under(holds):
        first = execute(interpreter, node.body, frame)
        passed.append(frame.exit_conditions)
    after_body, written = names.take(), [fields.take()]
    if first is Outcome.NEXT:
        branches.goes_on()
    fields.start_again()
    take_back()
    names.put(names.before)
    branches.start()
    take_back = narrowing.assume(interpreter, node.test, frame, holds=False)
    with interpreter.under(fails):
        second = execute(interpreter, node.orelse, frame)
        passed.append(frame.exit_conditions)
    after_orelse = names.take()
    written.append(fields.take())
    if second is Outcome.NEXT:
        branches.goes_on()
    if first is Outcome.NEXT or second is not Outcome.NEXT:
        take_back()
    branches.finish()
    refuses = Outcome.RAISE in (first, second)
    ways = list(zip(written, (first, second), strict=True))
    if holds.by_default is False:
        ways.reverse()
    is_default = holds.by_default is not None and ways[0][1] not in (Outcome.RAISE, Outcome.RETURN)
    setting = holds.setting or holds.text
    left = [state for state, ended in ways if ended not in (Outcome.RAISE, Outcome.RETURN)]
    fields.join(interpreter, left, setting if is_default else None)
    if first is Outcome.NEXT and second is Outcome.NEXT:
        states = [after_body, after_orelse]
        if holds.by_default is False:
            states.reverse()
        choose = partial(chosen, interpreter, setting=setting, is_default=is_default)
        names.put_joined(states, partial(_join_names, choose))
        around.go_on(passed)
        return Outcome.NEXT, refuses
    if first is Outcome.NEXT:
        names.put(after_body)
        if second is not Outcome.RAISE or interpreter.trace is not None:
            interpreter.conditions = (*interpreter.conditions, holds)
        return Outcome.NEXT, refuses
    if second is Outcome.NEXT:
        names.put(after_orelse)
        if first is not Outcome.RAISE or interpreter.trace is not None:
            interpreter.conditions = (*interpreter.conditions, fails)
        return Outcome.NEXT, refuses
    return min(first, second), refuses


def execute_same(interpreter: Interpreter, block: list[ir.Statement], frame: Frame) -> Outcome:
    """Run a block as part of the surrounding one: conditions that it adds stay."""
    for statement in block:
        interpreter.steps += 1  # as Interpreter.step(), without a call, as for expressions
        if interpreter.steps > interpreter.limit:
            raise OverBudgetError
        try:
            outcome = _EXECUTORS[type(statement)](interpreter, statement, frame)
        except RaisedSignal:
            return Outcome.RAISE
        if outcome:
            return outcome
    return Outcome.NEXT


def _is_start(test: ir.Expression) -> bool:
    match test:
        case ir.Comparison(
            left=ir.Name(id="__name__"), operators=["=="], rights=[ir.Constant(value="__main__")]
        ):
            return True
    return False


def _is_type_checking(test: ir.Expression) -> bool:
    return (isinstance(test, ir.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ir.Attribute) and test.name == "TYPE_CHECKING"
    )


def _for(interpreter: Interpreter, node: ir.For, frame: Frame) -> Outcome:
    iterable = coroutines.consumed(interpreter.evaluate(node.iterable, frame))
    items, is_open = operations.items_of(iterable)
    items = decisions.deployed_items(interpreter, node.iterable, items, frame)
    if is_open and not items:
        item = texts.element_of(iterable, f"a loop over {unparse(node.iterable)}", frame.place(node.iterable))
        known = decisions.deployed_items(interpreter, node.iterable, [item], frame)
        _uncertain_loop(interpreter, node, known, frame)
    elif operations.is_sample(iterable):
        _uncertain_loop(interpreter, node, items[:MAX_ITERATIONS], frame)
        items = []
    skipped = 0
    for item in items[:MAX_ITERATIONS]:
        assign(interpreter, node.target, item, frame)
        outcome, jumps = _round(interpreter, node.body, frame)
        if outcome is Outcome.BREAK:
            if not is_open:
                return Outcome.NEXT  # what was looked for is found: ``else`` is for what is not
            break
        if outcome in (Outcome.RETURN, Outcome.RAISE):
            if not jumps:
                return outcome
            skipped += 1
            if skipped == MAX_SKIPPED:
                break
    return execute_same(interpreter, node.orelse, frame)


def _round(
    interpreter: Interpreter, body: list[ir.Statement], frame: Frame
) -> tuple[Outcome, frozenset[Outcome]]:
    """Run the body of a loop once: how it ends, and the ``break`` and ``continue`` that may end it before.

    Only a run of a request asks for those; wiring takes the first that is found.
    """
    before, frame.jumps = frame.jumps, frozenset()
    others, frame.jumped = frame.jumped, []
    outside = len(interpreter.conditions)
    try:
        outcome = execute(interpreter, body, frame)
        if outcome is Outcome.NEXT:
            _doubt_flags(interpreter, frame, outside)
        return outcome, frame.jumps if interpreter.trace is not None else frozenset()
    finally:
        frame.jumps, frame.jumped = before, others


def _doubt_flags(interpreter: Interpreter, frame: Frame, outside: int) -> None:
    """What a round leaves that may have ended before: ``found = True; break`` says what was tested there."""
    trace, names = interpreter.trace, frame.scope.names
    for left, conditions in frame.jumped:
        sources = [
            value
            for condition in conditions[outside:]
            for value in (trace.tests.get(condition.place, ()) if trace is not None else ())
        ]
        for name, value in left.items():
            now = names.get(name)
            if _is_flag(value) and _is_flag(now) and now.value is not value.value and sources:
                names[name] = Tested(f"whether {name} is set", tuple(sources))


def _is_flag(value: Value | None) -> TypeGuard[Constant]:
    return isinstance(value, Constant) and isinstance(value.value, bool) and value.setting is None


def _jump(outcome: Outcome) -> Callable[[Interpreter, ir.Statement, Frame], Outcome]:
    def run(interpreter: Interpreter, node: ir.Statement, frame: Frame) -> Outcome:
        """``break`` or ``continue``"""
        frame.jumps |= {outcome}
        trace = interpreter.trace
        if trace is not None and trace.absent and frame.scope.kind == "function":
            frame.jumped.append((dict(frame.scope.names), interpreter.conditions))
        return outcome

    return run


def _uncertain_loop(interpreter: Interpreter, node: ir.For, items: list[Value], frame: Frame) -> None:
    """A loop of which nobody knows how often it runs, with the items that stand for all."""
    text = f"for {unparse(node.target)} in {unparse(node.iterable)}"
    condition = Condition(text, frame.place(node.iterable), None)
    with interpreter.heap.branches() as fields, interpreter.under(condition):
        for item in items:
            assign(interpreter, node.target, item, frame)
            _round(interpreter, node.body, frame)
        fields.join(interpreter, [fields.take(), {}])


def _while(interpreter: Interpreter, node: ir.While, frame: Frame) -> Outcome:
    known, is_setting = operations.truth(interpreter.evaluate(node.test, frame))
    if known is False and not is_setting:
        return execute_same(interpreter, node.orelse, frame)
    names, branches = Names(frame, node), Branches(interpreter)
    condition = None if known else Condition(unparse(node.test), frame.place(node.test), None)
    with interpreter.heap.branches() as fields, interpreter.under(condition):
        outcome, jumps = _round(interpreter, node.body, frame)
        if not known or is_setting:
            fields.join(interpreter, [fields.take(), {}])
    branches.finish()
    ends = outcome in (Outcome.RETURN, Outcome.RAISE) and Outcome.BREAK not in jumps
    if known and not is_setting and ends:
        return outcome
    names.put_joined([names.take(), names.before])
    return execute_same(interpreter, node.orelse, frame)


def _match(interpreter: Interpreter, node: ir.Match, frame: Frame) -> Outcome:
    subject = interpreter.evaluate(node.subject, frame)
    with interpreter.heap.branches() as fields:
        return _cases(interpreter, node, subject, frame, fields)


def _cases(interpreter: Interpreter, node: ir.Match, subject: Value, frame: Frame, fields: Fields) -> Outcome:
    """Run the cases that may match."""
    names, branches = Names(frame, node), Branches(interpreter)
    states: list[dict[str, Value]] = []
    written: list[State] = []
    outcomes: list[Outcome] = []
    exhaustive = False
    for case in node.cases:
        names.put(names.before)
        fields.start_again()
        branches.start()
        patterns = [interpreter.evaluate(value, frame) for value in case.values]
        truths = [_equals(subject, pattern) for pattern in patterns]
        if truths and all(t is False for t in truths):
            continue
        for name in case.names:
            interpreter.bind(name, _captured(case, subject, patterns), frame)
        certain = case.guard is None and (case.is_wildcard or True in truths)
        pattern = " | ".join(unparse(v) for v in case.values) or "…"
        condition = Condition(
            f"match {unparse(node.subject)}: case {pattern}", frame.place(node.subject), None
        )
        narrowing.matched(interpreter, node.subject, patterns, frame)
        with interpreter.under(None if certain and not states else condition):
            if case.guard is not None:
                interpreter.evaluate(case.guard, frame)
            outcomes.append(execute(interpreter, case.body, frame))
        if outcomes[-1] is Outcome.NEXT:
            branches.goes_on()
        states.append(names.take())
        written.append(fields.take())
        if certain:
            exhaustive = True
            break
    if not exhaustive:
        states.append(names.before)
        written.append({})
        outcomes.append(Outcome.NEXT)
        branches.start()
        branches.goes_on()
    branches.finish()
    gone = (Outcome.RAISE, Outcome.RETURN)
    fields.join(interpreter, [w for w, o in zip(written, outcomes, strict=True) if o not in gone])
    live = [s for s, o in zip(states, outcomes, strict=True) if o is Outcome.NEXT]
    if live:
        names.put_joined(live)
        return Outcome.NEXT
    return min(outcomes)


def _equals(subject: Value, pattern: Value) -> bool | None:
    """Whether a pattern matches; what only the default of a setting says is not decided."""
    known, is_setting = operations.truth(operations.compare("==", subject, pattern))
    return None if is_setting else known


def _captured(case: ir.MatchCase, subject: Value, patterns: list[Value]) -> Value:
    """What a name of a pattern stands for: the subject, what it was compared with, or some part of it."""
    if case.is_wildcard:
        return subject
    if patterns:  # ``"new" | "old" as order``
        return join(patterns)
    return texts.element_of(subject, "a matched value")


def _bound_names(node: Any) -> Iterator[str]:
    """The names that a compound statement binds in its own scope."""
    pending: list[Any] = [node]
    while pending:
        current = pending.pop()
        match current:
            case ir.FunctionDef(name=name) | ir.ClassDef(name=name) | ir.TypeAlias(name=name):
                yield name
            case ir.Import(names=names):
                yield from (n.alias or n.name.split(".", 1)[0] for n in names)
            case ir.ImportFrom(names=names):
                yield from (n.alias or n.name for n in names)
            case ir.Assign(targets=targets):
                for target in targets:
                    yield from names_bound_by(target)
            case ir.AnnotatedAssign(target=target) | ir.AugmentedAssign(target=target):
                yield from names_bound_by(target)
            case ir.If(body=body, orelse=orelse):
                pending += [*body, *orelse]
            case ir.For(target=target, body=body, orelse=orelse):
                yield from names_bound_by(target)
                pending += [*body, *orelse]
            case ir.While(body=body, orelse=orelse):
                pending += [*body, *orelse]
            case ir.With(items=items, body=body):
                for item in items:
                    if item.target is not None:
                        yield from names_bound_by(item.target)
                pending += body
            case ir.Try(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody):
                pending += [*body, *orelse, *finalbody]
                for handler in handlers:
                    if handler.name:
                        yield handler.name
                    pending += handler.body
            case ir.Match(cases=cases):
                for case in cases:
                    yield from case.names
                    pending += case.body


_EXECUTORS: dict[type[Any], Callable[[Any, Any, Any], Outcome]] = {
    ir.Assign: _assign,
    ir.AnnotatedAssign: _annotated,
    ir.AugmentedAssign: _augmented,
    ir.TypeAlias: _type_alias,
    ir.ExpressionStatement: _expression,
    ir.FunctionDef: _function,
    ir.ClassDef: _class,
    ir.Import: _import,
    ir.ImportFrom: _import_from,
    ir.Return: _return,
    ir.Raise: _raise,
    ir.Assert: _assert,
    ir.Pass: lambda interpreter, node, frame: Outcome.NEXT,
    ir.Break: _jump(Outcome.BREAK),
    ir.Continue: _jump(Outcome.CONTINUE),
    ir.Global: _global,
    ir.Nonlocal: _nonlocal,
    ir.Delete: _delete,
    ir.If: _if,
    ir.For: _for,
    ir.While: _while,
    ir.Match: _match,
}


def register(kind: type[Any], run: Callable[[Any, Any, Any], Outcome]) -> None:
    """Let another module run a form of statement."""
    _EXECUTORS[kind] = run
