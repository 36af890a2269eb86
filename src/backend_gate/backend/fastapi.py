"""What FastAPI and Starlette do when wiring code calls them: the effects that the vocabulary names.

Applications, routers and routes are ordinary instances whose attributes are what the frameworks keep
(``routes``, ``prefix``, ``dependencies`` …), so that code which reads or edits them works. Library methods call
each other through the object (``get`` → ``api_route`` → ``add_api_route``), so that overrides of the project work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_gate.backend import operations, texts
from backend_gate.backend.arguments import Arguments
from backend_gate.backend.library_models import is_library
from backend_gate.backend.model import Condition, Place
from backend_gate.backend.values import (
    FALSE,
    NONE,
    TRUE,
    Alternatives,
    BoundMethod,
    Class,
    Constant,
    External,
    Function,
    Instance,
    Mapping,
    Native,
    Overridden,
    Sequence,
    Unknown,
    Value,
    alternatives,
)
from backend_gate.backend.vocabulary import EFFECTS, Effect, effect
from backend_gate.backend.wired import decided_by

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter

API_ROUTER = External("fastapi.routing.APIRouter")
PLAIN_ROUTER = External("starlette.routing.Router")
API_ROUTE = External("fastapi.routing.APIRoute")
INCLUDED = External("backend_gate.included_router")


def _list(value: Value | None) -> Sequence:
    """A list of the framework's own, made from an argument."""
    if value is None or value is NONE:
        return Sequence("list")
    items, is_open = operations.items_of(value)
    return Sequence("list", items, open=is_open)


def _live(value: Value | None) -> Sequence:
    """The list that an argument is, kept as the same object."""
    return value if isinstance(value, Sequence) else _list(value)


def _or(value: Value | None, default: Value) -> Value:
    return default if value is None else value


# --- dependencies ------------------------------------------------------------------------------


@effect("dependency.new")
def new_dependency(
    interpreter: Interpreter, marker: Value, arguments: Arguments, place: Place | None
) -> Value:
    """``Depends(callable)``, and ``super().__init__(callable)`` of a class that is derived from it."""
    target = arguments.get(0, "dependency")
    if isinstance(marker, Instance) and target is not None:
        marker.attributes["dependency"] = target
    return NONE


# --- routers -----------------------------------------------------------------------------------


@effect("router.new")
def new_router(interpreter: Interpreter, router: Value, arguments: Arguments, place: Place | None) -> Value:
    """``APIRouter(...)``, ``Router(...)``"""
    if isinstance(router, Instance):
        keywords = arguments.keywords
        router.attributes.update(
            prefix=_or(keywords.get("prefix"), Constant("")),
            routes=_list(arguments.get(0, "routes")),
            dependencies=_list(keywords.get("dependencies")),
            tags=_live(keywords.get("tags")),
            route_class=_or(keywords.get("route_class"), API_ROUTE),
            include_in_schema=_or(keywords.get("include_in_schema"), TRUE),
            lifespan_context=_or(keywords.get("lifespan"), NONE),
            dependency_overrides_provider=NONE,
            on_startup=_list(keywords.get("on_startup")),
            on_shutdown=_list(keywords.get("on_shutdown")),
        )
        if arguments.open:
            router.attributes["open_arguments"] = TRUE
        interpreter.created.append(router)
        _remember_hooks(interpreter, router, keywords)
    return NONE


def _remember_hooks(interpreter: Interpreter, owner: Instance, keywords: dict[str, Value]) -> None:
    lifespan = keywords.get("lifespan")
    if lifespan is not None and lifespan is not NONE:
        interpreter.hooks.append((lifespan, owner))
    for hook in operations.items_of(keywords.get("on_startup") or Sequence("list"))[0]:
        interpreter.hooks.append((hook, None))


