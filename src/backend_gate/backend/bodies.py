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
    Descriptor,
    External,
    Function,
    Instance,
    Mapping,
    SignatureParameter,
    TypeApplication,
    Unknown,
    Value,
)
from backend_gate.facts import model as ir
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
_ROOT_MODEL = "pydantic.root_model.RootModel"
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
        elif not is_body_type(interpreter, annotation, parameter.default) and not any(
            isinstance(arm, Unknown) for arm in arms(annotation)
        ):
            return None
    name = parameter.name
    if isinstance(marker, Instance):
        alias = marker.keywords.get("alias")
        if isinstance(alias, Constant) and isinstance(alias.value, str):
            name = alias.value
    shape = shape_of(interpreter, annotation) if source == "parameter" else "typed"
    place = parameter.place or Place("", Span(1, 1, 1, 1))
    body = Body(name=name, annotation=type_text(annotation), shape=shape, source=source, place=place)
    if shape == "unresolved":
        body.reason = f"the type of {name} is not known: {_why(annotation)}"
    return body


def _why(annotation: Value | None) -> str:
    unknown = next((arm for arm in arms(annotation) if isinstance(arm, Unknown)), None)
    return unknown.reason if unknown is not None else "it is nested too deep"


def is_provided(interpreter: Interpreter, annotation: Value | None) -> bool:
    """A type that the framework or a container fills: the request, a response to amend, ``FromDishka[Service]``."""
    roles = interpreter.vocabulary.roles
    provided = roles.get("provided", set()) | roles.get("injected", set())
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


def is_never_none(annotation: Value | None) -> bool:
    """Values of a type are never ``None``: a plain class, a ``Literal``, a list of something, or unions of those."""
    if annotation is None or isinstance(annotation, Unknown):
        return False
    if isinstance(annotation, Alternatives):
        return all(is_never_none(value) for value in annotation.values)
    if isinstance(annotation, TypeApplication):
        base = annotation.base
        if isinstance(base, External) and base.name == "typing.Annotated":
            return bool(annotation.arguments) and is_never_none(annotation.arguments[0])
        if isinstance(base, External) and base.name == "typing.Union":
            return all(is_never_none(argument) for argument in annotation.arguments)
        return is_never_none(base) and not (isinstance(base, External) and base.name == "typing.Optional")
    if isinstance(annotation, External):
        known = annotation.name.partition(".")[0] in _PLAIN or annotation.name == "typing.Literal"
        return known and annotation.name != "builtins.object"
    return isinstance(annotation, Class)


_PLAIN = frozenset({"builtins", "datetime", "decimal", "enum", "ipaddress", "pathlib", "pydantic", "uuid"})
"""Modules whose types take no ``None``."""


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
    if isinstance(base, Instance):
        # a NewType is a scalar to FastAPI, whatever it is made of
        known = supertype(base) if _is_alias(base) else None
        return _is_made_model(base) or (known is not None and _is_complex(interpreter, known))
    if isinstance(base, External):
        # a bare parameter of a list of scalars is a body too; only Query() makes it a query
        return base.name in _MAPPINGS or base.name in _SEQUENCES or interpreter.vocabulary.is_model(base)
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


def _is_made_model(value: Instance) -> bool:
    """``TypedDict("Label", {…})``, ``create_model("Label", …)``: a type made by a call."""
    return isinstance(value.cls, External) and value.cls.name in (
        "typing.TypedDict",
        "pydantic.create_model",
        "pydantic.main.create_model",
    )


def supertype(value: Instance) -> Value | None:
    """What ``NewType("Payload", dict)`` and ``TypeAliasType("Payload", dict)`` stand for."""
    if _is_alias(value):
        return value.arguments[1] if len(value.arguments) > 1 else value.keywords.get("value")
    return value.attributes.get("bound") if isinstance(value.cls, External) else None


def _is_alias(value: Instance) -> bool:
    return isinstance(value.cls, External) and value.cls.name in (
        "typing.TypeAliasType",
        "typing_extensions.TypeAliasType",
    )


def _is_dataclass(decorator: Value) -> bool:
    return isinstance(decorator, External) and decorator.name.endswith("dataclass")


