"""What a guard adds to those that it depends on: whom it turns away itself, and which settings take that back.

A check of roles stands behind a guard that knows who calls. A request without a credential never comes to it, so it
is the normal run, of a request that carries everything, which says whether it refuses anybody.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_gate.backend import decisions
from backend_gate.backend.model import Opening, OwnDenials
from backend_gate.backend.public_work import changes_more_than_its_own, only_computes
from backend_gate.backend.trace import CallEvent, RaiseEvent, ReturnEvent
from backend_gate.backend.values import (
    Class,
    Constant,
    External,
    Function,
    Instance,
    Native,
    Unknown,
    Value,
    alternatives,
)
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.runs import Run

_TESTS = (ir.If, ir.Conditional, ir.Comparison, ir.BooleanOperation, ir.Match)
_LOGS = re.compile(r"(^|[._])(log|logger|logging|structlog|loguru)\.", re.IGNORECASE)
_GIVES = (Class, Function, Native)
"""What a factory gives: the guard itself, for somebody else to call."""


_OF_FRAMEWORK = "fastapi.security."
_WANT = re.compile(r"\.scheme\b|^(not )?\(?not \w+\)?$|^\w+ is None$|^not \(\w+\)$|^not \(\w+ is not None\)$")
"""What is tested is a name as a whole, or the word before a credential."""
NONE = OwnDenials()


def own_denials(interpreter: Interpreter, function: Function | None, run: Run | None) -> OwnDenials:
    """Read it off the normal run of a guard; :data:`NONE` where that was not followed to its end."""
    if function is None or run is None or run.trace.gave_up or run.trace.ended_early:
        return NONE
    node = function.node
    if not isinstance(node, ir.FunctionDef) or node.is_generator or node.decorators:
        return NONE
    body = interpreter.modules.body(function.module.path, node)
    trace = run.trace
    if any(decisions.is_denial(trace, event) for event in trace.raises):
        return OwnDenials(openings=tuple(filter(None, map(_opening, trace.returns))))
    raises = trace.raises or any(isinstance(one, ir.Raise) for one in expressions_in(body))
    if raises or not trace.returns or changes_more_than_its_own(body) or trace.changes_outside:
        return NONE
    if not all(_is_harmless(event, interpreter) for event in trace.calls) or trace.delegated:
        return NONE
    values = [one for way in trace.returns for one in alternatives(way.value)]
    if any(isinstance(one, _GIVES) for one in values):
        return NONE
    nothing = [isinstance(one, Constant) and one.value is None for one in values]
    hands_on = _hands_on(node, body)
    some = any(nothing) and not all(nothing)
    says = not hands_on and any(isinstance(one, (Unknown, Constant)) for one in values) and not all(nothing)
    return OwnDenials(
        idle=True,
        tests=any(isinstance(one, _TESTS) for one in expressions_in(body)),
        by_scopes=any(_is_scopes(parameter.annotation) for parameter in node.parameters),
        answers=some or says,
        hands_on=hands_on,
        gives_nothing=all(nothing),
    )


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
    returned = [one.value for one in expressions_in(body, into_functions=False) if isinstance(one, ir.Return)]
    return all(
        value is None
        or (isinstance(value, ir.Constant) and value.value is None)
        or (isinstance(value, ir.Name) and value.id in names)
        for value in returned
    )


def _opening(way: ReturnEvent) -> Opening | None:
    """A way through that nothing decides but settings."""
    if not way.conditions or any(condition.setting is None for condition in way.conditions):
        return None
    last = way.conditions[-1]
    return Opening(last.setting or last.text, last)


def _is_harmless(event: CallEvent, interpreter: Interpreter) -> bool:
    """Nobody who could refuse: the project's own code, which was followed, plain computing, and log lines."""
    names = [one.name for one in alternatives(event.callee) if isinstance(one, External)]
    return bool(names and all(map(_LOGS.search, names))) or only_computes(event, interpreter.vocabulary)
