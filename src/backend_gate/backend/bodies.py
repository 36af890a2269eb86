"""Body parameters: which parameters a framework fills from the body, and whether their type is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_gate.backend.attributes import annotation_value
from backend_gate.backend.model import Body, Place
from backend_gate.backend.values import (
    NONE,
    Alternatives,
    Class,
    Constant,
    External,
    Instance,
    Mapping,
    SignatureParameter,
    TypeApplication,
    Unknown,
    Value,
)
from backend_gate.facts.model import Span

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter

_MAPPINGS = frozenset(
    {
        "builtins.dict",
        "typing.Dict",
        "typing.Mapping",
        "typing.MutableMapping",
        "collections.abc.Mapping",
        "collections.abc.MutableMapping",
        "collections.OrderedDict",
        "collections.defaultdict",
        "typing.OrderedDict",
        "typing.DefaultDict",
    }
)
_SEQUENCES = frozenset(
    {
        "builtins.list",
        "builtins.set",
        "builtins.tuple",
        "builtins.frozenset",
        "typing.List",
        "typing.Set",
        "typing.Tuple",
        "typing.Sequence",
        "typing.Iterable",
        "typing.FrozenSet",
        "collections.abc.Sequence",
        "collections.abc.Iterable",
        "collections.deque",
    }
)
_ANYTHING = frozenset({"typing.Any", "builtins.object"})
_SCALARS = frozenset(
    {
        "builtins.str",
        "builtins.int",
        "builtins.float",
        "builtins.bool",
        "builtins.bytes",
        "typing.Literal",
        "uuid.UUID",
        "datetime.datetime",
        "datetime.date",
        "datetime.time",
        "datetime.timedelta",
        "decimal.Decimal",
        "pathlib.Path",
        "enum.Enum",
        "typing.LiteralString",
    }
)
MAX_TYPE_DEPTH = 12


def body_of(
    interpreter: Interpreter,
    parameter: SignatureParameter,
    annotation: Value | None,
    marker: Value | None,
    kind: str | None,
    placeholders: set[str],
) -> Body | None:
    """The body position that a parameter is; ``None`` if something else fills it."""
    if kind in ("query", "path", "header", "cookie", "dependency"):
        return None
    if kind is None and (parameter.name in placeholders or is_provided(interpreter, annotation)):
        return None
    uploads = interpreter.vocabulary.roles.get("uploads", set())
    source = {"form": "form", "file": "file"}.get(kind or "", "parameter")
    if kind is None:
        if _mentions(annotation, uploads):
            source = "file"
        elif not is_body_type(interpreter, annotation, parameter.default):
            return None
    name = parameter.name
    if isinstance(marker, Instance):
        alias = marker.keywords.get("alias")
        if isinstance(alias, Constant) and isinstance(alias.value, str):
            name = alias.value
    shape = shape_of(interpreter, annotation) if source == "parameter" else "typed"
    if annotation is None and source == "parameter":
        shape = "unannotated"
    place = parameter.place or Place("", Span(1, 1, 1, 1))
    return Body(name=name, annotation=type_text(annotation), shape=shape, source=source, place=place)


def is_provided(interpreter: Interpreter, annotation: Value | None) -> bool:
    """A type that the framework itself fills: the request, a response to amend, background tasks."""
    provided = interpreter.vocabulary.roles.get("provided", set())
    for arm in arms(annotation):
        cls = arm.base if isinstance(arm, TypeApplication) else arm
        names = (
            [cls.name]
            if isinstance(cls, External)
            else (interpreter.vocabulary.externals(cls) if isinstance(cls, Class) else [])
        )
        if any(base in provided for n in names for base in interpreter.vocabulary.hierarchy(n)):
            return True
    return False


def arms(annotation: Value | None) -> list[Value]:
    """The members of a union without ``None``; the type itself otherwise."""
    if annotation is None:
        return []
    if isinstance(annotation, TypeApplication) and isinstance(annotation.base, External):
        if annotation.base.name == "typing.Annotated" and annotation.arguments:
            return arms(annotation.arguments[0])
        if annotation.base.name in ("typing.Union", "typing.Optional"):
            found: list[Value] = []
            for argument in annotation.arguments:
                if argument is not NONE and not (isinstance(argument, Constant) and argument.value is None):
                    found += arms(argument)
            return found
    if isinstance(annotation, Alternatives):
        return [arm for value in annotation.values for arm in arms(value)]
    return [annotation]


def _mentions(annotation: Value | None, names: set[str]) -> bool:
    for arm in arms(annotation):
        if isinstance(arm, External) and arm.name in names:
            return True
        if isinstance(arm, TypeApplication) and any(_mentions(a, names) for a in arm.arguments):
            return True
    return False


def is_body_type(interpreter: Interpreter, annotation: Value | None, default: Value | None) -> bool:
    """FastAPI reads a parameter without a marker from the body: its type is no scalar."""
    found = arms(annotation)
    return bool(found) and any(_is_complex(interpreter, arm) for arm in found)


def _is_complex(interpreter: Interpreter, arm: Value) -> bool:
    base = arm.base if isinstance(arm, TypeApplication) else arm
    if isinstance(base, External):
        if base.name in _MAPPINGS:
            return True
        if base.name in _SEQUENCES:
            # a bare parameter of a list of scalars is a body too; only Query() makes it a query
            return True
        return interpreter.vocabulary.is_model(base)
    if isinstance(base, Class):
        if interpreter.vocabulary.is_enum(base):
            return False
        names = interpreter.vocabulary.externals(base)
        if any(n in _SCALARS for n in names):
            return False
        return (
            interpreter.vocabulary.is_model(base)
            or "typing.TypedDict" in names
            or any(n in _MAPPINGS or n in _SEQUENCES for n in names)
            or any(_is_dataclass(d) for d in base.decorators)
            or _decorated_dataclass(base)
        )
    return False


def _is_dataclass(decorator: Value) -> bool:
    return isinstance(decorator, External) and decorator.name.endswith("dataclass")


def _decorated_dataclass(cls: Class) -> bool:
    from backend_gate.backend.unparse import unparse

    return any("dataclass" in unparse(d) for d in cls.node.decorators)


def shape_of(interpreter: Interpreter, annotation: Value | None, depth: int = 0) -> str:
    """The row of the body table that a type belongs to (see :class:`backend_gate.backend.model.Body`)."""
    if annotation is None:
        return "unannotated"
    if depth > MAX_TYPE_DEPTH:
        return "unresolved"
    found = arms(annotation)
    if len(found) > 1:
        shapes = [shape_of(interpreter, arm, depth + 1) for arm in found]
        if any(s.startswith("open-") for s in shapes):
            return "open-union"
        return next((s for s in shapes if s != "typed"), "typed")
    if not found:
        return "typed"
    arm = found[0]
    base = arm.base if isinstance(arm, TypeApplication) else arm
    arguments = arm.arguments if isinstance(arm, TypeApplication) else []
    if isinstance(base, External):
        return _external_shape(interpreter, base.name, arguments, depth)
    if isinstance(base, Class):
        return _class_shape(interpreter, base, arguments, depth)
    if isinstance(base, Unknown):
        return "unresolved"
    return "typed"


def _external_shape(interpreter: Interpreter, name: str, arguments: list[Value], depth: int) -> str:
    if name in _ANYTHING:
        return "open-mapping"
    if name in _MAPPINGS:
        if len(arguments) < 2:
            return "open-mapping"
        inner = shape_of(interpreter, arguments[1], depth + 1)
        return "open-mapping" if inner.startswith("open-") else inner
    if name in _SEQUENCES:
        if not arguments:
            return "open-list"
        items = [a for a in arguments if not (isinstance(a, Constant) and a.value is Ellipsis)]
        shapes = [shape_of(interpreter, a, depth + 1) for a in items]
        if any(s.startswith("open-") for s in shapes):
            return "open-list"
        return next((s for s in shapes if s != "typed"), "typed")
    if name in ("pydantic.JsonValue", "pydantic.types.JsonValue"):
        return "json-value"
    return "typed"


def _class_shape(interpreter: Interpreter, cls: Class, arguments: list[Value], depth: int) -> str:
    for base in cls.bases:
        if (
            isinstance(base, TypeApplication)
            and isinstance(base.base, External)
            and base.base.name == "pydantic.root_model.RootModel"
            and base.arguments
        ):
            inner = shape_of(interpreter, base.arguments[0], depth + 1)
            return "open-root-model" if inner.startswith("open-") else inner
    fields = [
        n for b in cls.mro() if isinstance(b, Class) for n in b.scope.annotations if n != "model_config"
    ]
    if not fields and "root" not in fields:
        if _allows_extra(interpreter, cls):
            return "open-model"
        names = interpreter.vocabulary.externals(cls)
        if any(n in _MAPPINGS for n in names):
            return "open-mapping"
    elif "root" in fields and interpreter.vocabulary.has_role(
        "models", interpreter.vocabulary.externals(cls)
    ):
        if "pydantic.root_model.RootModel" in interpreter.vocabulary.externals(cls):
            owner = next(b for b in cls.mro() if isinstance(b, Class) and "root" in b.scope.annotations)
            kind = annotation_value(interpreter, owner.scope.annotations["root"], owner)
            inner = shape_of(interpreter, kind, depth + 1)
            return "open-root-model" if inner.startswith("open-") else inner
    return "typed"


def allows_extra(interpreter: Interpreter, annotation: Value | None) -> bool:
    """A model with declared fields that lets any other field through."""
    return any(isinstance(arm, Class) and _allows_extra(interpreter, arm) for arm in arms(annotation))


def _allows_extra(interpreter: Interpreter, cls: Class) -> bool:
    for base in cls.mro():
        if not isinstance(base, Class):
            continue
        config = base.scope.names.get("model_config")
        if isinstance(config, Mapping):
            value = config.get(Constant("extra"))
            return isinstance(value, Constant) and value.value == "allow"
        if isinstance(config, Instance):
            value = config.keywords.get("extra")
            return isinstance(value, Constant) and value.value == "allow"
        inner = base.scope.names.get("Config")
        if isinstance(inner, Class):
            value = inner.scope.names.get("extra")
            return (isinstance(value, Constant) and value.value == "allow") or (
                isinstance(value, External) and value.name.endswith("Extra.allow")
            )
    return False


def type_text(value: Value | None) -> str:
    """A type as text with qualified names; ``?`` for what is not known."""
    match value:
        case None:
            return ""
        case Constant(value=None):
            return "None"
        case Constant(value=known):
            return "..." if known is Ellipsis else repr(known)
        case External(name=name):
            return name.removeprefix("builtins.")
        case Class():
            return value.full_name
        case TypeApplication(base=External(name="typing.Union"), arguments=arguments):
            return " | ".join(type_text(a) for a in arguments)
        case TypeApplication(base=External(name="typing.Annotated"), arguments=arguments) if arguments:
            return type_text(arguments[0])
        case TypeApplication(base=base, arguments=arguments):
            return f"{type_text(base)}[{', '.join(type_text(a) for a in arguments)}]"
        case Alternatives(values=values):
            return type_text(values[0])
        case Instance(cls=cls):
            return type_text(cls)
    return "?"