def _verb(name: str) -> Effect:
    def run(interpreter: Interpreter, router: Value, arguments: Arguments, place: Place | None) -> Value:
        """``router.get(path, …)`` and the other methods: ``api_route`` with one method."""
        keywords = {**arguments.keywords, "methods": Sequence("list", [Constant(name.upper())])}
        given = Arguments(arguments.positional, keywords, open=arguments.open)
        return interpreter.call_method(router, "api_route", given, place)

    return run


for _name in ("get", "post", "put", "delete", "patch", "head", "options", "trace"):
    EFFECTS[f"router.{_name}"] = _verb(_name)


@effect("router.api_route")
def api_route(interpreter: Interpreter, router: Value, arguments: Arguments, place: Place | None) -> Value:
    """``router.api_route(path, …)``: a decorator that adds the route and keeps the function."""

    def decorate(i: Interpreter, given: Arguments, where: Place | None) -> Value:
        function = given.get(0, "func") or Unknown("a missing handler", where)
        path = arguments.get(0, "path") or Unknown("a route without a path", place)
        keywords = {k: v for k, v in arguments.keywords.items() if k != "path"}
        i.call_method(
            router, "add_api_route", Arguments([path, function], keywords, open=arguments.open), place
        )
        return function

    return Native("api_route()", decorate)


@effect("router.add_api_route")
def add_api_route(
    interpreter: Interpreter, router: Value, arguments: Arguments, place: Place | None
) -> Value:
    """``router.add_api_route(path, endpoint, …)``"""
    if not isinstance(router, Instance):
        return NONE
    path = arguments.get(0, "path") or Unknown("a route without a path", place)
    endpoint = arguments.get(1, "endpoint") or Unknown("a route without a handler", place)
    prefix = router.attributes.get("prefix", Constant(""))
    own = _list(router.attributes.get("dependencies"))
    own.items += operations.items_of(arguments.get(None, "dependencies") or Sequence("list"))[0]
    keywords = {k: v for k, v in arguments.keywords.items() if k not in ("path", "endpoint", "dependencies")}
    keywords["dependencies"] = own
    if router.attributes.get("include_in_schema") is FALSE:
        keywords["include_in_schema"] = FALSE
    cls = keywords.pop("route_class_override", None) or router.attributes.get("route_class", API_ROUTE)
    cls = API_ROUTE if cls is NONE or not isinstance(cls, (Class, External)) else cls
    given = Arguments([_joined(prefix, path), endpoint], keywords, open=arguments.open)
    route = interpreter.call(cls, given, place)
    if not isinstance(route, Instance) or "endpoint" not in route.attributes:
        route = Instance(API_ROUTE, place, conditions=interpreter.conditions)
        _fill_route(interpreter, route, given, "api", place)
    _routes(router).items.append(route)
    return NONE


def _joined(prefix: Value, path: Value) -> Value:
    return texts.concat([prefix, path])


def routes_of(router: Instance) -> Sequence | None:
    """The routes of a router; of several lists, one of which it has, all that stand in one of them."""
    routes = router.attributes.get("routes")
    if isinstance(routes, Alternatives) and all(isinstance(one, Sequence) for one in routes.values):
        routes = router.attributes["routes"] = _merged(routes)
    return routes if isinstance(routes, Sequence) else None


def _merged(lists: Alternatives) -> Sequence:
    every = [one for one in lists.values if isinstance(one, Sequence)]
    found: list[Value] = []
    for routes in every:
        for route in routes.items:
            if any(route is one for one in found):
                continue
            found.append(route)
            has = [any(route is one for one in others.items) for others in every]
            if isinstance(route, Instance) and route.place is not None and not all(has):
                by_default = has[0] if isinstance(lists, Overridden) else None
                setting = decided_by(lists)
                text = f"{setting} keeps the route" if setting else "the route is not taken out again"
                route.conditions = (*route.conditions, Condition(text, route.place, by_default, setting))
    return Sequence("list", found, open=any(one.open for one in every))


def _routes(router: Instance) -> Sequence:
    routes = routes_of(router)
    if routes is None:
        routes = router.attributes["routes"] = Sequence("list", open=True)
    return routes


