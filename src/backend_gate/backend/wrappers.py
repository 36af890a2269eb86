"""Middleware that is put around an application by hand: ``app = Guard(app)``, ``mount(path, Guard(inner))``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_gate.backend.arguments import Arguments
from backend_gate.backend.model import Condition, Place
from backend_gate.backend.values import Class, External, Function, Instance, Sequence, alternatives

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter

AROUND = "backend_gate.around_application"
"""The class of an entry among the applications of a route that stands for the middleware around the next one."""
_RECEIVED = 4
"""``self, scope, receive, send``"""


class Wrappers:
    """What is put around applications, and around what is around them."""

    def __init__(self) -> None:
        self._made: dict[
            int, tuple[Instance, Instance, Instance]
        ] = {}  # itself, as middleware, what is within
        self._within: set[int] = set()

    def note(
        self,
        interpreter: Interpreter,
        cls: Class | External,
        made: Instance,
        arguments: Arguments,
        place: Place | None,
    ) -> None:
        """Keep that ``made`` is put around an application, if it is."""
        app = arguments.get(0, "app")
        if not isinstance(app, Instance) or not _is_middleware(cls):
            return
        if "router" not in self.unwrapped(app)[1].attributes:
            return
        keywords = {name: value for name, value in arguments.keywords.items() if name != "app"}
        given = arguments.positional[1:] if arguments.positional else []
        item = Instance(cls, place, given, keywords, interpreter.conditions)
        self._made[id(made)] = (made, item, app)
        self._within.add(id(app))

    def unwrapped(self, value: Instance) -> tuple[list[Instance], Instance]:
        """The middleware around an application, outermost first, and the application."""
        items: list[Instance] = []
        while id(value) in self._made:
            _, item, value = self._made[id(value)]
            items.append(item)
        return items, value

    def around_served(self, interpreter: Interpreter, app: Instance) -> list[Instance]:
        """The middleware around an application that is served, and not mounted.

        Where the application has a name of its own as well, a server may be told that name: what is around it is
        there only if it is not.
        """
        found: list[Instance] = []
        for made, _, _ in self._made.values():
            items, inner = self.unwrapped(made)
            if inner is app and id(made) not in self._within:
                found += items
        return [_if_served(item) for item in found] if found and _has_name(interpreter, app) else found


def entry_of(items: list[Instance]) -> list[Instance]:
    """An entry that holds middleware as an application holds its own; none without any."""
    if not items:
        return []
    entry = Instance(External(AROUND), None)
    entry.attributes["user_middleware"] = Sequence("list", list(items))
    return [entry]


def is_around(app: Instance) -> bool:
    """The entry holds the middleware around the application that follows."""
    return isinstance(app.cls, External) and app.cls.name == AROUND


def _if_served(item: Instance) -> Instance:
    if item.place is None:
        return item
    cls = item.cls
    name = cls.full_name if isinstance(cls, Class) else cls.name
    condition = Condition(f"the application is served within {name.rpartition('.')[2]}", item.place)
    return Instance(item.cls, item.place, item.arguments, item.keywords, (*item.conditions, condition))


def _has_name(interpreter: Interpreter, app: Instance) -> bool:
    """A module holds the application under a name."""
    for name in interpreter.modules.names():
        module = interpreter.modules.get(name)
        held = module.scope.names.values() if module is not None else ()
        if any(one is app for value in held for one in alternatives(value)):
            return True
    return False


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
