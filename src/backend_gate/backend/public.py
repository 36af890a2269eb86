"""Endpoints that are public by nature: a closed list of path segments *and* shapes, never substrings."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from backend_gate.backend.behaviour import is_credential_name
from backend_gate.backend.flatten import UNKNOWN_PATH
from backend_gate.backend.model import Endpoint
from backend_gate.backend.outcomes import Effect
from backend_gate.backend.public_answers import is_for_client, is_general, is_logging, says_whether_free
from backend_gate.backend.public_resets import asks_no_proof, field_names
from backend_gate.backend.public_rows import Change, Rows
from backend_gate.backend.public_steps import called_names, calls_method, is_step_by_request
from backend_gate.backend.public_work import around
from backend_gate.backend.shown import Shown
from backend_gate.backend.trace import Trace
from backend_gate.backend.values import (
    Class,
    Constant,
    External,
    Function,
)
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.link import Operation

_WORDS = re.compile(r"[-_.]")
_CAMEL = re.compile(r"(?<=[a-z]{2})(?=[A-Z])")
_CREDENTIAL_IN_BODY = {
    "login", "signin", "logon", "token", "tokens", "refresh", "logout", "signout", "register", "signup", "mfa",
    "otp", "2fa", "totp",
}  # fmt: skip
_CREDENTIAL_PHRASES = {
    "sign in", "sign up", "log in", "log out", "sign out", "access token", "refresh token", "token refresh",
    "password recovery", "recover password", "reset password", "password reset", "forgot password",
    "forgotten password", "verify email", "email verification", "confirm email", "resend verification",
    "password forgot", "request password reset", "request verify token", "test token", "magic link",
    "password recovery html content", "login config", "register passkey", "password reset request",
    "accept invite", "accept invitation",
}  # fmt: skip
_RESETS = {"reset password", "password reset"}
_RECOVERIES = {
    "password recovery", "recover password", "forgot password", "forgotten password", "password forgot",
    "request password reset", "request verify token", "resend verification", "magic link", "password reset request",
}  # fmt: skip
_AUTH_SEGMENTS = {
    "auths",
    "mfa",
    "sso",
    "oidc",
    "ldap",
    "onboarding",
    "invitation",
    "invite",
    "auth",
    "login",
    "token",
    "tokens",
    "session",
    "sessions",
    "signin",
    "signup",
    "register",
    "authentication",
}
_CREDENTIAL_FIELD = re.compile(
    r"password|passwd|otp|token$|credential|^secret$|assertion|challenge|^code$"
    r"|(access|activation|auth|authorization|backup|confirmation|device|email|invitation|invite|login|mfa|recovery"
    r"|reset|security|sms|totp|user|verification|verify)_code$",
    re.IGNORECASE,
)
_ONE_TIME = re.compile(r"^(code|pin)$|otp$|(confirmation|verification|one_time)_?(code|pin)$", re.IGNORECASE)
"""What somebody was sent, to show that an address is his."""
_CONFIRMS = {"activate", "confirm", "confirmation", "verification", "verify"}
_ALWAYS = {"acs", "jwks", "oauth", "oauth2", "oidc", "saml", "sso"}
_AMBIGUOUS = {"token", "tokens", "refresh", "register"}
"""Devices register as well, caches refresh, and a project has tokens, as has a user."""
_ACCOUNTS = {"user", "users", "account", "accounts", "device", "connect", "api-token-auth"}
_OF_ANYTHING = {"hello", "live", "status", "version", "versions"}
"""Below what is about something in particular, a row for instance, these are no health checks."""
_COMPONENTS = {"cache", "database", "db", "queue", "scheduler", "service", "worker", "workers"}
"""Parts of a service that have a status of their own."""
_BELOW_HEALTH = {
    "cache", "check", "checks", "database", "db", "deep", "detailed", "details", "full", "liveliness", "redis",
    "services", "simple", "startup", "celery", "queue", "queues", "worker", "workers",
}  # fmt: skip
_SIGN_IN_WORDS = {"login", "logout", "register", "signin", "signup", "signout"}
_PROOF = re.compile(r"password|passwd|captcha|otp|assertion|challenge", re.IGNORECASE)
"""Fields by which somebody proves who, or that, he is; a token may be that of a device."""
_FLOW = {"authorize", "callback", "jwks", "saml", "oidc", "oauth", "oauth2", "sso", "acs", "metadata"}
_HEALTH = {
    "health", "healthz", "healthcheck", "live", "livez", "liveness", "ready", "readyz", "readiness", "ping",
    "version", "versions", "status", "heartbeat", "hello", "is_alive",
}  # fmt: skip
_HOW_TO_SIGN_IN = {
    "providers", "list providers", "methods", "auth methods", "login url", "auth url", "type", "auth type",
    "auth status", "login options", "magic", "magic link", "redirect", "discover",
}  # fmt: skip
"""Below a segment about signing in: what a client has to know before it can, and steps of it."""
_HEALTH_PHRASES = {"health check", "is alive", "is ready", "pre flight checks", "server version"}
_DOCUMENTATION = {"docs", "redoc", "openapi.json", "openapi", "swagger", "scalar"}
_ASSETS = {
    "favicon.ico",
    "robots.txt",
    "manifest.json",
    "manifest.webmanifest",
    "sitemap.xml",
    "opensearch.xml",
    "service-worker.js",
    "sw.js",
    "asset-manifest.json",
    "browserconfig.xml",
    "llms.txt",
    "humans.txt",
    "security.txt",
}
_BRANDING = {"logo", "favicon", "theme", "branding"}
"""What the page for signing in looks like."""
_CARRIES = "the request itself carries the credential"
_IS_STEP = "a step of a sign-in flow"
_IS_HEALTH = "health and version checks are public"
_IS_FOR_CLIENT = "what a client has to know before anybody signs in"
_FOR_OTHERS = {"admin", "impersonate", "impersonation", "sudo"}
"""What somebody does who has signed in before, to act as another."""
_OF_SIGN_IN = {_CARRIES, _IS_STEP}
_PROVES = {
    "activate", "callback", "confirm", "login", "mfa", "otp", "recover", "refresh", "reset", "signin", "token",
    "verify",
}  # fmt: skip
"""Steps in which whoever calls proves that he is the one whom the address names."""
_ROOT = re.compile(r"api|v\d+")
_OF_SOMEBODY = re.compile(r"user|account|member|person|login|(^|[{_])id\b|number", re.IGNORECASE)
_STARTS = {"login", "signin", "sign-in", "log-in", "logon"}
_EXCHANGE = {"acs", "authorize", "callback", "jwks", "metadata"}
"""What a provider and a browser say to each other, as a last segment or word of it."""


def public_by_nature(
    endpoint: Endpoint,
    interpreter: Interpreter,
    operation: Operation,
    shown: Shown,
    *,
    reads: bool = False,
    unproved: bool = False,
) -> str | None:
    """Why anybody may call the endpoint; ``None`` if nothing of the list applies.

    One gate stands before all of it. A run that changes what is stored is public as a part of signing in alone, and
    then only where it is about whoever calls; a read is not public by its name if rows, files or what other services
    say reach its answer. ``reads``: the run looks for a credential; ``unproved``: it gives a new password, or a
    token to get one, to whoever asks.
    """
    found = _by_name(endpoint, interpreter, operation, shown, unproved=unproved)
    reads_only = set(endpoint.methods) <= {"GET", "HEAD", "OPTIONS"}
    if found is not None and not (
        reads_only and not _may_give(found, endpoint, interpreter, operation, shown)
    ):
        if shown.change is Change.NONE or (
            found in _OF_SIGN_IN and _is_of_caller(endpoint, interpreter, operation, shown, reads=reads)
        ):
            return found
    return _by_answer(endpoint, interpreter, operation, shown)


def _may_give(
    found: str, endpoint: Endpoint, interpreter: Interpreter, operation: Operation, shown: Shown
) -> bool:
    """What the answer of a read holds is what its name promises."""
    if found == _IS_HEALTH:
        return shown.rows <= Rows.SCALAR and not shown.file
    if found == _IS_FOR_CLIENT and shown.file:
        return False
    if found in _OF_SIGN_IN and shown.beside is Rows.NONE and not shown.file:
        return True  # what is stored is in the address to which it sends the browser
    return _may_give_rows(endpoint, interpreter, operation, shown)


def _is_of_caller(
    endpoint: Endpoint, interpreter: Interpreter, operation: Operation, shown: Shown, *, reads: bool
) -> bool:
    """What a step of signing in changes belongs to whoever calls, and to nobody that the address names.

    A read that changes what is there has to bring a credential: it may be called by a link in any page.
    """
    if shown.change < Change.SETS:
        return True
    segments = [s for s in endpoint.path.split("/") if s]
    placed = [s.strip("{}").partition(":")[0] for s in segments if s.startswith("{") and s != UNKNOWN_PATH]
    if any(is_credential_name(name, address=True) for name in placed):
        return True
    plain = [s.lower() for s in segments if not s.startswith("{")]
    if (
        any(_OF_SOMEBODY.search(name) or name.endswith("id") for name in placed)
        and plain[-1:]
        and plain[-1] not in _PROVES
    ):
        return False
    if not set(endpoint.methods) <= {"GET", "HEAD", "OPTIONS"}:
        return True
    given = [name for name in parameter_names(operation) if name not in placed]
    return (
        reads
        or any(is_credential_name(name, address=True) or name in ("code", "state") for name in given)
        or bool((_EXCHANGE | _FLOW) & set(plain))
        or bool(not placed and _STARTS & set(plain[-1:]))  # it keeps a state until the browser comes back
        or _carries_credential(endpoint, interpreter, operation)
    )


def parameter_names(operation: Operation) -> list[str]:
    """The names of the parameters of a handler."""
    function = operation.function
    return [parameter.name for parameter in function.node.parameters] if function is not None else []


def _may_give_rows(endpoint: Endpoint, interpreter: Interpreter, operation: Operation, shown: Shown) -> bool:
    """What is stored may reach the answer: there is nothing of it, or little, or the address is the credential.

    The exchange with a provider is one as well: what the browser comes back with is looked up.
    """
    segments = [s for s in endpoint.path.split("/") if s]
    names = [s.strip("{}").partition(":")[0] for s in segments if s.startswith("{") and s != UNKNOWN_PATH]
    if shown.rows is Rows.NONE or (shown.rows is Rows.FIELDS and not names):
        return True
    if any(is_credential_name(name, address=True) for name in names):
        return True
    last = segments[-1].lower() if segments else ""
    if ".well-known" in segments or _WORDS.split(last)[-1] in _EXCHANGE:
        return True
    plain = {s.lower() for s in segments if not s.startswith("{")}
    if _EXCHANGE & plain and segments[-1].startswith("{"):
        return True
    function = operation.function
    if function is None or not isinstance(function.node, ir.FunctionDef):
        return False
    body = interpreter.modules.body(function.module.path, function.node)
    return calls_method(body, interpreter.vocabulary.names("sign_in_steps").methods)


def _by_name(
    endpoint: Endpoint, interpreter: Interpreter, operation: Operation, shown: Shown, *, unproved: bool
) -> str | None:
    """What the segments of the path say, and in part what the request carries."""
    segments = [s for s in endpoint.path.split("/") if s]
    plain = [_lower(s) for s in segments if not s.startswith("{")]
    last = plain[-1] if plain else ""
    if segments[-1:] == [UNKNOWN_PATH]:
        last = endpoint.handler.rpartition(".")[
            2
        ].lower()  # nobody knows the path, but the handler has a name
    words = " ".join(_WORDS.split(last))
    reads_only = set(endpoint.methods) <= {"GET", "HEAD", "OPTIONS"}
    is_of_service = is_general([s for s in plain[:-1] if s not in _HEALTH | _COMPONENTS])
    if ".well-known" in plain:
        return "discovery documents are public"
    if (
        reads_only
        and last in _DOCUMENTATION
        and (not _has_placeholder_before(segments, last) or _makes_documentation(operation, interpreter))
    ):
        return "documentation"
    if reads_only and (last in _ASSETS or (segments and segments[-1].endswith(".webmanifest"))):
        return "a static file"
    if (
        reads_only
        and (
            last in _HEALTH
            or words in _HEALTH_PHRASES
            or (plain[-2:-1] == ["health"] and last in _BELOW_HEALTH)
        )
        and not _has_placeholder_after(segments, last)
        and not (last in _OF_ANYTHING and (not is_of_service or len(plain) < len(segments)))
    ):
        return _IS_HEALTH
    if reads_only and words.rpartition(" ")[2] in _BRANDING and is_of_service and len(plain) == len(segments):
        return "the look of the pages is there before anybody signs in"
    if reads_only and len(plain) == len(segments) and all(map(_ROOT.fullmatch, plain)):
        if _answers_health(operation, interpreter):
            return _IS_HEALTH
    about = {word for s in plain[:-1] for word in (s, *_WORDS.split(s))}
    if last == "exchange" and not reads_only and _AUTH_SEGMENTS & about:
        return _IS_STEP
    resets = resets_password(endpoint)
    if unproved or (resets and not reads_only and asks_no_proof(endpoint, interpreter, operation)):
        return None
    if words in _CREDENTIAL_PHRASES or resets or (last in _CREDENTIAL_IN_BODY and last not in _AMBIGUOUS):
        return _CARRIES
    if (
        last in _CONFIRMS
        and not reads_only
        and _carries_credential(endpoint, interpreter, operation, _ONE_TIME)
    ):
        return _CARRIES
    makes_tokens = last == "register" and bool({"token", "tokens"} & set(plain[-2:-1]))
    if last in _AMBIGUOUS and (
        (
            last != "tokens"
            and not makes_tokens
            and _is_about_accounts(plain[:-1], segments)
            and (not reads_only or last == "refresh")
        )
        or _carries_credential(endpoint, interpreter, operation)
    ):
        return _CARRIES
    if (
        _AUTH_SEGMENTS & set(plain)
        and not reads_only
        and not _FOR_OTHERS & set(plain)
        and _carries_credential(endpoint, interpreter, operation)
    ):
        return _CARRIES
    if not reads_only and set(words.split()) & _SIGN_IN_WORDS and not makes_tokens:
        if (_AUTH_SEGMENTS | _FLOW) & set(plain[:-1]) or _carries_credential(
            endpoint, interpreter, operation, _PROOF
        ):
            return _CARRIES
    about_signing_in = _AUTH_SEGMENTS & set(plain[:-1]) or last in ("auth-status", "auth-type")
    if about_signing_in and words in _HOW_TO_SIGN_IN and "admin" not in plain:
        return _IS_STEP
    needs_more = last in ("callback", "metadata") or (last == "authorize" and not is_of_service)
    others = plain[:-1] if needs_more or not reads_only else plain
    if (last in _FLOW or words.rpartition(" ")[2] in ("callback", "authorize")) and any(
        s in _FLOW or "auth" in s or s in _AUTH_SEGMENTS for s in (*others, *({last} & _ALWAYS))
    ):
        return _IS_STEP
    function = operation.function
    if function is not None and isinstance(function.node, ir.FunctionDef):
        body = interpreter.modules.body(function.module.path, function.node)
        steps = interpreter.vocabulary.names("sign_in_steps").methods
        if is_step_by_request(interpreter, endpoint, function, body, steps) and (
            reads_only or not shown.changes_rows or _carries_credential(endpoint, interpreter, operation)
        ):
            return _IS_STEP
        if reads_only and is_for_client(endpoint, body):
            return _IS_FOR_CLIENT
    chooses_file = bool(segments) and shown.file and not shown.pages
    if (
        (not plain or operation.serves_start)
        and reads_only
        and not chooses_file
        and not shown.store
        and (_returns_page(operation, interpreter) or (shown.page and not segments))
    ):
        return "the start page"
    return None


def _asks_who_calls(operation: Operation) -> bool:
    """A guard that the handler depends on may deny: to get its constant is to hear that one was let through."""
    asked = operation.outcomes[len(operation.declared) :][: len(operation.dependencies.children)]
    return any(outcome.reads and outcome.effect is Effect.CONDITIONAL for outcome in asked)


def _by_answer(
    endpoint: Endpoint, interpreter: Interpreter, operation: Operation, shown: Shown
) -> str | None:
    """What the handler gives, whatever it is called."""
    reads_only = set(endpoint.methods) <= {"GET", "HEAD", "OPTIONS"}
    function = operation.function
    if shown.sign_up and shown.change is not Change.CHANGES and shown.rows <= Rows.FIELDS:
        return f"strangers sign up here, where a setting allows it: it refuses if {shown.sign_up}"
    if shown.change is not Change.NONE:
        return None
    if reads_only and function is not None and isinstance(function.node, ir.FunctionDef):
        body = interpreter.modules.body(function.module.path, function.node)
        if says_whether_free(endpoint, body):
            return "it only says whether there is something of that name"
    if shown.asset or shown.pages:
        return "a file of the pages, which is the same for everybody"
    if not shown.file and not shown.changes_rows and _is_constant(operation, interpreter):
        return None if _asks_who_calls(operation) else "the handler answers with a constant"
    if shown.counts:
        return "it answers with nothing but numbers about the process"
    if shown.short_link:
        return "a short link: it sends whoever has the key to the address that belongs to it"
    return None


def is_by_credential(nature: str) -> bool:
    """It is public because the request itself carries a credential, which a guard before it would ask for as well."""
    return nature == _CARRIES


def is_webhook(endpoint: Endpoint) -> bool:
    """An inbound webhook by path segment and method."""
    segments = {word for s in endpoint.path.lower().split("/") for word in _WORDS.split(s)}
    return bool(segments & _WEBHOOK) and "POST" in endpoint.methods


def starts_sign_in(endpoint: Endpoint) -> bool:
    """Its last segment says that somebody signs in there, or is given a token."""
    plain = [s.lower() for s in endpoint.path.split("/") if s and not s.startswith("{")]
    return bool(plain) and plain[-1] in _STARTS | {"token"}


def is_about_signing_in(endpoint: Endpoint, *, reads: bool = False) -> bool:
    """It stands below a segment about signing in, and is no mere read; with ``reads`` it may be one."""
    plain = {s.lower() for s in endpoint.path.split("/") if s and not s.startswith("{")}
    return bool((_AUTH_SEGMENTS | _FLOW) & plain) and (
        reads or not set(endpoint.methods) <= {"GET", "HEAD", "OPTIONS"}
    )


def is_called_webhook(endpoint: Endpoint) -> bool:
    """The handler's name says so: the path is the name of who calls."""
    words = set(endpoint.handler.lower().rpartition(".")[2].split("_"))
    return bool(_WEBHOOK & words) and "POST" in endpoint.methods