@effect("router.websocket")
def websocket(interpreter: Interpreter, router: Value, arguments: Arguments, place: Place | None) -> Value:
    """``router.websocket(path, …)``"""

    def decorate(i: Interpreter, given: Arguments, where: Place | None) -> Value:
        function = given.get(0, "func") or Unknown("a missing handler", where)
        path = arguments.get(0, "path") or Unknown("a route without a path", place)
        keywords = {k: v for k, v in arguments.keywords.items() if k != "path"}
        i.call_method(router, "add_api_websocket_route", Arguments([path, function], keywords), place)
        return function

    return Native("websocket()", decorate)


@effect("router.add_api_websocket_route")
def add_websocket(
    interpreter: Interpreter, router: Value, arguments: Arguments, place: Place | None
) -> Value:
    """``router.add_api_websocket_route(path, endpoint, …)``"""
    if isinstance(router, Instance):
        path = arguments.get(0, "path") or Unknown("a route without a path", place)
        endpoint = arguments.get(1, "endpoint") or Unknown("a route without a handler", place)
        own = _list(router.attributes.get("dependencies"))
        own.items += operations.items_of(arguments.get(None, "dependencies") or Sequence("list"))[0]
        given = Arguments(
            [_joined(router.attributes.get("prefix", Constant("")), path), endpoint], {"dependencies": own}
        )
        route = Instance(
            External("fastapi.routing.APIWebSocketRoute"), place, conditions=interpreter.conditions
        )
        _fill_route(interpreter, route, given, "websocket", place)
        _routes(router).items.append(route)
    return NONE


def _plain_endpoint(arguments: Arguments, place: Place | None) -> Value:
    """What answers a plain route: an application of Starlette calls it ``route``, its routers ``endpoint``."""
    given = arguments.get(1, "route") or arguments.get(None, "endpoint")
    return given or Unknown("a route without a handler", place)


@effect("router.add_route")
def add_route(interpreter: Interpreter, router: Value, arguments: Arguments, place: Place | None) -> Value:
    """Starlette's ``add_route(path, route, methods=…)``"""
    if isinstance(router, Instance):
        path = arguments.get(0, "path") or Unknown("a route without a path", place)
        endpoint = _plain_endpoint(arguments, place)
        methods = arguments.get(2, "methods")
        keywords = {"methods": methods} if methods is not None else {}
        in_schema = arguments.get(4, "include_in_schema")
        if in_schema is not None:
            keywords["include_in_schema"] = in_schema
        route = Instance(External("starlette.routing.Route"), place, conditions=interpreter.conditions)
        _fill_route(interpreter, route, Arguments([path, endpoint], keywords), "plain", place)
        _routes(router).items.append(route)
    return NONE


@effect("router.add_websocket_route")
def add_plain_websocket(
    interpreter: Interpreter, router: Value, arguments: Arguments, place: Place | None
) -> Value:
    """Starlette's ``add_websocket_route(path, route)``"""
    if isinstance(router, Instance):
        path = arguments.get(0, "path") or Unknown("a route without a path", place)
        endpoint = _plain_endpoint(arguments, place)
        route = Instance(
            External("starlette.routing.WebSocketRoute"), place, conditions=interpreter.conditions
        )
        _fill_route(interpreter, route, Arguments([path, endpoint]), "plain-websocket", place)
        _routes(router).items.append(route)
    return NONE


@effect("router.route")
def route_decorator(
    interpreter: Interpreter, router: Value, arguments: Arguments, place: Place | None
) -> Value:
    """Starlette's ``@router.route(path, methods=…)``"""

    def decorate(i: Interpreter, given: Arguments, where: Place | None) -> Value:
        function = given.get(0, "func") or Unknown("a missing handler", where)
        rest = [arguments.get(0, "path") or Constant(""), function, *arguments.positional[1:]]
        keywords = {k: v for k, v in arguments.keywords.items() if k != "path"}
        i.call_method(router, "add_route", Arguments(rest, keywords), place)
        return function

    return Native("route()", decorate)


