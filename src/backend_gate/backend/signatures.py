"""Signatures of abstract callables, as ``inspect.signature`` and the frameworks see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_gate.backend import generated
from backend_gate.backend.arguments import Arguments
from backend_gate.backend.attributes import annotation_value, class_attribute, library_call
from backend_gate.backend.budget import OverBudgetError
from backend_gate.backend.model import Place
from backend_gate.backend.values import (
    FALSE,
    Alternatives,
    BoundMethod,
    Class,
    Constant,
    Descriptor,
    External,
    Function,
    Instance,
    Mapping,
    Partial,
    Scope,
    Sequence,
    Signature,
    SignatureParameter,
    Unknown,
    Value,
)
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter


def signature_of(interpreter: Interpreter, value: Value) -> Signature | None:
    """The signature of a callable of the project; ``None`` where only a library or nothing knows it.

    An explicit ``__signature__`` and ``functools.wraps`` are honoured, a bound method loses its receiver.
    """
    match value:
        case Function():
            return _of_function(interpreter, value)
        case BoundMethod(function=function):
            found = _of_function(interpreter, function)
            return Signature(_without_first(found.parameters), found.returns) if found else None
        case Partial():
            inner = signature_of(interpreter, value.function)
            return _partial(inner, value) if inner is not None else None
        case Class():
            return _of_class(interpreter, value)
        case Instance(cls=Class() as cls):
            method = interpreter.attribute(value, "__call__")
            if isinstance(method, BoundMethod):
                return signature_of(interpreter, method)
            # a scheme of the project that is called as its library's base is: with the request
            return _WITH_THE_REQUEST if library_call(interpreter, cls) is not None else None
        case Alternatives(values=values):
            return signature_of(interpreter, values[0])
        case Descriptor(function=function):
            return signature_of(interpreter, function)
        case External(name="builtins.object.__init__"):
            names = (("self", "positional"), ("args", "*"), ("kwargs", "**"))
            return Signature([SignatureParameter(name, kind, None, None) for name, kind in names])
    return None


_WITH_THE_REQUEST = Signature(
    [SignatureParameter("request", "normal", External("starlette.requests.Request"), None)]
)


def _without_first(parameters: list[SignatureParameter]) -> list[SignatureParameter]:
    if parameters and parameters[0].kind in ("normal", "positional"):
        return parameters[1:]
    return parameters


def _of_function(interpreter: Interpreter, function: Function) -> Signature | None:
    explicit = function.attributes.get("__signature__")
    if isinstance(explicit, Signature):
        return explicit
    wrapped = function.attributes.get("__wrapped__")
    if wrapped is not None:
        found = signature_of(interpreter, wrapped)
        if found is not None:
            return found
    overridden = function.attributes.get("__annotations__")
    parameters = []
    for parameter in function.node.parameters:
        annotation: Value | None = None
        if parameter.annotation is not None:
            annotation = annotation_in(interpreter, parameter.annotation, function)
        if isinstance(overridden, Mapping):
            annotation = overridden.get(Constant(parameter.name)) or annotation
        parameters.append(
            SignatureParameter(
                parameter.name,
                parameter.kind,
                annotation,
                function.defaults.get(parameter.name),
                Place(function.module.path, parameter.span),
            )
        )
    returns = function.node.returns if isinstance(function.node, ir.FunctionDef) else None
    return Signature(
        parameters, annotation_in(interpreter, returns, function) if returns is not None else None
    )


def annotation_in(interpreter: Interpreter, node: ir.Expression, function: Function) -> Value:
    """The value of an annotation of a function, forward references in text included."""
    scope = function.scope.parent or function.module.scope
    known = interpreter.annotations
    if known is None or scope.kind != "module":
        return _annotation_in(interpreter, node, function, scope)
    key = id(node), function.cls
    if key not in known:
        known[key] = node, _annotation_in(interpreter, node, function, scope)
    return known[key][1]


def _annotation_in(interpreter: Interpreter, node: ir.Expression, function: Function, scope: Scope) -> Value:
    from backend_gate.backend.frame import Frame

    frame = Frame(function.module, scope, None)
    if function.cls is not None and scope.kind == "module":
        frame = Frame(function.module, Scope("function", function.module, function.cls.scope))
    saved, interpreter.conditions = interpreter.conditions, ()
    try:
        with interpreter.budget(50_000):
            value = interpreter.evaluate(node, frame)
            if isinstance(value, Constant) and isinstance(value.value, str):
                value = interpreter.evaluate_text(value.value, frame)
            return value
    except OverBudgetError:
        return Unknown(
            "an annotation that takes too many steps to follow", Place(function.module.path, node.span)
        )
    finally:
        interpreter.conditions = saved


def _partial(signature: Signature, value: Partial) -> Signature:
    bound = len(value.arguments)
    rest: list[SignatureParameter] = []
    for parameter in signature.parameters:
        if bound and parameter.kind in ("normal", "positional"):
            bound -= 1
            continue
        if parameter.name in value.keywords:
            continue  # a bound keyword keeps its value: no request fills it
        rest.append(parameter)
    return Signature(rest, signature.returns)


def _of_class(interpreter: Interpreter, cls: Class) -> Signature | None:
    for base in cls.mro():
        if not isinstance(base, Class):
            continue
        explicit = base.scope.names.get("__signature__")
        if isinstance(explicit, Signature):
            return explicit
        init = base.scope.names.get("__init__")
        if isinstance(init, Function):
            found = _of_function(interpreter, init)
            return Signature(_without_first(found.parameters), None) if found else None
        if generated.generates_init(base):
            return Signature(_fields(interpreter, cls), None)
    externals = [b for b in cls.mro() if isinstance(b, External) and b.name != "builtins.object"]
    if any(not interpreter.vocabulary.is_plain_base(b.name) for b in externals):
        for external in externals:
            if interpreter.vocabulary.is_model_base(external.name):
                return Signature(_fields(interpreter, cls), None)
        return None
    return Signature([], None)


def _fields(interpreter: Interpreter, cls: Class) -> list[SignatureParameter]:
    fields: dict[str, SignatureParameter] = {}
    generates = any(isinstance(base, Class) and generated.generates_init(base) for base in cls.mro())
    for base in reversed(cls.mro()):
        if not isinstance(base, Class):
            continue
        for name, node in base.scope.fields().items():
            if name == "model_config" or name.startswith("__"):
                continue
            annotation = annotation_value(interpreter, node, base)
            found = class_attribute(cls, name)
            default = found[0] if found is not None else None
            options = generated.field_options(interpreter.vocabulary, default)
            if options is not None and generates:
                if options.get(None, "init") is FALSE:
                    fields.pop(name, None)
                    continue
                default = generated.plain_default(options) or generated.factory_of(options)
            place = Place(base.module.path, node.span)
            fields[name] = SignatureParameter(name, "normal", annotation, default, place)
    return list(fields.values())


def make_class(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    """``type(name, bases, namespace)``: a class that exists only at run time."""
    name, bases, namespace = arguments.positional
    origin = interpreter.active[-1] if interpreter.active else None
    if not isinstance(name, Constant) or origin is None or place is None:
        return Unknown("a class made at run time", place)
    node = ir.ClassDef(
        span=place.span,
        name=str(name.value),
        name_span=place.span,
        definition=place.span,
        bases=[],
        decorators=[],
        body=[],
        type_parameters=[],
    )
    cls = Class(
        node,
        origin.module,
        Scope("class", origin.module),
        str(name.value),
        bases.items if isinstance(bases, Sequence) else [],
    )
    if isinstance(namespace, Mapping):
        for key, value in namespace.entries.values():
            if isinstance(key, Constant) and isinstance(key.value, str):
                cls.scope.names[key.value] = value
    return cls
