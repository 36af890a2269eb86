"""Running a handler, a dependency or a middleware as a request would, with a trace.

What the request brings are abstract inputs. In a run with *absent* credentials, everything that looks like a
credential (a header, cookie, session, security scheme, a parameter named like one) is missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from backend_gate.backend import bodies, validators
from backend_gate.backend.arguments import Arguments
from backend_gate.backend.attributes import annotation_value, instance_of
from backend_gate.backend.budget import OverBudgetError
from backend_gate.backend.calls import interpreter_external_call
from backend_gate.backend.decisions import AFTER_CREDENTIAL, NOT_CREDENTIAL
from backend_gate.backend.dependencies import split_annotated
from backend_gate.backend.form_fields import FIELD
from backend_gate.backend.model import Place
from backend_gate.backend.operations import EACH
from backend_gate.backend.trace import (
    CLOSED_SOCKET,
    SOCKET_MESSAGE,
    USER_OF_REQUEST,
    Optional,
    RaisedSignal,
    Trace,
)
from backend_gate.backend.values import (
    NONE,
    TRUE,
    Absent,
    AskedText,
    Class,
    Constant,
    Empty,
    External,
    Function,
    HeaderName,
    Input,
    Instance,
    Mapping,
    Nothing,
    ObjectInput,
    OptionalInput,
    Present,
    Questions,
    Sequence,
    SignatureParameter,
    Suspended,
    TypeApplication,
    Unknown,
    Value,
    WatchedMapping,
    missing_credential,
)
from backend_gate.backend.vocabulary import effect

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter

RUN_STEPS = 20_000
MAX_RUN_DEPTH = 10
_CREDENTIAL = re.compile(
    r"auth|token|api.?key|apikey|secret|session|cookie|signature|credential|password|passwd|jwt|bearer|"
    r"identity|hmac|ticket|^key$|^sig$|^sign$|^sid$|current_user|^user$|^username$|access.?key",
    re.IGNORECASE,
)
_IN_ADDRESS = re.compile(
    r"token|secret|api.?key|password|passwd|jwt|bearer|signature|hmac|ticket|credential|access.?key|share.?key|"
    r"invit|otp$|nonce|magic|auth|cookie|session$|current_user|^key$|^sig$|^sign$|^code$",
    re.IGNORECASE,
)
"""A path or query parameter that is named like a secret that somebody was given."""
_IDENTIFIES = re.compile(
    r"(id|ids|uuid|name|names|type|status|count|limit|level|version|provider|scope|scopes|email|hash_?name)$",
    re.IGNORECASE,
)
"""What says which one is meant, not who asks: ``token_id`` is the number of a row."""
_KEY_HEADER = re.compile(r"[-_]key$", re.IGNORECASE)
_SIGNED_IN = re.compile(r"user|account|member|login|admin|email|uid|[-_]key$|id$", re.IGNORECASE)
"""What a session or cookie is asked for to know who calls."""
_CALLER = re.compile(
    r"user|principal|identit|claims|auth(?!or)|token|account|viewer|actor|credential", re.IGNORECASE
)
"""What a variable of the context is called that holds who calls; a session there is most likely one of a database."""
_NOT_CREDENTIAL = re.compile(
    r"agent|csrf|xsrf|max.?tokens?|tokens_|token_type|token.?count|session.?name|idempotency|"
    r"(page|pagination|next|continuation|cursor).?token",
    re.IGNORECASE,
)
_PLAIN_HEADER = re.compile(
    r"(accept|access-control|cache|content|expect|forwarded|hx|if|max|range|sec|x-forwarded|x-real|x-requested)(-|$)"
    r"|(connection|date|dnt|host|last-event-id|origin|pragma|prefer|referer|te|trace(parent|state)|upgrade(-.*)?"
    r"|user-agent|via|x-(amzn-trace|correlation|request|trace)-id|idempotency-key)$",
    re.IGNORECASE,
)
_COERCED = frozenset(
    {
        "builtins.int",
        "builtins.float",
        "builtins.bool",
        "uuid.UUID",
        "datetime.datetime",
        "datetime.date",
        "datetime.time",
        "datetime.timedelta",
        "decimal.Decimal",
        "ipaddress.IPv4Address",
        "ipaddress.IPv6Address",
    }
)
_PYDANTIC_TYPES = """
    PositiveInt NonNegativeInt NegativeInt NonPositiveInt StrictInt StrictFloat StrictBool PositiveFloat
    NonNegativeFloat UUID1 UUID3 UUID4 UUID5 UUID7 AwareDatetime NaiveDatetime PastDate FutureDate PastDatetime
    FutureDatetime ByteSize conint confloat condecimal condate
