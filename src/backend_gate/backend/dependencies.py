"""The dependency tree of an endpoint and its body parameters, as FastAPI resolves them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_gate.backend import bodies
from backend_gate.backend.model import Body, Condition, Place
from backend_gate.backend.signatures import signature_of
from backend_gate.backend.values import (
    Alternatives,
    BoundMethod,
    Chosen,
    Class,
    Constant,
    Descriptor,
    External,
    Function,
    Instance,
    Overridden,
    Partial,
    SignatureParameter,
    TypeApplication,
    Unknown,
    Value,
    alternatives,
    join,
)
from backend_gate.backend.wired import decided_by

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter

MAX_DEPTH = 24


class Dependency:
    """One node of the tree: what is called, its name, and what it needs in turn.

    ``unresolved`` says why the callable or its parameters are not known; ``conditions`` under which it is there.
    ``left_out``: what has to hold for it to be used at all, if its own conditions do not say so.
    ``others`` are what is called in its place where ``setting`` has another value than its default.
    """

    __slots__ = (
        "children",
        "conditions",
        "left_out",
        "name",
        "others",
        "parameter",
        "place",
        "setting",
        "unresolved",
        "value",
    )

    def __init__(self, value: Value, name: str, place: Place | None, parameter: str = "") -> None:
        self.value = value
        self.name = name
        self.place = place
        self.parameter = parameter
        self.children: list[Dependency] = []
        self.unresolved: str | None = None
        self.conditions: tuple[Condition, ...] = ()
        self.left_out: Condition | None = None
        self.others: list[Dependency] = []
        self.setting = ""

    def walk(self) -> list[Dependency]:
        """This node and all below it, depth first, each node once."""
        seen: dict[int, Dependency] = {}
        pending = [self]
        while pending:
            node = pending.pop()
            if id(node) not in seen:
                seen[id(node)] = node
                pending += reversed(node.children)
        return list(seen.values())


class Solver:
    """Resolves callables to dependency trees; each callable once."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self._bodies: dict[int, list[Body]] = {}

    def solve(self, value: Value, path: str, place: Place | None) -> tuple[Dependency, list[Body]]:
        """The tree below a handler, and every body parameter in it.

        ``path`` is the full path of the route: its placeholders are filled from the path.
        """
        root = Dependency(value, callable_name(value), place)
        found: list[Body] = []
        placeholders = set(re.findall(r"{(\w+)(?::\w+)?}", path))
        self._fill(root, placeholders, found, [])
        return root, found

    def depend(self, marker: Value, placeholders: set[str], found: list[Body]) -> Dependency | None:
        """The tree below one entry of a ``dependencies=[…]`` list."""
        if self._choices(marker):
            node = self._chosen_node(marker, None, None)
            if node is not None:
                self._fill(node, placeholders, found, [])
            return node
        if self.interpreter.vocabulary.marker(marker) != "dependency":
            if isinstance(marker, Unknown):
                node = Dependency(marker, "?", marker.place)
                node.unresolved = marker.reason
                return node
            return None
        target = self._target(marker)
        if target is None:
            return None
        node = _node(target, marker.place if isinstance(marker, Instance) else None)
        if isinstance(marker, Instance):
            node.conditions = marker.conditions
        self._fill(node, placeholders, found, [])
        return node

    def _choices(self, given: Value) -> list[Value]:
        """The dependencies among several values, one of which stands here."""
        if not isinstance(given, Alternatives):
            return []
        return [v for v in given.values if self.interpreter.vocabulary.marker(v) == "dependency"]

    def _chosen_node(
        self, given: Value, annotation: Value | None, parameter: SignatureParameter | None
    ) -> Dependency | None:
        """``Depends(real) if SIGN_IN else Depends(nobody)``, or ``else None``: one of several, or none."""
        markers = self._choices(given)
        targets = [self._target_or_type(marker, annotation) for marker in markers]
        place = next((m.place for m in markers if isinstance(m, Instance) and m.place), None)
        setting, is_default = decided_by(given), isinstance(given, Overridden)
        there = [target for target in targets if target is not None]
        if not there:
            return None
        target = join(there)
        if setting is not None and isinstance(target, Alternatives):
            kind = Overridden if is_default else Chosen
            target = kind(target.values, setting)
        name = parameter.name if parameter is not None else ""
        node = _node(target, place or (parameter.place if parameter is not None else None), name)
        if len(markers) < len(alternatives(given)):
            by_default = alternatives(given)[0] is markers[0] if is_default else None
            node.conditions = markers[0].conditions if isinstance(markers[0], Instance) else ()
            node.left_out = _whether(node, by_default, setting)
        return node

    def _target_or_type(self, marker: Value, annotation: Value | None) -> Value | None:
        target = self._target(marker)
        if target is None or (isinstance(target, Constant) and target.value is None):
            return _class_of(annotation) if annotation is not None else None
        return target

    def _target(self, marker: Value) -> Value | None:
        if not isinstance(marker, Instance):
            return None
        target = marker.attributes.get("dependency") or marker.keywords.get("dependency")
        if "dependency" not in marker.attributes and marker.arguments:
            target = marker.arguments[0]
        if isinstance(target, Alternatives):
            # ``scheme = None`` and, under a setting, ``scheme = APIKeyHeader(…)``
            there = [v for v in target.values if not (isinstance(v, Constant) and v.value is None)]
            return target if len(there) == len(target.values) else join(there)
        return target

    def _fill(self, node: Dependency, placeholders: set[str], found: list[Body], active: list[Value]) -> None:
        value = node.value
        for other in node.others:
            self._fill(other, placeholders, [], active)
        if len(active) > MAX_DEPTH or any(value is a for a in active):
            return
        if isinstance(value, Unknown):
            node.unresolved = value.reason
            return
        if isinstance(value, External) or (isinstance(value, Instance) and isinstance(value.cls, External)):
            return
        signature = signature_of(self.interpreter, value)
        if signature is None:
            node.unresolved = f"the parameters of {node.name} are not known"
            return
        for parameter in signature.parameters:
            if parameter.kind in ("*", "**"):
                continue
            child = self._parameter(node, parameter, placeholders, found)
            if child is not None:
                node.children.append(child)
                self._fill(child, placeholders, found, [*active, value])

    def _parameter(
        self, node: Dependency, parameter: SignatureParameter, placeholders: set[str], found: list[Body]
    ) -> Dependency | None:
        interpreter = self.interpreter
        annotation, metadata = split_annotated(parameter.annotation)
        default = parameter.default
        candidates = [*metadata, default] if default is not None else metadata
        choice = next((c for c in reversed(candidates) if self._choices(c)), None)
        if choice is not None:
            chosen = self._chosen_node(choice, annotation, parameter)
            if chosen is not None:
                return chosen
        markers = [m for m in metadata if interpreter.vocabulary.marker(m) is not None]
        marker: Value | None = markers[-1] if markers else None
        for candidate in [default] if default is not None else []:
            if isinstance(candidate, Alternatives):
                candidate = next(
                    (c for c in candidate.values if interpreter.vocabulary.marker(c) is not None), candidate
                )
            if interpreter.vocabulary.marker(candidate) is not None:
                marker = candidate
        kind = interpreter.vocabulary.marker(marker) if marker is not None else None
        if kind == "dependency" and marker is not None:
            target = self._target(marker)
            if target is None or (isinstance(target, Constant) and target.value is None):
                target = (
                    _class_of(annotation) if annotation is not None else Unknown("Depends() without a type")
                )
            place = marker.place if isinstance(marker, Instance) and marker.place else parameter.place
            return _node(target, place, parameter.name)
        if isinstance(default, Unknown) and annotation is None:
            child = Dependency(default, "?", parameter.place, parameter.name)
            child.unresolved = default.reason
            return child
        body = bodies.body_of(interpreter, parameter, annotation, marker, kind, placeholders)
        if body is not None and all(b.name != body.name for b in found):
            found.append(body)
        return None