_IS_HANDED_ON = re.compile(r"slug|token|share", re.IGNORECASE)
_SHARED = {"share", "shared", "shares", "invite", "invites", "invitation", "invitations"}


def is_shared_link(endpoint: Endpoint, parameters: Sequence[str] = (), numbers: Collection[str] = ()) -> bool:
    """``GET /shared/{token}``: who has the address may read. ``parameters`` are the names of those of the handler.

    ``numbers`` are those that are numbers, which anybody can guess.
    """
    segments = [s.lower() for s in endpoint.path.split("/") if s]
    if not set(endpoint.methods) <= {"GET", "HEAD", "OPTIONS"}:
        return False
    if any(one in _SHARED and _is_key(two, numbers) for one, two in itertools.pairwise(segments)):
        return True
    named = parameters if _SHARED & set(segments) else ()
    return any(_IS_HANDED_ON.search(name) and name not in numbers for name in named)


def _is_key(segment: str, numbers: Collection[str]) -> bool:
    return segment.startswith("{") and segment.strip("{}").partition(":")[0] not in numbers


def number_names(operation: Operation) -> set[str]:
    """The parameters of a handler that are whole numbers."""
    function = operation.function
    if function is None or not isinstance(function.node, ir.FunctionDef):
        return set()
    return {
        parameter.name
        for parameter in function.node.parameters
        if isinstance(parameter.annotation, ir.Name) and parameter.annotation.id == "int"
    }


