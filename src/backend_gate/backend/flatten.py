"""From applications and routers to endpoints: the tree of includes and mounts, walked in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_gate.backend import texts
from backend_gate.backend.fastapi import routes_of
from backend_gate.backend.model import Condition, Place
from backend_gate.backend.values import (
    FALSE,
    Alternatives,
    BoundMethod,
    Class,
    Constant,
    External,
    Function,
    Instance,
    Sequence,
    TextValue,
    Unknown,
    Value,
    alternatives,
    text_of,
)
from backend_gate.backend.wrappers import entry_of

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter

MAX_NESTING = 30
UNKNOWN_PATH = "{?}"
STATIC_FILES = "starlette.staticfiles.StaticFiles"
INCLUDED = "backend_gate.included_router"
"""The class of the entry that including a router leaves among the routes."""


class Registration:
    """One route as it is reached from a root application.

    ``dependencies`` are the markers of every level, outermost first; ``applications`` the applications that a
    request passes, outermost first (their middleware and exception handlers apply) and ``prefixes`` where each is
    mounted; ``routers`` the routers; ``included_at`` where routers are included, outermost first. ``excluded``: the
    same route with other dependencies, which is there in place of this one where the condition does not hold.
    ``settled`` are conditions under which it was registered, and that make no difference to whether it is there.
    """

    __slots__ = (
        "applications",
        "conditions",
        "dependencies",
        "excluded",
        "in_schema",
        "included_at",
        "path",
        "prefixes",
        "route",
        "routers",
        "settled",
    )

    def __init__(
        self,
        route: Instance,
        path: str,
        dependencies: list[Value],
        conditions: tuple[Condition, ...],
        applications: list[Instance],
        routers: list[Instance],
        prefixes: list[str],
        in_schema: bool,
        included_at: list[Place],
    ) -> None:
        self.route = route
        self.path = path
        self.dependencies = dependencies
        self.conditions = conditions
        self.applications = applications
        self.routers = routers
        self.prefixes = prefixes
        self.in_schema = in_schema
        self.included_at = included_at
        self.excluded: tuple[Condition, Registration] | None = None
        self.settled: tuple[Condition, ...] = ()

    def exchange(self, other: Registration) -> None:
        """Become the other one, which becomes this one."""
        for name in self.__slots__:
            mine, its = getattr(self, name), getattr(other, name)
            setattr(self, name, its)
            setattr(other, name, mine)


class Walk:
    """Collects the registrations below root applications, and what could not be followed."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self.mounted: set[int] = set()
        self.used: set[int] = set()
        self._prefixes: list[str] = []
        self._included_at: list[Place] = []

    def application(self, app: Instance) -> Iterator[Registration]:
        """All registrations of one root application."""
        around = self.interpreter.wrappers.around_served(self.interpreter, app)
        yield from self._application(app, "", (), [], 0, around)

    def _application(
        self,
        app: Instance,
        prefix: str,
        conditions: tuple[Condition, ...],
        outer: list[Instance],
        depth: int,
        around: list[Instance],
    ) -> Iterator[Registration]:
        router = app.attributes.get("router")
        if not isinstance(router, Instance):
            if "routes" in app.attributes:
                router = app
            else:
                return
        entered = [*entry_of(around), app]
        self._prefixes += [prefix] * len(entered)
        try:
            yield from self._router(
                router, prefix, [], (*conditions, *app.conditions), [*outer, *entered], [], True, depth
            )
        finally:
            del self._prefixes[-len(entered) :]

    def _router(
        self,
        router: Instance,
        prefix: str,
        dependencies: list[Value],
        conditions: tuple[Condition, ...],
        applications: list[Instance],
        routers: list[Instance],
        in_schema: bool,
        depth: int,
    ) -> Iterator[Registration]:
        self.used.add(id(router))
        if depth > MAX_NESTING or any(router is r for r in routers):
            place = router.place
            if place is not None:
                self.interpreter.report("a router includes itself", place)
            return
        routes = routes_of(router)
        if routes is None:
            if router.place is not None and "routes" in router.attributes:
                self.interpreter.report("which routes this router has cannot be followed", router.place)
            return
        if routes.open and router.place is not None:
            self.interpreter.report(
                "this router also gets routes from code that cannot be followed", router.place
            )
        own = _items(router.attributes.get("dependencies"))
        for item in list(routes.items):
            for route in alternatives(item):
                if not isinstance(route, Instance):
                    self._unknown_route(route, router)
                    continue
                yield from self._route(
                    route,
                    prefix,
                    [*dependencies, *own],
                    conditions,
                    applications,
                    [*routers, router],
                    in_schema,
                    depth,
                )

    def _unknown_route(self, route: Value, router: Instance) -> None:
        place = getattr(route, "place", None) or router.place
        if place is not None:
            reason = route.reason if isinstance(route, Unknown) else "a route that is not known"
            self.interpreter.report(f"a route is added that cannot be followed: {reason}", place)

    def _route(
        self,
        route: Instance,
        prefix: str,
        dependencies: list[Value],
        conditions: tuple[Condition, ...],
        applications: list[Instance],
        routers: list[Instance],
        in_schema: bool,
        depth: int,
    ) -> Iterator[Registration]:
        attributes = route.attributes
        conditions = _with(conditions, route.conditions)
        if isinstance(route.cls, External) and route.cls.name == INCLUDED:
            added = path_text(texts.concat([attributes["own_prefix"], attributes["prefix"]]))
            target = attributes["router"]
            visible = in_schema and attributes["include_in_schema"] is not FALSE
            if (
                isinstance(target, Instance)
                and "router" in target.attributes
                and "routes" in target.attributes
            ):
                target = target.attributes["router"]
            if not isinstance(target, Instance) or "routes" not in target.attributes:
                reason = (
                    target.reason if isinstance(target, Unknown) else "the router is made outside the project"
                )
                if route.place is not None:
                    self.interpreter.report(f"the included router cannot be followed: {reason}", route.place)
                return
            places = [route.place] if route.place is not None else []
            self._included_at += places
            try:
                yield from self._router(
                    target,
                    prefix + added,
                    [*dependencies, *_items(attributes["dependencies"])],
                    conditions,
                    applications,
                    routers,
                    visible,
                    depth + 1,
                )
            finally:
                del self._included_at[len(self._included_at) - len(places) :]
            return
        kind = attributes.get("kind")
        if isinstance(kind, Constant) and kind.value == "mount":
            yield from self._mount(route, prefix, conditions, applications, depth)
            return
        if "endpoint" not in attributes:
            self._unknown_route(route, routers[-1])
            return
        path = prefix + path_text(attributes["path"])
        visible = in_schema and attributes.get("include_in_schema") is not FALSE
        yield Registration(
            route,
            path,
            [*dependencies, *_items(attributes.get("dependencies"))],
            conditions,
            applications,
            routers,
            list(self._prefixes),
            visible,
            list(self._included_at),
        )

    def _mount(
        self,
        route: Instance,
        prefix: str,
        conditions: tuple[Condition, ...],
        applications: list[Instance],
        depth: int,
    ) -> Iterator[Registration]:
        path = prefix + path_text(route.attributes["path"]).rstrip("/")
        for app in alternatives(route.attributes["app"]):
            around, inner = (
                self.interpreter.wrappers.unwrapped(app) if isinstance(app, Instance) else ([], app)
            )
            inner = _unwrapped(inner)
            if any(inner is outer for outer in applications):
                continue  # it serves nothing there that it does not serve already, and so on without an end
            if isinstance(inner, Instance) and "routes" in inner.attributes and depth < MAX_NESTING:
                if not is_off(applications[0]):
                    self.mounted.add(id(inner))
                if "router" in inner.attributes:
                    yield from self._application(inner, path, conditions, applications, depth + 1, around)
                else:
                    yield from self._router(inner, path, [], conditions, applications, [], True, depth + 1)
            elif route.place is not None and (reason := self._not_followed(inner)):
                self.interpreter.report(f"the mounted application cannot be followed: {reason}", route.place)

    def _not_followed(self, app: Value) -> str:
        """Why nothing is known of what a mounted application serves; empty for files."""
        if isinstance(app, Unknown):
            return app.reason
        if isinstance(app, Instance):
            bases = app.cls.mro() if isinstance(app.cls, Class) else [app.cls]
            names = [base.name for base in bases if isinstance(base, External)]
            if any(STATIC_FILES in self.interpreter.vocabulary.hierarchy(name) for name in names):
                return ""
            if isinstance(app.cls, External):
                return f"{app.cls.name} is made outside the project"
            if isinstance(app.cls, Class):
                return f"{app.cls.full_name} answers by itself, without routes"
        if isinstance(app, (Function, BoundMethod)):
            return "it is a function, which answers by itself, without routes"
        return ""