@effect("router.websocket_route")
def websocket_route_decorator(
    interpreter: Interpreter, router: Value, arguments: Arguments, place: Place | None
) -> Value:
    """Starlette's ``@router.websocket_route(path)``"""

    def decorate(i: Interpreter, given: Arguments, where: Place | None) -> Value:
        function = given.get(0, "func") or Unknown("a missing handler", where)
        path = arguments.get(0, "path") or Constant("")
        i.call_method(router, "add_websocket_route", Arguments([path, function]), place)
        return function

    return Native("websocket_route()", decorate)


@effect("router.include")
def include(interpreter: Interpreter, router: Value, arguments: Arguments, place: Place | None) -> Value:
    """``router.include_router(other, prefix=…, dependencies=…)``"""
    if isinstance(router, Instance):
        included = arguments.get(0, "router") or Unknown("an include without a router", place)
        for one in alternatives(included):
            edge = Instance(INCLUDED, place, conditions=interpreter.conditions)
            edge.attributes.update(
                kind=Constant("include"),
                router=one,
                prefix=_or(arguments.get(None, "prefix"), Constant("")),
                own_prefix=router.attributes.get("prefix", Constant("")),
                dependencies=_list(arguments.get(None, "dependencies")),
                include_in_schema=_or(arguments.get(None, "include_in_schema"), TRUE),
            )
            if arguments.open:
                edge.attributes["open_arguments"] = TRUE
            _routes(router).items.append(edge)
    return NONE


@effect("router.mount")
def mount(interpreter: Interpreter, router: Value, arguments: Arguments, place: Place | None) -> Value:
    """``router.mount(path, app)``"""
    if isinstance(router, Instance):
        made = Instance(External("starlette.routing.Mount"), place, conditions=interpreter.conditions)
        new_mount(interpreter, made, arguments, place)
        _routes(router).items.append(made)
    return NONE


@effect("router.host")
def host(interpreter: Interpreter, router: Value, arguments: Arguments, place: Place | None) -> Value:
    """``router.host(host, app)``"""
    if isinstance(router, Instance):
        made = Instance(External("starlette.routing.Host"), place, conditions=interpreter.conditions)
        new_host(interpreter, made, arguments, place)
        _routes(router).items.append(made)
    return NONE


# --- routes ------------------------------------------------------------------------------------


