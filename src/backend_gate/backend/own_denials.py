"""What a guard adds to those that it depends on: whom it turns away itself, and which settings take that back.

A check of roles stands behind a guard that knows who calls. A request without a credential never comes to it, so it
is the normal run, of a request that carries everything, which says whether it refuses anybody.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from backend_gate.backend import decisions
from backend_gate.backend.model import Opening, OwnDenials
from backend_gate.backend.public_work import changes_more_than_its_own, followed, is_one_of, only_computes
from backend_gate.backend.trace import CallEvent, RaiseEvent, ReturnEvent, Trace
from backend_gate.backend.unparse import unparse
from backend_gate.backend.values import (
    BoundMethod,
    Class,
    Constant,
    External,
    Function,
    Instance,
    Mapping,
    Native,
    Sequence,
    Setting,
    Unknown,
    Value,
    alternatives,
)
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.runs import Run
    from backend_gate.backend.vocabulary import Vocabulary

_REFUSALS = (ir.Raise, ir.Assert)
_ENDS = (ir.Return, ir.Raise, ir.Break, ir.Continue)
_BLOCKS = ("body", "orelse", "finalbody")
_PARTS = ("handlers", "cases")
_LOGS = re.compile(r"(^|[._])(log|logger|logging|structlog|loguru)\.", re.IGNORECASE)
_GIVES = (Class, Function, Native)
"""What a factory gives: the guard itself, for somebody else to call."""


_OF_FRAMEWORK = "fastapi.security."
_WANT = re.compile(r"\.scheme\b|^(not )?\(?not \w+\)?$|^\w+ is None$|^not \(\w+\)$|^not \(\w+ is not None\)$")
"""What is tested is a name as a whole, or the word before a credential."""
NONE = OwnDenials()


def own_denials(
    interpreter: Interpreter, function: Function | None, run: Run | None, callers: Iterable[str] = ()
) -> OwnDenials:
    """Read it off the normal run of a guard; :data:`NONE` where that was not followed to its end.

    ``callers`` are the parameters to which the guards below it give what they have found out.
    """
    if function is None or run is None or run.trace.gave_up or run.trace.ended_early:
        return NONE
    node = function.node
    if not isinstance(node, ir.FunctionDef) or not all(map(_keeps_it, node.decorators)):
        return NONE
    body = interpreter.modules.body(function.module.path, node)
    trace = run.trace
    if any(decisions.is_denial(trace, event) for event in trace.raises):
        return OwnDenials(openings=tuple(filter(None, map(_opening, trace.returns))))
    if trace.raises or not trace.returns or trace.changes_outside:
        return NONE
    if not all(_is_harmless(event, interpreter) for event in trace.calls) or trace.delegated:
        return NONE
    if _does_more(interpreter, function, trace):
        return NONE
    values = [one for way in trace.returns for one in alternatives(way.value)]
    if any(isinstance(one, _GIVES) for one in values):
        return NONE
    nothing = [_is_nothing(one) for one in values]
    hands_on = _hands_on(node, body)
    some = any(nothing) and not all(nothing)
    says = not hands_on and any(isinstance(one, (Unknown, Constant)) for one in values) and not all(nothing)
    return OwnDenials(
        idle=True,
        tests=_looks_at(body, set(callers)) or any(_asks_policy(event, interpreter) for event in trace.calls),
        by_scopes=any(_is_scopes(parameter.annotation) for parameter in node.parameters),
        answers=some or says,
        hands_on=hands_on,
        provides=_provides(body),
        gives_nothing=all(isinstance(one, Constant) and one.value is None for one in values),
    )


def _keeps_it(decorator: ir.Expression) -> bool:
    """A decorator that leaves the function as it is."""
    return isinstance(decorator, ir.Name) and decorator.id in ("staticmethod", "classmethod")


def _does_more(interpreter: Interpreter, guard: Function, trace: Trace) -> bool:
    """What has run changes things, or has a ``raise``, or a call that the run has not come to and that may end in one.

    The rows of a list that is written down may have decided that the run goes another way.
    """
    done = {id(event.node) for event in trace.calls}
    for function, body, nodes in _bodies(interpreter, guard, trace):
        if any(isinstance(one, _REFUSALS) for one in nodes) or changes_more_than_its_own(body):
            return True
        calls = [one for one in nodes if isinstance(one, ir.Call) and id(one) not in done]
        if any(not _is_quiet(one, function, interpreter) for one in calls):
            return True
    return False


def _bodies(
    interpreter: Interpreter, guard: Function, trace: Trace
) -> Iterator[tuple[Function, list[ir.Statement], list[ir.Node]]]:
    """The functions that have run, each with its body and what that consists of."""
    awaited: set[int] = set()
    for function in followed(guard, trace):
        if not isinstance(function.node, ir.FunctionDef):
            continue
        body = interpreter.modules.body(function.module.path, function.node)
        nodes = list(_alive(body))
        awaited |= {id(one.value) for one in nodes if isinstance(one, ir.Await)}
        if function is guard or _has_run(function, trace, awaited):
            yield function, body, nodes


def _has_run(function: Function, trace: Trace, awaited: set[int]) -> bool:
    """It was called, and awaited where it is a coroutine."""
    node = function.node
    if not isinstance(node, ir.FunctionDef) or not node.is_async or node.is_generator:
        return True
    return any(
        id(event.node) in awaited
        for event in trace.calls
        for one in alternatives(event.callee)
        if (one.function if isinstance(one, BoundMethod) else one) is function
    )


def _is_quiet(call: ir.Call, function: Function, interpreter: Interpreter) -> bool:
    """A call that nobody has come to, of a logger or of what a library only computes."""
    text = unparse(call.function)
    root, _, rest = text.partition(".")
    if _LOGS.search(f"{text}."):
        return True
    value = interpreter.module_attribute(function.module, root)
    if value is None and not rest and hasattr(builtins, root):
        value = External(f"builtins.{root}")
    if isinstance(value, Class):
        return True  # an exception that is made and not raised
    if not isinstance(value, External):
        return False
    name = f"{value.name}.{rest}".rstrip(".")
    vocabulary = interpreter.vocabulary
    return is_one_of(name, vocabulary, "computing") and not is_one_of(name, vocabulary, "not_computing")


def _alive(block: list[ir.Statement]) -> Iterator[ir.Node]:
    """What a block consists of, without what stands behind a ``return`` and without functions inside."""
    dead: set[int] = set()
    for node in [None, *expressions_in(block, into_functions=False)]:
        if id(node) in dead:
            continue
        blocks = [block] if node is None else [getattr(node, name, None) for name in _BLOCKS]
        blocks += [part.body for name in _PARTS for part in getattr(node, name, ())]
        for one in blocks:
            if isinstance(one, list):
                ends = [number for number, part in enumerate(one) if isinstance(part, _ENDS)]
                dead.update(map(id, expressions_in(one[ends[0] + 1 :])) if ends else ())
        if node is not None:
            yield node


def _looks_at(block: list[ir.Statement], names: set[str]) -> bool:
    """Something is tested that was made of the values of these names."""
    nodes = list(expressions_in(block))
    known = -1
    while known < len(names):
        known = len(names)
        for node in nodes:
            targets, value = _given(node)
            if value is not None and _mentions(value, names):
                names.update(one.id for one in expressions_in(targets) if isinstance(one, ir.Name))
    return any(_mentions(test, names) for node in nodes for test in _tested(node))


def _given(node: ir.Node) -> tuple[list[ir.Expression], ir.Expression | None]:
    """What a statement binds, and to what."""
    match node:
        case ir.Assign(targets=targets, value=value):
            return targets, value
        case ir.AnnotatedAssign(target=target, value=value) | ir.NamedExpression(target=target, value=value):
            return [target], value
        case ir.For(target=target, iterable=value):
            return [target], value
    return [], None


def _tested(node: ir.Node) -> Iterator[ir.Expression]:
    match node:
        case ir.If(test=test) | ir.Conditional(test=test) | ir.Match(subject=test):
            yield test
        case ir.Comparison() | ir.BooleanOperation():
            yield node


def _mentions(node: ir.Expression, names: set[str]) -> bool:
    return any(isinstance(one, ir.Name) and one.id in names for one in expressions_in([node]))


def only_asks(interpreter: Interpreter, scheme: Value, run: Run | None) -> bool:
    """A security scheme of the project's own that, like those of the framework, only asks for a credential.

    All that it refuses is a missing one, or the wrong word before it, and it hands the credential to nobody.
    """
    if not isinstance(scheme, Instance) or not isinstance(scheme.cls, Class):
        return False
    if run is None or run.trace.gave_up or run.trace.ended_early:
        return False
    names = [external.name for external in scheme.cls.externals()]
    if not names or not all(
        name.startswith(_OF_FRAMEWORK) for name in names
    ):  # a library's own checks it itself
        return False
    return all(map(_is_for_want, run.trace.raises)) and all(
        _is_of_scheme(event) or _is_harmless(event, interpreter) for event in run.trace.calls
    )


def _is_for_want(event: RaiseEvent) -> bool:
    """Raised where there is no credential, or after another word than is expected."""
    return not event.implicit and (
        not event.conditions or _WANT.search(event.conditions[-1].text) is not None
    )


def _is_of_scheme(event: CallEvent) -> bool:
    """``super().__call__(request)``, and the exception that is made."""
    names = [one.name for one in alternatives(event.callee) if isinstance(one, External)]
    return bool(names) and all(
        name.startswith((_OF_FRAMEWORK, "fastapi.exceptions.", "starlette.exceptions.")) for name in names
    )


def _is_scopes(annotation: ir.Expression | None) -> bool:
    match annotation:
        case ir.Name(id="SecurityScopes") | ir.Attribute(name="SecurityScopes"):
            return True
    return False


def _hands_on(node: ir.FunctionDef, body: list[ir.Statement]) -> bool:
    """All that it returns is what it was given, or nothing."""
    names = {parameter.name for parameter in node.parameters}
    return all(
        value is None
        or (isinstance(value, ir.Constant) and value.value is None)
        or (isinstance(value, ir.DictDisplay | ir.ListDisplay) and _is_empty(value))
        or (isinstance(value, ir.Name) and value.id in names)
        for value in _returned(body)
    )


def _is_empty(display: ir.DictDisplay | ir.ListDisplay) -> bool:
    return not (display.entries if isinstance(display, ir.DictDisplay) else display.items)


def _is_nothing(value: Value) -> bool:
    """``None``, and an empty dict or list: nobody is in it."""
    if isinstance(value, Mapping):
        return not (value.entries or value.open)
    if isinstance(value, Sequence):
        return not (value.items or value.open)
    return isinstance(value, Constant) and value.value is None


def _provides(body: list[ir.Statement]) -> bool:
    """It returns something of its own making, and no name, no yes and no no."""
    return any(
        isinstance(value, (ir.Call, ir.TupleDisplay, ir.Subscript))
        or (isinstance(value, ir.DictDisplay | ir.ListDisplay) and not _is_empty(value))
        for value in _returned(body)
    )


def _returned(body: list[ir.Statement]) -> list[ir.Expression | None]:
    return [
        one.value
        for one in expressions_in(body, into_functions=False)
        if isinstance(one, (ir.Return, ir.Yield))
    ]


def _opening(way: ReturnEvent) -> Opening | None:
    """A way through that nothing decides but settings."""
    if not way.conditions or any(condition.setting is None for condition in way.conditions):
        return None
    last = way.conditions[-1]
    return Opening(last.setting or last.text, last)


def _is_harmless(event: CallEvent, interpreter: Interpreter) -> bool:
    """Nobody who could refuse: the project's own code, which was followed, plain computing, rows, and log lines."""
    callees = list(alternatives(event.callee))
    names = [one.name for one in callees if isinstance(one, External)]
    if names and all(_LOGS.search(name) or _only_answers(name, interpreter.vocabulary) for name in names):
        return True
    if all(isinstance(one, (Setting, BoundMethod)) for one in callees):
        return True  # the text of a setting, and a method, whose body is followed
    return only_computes(event, interpreter.vocabulary)


def _asks_policy(event: CallEvent, interpreter: Interpreter) -> bool:
    names = [one.name for one in alternatives(event.callee) if isinstance(one, External)]
    return any(is_one_of(name, interpreter.vocabulary, "answering") for name in names)


def _only_answers(name: str, vocabulary: Vocabulary) -> bool:
    """It asks for rows, or what a policy says: whoever wants to refuse has to look at what it gives."""
    if is_one_of(name, vocabulary, "answering"):
        return True
    return name.rpartition(".")[2] in vocabulary.names("finding") and is_one_of(name, vocabulary, "finders")
