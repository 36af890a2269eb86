"""Calling a middleware: what runs for a request, and with which arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_gate.backend.arguments import Arguments
from backend_gate.backend.signatures import signature_of
from backend_gate.backend.trace import Trace
from backend_gate.backend.values import (
    BoundMethod,
    Class,
    External,
    Function,
    Instance,
    Native,
    Sequence,
    Unknown,
    Value,
    alternatives,
)

if TYPE_CHECKING:
    from backend_gate.backend.behaviour import Runner


ENTRY = "starlette.middleware.Middleware"
"""``Middleware(Class, …)``: the class is its first argument."""


def middleware_class(item: Instance) -> Class | External | None:
    """The class of an entry of an application's ``user_middleware``."""
    cls: Value | None = item.cls
    if isinstance(cls, External) and cls.name == ENTRY:
        cls = item.arguments[0] if item.arguments else item.keywords.get("cls")
    return cls if isinstance(cls, (Class, External)) else None


def middleware_items(application: Instance) -> list[Instance]:
    """The middleware of an application, or around it, outermost first."""
    chain = application.attributes.get("user_middleware")
    return [i for i in chain.items if isinstance(i, Instance)] if isinstance(chain, Sequence) else []


def middleware_callable(runner: Runner, item: Instance, following: Native) -> Value | None:
    """What a middleware of the project runs for a request; ``None`` for one of a library.

    ``item`` is an entry of an application's ``user_middleware``, ``following`` the rest of the application.
    """
    dispatch = item.keywords.get("dispatch")
    if dispatch is not None and isinstance(item.cls, External):
        return alternatives(dispatch)[0]
    if not isinstance(item.cls, Class):
        return None
    interpreter = runner.interpreter
    made = Instance(item.cls, item.place, conditions=item.conditions)
    init = interpreter.attribute(item.cls, "__init__")
    if isinstance(init, Function):
        given = Arguments([following, *item.arguments], dict(item.keywords))
        runner.run(BoundMethod(init, made), given, Trace(at_start=True), item.place)
    made.attributes.setdefault("app", following)
    for name in ("dispatch", "__call__"):
        method = interpreter.attribute(made, name)
        if isinstance(method, BoundMethod):
            return method
    return None


def middleware_arguments(
    runner: Runner, callee: Value, request: Instance, following: Native
) -> Arguments | None:
    """The arguments of a call: ``(request, call_next)``, or ``(scope, receive, send)`` for a plain one."""
    function = callee.function if isinstance(callee, BoundMethod) else callee
    if isinstance(function, Function) and function.name == "__call__":
        return Arguments([request.attributes["scope"], Unknown("receive"), Unknown("send")])
    signature = signature_of(runner.interpreter, callee)
    if signature is None:
        return None
    return Arguments([request, following][: len(signature.parameters)])
