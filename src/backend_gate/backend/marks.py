"""Endpoints that the code itself declares public: in words, by a name, or in a table of public routes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_gate.backend.model import Endpoint
from backend_gate.backend.values import Class, Constant, Instance, Mapping, Sequence, Value, alternatives
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.link import Operation

_IN_WORDS = re.compile(
    r"\bno (auth\w*|login|sign-?in)\b( is| are)?( required| needed| necessary)"
    r"|\b(does|do)(n't| not) (require|need) (any |an? )?(auth\w*|login|credentials|sign)"
    r"|\bwithout (logging|signing) in\b"
    r"|\bwithout requiring (authentication|auth|login|credentials)\b"
    r"|\bunauthenticated (endpoint|route)\b|^\W*unauthenticated access\b"
    r"|\b(accepts?|allows?|open to|available to|serves?|supports?) unauthenticated"
    r" (access|callers?|users?|requests?|clients?)\b"
    r"|(?<!the )\b(public|publicly (accessible|available|reachable)|open) (endpoint|route|api endpoint)\b"
    r"|^\W*public api\W*$"
    r"|\b(endpoint|route|it|this)( is)? publicly (accessible|available|reachable)\b"
    r"|^\W*publicly (accessible|available|reachable)\W*$",
    re.IGNORECASE | re.MULTILINE,
)
"""What is said of the endpoint, and not of what it gives: it may list users without a login, by a public API."""
_LACKING = re.compile(r"\bwithout (any )?(authentication|auth|login|credentials)\b", re.IGNORECASE)
_MAY = re.compile(
    r"\b(access\w*|anyone|anybody|available|call\w*|everyone|everybody|open|public\w*|reach\w*|usable|used|works?)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\b(not|never|no longer) (a |an )?(public|publicly|unauthenticated)", re.IGNORECASE)
_TABLE = re.compile(
    r"(public|exempt|whitelist|allow_?list|unauthenticated|unprotected|anonymous|no_?auth|skip_?auth|auth_?free)",
    re.IGNORECASE,
)
_TABLE_OF = re.compile(r"path|route|url|endpoint|prefix|list$|s$", re.IGNORECASE)
MAX_TABLE = 500
MAX_QUOTE = 120


class Tables:
    """The tables of public routes of one unit: found when somebody asks first."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self._known: dict[str, str] | None = None

    def name_of(self, path: str) -> str | None:
        """The table in which a path stands."""
        if self._known is None:
            self._known = {}
            for where, text in self._entries():
                self._known.setdefault(_plain(text), where)
        return self._known.get(_plain(path)) if _plain(path) else None

    def _entries(self) -> Iterator[tuple[str, str]]:
        for name in self.interpreter.modules.names():
            module = self.interpreter.modules.get(name)
            if module is None:
                continue
            for word in dict.fromkeys(word for s in module.facts.statements for word in s.binds):
                value: Value | None = None
                if _names_table(word):
                    value = self.interpreter.module_attribute(module, word)
                    if value is not None:
                        yield from ((f"{name}.{word}", text) for text in _texts(value))
                elif "Routes" in word or "Paths" in word:
                    value = self.interpreter.module_attribute(module, word)
                    if isinstance(value, Class):
                        for inner, held in value.scope.names.items():
                            if _names_table(inner):
                                yield from ((f"{name}.{word}.{inner}", text) for text in _texts(held))


def _names_table(name: str) -> bool:
    return bool(_TABLE.search(name) and _TABLE_OF.search(name))


def _texts(value: Value) -> Iterator[str]:
    """The paths in a list, set or dict, or in the value of a member of an enumeration."""
    for one in alternatives(value):
        if isinstance(one, Instance):
            one = one.attributes.get("_value_", one)
        items: list[Value] = []
        if isinstance(one, Sequence):
            items = one.items
        elif isinstance(one, Mapping):
            items = [key for key, _ in one.entries.values()]
        for item in items[:MAX_TABLE]:
            if isinstance(item, Constant) and isinstance(item.value, str) and item.value.startswith("/"):
                yield item.value


def _plain(path: str) -> str:
    return re.sub(r"{[^{}]*}", "{}", path.rstrip("/"))


def public_by_mark(
    endpoint: Endpoint, interpreter: Interpreter, operation: Operation, tables: Tables
) -> str | None:
    """Why the code says that anybody may call the endpoint; ``None`` if it does not say so."""
    words = _in_words(interpreter, operation)
    if words:
        return f"its docstring says: {words}"
    table = tables.name_of(endpoint.path)
    if table is not None:
        return f"it stands in {table}"
    reads_only = set(endpoint.methods) <= {"GET", "HEAD", "OPTIONS"}
    function = operation.function
    if function is None or interpreter.modules.is_library(function.module.name):
        return None  # a library answers there with all that it has
    names = re.split(r"[._]|(?<=[a-z])(?=[A-Z])", endpoint.handler)
    if reads_only and ("public" in endpoint.path.lower().split("/") or "public" in map(str.lower, names)):
        return "its name says that it is public"
    return None


def _in_words(interpreter: Interpreter, operation: Operation) -> str:
    function = operation.function
    if function is None or not isinstance(function.node, ir.FunctionDef):
        return ""
    body = interpreter.modules.body(function.module.path, function.node)
    first = body[0] if body else None
    if not isinstance(first, ir.ExpressionStatement) or not isinstance(first.value, ir.Constant):
        return ""
    text = first.value.value if isinstance(first.value.value, str) else ""
    for sentence in re.split(r"[.\n]", text):
        if _says_public(sentence):
            return " ".join(sentence.split())[:MAX_QUOTE]
    return ""


def _says_public(sentence: str) -> bool:
    if _DENIED.search(sentence):
        return False
    lacking = _LACKING.search(sentence)
    return _IN_WORDS.search(sentence) is not None or (
        lacking is not None and _MAY.search(sentence, 0, lacking.start()) is not None
    )
