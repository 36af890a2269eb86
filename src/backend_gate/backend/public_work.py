"""What a run touches: stored data, files, the state of the process, other services, or nothing of the kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from typing import TYPE_CHECKING

from backend_gate.backend import values
from backend_gate.backend.interpreter import MUTATING, Interpreter
from backend_gate.backend.trace import CallEvent, Trace
from backend_gate.backend.values import (
    BoundMethod,
    Class,
    External,
    Function,
    Input,
    Instance,
    Mapping,
    Module,
    Native,
    Value,
    alternatives,
)
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.modules import ModuleState
    from backend_gate.backend.vocabulary import Vocabulary

_CALLS_BACK = frozenset(
    {"builtins.map", "builtins.filter", "functools.reduce", "itertools.starmap", "builtins.sorted"}
)
"""What calls the function that it is given."""
_ENVIRONMENT = "os.environ"
_SET_UP = re.compile(
    r"(^|_)(conf|config|configuration|settings|options|version|title|debug|started|start_time|started_at"
    r"|environment|env|templates|logger|prefix|root_path|base_url)$",
    re.IGNORECASE,
)
"""What an application keeps in its state that is not about anybody."""
_OF_SOMEBODY = re.compile(r"user|member|account|customer|client|tenant|team|person", re.IGNORECASE)
"""Whose settings they are, if not the application's."""
_MAX_IMPORTS = 4
"""So many modules may hand a name on."""
_OF_STATE = re.compile(r"(\.app|\.FastAPI|\.Starlette)\.state\.")


def touches_nothing(
    trace: Trace, vocabulary: Vocabulary, apart_from: Callable[[CallEvent], bool] | None = None
) -> bool:
    """A run that reads no stored data and has no effect: it only computes, from settings and its input.

    ``apart_from`` says which calls do not count.
    """
    if trace.changes_outside:
        return False
    return all(
        (apart_from is not None and apart_from(event)) or only_computes(event, vocabulary)
        for event in trace.calls
    )


def only_computes(event: CallEvent, vocabulary: Vocabulary) -> bool:
    """A call that keeps nothing, asks nobody and reads nothing; one that the run has followed is no call by itself."""
    for callee in alternatives(event.callee):
        if isinstance(callee, BoundMethod) and _has_state(callee):
            return False
        if isinstance(callee, (Function, BoundMethod, Class, Native)):
            continue
        if isinstance(callee, Input) and callee.kind != "stored":
            continue
        name = callee.name if isinstance(callee, External) else ""
        if not is_one_of(name, vocabulary, "computing") or is_one_of(name, vocabulary, "not_computing"):
            return False
        if name in _CALLS_BACK and any(map(_is_defined, event.arguments.all())):
            return False
        if _OF_STATE.search(name) or any(_is_environment(value) for value in event.arguments.all()):
            return False
    return True


def _is_defined(value: Value) -> bool:
    """A function with a body of statements, which is called where nobody follows it."""
    function = value.function if isinstance(value, BoundMethod) else value
    return isinstance(function, Function) and isinstance(function.node, ir.FunctionDef)


def is_one_of(name: str, vocabulary: Vocabulary, key: str) -> bool:
    """``name`` stands in a list of the vocabulary, or below what stands there."""
    known: Container[str] = vocabulary.names(key).exact
    return any(prefix in known for prefix in _prefixes(name))


def _prefixes(name: str) -> Iterator[str]:
    while name:
        yield name
        name = name.rpartition(".")[0]


def _is_environment(value: Value) -> bool:
    """All variables of the environment at once, secrets and all."""
    return isinstance(value, External) and value.name == _ENVIRONMENT


def _has_state(method: BoundMethod) -> bool:
    """A method of a service object, which keeps state between requests."""
    receiver = method.receiver
    return isinstance(receiver, Instance) and "__init__" in getattr(
        getattr(receiver.cls, "scope", None), "names", {}
    )


def uses_state(interpreter: Interpreter, handler: Function | None, trace: Trace) -> bool:
    """A function of the run reads what others change: a list, dict or name of a module or of an enclosing function.

    So does one that changes items or attributes of what it has not made itself. Of the handler itself, an object
    with state counts as well.
    """
    if handler is None:
        return False
    return any(_uses_state(interpreter, one, own=one is handler) for one in followed(handler, trace))


def followed(handler: Function, trace: Trace) -> list[Function]:
    """The functions of the project that a run has come to, the handler first, each once."""
    called = [
        callee.function if isinstance(callee, BoundMethod) else callee
        for event in trace.calls
        for callee in alternatives(event.callee)
        if isinstance(callee, (Function, BoundMethod))
    ]
    return list({id(one.node): one for one in (handler, *called)}.values())


def _uses_state(interpreter: Interpreter, function: Function, *, own: bool) -> bool:
    if not isinstance(function.node, ir.FunctionDef):
        return False
    body = interpreter.modules.body(function.module.path, function.node)
    if changes_more_than_its_own(body) or (own and gives_kept(body)):
        return True
    names = {node.id for node in expressions_in(body) if isinstance(node, ir.Name)}
    if names & interpreter.rebound_names(function.module):
        return True
    changed = interpreter.changed_names(function.module)
    if any(_is_store(interpreter, *one) for one in of_other_modules(interpreter, function.module, body)):
        return True
    for name in names:
        value = around(function, name) or interpreter.module_attribute(function.module, name)
        if is_changeable(value) and name in changed:
            return True
        if own and isinstance(value, Instance) and isinstance(value.cls, Class):
            vocabulary = interpreter.vocabulary
            is_plain = vocabulary.is_enum(value.cls) or vocabulary.is_model(value.cls)
            if not is_plain and any(isinstance(one, Function) for one in value.cls.scope.names.values()):
                return True
    return False