"""
_COERCED_TYPES = frozenset(_PYDANTIC_TYPES.split())


_SCOPE_KEYS = {
    **dict.fromkeys(("app", "endpoint", "extensions", "route", "router", "server"), "configuration"),
    **dict.fromkeys(
        ("client", "http_version", "query_string", "raw_path", "scheme", "subprotocols"), "request"
    ),
}
"""What a server and the frameworks put into the scope; anything else is there only if code of the project put it."""


def is_credential_name(name: str, *, header: bool = False, address: bool = False) -> bool:
    """Whether a header, cookie or parameter is named like a credential; ``address``: it is in path or query."""
    if address:
        return bool(_IN_ADDRESS.search(name)) and not (
            _IDENTIFIES.search(name) or _NOT_CREDENTIAL.search(name)
        )
    known = _CREDENTIAL.search(name) or (header and _KEY_HEADER.search(name))
    return bool(known) and not _NOT_CREDENTIAL.search(name)


def says_who_asks(name: str) -> bool:
    """An entry of a session, or a cookie, of this name tells who calls; another one may be a theme."""
    return bool(is_credential_name(name) or _SIGNED_IN.search(name))


def is_plain_header(name: str) -> bool:
    """A header of HTTP or of a proxy that is no credential: ``If-None-Match``, ``Content-Type``, ``X-Request-Id``."""
    return _PLAIN_HEADER.match(name) is not None


def _is_missing(trace: Trace, name: str) -> bool:
    """A header, or a cookie, that is not named like a credential, in a run that has it for one; others are noted."""
    header = name.lower().replace("_", "-")
    if header in trace.lacks_headers:
        return True
    if not is_plain_header(header) and not _NOT_CREDENTIAL.search(header):
        trace.headers.append(header)
    return False


class Runner:
    """Runs callables with traces. One for each linked unit."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self._checks = False
        self._lacks_fields: Trace | None = None
        self.granted: tuple[Value, Value] | None = None
        """What ``request.auth`` and ``request.user`` are, where a middleware gives them without a credential."""

    def run(
        self,
        callee: Value,
        arguments: Arguments,
        trace: Trace,
        place: Place | None,
        *,
        steps: int = RUN_STEPS,
        depth: int = MAX_RUN_DEPTH,
    ) -> Value:
        """Call ``callee`` under ``trace``; the trace holds the events, also if the budget ends.

        ``steps`` and ``depth`` (of calls) bound the run; calls below the depth give unknown.

        Returns what the call gives, or unknown where it only raises.
        """
        work = partial(self.interpreter.call, callee, arguments, place)
        return self._under(trace, work, place, steps, depth)

    def finish(self, work: Suspended, trace: Trace) -> Value:
        """Run a coroutine or generator that nobody has awaited or consumed, as :meth:`run` does."""
        return self._under(trace, work.finish, None, RUN_STEPS, MAX_RUN_DEPTH)

    def _under(
        self, trace: Trace, work: Callable[[], Value], place: Place | None, steps: int, depth: int
    ) -> Value:
        interpreter = self.interpreter
        saved, interpreter.trace = interpreter.trace, trace
        conditions, interpreter.conditions = interpreter.conditions, ()
        active, interpreter.active = interpreter.active, []
        trace.root_depth, trace.max_depth = 1, depth
        try:
            with interpreter.budget(steps):
                return work()
        except RaisedSignal:
            return Unknown("it only raises", place)
        except OverBudgetError:
            trace.gave_up = trace.ended_early = True
            return Unknown("it takes too many steps to follow", place)
        finally:
            trace.restore()
            interpreter.trace = saved
            interpreter.conditions = conditions
            interpreter.active = active

    # --- what a request brings -------------------------------------------------------------------

    def request(
        self,
        path: str | None,
        methods: list[str],
        kind: str = "starlette.requests.Request",
        trace: Trace | None = None,
        root_path: str = "",
        questions: Questions | None = None,
    ) -> Instance:
        """The request object of a run: its path and method are known, the rest is read through effects.

        ``trace`` learns whether the run looks at path or method; ``root_path`` is where the application is mounted.
        A ``path`` of ``None`` is any path; what is asked of a known one goes to ``questions``.
        """

        if questions is None and trace is not None:
            questions = trace.questions

        def watch(key: object) -> None:
            if trace is not None and key in ("path", "raw_path", "root_path"):
                trace.reads_path = True
            elif trace is not None and key == "method":
                trace.reads_method = True

        request = Instance(External(kind))
        auth, user = self.granted or [Instance(External("backend_gate.request_user")) for _ in range(2)]
        method: Value = (
            Constant(methods[0]) if len(methods) == 1 else Input("coerced", "the request's method")
        )
        scope_type = "websocket" if methods == ["WEBSOCKET"] else "http"
        url = Instance(External("backend_gate.request_url"))
        where: Value = Input("coerced", "the request's path")
        if path is not None:
            where = Constant(path) if questions is None else AskedText(path, questions)
        url.attributes["path"] = where
        raw_headers = Instance(External("backend_gate.request_headers"))
        if trace is not None and trace.absent:
            raw_headers.attributes[EACH] = _headers(None)
        scope = WatchedMapping(
            [
                (Constant("type"), Constant(scope_type)),
                (Constant("path"), where),
                (Constant("root_path"), Constant(root_path)),
                (Constant("method"), method),
                (Constant("headers"), raw_headers),
                (Constant("session"), Instance(External("backend_gate.request_session"))),
                (Constant("path_params"), Instance(External("backend_gate.request_path_params"))),
                (Constant("state"), Instance(External("backend_gate.request_state"))),
                (Constant("user"), user),
                (Constant("auth"), auth),
                *((Constant(key), Input(kind, f"{key} of the request")) for key, kind in _SCOPE_KEYS.items()),
            ],
            watch,
        )
        request.attributes.update(
            url=url,
            method=method,
            scope=scope,
            headers=Instance(External("backend_gate.request_headers")),
            cookies=Instance(External("backend_gate.request_cookies")),
            session=Instance(External("backend_gate.request_session")),
            query_params=Instance(External("backend_gate.request_query")),
            path_params=Instance(External("backend_gate.request_path_params")),
            state=Instance(External("backend_gate.request_state")),
            user=user,
            auth=auth,
        )
        return request

    def parameter(
        self, parameter: SignatureParameter, trace: Trace, path: str | None, methods: list[str]
    ) -> Value:
        """What a parameter that is no dependency holds in a request."""
        interpreter = self.interpreter
        annotation, metadata = split_annotated(parameter.annotation)
        markers = [m for m in [*metadata, parameter.default] if m is not None]
        kinds = [k for k in map(interpreter.vocabulary.marker, markers) if k is not None]
        if bodies.is_provided(interpreter, annotation):
            return self._provided(annotation, path, methods, trace)
        if annotation is None and parameter.name in ("request", "websocket", "ws"):
            return self.request(path, methods, trace=trace)
        name = _alias(markers) or parameter.name
        carries = kinds and kinds[-1] in ("header", "cookie")
        in_header = bool(carries) and kinds[-1] == "header"
        in_address = not kinds or kinds[-1] in ("path", "query")
        looks = is_credential_name(name, header=in_header, address=in_address)
        if trace.absent and carries and not looks:
            looks = _is_missing(trace, name)
        in_body = bool(kinds) and kinds[-1] in ("body", "form")
        if trace.absent and looks and in_body and trace.gives_fields:
            # A name that somebody fills in proves nothing, whatever it is compared with.
            is_secret = is_credential_name(name, address=True)
            label = f"{FIELD}{name}" if is_secret else f"the parameter {name}"
            return Input("request", label, parameter.place, given=True)
        if trace.absent and looks and not _is_body(interpreter, annotation):
            if in_body:
                trace.fields.append(name)
            trace.credentials.append((parameter.place, name))
            return _left_out(markers, f"the credential {name}", parameter.place)
        self._checks = not trace.absent
        self._lacks_fields = trace if trace.lacks_fields else None
        default = parameter.default if trace.absent and _has_plain_default(parameter.default) else None
        if default is not None:
            if trace.optional is Optional.GIVEN:
                return Present(Input("request", f"the parameter {name}", parameter.place), true=True)
            if trace.optional is Optional.LEFT_OUT or not self._is_choice(annotation, default):
                return default
        required = _is_required(parameter.default)
        found = self.input_of(annotation, f"the parameter {name}", parameter.place, required=required)
        if isinstance(found, Instance) and not trace.absent:
            validators.by_model(interpreter, found, parameter.place)
        elif not trace.absent:
            arms = [arm for arm in bodies.arms(annotation) if isinstance(arm, Instance)]  # constr(pattern=…)
            found = validators.by_markers(interpreter, found, [*markers, *arms], parameter.place)
        return found

    def _provided(
        self, annotation: Value | None, path: str | None, methods: list[str], trace: Trace
    ) -> Value:
        for arm in bodies.arms(annotation):
            if isinstance(arm, TypeApplication) and self._is_injected(arm):
                return instance_of(self.interpreter, arm.arguments[0], "what a container gives")
            name = arm.name if isinstance(arm, External) else ""
            if isinstance(arm, Class):
                name = next(iter(self.interpreter.vocabulary.externals(arm)), "")
            known = self.interpreter.vocabulary.hierarchy(name) if name else []
            if "starlette.requests.HTTPConnection" in known:
                return self.request(path, methods, name, trace)
            if name:
                made = Instance(External(name))
                made.attributes["__present__"] = made  # the framework always gives one
                return made
        return Unknown("a parameter that the framework fills")

    def _is_injected(self, annotation: TypeApplication) -> bool:
        injected = self.interpreter.vocabulary.roles.get("injected", set())
        return (
            isinstance(annotation.base, External)
            and annotation.base.name in injected
            and bool(annotation.arguments)
        )

    def _is_choice(self, annotation: Value | None, default: Value) -> bool:
        """What may be given for a parameter is known to everybody: a flag, a mode, a number to count with.

        Where the default is nothing and any text or identifier may be given, it may say who asks.
        """
        if isinstance(default, Constant) and default.value not in (None, ""):
            return True
        arms = bodies.arms(annotation)
        flags = [isinstance(arm, External) and arm.name == "builtins.bool" for arm in arms]
        return bool(arms) and (all(flags) or self.provenance(annotation) == "allow-listed")

    def provenance(self, annotation: Value | None) -> str:
        """``coerced`` or ``allow-listed`` for a type whose values hold no free text, else ``request``."""
        kinds = {self._kind_of_type(arm) for arm in bodies.arms(annotation)}
        if not kinds or "request" in kinds:
            return "request"
        return "allow-listed" if "allow-listed" in kinds else "coerced"

    def _kind_of_type(self, arm: Value) -> str:
        base = arm.base if isinstance(arm, TypeApplication) else arm
        if isinstance(base, Instance) and isinstance(base.cls, External):
            base = base.cls  # conint(gt=0)
        if isinstance(base, External):
            if base.name == "typing.Literal":
                return "allow-listed"
            last = base.name.rpartition(".")[2]
            known = base.name in _COERCED or (base.name.startswith("pydantic") and last in _COERCED_TYPES)
            return "coerced" if known else "request"
        if isinstance(base, Class) and self.interpreter.vocabulary.is_enum(base):
            return "allow-listed"
        return "request"

    def input_of(
        self,
        annotation: Value | None,
        source: str,
        place: Place | None,
        depth: int = 0,
        *,
        required: bool = False,
    ) -> Value:
        """A request value of a type: a model instance with inputs as fields, or an input.

        ``required``: the framework turns requests without it away, or puts something else than ``None`` there.
        """
        arms = bodies.arms(annotation)
        if len(arms) == 1 and depth < 4:
            arm = arms[0]
            base = arm.base if isinstance(arm, TypeApplication) else arm
            if isinstance(base, Class) and self._is_model(arm):
                return self._model(base, source, place, depth)
            if isinstance(base, External) and base.name in ("builtins.list", "typing.List", "builtins.set"):
                inner = arm.arguments[0] if isinstance(arm, TypeApplication) and arm.arguments else None
                item = self.input_of(inner, f"an item of {source}", place, depth + 1)
                return Sequence("list", [item], open=True, sample=True)
        made = ObjectInput if any(self._is_model(arm) for arm in arms) else Input
        return made(
            self.provenance(annotation), source, place, given=required and bodies.is_never_none(annotation)
        )

    def _is_model(self, arm: Value) -> bool:
        base = arm.base if isinstance(arm, TypeApplication) else arm
        return isinstance(base, Class) and self.interpreter.vocabulary.is_model(base)

    def _model(self, cls: Class, source: str, place: Place | None, depth: int) -> Instance:
        made = Instance(cls, place)
        for base in reversed(cls.mro()):
            if not isinstance(base, Class):
                continue
            for name, node in base.scope.fields().items():
                if name in ("model_config", "Config") or name.startswith("__"):
                    continue
                kind = annotation_value(self.interpreter, node, base)
                inner, metadata = split_annotated(kind)
                required = _is_required(base.scope.names.get(name))
                field = self.input_of(inner, f"{source}.{name}", place, depth + 1, required=required)
                if self._checks:
                    markers = [*metadata, *bodies.arms(inner), base.scope.names.get(name, NONE)]
                    field = validators.by_markers(self.interpreter, field, markers, place)
                if self._lacks_fields is not None and name in self._lacks_fields.lacks_fields:
                    self._lacks_fields.credentials.append((place, name))
                    field = Absent(f"the field {name}", place)
                made.attributes[name] = field
        return made


