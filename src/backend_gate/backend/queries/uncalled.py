"""Functions with SQL that no request is seen to reach: they run with parameters that nobody knows."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from backend_gate.backend import validators
from backend_gate.backend.arguments import Arguments
from backend_gate.backend.attributes import instance_of
from backend_gate.backend.behaviour import Runner
from backend_gate.backend.calls import define_class, define_function
from backend_gate.backend.dependencies import split_annotated
from backend_gate.backend.frame import Frame
from backend_gate.backend.interpreter import Interpreter
from backend_gate.backend.model import Place
from backend_gate.backend.modules import ModuleState
from backend_gate.backend.queries.collect import Collector
from backend_gate.backend.queries.entrances import brought_in, mentions, takes_from_clients
from backend_gate.backend.queries.paths import Parts, bound_parts
from backend_gate.backend.queries.scripts import module_code
from backend_gate.backend.queries.words import Words
from backend_gate.backend.roots import functions_of
from backend_gate.backend.signatures import signature_of
from backend_gate.backend.trace import Trace
from backend_gate.backend.values import (
    BoundMethod,
    Class,
    Descriptor,
    Function,
    Input,
    Instance,
    SignatureParameter,
    Unknown,
    Value,
    alternatives,
)
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

STEPS = 4_000
DEPTH = 4
MODULE_STEPS = 20_000
ALL_STEPS = 600_000
CALLERS = 2
"""Levels of callers that are looked for."""
MAX_CALLERS = 12
_SQL = re.compile(
    rb"\b(?:select\b.{1,600}?\bfrom|insert\s+(?:or\s+\w+\s+)?into|replace\s+into|merge\s+into|update\b.{1,200}?\bset|"
    rb"delete\s+from|truncate\s|pragma\s|notify\s|listen\s|grant\s|"
    rb"(?:create|alter|drop|refresh)\s+(?:or\s+replace\s+|temp\w*\s+|unique\s+|materialized\s+)*"
    rb"(?:table|index|view|schema|database|sequence|trigger|function|procedure|extension|user|role|type|session|system)|"
    rb"set\s+(?:local|session|search_path|statement_timeout|role|global|@)|order\s+by|where\s|group\s+by|call\s+\w+\()",
    re.DOTALL,
)
"""In lower case: to look for words in any case takes twice as long."""
_RUNS = re.compile(
    rb"\b(?:extra|having|distinct|group_by|order_by|query\.filter|execute\w*|exec_driver_sql|fetch\w+|raw|read_sql\w*|run_sql|query_raw)\b"
)
"""Names that hardly anything but a statement is handed to."""
_TEXTS = re.compile(
    rb"\b(?:text|literal_column|RawSQL|SQL|raw_sql|query|sql|exec|scalars?|stream|prepare|iterate)\("
)
"""Further names of sinks, for functions that have something of a client at hand."""
_BUILDS = re.compile(rb"""\b[fFrRtT]{1,2}["']|%|\+|\.format|\.join|\.replace|substitute|\.write\(""")
_BUILDERS = frozenset({"format", "join", "replace", "substitute", "safe_substitute", "format_map", "write"})


class Definition(NamedTuple):
    """A function or method that stands at the top of a module or class."""

    module: ModuleState
    function: ir.FunctionDef
    owner: ir.ClassDef | None

    @property
    def place(self) -> Place:
        """Where its name stands."""
        return Place(self.module.path, self.function.name_span)