_WEBHOOK = {"webhook", "webhooks", "ipn", "hook", "hooks"}
_SIGNATURE_CHECK = re.compile(r"signature|compare_digest|construct_event|hmac|verify", re.IGNORECASE)


def signature_check(trace: Trace) -> str:
    """The name of a call in the run that looks like the check of a message's signature; empty if there is none."""
    return next(filter(_checks_signature, called_names(trace)), "")


@lru_cache(maxsize=20_000)
def _checks_signature(name: str) -> bool:
    """Runs call the same few functions thousands of times."""
    return _SIGNATURE_CHECK.search(name.rsplit(".", 1)[-1]) is not None


def _carries_credential(
    endpoint: Endpoint,
    interpreter: Interpreter,
    operation: Operation,
    wanted: re.Pattern[str] = _CREDENTIAL_FIELD,
) -> bool:
    """A field of a form or of a body model is a password, a one-time code or a token."""
    if any(map(wanted.search, field_names(endpoint, interpreter, operation))):
        return True
    return any("OAuth2PasswordRequestForm" in name for name in endpoint.dependencies or [])


def _answers_health(operation: Operation, interpreter: Interpreter) -> bool:
    """The handler of a root does nothing but ask whether all is well: ``return {"at": self.heartbeat()}``."""
    function = operation.function
    if function is None or not isinstance(function.node, ir.FunctionDef):
        return False
    body = interpreter.modules.body(function.module.path, function.node)
    names = [
        node.function.id if isinstance(node.function, ir.Name) else getattr(node.function, "name", "")
        for node in expressions_in(body)
        if isinstance(node, ir.Call)
    ]
    asked = {name for name in names if not name[:1].isupper() and name not in ("int", "str", "float", "dict")}
    return bool(asked) and asked <= _HEALTH


