"""Middleware that is put around an application by hand: ``app = Guard(app)``, ``mount(path, Guard(inner))``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_gate.backend.arguments import Arguments
from backend_gate.backend.model import Place
from backend_gate.backend.values import Class, External, Function, Instance, Sequence

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter

AROUND = "backend_gate.around_application"
"""The class of an entry among the applications of a route that stands for the middleware around the next one."""
_RECEIVED = 4
"""``self, scope, receive, send``"""


class Wrappers:
    """The middleware around each application, in the order in which it was put there."""

    def __init__(self) -> None:
        self._around: dict[int, tuple[Instance, list[Instance]]] = {}
        self._within: dict[int, tuple[Instance, Instance]] = {}

    def note(
        self,
        interpreter: Interpreter,
        cls: Class | External,
        made: Instance,
        arguments: Arguments,
        place: Place | None,
    ) -> None:
        """Keep that ``made`` was put around an application, if it was."""
        app = arguments.get(0, "app")
        if not isinstance(app, Instance) or not _is_middleware(cls):
            return
        inner = self._within[id(app)][1] if id(app) in self._within else app
        if "router" not in inner.attributes:
            return
        keywords = {name: value for name, value in arguments.keywords.items() if name != "app"}
        given = arguments.positional[1:] if arguments.positional else []
        item = Instance(cls, place, given, keywords, interpreter.conditions)
        self._around.setdefault(id(inner), (inner, []))[1].append(item)
        self._within[id(made)] = (made, inner)

    def around(self, app: Instance) -> Instance | None:
        """An entry that holds the middleware around ``app`` as an application holds its own; ``None`` without any."""
        found = self._around.get(id(app))
        if found is None:
            return None
        entry = Instance(External(AROUND), None)
        entry.attributes["user_middleware"] = Sequence("list", list(reversed(found[1])))
        return entry


def is_around(app: Instance) -> bool:
    """The entry holds the middleware around the application that follows."""
    return isinstance(app.cls, External) and app.cls.name == AROUND


def _is_middleware(cls: Class | External) -> bool:
    if isinstance(cls, External):
        return cls.name.endswith("Middleware")
    for base in cls.mro():
        if isinstance(base, External):
            if base.name.endswith("BaseHTTPMiddleware"):
                return True
        elif isinstance(base, Class) and isinstance(call := base.scope.names.get("__call__"), Function):
            return len(call.node.parameters) == _RECEIVED
    return False
