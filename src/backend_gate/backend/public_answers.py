"""Answers that are for everybody: what a client shows before anybody signs in, whether a name is free.

Each is recognised by the path *and* by what the handler gives; one without the other says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend_gate.backend.unparse import unparse
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.model import Endpoint

_WORDS = re.compile(r"[-_.]")
_ABOVE = re.compile(r"api|v\d+|app|server|system|client|public|ui|web|frontend|platform|about")
_CLIENT = {
    "about", "app config", "app info", "bootstrap", "client config", "config", "features", "feature flags", "info",
    "public config", "server info", "site info", "startup info",
}  # fmt: skip
_SECRET = re.compile(r"password|passwd|secret|private|api_?key|token|dsn|database|credential", re.IGNORECASE)
_ASKS_IF_FREE = frozenset(
    {
        "available", "availability", "check", "checks", "exist", "exists", "free", "taken", "unique", "valid",
        "validate", "validation", "validator", "validators",
    }
)  # fmt: skip


def is_general(segments: Sequence[str]) -> bool:
    """The segments are about nothing in particular: what stands below them is about the service as a whole."""
    return all(map(_ABOVE.fullmatch, segments))


def is_for_client(endpoint: Endpoint, body: list[ir.Statement]) -> bool:
    """``GET /api/config``: it names each thing that it gives, and none of them is named like a secret.

    So does the root of an interface whose handler is called ``about``.
    """
    plain = [s.lower() for s in endpoint.path.split("/") if s]
    if not is_general(plain[:-1]):
        return False
    last = " ".join(_WORDS.split(plain[-1])) if plain else ""
    if last not in _CLIENT and not (
        is_general(plain) and endpoint.handler.rpartition(".")[2].replace("_", " ") in _CLIENT
    ):
        return False
    return _names_what_it_gives(body)


def _names_what_it_gives(body: list[ir.Statement]) -> bool:
    """Every answer is put together by keywords or literal keys."""
    answers = [n.value for n in expressions_in(body, into_functions=False) if isinstance(n, ir.Return)]
    if not answers:
        return False
    for answer in answers:
        names = [name for node in expressions_in([answer]) for name in _given_names(node)] if answer else []
        if not names or any(map(_SECRET.search, names)):
            return False
    return True


def _given_names(node: ir.Node) -> list[str]:
    if isinstance(node, ir.Call):
        return [argument.name for argument in node.arguments if argument.name is not None]
    if isinstance(node, ir.DictDisplay):
        keys = [entry.key for entry in node.entries]
        return [key.value for key in keys if isinstance(key, ir.Constant) and isinstance(key.value, str)]
    return []


def says_whether_free(endpoint: Endpoint, body: list[ir.Statement]) -> bool:
    """``GET /validators/user/name``: nothing but whether there is something of that name."""
    words = [word for s in endpoint.path.lower().split("/") for word in _WORDS.split(s)]
    if not _ASKS_IF_FREE & set(words):
        return False
    answers = [n.value for n in expressions_in(body, into_functions=False) if isinstance(n, ir.Return)]
    if not all(answer is not None and _is_yes_or_no(answer) for answer in answers):
        return False
    given = {
        node.value for node in expressions_in([a for a in answers if a]) if isinstance(node, ir.Constant)
    }
    # One that always says the same answers no question: it does something.
    return any(map(_is_computed, answers)) or {True, False} <= given


def _is_yes_or_no(node: ir.Expression) -> bool:
    match node:
        case ir.Comparison() | ir.UnaryOperation(operator="not"):
            return True
        case ir.Constant(value=value):
            return isinstance(value, bool)
        case ir.Call(function=ir.Name(id="bool")):
            return True
        case ir.Call(arguments=[ir.Argument(value=value)]) if not isinstance(value, ir.Constant):
            return _is_yes_or_no(value)
        case ir.DictDisplay(entries=[entry]):
            return _is_yes_or_no(entry.value)
    return False


def _is_computed(answer: ir.Expression | None) -> bool:
    return answer is not None and any(
        isinstance(node, (ir.Comparison, ir.UnaryOperation)) or _is_bool(node)
        for node in expressions_in([answer])
    )


def _is_bool(node: ir.Node) -> bool:
    return isinstance(node, ir.Call) and isinstance(node.function, ir.Name) and node.function.id == "bool"


def is_logging(statement: ir.Statement) -> bool:
    """``logger.warning("gone")``, awaited or not, and ``print("gone")``."""
    value = statement.value if isinstance(statement, ir.ExpressionStatement) else None
    value = value.value if isinstance(value, ir.Await) else value
    if isinstance(value, ir.Call) and isinstance(value.function, ir.Name):
        return value.function.id == "print"
    if not isinstance(value, ir.Call) or not isinstance(value.function, ir.Attribute):
        return False
    owner = value.function.value
    if isinstance(owner, ir.Call) and isinstance(owner.function, (ir.Attribute, ir.Name)):
        return unparse(owner.function) in ("logging.getLogger", "getLogger")
    return isinstance(owner, ir.Name) and owner.id.lower().strip("_") in (
        "log",
        "logger",
        "logging",
        "warnings",
    )
