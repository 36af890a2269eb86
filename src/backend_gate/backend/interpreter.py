"""The abstract interpreter: it runs the wiring code of a project over abstract values.

In Python, wiring is code that runs at import time. The interpreter runs it without running it: modules on
demand, calls into the project to a bounded depth and number of steps, both branches of an undecided
condition. What a library does is data (see :mod:`backend_gate.backend.vocabulary`).

This module holds the state and the rules of names, modules and budgets; expressions, statements, calls,
attributes and operations have modules of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from backend_gate.backend import attributes, calls, expressions, handling, setting_names, statements
from backend_gate.backend.arguments import Arguments
from backend_gate.backend.budget import ROOT_STEPS, OverBudgetError, steps_for_statement
from backend_gate.backend.frame import Frame
from backend_gate.backend.heap import Heap
from backend_gate.backend.model import Condition, Place, Unresolved
from backend_gate.backend.modules import ModuleState, ModuleTable
from backend_gate.backend.project_files import ProjectFiles
from backend_gate.backend.queries.words import Words
from backend_gate.backend.request_states import names_with_request_text
from backend_gate.backend.summaries import Summaries
from backend_gate.backend.unparse import unparse
from backend_gate.backend.values import (
    NONE,
    Class,
    Constant,
    External,
    Function,
    Instance,
    LazyImport,
    Module,
    Scope,
    Sequence,
    Unknown,
    Value,
    alternatives,
    join,
)
from backend_gate.backend.walk import expressions_in
from backend_gate.backend.wrappers import Wrappers
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.trace import Trace
    from backend_gate.backend.vocabulary import Vocabulary

_NO_LIBRARYS_OWN = frozenset({"os", "sys"})
MUTATING = frozenset(
    {
        "append",
        "add",
        "clear",
        "extend",
        "insert",
        "pop",
        "popitem",
        "remove",
        "setdefault",
        "update",
        "discard",
    }
)
_CHANGES = re.compile(
    rb"\.\s*(?:"
    + b"|".join(sorted(name.encode() for name in MUTATING))
    + rb")\b|\]\s*\)*\s*(?:[-+*/%&|^@]|//|\*\*|<<|>>)?=[^=]|\bdel\s"
)
_GLOBAL = re.compile(rb"\bglobal\b")

BUILTIN_NAMES = frozenset(
    [
        "abs",
        "all",
        "any",
        "ascii",
        "bin",
        "bool",
        "bytearray",
        "bytes",
        "callable",
        "chr",
        "classmethod",
        "compile",
        "complex",
        "delattr",
        "dict",
        "dir",
        "divmod",
        "enumerate",
        "eval",
        "exec",
        "filter",
        "float",
        "format",
        "frozenset",
        "getattr",
        "globals",
        "hasattr",
        "hash",
        "help",
        "hex",
        "id",
        "input",
        "int",
        "isinstance",
        "issubclass",
        "iter",
        "len",
        "list",
        "locals",
        "map",
        "max",
        "memoryview",
        "min",
        "next",
        "object",
        "oct",
        "open",
        "ord",
        "pow",
        "print",
        "property",
        "range",
        "repr",
        "reversed",
        "round",
        "set",
        "setattr",
        "slice",
        "sorted",
        "staticmethod",
        "str",
        "sum",
        "super",
        "tuple",
        "type",
        "vars",
        "zip",
        "BaseException",
        "Exception",
        "ArithmeticError",
        "AssertionError",
        "AttributeError",
        "ConnectionError",
        "EOFError",
        "FileExistsError",
        "FileNotFoundError",
        "ImportError",
        "IndexError",
        "InterruptedError",
        "IsADirectoryError",
        "KeyError",
        "KeyboardInterrupt",
        "LookupError",
        "MemoryError",
        "ModuleNotFoundError",
        "NameError",
        "NotImplementedError",
        "OSError",
        "OverflowError",
        "PermissionError",
        "ProcessLookupError",
        "RecursionError",
        "ReferenceError",
        "RuntimeError",
        "StopAsyncIteration",
        "StopIteration",
        "SyntaxError",
        "SystemError",
        "SystemExit",
        "TimeoutError",
        "TypeError",
        "UnboundLocalError",
        "UnicodeDecodeError",
        "UnicodeEncodeError",
        "UnicodeError",
        "ValueError",
        "ZeroDivisionError",
        "ConnectionRefusedError",
        "ConnectionResetError",
        "BrokenPipeError",
        "ConnectionAbortedError",
        "GeneratorExit",
        "BaseExceptionGroup",
        "ExceptionGroup",
        "IOError",
        "EnvironmentError",
        "NotImplemented",
        "Ellipsis",
        "Warning",
        "DeprecationWarning",
        "UserWarning",
        "RuntimeWarning",
        "FutureWarning",
    ]
)


PARTS = (handling,)
"""Modules that register forms of statements when they are imported."""


class Interpreter:
    """Runs the modules of one unit. Deterministic: budgets count steps, never time."""

    def __init__(
        self,
        modules: ModuleTable,
        vocabulary: Vocabulary,
        natives: dict[str, Callable[..., Value]],
        parse_expression: Callable[[str], ir.Expression | None],
    ) -> None:
        self.modules = modules
        self.vocabulary = vocabulary
        self.natives = natives
        self.parse_expression = parse_expression
        self.conditions: tuple[Condition, ...] = ()
        self.unresolved: list[Unresolved] = []
        self.created: list[Instance] = []
        self.wrappers = Wrappers()
        self.hooks: list[tuple[Value, Instance | None]] = []
        self.names: dict[int, str] = {}
        self.production: frozenset[str] = frozenset()
        self.kinds: dict[int, tuple[Class, list[Class]]] = {}
        self.uses: list[tuple[Place, str]] | None = None
        self.variables: dict[str, Value | None] = {}
        self.called: set[int] = set()
        self.called_on: set[tuple[int, int]] = set()
        """Methods that the wiring has called, by their node, and the class of the object each was called on."""
        self.entry_points: tuple[tuple[str, str, str], ...] = ()
        self.assumed: set[str] = set()
        """Classes of libraries that are taken for routers, which has been said."""
        self.passes_checks = False
        """A check of the deployment that only raises is taken to pass: who serves the application has set it up."""
        self.steps = 0
        self.limit = ROOT_STEPS
        self.steps_of_modules = 0
        self.annotations: dict[tuple[int, Class | None], tuple[ir.Expression, Value]] | None = None
        """What annotations at the top of modules and classes are, kept once all modules have run."""
        self.active: list[Function] = []
        self.trace: Trace | None = None
        self.summaries = Summaries(Words(vocabulary))
        self.heap = Heap()
        self._rebound: dict[str, set[str]] = {}
        self._changed: dict[str, set[str]] = {}
        self._parsed: dict[str, ir.Expression | None] = {}
        self._sources: dict[int, tuple[ir.Expression, str]] = {}
        self._reported: set[tuple[str, Place]] = set()

    @property
    def follows_values(self) -> bool:
        """A lazy run: it matters where each value comes from, and what a condition says about it."""
        return self.trace is not None and self.trace.lazy

    @cached_property
    def files(self) -> ProjectFiles:
        """The files that the modules stand in."""
        return ProjectFiles(self.modules.paths)

    @cached_property
    def states_with_request_text(self) -> frozenset[str]:
        """The names of ``request.state`` that code of the project gives text of the request."""
        return names_with_request_text(self.modules, self.production)

    # --- budgets and reports -----------------------------------------------------------------

    def step(self) -> None:
        """Count one step.

        Raises:
            OverBudgetError: the innermost call has used its share.
        """
        self.steps += 1
        if self.steps > self.limit:
            raise OverBudgetError

    @contextmanager
    def budget(self, steps: int) -> Iterator[None]:
        """Grant ``steps`` to a piece of work that does not share its caller's budget."""
        saved, before = self.limit, self.steps
        self.limit = self.steps + steps
        try:
            yield
        finally:
            self.limit = saved + (self.steps - before)

    def report(self, reason: str, place: Place) -> None:
        """List something that could not be followed, once a place."""
        if (reason, place) not in self._reported:
            self._reported.add((reason, place))
            self.unresolved.append(Unresolved(place, reason))

    def under(self, condition: Condition | None) -> _Under:
        """Run with one more path condition, or with none more, for ``with``."""
        return _Under(self, condition)

    # --- modules and names ---------------------------------------------------------------------

    def run_module(self, module: ModuleState) -> None:
        """Run all statements of a module in order, each once; in a cycle of imports only the first time."""
        if module.started:
            return
        module.started = True
        for number in range(len(module.facts.statements)):
            self.run_statement(module, number)

    def run_statement(self, module: ModuleState, number: int) -> None:
        """Run one top-level statement unless it has run or is running."""
        if number in module.done or number in module.running:
            return
        module.running.add(number)
        saved, self.conditions = self.conditions, ()
        active, self.active = self.active, []
        trace, self.trace = self.trace, None
        heap, self.heap = self.heap, Heap()  # it runs once, whichever branch has asked for it
        before, taken = self.steps, self.steps_of_modules
        try:
            with self.budget(steps_for_statement(taken)):
                statement = module.statement(number)
                frame = Frame(module, module.scope)
                try:
                    statements.execute(self, [statement], frame)
                except OverBudgetError:
                    self.report("this statement takes too many steps to follow", frame.place(statement))
                except RecursionError:
                    # Thousands of statements that change one object, each of which needs those before it.
                    self.report("this statement needs too many others to follow", frame.place(statement))
        finally:
            self.steps_of_modules = taken + (self.steps - before)  # which counts those that it needed
            self.conditions = saved
            self.active = active
            self.trace = trace
            self.heap = heap
            module.running.discard(number)
            module.done.add(number)

    def import_module(self, name: str) -> None:
        """What importing a project module does: its packages and itself run if they hold wiring."""
        parts = name.split(".")
        for count in range(1, len(parts) + 1):
            module = self.modules.get(".".join(parts[:count]))
            if module is not None and module.runs_whole:
                self.run_module(module)
            elif module is not None and module.is_package:
                self._register(module)

    def _register(self, package: ModuleState) -> None:
        """Run what a package does when it is imported without keeping a result: ``register("mail", MailPlugin)``."""
        if package.registered:
            return
        package.registered = True
        for number, statement in enumerate(package.facts.statements):
            if statement.binds:
                continue
            node = package.statement(number)
            if isinstance(node, ir.ExpressionStatement) and isinstance(node.value, ir.Call):
                callee = node.value.function
                if isinstance(callee, ir.Name) and package.binds(callee.id):
                    self.run_statement(package, number)

    def module_attribute(self, module: ModuleState, name: str) -> Value | None:
        """The value of a module-level name; ``None`` if the module does not bind it."""
        if module.runs_whole and not module.started:
            self.run_module(module)
        found = module.scope.names.get(name)
        if found is None and name in module.unbound:
            return None
        if found is None or not (module.runs_whole or name in module.settled):
            for number in module.statements_about(name):
                # In a cycle of imports what changes the object waits for its turn.
                if not module.runs_whole or name in module.facts.statements[number].binds:
                    self.run_statement(module, number)
            if module.done.issuperset(module.statements_about(name)):
                module.settled.add(name)
            found = module.scope.names.get(name)
        if found is None:
            found = self._from_star_imports(module, name)
        if isinstance(found, LazyImport):
            resolved = self.imported(found.module, found.name, module)
            if module.scope.names.get(name) is found:
                module.scope.names[name] = resolved
            found = resolved
        if found is None:
            found = self._module_special(module, name)
        if found is None and not (module.statements_about(name) or module.statements_about("*")):
            module.unbound.add(name)
        return found

    def _module_special(self, module: ModuleState, name: str) -> Value | None:
        if name == "__name__":
            return Constant(module.name)
        if name == "__package__":
            return Constant(module.package)
        if name == "__path__" and module.is_package:
            # the entry stands for the package: what lists a path's modules looks them up by name
            return Sequence("list", [Constant(module.name)])
        if name == "__file__":
            return Constant(module.path)
        return None

    def _from_star_imports(self, module: ModuleState, name: str) -> Value | None:
        for number in module.statements_about("*"):
            self.run_statement(module, number)
        if name.startswith("_"):
            return None
        for source in reversed(module.star_imports):
            target = self.modules.get(source)
            if target is None:
                if not self.modules.has(source):
                    known = self.vocabulary.known(f"{source}.{name}")
                    if known is not None:
                        return External(known)
                continue
            if target is module:
                continue
            marker = f"*{name}"
            if marker in target.scope.nonlocal_names:
                continue  # already looking there: a cycle of star imports
            target.scope.nonlocal_names.add(marker)
            try:
                found = self.module_attribute(target, name)
            finally:
                target.scope.nonlocal_names.discard(marker)
            if found is not None:
                return found
        return None

    def imported(self, source: str, name: str, importer: ModuleState | None = None) -> Value:
        """The value of ``from source import name``."""
        module = self.modules.get(source)
        submodule = f"{source}.{name}"
        if module is not None:
            if module is importer and self.modules.has(submodule):
                return Module(submodule)
            if f"import {name}" in module.scope.global_names:
                if self.modules.has(submodule):
                    return Module(submodule)
                return Unknown(f"{source}.{name} imports itself")
            module.scope.global_names.add(f"import {name}")
            try:
                found = self.module_attribute(module, name)
            finally:
                module.scope.global_names.discard(f"import {name}")
            if found is not None:
                return found
            if self.modules.has(submodule):
                return Module(submodule)
            getter = self.module_attribute(module, "__getattr__") if module.binds("__getattr__") else None
            if getter is not None:
                found = self.call(getter, Arguments([Constant(name)]), None)
                if name.isupper() and any(isinstance(v, Unknown) for v in alternatives(found)):
                    if name not in self.variables:
                        self.variables[name] = setting_names.by_variable(self, name)
                    return self.variables[name] or found
                return found
            if self.modules.is_library(source):
                return self.external(submodule)  # left out of the stand-in
            return Unknown(f"{source} has no name {name}")
        if self.modules.has(submodule):
            return Module(submodule)
        if self.modules.has(source):
            return Unknown(f"{source} has no name {name}")
        # Some take a module of Python itself from a library that happens to import it.
        return self.external(name if name in _NO_LIBRARYS_OWN else submodule)

    def external(self, name: str, owner: Value | None = None) -> Value:
        """The value of a library's name."""
        if len(name) > 240:
            return Unknown("a long chain of library calls")
        return External(self.vocabulary.canonical(name), owner)

    def lookup(self, name: str, frame: Frame) -> Value | None:
        """The value of a name in a frame: local, enclosing functions, module, builtins."""
        scope: Scope | None = frame.scope
        if scope is not None and name not in scope.global_names:
            first = True
            while scope is not None and scope.kind != "module":
                if (first or scope.kind != "class") and name in scope.names:
                    local = scope.names[name]
                    if isinstance(local, LazyImport):
                        local = scope.names[name] = self.imported(local.module, local.name)
                    return local
                first = False
                scope = scope.parent
        found = self.module_attribute(frame.module, name)
        if found is None and name in BUILTIN_NAMES:
            return External(f"builtins.{name}")
        return found

    def bind(self, name: str, value: Value, frame: Frame) -> None:
        """Assign a name in a frame."""
        scope = frame.scope
        if scope.kind != "module" and name in scope.global_names:
            scope = frame.module.scope
        elif name in scope.nonlocal_names:
            outer = scope.parent
            while outer is not None and (outer.kind != "function" or name not in outer.names):
                outer = outer.parent
            scope = outer or scope
            self.summaries.changed()
        if self.trace is not None and scope.kind == "module":
            self.trace.replaces(scope.names, name)
        scope.names[name] = value

    def changed_names(self, module: ModuleState) -> set[str]:
        """Module-level names whose list or dict a function of the module changes."""
        found = self._changed.get(module.name)
        if found is None:
            found = self._changed[module.name] = set()
            for number in range(len(module.facts.statements)):
                statement = module.statement(number)
                if isinstance(statement, (ir.For, ir.While, ir.ExpressionStatement, ir.Assign)):
                    continue  # it runs once, when the module is imported
                for node in expressions_in([statement], body_of=self._bodies_with(_CHANGES, module)):
                    for owner in _changed_by(node):
                        while isinstance(owner, ir.Subscript):
                            owner = owner.value  # ``orders[name].append(order)``
                        if isinstance(owner, ir.Name):
                            found.add(owner.id)
        return found

    def rebound_names(self, module: ModuleState) -> set[str]:
        """Module-level names that a function of the module binds anew (``global``)."""
        found = self._rebound.get(module.name)
        if found is None:
            found = self._rebound[module.name] = set()
            for number in range(len(module.facts.statements)):
                statement = module.statement(number)
                if isinstance(statement, (ir.FunctionDef, ir.ClassDef)):
                    for node in expressions_in([statement], body_of=self._bodies_with(_GLOBAL, module)):
                        if isinstance(node, ir.Global):
                            found.update(node.names)
        return found

    def _bodies_with(
        self, words: re.Pattern[bytes], module: ModuleState
    ) -> Callable[[ir.FunctionDef], list[ir.Statement]]:
        """The bodies of functions in whose text some words stand: reading a body takes longer than looking."""

        def body_of(function: ir.FunctionDef) -> list[ir.Statement]:
            if not ir.is_read(function) and not words.search(self.modules.code_of(module.path, function)):
                return []
            return self.modules.body(module.path, function)

        return body_of

    # --- the parts -----------------------------------------------------------------------------

    evaluate = expressions.evaluate

    def call(
        self, callee: Value, arguments: Arguments, place: Place | None, node: ir.Call | None = None
    ) -> Value:
        """The result of a call."""
        return calls.call(self, callee, arguments, place, node)

    def call_method(
        self,
        receiver: Value,
        name: str,
        arguments: Arguments,
        place: Place | None,
    ) -> Value:
        """Call a method by name, through overrides of the project."""
        return self.call(self.attribute(receiver, name, place), arguments, place)

    def attribute(self, value: Value, name: str, place: Place | None = None) -> Value:
        """``value.name``"""
        return attributes.get(self, value, name, place)

    def default_of(self, owner: Instance, name: str) -> Value | None:
        """What ``owner.name`` gives as long as nobody has put anything there."""
        return attributes.default_of(self, owner, name)

    def source(self, node: ir.Expression) -> str:
        """The text of a condition, put together once: an ``if`` runs again and again."""
        known = self._sources.get(id(node))
        if known is None:
            known = self._sources[id(node)] = (
                node,
                unparse(node),
            )  # the node is kept: its identity is the key
        return known[1]

    def evaluate_text(self, text: str, frame: Frame) -> Value:
        """The value of a type written as text (a forward reference)."""
        if text not in self._parsed:
            self._parsed[text] = self.parse_expression(text)
        node = self._parsed[text]
        if node is None:
            return Unknown(f"the annotation {text!r} is not an expression")
        return self.evaluate(node, frame)

    def result_of(self, frame: Frame) -> Value:
        """What a finished call gives back."""
        return join(frame.returns) if frame.returns else NONE


def _changed_by(node: ir.Node) -> list[ir.Expression]:
    """The lists and dicts that a call or an assignment changes an entry of."""
    match node:
        case ir.Call(function=ir.Attribute(value=owner, name=name)) if name in MUTATING:
            return [owner]
        case ir.Assign(targets=targets) | ir.Delete(targets=targets):
            return [target.value for target in targets if isinstance(target, ir.Subscript)]
        case ir.AugmentedAssign(target=ir.Subscript(value=owner)):
            return [owner]
    return []


class _Under:
    """A stretch of work under one more condition. Every branch is one: a generator would cost more than its entry."""

    __slots__ = ("condition", "interpreter", "saved")

    def __init__(self, interpreter: Interpreter, condition: Condition | None) -> None:
        self.interpreter = interpreter
        self.condition = condition
        self.saved = interpreter.conditions

    def __enter__(self) -> None:
        if self.condition is not None:
            self.interpreter.conditions = (*self.saved, self.condition)

    def __exit__(self, *exception: object) -> None:
        self.interpreter.conditions = self.saved