def recovers_password(endpoint: Endpoint) -> bool:
    """``/forgot-password``: it sends a token to the address of whoever has forgotten a password."""
    return _last_words(endpoint) in _RECOVERIES


def _last_words(endpoint: Endpoint) -> str:
    plain = [_lower(s) for s in endpoint.path.split("/") if s and not s.startswith("{")]
    return " ".join(_WORDS.split(plain[-1])) if plain else ""


def resets_password(endpoint: Endpoint) -> bool:
    """``/reset-password``; ``/forgot`` or ``/reset``, whose handler is called ``forgot_password``, of no user.

    Whether somebody proves whose account it is, is another question (see :mod:`backend_gate.backend.public_resets`).
    """
    if _last_words(endpoint) in _RESETS:
        return True
    plain = [s.lower() for s in endpoint.path.split("/") if s and not s.startswith("{")]
    named = " ".join(endpoint.handler.lower().rpartition(".")[2].strip("_").split("_"))
    if named not in _CREDENTIAL_PHRASES or "password" not in named or not plain:
        return False
    above = [s for s in plain[:-1] if s not in _AUTH_SEGMENTS | _FLOW]
    of_somebody = any(_OF_SOMEBODY.search(s) for s in endpoint.path.split("/") if s.startswith("{"))
    return plain[-1] in named.split() and is_general(above) and not of_somebody


