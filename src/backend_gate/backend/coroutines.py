"""Coroutines, generators, tasks and threads: work that is made in one place and runs in another.

In a lazy run (see :class:`backend_gate.backend.trace.Trace`) it matters *where* a body runs: a coroutine that
nobody awaits raises nothing here, a generator that is handed to a streaming response runs after the answer has
begun.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from backend_gate.backend.arguments import Arguments
from backend_gate.backend.model import Place
from backend_gate.backend.trace import RaisedSignal
from backend_gate.backend.values import (
    Alternatives,
    Constant,
    External,
    Function,
    Instance,
    Native,
    Sequence,
    Suspended,
    Unknown,
    Value,
    join,
)
from backend_gate.backend.vocabulary import Effect, effect
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter


def suspends(interpreter: Interpreter, function: Function) -> bool:
    """Calling ``function`` here only makes a coroutine or generator."""
    trace = interpreter.trace
    node = function.node
    if trace is None or not interpreter.active or not isinstance(node, ir.FunctionDef):
        return False
    if not trace.lazy:
        # What its clauses catch is raised by the body of the ``with``, which has to run where it yields.
        return node.is_generator and any(map(_makes_manager, node.decorators))
    return node.is_async or node.is_generator


def _makes_manager(decorator: ir.Expression) -> bool:
    name = decorator.name if isinstance(decorator, ir.Attribute) else getattr(decorator, "id", "")
    return name in ("contextmanager", "asynccontextmanager")


def suspended(
    interpreter: Interpreter,
    function: Function,
    arguments: Arguments,
    place: Place | None,
    receiver: Value | None,
) -> Suspended:
    """The coroutine or generator that calling ``function`` makes."""
    from backend_gate.backend.calls import call_function

    made_in = interpreter.trace
    origin = made_in.stack[-1:] if made_in is not None else []

    def run(on_yield: Callable[[Value], Value] | None) -> Value:
        trace = interpreter.trace
        before = len(trace.stack) if trace is not None else 0
        if trace is not None:
            trace.stack += origin
        try:
            return call_function(interpreter, function, arguments, place, receiver, on_yield=on_yield)
        finally:
            if trace is not None:
                del trace.stack[before:]

    is_generator = isinstance(function.node, ir.FunctionDef) and function.node.is_generator
    return Suspended(function.full_name, run, is_generator=is_generator)


def awaited(value: Value) -> Value:
    """What ``await value`` gives; a coroutine runs.

    Raises:
        RaisedSignal: it certainly raises.
    """
    if isinstance(value, Suspended):
        return value if value.is_generator else value.finish()
    if isinstance(value, Alternatives):
        return _each(value, awaited)
    if isinstance(value, Instance) and isinstance(value.cls, External):
        for argument in [*value.arguments, *value.keywords.values()]:
            if isinstance(argument, Suspended) and not argument.is_generator:
                argument.finish()
    return value


def consumed(value: Value) -> Value:
    """A generator run to its end, as a sequence; anything else as it is.

    Raises:
        RaisedSignal: it certainly raises.
    """
    if isinstance(value, Suspended):
        return value.finish() if value.is_generator else value
    if isinstance(value, Alternatives):
        return _each(value, consumed)
    return value


def consumed_arguments(arguments: Arguments) -> Arguments:
    """Arguments for a function that consumes the generators it is given."""
    if not _holds_suspended(arguments):
        return arguments
    return Arguments(
        [consumed(value) for value in arguments.positional],
        {name: consumed(value) for name, value in arguments.keywords.items()},
        open=arguments.open,
        rest=arguments.rest,
    )


def _holds_suspended(arguments: Arguments) -> bool:
    for value in arguments.positional:  # written out: nearly every call of a library comes here
        if isinstance(value, Suspended):
            return True
    for value in arguments.keywords.values():  # noqa: SIM110
        if isinstance(value, Suspended):
            return True
    return False


def _each(value: Alternatives, run: Callable[[Value], Value]) -> Value:
    """``run`` on each of several values; the whole raises only if all do."""
    if not any(isinstance(one, Suspended) for one in value.values):
        return value
    results: list[Value] = []
    for one in value.values:
        try:
            results.append(run(one))
        except RaisedSignal:
            continue
    if not results:
        raise RaisedSignal
    return join(results)


# --- what the libraries do -----------------------------------------------------------------------


def _later(interpreter: Interpreter, label: str, run: Callable[[], Value]) -> Value:
    """Work that runs when it is awaited; at once where runs are not lazy."""
    trace = interpreter.trace
    if trace is None or not trace.lazy:
        return run()
    return Suspended(label, lambda on_yield: run(), is_generator=False)


@effect("coroutine.gather")
def _gather(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``asyncio.gather(*coroutines)``: a list of results; with ``return_exceptions`` nothing is raised."""
    kept = arguments.keywords.get("return_exceptions")
    if isinstance(kept, Constant) and kept.value:
        return Instance(External("asyncio.gather"), place)

    def run() -> Value:
        return Sequence("list", [awaited(one) for one in arguments.positional], open=arguments.open)

    return _later(interpreter, "asyncio.gather", run)


@effect("coroutine.first")
def _first(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``asyncio.wait_for(coroutine, …)``, ``asyncio.create_task(…)``: awaiting it awaits the coroutine."""
    given = arguments.positional or list(arguments.keywords.values())
    if not given:
        return Unknown("a missing coroutine", place)
    return _later(interpreter, "a task", lambda: awaited(given[0]))


@effect("coroutine.run")
def _run(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``asyncio.run(coroutine)``: it runs now."""
    given = arguments.positional or list(arguments.keywords.values())
    return awaited(given[0]) if given else Unknown("a missing coroutine", place)


def _in_thread(position: int, *, awaits: bool) -> Effect:
    def run(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
        """A function that runs in another thread, with the arguments behind it."""
        if len(arguments.positional) <= position:
            return Unknown("a missing function", place)
        function = arguments.positional[position]
        given = Arguments(
            arguments.positional[position + 1 :],
            arguments.keywords,
            open=arguments.open,
            rest=arguments.rest,
        )

        def call() -> Value:
            return awaited(interpreter.call(function, given, place))

        return _later(interpreter, "a call in a thread", call) if awaits else call()

    return run


effect("thread.call")(_in_thread(0, awaits=True))
effect("thread.call_in_executor")(_in_thread(1, awaits=True))
effect("thread.call_now")(_in_thread(0, awaits=False))


@effect("thread.wrap")
def _wrap(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``sync_to_async(function)``: a function that runs it in a thread."""
    if not arguments.positional:
        return Native("sync_to_async()", lambda i, given, where: given.positional[0])
    function = arguments.positional[0]
    return Native(
        "sync_to_async()",
        lambda i, given, where: _later(i, "a call in a thread", lambda: i.call(function, given, where)),
    )