@effect("routes.contexts")
def contexts(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``iter_route_contexts(routes)``: the routes of routers that were included are among them."""
    found: list[Value] = []
    is_open = _add_contexts(arguments.get(0, "routes"), Constant(""), found, place)
    return Sequence("list", found, open=is_open)


def _add_contexts(routes: Value | None, prefix: Value, found: list[Value], place: Place | None) -> bool:
    items, is_open = operations.items_of(routes or Sequence("list", open=True))
    for route in items:
        if not isinstance(route, Instance):
            is_open = True
        elif route.cls is INCLUDED:
            router = route.attributes.get("router")
            inner = routes_of(router) if isinstance(router, Instance) else None
            before = texts.concat([prefix, route.attributes["own_prefix"], route.attributes["prefix"]])
            is_open = _add_contexts(inner, before, found, place) or is_open
        else:
            context = Instance(External("fastapi.routing.RouteContext"), place)
            context.attributes = {**route.attributes, "original_route": route}
            context.attributes["path"] = _joined(prefix, route.attributes.get("path", Constant("")))
            found.append(context)
    return is_open


def _fill_route(
    interpreter: Interpreter, route: Instance, arguments: Arguments, kind: str, place: Place | None
) -> None:
    keywords = arguments.keywords
    route.place = route.place or place
    if interpreter.active and not _names_the_endpoint(interpreter, arguments):
        route.attributes["registered_inside"] = TRUE
    route.conditions = interpreter.conditions
    route.attributes.update(
        kind=Constant(kind),
        path=arguments.get(0, "path") or Unknown("a route without a path", place),
        endpoint=arguments.get(1, "endpoint") or Unknown("a route without a handler", place),
        methods=_methods(keywords.get("methods"), kind),
        dependencies=_live(keywords.get("dependencies")),
        response_model=_or(keywords.get("response_model"), External("fastapi.datastructures.Default")),
        status_code=_or(keywords.get("status_code"), NONE),
        include_in_schema=_or(keywords.get("include_in_schema"), TRUE),
        tags=_list(keywords.get("tags")),
        name=_or(keywords.get("name"), Unknown("the name of a route")),
        response_class=_or(keywords.get("response_class"), NONE),
    )


def _names_the_endpoint(interpreter: Interpreter, arguments: Arguments) -> bool:
    """The running function knows which handler it registers: it is no decorator, override or loop of a router."""
    endpoint = arguments.get(1, "endpoint")
    function = endpoint.function if isinstance(endpoint, BoundMethod) else endpoint
    running = interpreter.active[-1]
    if not isinstance(function, Function):
        return True
    words = running.module.facts.words
    return function.module is running.module or function.name in words


def _methods(value: Value | None, kind: str) -> Sequence:
    if "websocket" in kind:
        return Sequence("set", [Constant("WEBSOCKET")])
    if value is None or value is NONE:
        return Sequence("set", [Constant("GET")] if kind == "api" else [])
    items, is_open = operations.items_of(value)
    return Sequence("set", items, open=is_open)


@effect("route.new")
def new_route(interpreter: Interpreter, route: Value, arguments: Arguments, place: Place | None) -> Value:
    """``APIRoute(path, endpoint, …)``"""
    if isinstance(route, Instance):
        _fill_route(interpreter, route, arguments, "api", place)
    return NONE


@effect("route.handler")
def route_handler(interpreter: Interpreter, route: Value, arguments: Arguments, place: Place | None) -> Value:
    """``super().get_route_handler()`` of a route class: a function of the request that runs the endpoint."""
    following = route.attributes.get("__route_handler__") if isinstance(route, Instance) else None
    return following or Native(
        "route handler", lambda i, a, p: Instance(External("starlette.responses.Response"), p)
    )


@effect("route.new_starlette")
def new_plain_route(
    interpreter: Interpreter, route: Value, arguments: Arguments, place: Place | None
) -> Value:
    """Starlette's ``Route(path, endpoint, methods=…)``"""
    if isinstance(route, Instance):
        _fill_route(interpreter, route, arguments, "plain", place)
    return NONE


@effect("route.new_websocket")
def new_websocket_route(
    interpreter: Interpreter, route: Value, arguments: Arguments, place: Place | None
) -> Value:
    """``WebSocketRoute(path, endpoint)`` and ``APIWebSocketRoute(path, endpoint, …)``"""
    if isinstance(route, Instance):
        is_api = isinstance(route.cls, External) and route.cls.name.startswith("fastapi.")
        _fill_route(interpreter, route, arguments, "websocket" if is_api else "plain-websocket", place)
    return NONE


@effect("route.new_mount")
def new_mount(interpreter: Interpreter, route: Value, arguments: Arguments, place: Place | None) -> Value:
    """``Mount(path, app=… | routes=…)``"""
    if isinstance(route, Instance):
        app = arguments.get(1, "app")
        routes = arguments.get(2, "routes")
        if (app is None or app is NONE) and routes is not None:
            app = Instance(PLAIN_ROUTER, place, conditions=interpreter.conditions)
            new_router(interpreter, app, Arguments([routes]), place)
        route.conditions = interpreter.conditions
        route.attributes.update(
            kind=Constant("mount"),
            path=arguments.get(0, "path") or Constant(""),
            app=app or Unknown("a mount without an application", place),
            routes=routes or Sequence("list"),
            middleware=_list(arguments.get(None, "middleware")),
        )
    return NONE


@effect("route.new_host")
def new_host(interpreter: Interpreter, route: Value, arguments: Arguments, place: Place | None) -> Value:
    """``Host(host, app)``"""
    if isinstance(route, Instance):
        route.conditions = interpreter.conditions
        route.attributes.update(
            kind=Constant("mount"),
            path=Constant(""),
            app=arguments.get(1, "app") or Unknown("a host without an application", place),
            routes=Sequence("list"),
            middleware=Sequence("list"),
        )
    return NONE


# --- applications ------------------------------------------------------------------------------


@effect("application.new", "application.new_starlette")
def new_application(interpreter: Interpreter, app: Value, arguments: Arguments, place: Place | None) -> Value:
    """``FastAPI(...)``, ``Starlette(...)``"""
    if not isinstance(app, Instance):
        return NONE
    keywords = arguments.keywords
    names = [app.cls.name] if isinstance(app.cls, External) else interpreter.vocabulary.externals(app.cls)
    is_fastapi = any("fastapi.applications.FastAPI" in interpreter.vocabulary.hierarchy(n) for n in names)
    router = Instance(API_ROUTER if is_fastapi else PLAIN_ROUTER, place, conditions=interpreter.conditions)
    routes = keywords.get("routes") if is_fastapi else arguments.get(1, "routes")
    given = {k: v for k, v in keywords.items() if k in ("dependencies", "lifespan", "on_startup")}
    if routes is not None:
        given["routes"] = routes
    new_router(interpreter, router, Arguments([], given), place)
    interpreter.created.remove(router)
    handlers = Mapping()
    for value in (keywords.get("exception_handlers"),):
        if value is not None:
            operations.merge(handlers, value)
    app.attributes.update(
        router=router,
        routes=router.attributes["routes"],
        dependencies=router.attributes["dependencies"],
        user_middleware=_list(keywords.get("middleware")),
        exception_handlers=handlers,
        dependency_overrides=Mapping(),
        state=Instance(External("starlette.datastructures.State"), place),
        root_path=_or(keywords.get("root_path"), Constant("")),
        title=_or(keywords.get("title"), Constant("FastAPI")),
        openapi_url=_or(keywords.get("openapi_url"), Constant("/openapi.json")),
        extra=Mapping(open=arguments.open),
    )
    app.conditions = interpreter.conditions
    app.place = app.place or place
    interpreter.created.append(app)
    makers = [function for function in interpreter.active if not is_library(function.place)]
    if makers:
        interpreter.names.setdefault(id(app), makers[-1].full_name)
    return NONE


def _delegate(name: str) -> Effect:
    def run(interpreter: Interpreter, app: Value, arguments: Arguments, place: Place | None) -> Value:
        """A method that an application passes on to its router."""
        router = interpreter.attribute(app, "router", place)
        return interpreter.call_method(router, name, arguments, place)

    return run


for _name in [
    "get",
    "post",
    "put",
    "delete",
    "patch",
    "head",
    "options",
    "trace",
    "api_route",
    "add_api_route",
    "websocket",
    "add_api_websocket_route",
    "include_router",
    "add_route",
    "add_websocket_route",
    "route",
    "websocket_route",
    "mount",
    "host",
    "on_event",
    "add_event_handler",
]:
    EFFECTS[f"application.{_name}"] = _delegate(_name)


@effect("application.include_all")
def include_all(interpreter: Interpreter, app: Value, arguments: Arguments, place: Place | None) -> Value:
    """A method that includes each of its positional arguments, without a prefix."""
    for router in arguments.positional:
        interpreter.call_method(app, "include_router", Arguments([router]), place)
    return NONE


@effect("router.keep")
def keep(interpreter: Interpreter, router: Value, arguments: Arguments, place: Place | None) -> Value:
    """A decorator that keeps what it decorates."""
    return arguments.get(0, None) or NONE


@effect("application.middleware")
def middleware(interpreter: Interpreter, app: Value, arguments: Arguments, place: Place | None) -> Value:
    """``@app.middleware("http")``"""

    def decorate(i: Interpreter, given: Arguments, where: Place | None) -> Value:
        function = given.get(0, "func") or Unknown("a missing function", where)
        made = Instance(
            External("starlette.middleware.base.BaseHTTPMiddleware"),
            place,
            [],
            {"dispatch": function},
            i.conditions,
        )
        _add_middleware(app, made)
        return function

    return Native("middleware()", decorate)


@effect("application.add_middleware")
def add_middleware(interpreter: Interpreter, app: Value, arguments: Arguments, place: Place | None) -> Value:
    """``app.add_middleware(Class, **options)``; of several classes each may be the one."""
    given = arguments.get(0, "middleware_class") or Unknown("a missing middleware", place)
    several = len(alternatives(given)) > 1
    for cls in alternatives(given):
        is_class = isinstance(cls, (Class, External))
        conditions = interpreter.conditions
        if several and isinstance(cls, (Class, External)) and place is not None:
            name = cls.qualname if isinstance(cls, Class) else cls.name
            conditions = (*conditions, Condition(f"{name} is the middleware", place))
        made = Instance(
            cls if isinstance(cls, (Class, External)) else External("backend_gate.unknown_middleware"),
            place,
            arguments.positional[1:],
            {k: v for k, v in arguments.keywords.items() if k != "middleware_class"},
            conditions,
        )
        if not is_class:
            made.attributes["callable"] = cls
        _add_middleware(app, made)
    return NONE


def _add_middleware(app: Value, made: Instance) -> None:
    for one in alternatives(app):
        if isinstance(one, Instance):
            chain = one.attributes.setdefault("user_middleware", Sequence("list"))
            if isinstance(chain, Sequence):
                chain.items.insert(0, made)


@effect("application.exception_handler")
def exception_handler(
    interpreter: Interpreter, app: Value, arguments: Arguments, place: Place | None
) -> Value:
    """``@app.exception_handler(Error)``"""

    def decorate(i: Interpreter, given: Arguments, where: Place | None) -> Value:
        function = given.get(0, "func") or Unknown("a missing handler", where)
        kind = arguments.get(0, "exc_class_or_status_code") or Unknown("a missing exception", place)
        _add_handler(app, kind, function, place)
        return function

    return Native("exception_handler()", decorate)


@effect("application.add_exception_handler")
def add_exception_handler(
    interpreter: Interpreter, app: Value, arguments: Arguments, place: Place | None
) -> Value:
    """``app.add_exception_handler(Error, handler)``"""
    kind = arguments.get(0, "exc_class_or_status_code") or Unknown("a missing exception", place)
    function = arguments.get(1, "handler") or Unknown("a missing handler", place)
    _add_handler(app, kind, function, place)
    return NONE


def _add_handler(app: Value, kind: Value, function: Value, place: Place | None) -> None:
    for one in alternatives(app):
        if isinstance(one, Instance):
            handlers = one.attributes.setdefault("exception_handlers", Mapping())
            places = one.attributes.setdefault("handler_places", Mapping())
            if isinstance(handlers, Mapping) and isinstance(places, Mapping):
                for single in alternatives(kind):
                    handlers.set(single, function)
                    places.set(single, Unknown("where the handler is registered", place))


# --- start-up hooks ----------------------------------------------------------------------------


@effect("hook.on_event")
def on_event(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``@app.on_event("startup")``"""
    name = arguments.get(0, "event_type")

    def decorate(i: Interpreter, given: Arguments, where: Place | None) -> Value:
        function = given.get(0, "func") or Unknown("a missing function", where)
        if isinstance(name, Constant) and name.value == "startup":
            i.hooks.append((function, None))
        return function

    return Native("on_event()", decorate)


@effect("hook.add")
def add_hook(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``app.add_event_handler("startup", function)``"""
    name = arguments.get(0, "event_type")
    function = arguments.get(1, "func")
    if isinstance(name, Constant) and name.value == "startup" and function is not None:
        interpreter.hooks.append((function, None))
    return NONE
