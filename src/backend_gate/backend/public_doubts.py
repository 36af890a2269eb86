"""Open endpoints of which the code does not say whether anybody may have what they give.

No guard stands before them, and none may be missing: pictures under a fixed name or below an id that nobody can
guess, a single number or nothing but flags, numbers that are worked out of what public services say, requests that are
signed, and protocols in which strangers call. Whoever runs the service knows; the gate asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_gate.backend.attributes import annotation_value
from backend_gate.backend.dependencies import split_annotated
from backend_gate.backend.frame import Frame
from backend_gate.backend.public_files import are_pictures, files_of, is_text_of_name, texts_of
from backend_gate.backend.public_folders import gives_kept_inside
from backend_gate.backend.public_rows import Change, RowReader, Rows
from backend_gate.backend.public_settings import tells_set_up
from backend_gate.backend.public_work import gives_kept, is_one_of, touches_nothing
from backend_gate.backend.signatures import signature_of
from backend_gate.backend.values import (
    Class,
    Constant,
    External,
    Input,
    Instance,
    Mapping,
    Unknown,
    Value,
    alternatives,
)
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.link import Operation
    from backend_gate.backend.model import Endpoint
    from backend_gate.backend.shown import Shown
    from backend_gate.backend.trace import CallEvent, Trace

_WORD = re.compile(r"[^a-z]+")
_PICTURES = frozenset(
    {
        "avatar", "avatars", "cover", "covers", "icon", "icons", "image", "images", "img", "logo", "logos",
        "photo", "photos", "picture", "pictures", "thumbnail", "thumbnails",
    }
)  # fmt: skip
"""Segments below which pictures lie that pages show."""
_PICTURE = re.compile(r"\.(png|jpe?g|gif|svg|ico|webp|avif)$", re.IGNORECASE)
_ID = re.compile(r"(^|\.)UUID[1345678]?$")
_PUBLIC_HOST = re.compile(
    r"https://(?!\d)[\w-]+(\.[\w-]+)*\.(?!local|internal|lan\b|svc\b|test\b)[a-z]{2,}(/|:|$|\?)"
)
_VERIFIES = re.compile(r"(^|\.)jw[ts]\.(decode|verify)$")
_SECRET = re.compile(r"auth|cookie|key|secret|token", re.IGNORECASE)
_ASKING = frozenset({"get", "head"})
_SENDING = frozenset({"delete", "patch", "post", "put", "request", "send", "stream"})


def doubt_about(
    interpreter: Interpreter,
    endpoint: Endpoint,
    operation: Operation,
    trace: Trace,
    reader: RowReader,
    shown: Shown,
) -> str:
    """Why only who runs the service can tell whether anybody may call the endpoint; empty if no such thing."""
    if endpoint.methods == ["WEBSOCKET"]:
        return ""
    if _speaks_protocol(trace, interpreter):
        return "it answers in a protocol in which strangers call: only you know whether that is all it does"
    is_read = set(endpoint.methods) <= {"GET", "HEAD", "OPTIONS"}
    if not is_read and any(map(_checks_signed_part, trace.calls)):
        return "it goes by a signed part of the body: only you know whether it refuses what is not signed"
    if shown.change is not Change.NONE:
        return ""
    if is_read and _answers_yes_or_no(interpreter, endpoint, operation):
        return "it answers with nothing but yes or no: only you know whether that is for everybody"
    if any(map(reader.asks_store, trace.calls)):
        return ""
    if is_read and shown.file and shown.rows is Rows.NONE:
        return _about_file(interpreter, endpoint, operation, trace)
    if shown.file or shown.rows is not Rows.NONE:
        return ""
    if is_read and shown.number:
        return "it answers with a single number: only you know whether what it counts is for everybody"
    if is_read and tells_set_up(interpreter, operation.function, trace):
        return "it tells how the service is set up: only you know whether that is for everybody"
    is_plain = is_read and "{" not in endpoint.path and touches_nothing(trace, interpreter.vocabulary)
    if is_plain and gives_kept(_body(interpreter, operation)):
        return "it gives what the application keeps in its state: only you know whether that is for everybody"
    if _asks_public_services(trace, interpreter):
        return (
            "it gives numbers made of what public services say: only you know whether that is for everybody"
        )
    return ""


def _body(interpreter: Interpreter, operation: Operation) -> list[ir.Statement]:
    function = operation.function
    if function is None or not isinstance(function.node, ir.FunctionDef):
        return []
    return interpreter.modules.body(function.module.path, function.node)


# --- files ----------------------------------------------------------------------------------------


def _about_file(interpreter: Interpreter, endpoint: Endpoint, operation: Operation, trace: Trace) -> str:
    if gives_kept_inside(trace):
        return (
            "it gives files below a folder of the pages: only you know whether all of them are for everybody"
        )
    files = files_of(operation, trace)
    if not files:
        return ""
    segments = [s for s in endpoint.path.lower().split("/") if s]
    names = {s.strip("{}").partition(":")[0] for s in endpoint.path.split("/") if s.startswith("{")}
    chosen = {name: kind for name, kind in _kinds(interpreter, operation) if name in names}
    last = endpoint.path.rpartition("/")[2]
    if not chosen and all(is_text_of_name(file, last) for file in files):
        return "it gives one text under its own name: only you know whether that is for everybody"
    plain = {word for s in segments if not s.startswith("{") for word in _WORD.split(s)}
    if not _PICTURES & plain and not are_pictures(trace):
        return ""
    if any(map(_is_id, chosen.values())):
        return (
            "it gives pictures by an id that nobody can guess: only you know whether who has it may see them"
        )
    if any(_are_pictures(interpreter, kind) for kind in chosen.values()):
        return (
            "it gives pictures that all have the same few names: only you know whether they are for everybody"
        )
    return ""


def _kinds(interpreter: Interpreter, operation: Operation) -> Iterator[tuple[str, Value]]:
    """The parameters of a handler with what they are annotated with."""
    signature = signature_of(interpreter, operation.handler)
    for parameter in signature.parameters if signature is not None else []:
        annotation, _ = split_annotated(parameter.annotation)
        if annotation is not None:
            yield parameter.name, annotation


def _is_id(annotation: Value) -> bool:
    name = annotation.name if isinstance(annotation, External) else ""
    return _ID.search(name) is not None


def _are_pictures(interpreter: Interpreter, annotation: Value) -> bool:
    """An enumeration of file names, all of pictures."""
    if not isinstance(annotation, Class) or not interpreter.vocabulary.is_enum(annotation):
        return False
    members = [one for one in annotation.scope.names.values() if isinstance(one, Instance)]
    texts = [text for one in members for text in texts_of(interpreter.attribute(one, "value"))]
    return bool(texts) and all(map(_PICTURE.search, texts))


# --- yes or no, and signed parts --------------------------------------------------------------------


def _answers_yes_or_no(interpreter: Interpreter, endpoint: Endpoint, operation: Operation) -> bool:
    """It is asked nothing, and promises an object that holds nothing but flags."""
    function = operation.function
    if function is None or not isinstance(function.node, ir.FunctionDef) or "{" in endpoint.path:
        return False
    needed = {child.parameter for child in operation.dependencies.children} | {"self", "request", "response"}
    if function.node.returns is None or any(p.name not in needed for p in function.node.parameters if p.name):
        return False
    promised = interpreter.evaluate(function.node.returns, Frame(function.module, function.scope))
    if not isinstance(promised, Class) or not interpreter.vocabulary.is_model(promised):
        return False
    fields = [
        annotation_value(interpreter, annotation, base)
        for base in promised.mro()
        if isinstance(base, Class)
        for name, annotation in base.scope.fields().items()
        if name != "model_config"
    ]
    return bool(fields) and all(isinstance(one, External) and one.name == "builtins.bool" for one in fields)


def _checks_signed_part(event: CallEvent) -> bool:
    """``jwt.decode(data.claim, KEY, algorithms=[…])`` of what the body holds."""
    given = event.arguments.positional
    keywords = event.arguments.keywords
    return (
        len(given) > 1
        and not {"options", "verify"} & set(keywords)
        and isinstance(given[0], Input)
        and given[0].kind in ("request", "coerced")
        and any(
            isinstance(callee, External) and _VERIFIES.search(callee.name)
            for callee in alternatives(event.callee)
        )
    )


# --- other services -------------------------------------------------------------------------------


def _asks_public_services(trace: Trace, interpreter: Interpreter) -> bool:
    """It only reads from other services, some of which everybody can reach, and shows none of them a credential."""
    found = False
    for event in trace.calls:
        for name in _remote_names(event, interpreter):
            last = name.rpartition(".")[2]
            if last in _SENDING or _shows_credential(event):
                return False
            if last in _ASKING and not name.partition(".")[2].startswith("Response"):
                found = found or _is_public_address(event)
    return found


def _remote_names(event: CallEvent, interpreter: Interpreter) -> Iterator[str]:
    for callee in alternatives(event.callee):
        if isinstance(callee, External) and is_one_of(callee.name, interpreter.vocabulary, "remote"):
            yield callee.name


def _is_public_address(event: CallEvent) -> bool:
    address = event.arguments.keywords.get("url") or next(iter(event.arguments.positional), None)
    if address is None:
        return False
    first = next(iter(texts_of(address)), "")
    return _PUBLIC_HOST.match(first) is not None


def _shows_credential(event: CallEvent) -> bool:
    keywords = event.arguments.keywords
    if any(_SECRET.search(name) for name in keywords):
        return True
    headers = keywords.get("headers")
    return headers is not None and not all(map(_are_plain, alternatives(headers)))


def _are_plain(headers: Value) -> bool:
    if isinstance(headers, Constant):
        return headers.value is None
    if not isinstance(headers, Mapping) or headers.open:
        return False
    return all(
        isinstance(key, Constant) and isinstance(key.value, str) and not _SECRET.search(key.value)
        for key, _ in headers.entries.values()
    )


# --- protocols ------------------------------------------------------------------------------------


def _speaks_protocol(trace: Trace, interpreter: Interpreter) -> bool:
    """Every answer that is known is a message of such a protocol."""
    answers = [one for event in trace.returns for one in alternatives(event.value)]
    known = [one for one in answers if type(one) is not Unknown]
    return bool(known) and all(
        isinstance(one, Instance)
        and isinstance(one.cls, External)
        and is_one_of(one.cls.name, interpreter.vocabulary, "open_protocols")
        for one in known
    )
