"""What a run changes that outlives it: rows, files, other services. No such run is public by a name or a setting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_gate.backend.public_rows import Change, text_given
from backend_gate.backend.public_work import is_one_of
from backend_gate.backend.values import BoundMethod, Constant, External, Function, Unknown, alternatives
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.public_rows import RowReader
    from backend_gate.backend.trace import CallEvent, Trace
    from backend_gate.backend.vocabulary import Vocabulary

_ADDING = frozenset(
    {
        "add",
        "add_all",
        "bulk_create",
        "bulk_save_objects",
        "create",
        "insert",
        "insert_many",
        "insert_one",
        "save",
    }
)
_INSERTS = re.compile(r"\s*insert\b", re.IGNORECASE)
_REMOVES = frozenset({"delete", "delete_one", "delete_many", "rmtree", "unlink"})
"""Methods that change something whatever has them."""
_SENDS = frozenset(
    {
        "decr", "delete", "expire", "hset", "incr", "incrby", "lpush", "patch", "post", "publish", "put", "rpush",
        "sadd", "set", "setex", "zadd",
    }
)  # fmt: skip
_WRITING_MODE = re.compile(r"[wax+]")


def change_of(interpreter: Interpreter, handler: Function | None, trace: Trace, reader: RowReader) -> Change:
    """What a run changes outside of the process, as far as its calls tell."""
    if reader.changes_rows(trace):
        return Change.CHANGES
    once = {function.full_name for function in _followed(trace) if _runs_once(interpreter, function)}
    found = max(
        (
            _of_call(event, reader, interpreter.vocabulary)
            for event in trace.calls
            if once.isdisjoint((event.function, *(caller for _, caller in event.calls)))
        ),
        default=Change.NONE,
    )
    if found is not Change.CHANGES and any(map(_commits, trace.calls)):
        followed = [handler, *_followed(trace)]
        if any(one is not None and _sets_parts(interpreter, one) for one in followed):
            return Change.SETS
    return found


def _runs_once(interpreter: Interpreter, function: Function) -> bool:
    """What it gives is kept for the whole process: what it sets up is no work of a request."""
    node = function.node
    return isinstance(node, ir.FunctionDef) and any(
        interpreter.source(decorator).partition("(")[0].rpartition(".")[2] in ("lru_cache", "cache")
        for decorator in node.decorators
    )


def _of_call(event: CallEvent, reader: RowReader, vocabulary: Vocabulary) -> Change:
    found = Change.NONE
    method = event.node.function.name if isinstance(event.node.function, ir.Attribute) else ""
    for callee in alternatives(event.callee):
        name = callee.name if isinstance(callee, External) else ""
        _, _, last = name.rpartition(".")
        if isinstance(callee, Unknown) and method in _REMOVES:
            return Change.CHANGES
        if not name:
            continue
        if is_one_of(name, vocabulary, "changing") or _writes_file(event, last):
            return Change.CHANGES
        if is_one_of(name, vocabulary, "remote") and last in _SENDS:
            return Change.CHANGES
        text = text_given(event)
        if reader.is_store(name) and (last in _ADDING or (text is not None and _INSERTS.match(text))):
            found = Change.ADDS
    return found


def _writes_file(event: CallEvent, last: str) -> bool:
    """``open(path, "w")``; as a method, the mode is the first argument."""
    if last != "open":
        return False
    given = [event.arguments.keywords.get("mode"), *event.arguments.positional[:2]]
    is_method = isinstance(event.node.function, ir.Attribute)
    texts = [one.value for one in given[:2] if isinstance(one, Constant)] if is_method else []
    if not is_method:
        texts = [one.value for one in (given[0], *given[2:]) if isinstance(one, Constant)]
    return any(isinstance(text, str) and len(text) <= 3 and _WRITING_MODE.search(text) for text in texts)


def _commits(event: CallEvent) -> bool:
    node = event.node.function
    return isinstance(node, ir.Attribute) and node.name in ("commit", "flush", "save")


def _followed(trace: Trace) -> Iterator[Function]:
    seen: set[int] = set()
    for event in trace.calls:
        for callee in alternatives(event.callee):
            function = callee.function if isinstance(callee, BoundMethod) else callee
            if isinstance(function, Function) and id(function.node) not in seen:
                seen.add(id(function.node))
                yield function


def _sets_parts(interpreter: Interpreter, function: Function) -> bool:
    """It sets attributes of what it has found, and not made itself: a commit writes them down."""
    if not isinstance(function.node, ir.FunctionDef):
        return False
    nodes = list(expressions_in(interpreter.modules.body(function.module.path, function.node)))
    made = {"self", "request", "response"}
    for node in nodes:
        if isinstance(node, ir.Assign) and isinstance(node.value, ir.Call) and _is_class(node.value.function):
            made.update(target.id for target in node.targets if isinstance(target, ir.Name))
    targets = [target for node in nodes if isinstance(node, ir.Assign) for target in node.targets]
    targets += [node.target for node in nodes if isinstance(node, ir.AugmentedAssign)]
    return any(
        isinstance(target, ir.Attribute) and isinstance(target.value, ir.Name) and target.value.id not in made
        for target in targets
    )


def _is_class(node: ir.Expression) -> bool:
    name = node.id if isinstance(node, ir.Name) else getattr(node, "name", "")
    return name[:1].isupper()
