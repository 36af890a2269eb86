"""Attributes: what ``value.name`` gives, and what assigning it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from backend_gate.backend import (
    body_flow,
    containers,
    implementations,
    models,
    operations,
    project_files,
)
from backend_gate.backend.arguments import Arguments
from backend_gate.backend.generated import FROM_OUTSIDE
from backend_gate.backend.model import Place
from backend_gate.backend.values import (
    NONE,
    Absent,
    Alternatives,
    AskedText,
    BodyInput,
    BoundMethod,
    Class,
    Constant,
    Derived,
    Descriptor,
    Empty,
    External,
    Function,
    Input,
    Instance,
    Mapping,
    Module,
    Native,
    Partial,
    Sequence,
    Setting,
    Signature,
    SignatureParameter,
    Super,
    TextValue,
    TypeApplication,
    Unknown,
    Value,
    alternatives,
    as_derived,
    join,
)
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.vocabulary import Effect


def get(interpreter: Interpreter, value: Value, name: str, place: Place | None) -> Value:
    """The value of ``value.name``; unknown with a reason where it cannot be told."""
    match value:
        case Module():
            return _of_module(interpreter, value, name)
        case Instance():
            return _of_instance(interpreter, value, name, place)
        case Class():
            return _of_class(interpreter, value, name, place)
        case External(name=owner):
            return interpreter.external(f"{owner}.{name}", value.owner if value.owner is not None else None)
        case Alternatives(values=values):
            found = [get(interpreter, v, name, place) for v in values if v is not NONE]
            known = [v for v in found if not isinstance(v, Unknown) or isinstance(v, BodyInput)]
            if interpreter.trace is not None and interpreter.trace.absent:
                return join(found)  # a guard is judged by all that may be there
            return join(found) if len(known) == len(found) or not known else join(known)
        case Super():
            return _of_super(interpreter, value, name, place)
        case Function() | BoundMethod() | Partial():
            return _of_callable(interpreter, value, name)
        case Signature():
            return _of_signature(value, name)
        case SignatureParameter():
            return _of_parameter(value, name)
        case Sequence() | Mapping():
            return Native(f"{name} of a container", containers.method(value, name))
        case AskedText() | Constant(value=str()) | TextValue():
            return Native(f"text.{name}", containers.text_method(value, name))
        case TypeApplication(base=base):
            if name == "__args__":
                return Sequence("tuple", value.arguments)
            if name == "__origin__":
                return base
            return get(interpreter, base, name, place)
        case Descriptor(kind="property") if name in ("setter", "getter", "deleter"):
            return Native("property.setter", lambda i, a, p: value)
        case Constant(value=None, setting=str() as setting):
            return Setting(setting, place)  # where an attribute of it is read, it is set
        case BodyInput():
            return body_flow.attribute(interpreter, value, name, place)
        case Setting(default=Value() as default):
            member = get(interpreter, default, name, place)
            return Constant(member.value, value.name) if isinstance(member, Constant) else value
        case Empty() if (run := containers.empty_method(value, name)) is not None:
            return Native(f"text.{name}", run)
        case Absent():
            return Constant(0) if name == "rowcount" else as_derived(value)
        case Input() | Setting():
            return value
        case Unknown() if name in interpreter.vocabulary.names("schema_attributes"):
            return External(name, value)
        case Derived() if interpreter.trace is None and name in project_files.LISTS:
            is_path = project_files.path_of(value) is not None
            return External(f"pathlib.Path.{name}", value) if is_path else value
        case Unknown():
            trace = interpreter.trace
            return trace.part(value, name) if trace is not None and trace.lazy else value
    return Unknown(f"the attribute {name}", place)


def _of_module(interpreter: Interpreter, value: Module, name: str) -> Value:
    module = interpreter.modules.get(value.name)
    if module is not None:
        found = interpreter.module_attribute(module, name)
        if found is not None:
            return found
    submodule = f"{value.name}.{name}"
    if interpreter.modules.has(submodule):
        return Module(submodule)
    if module is not None and module.binds("__getattr__"):
        return interpreter.imported(value.name, name)
    if interpreter.modules.is_library(value.name):
        return interpreter.external(submodule)  # left out of the stand-in
    return Unknown(f"{value.name} has no name {name}")


def class_attribute(cls: Class, name: str, *, after: Class | None = None) -> tuple[Value, Class] | None:
    """What the class or a project base binds under ``name``, and which class it was.

    ``after`` starts behind that class in the order of resolution (``super()``).
    """
    order = cls.classes()
    if after is not None:
        index = next((i for i, base in enumerate(order) if base is after), -1)
        order = order[index + 1 :]
    for base in order:
        found = base.scope.names.get(name)
        if found is not None:
            return found, base
    return None


def library_call(interpreter: Interpreter, cls: Class) -> Effect | None:
    """What a call of an instance does where the class takes ``__call__`` from a library's class that is known."""
    for base in cls.mro():
        if isinstance(base, Class):
            if "__call__" in base.scope.names:
                return None
        if isinstance(base, External):
            effect = interpreter.vocabulary.method(base.name, "__call__")
            if effect is not None:
                return effect
    return None


