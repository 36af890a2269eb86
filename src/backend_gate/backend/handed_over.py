"""Handlers that hand the request, what a dependency has made of it, or the credential in it, to code of which nothing
is known.

``return await adapter.handle(request)``: an adapter of a vendor checks the signature of a message itself. Whether it
does cannot be seen, and the handler does nothing beside that would have to be guarded.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from backend_gate.backend.decisions import is_request_part, was_asked
from backend_gate.backend.public_effects import change_of
from backend_gate.backend.public_rows import Change, RowReader
from backend_gate.backend.public_work import is_one_of, only_computes
from backend_gate.backend.trace import CallEvent, Trace
from backend_gate.backend.unparse import unparse
from backend_gate.backend.values import (
    Constant,
    External,
    Instance,
    Unknown,
    Value,
    alternatives,
    missing_credential,
)

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.vocabulary import Vocabulary

_HANDED = ("starlette.requests.", "starlette.websockets.", "backend_gate.request_headers")
"""The whole request, or all of its headers: a part of the address or of the body proves nothing."""
_FRAMEWORK = ("fastapi", "starlette", "pydantic", "backend_gate")


def answers_with(interpreter: Interpreter, trace: Trace, reader: RowReader) -> str:
    """The call of a library that is handed the request and whose answer is that of the handler; empty if none is.

    Whatever else the run does must need no guard.
    """
    handed = [e for e in trace.calls if _is_handed_over(e, interpreter.vocabulary, reader)]
    if not handed or not trace.returns:
        return ""
    given = [one for event in trace.returns for one in alternatives(event.value)]
    by_library = [one for one in given if _is_of(one, handed)]
    if not by_library or not all(_is_of(one, handed) or isinstance(one, Constant) for one in given):
        return ""
    if trace.gave_up or trace.changes_outside or trace.effects:
        return ""
    if change_of(interpreter, None, trace, reader) is not Change.NONE:
        return ""
    if not all(_is_harmless(event, handed, interpreter.vocabulary, reader) for event in trace.calls):
        return ""
    return unparse(handed[0].node.function)


def given_context(trace: Trace, contexts: list[Instance]) -> str:
    """The first call of what is not known that is given one of ``contexts``; empty if none is.

    A context is what a dependency that looks who calls has made of the request for others to look at.
    """
    for event in trace.calls:
        if not any(isinstance(callee, Unknown) for callee in alternatives(event.callee)):
            continue
        given = [one for value in event.arguments.all() for one in alternatives(value)]
        if any(one is context for one in given for context in contexts):
            return unparse(event.node.function)
    return ""


def is_unknown_library(name: str, vocabulary: Vocabulary, reader: RowReader) -> bool:
    """A library of others that neither computes, stores nor asks other services, as far as anybody has said."""
    package = name.partition(".")[0]
    return (
        bool(package)
        and package not in sys.stdlib_module_names
        and package not in _FRAMEWORK
        and not is_one_of(name, vocabulary, "computing")
        and not is_one_of(name, vocabulary, "remote")
        and not reader.is_store(name)
    )


def _is_handed_over(event: CallEvent, vocabulary: Vocabulary, reader: RowReader) -> bool:
    """A function or method, and no class, of such a library is given the request, its headers or the credential."""
    names = [one.name for one in alternatives(event.callee) if isinstance(one, External)]
    return (
        bool(names)
        and all(is_unknown_library(name, vocabulary, reader) for name in names)
        and not any(name.rpartition(".")[2][:1].isupper() for name in names)
        and any(map(_is_whole, event.arguments.all()))
    )


def _is_whole(value: Value) -> bool:
    if isinstance(value, Instance) and isinstance(value.cls, External):
        return value.cls.name.startswith(_HANDED) and is_request_part(value)
    return missing_credential(value) is not None


def _is_of(value: Value, handed: list[CallEvent]) -> bool:
    """What such a call gives: it is known by what the call was given, or it is as absent as the credential."""
    if missing_credential(value) is not None:
        return True
    if not was_asked(value) or not isinstance(value, Instance) or not isinstance(value.cls, External):
        return False
    name = value.cls.name
    return any(
        isinstance(callee, External) and callee.name == name
        for event in handed
        for callee in alternatives(event.callee)
    )


def _is_harmless(
    event: CallEvent, handed: list[CallEvent], vocabulary: Vocabulary, reader: RowReader
) -> bool:
    """It computes, or belongs to libraries of the same kind, which the adapter is made with."""
    if event in handed or only_computes(event, vocabulary):
        return True
    return all(
        isinstance(callee, External) and is_unknown_library(callee.name, vocabulary, reader)
        for callee in alternatives(event.callee)
        if not isinstance(callee, Unknown)
    ) and not any(isinstance(callee, Unknown) for callee in alternatives(event.callee))