def _is_body(interpreter: Interpreter, annotation: Value | None) -> bool:
    return bodies.is_body_type(interpreter, annotation, None)


def _has_plain_default(default: Value | None) -> bool:
    return isinstance(default, Constant) and default.value is not Ellipsis


def _is_required(default: Value | None) -> bool:
    """Without a default, or with one that is not ``None``: plain or in ``Query(…)``, ``Field(…)``."""
    if isinstance(default, Instance) and isinstance(default.cls, External):
        if "default_factory" in default.keywords:
            return False
        default = default.keywords.get("default") or next(iter(default.arguments), None)
    return default is None or (isinstance(default, Constant) and default.value is not None)


def _left_out(markers: list[Value], label: str, place: Place | None) -> Absent:
    """What a parameter is without the credential that it is for: its default, where that is ``None`` or empty."""
    default = next(
        (
            marker.keywords.get("default") or next(iter(marker.arguments), None)
            if isinstance(marker, Instance)
            else marker
            for marker in reversed(markers)
            if isinstance(marker, Constant)
            or (isinstance(marker, Instance) and (marker.arguments or "default" in marker.keywords))
        ),
        None,
    )
    return _standing_in(default, label, place)


def _standing_in(default: Value | None, label: str, place: Place | None) -> Absent:
    """A missing credential, where the code puts ``default`` in its place."""
    if isinstance(default, Constant) and default.setting is None:
        if default.value is None:
            return Nothing(label, place)
        if default.value == "":
            return Empty(label, place)
    return Absent(label, place)


