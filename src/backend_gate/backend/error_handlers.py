"""Exception handlers that are registered, and whether anything gets to them.

Asked of exception classes of the project alone: what a library raises is not seen. A handler is out of reach if no
file of the project can make such an exception, or if all that do so answer for another application, which is
mounted and sends its own 500 before its surroundings hear of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_gate.backend.clauses import ClauseReader
from backend_gate.backend.library_models import is_library
from backend_gate.backend.mentions import Mentions
from backend_gate.backend.model import Clause, Endpoint, ErrorHandler, Escape, Place, Reach
from backend_gate.backend.responders import is_generic
from backend_gate.backend.values import BoundMethod, Class, Function, Instance, Mapping, Value, alternatives

if TYPE_CHECKING:
    from backend_gate.backend.flatten import Registration
    from backend_gate.backend.link import Linker

Raised = frozenset[tuple[str, Place, Place]]
"""Exceptions that leave handlers and dependencies: class, application that answers for it, and ``raise``."""


def error_handlers(linker: Linker, raised: Raised) -> list[ErrorHandler]:
    """The handlers of the project's exceptions, in the order of places."""
    mentions = Mentions(linker.modules, linker.raising)
    found: dict[tuple[Place, str], ErrorHandler] = {}
    for app, cls, function, place in _registered(linker):
        if cls.module.path not in linker.production or _is_magic(cls):
            continue
        handler = _read(linker, raised, mentions, app, cls, function, place)
        known = found.setdefault((place, cls.full_name), handler)
        if known.reach is not handler.reach:
            known.reach, known.endpoints = Reach.REACHED, []  # one of several applications hears of it
    return [found[key] for key in sorted(found)]


def catch_alls(linker: Linker) -> list[Clause]:
    """The handlers for every exception, each with the endpoints of the applications that it answers for."""
    reader = ClauseReader(linker.interpreter)
    found: dict[Place, Clause] = {}
    pairs = list(zip(linker.backend.endpoints, linker.operations, strict=True))
    for app in {
        id(o.registration.applications[-1]): o.registration.applications[-1] for _, o in pairs
    }.values():
        table = app.attributes.get("exception_handlers")
        for kind, given in table.entries.values() if isinstance(table, Mapping) else ():
            for one in alternatives(given) if is_generic(kind) else ():
                function = one.function if isinstance(one, BoundMethod) else one
                if not isinstance(function, Function) or function.module.path not in linker.production:
                    continue
                clause = found.get(function.place) or reader.of_handler(function)
                if clause is not None:
                    found[function.place] = clause
                    clause.endpoints += [
                        e
                        for e, o in pairs
                        if o.registration.applications[-1] is app
                        and all(e is not known for known in clause.endpoints)
                    ]
    return [found[place] for place in sorted(found)]


def owner(registration: Registration) -> Place | None:
    """The innermost application around a route: the one whose handlers are asked."""
    return registration.applications[-1].place if registration.applications else None


def _registered(linker: Linker) -> Iterator[tuple[Instance, Class, Value, Place]]:
    """Application, class, handler and where it is registered, of all that answer for some endpoint."""
    serving = {id(app): app for o in linker.operations for app in o.registration.applications}
    for app in serving.values():
        table, places = app.attributes.get("exception_handlers"), app.attributes.get("handler_places")
        if not isinstance(table, Mapping):
            continue
        for key, (kind, function) in table.entries.items():
            known = places.entries.get(key) if isinstance(places, Mapping) else None
            place = _place(known[1] if known is not None else None, function, app)
            if isinstance(kind, Class) and place is not None:
                yield app, kind, function, place


def _place(registered: Value | None, function: Value, app: Instance) -> Place | None:
    """Where the project registers a handler, else where it defines it or makes the application."""
    own = [one.function if isinstance(one, BoundMethod) else one for one in alternatives(function)]
    places = [
        getattr(registered, "place", None),
        *(f.place for f in own if isinstance(f, Function)),
        app.place,
    ]
    return next((place for place in places if place is not None and not is_library(place)), None)


def _is_magic(cls: Class) -> bool:
    """Something else than the code that names it may come by the class."""
    own = [base for base in cls.mro() if isinstance(base, Class)]
    return any(base.decorators or base.keywords or "__init_subclass__" in base.scope.names for base in own)


def _read(
    linker: Linker,
    raised: Raised,
    mentions: Mentions,
    app: Instance,
    cls: Class,
    function: Value,
    place: Place,
) -> ErrorHandler:
    made = mentions.of_family(cls.qualname.rpartition(".")[2])
    handler = ErrorHandler(cls.full_name, place, cls.place, _name(linker, app), Reach.UNKNOWN)
    seen = {(where, at) for name, where, at in raised if name == cls.full_name}
    if not made:
        handler.reach = Reach.NEVER
    elif any(where == app.place for where, _ in seen):
        handler.reach = Reach.REACHED
    elif seen and all(any(_inside(one, at) for _, at in seen) for one in made):
        handler.endpoints = _unanswered(linker, cls, {where for where, _ in seen})
        handler.reach = Reach.ELSEWHERE if handler.endpoints else Reach.UNKNOWN
    return handler


def _unanswered(linker: Linker, cls: Class, apps: set[Place]) -> list[Endpoint]:
    """The endpoints of other applications that such an exception leaves, and that nobody answers for."""
    owners = {
        id(e): owner(o.registration) for e, o in zip(linker.backend.endpoints, linker.operations, strict=True)
    }
    return [e.endpoint for e in linker.backend.escapes if _is_of(e, cls) and owners[id(e.endpoint)] in apps]


def _is_of(escape: Escape, cls: Class) -> bool:
    return escape.exception == cls.full_name


def _name(linker: Linker, app: Instance) -> str:
    return linker.interpreter.names.get(id(app)) or (
        app.place.file if app.place is not None else "application"
    )


def _inside(inner: Place, outer: Place) -> bool:
    a, b = inner.span, outer.span
    return (
        inner.file == outer.file
        and (b.line, b.column) <= (a.line, a.column)
        and (a.end_line, a.end_column) <= (b.end_line, b.end_column)
    )