def _decorated_dataclass(cls: Class) -> bool:
    from backend_gate.backend.unparse import unparse

    return any("dataclass" in unparse(d) for d in cls.node.decorators)


# --- how open a type is --------------------------------------------------------------------------


def shape_of(
    interpreter: Interpreter,
    annotation: Value | None,
    depth: int = 0,
    given: dict[int, Value] | None = None,
) -> str:
    """The row of the body table that a type belongs to (see :class:`backend_gate.backend.model.Body`).

    ``given`` holds the arguments of a generic by the identity of its type variable.
    """
    if annotation is None:
        return "unannotated"
    if depth > MAX_TYPE_DEPTH:
        return "unresolved"
    given = given or {}
    found = arms(annotation)
    if len(found) > 1:
        return _worst([shape_of(interpreter, arm, depth + 1, given) for arm in found], "open-union")
    if not found:
        return "typed"
    arm = found[0]
    base = arm.base if isinstance(arm, TypeApplication) else arm
    arguments = arm.arguments if isinstance(arm, TypeApplication) else []
    match base:
        case External(name=name):
            return _external_shape(interpreter, name, arguments, depth, given)
        case Class():
            inner = {
                id(variable): given.get(id(argument), argument)
                for variable, argument in zip(_type_variables(base), arguments, strict=False)
            }
            return _class_shape(interpreter, base, depth, inner)
        case Instance():
            known = given.get(id(base)) or supertype(base)
            if known is None:
                return "typed"
            shape = shape_of(interpreter, known, depth + 1, {})
            return "open-alias" if shape.startswith("open-") and id(base) not in given else shape
        case Unknown():
            return "unresolved"
    return "typed"


def _worst(shapes: list[str], is_open: str) -> str:
    """Open if one is; else the first that is not plainly typed."""
    if any(s.startswith("open-") for s in shapes):
        return is_open
    return next((s for s in shapes if s != "typed"), "typed")


def _external_shape(
    interpreter: Interpreter, name: str, arguments: list[Value], depth: int, given: dict[int, Value]
) -> str:
    if name in _ANYTHING:
        return "open-mapping"
    if name in _MAPPINGS:
        if len(arguments) < 2:
            return "open-mapping"
        return _worst([shape_of(interpreter, arguments[1], depth + 1, given)], "open-mapping")
    if name in _SEQUENCES:
        if not arguments:
            return "open-list"
        items = [a for a in arguments if not (isinstance(a, Constant) and a.value is Ellipsis)]
        return _worst([shape_of(interpreter, a, depth + 1, given) for a in items], "open-list")
    if name == _ROOT_MODEL and arguments:
        return _worst([shape_of(interpreter, arguments[0], depth + 1, given)], "open-root-model")
    if name in ("pydantic.JsonValue", "pydantic.types.JsonValue"):
        return "json-value"
    return "typed"


def _type_variables(cls: Class) -> list[Value]:
    """The type variables of a generic class in the order of its arguments."""
    declared = [cls.scope.parent.names[n] for n in cls.node.type_parameters] if cls.scope.parent else []
    if declared:
        return declared
    applied = [base for base in cls.bases if isinstance(base, TypeApplication)]
    generic = [b for b in applied if isinstance(b.base, External) and b.base.name == "typing.Generic"]
    found: dict[int, Value] = {}
    for base in generic or applied:
        for argument in base.arguments:
            if _is_variable(argument):
                found.setdefault(id(argument), argument)
    return list(found.values())


def _is_variable(value: Value) -> bool:
    return (
        isinstance(value, Instance)
        and isinstance(value.cls, External)
        and value.cls.name == "typing.TypeVar"
        and len(value.arguments) == 1
    )


