"""Functions with SQL that no request is seen to reach: they run with parameters that nobody knows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from backend_gate.backend.arguments import Arguments
from backend_gate.backend.attributes import instance_of
from backend_gate.backend.behaviour import Runner
from backend_gate.backend.dependencies import split_annotated
from backend_gate.backend.interpreter import Interpreter
from backend_gate.backend.model import Place
from backend_gate.backend.modules import ModuleState
from backend_gate.backend.queries.words import Words
from backend_gate.backend.roots import functions_of
from backend_gate.backend.signatures import signature_of
from backend_gate.backend.trace import Trace
from backend_gate.backend.values import (
    Class,
    Descriptor,
    Input,
    Instance,
    SignatureParameter,
    Unknown,
    Value,
)
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

STEPS = 4_000
DEPTH = 4
ALL_STEPS = 1_500_000
_VERBS = re.compile(
    rb"\b(?:select|insert|update|delete|create|drop|alter|replace|merge|truncate|call|set|pragma|where|order)\b",
    re.IGNORECASE,
)


class Uncalled:
    """Finds and runs them."""

    def __init__(self, interpreter: Interpreter, words: Words, production: Collection[str]) -> None:
        self.interpreter = interpreter
        self.words = words
        self.production = production
        self.runner = Runner(interpreter)
        self._names = frozenset(words.names)
        self._objects: dict[Class, Instance] = {}
        self._raw = re.compile(rb"\b(?:" + b"|".join(sorted(n.encode() for n in words.names)) + rb")\b")

    def runs(self, visited: Collection[Place]) -> Iterator[Trace]:
        """The traces of functions that call a sink which is not among ``visited`` at that moment."""
        start = self.interpreter.steps
        for module, function, owner in self._candidates():
            places = self._places(module, function)
            if not places or all(place in visited for place in places):
                continue
            trace = self._run(module, function, owner)
            if trace is not None:
                yield trace
            if self.interpreter.steps - start > ALL_STEPS:
                self.interpreter.report("too many functions with SQL to follow all of them", places[0])
                return

    def _candidates(self) -> Iterator[tuple[ModuleState, ir.FunctionDef, ir.ClassDef | None]]:
        modules = self.interpreter.modules
        for name in modules.names():
            module = modules.get(name)
            if module is None or module.path not in self.production:
                continue
            if self._names.isdisjoint(module.facts.words):
                continue
            for function, owner in functions_of(module):
                raw = bytes(function.body)
                if self._raw.search(raw) and _VERBS.search(raw):
                    yield module, function, owner

    def _places(self, module: ModuleState, function: ir.FunctionDef) -> list[Place]:
        """The calls of a sink's name in a function."""
        body = self.interpreter.modules.body(module.path, function)
        return [
            Place(module.path, node.span)
            for node in expressions_in(body, into_functions=False)
            if isinstance(node, ir.Call) and _last_name(node.function) in self._names
        ]

    def _run(self, module: ModuleState, function: ir.FunctionDef, owner: ir.ClassDef | None) -> Trace | None:
        place = Place(module.path, function.name_span)
        trace = Trace()
        callee = self._callee(module, function, owner, place)
        if callee is None or isinstance(callee, Unknown):
            return None
        self.runner.run(callee, self._arguments(callee), trace, place, steps=STEPS, depth=DEPTH)
        return trace

    def _arguments(self, callee: Value) -> Arguments:
        signature = signature_of(self.interpreter, callee)
        arguments = Arguments(open=signature is None)
        for parameter in signature.parameters if signature is not None else []:
            if parameter.kind == "positional":
                arguments.positional.append(self._parameter(parameter))
            elif parameter.kind in ("normal", "keyword"):
                arguments.keywords[parameter.name] = self._parameter(parameter)
        return arguments

    def _callee(
        self, module: ModuleState, function: ir.FunctionDef, owner: ir.ClassDef | None, place: Place
    ) -> Value | None:
        interpreter = self.interpreter
        if owner is None:
            return interpreter.module_attribute(module, function.name)
        cls = interpreter.module_attribute(module, owner.name)
        if not isinstance(cls, Class):
            return None
        found = cls.scope.names.get(function.name)
        if isinstance(found, Descriptor) and found.kind in ("classmethod", "staticmethod"):
            return interpreter.attribute(cls, function.name, place)
        if isinstance(found, Descriptor):
            found = found.function
        if cls not in self._objects:
            made = self.runner.run(cls, self._arguments(cls), Trace(), place, steps=STEPS, depth=DEPTH)
            self._objects[cls] = made if isinstance(made, Instance) else Instance(cls, place)
        return interpreter.attribute(self._objects[cls], function.name, place)

    def _parameter(self, parameter: SignatureParameter) -> Value:
        annotation, _ = split_annotated(parameter.annotation)
        reason = f"the parameter {parameter.name}, which nothing seen passes"
        kind = self.runner.provenance(annotation)
        if kind != "request":
            return Input(kind, reason, parameter.place)
        if annotation is None:
            return Unknown(reason, parameter.place)
        made = instance_of(self.interpreter, annotation, reason)
        return Unknown(reason, parameter.place) if isinstance(made, Unknown) else made


def _last_name(node: ir.Expression) -> str:
    if isinstance(node, ir.Attribute):
        return node.name
    return node.id if isinstance(node, ir.Name) else ""