def _is_about_accounts(above: list[str], segments: list[str]) -> bool:
    """All that stands before the last segment is about accounts and signing in, or nothing in particular."""
    known = _AUTH_SEGMENTS | _FLOW | _ACCOUNTS
    return len(above) + 1 == len(segments) and all(_ROOT.fullmatch(s) or s in known for s in above)


def _has_placeholder_before(segments: list[str], last: str) -> bool:
    """``/things/{name}/docs`` are those of one of many things, which somebody may have written."""
    lower = [s.lower() for s in segments]
    return any(s.startswith("{") for s in lower[: lower.index(last)]) if last in lower else False


def _makes_documentation(operation: Operation, interpreter: Interpreter) -> bool:
    """It answers with what the framework makes of its routes, or with the page that shows that."""
    function = operation.function
    if function is None or not isinstance(function.node, ir.FunctionDef):
        return False
    body = interpreter.modules.body(function.module.path, function.node)
    called = {_last_name(node.function) for node in expressions_in(body) if isinstance(node, ir.Call)}
    return bool(called & {"get_openapi", "get_swagger_ui_html", "get_redoc_html"})


def _last_name(node: ir.Expression) -> str:
    return node.id if isinstance(node, ir.Name) else node.name if isinstance(node, ir.Attribute) else ""