def _node(target: Value, place: Place | None, parameter: str = "") -> Dependency:
    """What a marker names: of several callables the one that is there by default, where there is one."""
    if not isinstance(target, Overridden):
        return Dependency(target, callable_name(target), place, parameter)
    node, *others = (Dependency(one, callable_name(one), place, parameter) for one in target.values)
    node.others, node.setting = others, target.setting
    return node


def _whether(node: Dependency, by_default: bool | None, setting: str | None) -> Condition | None:
    """The condition under which a dependency is used, and not left out."""
    if node.place is None:
        return None
    return Condition(f"{node.name} is what the endpoint depends on", node.place, by_default, setting)


def split_annotated(annotation: Value | None) -> tuple[Value | None, list[Value]]:
    """The type inside ``Annotated[type, metadata…]`` (nested ones too) and its metadata in order."""
    metadata: list[Value] = []
    while True:
        if isinstance(annotation, Alternatives):
            annotation = next(
                (v for v in annotation.values if isinstance(v, TypeApplication)), annotation.values[0]
            )
        if (
            isinstance(annotation, TypeApplication)
            and isinstance(annotation.base, External)
            and annotation.base.name == "typing.Annotated"
            and annotation.arguments
        ):
            metadata = [*annotation.arguments[1:], *metadata]
            annotation = annotation.arguments[0]
            continue
        if isinstance(annotation, TypeApplication) and isinstance(annotation.base, TypeApplication):
            # a generic alias: Alias[T] = Annotated[T, Depends(...)], used as Alias[X]
            annotation = annotation.base
            continue
        return annotation, metadata


def _class_of(annotation: Value) -> Value:
    if isinstance(annotation, TypeApplication) and isinstance(annotation.base, Class):
        return annotation.base
    return annotation


def callable_name(value: Value) -> str:
    """``module.qualname``: a closure is named as the factory that made it, an instance as its class."""
    match value:
        case Function():
            wrapped = value.attributes.get("__wrapped__")
            if wrapped is not None and not isinstance(wrapped, Unknown):
                return callable_name(wrapped)
            return value.full_name.split(".<locals>")[0]
        case BoundMethod(function=function):
            return callable_name(function)
        case Partial(function=function):
            return callable_name(function)
        case Descriptor(function=function):
            return callable_name(function)
        case Class():
            return value.full_name.split(".<locals>")[0]
        case Instance(cls=cls):
            return callable_name(cls)
        case External(name=name):
            return name
        case TypeApplication(base=base):
            return callable_name(base)
        case Alternatives(values=values):
            return callable_name(values[0])
    return "?"


def handler_name(value: Value) -> str:
    """The name of a handler, with ``<locals>`` kept."""
    match value:
        case Function():
            wrapped = value.attributes.get("__wrapped__")
            return handler_name(wrapped) if isinstance(wrapped, (Function, BoundMethod)) else value.full_name
        case BoundMethod(function=function):
            return handler_name(function)
        case Partial(function=function):
            return handler_name(function)
        case Alternatives(values=values):
            return handler_name(values[0])
    return callable_name(value)


def handler_function(value: Value) -> Function | None:
    """The function of the project that runs when the handler is called."""
    match value:
        case Function():
            wrapped = value.attributes.get("__wrapped__")
            return handler_function(wrapped) if isinstance(wrapped, (Function, BoundMethod)) else value
        case BoundMethod(function=function) | Partial(function=function) | Descriptor(function=function):
            return handler_function(function)
        case Alternatives(values=values):
            return handler_function(values[0])
    return None