def _alias(markers: list[Value]) -> str | None:
    for marker in markers:
        if isinstance(marker, Instance):
            alias = marker.keywords.get("alias")
            if isinstance(alias, Constant) and isinstance(alias.value, str):
                return alias.value
    return None


STATE_ATTRIBUTE = "the state attribute "
"""How the source of an input begins that some middleware has put into the state of the request."""

# --- effects of request objects --------------------------------------------------------------------


def _key(arguments: Arguments) -> str | None:
    found = arguments.get(0, "key")
    known = found.value if isinstance(found, Constant) else None
    if isinstance(known, bytes):
        return known.decode("latin-1")  # headers of a plain ASGI scope
    return known if isinstance(known, str) else None


def _read(what: str, *, always: bool) -> None:
    """Register reading an item of headers, cookies, session … as effects: ``read``, ``get`` and ``take``.

    What is missing is nothing in particular to the first; the second gives its default, and the third raises.
    """

    def run(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
        name = _key(arguments)
        trace = interpreter.trace
        label = f"the {what} {name}" if name else f"a {what}"
        if isinstance(name, str) and name.lower() in ("path", "method") and what == "scope entry":
            return Input("coerced", label, place)
        in_address = what in ("query parameter", "path parameter")
        looks = (
            always or name is None or is_credential_name(name, header=what == "header", address=in_address)
        )
        if what == "header" and name is not None and not looks and trace is not None and trace.absent:
            looks = _is_missing(trace, name)
        if trace is not None and trace.absent and looks:
            trace.credentials.append((place, label))
            return Absent(label, place)
        if what == "state attribute" and name not in interpreter.states_with_request_text:
            return Input("unknown", label, place)
        return Input("request", label, place)

    def get(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
        found = run(interpreter, owner, arguments, place)
        if arguments.open:
            return found
        default = arguments.get(1, "default") or NONE
        if isinstance(found, Absent):
            return _standing_in(default, found.reason, place)
        if isinstance(found, Input) and isinstance(default, Constant) and default.value is None:
            return OptionalInput(found.kind, found.source, place)
        return found

    def take(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
        found = run(interpreter, owner, arguments, place)
        trace = interpreter.trace
        if not isinstance(found, Absent) or trace is None or place is None:
            return found
        error = Instance(External("builtins.KeyError"), place, in_run=True)
        name = _key(arguments)
        if name is not None and not says_who_asks(name):
            error.attributes[NOT_CREDENTIAL] = TRUE
        trace.raised(interpreter, error, place)
        raise RaisedSignal

    name = what.replace(" ", "_")
    effect(f"request.read_{name}")(run)
    effect(f"request.get_{name}")(get)
    effect(f"request.take_{name}")(take)


for _what, _always in (
    ("header", False),
    ("cookie", True),
    ("session entry", True),
    ("query parameter", False),
    ("path parameter", False),
    ("state attribute", False),
):
    _read(_what, always=_always)


def _headers(place: Place | None) -> Sequence:
    """What stands for the headers of a request without credentials, any number of them."""
    pair = [HeaderName("request", "the name of a header", place), Input("request", "a header", place)]
    return Sequence("list", [Sequence("tuple", pair)], sample=True)


@effect("request.header_items")
def _header_items(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    trace = interpreter.trace
    return _headers(place) if trace is not None and trace.absent else Unknown("the headers", place)


@effect("request.read_user")
def _read_user(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """An attribute of ``request.user`` or ``request.auth``, which an authentication middleware sets."""
    trace = interpreter.trace
    name = _key(arguments)
    if trace is None or not trace.absent:
        return Input("request", f"the user's {name}", place)
    trace.credentials.append((place, USER_OF_REQUEST))
    return Constant(True) if name == "is_anonymous" else Absent(USER_OF_REQUEST, place)


@effect("request.scope_entry")
def _scope_entry(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``request["path"]`` is ``request.scope["path"]``."""
    scope = owner.attributes.get("scope") if isinstance(owner, Instance) else None
    key = arguments.get(0, "key")
    found = scope.get(key) if isinstance(scope, Mapping) and isinstance(key, Constant) else None
    return found if found is not None else Unknown("an entry of the request's scope", place)


@effect("context.get")
def _context(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """What a variable of the context holds: somebody may have put there who calls, if it is called so."""
    trace = interpreter.trace
    name = owner.arguments[0] if isinstance(owner, Instance) and owner.arguments else None
    known = name.value if isinstance(name, Constant) and isinstance(name.value, str) else ""
    if trace is None or not trace.absent or not isinstance(owner, Instance) or not _CALLER.search(known):
        return interpreter_external_call(interpreter, "contextvars.ContextVar.get", owner, arguments, place)
    trace.credentials.append((place, f"the context variable {known}"))
    default = arguments.get(0, "default") or owner.keywords.get("default")
    return _standing_in(default, f"the context variable {known}", place)


@effect("request.receive")
def _receive(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """A message of a websocket: it may carry the credential."""
    trace = interpreter.trace
    if trace is not None and trace.absent:
        trace.credentials.append((place, SOCKET_MESSAGE))
        return Absent(SOCKET_MESSAGE, place)
    return Input("request", SOCKET_MESSAGE, place)


@effect("websocket.close")
def _close(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``await websocket.close(code=…)``: in a run without credentials this is how a socket denies."""
    trace = interpreter.trace
    if trace is not None and trace.absent and place is not None:
        denial = Instance(External(CLOSED_SOCKET), place, [Constant(1008)])
        if trace.credentials:
            denial.attributes[AFTER_CREDENTIAL] = TRUE
        trace.raised(interpreter, denial, place)
        raise RaisedSignal
    return NONE


@effect("scheme.init")
def _scheme_init(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """A scheme of the project is made: whether it raises by itself, which is what the framework keeps."""
    if isinstance(owner, Instance):
        owner.attributes.setdefault("auto_error", arguments.keywords.get("auto_error", TRUE))
    return NONE


@effect("scheme.call")
def _scheme(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """A security scheme is called: without a credential it raises, unless ``auto_error`` is off."""
    trace = interpreter.trace
    if trace is None or not trace.absent:
        return Input("request", "the credential of a security scheme", place)
    where = place or (owner.place if isinstance(owner, Instance) else None)
    trace.credentials.append((where, "a security scheme"))
    given = (
        owner.attributes.get("auto_error") or owner.keywords.get("auto_error")
        if isinstance(owner, Instance)
        else None
    )
    if isinstance(given, Constant) and given.value is False:
        return Absent("the credential of a security scheme", where)
    if isinstance(given, Unknown):
        return Absent("the credential of a security scheme", where)
    if where is not None:
        denial = Instance(External("fastapi.exceptions.HTTPException"), where, [Constant(401)])
        trace.raised(interpreter, denial, where, implicit=True)
    raise RaisedSignal


@effect("credential.compare")
def _compare(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``hmac.compare_digest``: what a request sends to be compared in constant time is a credential."""
    trace = interpreter.trace
    given = arguments.all()
    missing = next((m for m in map(missing_credential, given) if m is not None), None)
    if trace is not None and trace.absent:
        if missing is not None:
            return missing
        for value in given:
            if isinstance(value, Input) and value.kind == "request":
                trace.credentials.append((place, value.source))
                return Absent(value.source, place)
    return Unknown("a comparison in constant time", place)


@effect("leave.refused")
def _refused(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """``abort(404)``: what stands behind it does not run."""
    trace = interpreter.trace
    if trace is None or place is None:
        return NONE
    refusal = Instance(External("werkzeug.exceptions.HTTPException"), place, arguments.positional[:1])
    trace.raised(interpreter, refusal, place)
    raise RaisedSignal


@effect("credential.verify")
def _verify(interpreter: Interpreter, owner: Value, arguments: Arguments, place: Place | None) -> Value:
    """A library call that raises unless it is given a valid credential."""
    trace = interpreter.trace
    missing = next((v for v in arguments.all() if missing_credential(v) is not None), None)
    if trace is not None and trace.absent and missing is not None and place is not None:
        trace.raised(
            interpreter, Instance(External("backend_gate.invalid_credential"), place), place, implicit=True
        )
        raise RaisedSignal
    return Input("request", "the claims of a token", place)


_ = (Function, instance_of)
