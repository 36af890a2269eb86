"""Constructors that nobody wrote: of dataclasses, attrs classes, models and named tuples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_gate.backend.arguments import Arguments
from backend_gate.backend.values import (
    FALSE,
    TRUE,
    BoundMethod,
    Class,
    External,
    Function,
    Instance,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.model import Place
    from backend_gate.backend.vocabulary import Vocabulary

_GENERATING = frozenset({"dataclass", "define", "mutable", "attrs", "attributes", "s", "frozen"})
FROM_OUTSIDE = "__from_outside__"
"""Marks an object of the wiring that a file or the environment has filled (``Rules(**read())``)."""
_HOOKS = ("__post_init__", "__attrs_post_init__", "model_post_init")


def generates_init(cls: Class) -> bool:
    """A decorator of the class writes its constructor from the annotated fields."""
    names = [d.name for d in cls.decorators if isinstance(d, External)]
    names += [d.cls.name for d in cls.decorators if isinstance(d, Instance) and isinstance(d.cls, External)]
    return "__dataclass__" in cls.scope.names or any(n.rsplit(".", 1)[-1] in _GENERATING for n in names)


def field_options(vocabulary: Vocabulary, value: Value | None) -> Arguments | None:
    """What ``field(…)`` was called with, if a class attribute describes a field in that way."""
    if (
        isinstance(value, Instance)
        and isinstance(value.cls, External)
        and value.cls.name in vocabulary.roles.get("fields", set())
    ):
        return Arguments(value.arguments, value.keywords)
    return None


def factory_of(options: Arguments) -> Value | None:
    """The callable that makes a field's default for each instance."""
    return options.get(None, "default_factory") or options.get(None, "factory")


def plain_default(options: Arguments) -> Value | None:
    """The default that all instances share."""
    return options.get(0, "default")


def construct(
    interpreter: Interpreter, cls: Class, instance: Instance, arguments: Arguments, place: Place | None
) -> None:
    """Run the constructor: arguments and factories become attributes, then the class's own hook runs."""
    instance.attributes.update(arguments.keywords)
    positional = list(arguments.positional)
    own = any(isinstance(base, Class) and generates_init(base) for base in cls.mro())
    for name in _fields(cls):
        options = field_options(interpreter.vocabulary, _bound(cls, name))
        takes_part = options is None or options.get(None, "init") is not FALSE
        only_keyword = options is not None and options.get(None, "kw_only") is TRUE
        if takes_part and not only_keyword and positional:
            instance.attributes[name] = positional.pop(0)
        if not own or name in instance.attributes or options is None:
            continue
        bare = name.lstrip("_")  # attrs names the argument without the underscore
        factory = factory_of(options)
        if bare in instance.attributes:
            instance.attributes[name] = instance.attributes.pop(bare)
        elif factory is not None:
            instance.attributes[name] = interpreter.call(factory, Arguments(), place)
    instance.arguments, instance.keywords = arguments.positional, arguments.keywords
    if arguments.open and not instance.in_run:
        instance.attributes[FROM_OUTSIDE] = TRUE
    _run_hook(interpreter, cls, instance, place)


def _run_hook(interpreter: Interpreter, cls: Class, instance: Instance, place: Place | None) -> None:
    for hook in _HOOKS:
        found = _bound(cls, hook)
        if isinstance(found, Function):
            missing = max(0, len(found.node.parameters) - 1)
            rest: list[Value] = [Unknown("an argument of a generated constructor", place)] * missing
            interpreter.call(BoundMethod(found, instance), Arguments(rest), place)
            return


def _fields(cls: Class) -> list[str]:
    """Annotated names, those of base classes first."""
    names: dict[str, None] = {}
    for base in reversed(cls.mro()):
        if isinstance(base, Class):
            names.update(dict.fromkeys(base.scope.fields()))
            names.update(dict.fromkeys(n for n, v in base.scope.names.items() if _is_old_field(v)))
    return list(names)


def _is_old_field(value: Value) -> bool:
    """``x = attr.ib()``, which needs no annotation."""
    return (
        isinstance(value, Instance)
        and isinstance(value.cls, External)
        and value.cls.name in ("attr.ib", "attr.attrib")
    )


def _bound(cls: Class, name: str) -> Value | None:
    return next(
        (b.scope.names[name] for b in cls.mro() if isinstance(b, Class) and name in b.scope.names), None
    )