def external_base(cls: Class | External, *, after: Class | None = None) -> list[External]:
    """The library classes in the order of resolution."""
    if isinstance(cls, External):
        return [cls]
    order: Iterable[Value] = cls.externals()
    if after is not None:
        whole = cls.mro()
        index = next((i for i, base in enumerate(whole) if base is after), -1)
        order = whole[index + 1 :]
    return [base for base in order if isinstance(base, External) and base.name != "builtins.object"]


_ADDRESS = frozenset({"url", "base_url"})


def _of_instance(interpreter: Interpreter, value: Instance, name: str, place: Place | None) -> Value:
    if name in value.attributes:
        if interpreter.trace is not None and isinstance(value.cls, External):
            if name in _ADDRESS:
                interpreter.trace.reads_path = True
            elif name == "method":
                interpreter.trace.reads_method = True
        return value.attributes[name]
    if name == "__class__":
        return value.cls
    if name == "__dict__":
        return Mapping((Constant(k), v) for k, v in value.attributes.items())
    if isinstance(value.cls, Class):
        found = class_attribute(value.cls, name)
        if found is not None:
            other = implementations.implemented(interpreter, value, found[0], place)
            if other is not None:
                return other
            return _bind(interpreter, found[0], value, name, found[1], place)
    bases = external_base(value.cls)
    for base in bases:
        if interpreter.vocabulary.method(base.name, name) is not None:
            return External(f"{base.name}.{name}", value)
    if isinstance(value.cls, Class):
        getter = class_attribute(value.cls, "__getattr__")
        if getter is not None and not name.startswith("__"):
            bound = _bind(interpreter, getter[0], value, "__getattr__", getter[1], place)
            return interpreter.call(bound, Arguments([Constant(name)]), place)
        declared = _declared(interpreter, value, value.cls, name)
        if declared is not None:
            if interpreter.trace is not None and interpreter.trace.lazy:
                value.attributes[name] = declared  # reading it twice gives the same
            return declared
    for base in bases:
        getter_effect = interpreter.vocabulary.method(base.name, "__getattr__")
        if getter_effect is not None:
            return getter_effect(interpreter, value, Arguments([Constant(name)]), place)
    # an abstract base brings no attributes: the project sets this one where the run has not come to
    bases = [base for base in bases if not interpreter.vocabulary.is_plain_base(base.name)]
    if bases:
        return interpreter.external(f"{bases[0].name}.{name}", value)
    if name in interpreter.vocabulary.names("schema_attributes"):
        return External(name, value)
    return Unknown(f"the attribute {name} of {_name_of(value.cls)}", place)


def _declared(interpreter: Interpreter, owner: Instance, cls: Class, name: str) -> Value | None:
    """An attribute that is only annotated: an instance of its type, where that is a class."""
    for base in cls.mro():
        if isinstance(base, Class) and name in base.scope.annotations:
            if interpreter.vocabulary.is_settings(cls) or FROM_OUTSIDE in owner.attributes:
                return Setting(f"{cls.qualname}.{name}")
            kind = annotation_value(interpreter, base.scope.annotations[name], base)
            return instance_of(interpreter, kind, f"the attribute {name} of {cls.full_name}")
    return None


