"""Steps of signing in that have no name of their own: known by what the request brings, or by what is handed out."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from backend_gate.backend.values import BoundMethod, External, Function, alternatives
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir
from backend_gate.facts.model import decode_block

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.model import Endpoint
    from backend_gate.backend.trace import Trace

_WORD = re.compile(r"[-_.]")
_FLOW = frozenset({"authorize", "callback", "oauth", "oauth2", "oidc", "saml", "sso"})
_ENDS = frozenset({"callback", "success", "failure", "error", "done", "complete"})
_BROWSER = "webbrowser"
_BELOW = frozenset(
    {"sso", "oauth", "oauth2", "oidc", "saml", "login", "signin", "mfa", "passkey", "passkeys", "webauthn"}
)
_STEPS = frozenset(
    [
        "begin",
        "complete",
        "continue",
        "exchange",
        "finish",
        "init",
        "initiate",
        "poll",
        "resume",
        "start",
        "verify",
    ]
)
_NAMED = frozenset({"login", "signin", "callback", "authorize"})
_COMES_BACK = _FLOW | _BELOW | frozenset({"auth", "connect", "redirect"})
"""Words of a path that a browser comes back to with ``code`` and ``state``, which addresses have too."""
_HOW = frozenset({"by", "for", "page", "redirect", "start", "url", "via", "with"})
_ISSUES = re.compile(
    r"(^|\.)(jwt\.encode|jws\.sign|jwt\.JWT|login_user|set_cookie|create_access_token|create_token)$"
)


def is_step_by_request(
    interpreter: Interpreter,
    endpoint: Endpoint,
    function: Function,
    body: list[ir.Statement],
    calls: Collection[str],
) -> bool:
    """``/sso/cli/start``; a browser comes back with ``state``, or to the server of a command that waits for it.

    ``calls`` are the methods by which libraries make such a step.
    """
    plain = [s.lower() for s in endpoint.path.split("/") if s and not s.startswith("{")]
    if len(plain) == 1 and plain[0] in _ENDS and _opens_browser(interpreter, function):
        return True
    if plain and plain[-1] in _STEPS and _BELOW & set(plain[:-1]):
        return True
    if endpoint.methods != ["GET"]:
        return False
    if calls_method(body, calls):
        return True
    if _BELOW & set(plain) and _is_named_like_a_step(function.name):
        return True
    names = _read_names(function, body)
    if "state" in names:
        words = {word for segment in plain for word in _WORD.split(segment)}
        if _FLOW & set(plain) or ("code" in names and _COMES_BACK & words):
            return True
    return "authorize" in plain[:-1] and bool(_FLOW & set(plain[: plain.index("authorize")]))


def calls_method(body: list[ir.Statement], names: Collection[str]) -> bool:
    """Whether a method of one of these names is called in a body."""
    return any(
        isinstance(node, ir.Call) and isinstance(node.function, ir.Attribute) and node.function.name in names
        for node in expressions_in(body)
    )


def _is_named_like_a_step(name: str) -> bool:
    """``google_login`` or ``login_via_google``; ``login_history`` is about steps, and none."""
    words = name.lower().strip("_").split("_")
    return words[-1] in _NAMED or any(one in _NAMED and two in _HOW for one, two in itertools.pairwise(words))


def _opens_browser(interpreter: Interpreter, function: Function) -> bool:
    """The module imports what opens a browser, at its top or in one of its functions."""
    module = function.module
    if _BROWSER not in module.facts.words:
        return False  # the text does not even mention it
    statements = [node for top in module.facts.statements for node in decode_block(top.code)]
    for node in expressions_in(statements, body_of=partial(interpreter.modules.body, module.path)):
        if isinstance(node, ir.ImportFrom) and node.module == _BROWSER:
            return True
        if isinstance(node, ir.Import) and any(one.name == _BROWSER for one in node.names):
            return True
    return False


def _read_names(function: Function, body: list[ir.Statement]) -> set[str]:
    """The parameters of a handler, and the keys that it reads of a query."""
    names = {parameter.name for parameter in function.node.parameters}
    for node in expressions_in(body):
        if (
            isinstance(node, ir.Call)
            and isinstance(node.function, ir.Attribute)
            and node.function.name == "get"
        ):
            first = node.arguments[0].value if node.arguments else None
            if isinstance(first, ir.Constant) and isinstance(first.value, str):
                names.add(first.value)
    return names


def issues_credential(trace: Trace) -> bool:
    """The run makes a token, or sets a cookie."""
    return any(map(_issues, called_names(trace)))


@lru_cache(maxsize=20_000)
def _issues(name: str) -> bool:
    """Runs call the same few functions thousands of times."""
    return _ISSUES.search(name) is not None


def called_names(trace: Trace) -> Iterator[str]:
    """The full names of what a run calls, in order; empty for what has none."""
    for event in trace.calls:
        for callee in alternatives(event.callee):
            if isinstance(callee, BoundMethod):
                yield callee.function.full_name
            elif isinstance(callee, Function):
                yield callee.full_name
            else:
                yield callee.name if isinstance(callee, External) else ""
