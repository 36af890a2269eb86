"""Endpoints that are there for everybody because who runs the service says so, by a setting that they ask first.

One refuses unless new accounts are allowed: it is how strangers sign up. Another refuses unless something is
published, or guests are let in.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from backend_gate.backend.decisions import Origin, decided_by
from backend_gate.backend.frame import Frame
from backend_gate.backend.model import Condition
from backend_gate.backend.public_answers import is_general
from backend_gate.backend.trace import RaiseEvent, Trace, status_of
from backend_gate.backend.values import Constant, alternatives
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.model import Endpoint

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_OFF = frozenset(
    {"disable", "disabled", "closed", "forbid", "forbidden", "deny", "denied", "block", "blocked", "off"}
)
_SIGN_UP = frozenset({"signup", "signups", "registration", "registrations"})
_SIGN_UP_PAIRS = frozenset(
    {
        ("sign", "up"), ("sign", "ups"), ("new", "account"), ("new", "accounts"), ("new", "user"), ("new", "users"),
        ("account", "creation"), ("user", "creation"), ("self", "register"), ("allow", "register"),
        ("create", "accounts"), ("create", "account"),
    }
)  # fmt: skip
_ACCOUNTS = frozenset(
    {
        "account", "accounts", "user", "users", "member", "members", "customer", "customers", "profile", "profiles",
        "player", "players", "registration", "registrations",
    }
)  # fmt: skip
_FOR_EVERYBODY = frozenset({"public", "anonymous", "anonymously", "guest", "guests", "unauthenticated"})
_NO_FLAG = frozenset(
    {
        "address", "base", "bucket", "cert", "certificate", "dir", "directory", "domain", "folder", "host", "hostname",
        "id", "ip", "key", "keys", "name", "path", "pem", "port", "prefix", "root", "schema", "secret", "token", "uri",
        "url",
    }
)  # fmt: skip
"""What ``public_…`` may be that is a value, and no decision to let anybody in."""
_NEGATED = re.compile(r"^not\b|!=|\bis not True\b|\bnot in\b|== False|is False|is not$")
_FAILURES = range(400, 500)
_CLOSED = frozenset({403, 404})
"""How one that is not open at all refuses; other statuses say that something is wrong with the request."""
_OF_GUESTS = frozenset({"guest", "guests"})
_NO_READER = frozenset(
    {"book", "books", "list", "lists", "name", "names", "email", "emails", "room", "rooms"}
)
"""What belongs to guests, or is about them, and lets none of them in."""


def lets_sign_up(endpoint: Endpoint, trace: Trace) -> str:
    """The setting by which ``POST /accounts`` refuses strangers; empty if it asks none, or is something else."""
    segments = [s for s in endpoint.path.lower().split("/") if s]
    if endpoint.methods != ["POST"] or not segments or segments[-1] not in _ACCOUNTS:
        return ""
    if not is_general(segments[:-1]):
        return ""
    return next((c.text for c in _refusals(trace) if _is_about_sign_up(c)), "")


def published_by(interpreter: Interpreter, trace: Trace) -> str:
    """The setting without which a run refuses, and whose name says that what it opens is for everybody.

    One that is off by default, and that nobody is seen to switch on, makes every run refuse.
    """
    found = [c.text for c in _refusals(trace, _CLOSED) if _is_flag(interpreter, trace, c)]
    if not trace.returns:
        found += [
            text
            for event in trace.raises
            if not event.implicit and not event.conditions and not event.number and _refuses(event, _CLOSED)
            for text in _decided(interpreter, event)
        ]
    return next(filter(_says_public, found), "")


def closed_by(trace: Trace) -> str:
    """The setting without which a run refuses everybody; empty if there is none.

    To find a setting, a run may read files and ask who keeps it; nothing that the client sends decides.
    """
    for event in trace.raises:
        if event.implicit or not event.conditions or status_of(event.exception) not in _CLOSED:
            continue
        looked_at = [decided_by(trace, condition) for condition in event.conditions]
        if Origin.DEPLOYMENT in looked_at[-1] and not any(Origin.REQUEST in one for one in looked_at):
            return event.conditions[-1].text
    return ""


def _decided(interpreter: Interpreter, event: RaiseEvent) -> Iterator[str]:
    """The tests in front of a raise which a run takes for decided."""
    function = event.active[-1] if event.active else None
    if function is None or not isinstance(function.node, ir.FunctionDef):
        return
    line = event.place.span.line
    for node in expressions_in(interpreter.modules.body(function.module.path, function.node)):
        if isinstance(node, ir.If) and any(one.span.line <= line <= one.span.end_line for one in node.body):
            if _is_switch(interpreter, node.test, Frame(function.module, function.module.scope)):
                yield interpreter.source(node.test)


def _is_switch(interpreter: Interpreter, test: ir.Expression, frame: Frame) -> bool:
    """A test of one thing that is true or false by default: no text, and nothing at all neither."""
    match test:
        case ir.UnaryOperation(operator="not", value=value):
            return _is_switch(interpreter, value, frame)
        case ir.Comparison(left=left, rights=[ir.Constant(value=bool())]):
            return _is_switch(interpreter, left, frame)
        case ir.Attribute() | ir.Name():
            found = alternatives(interpreter.evaluate(test, frame))
            return all(not isinstance(one, Constant) or isinstance(one.value, bool) for one in found)
    return False


def _refusals(trace: Trace, statuses: Container[int] = _FAILURES) -> Iterator[Condition]:
    """The conditions on settings under which a run refuses whoever asks, before it has done anything."""
    for event in trace.raises:
        if event.implicit or event.number or not event.conditions or not _refuses(event, statuses):
            continue
        if all(_is_of_deployment(trace, condition) for condition in event.conditions):
            yield event.conditions[-1]


def _is_of_deployment(trace: Trace, condition: Condition) -> bool:
    """It looks at a setting, and at nothing of a request or of a row; how it is put together may be unknown."""
    found = decided_by(trace, condition)
    return Origin.DEPLOYMENT in found and found <= {Origin.DEPLOYMENT, Origin.UNKNOWN}


def _refuses(event: RaiseEvent, statuses: Container[int]) -> bool:
    status = status_of(event.exception)
    return status is None or status in statuses


def _is_about_sign_up(condition: Condition) -> bool:
    words = _words(condition.text)
    about = bool(_SIGN_UP & set(words)) or any(pair in _SIGN_UP_PAIRS for pair in pairwise(words))
    return about and _is_negated(condition.text) != bool(_OFF & set(words))


def _says_public(text: str) -> bool:
    found = _words(text)
    words = set(found)
    if any(one in _OF_GUESTS and two in _NO_READER for one, two in pairwise(found)):
        return False
    return _is_negated(text) and bool(_FOR_EVERYBODY & words) and not (_OFF | _NO_FLAG) & words


def _is_flag(interpreter: Interpreter, trace: Trace, condition: Condition) -> bool:
    """What it looks at is true or false, as far as it is known."""
    known = [one.value for one in trace.tests.get(condition.place, ()) if isinstance(one, Constant)]
    if not all(value is None or isinstance(value, bool) for value in known):
        return False
    functions = {id(f.node): f for event in trace.raises for f in event.active}
    for function in functions.values():
        if function.module.path != condition.place.file or not isinstance(function.node, ir.FunctionDef):
            continue
        frame = Frame(function.module, function.module.scope)
        for node in expressions_in(interpreter.modules.body(function.module.path, function.node)):
            if isinstance(node, ir.If) and node.test.span.line == condition.place.span.line:
                return _is_switch(interpreter, node.test, frame)
    return True


def _is_negated(text: str) -> bool:
    return len(_NEGATED.findall(text.strip("() "))) % 2 == 1


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]
