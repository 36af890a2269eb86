"""A new password for an account: what proves that whoever asks for it may have it.

One that takes an account and a password and nothing else is open to everybody who knows of the account; so is one
that takes a token and does not look at it, and one that answers with the token that should be sent to the owner.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from backend_gate.backend.bodies import arms
from backend_gate.backend.public_rows import parts
from backend_gate.backend.signatures import signature_of
from backend_gate.backend.values import (
    Absent,
    BoundMethod,
    Class,
    Constant,
    External,
    Function,
    Input,
    Instance,
    Mapping,
    Native,
    Sequence,
    Setting,
    TextValue,
    Value,
    alternatives,
    missing_credential,
)

if TYPE_CHECKING:
    from backend_gate.backend.dependencies import Dependency
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.link import Operation
    from backend_gate.backend.model import Endpoint
    from backend_gate.backend.trace import CallEvent, Trace

_OF_ACCOUNT = re.compile(
    r"(e?mail|user|account|login|phone|mobile)(_?(address|name|id|number))?|id|name", re.IGNORECASE
)
"""What says whose account it is; anybody may know it."""
_NEW_PASSWORD = re.compile(
    r"((new|confirm|repeat|repeated)_?)?(password|passwd)(_?(new|confirm|confirmation|repeat|again|[12]))?",
    re.IGNORECASE,
)
_PROOF = re.compile(
    r"token|(^|_)(code|key|pin|otp|hash|link|secret|ticket|nonce|signature|answer|proof)$"
    r"|^(old|current|former|existing)_?passw",
    re.IGNORECASE,
)
"""What somebody was sent, or knows, who may have a new password."""


_LOOKS_UP = frozenset({"get of a container", "pop of a container"})
_FOLLOWED = (Absent, BoundMethod, Class, Function, Native)
_ONLY_TOLD = ("builtins.", "logging.", "loguru.", "structlog.")
_MAX_DEPTH = 2
_MAX_ANSWER = 6
_MAKES_PROOF = re.compile(
    r"^secrets\.(token_\w+|choice|randbelow)$|(^|\.)(jwt|jws|JWT)\.(encode|sign)$|Serializer\.dumps$|Signer\.sign$"
)
"""Calls that make what nobody can guess."""
_NAMES_PROOF = re.compile(
    r"(^|_)(token|(?<!status_)(?<!error_)code|pin|otp|secret)$|(^|_)(reset|recovery|magic|password)_?(link|url)$",
    re.IGNORECASE,
)
"""Parts of an answer that are called so; any other link or address may lead to the next page."""


def is_proof(name: str) -> bool:
    """A field of this name proves whose account it is."""
    return _PROOF.search(name) is not None


def hands_proof_on(event: CallEvent) -> bool:
    """Something that is not followed is given the missing token, and may refuse for want of it."""
    return any(map(_holds_missing, event.arguments.all())) and any(
        (not isinstance(callee, _FOLLOWED) or (isinstance(callee, Native) and callee.label in _LOOKS_UP))
        and not (isinstance(callee, External) and callee.name.startswith(_ONLY_TOLD))
        for callee in alternatives(event.callee)
    )


def _holds_missing(value: Value, depth: int = 0) -> bool:
    """It is the missing token, or has it in one of its parts."""
    if missing_credential(value) is not None:
        return True
    inner: Iterable[Value] = ()
    match value:
        case Instance():
            inner = [*value.attributes.values(), *value.arguments, *value.keywords.values()]
        case Mapping(entries=entries):
            inner = [held for _, held in entries.values()]
        case Sequence(items=items):
            inner = items
        case TextValue(parts=pieces):
            inner = [piece for piece in pieces if isinstance(piece, Value)]
    return depth < _MAX_DEPTH and any(_holds_missing(one, depth + 1) for one in inner)


def looks_at_proof(trace: Trace) -> bool:
    """Some condition of a run without the token depends on it, whatever comes of that."""
    return bool(trace.missed) or any(map(_holds_missing, trace.tested))


def gives_proof(trace: Trace) -> bool:
    """An answer holds a token that was made, or a part that is called so; not only where a setting is changed."""
    return any(
        _holds_proof(event.value, 0)
        for event in trace.returns
        if all(condition.by_default is not False for condition in event.conditions)
    )


def _holds_proof(value: Value, depth: int) -> bool:
    if depth > _MAX_ANSWER:
        return False
    named: Iterable[tuple[str, Value]] = ()
    match value:
        case Instance(cls=External(name=name)) if _MAKES_PROOF.search(name):
            return True
        case Instance():
            named = [*value.keywords.items(), *value.attributes.items()]
        case Mapping(entries=entries):
            named = [(str(key.value), held) for key, held in entries.values() if isinstance(key, Constant)]
    return any(_is_given_proof(name, held) for name, held in named) or any(
        _holds_proof(part, depth + 1) for part in parts(value)
    )


def _is_given_proof(name: str, value: Value) -> bool:
    """``{"reset_token": …}``, with something that is neither fixed nor what the client has sent."""
    return _NAMES_PROOF.search(name) is not None and any(
        not isinstance(one, (Constant, Setting)) and not (isinstance(one, Input) and one.kind == "request")
        for one in alternatives(value)
    )


def field_names(endpoint: Endpoint, interpreter: Interpreter, operation: Operation) -> Iterator[str]:
    """The names of what the body holds: parameters, and the fields of their models."""
    signature = signature_of(interpreter, operation.handler)
    names = {body.name for body in endpoint.bodies}
    for parameter in signature.parameters if signature is not None else []:
        if parameter.name not in names:
            continue
        yield parameter.name
        for arm in arms(parameter.annotation):
            for base in arm.mro() if isinstance(arm, Class) else []:
                if isinstance(base, Class):
                    yield from base.scope.fields()


def asks_no_proof(endpoint: Endpoint, interpreter: Interpreter, operation: Operation) -> bool:
    """All that it takes is a new password and whose it will be: no code, no token, no old one."""
    signature = signature_of(interpreter, operation.handler)
    if signature is None or not all(_is_told_nothing(interpreter, node) for node in operation.nodes()):
        return False
    given = {child.parameter for child in operation.dependencies.children}
    fields = {*field_names(endpoint, interpreter, operation)}
    for parameter in signature.parameters:
        if any(isinstance(arm, Class) for arm in arms(parameter.annotation)):
            fields.discard(parameter.name)
        elif parameter.name not in given:
            fields.add(parameter.name)
    chosen = {field for field in fields if _NEW_PASSWORD.fullmatch(field)}
    return bool(chosen) and all(map(_OF_ACCOUNT.fullmatch, fields - chosen))


def _is_told_nothing(interpreter: Interpreter, node: Dependency) -> bool:
    """A dependency that looks at nothing of the request: it opens a session."""
    signature = signature_of(interpreter, node.value)
    given = {child.parameter for child in node.children}
    return signature is not None and all(p.name in given or p.name == "self" for p in signature.parameters)
