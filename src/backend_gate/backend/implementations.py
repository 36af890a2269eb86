"""Methods that a class only declares: an object that has one is of a class that brings its own.

Which class it is may be known nowhere in the code, where a setting names it or something outside makes it. A guard
of that kind is asked as each class of the project would answer, and as one that is not known; what others do is
followed in each class of the project, if they are few.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from backend_gate.backend import decisions
from backend_gate.backend.model import Condition, Place
from backend_gate.backend.values import (
    TRUE,
    Asked,
    BoundMethod,
    Class,
    Descriptor,
    External,
    Function,
    Instance,
    Native,
    TypeApplication,
    Unknown,
    Value,
    join,
)
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.arguments import Arguments
    from backend_gate.backend.interpreter import Interpreter

ABSTRACT = "__isabstractmethod__"
OF_TYPE = "__of_type__"
"""Marks an object of which only the type is known."""
_PROTOCOL = "typing.Protocol"
_MOST_OF_A_PLACE = 2
"""Statements of a body that is only there to be replaced: a docstring and one that says so."""
MAX_IMPLEMENTATIONS = 3
"""Of so many classes each is asked."""


def mark(function: Value) -> None:
    """Note that a function is only declared (``@abstractmethod``)."""
    kept = function.function if isinstance(function, Descriptor) else function
    if isinstance(kept, Function):
        kept.attributes[ABSTRACT] = TRUE


def is_declared_only(found: Value) -> bool:
    """What a class binds is an abstract method, or a property of one."""
    kept = found.function if isinstance(found, Descriptor) else found
    return isinstance(kept, Function) and ABSTRACT in kept.attributes


def is_left_to_kinds(interpreter: Interpreter, found: Value, owner: Instance | Class) -> bool:
    """The kinds of a class bring what it binds: it is abstract, or nothing but a place for theirs.

    A body that does nothing is such a place in a class of which there is no object; one that only says that it is
    not implemented is one where nobody knows that the object is of this very class.
    """
    if is_declared_only(found):
        return True
    kept = found.function if isinstance(found, Descriptor) else found
    if not isinstance(kept, Function) or not isinstance(kept.node, ir.FunctionDef):
        return False
    cls = owner.cls if isinstance(owner, Instance) else owner
    is_certain = isinstance(owner, Instance) and OF_TYPE not in owner.attributes
    body = interpreter.modules.body(kept.module.path, kept.node)
    rest = [statement for statement in body[:_MOST_OF_A_PLACE] if not _says_nothing(statement)]
    if len(body) > _MOST_OF_A_PLACE:
        return False
    if not rest:
        return isinstance(cls, Class) and (is_abstract(cls) or _is_protocol(kept))
    return not is_certain and len(rest) == 1 and _is_left_out(rest[0])


def _says_nothing(statement: ir.Statement) -> bool:
    """``pass``, ``...`` or a docstring."""
    return isinstance(statement, ir.Pass) or (
        isinstance(statement, ir.ExpressionStatement)
        and isinstance(statement.value, (ir.Constant, ir.EllipsisLiteral))
    )


def _is_left_out(statement: ir.Statement) -> bool:
    raised = statement.value if isinstance(statement, ir.Raise) else None
    if isinstance(raised, ir.Call):
        raised = raised.function
    return isinstance(raised, ir.Name) and raised.id == "NotImplementedError"


def _is_protocol(function: Function) -> bool:
    bases = function.cls.bases if function.cls is not None else []
    kinds = [base.base if isinstance(base, TypeApplication) else base for base in bases]
    return any(isinstance(kind, External) and kind.name == _PROTOCOL for kind in kinds)


def is_abstract(cls: Class) -> bool:
    """Some method of it is only declared: there is no object of this very class."""
    bound: set[str] = set()
    for base in cls.mro():
        if isinstance(base, Class):
            new = {name: value for name, value in base.scope.names.items() if name not in bound}
            if any(map(is_declared_only, new.values())):
                return True
            bound |= new.keys()
    return False


def implemented(
    interpreter: Interpreter, owner: Instance | Class, declared: Value, place: Place | None
) -> Value | None:
    """What ``owner.method`` is where its class only declares it; ``None`` where it stays what is declared.

    A normal run follows each of a few classes that bring it; the wiring does not ask.
    The ``owner`` may be the class itself: a setting may have another in its place.
    """
    trace, cls = interpreter.trace, owner.cls if isinstance(owner, Instance) else owner
    if trace is None or not isinstance(cls, Class):
        return None
    function = declared.function if isinstance(declared, Descriptor) else declared
    if not isinstance(function, Function) or not is_left_to_kinds(interpreter, declared, owner):
        return None
    found: list[Value] = []
    for kind in subclasses(interpreter, cls):
        method = _method(kind, function.name)
        if method is not None and not is_left_to_kinds(interpreter, method, kind):
            found += _bound(method, kind, owner)
    if not trace.absent:  # nothing is decided by it: what each of them does may happen
        return join(found) if 0 < len(found) <= MAX_IMPLEMENTATIONS else None
    if not found or len(found) > MAX_IMPLEMENTATIONS:
        return Unknown(f"which class implements {function.full_name}", place)
    return join([*found, Native(f"another {_name(cls)}", partial(_another, cls))])


def _bound(method: Value, kind: Class, owner: Instance | Class) -> list[Value]:
    """The method of a kind, as it is looked up on an object of that kind or on that class."""
    match method:
        case Function() if isinstance(owner, Instance):
            made = Instance(kind, owner.place, in_run=owner.in_run)
            made.attributes = dict(owner.attributes)
            return [BoundMethod(method, made)]
        case Descriptor(kind="classmethod", function=Function() as function):
            return [BoundMethod(function, kind)]
        case Descriptor(kind="staticmethod", function=Function() as function):
            return [function]
    return []


def _another(cls: Class, interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    """The method of a class that is not seen, which somebody has to choose."""
    where = place or cls.place
    choice = f"which {_name(cls)} is used"
    condition = Condition(f"another {_name(cls)} is used than the code holds", where, False, choice)
    interpreter.conditions = (*interpreter.conditions, condition)
    if any(map(decisions.is_request_part, arguments.all())):
        return Asked(f"another {_name(cls)}", place)
    return Unknown(f"what another {_name(cls)} gives", place)


def subclasses(interpreter: Interpreter, cls: Class) -> list[Class]:
    """The classes of the production code that are kinds of ``cls``, at whatever distance."""
    known = interpreter.kinds.get(id(cls))
    if known is None:
        found: dict[int, Class] = {}
        pending = [cls]
        while pending:
            for kind in _direct(interpreter, pending.pop()):
                if id(kind) not in found:
                    found[id(kind)] = kind
                    pending.append(kind)
        known = interpreter.kinds[id(cls)] = (cls, list(found.values()))
    return known[1]


def _direct(interpreter: Interpreter, cls: Class) -> list[Class]:
    found: list[Class] = []
    word = _name(cls)
    for module_name in interpreter.modules.names():
        module = interpreter.modules.get(module_name)
        if module is None or module.path not in interpreter.production or not module.mentions(word):
            continue
        for number in range(len(module.facts.statements)):
            node = module.statement(number)
            if isinstance(node, ir.ClassDef) and node.bases:
                kind = interpreter.module_attribute(module, node.name)
                if isinstance(kind, Class) and any(base is cls for base in kind.mro()[1:]):
                    found.append(kind)
    return found


def _name(cls: Class) -> str:
    return cls.qualname.rpartition(".")[2]


def _method(cls: Class, name: str) -> Value | None:
    for base in cls.mro():
        if isinstance(base, Class) and name in base.scope.names:
            return base.scope.names[name]
    return None