def _lower(segment: str) -> str:
    """``password-reset`` of ``passwordReset``, the way that paths are written elsewhere."""
    return _CAMEL.sub("-", segment).lower()


def _has_placeholder_after(segments: list[str], last: str) -> bool:
    return segments[-1].startswith("{") and segments[-1] not in (last, UNKNOWN_PATH)


def _returns_page(operation: Operation, interpreter: Interpreter) -> bool:
    """A redirect or a page: the shape of a start page or of a single-page application."""
    function = operation.function
    if function is None or not isinstance(function.node, ir.FunctionDef):
        return False
    body = interpreter.modules.body(function.module.path, function.node)
    for node in expressions_in(body):
        if isinstance(node, ir.Call):
            name = (
                node.function.id if isinstance(node.function, ir.Name) else getattr(node.function, "name", "")
            )
            if name in ("RedirectResponse", "FileResponse", "HTMLResponse", "TemplateResponse"):
                return True
    route = operation.registration.route
    response = route.attributes.get("response_class")
    return isinstance(response, External) and response.name.endswith(("HTMLResponse", "RedirectResponse"))


def _is_constant(operation: Operation, interpreter: Interpreter) -> bool:
    """The handler computes nothing: it returns a literal, or raises, and calls nothing else."""
    function = operation.function
    if function is None or not isinstance(function.node, ir.FunctionDef):
        return False
    body = interpreter.modules.body(function.module.path, function.node)
    statements = [s for s in body if not _is_docstring(s) and not is_logging(s)]
    if len(statements) != 1 or not isinstance(statements[0], (ir.Return, ir.Raise)):
        return False
    allowed = (
        "HTTPException",
        "JSONResponse",
        "Response",
        "PlainTextResponse",
        "RedirectResponse",
        "HTMLResponse",
    )
    parameters = {p.name for p in function.node.parameters}
    for node in expressions_in(list(statements)):
        if isinstance(node, ir.Call):
            name = (
                node.function.id if isinstance(node.function, ir.Name) else getattr(node.function, "name", "")
            )
            if name not in allowed and not name[:1].isupper():
                return False
        if isinstance(node, (ir.Await, ir.Yield, ir.Attribute, ir.Subscript)) and not _is_named_constant(
            node
        ):
            return False
        if isinstance(node, ir.Name) and (
            node.id in parameters or not _is_fixed(node.id, interpreter, operation)
        ):
            return False
    return True


def _is_fixed(name: str, interpreter: Interpreter, operation: Operation) -> bool:
    """A name from around the handler that holds a scalar, or something to call: nothing that others change."""
    function = operation.function
    if function is None:
        return True
    if name in interpreter.rebound_names(function.module):
        return False
    value = around(function, name) or interpreter.module_attribute(function.module, name)
    return value is None or isinstance(value, (Constant, Class, External, Function))


def _is_named_constant(node: ir.Node) -> bool:
    return isinstance(node, ir.Attribute) and (node.name.isupper() or node.name.startswith("HTTP_"))


def _is_docstring(statement: ir.Statement) -> bool:
    return isinstance(statement, ir.ExpressionStatement) and isinstance(statement.value, ir.Constant)