def of_other_modules(
    interpreter: Interpreter, module: ModuleState, body: list[ir.Statement]
) -> Iterator[tuple[ModuleState, str]]:
    """The names of other modules that a body reads: ``from store import MEMBERS``, and ``store.MEMBERS``."""
    nodes = list(expressions_in(body))
    for name in dict.fromkeys(node.id for node in nodes if isinstance(node, ir.Name)):
        home, original = home_of(interpreter, module, name)
        if home is not module:
            yield home, original
    parts = {
        (node.value.id, node.name)
        for node in nodes
        if isinstance(node, ir.Attribute) and isinstance(node.value, ir.Name)
    }
    for name, part in sorted(parts):
        owner = interpreter.module_attribute(module, name) if _is_imported(module, name) else None
        found = interpreter.modules.get(owner.name) if isinstance(owner, Module) else None
        if found is not None:
            yield home_of(interpreter, found, part)


def _is_imported(module: ModuleState, name: str) -> bool:
    numbers = module.statements_about(name)
    return any(isinstance(module.statement(n), (ir.Import, ir.ImportFrom)) for n in numbers)


def home_of(interpreter: Interpreter, module: ModuleState, name: str) -> tuple[ModuleState, str]:
    """The module in which a name was given its value, and what it is called there."""
    for _ in range(_MAX_IMPORTS):
        source = _source_of(interpreter, module, name)
        if source is None:
            break
        module, name = source
    return module, name


def _source_of(interpreter: Interpreter, module: ModuleState, name: str) -> tuple[ModuleState, str] | None:
    for number in module.statements_about(name):
        statement = module.statement(number)
        if isinstance(statement, ir.ImportFrom):
            source = interpreter.modules.get(
                interpreter.modules.absolute(module, statement.module, statement.level)
            )
            found = next((one.name for one in statement.names if (one.alias or one.name) == name), None)
            if source is not None and found is not None:
                return source, found
    return None


def _is_store(interpreter: Interpreter, home: ModuleState, name: str) -> bool:
    """A list or dict that its module changes; one that is empty is there for others to fill."""
    value = interpreter.module_attribute(home, name)
    if not is_changeable(value):
        return False
    is_empty = (isinstance(value, Mapping) and not value.entries and not value.open) or (
        isinstance(value, values.Sequence) and not value.items and not value.open
    )
    return is_empty or name in interpreter.changed_names(home)


def gives_kept(body: list[ir.Statement]) -> bool:
    """It reads ``request.app.state.members``: what a server keeps for all requests, and not how it is set up."""
    return any(
        isinstance(node, ir.Attribute) and _is_state(node.value) and not _is_set_up(node.name)
        for node in expressions_in(body)
    )


def _is_set_up(name: str) -> bool:
    return bool(_SET_UP.search(name)) and not _OF_SOMEBODY.search(name)


def _is_state(node: ir.Expression) -> bool:
    """``app.state`` and ``request.app.state``; ``request.state`` belongs to one request."""
    if not isinstance(node, ir.Attribute) or node.name != "state":
        return False
    owner = node.value
    name = owner.id if isinstance(owner, ir.Name) else getattr(owner, "name", "")
    return name in ("app", "application")


def around(function: Function, name: str) -> Value | None:
    """What a name means in the functions around one that was made by a call: all requests share it."""
    scope: values.Scope | None = function.scope
    while scope is not None and scope.kind == "function":
        if name in scope.names:
            return scope.names[name]
        scope = scope.parent
    return None


def is_changeable(value: Value | None) -> bool:
    """A list, set or dict."""
    return isinstance(value, Mapping) or (isinstance(value, values.Sequence) and value.kind != "tuple")


def changes_more_than_its_own(body: list[ir.Statement]) -> bool:
    """Items or attributes are set or removed of what the function was given, or finds around it."""
    own: set[str] = set()
    changed: list[ir.Expression] = []
    for node in expressions_in(body):
        match node:
            case ir.Assign(targets=targets, value=value):
                own.update(one.id for one in targets if isinstance(one, ir.Name) and _is_fresh(value))
                changed += [one.value for one in targets if isinstance(one, (ir.Subscript, ir.Attribute))]
            case ir.AnnotatedAssign(target=ir.Name(id=name), value=value) if value is not None:
                own.update({name} if _is_fresh(value) else ())
            case ir.AugmentedAssign(target=ir.Subscript(value=owner) | ir.Attribute(value=owner)):
                changed.append(owner)
            case ir.Delete(targets=targets):
                changed += [one.value for one in targets if isinstance(one, (ir.Subscript, ir.Attribute))]
            case ir.Call(function=ir.Attribute(value=owner, name=name)) if name in MUTATING:
                changed.append(owner)
    return any(not (isinstance(one, ir.Name) and one.id in own) for one in changed)


def _is_fresh(value: ir.Expression) -> bool:
    """Made here: no other name of what is there already."""
    return not isinstance(value, (ir.Name, ir.Attribute, ir.Subscript))