def _unwrapped(app: Value) -> Value:
    """The application within middleware objects around it; what is no middleware stays as it is."""
    inner = app
    for _ in range(8):
        if not isinstance(inner, Instance) or "routes" in inner.attributes:
            return inner
        wrapped = inner.attributes.get("app") or (inner.arguments[0] if inner.arguments else None)
        if wrapped is None:
            wrapped = inner.keywords.get("app")
        if not isinstance(wrapped, Instance):
            break
        inner = wrapped
    return app


def is_off(app: Instance) -> bool:
    """With the defaults of all settings this application is never made."""
    return any(c.by_default is False for c in app.conditions)


def _with(conditions: tuple[Condition, ...], more: tuple[Condition, ...]) -> tuple[Condition, ...]:
    return (*conditions, *(c for c in more if c not in conditions))


def _items(value: Value | None) -> list[Value]:
    if isinstance(value, Sequence):
        unknown: list[Value] = (
            [Unknown("dependencies that come from code that cannot be followed")] if value.open else []
        )
        return [*value.items, *unknown]
    if value is None or isinstance(value, Constant):
        return []
    return [value if isinstance(value, Unknown) else Unknown("dependencies that are not known")]


def path_text(value: Value) -> str:
    """A path as text; what is not known stands as ``{?}``."""
    if isinstance(value, Alternatives):
        value = value.values[0]
    plain = text_of(value)
    if plain is not None:
        return "" if isinstance(value, Constant) and value.value is None else plain
    if isinstance(value, TextValue):
        return "".join(p if isinstance(p, str) else path_text(p) for p in value.parts)
    return UNKNOWN_PATH