def default_of(interpreter: Interpreter, owner: Instance, name: str) -> Value | None:
    """What an object of a project class has under a name that nobody has put there; ``None``: nothing."""
    if not isinstance(owner.cls, Class):
        return None
    found = class_attribute(owner.cls, name)
    if found is not None:
        return _bind(interpreter, found[0], owner, name, found[1], None)
    declared = _declared(interpreter, owner, owner.cls, name)
    return declared if isinstance(declared, Setting) else None


def instance_of(interpreter: Interpreter, kind: Value, reason: str) -> Value:
    """An object of which only the type is known."""
    match kind:
        case Class():
            made = Instance(kind, in_run=interpreter.trace is not None)
            made.attributes[implementations.OF_TYPE] = Constant(reason)
            return made
        case External(name=name) if not name.startswith(("builtins.", "typing.")):
            return Instance(kind, in_run=interpreter.trace is not None)
        case TypeApplication(base=External(name="typing.Annotated"), arguments=arguments) if arguments:
            return instance_of(interpreter, arguments[0], reason)
        case TypeApplication(base=External(name="typing.Optional"), arguments=[one]):
            return join([instance_of(interpreter, one, reason), NONE])
        case TypeApplication(base=External(name="typing.Union"), arguments=arguments):
            return join(instance_of(interpreter, a, reason) for a in arguments)
        case TypeApplication(base=Class() as base):
            return instance_of(interpreter, base, reason)
        case Constant(value=None):
            return NONE
    return Unknown(reason)


def annotation_value(interpreter: Interpreter, node: ir.Expression, cls: Class) -> Value:
    """The value of an annotation in a class body."""
    from backend_gate.backend.frame import Frame

    frame = Frame(cls.module, cls.scope)
    saved, interpreter.conditions = interpreter.conditions, ()
    try:
        value = interpreter.evaluate(node, frame)
        if isinstance(value, Constant) and isinstance(value.value, str):
            return interpreter.evaluate_text(value.value, frame)
        return value
    finally:
        interpreter.conditions = saved


def _bind(
    interpreter: Interpreter, found: Value, receiver: Value, name: str, owner: Class, place: Place | None
) -> Value:
    """Bind what a class holds to an instance: methods, properties, settings."""
    match found:
        case Function():
            return BoundMethod(found, receiver)
        case Descriptor(kind="property", function=function):
            return interpreter.call(function, Arguments([receiver]), place)
        case Descriptor(kind="classmethod", function=Function() as function):
            cls = receiver.cls if isinstance(receiver, Instance) else receiver
            return BoundMethod(function, cls)
        case Descriptor(function=function):
            return function
        case Alternatives(values=values):
            return join(_bind(interpreter, v, receiver, name, owner, place) for v in values)
    if isinstance(receiver, Instance):
        return interpreter.vocabulary.field_value(interpreter, receiver, owner, name, found)
    return found


def _of_class(interpreter: Interpreter, value: Class, name: str, place: Place | None) -> Value:
    found = class_attribute(value, name)
    if found is not None:
        is_bound = isinstance(found[0], Descriptor) and found[0].kind in ("classmethod", "staticmethod")
        other = implementations.implemented(interpreter, value, found[0], place) if is_bound else None
        return other if other is not None else _bind_to_class(found[0], value)
    special: dict[str, Callable[[], Value]] = {
        "__name__": lambda: Constant(value.qualname.rsplit(".", 1)[-1]),
        "__qualname__": lambda: Constant(value.qualname),
        "__module__": lambda: Constant(value.module.name),
        "__dict__": lambda: Mapping((Constant(k), v) for k, v in value.scope.names.items()),
        "__bases__": lambda: Sequence("tuple", value.bases),
        "__mro__": lambda: Sequence("tuple", value.mro()),
        "__annotations__": lambda: Mapping(
            (Constant(k), annotation_value(interpreter, v, value)) for k, v in value.scope.annotations.items()
        ),
    }
    if name in special:
        return special[name]()
    if name == "__members__" and interpreter.vocabulary.is_enum(value):
        return Mapping((Constant(k), v) for k, v in value.scope.names.items() if isinstance(v, Instance))
    # The wiring of large settings loops over them for the environment's names: many steps, and no column is among them.
    is_data = interpreter.vocabulary.is_model(value) and not interpreter.vocabulary.is_settings(value)
    if name in ("model_fields", "__fields__") and is_data:
        return models.fields_by_name(interpreter, value)
    bases = [b for b in external_base(value) if not interpreter.vocabulary.is_plain_base(b.name)]
    if bases:
        return interpreter.external(f"{bases[0].name}.{name}", value)
    if name == "__init__":
        return External("builtins.object.__init__")
    return Unknown(f"the attribute {name} of {value.full_name}", place)


