"""Linking: facts of all files in, the backend out.

Roots are the applications that the text constructs: modules that mention wiring run from top to bottom, then
factories that nobody calls, functions that take an application, and start-up hooks.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from backend_gate.backend import (
    configuration_effects,
    connections,
    fastapi,
    file_effects,
    models,
    store_effects,
    text_effects,
)
from backend_gate.backend.auth import AuthJudge
from backend_gate.backend.bodies import type_text
from backend_gate.backend.dependencies import (
    Dependency,
    Solver,
    callable_name,
    handler_function,
    handler_name,
)
from backend_gate.backend.flatten import MAX_NESTING, UNKNOWN_PATH, Registration, Walk, is_off
from backend_gate.backend.interpreter import Interpreter
from backend_gate.backend.judges import Judged, Judges, bring_together, shares
from backend_gate.backend.known import facts_of
from backend_gate.backend.library import NATIVES
from backend_gate.backend.library_models import LibraryModels, bring_home, is_library
from backend_gate.backend.middleware import middleware_class, middleware_items
from backend_gate.backend.model import (
    Auth,
    Backend,
    Endpoint,
    Place,
    UnreadableFile,
    Verdict,
)
from backend_gate.backend.modules import BodySource, ModuleTable
from backend_gate.backend.outcomes import Outcome
from backend_gate.backend.processes import in_processes
from backend_gate.backend.queries.collect import Collector
from backend_gate.backend.queries.columns import Columns
from backend_gate.backend.queries.loose import loose_texts
from backend_gate.backend.queries.uncalled import Uncalled
from backend_gate.backend.queries.words import Words
from backend_gate.backend.repeated import code_of, each_once
from backend_gate.backend.roots import Roots
from backend_gate.backend.unmatched import unmatched
from backend_gate.backend.values import (
    NONE,
    BoundMethod,
    Class,
    Constant,
    External,
    Function,
    Instance,
    Overridden,
    Sequence,
    Unknown,
    Value,
    alternatives,
    text_of,
)
from backend_gate.backend.vocabulary import Vocabulary
from backend_gate.backend.wired import decided_by, is_none
from backend_gate.discover import Unit, Zone
from backend_gate.facts import model as ir
from backend_gate.facts.model import Span
from backend_gate.facts.reader import read_source
from backend_gate.settings import Settings

FRAMEWORKS = (configuration_effects, connections, fastapi, file_effects, models, store_effects, text_effects)
"""The frameworks whose effects the vocabulary can name: importing one registers them."""


class Operation:
    """What the rest of the linker needs to know of one endpoint beyond the model: values of the interpreter.

    ``stand_ins`` are the endpoints with the other handlers that a branch may have chosen in the place of this one;
    ``setting`` says which, and this one is there unless that is set where ``is_default``. ``serves_start``: the
    same handler answers at the root of the application.
    """

    __slots__ = (
        "declared",
        "dependencies",
        "function",
        "handler",
        "is_default",
        "outcomes",
        "registration",
        "serves_start",
        "setting",
        "stand_ins",
        "variants",
    )

    def __init__(
        self, registration: Registration, handler: Value, declared: list[Dependency], tree: Dependency
    ) -> None:
        self.registration = registration
        self.handler = handler
        self.function = handler_function(handler)
        self.declared = declared
        self.dependencies = tree
        self.variants: list[tuple[str, Registration]] = []
        self.stand_ins: list[tuple[Endpoint, Operation]] = []
        self.setting: str | None = None
        self.is_default = False
        self.serves_start = False
        self.outcomes: list[Outcome] = []

    def nodes(self) -> list[Dependency]:
        """Every dependency of the resolved tree, outermost levels first, the handler itself left out."""
        found: list[Dependency] = []
        for node in self.declared:
            found += node.walk()
        found += self.dependencies.walk()[1:]
        return found

    def code(self) -> tuple[object, ...]:
        """What the handler and all that it depends on are made of (see :func:`repeated.code_of`)."""
        around = self.registration.conditions
        owner = self.handler.receiver if isinstance(self.handler, BoundMethod) else None
        return (
            id(self.function.node) if self.function is not None else id(self),
            id(owner.cls) if isinstance(owner, Instance) else None,
            tuple(code_of(node, around) for node in self.nodes()),
            tuple(other.code() for _, other in self.stand_ins),
        )

    def names_by_default(self) -> list[str]:
        """The names of the dependencies that are there with the defaults found in the code."""
        found = {n.name for n in self.dependencies.walk()[1:]}
        for node in self.declared:
            own = [c for c in node.conditions if c not in self.registration.conditions]
            if all(c.by_default is not False for c in own):
                found |= {n.name for n in node.walk()}
        return sorted(found)


class Linker:
    """Runs the wiring of one unit and keeps what later questions need."""

    def __init__(
        self,
        paths: Mapping[str, str],
        encoded: Mapping[str, bytes],
        vocabulary: Vocabulary,
        parse_expression: Callable[[str], ir.Expression | None],
        production: Collection[str],
        libraries: Path | None = None,
    ) -> None:
        self.production = frozenset(production)
        self.with_statements: Collection[str] = self.production
        self.raising: Collection[str] = self.production
        self.loose_texts = False
        self.modules = ModuleTable(paths, encoded, LibraryModels(libraries))
        self.vocabulary = vocabulary
        self.interpreter = Interpreter(self.modules, vocabulary, NATIVES, parse_expression)
        self.interpreter.production = self.production
        self.words = Words(vocabulary)
        self.backend = Backend()
        self.operations: list[Operation] = []
        self.access: AuthJudge | None = None

    def run(self) -> Backend:
        """Link everything."""
        Roots(self.interpreter, self.production).run()
        self.interpreter.annotations = {}
        self._collect()
        self.backend.unresolved = sorted(
            {(u.place, u.reason): u for u in self.interpreter.unresolved}.values(),
            key=lambda u: (u.place, u.reason),
        )
        return self.backend

    # --- endpoints -------------------------------------------------------------------------------

    def _collect(self) -> None:
        walk = Walk(self.interpreter)
        apps = [value for value in self.interpreter.created if "router" in value.attributes]
        collected = [(app, list(walk.application(app))) for app in apps]
        collected = _without_wrappers([(a, r) for a, r in collected if id(a) not in walk.mounted])
        solver = Solver(self.interpreter)
        seen: dict[tuple[object, ...], list[Operation]] = {}
        again: dict[tuple[object, ...], list[tuple[Instance, Operation]]] = {}
        for app, registrations in collected:
            registrations = each_once(self._with_known_paths(registrations))
            # A factory that is called twice makes the same application twice.
            shape = (app.place, *((r.path, r.route.place) for r in registrations))
            name = self._application_name(app)
            if shape in seen:
                for operation, registration in zip(seen[shape], registrations, strict=True):
                    operation.variants.append((name, registration))
                continue
            first = len(self.operations)
            seen[shape] = [
                self._endpoint(registration, name, solver, again.setdefault(_made_at(registration), []))
                for registration in registrations
            ]
            if len(self.operations) > first:
                self.backend.applications.append(name)
            if app.place is not None and not is_library(app.place):
                for endpoint in self.backend.endpoints[first:]:
                    endpoint.made = app.place
        self._place_registrations()
        self._mark_start_pages()
        reached = {id(operation.registration.route) for operation in self.operations}
        self._report_unused_routers(walk, reached)

    def _place_registrations(self) -> None:
        """Code of a router that registers what others decorate is no place to look: the decorator is."""
        for endpoint, operation in zip(self.backend.endpoints, self.operations, strict=True):
            function = operation.function
            node = function.node if function is not None else None
            if function is None or not isinstance(node, ir.FunctionDef) or not node.decorators:
                continue
            if is_library(function.place):
                continue
            if "registered_inside" in operation.registration.route.attributes:
                endpoint.registration = Place(function.module.path, node.decorators[0].span)

    def _mark_start_pages(self) -> None:
        """Whatever address a start page has besides the root, it is the same page."""

        def home(operation: Operation) -> tuple[int, int]:
            return id(operation.function and operation.function.node), id(
                operation.registration.applications[0]
            )

        at_root = {home(o) for o in self.operations if not o.registration.path.strip("/")}
        for operation in self.operations:
            fixed = "{" not in operation.registration.path
            operation.serves_start = operation.function is not None and fixed and home(operation) in at_root

    def uncalled(self) -> Uncalled:
        """Who looks for functions with SQL that no handler reaches."""
        return Uncalled(self.interpreter, self.words, self.with_statements, loose=self.loose_texts)

    def judge(self, settings: Settings, jobs: int = 1) -> None:
        """Judge all endpoints, ``jobs`` shares at a time, and then the functions that none of them reaches.

        Raises:
            WorkerDiedError: a process has ended before it had an answer.
        """
        keep_runs = self.loose_texts or self.interpreter.uses is not None
        collector = Collector(self.words, Columns(self.interpreter, self.words), keep_traces=keep_runs)
        parts = shares(len(self.backend.endpoints))
        uncalled = self.uncalled()
        found = self._judged(parts, settings, jobs, collector, meanwhile=uncalled.candidates)
        bring_together(self, parts, found, collector)
        uncalled.collect(collector)
        self.backend.statements = collector.statements()
        self.backend.choices = collector.choices()
        if self.loose_texts:
            self.backend.loose_texts = loose_texts(
                collector.traces or [], self.backend.statements, self.words
            )
        self.backend.unresolved = sorted(
            [
                *self.backend.unresolved,
                *collector.unresolved(served=bool(self.backend.endpoints)),
            ],
            key=lambda u: (u.place, u.reason),
        )

    def _judged(
        self,
        parts: list[list[int]],
        settings: Settings,
        jobs: int,
        collector: Collector,
        meanwhile: Callable[[], object],
    ) -> list[Judged]:
        """What is found out about each share of the endpoints; the last judge of access stays.

        Runs that somebody looks at afterwards have to stand in this process.
        """

        def judge(share: list[int]) -> Judged:
            judges = Judges(self, settings, keep_runs=collector.traces is not None)
            self.access = judges.access
            found = judges.judge(share)
            if collector.traces is not None:
                collector.traces += judges.collector.traces or []
            return found

        gc.collect()
        gc.freeze()  # what is there stays: neither copied for a process nor looked through again
        if collector.traces is not None:
            return [judge(share) for share in parts]
        return in_processes(judge, parts, jobs, self.backend.endpoints, meanwhile)

    def _with_known_paths(self, registrations: list[Registration]) -> list[Registration]:
        """Leave out routes under a path that is not known where the same routes have a known path too."""
        known = {id(r.route) for r in registrations if UNKNOWN_PATH not in r.path}
        kept = []
        for registration in registrations:
            if UNKNOWN_PATH in registration.path and id(registration.route) in known:
                place = (
                    registration.conditions[-1].place if registration.conditions else registration.route.place
                )
                if place is not None:
                    self.interpreter.report(
                        "the same routes are also reached under a path that is not known", place
                    )
                continue
            kept.append(registration)
        return kept

    def _report_unused_routers(self, walk: Walk, reached: set[int]) -> None:
        for router in self.interpreter.created:
            if "router" in router.attributes or id(router) in walk.used or router.place is None:
                continue
            routes = router.attributes.get("routes")
            if isinstance(routes, Sequence) and not all(_is_reached(r, reached) for r in routes.items):
                self.interpreter.report("no application is seen to include this router", router.place)

    def _application_name(self, app: Instance) -> str:
        known = self.interpreter.names.get(id(app))
        if known is not None:
            return known
        return app.place.file if app.place is not None else "application"

    def _endpoint(
        self,
        registration: Registration,
        app: str,
        solver: Solver,
        made_before: list[tuple[Instance, Operation]],
    ) -> Operation:
        """Add the endpoint of a route, unless it is one ``made_before``, when the same code made its application."""
        root = registration.applications[0]
        chosen = registration.route.attributes["endpoint"]
        handler, *others = _handlers(chosen)
        endpoint, operation = self._answered_by(handler, registration, app, solver)
        operation.stand_ins = [self._answered_by(other, registration, app, solver) for other in others]
        operation.setting, operation.is_default = decided_by(chosen), isinstance(chosen, Overridden)
        if registration.excluded is not None:
            condition, instead = registration.excluded
            operation.stand_ins += [
                self._answered_by(one, instead, app, solver) for one in (handler, *others)
            ]
            if not others:
                operation.setting = condition.setting or condition.text
                operation.is_default = condition.by_default is not None
        for other_root, known in made_before:
            if root.place is None or other_root is root:
                continue
            if is_off(root) >= is_off(other_root) and known.code() == operation.code():
                known.variants.append((app, registration))
                return known
        made_before.append((root, operation))
        self.operations.append(operation)
        self.backend.endpoints.append(endpoint)
        return operation

    def _answered_by(
        self, handler: Value, registration: Registration, app: str, solver: Solver
    ) -> tuple[Endpoint, Operation]:
        """The endpoint that a route makes of one handler."""
        route = registration.route
        function = handler_function(handler)
        registered_at = _registered_at(registration)
        if isinstance(handler, Unknown):
            self.interpreter.report(
                f"the handler of a route cannot be followed: {handler.reason}", registered_at
            )
        place = function.place if function is not None else _place_of(handler, registered_at)
        if is_library(place):
            place = registered_at
        kind = route.attributes["kind"]
        is_plain = isinstance(kind, Constant) and str(kind.value).startswith("plain")
        tree, bodies = solver.solve(handler, registration.path, place)
        declared: list[Dependency] = []
        if is_plain:
            tree, bodies = Dependency(handler, handler_name(handler), place), []
        else:
            for marker in registration.dependencies:
                node = solver.depend(marker, set(), bodies)
                if node is not None:
                    node.conditions = tuple(c for c in node.conditions if c not in registration.settled)
                    declared.append(node)
        operation = Operation(registration, handler, declared, tree)
        nodes = operation.nodes()
        unresolved = [n for n in [tree, *nodes] if n.unresolved]
        for node in unresolved:
            reason = f"a dependency of {handler_name(handler)} cannot be followed: {node.unresolved}"
            known = node.place if node.place is not None and not is_library(node.place) else None
            self.interpreter.report(reason, known or registered_at)
        methods = sorted(
            {
                str(m.value).upper()
                for m in map(_plain, _values(route.attributes["methods"]))
                if isinstance(m, Constant)
            }
        )
        if not methods and _values(route.attributes["methods"]):
            self.interpreter.report("the methods of this route cannot be told", registered_at)
        if not methods:
            methods = _class_methods(handler) or ["GET"] if not is_plain else _plain_methods(handler)
        return (
            Endpoint(
                methods=methods,
                path=registration.path or "/",
                handler=handler_name(handler),
                place=place,
                registration=registered_at,
                app=app,
                framework="fastapi" if not is_plain else "starlette",
                dependencies=None if unresolved else operation.names_by_default(),
                conditions=list(registration.conditions),
                auth=Auth(Verdict.UNRESOLVED, "not judged"),
                bodies=bodies,
                response_model=_response_model(self.interpreter, route, function),
                status_code=_status(route.attributes.get("status_code")),
                is_async=bool(function is not None and getattr(function.node, "is_async", False)),
                in_schema=registration.in_schema,
                operation=operation,
                name=_route_name(route, handler),
                mounted=_mounted(registration),
            ),
            operation,
        )


def _mounted(registration: Registration) -> dict[Place, str]:
    """Below which prefix each application on the way answers."""
    passed = zip(registration.applications, registration.prefixes, strict=True)
    return {app.place: prefix for app, prefix in passed if app.place is not None}


def _route_name(route: Instance, handler: Value) -> str:
    """The name that URLs are made by: that of the route, or of its handler."""
    given = route.attributes.get("name", NONE)
    return (None if given is NONE else text_of(given)) or handler_name(handler).rpartition(".")[2]


def _made_at(registration: Registration) -> tuple[object, ...]:
    """What the routes have in common that one piece of code makes, whenever it runs."""
    return registration.applications[0].place, registration.path, registration.route.place


def _without_wrappers(
    collected: list[tuple[Instance, list[Registration]]],
) -> list[tuple[Instance, list[Registration]]]:
    """Leave out what an application that only a setting makes serves of another one, under a prefix.

    One that is made at the same place as another is that one with something added, a guard for instance.
    """
    by_default = {id(r.route) for app, registrations in collected if not is_off(app) for r in registrations}
    places = {app.place for app, _ in collected if not is_off(app)}
    return [
        (
            app,
            [
                r
                for r in registrations
                if not (is_off(app) and app.place not in places and id(r.route) in by_default)
            ],
        )
        for app, registrations in collected
    ]


def _handlers(chosen: Value) -> list[Value]:
    """The handlers that a route may have: one function, bound to whatever object, counts once."""
    found: dict[tuple[int, int], Value] = {}
    for one in alternatives(chosen):
        if is_none(one):
            continue
        outer = one.function if isinstance(one, BoundMethod) else one
        function = handler_function(one)
        key = (
            id(outer.node if isinstance(outer, Function) else outer),
            id(function.node if function is not None else None),
        )
        found.setdefault(key, one)
    return list(found.values()) or [alternatives(chosen)[0]]


def _is_reached(route: Value, reached: set[int], depth: int = 0) -> bool:
    """An application has this route, or all routes of the router that it includes, by way of other routers."""
    included = route.attributes.get("router") if isinstance(route, Instance) else None
    routes = included.attributes.get("routes") if isinstance(included, Instance) else None
    if isinstance(routes, Sequence) and depth < MAX_NESTING:
        return all(_is_reached(inner, reached, depth + 1) for inner in routes.items)
    return id(route) in reached


def _registered_at(registration: Registration) -> Place:
    """Where the project registers a route: for one that a library makes, where its router is included."""
    places = [
        *(a.place for a in registration.applications),
        *registration.included_at,
        registration.route.place,
    ]
    own = [place for place in places if place is not None and not is_library(place)]
    return own[-1] if own else Place("", Span(1, 1, 1, 1))


def _place_of(handler: Value, default: Place) -> Place:
    if isinstance(handler, Instance) and isinstance(handler.cls, Class):
        return handler.cls.place
    if isinstance(handler, Class):
        return handler.place
    return default


def _values(value: Value) -> list[Value]:
    return value.items if isinstance(value, Sequence) else []


def _plain(method: Value) -> Value:
    """A member of an enumeration of texts is its text."""
    return method.attributes.get("_value_", method) if isinstance(method, Instance) else method


def _plain_methods(handler: Value) -> list[str]:
    return _class_methods(handler) or ["GET"]


def _class_methods(handler: Value) -> list[str]:
    if not isinstance(handler, Class):
        return []
    verbs = ("get", "head", "post", "put", "patch", "delete", "options")
    return sorted(
        {
            v.upper()
            for v in verbs
            for base in handler.mro()
            if isinstance(base, Class) and v in base.scope.names
        }
    )


def _status(value: Value | None) -> int | None:
    if isinstance(value, Constant) and isinstance(value.value, int):
        return value.value
    if isinstance(value, External) and value.name.startswith(("starlette.status.HTTP_", "http.HTTPStatus.")):
        digits = "".join(c for c in value.name.rsplit(".", 1)[-1] if c.isdigit())[:3]
        return int(digits) if digits else None
    return None


def _response_model(interpreter: Interpreter, route: Instance, function: Function | None) -> str | None:
    declared = route.attributes.get("response_model")
    if isinstance(declared, External) and declared.name == "fastapi.datastructures.Default":
        from backend_gate.backend.signatures import signature_of

        signature = signature_of(interpreter, function) if function is not None else None
        declared = signature.returns if signature is not None else None
        if isinstance(declared, External) and declared.name.startswith("starlette.responses."):
            return None
    if declared is None or declared is NONE:
        return None
    text = type_text(declared)
    return text or None


EAGER_WORDS = frozenset(
    {
        "APIRouter",
        "Depends",
        "FastAPI",
        "HTTPException",
        "Security",
        "Starlette",
        "add_api_route",
        "include_router",
    }
)
"""Words that make the body of a function worth reading before anybody asks: it wires the application."""


def link(
    unit: Unit,
    encoded: Mapping[str, bytes],
    vocabulary: Vocabulary,
    bodies: BodySource | None = None,
    libraries: Path | None = None,
    *,
    explain: bool = False,
    with_loose_texts: bool = False,
    jobs: int = 1,
) -> Backend:
    """Link one unit; ``explain`` keeps all that is known by place. ``jobs`` processes judge its endpoints.

    ``bodies`` can be left out where the facts hold every body.
    ``libraries`` is the folder of the stand-ins for libraries. ``with_loose_texts``: statements that nothing runs
    are looked for too.

    ``encoded`` maps paths to encoded facts, of the judged files and of the references. Applications are looked
    for in the production zone; other modules are only imported.
    """
    paths = {name: path for name, path in unit.modules.by_name.items() if path in encoded}
    production = {file.path for file in unit.in_zone(Zone.PRODUCTION)}
    vocabulary.matched.clear()
    linker = Linker(paths, encoded, vocabulary, _parse_expression, production, libraries)
    linker.interpreter.uses = [] if explain else None
    linker.modules.bodies = bodies
    linker.loose_texts = with_loose_texts
    tests = {file.path for file in unit.in_zone(Zone.TESTS)}
    linker.raising = {file.path for file in (*unit.files, *unit.references) if file.path in encoded} - tests
    linker.interpreter.entry_points = tuple((e.group, e.name, e.target) for e in unit.entry_points)
    backend = linker.run()
    if not backend.endpoints:  # no backend: whatever is here is judged by the SQL that it runs
        linker.with_statements = {file.path for file in unit.files if file.path in encoded}
    linker.judge(unit.settings, jobs)
    names = {node.name for operation in linker.operations for node in operation.nodes()}
    names |= {
        callable_name(cls)
        for operation in linker.operations
        for app in operation.registration.applications
        for item in middleware_items(app)
        if (cls := middleware_class(item)) is not None
    }
    backend.unmatched = unmatched(linker.modules, vocabulary, unit.settings, names)
    bring_home(backend)
    if explain:
        backend.known = facts_of(linker)
    for file in unit.files:
        error = linker.modules.facts(file.path).error if file.path in encoded else None
        if error is not None:
            span = Span(error.line, error.column, error.line, error.column + 1)
            backend.unreadable.append(UnreadableFile(Place(file.path, span), error.message, file.zone.value))
    return backend


def _parse_expression(text: str) -> ir.Expression | None:
    """The form of an expression in a text (a forward reference); ``None`` if it is not one."""
    facts = read_source("", f"_ = (\n{text}\n)\n".encode(errors="replace"))
    if facts.error is not None or len(facts.statements) != 1:
        return None
    statement = ir.decode_block(facts.statements[0].code)[0]
    return statement.value if isinstance(statement, ir.Assign) else None
