"""Where linking starts: the modules that hold wiring, and the functions that make or fill an application.

Modules that mention a web library run from top to bottom. Then come functions that make an application and that
nobody calls (a server calls them by name), start-up hooks, and functions that take an application and add to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_gate.backend.arguments import Arguments
from backend_gate.backend.attributes import class_attribute
from backend_gate.backend.budget import OverBudgetError
from backend_gate.backend.calls import ONLY_RAISES
from backend_gate.backend.generated import FROM_OUTSIDE
from backend_gate.backend.implementations import is_abstract, subclasses
from backend_gate.backend.interpreter import Interpreter
from backend_gate.backend.model import Place
from backend_gate.backend.modules import ModuleState
from backend_gate.backend.signatures import signature_of
from backend_gate.backend.values import (
    TRUE,
    Class,
    External,
    Function,
    Instance,
    Unknown,
    Value,
    alternatives,
)
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

APPLICATIONS = ("fastapi.applications.FastAPI", "starlette.applications.Starlette")
WEB_LIBRARIES = frozenset({"fastapi", "starlette"})
_WIRING_WORDS = frozenset(
    {"include_router", "add_api_route", "add_route", "mount", "add_api_websocket_route", "add_middleware"}
)
_VERBS = frozenset({"get", "post", "put", "delete", "patch", "websocket", "api_route", "route"})
_WIRING = re.compile(rb"\.\s*(?:" + "|".join(sorted(_WIRING_WORDS | _VERBS)).encode() + rb")\b")
"""Reading a body takes longer than looking for these in its text."""
_MAIN = frozenset({"main", "run", "run_server", "serve", "start"})
FACTORY_STEPS = 400_000
ALL_FACTORIES_STEPS = 4_000_000
HOOK_STEPS = 300_000
MAX_ROUNDS = 4


class Factory:
    """A function or method that may make an application."""

    __slots__ = ("called", "function", "module", "owner")

    def __init__(
        self, module: ModuleState, function: ir.FunctionDef, owner: ir.ClassDef | None, called: set[str]
    ) -> None:
        self.module = module
        self.function = function
        self.owner = owner
        self.called = called

    @property
    def maker(self) -> str:
        """The name by which others make the application: a class for its constructor."""
        return (
            self.owner.name
            if self.owner is not None and self.function.name == "__init__"
            else self.function.name
        )

    @property
    def key(self) -> str:
        """A name of its own."""
        return f"{self.module.name}:{self.owner.name + '.' if self.owner else ''}{self.function.name}"


class Roots:
    """Runs the wiring of one unit. ``production``: paths of the files in which applications are looked for."""

    def __init__(self, interpreter: Interpreter, production: frozenset[str]) -> None:
        self.interpreter = interpreter
        self.modules = interpreter.modules
        self.production = production

    def run(self) -> None:
        """Run everything, in a deterministic order."""
        wiring = self._wiring_modules()
        for module in wiring:
            module.runs_whole = True
        for module in sorted(wiring, key=_makers_first):
            self.interpreter.run_module(module)
        factories, fillers = self._factories(wiring), self._fillers(wiring)
        called = {f.maker for f in factories} | {function.name for _, function in fillers}
        for module in self._starting_modules(called):
            module.runs_whole = True
            self.interpreter.run_module(module)
        self._run_factories(factories)
        self._run_hooks()
        self._run_setup_functions(fillers)

    def _wiring_modules(self) -> list[ModuleState]:
        """Modules whose text mentions a web library, or changes an imported object as wiring does."""
        found = []
        taught = {name.rpartition(".")[2] for name in self.interpreter.vocabulary.taught}
        for name in self.modules.names():
            module = self.modules.get(name)
            if module is None or module.path not in self.production:
                continue
            words = set(module.facts.words)
            if (
                words & (WEB_LIBRARIES | taught)
                or (words & _WIRING_WORDS and words & (_VERBS | _WIRING_WORDS))
                or (words & _VERBS and self._decorates_with_import(module))
            ):
                found.append(module)
        return found

    def _decorates_with_import(self, module: ModuleState) -> bool:
        """A function is decorated by a method of something that the project has elsewhere: ``@router.get(…)``.

        Such a module needs no word of a web library to add routes.
        """
        imported: set[str] | None = None
        for number, statement in enumerate(module.facts.statements):
            if not statement.mutates:
                continue
            if imported is None:
                imported = set(self._imported_names(module))
            if imported.isdisjoint(statement.mutates):
                continue
            node = module.statement(number)
            if isinstance(node, ir.FunctionDef) and any(_is_verb_of(d, imported) for d in node.decorators):
                return True
        return False

    def _imported_names(self, module: ModuleState) -> Iterator[str]:
        """Names that a module takes from other modules of the project."""
        for number, statement in enumerate(module.facts.statements):
            if not statement.binds:
                continue
            node = module.statement(number)
            if isinstance(node, ir.ImportFrom):
                source = self.modules.absolute(module, node.module, node.level)
                if self.modules.has(source):
                    yield from (n.alias or n.name for n in node.names)
            elif isinstance(node, ir.Import):
                yield from (
                    n.alias or n.name.partition(".")[0] for n in node.names if self.modules.has(n.name)
                )

    def _starting_modules(self, called: set[str]) -> list[ModuleState]:
        """Modules that name no web library and whose top level calls what makes or fills an application.

        What a server is started with is often such a module: it imports both and puts them together.
        """
        found = []
        for name in self.modules.names():
            module = self.modules.get(name)
            if module is None or module.runs_whole or module.path not in self.production:
                continue
            if called.isdisjoint(module.facts.words):
                continue
            block = [module.statement(number) for number in range(len(module.facts.statements))]
            calls = (n for n in expressions_in(block, into_functions=False) if isinstance(n, ir.Call))
            if any(_last_name(call.function) in called for call in calls):
                found.append(module)
        return found

    # --- factories -------------------------------------------------------------------------------

    def _run_factories(self, factories: list[Factory]) -> None:
        """Call functions that make an application and that nobody has called, outermost first."""
        called_by_others = {name for f in factories for name in f.called if name != f.maker}
        factories.sort(
            key=lambda f: (
                f.function.name in _MAIN,
                f.maker in called_by_others,
                -self._distance(f),
                f.key,
            )
        )
        before = self.interpreter.steps
        for factory in factories:
            kinds = self._kinds(factory)
            if id(factory.function) in self.interpreter.called and not kinds:
                continue
            if factory.function.name in _MAIN and self._has_application():
                continue
            if self.interpreter.steps - before > ALL_FACTORIES_STEPS:
                place = Place(factory.module.path, factory.function.name_span)
                self.interpreter.report("this factory was not tried: too many others came before", place)
                continue
            self._call_uncalled(factory, kinds)

    def _distance(self, factory: Factory) -> int:
        """How many classes of the project the class of a method is derived from: it may call theirs."""
        owner = factory.owner and self.interpreter.module_attribute(factory.module, factory.owner.name)
        return len(owner.classes()) if isinstance(owner, Class) else 0

    def _kinds(self, factory: Factory) -> list[Class]:
        """The classes that have a method which makes an application, and on which nobody has called it.

        Each has routes of its own, if it overrides what the method reads. A class that leaves methods to others has
        no objects.
        """
        if factory.owner is None or factory.function.name == "__init__":
            return []
        owner = self.interpreter.module_attribute(factory.module, factory.owner.name)
        if not isinstance(owner, Class):
            return []
        heirs = [
            kind
            for kind in subclasses(self.interpreter, owner)
            if _inherits(kind, owner, factory.function.name)
        ]
        own = (
            []
            if id(factory.function) in self.interpreter.called or (heirs and is_abstract(owner))
            else [owner]
        )
        called = self.interpreter.called_on
        return [
            kind
            for kind in (*own, *heirs)
            if (id(factory.function), id(kind)) not in called and not is_abstract(kind)
        ] or own

    def _has_application(self) -> bool:
        """What starts a server mostly serves an application that is made elsewhere, and tried before."""
        return any("router" in value.attributes for value in self.interpreter.created)

    def _factories(self, modules: list[ModuleState]) -> list[Factory]:
        makers = set(self._application_names(modules))
        bodies: dict[str, list[Factory]] = {}
        found: dict[str, Factory] = {}
        for _ in range(MAX_ROUNDS):
            added: set[str] = set()
            for module in modules:
                if not makers & set(module.facts.words):
                    continue
                if module.name not in bodies:
                    bodies[module.name] = [
                        Factory(module, function, owner, set(self._called(module, function)))
                        for function, owner in functions_of(module)
                    ]
                for factory in bodies[module.name]:
                    if factory.key not in found and factory.called & makers:
                        found[factory.key] = factory
                        added.add(factory.maker)
            if added <= makers:
                break
            makers |= added
        return list(found.values())

    def _called(self, module: ModuleState, function: ir.FunctionDef) -> Iterator[str]:
        """The names that a body calls and that this module binds, or that belong to ``self`` or a module."""
        for node in expressions_in(self.modules.body(module.path, function)):
            if not isinstance(node, ir.Call):
                continue
            callee = node.function
            if isinstance(callee, ir.Name):
                if (
                    module.binds(callee.id)
                    or callee.id == "cls"
                    or self._imported_inside(module, function, callee.id)
                ):
                    yield callee.id
            elif isinstance(callee, ir.Attribute) and isinstance(callee.value, ir.Name):
                if callee.value.id in ("self", "cls") or module.binds(callee.value.id):
                    yield callee.name
            elif isinstance(callee, ir.Attribute) and _is_super(callee.value):
                yield callee.name

    def _imported_inside(self, module: ModuleState, function: ir.FunctionDef, name: str) -> bool:
        body = self.modules.body(module.path, function)
        return any(
            isinstance(s, ir.ImportFrom) and any((n.alias or n.name) == name for n in s.names) for s in body
        )

    def _application_names(self, modules: list[ModuleState]) -> Iterator[str]:
        vocabulary = self.interpreter.vocabulary
        makers = [n for n in vocabulary.taught if vocabulary.is_subclass(n, APPLICATIONS[0])]
        yield from (name.rsplit(".", 1)[-1] for name in (*APPLICATIONS, *sorted(makers)))
        for module in modules:
            for statement in module.facts.statements:
                for name in statement.binds:
                    value = module.scope.names.get(name)
                    if isinstance(value, Class) and any(
                        base in vocabulary.hierarchy(external)
                        for external in vocabulary.externals(value)
                        for base in APPLICATIONS
                    ):
                        yield name

    def _call_uncalled(self, factory: Factory, kinds: list[Class]) -> None:
        interpreter, function, owner = self.interpreter, factory.function, factory.owner
        place = Place(factory.module.path, function.name_span)
        try:
            with interpreter.budget(FACTORY_STEPS):
                value = interpreter.module_attribute(factory.module, owner.name if owner else function.name)
                if value is None:
                    return
                if owner is None:
                    for single in alternatives(value):
                        self._make(single, place)
                    return
                for kind in kinds or ([value] if isinstance(value, Class) else []):
                    first = len(interpreter.created)
                    instance = interpreter.call(kind, Arguments(), place)
                    if function.name != "__init__" and (id(function), id(kind)) not in interpreter.called_on:
                        interpreter.call(interpreter.attribute(instance, function.name), Arguments(), place)
                    self._name(interpreter.created[first:], kind, function.name)
        except OverBudgetError:
            interpreter.report(f"{factory.module.name}.{function.name} takes too many steps to follow", place)

    def _make(self, factory: Value, place: Place) -> None:
        """Call a factory; one that only raises as things stand is called again as where everything is set up."""
        interpreter = self.interpreter
        made = interpreter.call(factory, self._handed(factory), place)
        if isinstance(made, Unknown) and made.reason.endswith(ONLY_RAISES):
            interpreter.passes_checks = True
            try:
                interpreter.call(factory, self._handed(factory), place)
            finally:
                interpreter.passes_checks = False

    def _name(self, made: list[Instance], kind: Class, method: str) -> None:
        """Let what an inherited method has made be called after the class of the object that it was called on."""
        names = self.interpreter.names
        inherited = {f"{base.full_name}.{method}" for base in kind.classes()}
        for one in made:
            if names.get(id(one)) in inherited:
                names[id(one)] = f"{kind.full_name}.{method}"

    def _handed(self, factory: Value) -> Arguments:
        """What a factory is given by whoever starts the server, as far as its class says: the settings.

        Every field of such an object is a setting. A class with a constructor of its own may hold anything.
        """
        signature = signature_of(self.interpreter, factory) if isinstance(factory, Function) else None
        given: dict[str, Value] = {}
        for parameter in signature.parameters if signature is not None else []:
            cls = parameter.annotation
            if parameter.default is not None or not isinstance(cls, Class) or parameter.kind == "positional":
                continue
            bases = [base for base in cls.mro() if isinstance(base, Class)]
            if cls.scope.annotations and not any("__init__" in base.scope.names for base in bases):
                made = given[parameter.name] = Instance(cls, parameter.place)
                made.attributes[FROM_OUTSIDE] = TRUE
        return Arguments([], given)

    # --- hooks and functions that take an application ----------------------------------------------

    def _run_hooks(self) -> None:
        done: set[int] = set()
        for hook, owner in list(self.interpreter.hooks):
            for function in alternatives(hook):
                if id(function) in done:
                    continue
                done.add(id(function))
                apps: list[Value] = [
                    app
                    for app in self.interpreter.created
                    if owner is not None and app.attributes.get("router") is owner
                ]
                if owner is not None and not apps:
                    apps = [owner]
                self._call_safely(function, Arguments(apps[:1]))

    def _fillers(self, modules: list[ModuleState]) -> list[tuple[ModuleState, ir.FunctionDef]]:
        """Functions with parameters that add routes to something."""
        return [
            (module, function)
            for module in modules
            if set(module.facts.words) & (_WIRING_WORDS | _VERBS)
            for function, owner in functions_of(module)
            if owner is None and function.parameters and self._adds_routes(module, function)
        ]

    def _run_setup_functions(self, fillers: list[tuple[ModuleState, ir.FunctionDef]]) -> None:
        """Functions nobody calls that take the application or a router as a parameter."""
        apps = [value for value in self.interpreter.created if "router" in value.attributes]
        for module, function in fillers if apps else []:
            if id(function) in self.interpreter.called:
                continue
            value = module.scope.names.get(function.name)
            if not isinstance(value, Function):
                continue
            given = self._application_argument(value, apps)
            if given is not None:
                self._call_safely(value, given)

    def _application_argument(self, function: Function, apps: list[Instance]) -> Arguments | None:
        signature = signature_of(self.interpreter, function)
        for parameter in signature.parameters if signature is not None else []:
            kind = parameter.annotation
            is_app = isinstance(kind, External) and kind.name in APPLICATIONS
            if is_app or (kind is None and parameter.name in ("app", "application")):
                return Arguments([], {parameter.name: max(apps, key=lambda a: _nearness(a, function.module))})
        return None

    def _adds_routes(self, module: ModuleState, function: ir.FunctionDef) -> bool:
        if not ir.is_read(function) and not _WIRING.search(self.modules.code_of(module.path, function)):
            return False
        for node in expressions_in(self.modules.body(module.path, function)):
            if isinstance(node, ir.Call) and isinstance(node.function, ir.Attribute):
                if node.function.name in _WIRING_WORDS or node.function.name in _VERBS:
                    return True
        return False

    def _call_safely(self, value: Value, arguments: Arguments) -> Value:
        with self.interpreter.budget(HOOK_STEPS):
            try:
                return self.interpreter.call(value, arguments, None)
            except OverBudgetError:
                return Unknown("too many steps")


def functions_of(module: ModuleState) -> Iterator[tuple[ir.FunctionDef, ir.ClassDef | None]]:
    """Functions and methods at the top of a module, also inside ``if`` and ``try``."""
    pending: list[tuple[ir.Statement, ir.ClassDef | None]] = [
        (module.statement(number), None) for number in range(len(module.facts.statements))
    ]
    while pending:
        statement, owner = pending.pop(0)
        if isinstance(statement, ir.FunctionDef):
            yield statement, owner
        elif isinstance(statement, ir.ClassDef) and owner is None:
            pending += [(s, statement) for s in statement.body]
        elif isinstance(statement, ir.If):
            pending += [(s, owner) for s in [*statement.body, *statement.orelse]]
        elif isinstance(statement, ir.Try):
            pending += [(s, owner) for s in statement.body]


def _is_verb_of(decorator: ir.Expression, names: set[str]) -> bool:
    """``router.get(…)`` and ``api.router.get(…)`` of one of these names."""
    callee = decorator.function if isinstance(decorator, ir.Call) else None
    if not isinstance(callee, ir.Attribute) or callee.name not in _VERBS:
        return False
    owner = callee.value
    while isinstance(owner, ir.Attribute):
        owner = owner.value
    return isinstance(owner, ir.Name) and owner.id in names


def _is_super(node: ir.Expression) -> bool:
    return isinstance(node, ir.Call) and isinstance(node.function, ir.Name) and node.function.id == "super"


def _inherits(kind: Class, owner: Class, name: str) -> bool:
    """A method of ``owner`` is the one that ``kind`` has under its name."""
    found = class_attribute(kind, name)
    return found is not None and found[1] is owner


def _nearness(app: Instance, module: ModuleState) -> int:
    """How many folders, and the file, an application's place shares with a module."""
    own, other = module.path.split("/"), app.place.file.split("/") if app.place is not None else []
    return next(
        (n for n, (a, b) in enumerate(zip(own, other, strict=False)) if a != b), min(len(own), len(other))
    )


def _last_name(callee: ir.Expression) -> str:
    if isinstance(callee, ir.Attribute):
        return callee.name
    return callee.id if isinstance(callee, ir.Name) else ""


def _makers_first(module: ModuleState) -> tuple[int, str]:
    return (0 if {"FastAPI", "Starlette"} & set(module.facts.words) else 1, module.name)