def _bind_to_class(found: Value, cls: Class) -> Value:
    match found:
        case Descriptor(kind="classmethod", function=Function() as function):
            return BoundMethod(function, cls)
        case Descriptor(kind="staticmethod", function=function):
            return function
    return found


def _of_super(interpreter: Interpreter, value: Super, name: str, place: Place | None) -> Value:
    receiver = value.receiver
    cls = receiver.cls if isinstance(receiver, Instance) else receiver
    if not isinstance(cls, Class):
        return Unknown("super() of an unknown object", place)
    found = class_attribute(cls, name, after=value.cls)
    if found is not None:
        return _bind(interpreter, found[0], receiver, name, found[1], place)
    bases = external_base(cls, after=value.cls)
    for base in bases:
        if interpreter.vocabulary.method(base.name, name) is not None:
            return External(f"{base.name}.{name}", receiver)
    if bases:
        return interpreter.external(f"{bases[0].name}.{name}", receiver)
    if name == "__init__":
        return Native("object.__init__", lambda i, a, p: NONE)
    if name == "__init_subclass__":
        return Native("object.__init_subclass__", lambda i, a, p: NONE)
    return Unknown(f"super().{name}", place)


def _of_callable(interpreter: Interpreter, value: Function | BoundMethod | Partial, name: str) -> Value:
    if isinstance(value, Partial):
        return value.function if name == "func" else Unknown(f"the attribute {name} of a partial")
    function = value.function if isinstance(value, BoundMethod) else value
    if isinstance(value, BoundMethod):
        if name == "__self__":
            return value.receiver
        if name == "__func__":
            return value.function
    if name in function.attributes:
        return function.attributes[name]
    if name == "__annotations__" and interpreter.trace is None:
        kept = function.attributes[name] = _annotations(interpreter, function)  # what is put into it counts
        return kept
    if name == "__name__":
        return Constant(function.name)
    if name == "__qualname__":
        return Constant(function.qualname)
    if name == "__module__":
        return Constant(function.module.name)
    if name == "__doc__":
        return Unknown("a docstring")
    if name == "__dict__":
        return Mapping((Constant(k), v) for k, v in function.attributes.items())
    if name == "__call__":
        return value
    if name == "__code__":
        return function  # nothing but what runs it asks for it
    return Unknown(f"the attribute {name} of {function.full_name}")


def _annotations(interpreter: Interpreter, function: Function) -> Mapping:
    from backend_gate.backend.signatures import annotation_in

    return Mapping(
        (Constant(p.name), annotation_in(interpreter, p.annotation, function))
        for p in function.node.parameters
        if p.annotation is not None
    )