class Uncalled:
    """Finds and runs them."""

    def __init__(
        self, interpreter: Interpreter, words: Words, production: Collection[str], *, loose: bool = False
    ) -> None:
        """``production`` are the files to look in; ``loose``: texts that nothing runs are wanted as well."""
        self.interpreter = interpreter
        self.words = words
        self.loose = loose
        self.runner = Runner(interpreter)
        self._objects: dict[Class, Instance] = {}
        self._started = 0
        self._bound: dict[str, Parts] | None = None
        self._modules = interpreter.modules.of_files(production)
        self._candidates: list[Definition] | None = None
        self._started = interpreter.steps

    def collect(self, collector: Collector) -> None:
        """Run the functions that the runs before have not, and add what they do to ``collector``.

        The code of modules comes first, since it calls functions with what they really get. Where a parameter
        decides what a statement is, those that call the function run instead.
        """
        done: set[int] = set()
        self._started = self.interpreter.steps
        for module in self._modules:
            code = module_code(module, self.interpreter.modules, self.words, _SQL if self.loose else None)
            if code is not None:
                self.collect_nested(collector, done)
                collector.add(*self._run_function(code, MODULE_STEPS, Arguments()), reachable=False)
        for found in self.candidates():
            if self._is_covered(found, collector) or id(found.function) in done:
                continue
            done.add(id(found.function))
            run = self._run(found)
            if run is None:
                continue
            alone = collector.of_one_run(*run)
            if alone.asks_for_callers():
                for caller in self._callers(found, CALLERS):
                    known = id(caller.function) in done or collector.has_run(
                        caller.module.path, caller.function
                    )
                    above = None if known else self._run(caller)
                    done.add(id(caller.function))
                    if above is not None:
                        collector.add(*above, reachable=False)
            if not self._is_covered(found, collector):
                collector.take_up(alone)
            if self._is_too_much(found.place):
                return
        self.collect_nested(collector, done)

    def collect_nested(self, collector: Collector, done: set[int]) -> None:
        """Functions that a run has made and that it has not called: a framework was given them."""
        pending = collector.defined
        while pending:
            collector.defined = []
            for function in pending:
                node = function.node
                if (
                    not isinstance(node, ir.FunctionDef)
                    or id(node) in done
                    or collector.has_run(function.module.path, node)
                ):
                    continue
                done.add(id(node))
                code = self.interpreter.modules.code_of(function.module.path, node)
                has_sql = _SQL.search(code.lower()) is not None
                takes = takes_from_clients(node, function.module, self.words, code)
                if not self._builds_text(function.module, node, has_sql, takes):
                    continue
                collector.add(*self._run_function(function, STEPS), reachable=False)
                if self._is_too_much(function.place):
                    return
            pending = collector.defined

    def _is_too_much(self, place: Place) -> bool:
        if self.interpreter.steps - self._started <= ALL_STEPS:
            return False
        self.interpreter.report("too many functions with SQL to follow all of them", place)
        return True

    def candidates(self) -> list[Definition]:
        """Functions that put a text of SQL together, then those that run a text made of others.

        Looked for once. The source alone decides: they can be looked for before anything has run.
        """
        if self._candidates is None:
            self._candidates = self._look_for_candidates()
        return self._candidates

    def _look_for_candidates(self) -> list[Definition]:
        found: list[Definition] = []
        others: list[Definition] = []
        for module in self._modules:
            for function, owner in functions_of(module):
                code = self.interpreter.modules.code_of(module.path, function)
                has_sql = _SQL.search(code.lower()) is not None
                takes = takes_from_clients(function, module, self.words, code)
                if not (has_sql or _RUNS.search(code) or (takes and _TEXTS.search(code))):
                    continue
                if not ir.is_read(function) and not takes and not _BUILDS.search(code):
                    continue  # reading it costs more than looking
                if self._builds_text(module, function, has_sql, takes):
                    (found if has_sql else others).append(Definition(module, function, owner))
        return [*found, *others]

    def _builds_text(self, module: ModuleState, function: ir.FunctionDef, has_sql: bool, takes: bool) -> bool:
        """``has_sql``: it holds the words of a statement; otherwise it has to run something that it has made.

        ``takes``: it may run what a client sends as it is.
        """
        builds = runs = False
        for node in expressions_in(self.interpreter.modules.body(module.path, function)):
            match node:
                case ir.Text() | ir.BinaryOperation(operator="+" | "%") | ir.AugmentedAssign(operator="+"):
                    builds = True
                case ir.Call(function=ir.Attribute(name=name)) if name in _BUILDERS:
                    builds = True
            if isinstance(node, ir.Call) and node.arguments and _last_name(node.function) in self.words.names:
                runs = runs or not isinstance(node.arguments[0].value, ir.Constant)
            if (builds and (has_sql or runs)) or (takes and runs):
                return True
        return False

    def _is_covered(self, found: Definition, collector: Collector) -> bool:
        """It ran, and each sink in it as well."""
        if not collector.has_run(found.module.path, found.function):
            return False
        return all(place in collector.visited for place in self._places(found))

    def _callers(self, called: Definition, levels: int) -> list[Definition]:
        """Functions whose text mentions the name of ``called``, those that call them first."""
        name = called.function.name
        if levels == 0 or name.startswith("__") or name in self.words.names:
            return []
        word = re.compile(rb"\b" + name.encode() + rb"\b")
        found = [
            Definition(module, function, owner)
            for module in self._modules
            if mentions(module, name)
            for function, owner in functions_of(module)
            if function.name != name and word.search(self.interpreter.modules.code_of(module.path, function))
        ]
        if len(found) > MAX_CALLERS:
            return []  # a name that many things have
        return [*(above for one in found for above in self._callers(one, levels - 1)), *found]

    def _places(self, found: Definition) -> list[Place]:
        """The calls of a sink's name in a function."""
        path = found.module.path
        body = self.interpreter.modules.body(path, found.function)
        return [
            Place(path, node.span)
            for node in expressions_in(body, into_functions=False)
            if isinstance(node, ir.Call) and _last_name(node.function) in self.words.names
        ]

    def _run(self, found: Definition) -> tuple[Value, Trace] | None:
        callee = self._callee(found)
        if callee is None or isinstance(callee, Unknown):
            return None
        return self._run_function(callee, STEPS)

    def _run_function(
        self, callee: Value, steps: int, arguments: Arguments | None = None
    ) -> tuple[Value, Trace]:
        trace = Trace()
        trace.texts = [] if self.loose else None
        place = callee.place if isinstance(callee, Function) else None
        given = arguments if arguments is not None else self._arguments(callee)
        self.runner.run(callee, given, trace, place, steps=steps, depth=DEPTH)
        return callee, trace

    def _arguments(self, callee: Value) -> Arguments:
        signature = signature_of(self.interpreter, callee)
        arguments = Arguments(open=signature is None)
        function = callee.function if isinstance(callee, BoundMethod) else callee
        brought: dict[str, Value] = {}
        if isinstance(function, Function) and isinstance(function.node, ir.FunctionDef):
            brought = brought_in(function.node, function.module, self.words, self._bound_to(callee, function))
        taken_along = _taken_along(function) if isinstance(function, Function) else frozenset[str]()
        for parameter in signature.parameters if signature is not None else []:
            value = self._as_declared(parameter, brought.pop(parameter.name, None))
            if value is None and parameter.name in taken_along:
                value = parameter.default
            value = value or self._parameter(parameter)
            if parameter.kind == "positional":
                arguments.positional.append(value)
            elif parameter.kind in ("normal", "keyword"):
                arguments.keywords[parameter.name] = value
            elif parameter.kind == "**":
                arguments.keywords |= brought
        return arguments

    def _as_declared(self, parameter: SignatureParameter, value: Value | None) -> Value | None:
        """What a framework brings, with what the parameter says of it: its type, its pattern.

        ``None``: nothing is brought, or a dependency of the same name gives something else.
        """
        if not isinstance(value, Input):
            return value
        annotation, metadata = split_annotated(parameter.annotation)
        markers = [marker for marker in [*metadata, parameter.default] if marker is not None]
        if any(self.interpreter.vocabulary.marker(marker) == "dependency" for marker in markers):
            return None
        kind = self.runner.provenance(annotation)
        if kind != "request":
            return Input(kind, value.source, value.place)
        return validators.by_markers(self.interpreter, value, markers, value.place)

    def _bound_to(self, callee: Value, function: Function) -> Parts:
        """The parts of the paths that lead to a function, or to the view whose method it is."""
        if self._bound is None:
            asking = [m for m in self._modules if any(mentions(m, n) for n in self.words.unrouted_libraries)]
            self._bound = bound_parts(asking)
        receiver = callee.receiver if isinstance(callee, BoundMethod) else None
        if isinstance(receiver, Instance) and isinstance(receiver.cls, Class):
            return self._bound.get(receiver.cls.node.name, {})
        name = function.node.name if isinstance(function.node, ir.FunctionDef) else ""
        return self._bound.get(name, {})

    def _callee(self, found: Definition) -> Value | None:
        """What runs a definition: the name that it is bound to, unless that means another one by now."""
        interpreter, name, place = self.interpreter, found.function.name, found.place
        frame = Frame(found.module, found.module.scope)
        if found.owner is None:
            bound = interpreter.module_attribute(found.module, name)
            if bound is not None and _leads_to(bound, found.function):
                return bound
            return define_function(interpreter, found.function, frame)
        cls = interpreter.module_attribute(found.module, found.owner.name)
        if not isinstance(cls, Class) or cls.node is not found.owner:
            cls = define_class(interpreter, found.owner, frame)
        if not isinstance(cls, Class):
            return None
        held = cls.scope.names.get(name)
        if isinstance(held, Descriptor) and held.kind in ("classmethod", "staticmethod"):
            return interpreter.attribute(cls, name, place)
        if cls not in self._objects:
            made = self.runner.run(cls, self._arguments(cls), Trace(), place, steps=STEPS, depth=DEPTH)
            self._objects[cls] = made if isinstance(made, Instance) else Instance(cls, place)
        if isinstance(held, Descriptor) and isinstance(held.function, Function):
            return BoundMethod(held.function, self._objects[cls])  # reading a property would run it
        return interpreter.attribute(self._objects[cls], name, place)

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


def _taken_along(function: Function) -> frozenset[str]:
    """``def fetch(marks=marks)`` inside of another function: what it takes along, since it runs later."""
    if "<locals>" not in function.qualname:
        return frozenset()
    return frozenset(p.name for p in function.node.parameters if isinstance(p.default, ir.Name))


def _leads_to(value: Value, node: ir.FunctionDef) -> bool:
    """A callable is a function, or what its decorators made of it."""
    for one in alternatives(value):
        pending: Value | None = one
        while isinstance(pending, Function):
            if pending.node is node:
                return True
            pending = pending.attributes.get("__decorated__")
    return False


def _last_name(node: ir.Expression) -> str:
    if isinstance(node, ir.Attribute):
        return node.name
    return node.id if isinstance(node, ir.Name) else ""
