"""What a run of a handler shows: how much of what is stored it gives, whether it computes, counts or redirects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_gate.backend.decisions import Origin, origins
from backend_gate.backend.frame import Frame
from backend_gate.backend.interpreter import Interpreter
from backend_gate.backend.outcomes import fails, only_redirects
from backend_gate.backend.public_doubts import doubt_about
from backend_gate.backend.public_effects import change_of
from backend_gate.backend.public_files import gives_page, is_redirect, sends_asset, sends_file, serves_pages
from backend_gate.backend.public_rows import RowReader, Rows
from backend_gate.backend.public_secrets import hands_out_secret
from backend_gate.backend.public_stores import shows_store
from backend_gate.backend.public_terms import closed_by, lets_sign_up, published_by
from backend_gate.backend.public_work import (
    changes_more_than_its_own,
    only_computes,
    touches_nothing,
    uses_state,
)
from backend_gate.backend.shown import Shown
from backend_gate.backend.spans import covers
from backend_gate.backend.unparse import unparse
from backend_gate.backend.values import (
    BoundMethod,
    Constant,
    External,
    Function,
    Instance,
    Native,
    Unknown,
    Value,
    alternatives,
)
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.link import Operation
    from backend_gate.backend.model import Endpoint
    from backend_gate.backend.trace import CallEvent, ReturnEvent, Trace
    from backend_gate.backend.vocabulary import Names, Vocabulary

_FRAMEWORK = ("fastapi.", "starlette.", "pydantic.", "logging.", "builtins.print")
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_GENERAL = re.compile(r"api|v\d+")
_LINK = re.compile(r"[a-z]{1,2}|go|link|links|short|tiny|url|redirect")
_KEY = re.compile(r"code|slug|key|short|hash|alias|tiny|link", re.IGNORECASE)
_TARGET = re.compile(r"url|link|target|destination|endless|href|location|redirect|uri", re.IGNORECASE)
_COUNTING = frozenset({"abs", "float", "int", "len", "max", "min", "round", "sum"})
_WRITES_METRICS = "generate_latest"
_METRICS_TYPE = "CONTENT_TYPE_LATEST"
_EXPOSITION = re.compile(
    r"text/plain; ?version=(0\.0\.4|1\.0\.0)\b|application/openmetrics-text", re.IGNORECASE
)
"""The format of Prometheus."""
_NUMBERS = frozenset({"builtins.int", "builtins.float"})


def shown_by(
    interpreter: Interpreter, endpoint: Endpoint, operation: Operation, trace: Trace, reader: RowReader
) -> Shown:
    """What the run of a handler shows."""
    vocabulary = interpreter.vocabulary
    reads_only = set(endpoint.methods) <= _READS
    function = operation.function
    body = (
        interpreter.modules.body(function.module.path, function.node)
        if function is not None and isinstance(function.node, ir.FunctionDef)
        else []
    )
    has_no_effect = not (trace.gave_up or trace.effects or trace.changes_outside)
    gives_file = sends_file(operation, trace)
    has_secret = hands_out_secret(trace, vocabulary)  # as private as any row
    rows = Rows.ROWS if has_secret else reader.of_answers(trace)
    shown = Shown(
        rows=rows,
        changes_rows=reader.changes_rows(trace),
        change=change_of(interpreter, function, trace, reader),
        computes=(reads_only or only_redirects(trace) or (endpoint.methods == ["POST"] and _works_out(trace)))
        and has_no_effect
        and not gives_file
        and not has_secret
        and touches_nothing(trace, vocabulary)
        and not uses_state(interpreter, function, trace),
        is_gone=has_no_effect and fails(trace),
        asset=reads_only and sends_asset(operation, trace, vocabulary, reader),
        file=gives_file,
        pages=reads_only and serves_pages(endpoint, trace),
        counts=reads_only
        and (
            _only_counts(interpreter, endpoint, operation, trace, body)
            or _writes_metrics_down(trace, interpreter.vocabulary, reader)
        ),
        short_link=reads_only and _is_short_link(endpoint, operation, body) and _follows_row(trace, reader),
        sign_up=lets_sign_up(endpoint, trace),
        published=published_by(interpreter, trace),
        beside=reader.of_answers(trace, apart_from=is_redirect) if rows is not Rows.NONE else Rows.NONE,
        page=reads_only and gives_page(trace),
        store=reads_only
        and (endpoint.path.strip("/").partition("{")[0] == "" or operation.serves_start)
        and shows_store(interpreter, function, trace),
        number=reads_only and _is_a_number(interpreter, endpoint, operation),
        closed_by=""
        if any(reader.asks_store(e) and reader.asks(e) for e in trace.calls)
        else closed_by(trace),
    )
    return shown._replace(doubt=doubt_about(interpreter, endpoint, operation, trace, reader, shown))


def _works_out(trace: Trace) -> bool:
    """Something is computed of what the client sends; one that only hands it back is a stub of what will keep it."""
    return any(
        isinstance(callee, (Function, Native))
        or (isinstance(callee, External) and not callee.name.startswith(_FRAMEWORK))
        for event in trace.calls
        if any(Origin.REQUEST in origins(value) for value in event.arguments.all())
        for callee in alternatives(event.callee)
    )


# --- numbers ---------------------------------------------------------------------------------------


def _only_counts(
    interpreter: Interpreter, endpoint: Endpoint, operation: Operation, trace: Trace, body: list[ir.Statement]
) -> bool:
    """``GET /run_count``: it is asked nothing, and answers with nothing but numbers about what runs here."""
    function = operation.function
    if function is None or not isinstance(function.node, ir.FunctionDef) or "{" in endpoint.path:
        return False
    if trace.effects or trace.changes_outside or trace.gave_up or _asks_for_more(function.node, endpoint):
        return False
    answers = [n.value for n in expressions_in(body, into_functions=False) if isinstance(n, ir.Return)]
    if not answers or not all(
        answer is not None and (_is_count(answer) or _promises_number(interpreter, operation))
        for answer in answers
    ):
        return False
    return all(
        _stays_here(event, interpreter.vocabulary) for event in trace.calls
    ) and not changes_more_than_its_own(body)


def _writes_metrics_down(trace: Trace, vocabulary: Vocabulary, reader: RowReader) -> bool:
    """``GET /metrics``: every answer is what a library makes of the numbers that it keeps about the process."""
    names = vocabulary.names("metrics")
    return (
        bool(trace.returns)
        and not trace.effects
        and not any(map(reader.asks_store, trace.calls))
        and all(
            _is_metrics(one, names) or (_is_response(one) and _calls_for_metrics(trace, event))
            for event in trace.returns
            for one in alternatives(event.value)
        )
    )


def _is_metrics(value: Value, names: Names) -> bool:
    """The text of the numbers as a whole, or a response with nothing else in it."""
    if not isinstance(value, Instance) or not isinstance(value.cls, External):
        return False
    name = value.cls.name
    if name in names or (name.endswith(".decode") and name.removesuffix(".decode") in names):
        return True
    content = value.keywords.get("content") or next(iter(value.arguments), None)
    if not _is_response(value) or content is None:
        return False
    media_type = value.keywords.get("media_type")
    if isinstance(media_type, Constant) and _EXPOSITION.search(str(media_type.value)):
        return True
    return all(_is_metrics(o, names) for o in alternatives(content))


def _is_response(value: Value) -> bool:
    name = value.cls.name if isinstance(value, Instance) and isinstance(value.cls, External) else ""
    return name.startswith(_FRAMEWORK) and name.endswith("Response")


def _calls_for_metrics(trace: Trace, way: ReturnEvent) -> bool:
    """``return Response(client.generate_latest())``, of an object around the library that nothing is known of.

    Or its type of content is what the library calls its own.
    """
    given = [one for event in trace.calls if covers(way.place, event.place) for one in event.node.arguments]
    if any(one.name == "media_type" and _last_name(one.value) == _METRICS_TYPE for one in given):
        return True
    whole = {id(one.value.value if isinstance(one.value, ir.Await) else one.value) for one in given}
    return any(
        _last_name(event.node.function) == _WRITES_METRICS
        and all(isinstance(callee, (Unknown, External)) for callee in alternatives(event.callee))
        and id(event.node) in whole
        for event in trace.calls
    )


def hands_out_metrics(endpoint: Endpoint, handler: Value, vocabulary: Vocabulary) -> bool:
    """A handler of a library that writes down the numbers that it keeps about the process."""
    return (
        isinstance(handler, External)
        and handler.name in vocabulary.names("metrics_handlers")
        and set(endpoint.methods) <= _READS
    )


def _is_a_number(interpreter: Interpreter, endpoint: Endpoint, operation: Operation) -> bool:
    """It is asked nothing, and promises a number: what computes it may be anywhere."""
    function = operation.function
    if function is None or not isinstance(function.node, ir.FunctionDef) or "{" in endpoint.path:
        return False
    return not _asks_for_more(function.node, endpoint) and _promises_number(interpreter, operation)


def _asks_for_more(node: ir.FunctionDef, endpoint: Endpoint) -> bool:
    return bool(endpoint.dependencies) or any(
        parameter.name not in ("self", "request", "response") for parameter in node.parameters
    )


def _is_count(node: ir.Expression) -> bool:
    match node:
        case ir.Constant(value=value):
            return isinstance(value, (int, float))
        case ir.Call(function=ir.Name(id=name)):
            return name in _COUNTING
        case ir.BinaryOperation(left=left, right=right):
            return _is_count(left) and _is_count(right)
        case ir.DictDisplay(entries=entries):
            return bool(entries) and all(
                isinstance(entry.key, ir.Constant) and _is_count(entry.value) for entry in entries
            )
    return False


def _promises_number(interpreter: Interpreter, operation: Operation) -> bool:
    """The annotation of what a handler returns, which the framework holds it to."""
    function = operation.function
    if function is None or not isinstance(function.node, ir.FunctionDef) or function.node.returns is None:
        return False
    promised = interpreter.evaluate(function.node.returns, Frame(function.module, function.scope))
    return isinstance(promised, External) and promised.name in _NUMBERS


def _stays_here(event: CallEvent, vocabulary: Vocabulary) -> bool:
    """A call of the project, which is followed: what nobody knows may ask anything, as a state does."""
    return all(
        isinstance(callee, (Function, BoundMethod)) for callee in alternatives(event.callee)
    ) or only_computes(event, vocabulary)


# --- short links -----------------------------------------------------------------------------------


def _is_short_link(endpoint: Endpoint, operation: Operation, body: list[ir.Statement]) -> bool:
    """``GET /t/{key}``, whose handler redirects to an attribute or item of something, as it is.

    The key is a text made for the link: the number of a row says nothing of who may follow it.
    """
    segments = [s for s in endpoint.path.split("/") if s and not _GENERAL.fullmatch(s.lower())]
    if not segments or len(segments) > 2 or not segments[-1].startswith("{"):
        return False
    if len(segments) == 2 and not _LINK.fullmatch(segments[0].lower()):
        return False
    key = segments[-1].strip("{}").partition(":")[0]
    if not _KEY.search(key) or _type_of(operation, key) not in ("", "str"):
        return False
    targets = [
        node.arguments[0].value
        for node in expressions_in(body)
        if isinstance(node, ir.Call) and node.arguments and _last_name(node.function) == "RedirectResponse"
    ]
    return bool(targets) and all(map(_is_part_of_name, targets))


def _is_part_of_name(node: ir.Expression) -> bool:
    """``link.url`` or ``row["url"]``, and not ``sign(link).url``."""
    is_part = (isinstance(node, ir.Attribute) and _TARGET.search(node.name) is not None) or (
        isinstance(node, ir.Subscript) and _is_target_index(node.index)
    )
    while isinstance(node, (ir.Attribute, ir.Subscript)):
        node = node.value
    return is_part and isinstance(node, ir.Name)


def _is_target_index(node: ir.Node) -> bool:
    if not isinstance(node, ir.Constant):
        return False
    return not isinstance(node.value, str) or _TARGET.search(node.value) is not None


def _type_of(operation: Operation, name: str) -> str:
    """What a parameter of the handler is annotated with, as it is written; empty if with nothing."""
    function = operation.function
    for parameter in function.node.parameters if function is not None else ():
        if parameter.name == name and parameter.annotation is not None:
            return unparse(parameter.annotation)
    return ""


def _follows_row(trace: Trace, reader: RowReader) -> bool:
    """A row is read, none is changed, and every way out goes to another address."""
    reads = any(
        isinstance(callee, External) and reader.is_store(callee.name)
        for event in trace.calls
        for callee in alternatives(event.callee)
    )
    return reads and only_redirects(trace) and not reader.changes_rows(trace)


def _last_name(node: ir.Expression) -> str:
    return node.id if isinstance(node, ir.Name) else getattr(node, "name", "")
