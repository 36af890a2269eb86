"""Methods that a class only declares: an object that has one is of a class that brings its own.

Which class it is may be known nowhere in the code, where a setting names it or something outside makes it. A guard
of that kind is asked as each class of the project would answer, and as one that is not known.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from backend_gate.backend.model import Condition, Place
from backend_gate.backend.values import (
    TRUE,
    BoundMethod,
    Class,
    Descriptor,
    Function,
    Instance,
    Native,
    Unknown,
    Value,
    join,
)
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.arguments import Arguments
    from backend_gate.backend.interpreter import Interpreter

ABSTRACT = "__isabstractmethod__"
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
    interpreter: Interpreter, owner: Instance, declared: Function, place: Place | None
) -> Value | None:
    """What ``owner.method`` is where its class only declares it; ``None`` in a run that does not ask for guards."""
    trace, cls = interpreter.trace, owner.cls
    if trace is None or not trace.absent or not isinstance(cls, Class):
        return None
    found: list[Value] = []
    for kind in subclasses(interpreter, cls):
        method = _method(kind, declared.name)
        if isinstance(method, Function) and not is_declared_only(method):
            made = Instance(kind, owner.place, in_run=owner.in_run)
            made.attributes = dict(owner.attributes)
            found.append(BoundMethod(method, made))
    if not found or len(found) > MAX_IMPLEMENTATIONS:
        return Unknown(f"which class implements {declared.full_name}", place)
    return join([*found, Native(f"another {_name(cls)}", partial(_another, cls))])


def _another(cls: Class, interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    """The method of a class that is not seen, which somebody has to choose."""
    where = place or cls.place
    choice = f"which {_name(cls)} is used"
    condition = Condition(f"another {_name(cls)} is used than the code holds", where, False, choice)
    interpreter.conditions = (*interpreter.conditions, condition)
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
