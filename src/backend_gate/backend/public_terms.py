"""Endpoints that are there for everybody because who runs the service says so, by a setting that they ask first.

One refuses unless new accounts are allowed: it is how strangers sign up. Another refuses unless something is
published, or guests are let in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from backend_gate.backend.decisions import Origin, decided_by
from backend_gate.backend.model import Condition
from backend_gate.backend.trace import RaiseEvent, Trace, status_of
from backend_gate.backend.values import Constant
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


def lets_sign_up(endpoint: Endpoint, trace: Trace) -> str:
    """The setting by which ``POST /accounts`` refuses strangers; empty if it asks none, or is something else."""
    segments = [s for s in endpoint.path.lower().split("/") if s]
    if endpoint.methods != ["POST"] or not segments or segments[-1] not in _ACCOUNTS:
        return ""
    if any(s.startswith("{") for s in segments):
        return ""
    return next((c.text for c in _refusals(trace) if _is_about_sign_up(c)), "")


def published_by(interpreter: Interpreter, trace: Trace) -> str:
    """The setting without which a run refuses, and whose name says that what it opens is for everybody.

    One that is off by default, and that nobody is seen to switch on, makes every run refuse.
    """
    found = [c.text for c in _refusals(trace) if _is_flag(trace, c)]
    if not trace.returns:
        found += [
            text
            for event in trace.raises
            if not event.implicit and not event.conditions and not event.number and _refuses(event)
            for text in _decided(interpreter, event)
        ]
    return next(filter(_says_public, found), "")


def _decided(interpreter: Interpreter, event: RaiseEvent) -> Iterator[str]:
    """The tests in front of a raise which a run takes for decided."""
    function = event.active[-1] if event.active else None
    if function is None or not isinstance(function.node, ir.FunctionDef):
        return
    line = event.place.span.line
    for node in expressions_in(interpreter.modules.body(function.module.path, function.node)):
        if isinstance(node, ir.If) and any(one.span.line <= line <= one.span.end_line for one in node.body):
            yield interpreter.source(node.test)


def _refusals(trace: Trace) -> Iterator[Condition]:
    """The conditions on settings under which a run refuses whoever asks, before it has done anything."""
    for event in trace.raises:
        if event.implicit or event.number or not event.conditions or not _refuses(event):
            continue
        if all(_is_of_deployment(trace, condition) for condition in event.conditions):
            yield event.conditions[-1]


def _is_of_deployment(trace: Trace, condition: Condition) -> bool:
    """It looks at a setting, and at nothing of a request or of a row; how it is put together may be unknown."""
    found = decided_by(trace, condition)
    return Origin.DEPLOYMENT in found and found <= {Origin.DEPLOYMENT, Origin.UNKNOWN}


def _refuses(event: RaiseEvent) -> bool:
    status = status_of(event.exception)
    return status is None or status in _FAILURES


def _is_about_sign_up(condition: Condition) -> bool:
    words = _words(condition.text)
    about = bool(_SIGN_UP & set(words)) or any(pair in _SIGN_UP_PAIRS for pair in pairwise(words))
    return about and _is_negated(condition.text) != bool(_OFF & set(words))


def _says_public(text: str) -> bool:
    words = set(_words(text))
    return _is_negated(text) and bool(_FOR_EVERYBODY & words) and not (_OFF | _NO_FLAG) & words


def _is_flag(trace: Trace, condition: Condition) -> bool:
    """What it looks at is true or false, as far as it is known."""
    known = [one.value for one in trace.tests.get(condition.place, ()) if isinstance(one, Constant)]
    return all(value is None or isinstance(value, bool) for value in known)


def _is_negated(text: str) -> bool:
    return len(_NEGATED.findall(text.strip("() "))) % 2 == 1


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]