def _of_signature(value: Signature, name: str) -> Value:
    if name == "parameters":
        return Mapping((Constant(p.name), p) for p in value.parameters)
    if name == "return_annotation":
        return value.returns or External("inspect.Signature.empty")
    if name == "replace":

        def replace(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
            given = arguments.get(None, "parameters")
            parameters = value.parameters
            if given is not None:
                items, _ = operations.items_of(given)
                parameters = [i for i in items if isinstance(i, SignatureParameter)]
            return Signature(parameters, arguments.get(None, "return_annotation") or value.returns)

        return Native("Signature.replace", replace)
    return Unknown(f"the attribute {name} of a signature")


_KINDS = {
    "positional": "POSITIONAL_ONLY",
    "normal": "POSITIONAL_OR_KEYWORD",
    "keyword": "KEYWORD_ONLY",
    "*": "VAR_POSITIONAL",
    "**": "VAR_KEYWORD",
}


def kind_value(kind: str) -> Value:
    """``inspect.Parameter.KEYWORD_ONLY`` and so on."""
    return External(f"inspect.Parameter.{_KINDS[kind]}")


def kind_of(value: Value) -> str:
    """The reverse of :func:`kind_value`; unknown kinds are ``normal``."""
    name = value.name.rsplit(".", 1)[-1] if isinstance(value, External) else ""
    return next((kind for kind, constant in _KINDS.items() if constant == name), "normal")


def _of_parameter(value: SignatureParameter, name: str) -> Value:
    if name == "name":
        return Constant(value.name)
    if name == "kind":
        return kind_value(value.kind)
    if name in ("annotation", "default"):
        found = value.annotation if name == "annotation" else value.default
        return found if found is not None else External("inspect.Parameter.empty")
    if name == "replace":

        def replace(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
            keywords = arguments.keywords
            given_name = keywords.get("name")
            known = isinstance(given_name, Constant) and isinstance(given_name.value, str)
            return SignatureParameter(
                given_name.value if isinstance(given_name, Constant) and known else value.name,
                kind_of(keywords["kind"]) if "kind" in keywords else value.kind,
                keywords.get("annotation", value.annotation),
                keywords.get("default", value.default),
                value.place,
            )

        return Native("Parameter.replace", replace)
    if name in ("empty", *_KINDS.values()):
        return External(f"inspect.Parameter.{name}")
    return Unknown(f"the attribute {name} of a parameter")


def put(interpreter: Interpreter, owner: Value, name: str, value: Value) -> None:
    """``owner.name = value``"""
    for single in alternatives(owner):
        match single:
            case Instance():
                if isinstance(single.cls, Class):
                    found = class_attribute(single.cls, name)
                    if found is not None and isinstance(found[0], Descriptor) and found[0].kind == "property":
                        continue
                known = single.attributes.get(name)
                if isinstance(known, Sequence) and known.items and operations.is_vague(value):
                    # Most likely the same items, filtered or in another order.
                    known.open = True
                    continue
                interpreter.heap.changes(single, name)
                if not single.in_run:
                    _changes_shared(interpreter, single, name)
                single.attributes[name] = value
            case Class():
                if interpreter.trace is not None:
                    interpreter.trace.replaces(single.scope.names, name)
                single.scope.names[name] = value
            case Function():
                single.attributes[name] = value
                interpreter.summaries.changed()
            case BoundMethod(function=function):
                function.attributes[name] = value
                interpreter.summaries.changed()
            case Module(name=module_name):
                module = interpreter.modules.get(module_name)
                if module is not None:
                    interpreter.module_attribute(module, name)  # what it binds itself comes first
                    if interpreter.trace is not None:
                        interpreter.trace.replaces(module.scope.names, name)
                    module.scope.names[name] = value


def _changes_shared(interpreter: Interpreter, owner: Instance, name: str) -> None:
    """An attribute of an object that outlives the run is about to change."""
    trace = interpreter.trace
    if trace is not None and not trace.at_start:
        trace.replaces(owner.attributes, name)
    interpreter.summaries.changed()


def delete(interpreter: Interpreter, owner: Value, name: str) -> None:
    """``del owner.name``"""
    for single in alternatives(owner):
        if isinstance(single, (Instance, Function)):
            if isinstance(single, Instance):
                interpreter.heap.changes(single, name)
                if not single.in_run:
                    _changes_shared(interpreter, single, name)
            single.attributes.pop(name, None)
        elif isinstance(single, Class):
            single.scope.names.pop(name, None)


def _name_of(cls: Class | External) -> str:
    return cls.full_name if isinstance(cls, Class) else cls.name