def _class_shape(interpreter: Interpreter, cls: Class, depth: int, given: dict[int, Value]) -> str:
    names = interpreter.vocabulary.externals(cls)
    if _ROOT_MODEL in names:
        root = _root_type(interpreter, cls)
        if root is None:
            return "typed"
        return _worst([shape_of(interpreter, root, depth + 1, given)], "open-root-model")
    if interpreter.vocabulary.is_model(cls):
        declared = _field_types(cls)
        if "__root__" in declared:
            kind = annotation_value(interpreter, *declared["__root__"])
            return _worst([shape_of(interpreter, kind, depth + 1, given)], "open-root-model")
        if not _allows_extra(cls):
            return "typed"
        hidden = any(not interpreter.vocabulary.is_model_base(n) and not _is_plain(n) for n in names)
        return "extra-allowed" if declared or hidden else "open-model"
    if "typing.TypedDict" not in names and any(n in _MAPPINGS for n in names):
        return "open-mapping"
    return "typed"


def _is_plain(name: str) -> bool:
    return name.startswith(("builtins.object", "abc.", "typing."))


def _root_type(interpreter: Interpreter, cls: Class) -> Value | None:
    """The type that a root model wraps: ``RootModel[type]`` or ``root: type``."""
    for base in cls.mro():
        if not isinstance(base, Class):
            continue
        if "root" in base.scope.annotations:
            return annotation_value(interpreter, base.scope.annotations["root"], base)
        for parent in base.bases:
            if (
                isinstance(parent, TypeApplication)
                and isinstance(parent.base, External)
                and parent.base.name == _ROOT_MODEL
                and parent.arguments
            ):
                return parent.arguments[0]
    return None


def _field_types(cls: Class) -> dict[str, tuple[ir.Expression, Class]]:
    """The declared fields of a model: the annotation, and the class that it stands in."""
    found: dict[str, tuple[ir.Expression, Class]] = {}
    for base in reversed(cls.mro()):
        if isinstance(base, Class):
            for name, node in base.scope.fields().items():
                if name == "__root__" or not name.startswith(("_", "model_config")):
                    found[name] = (node, base)
    return found


def _allows_extra(cls: Class) -> bool:
    """``extra="allow"``"""
    extra = _extra(cls)
    return (isinstance(extra, Constant) and extra.value == "allow") or (
        isinstance(extra, External) and extra.name.endswith("Extra.allow")
    )


def _extra(cls: Class) -> Value | None:
    """What the nearest configuration that speaks of extra keys says."""
    for base in cls.mro():
        if not isinstance(base, Class):
            continue
        config = base.scope.names.get("model_config")
        inner = base.scope.names.get("Config")
        found: list[Value | None] = [base.keywords.get("extra")]
        if isinstance(config, Mapping):
            found.append(config.get(Constant("extra")))
        if isinstance(config, Instance):
            found.append(config.keywords.get("extra"))
        if isinstance(inner, Class):
            found += [b.scope.names.get("extra") for b in inner.mro() if isinstance(b, Class)]
        for value in found:
            if value is not None:
                return value
    return None


def is_unchecking(interpreter: Interpreter, cls: Class) -> bool:
    """A model of which every field may be anything (``model: object``), without a check of its own."""
    if not interpreter.vocabulary.is_model(cls):
        return False
    fields = [annotation_value(interpreter, *field) for field in _field_types(cls).values()]
    extra = _extra(cls)
    ignores = extra is None or (isinstance(extra, Constant) and extra.value in ("ignore", "allow"))
    return bool(fields) and ignores and all(map(_is_anything, fields)) and not _has_own_checks(cls)


def _is_anything(kind: Value) -> bool:
    annotated = (
        isinstance(kind, TypeApplication)
        and isinstance(kind.base, External)
        and kind.base.name == "typing.Annotated"
    )
    return not annotated and any(isinstance(arm, External) and arm.name in _ANYTHING for arm in arms(kind))


def _has_own_checks(cls: Class) -> bool:
    """A decorated function in the class, or one that runs when an object is made, may be a validator."""
    for base in cls.mro():
        for name, value in base.scope.names.items() if isinstance(base, Class) else ():
            if isinstance(value, Descriptor) or name in ("__init__", "model_post_init"):
                return True
            if isinstance(value, Function) and value.decorators:
                return True
    return False


# --- text ----------------------------------------------------------------------------------------


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
        case Instance(arguments=[Constant(value=str(name)), *_]):
            return name
        case Instance(cls=cls):
            return type_text(cls)
    return "?"
