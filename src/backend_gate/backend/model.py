"""The backend as a whole: applications, endpoints, their dependencies, guards and bodies.

What the linker produces and rules read. Nothing here knows a framework, a file format or a terminal.
Everything is plain data; lists are in a deterministic order.
"""

from __future__ import annotations

import enum

import msgspec

from backend_gate.facts.model import Span


class Place(msgspec.Struct, frozen=True, order=True):
    """A region in a file. ``file`` is relative to the project, with ``/``."""

    file: str
    span: Span


class Step(msgspec.Struct, frozen=True):
    """One step of an evidence chain: what happens at a place, in words."""

    place: Place
    message: str


class Unresolved(msgspec.Struct, frozen=True):
    """A question the linker could not answer: where and why."""

    place: Place
    reason: str


class Condition(msgspec.Struct, frozen=True):
    """Code that runs only if ``text`` holds (source text of the test, ``not (…)`` for the other branch).

    ``by_default`` says whether it holds with the defaults found in the code; ``None``: not known.
    ``setting`` names the setting that the test reads, if it reads one.
    """

    text: str
    place: Place
    by_default: bool | None = None
    setting: str | None = None


class Opening(msgspec.Struct, frozen=True):
    """A way through a guard that is open as long as ``condition`` holds, which only ``setting`` decides."""

    setting: str
    condition: Condition


class Verdict(enum.Enum):
    """Who may call an endpoint."""

    PROTECTED = "protected"
    CONDITIONAL = "protected-conditionally"
    DECLARED_PUBLIC = "declared-public"
    PUBLIC_BY_NATURE = "public-by-nature"
    UNPROTECTED = "unprotected"
    UNRESOLVED = "unresolved"


class Auth(msgspec.Struct):
    """The verdict on one endpoint. ``guards`` are the qualified names that decided it; ``steps`` the evidence.

    ``webhook``: path and shape are those of an inbound webhook. Together with ``unprotected`` it says
    that nothing verifies the sender's signature. ``asks``: something on the way looks for a credential, whatever
    it does without one. ``doubtful``: no guard stands there; unresolved is whether one has to.
    """

    verdict: Verdict
    reason: str
    guards: list[str] = []
    steps: list[Step] = []
    webhook: bool = False
    asks: bool = False
    doubtful: bool = False

    @property
    def required(self) -> bool | None:
        """True: protected. None: unresolved or conditional. False: anybody may call it."""
        if self.verdict is Verdict.PROTECTED:
            return True
        if self.verdict in (Verdict.UNRESOLVED, Verdict.CONDITIONAL):
            return None
        return False


class Body(msgspec.Struct):
    """A body position of an endpoint: a parameter filled from the body, or an expression that reads it.

    ``annotation`` is the type as text with qualified names. ``shape`` names the row of the body table:
    ``typed``, ``open-mapping``, ``open-list``, ``open-union``, ``open-alias``, ``open-root-model``,
    ``open-model`` (extra keys and no field of its own), ``extra-allowed`` (fields and extra keys),
    ``unannotated``, ``json-value``, ``raw-json``, ``raw-bytes``, ``unresolved``.
    ``source`` is ``"parameter"``, ``"form"``, ``"file"`` or ``"request"`` (read from the request object).
    """

    name: str
    annotation: str
    shape: str
    source: str
    place: Place
    validated: bool = False
    forwarded: bool = False
    reason: str = ""
    steps: list[Step] = []

    @property
    def untyped(self) -> bool:
        """The framework fills this parameter and its type is open."""
        return self.source == "parameter" and (self.shape.startswith("open-") or self.shape == "unannotated")


class ErrorBranch(msgspec.Struct, frozen=True, order=True):
    """A statement that runs only if something goes wrong: a ``raise``, or the first one of an ``except``.

    ``place`` is the statement. ``text`` says what it does in a few words: ``raises HTTPException``. ``status`` is the
    HTTP status that a ``raise`` names, where it can be read there.
    """

    place: Place
    text: str
    status: int | None = None


class FunctionCode(msgspec.Struct, frozen=True):
    """A function that takes part in answering: the handler itself or one of its dependencies.

    ``place`` is the whole function, decorators included. ``lines`` are the first lines of the statements in its body,
    the docstring and functions inside it left out. ``starts`` are the lines that may count as the first one of
    the function: its first decorator and its ``def``.
    """

    name: str
    place: Place
    lines: tuple[int, ...]
    starts: tuple[int, ...]
    errors: tuple[ErrorBranch, ...] = ()

    @property
    def is_on_one_line(self) -> bool:
        """The body shares its line with the ``def``, so that a line that ran says nothing."""
        return bool(self.lines) and self.lines[0] <= max(self.starts)


class TestRequest(msgspec.Struct, frozen=True, order=True):
    """A request that a test sends. ``suites`` are those that the test belongs to."""

    __test__ = False

    place: Place
    suites: tuple[str, ...] = ()


class Requested(msgspec.Struct, frozen=True):
    """What the code of the tests says about an endpoint, where no coverage data does.

    ``answer``: ``yes`` (a test sends a request to it), ``no``, ``unknown`` (some request may be for it; ``reason``
    says which). ``by`` are the first such requests; ``suites`` all the suites that send one.
    """

    answer: str
    by: tuple[TestRequest, ...] = ()
    suites: tuple[str, ...] = ()
    reason: str = ""


class Endpoint(msgspec.Struct):
    """One registration of a handler under a path.

    ``methods`` are upper-case HTTP methods, or ``["WEBSOCKET"]``. ``handler`` is ``module.qualname``.
    ``place`` is the ``def`` of the handler; ``registration`` the decorator or call that made the route.
    ``dependencies`` are the qualified names of all callables of the dependency tree that is resolved with
    the defaults of all settings, or ``None`` if it could not be resolved. ``guards_unresolved`` are the links
    that could not be followed.
    ``operation`` is the linker's handle of it (see :mod:`backend_gate.backend.link`). ``code`` is the project's own
    code that takes part: the handler, if it is one, then its dependencies, by name. ``tests`` says by name of
    each measured suite whether it runs the handler: ``yes``, ``no`` or ``unknown``. ``made`` is where its root
    application is made, ``None`` where a library makes it. ``name`` is what its URL is made by (``url_path_for``).
    ``mounted`` says of each application that a request passes, by where it is made, below which prefix it answers.
    ``requested`` is ``None`` where coverage data decides, or where no test is seen to send requests.
    """

    methods: list[str]
    path: str
    handler: str
    place: Place
    registration: Place
    app: str
    framework: str
    dependencies: list[str] | None
    conditions: list[Condition]
    auth: Auth
    bodies: list[Body]
    response_model: str | None
    status_code: int | None
    is_async: bool
    in_schema: bool
    operation: object = None
    code: list[FunctionCode] = []
    tests: dict[str, str] = {}
    made: Place | None = None
    name: str = ""
    mounted: dict[Place, str] = {}
    requested: Requested | None = None

    @property
    def off_by_default(self) -> bool:
        """A start without any configuration does not register this route: one of its conditions fails.

        A condition of which nobody knows whether it holds does not make it so.
        """
        return any(condition.by_default is False for condition in self.conditions)


class Sql(msgspec.Struct):
    """A statement with at least one hole that reaches a database call.

    ``holes`` are judged one by one: expression text, class (``literal`` … ``request-tainted``),
    position (``value``, ``identifier``, ``keyword``, ``fragment``, ``unbindable``, ``unknown``).
    """

    place: Place
    sink: str
    function: str
    template: str
    holes: list[SqlHole]
    steps: list[Step]
    reachable_from_request: bool


class SqlHole(msgspec.Struct):
    """One hole of a statement. ``escaped``: the code doubles or removes the quotes of the value by hand.

    ``quoted``: the value is passed beside the statement, for a placeholder between quotes.
    """

    expression: str
    place: Place
    origin: str
    position: str
    reason: str
    steps: list[Step] = []
    escaped: bool = False
    quoted: bool = False


class Choice(msgspec.Struct):
    """What a client may choose in a query: ``kind`` is ``field`` (by its name) or ``operator`` (of a filter).

    ``expression`` is what carries the choice, ``place`` where it stands, ``sink`` the name that is called.
    """

    kind: str
    expression: str
    place: Place
    sink: str
    function: str
    steps: list[Step] = []


class Escape(msgspec.Struct):
    """An exception that leaves an endpoint and nobody turns into a response.

    ``kind``: ``domain`` (an exception class of the project), ``missing-row``, ``outbound``, ``library``.
    ``place`` is where it is raised; ``steps`` lead there, from the handler or dependency inwards.
    ``considered`` is who might have answered and why not. ``generic``: a handler for everything answers,
    with status 500.
    """

    endpoint: Endpoint
    exception: str
    kind: str
    place: Place
    steps: list[Step]
    considered: list[Step]
    generic: bool = False


class Reach(enum.Enum):
    """Whether an exception gets to the handler that is registered for it."""

    REACHED = "reached"
    NEVER = "never"
    """Nothing in the project raises it."""
    ELSEWHERE = "elsewhere"
    """Only endpoints of other applications do."""
    UNKNOWN = "unknown"


class ErrorHandler(msgspec.Struct):
    """A handler that an application has for an exception class of the project.

    ``place`` is where it is registered, ``defined`` where the class stands. ``endpoints`` are those of other
    applications that the exception leaves, if ``reach`` is ``elsewhere``.
    """

    exception: str
    place: Place
    defined: Place
    app: str
    reach: Reach
    endpoints: list[Endpoint] = []


class MissingRow(msgspec.Struct):
    """A row that an endpoint looks up by what the request brings, and of which nobody asks whether it is there.

    ``kind``: ``taken`` (a part of it is read, or it goes where a row has to be), ``returned`` (it is the answer).
    ``text`` is what the code calls it; ``place`` where it is needed, ``steps`` lead to the lookup.
    """

    endpoint: Endpoint
    kind: str
    text: str
    place: Place
    steps: list[Step]


class Exit(msgspec.Struct):
    """One way out of an ``except`` clause.

    ``kind``: ``again`` (what was caught goes on), ``raise``, ``return``. ``place`` is the statement.
    ``http``: an HTTP exception or response; ``status`` what it carries, 200 for a plain value, ``None`` if not
    known. ``carries``: ``exception`` (the text of what was caught is in it), ``traceback`` or nothing.
    ``reports``: it is a value that says so where something has failed (``{"success": False}``).
    ``conditions`` are the tests inside of the clause. ``chained``: ``raise … from …``.
    """

    kind: str
    place: Place
    http: bool = False
    status: int | None = None
    carries: str = ""
    reports: bool = False
    conditions: list[str] = []
    chained: bool = False


class Clause(msgspec.Struct):
    """An ``except`` clause on the way of a request, and what it does with what it catches.

    ``place`` is the line with ``except``; ``function`` the qualified name of the function around it, ``is_async``
    if that is a coroutine. ``catches`` are the qualified names of classes, ``None`` where one is not known, and
    empty for a bare ``except``. ``broad``: it catches everything, and no clause before it catches HTTP errors
    (``after_http``) or does. ``in_handler``: the function is the handler of the endpoints. ``idle``: it
    neither does, binds nor answers anything. ``always_raises``: its end cannot be reached. ``uses``: what
    was caught is logged or handed to some function. ``tried`` are the names of the functions that its body
    calls, ``awaits`` if one of them is awaited. ``parses``: one of them fails where its input is malformed.
    ``only_tries``: what they give is dropped, so that whether they fail is all that matters. ``unbound`` is a name
    that nothing else in the function gives a value, and that is read after the ``try``.
    ``cancels``: the function around it cancels tasks; ``in_loop``: there is a loop around the ``try`` there,
    ``leaves_loop`` if the clause has a ``break``.
    ``http_errors`` are the HTTP errors that it certainly
    catches, with their status.
    """

    endpoints: list[Endpoint]
    place: Place
    function: str
    catches: list[str | None]
    broad: bool
    after_http: bool = False
    in_handler: bool = False
    is_async: bool = False
    exits: list[Exit] = []
    idle: bool = False
    always_raises: bool = False
    uses: bool = False
    tried: list[str] = []
    awaits: bool = False
    parses: bool = False
    only_tries: bool = False
    unbound: str = ""
    cancels: bool = False
    in_loop: bool = False
    leaves_loop: bool = False
    http_errors: list[tuple[int, Step]] = []


class GuardUse(msgspec.Struct):
    """An endpoint that asks for a guard, itself or through another dependency.

    ``place`` is where it is asked for, ``consumer`` the qualified name of the function that is given its value, empty
    where nobody is. ``direct``: the route or its handler asks for it. ``alone``: no other dependency denies.
    ``treatment`` is what becomes of the value: ``dropped`` (nobody is given it), ``unused``, ``read`` (parts of it
    are, and nothing else), ``handed`` (to code that is not read, or kept), ``called`` (methods of it are),
    ``tested`` (it decides something); of a misplaced guard where it stands: ``metadata`` and ``default`` of a
    parameter, ``list``, ``decorator``.
    ``unproved``: nothing from here to the handler's last call checks the value or gives it to a function; of schemes
    of the framework, and of what turns nobody away behind them.
    """

    endpoint: Endpoint
    place: Place
    consumer: str
    direct: bool
    alone: bool
    treatment: str
    unproved: bool = False


class OwnDenials(msgspec.Struct, frozen=True):
    """What a guard does to a request that everything which it depends on has let through.

    ``idle``: it refuses nobody, and has no effect but log lines. ``tests``: it looks at who calls all the same.
    ``by_scopes``: it is told what the route asks for. ``answers``: what it gives may say yes or no; ``hands_on``: it
    gives what it was given; ``provides``: it gives something that it has made; ``gives_nothing``: it gives nothing,
    ever. ``openings``: it refuses some, and these settings let everybody past that.
    """

    idle: bool = False
    tests: bool = False
    by_scopes: bool = False
    answers: bool = False
    hands_on: bool = False
    provides: bool = False
    gives_nothing: bool = False
    openings: tuple[Opening, ...] = ()


class Guard(msgspec.Struct):
    """A dependency or middleware that reads a credential, and the endpoints that ask for it.

    ``place`` is its definition, or where it is made. ``kind``: ``function``, ``scheme`` (a security scheme of the
    framework), ``opening`` (any of them, at a place where settings open it), ``misplaced`` (it stands where nobody
    calls it). ``effect`` is what it does with a request that carries no credential: ``denies``, ``conditional``,
    ``passes``, ``unknown``. ``refuses``: there are requests that it, or what it depends on, raises for.
    ``decides``: it tests or calls something. ``optional``: where it lets a request without a credential through,
    it gives nothing. ``delegated`` are the calls of libraries that are given the credential. ``openings`` are
    the ways through it that settings open; ``swallowed`` the ``except`` clauses in it that turn a failed check
    into a pass, each with the statement that does and what is given there (``nothing``, ``true``, ``something``).
    ``only_asks``: like a scheme of the framework it asks for a credential, and does not look whether it is valid.
    ``behind`` is what it depends on that denies by itself, ``own`` what it adds to that. Of an ``opening`` with
    ``behind``, that is still asked where the settings open it.
    """

    name: str
    place: Place
    kind: str
    effect: str
    refuses: bool = False
    optional: bool = False
    decides: bool = False
    delegated: list[str] = []
    openings: list[Opening] = []
    swallowed: list[Swallow] = []
    only_asks: bool = False
    behind: list[str] = []
    own: OwnDenials = OwnDenials()
    uses: list[GuardUse] = []


class Swallow(msgspec.Struct, frozen=True):
    """An ``except`` clause of a guard that lets the request go on: ``clause`` is its line, ``place`` the way out.

    ``broad``: it is for every exception, and not for what the check itself raises.
    """

    clause: Place
    place: Place
    gives: str
    broad: bool = True


class UnreadableFile(msgspec.Struct):
    """A file no parser reads. ``on_disk``: nobody could even open it (it may be a folder), and
    ``message`` goes on from its name."""

    place: Place
    message: str
    zone: str
    on_disk: bool = False


class Backend(msgspec.Struct):
    """Everything the linker found in one project.

    ``catch_alls`` are the handlers that are registered for every exception, or for 500, read as clauses are.
    ``unmatched`` are the names in the user's configuration and vocabulary files that nothing here answers to.
    ``known`` is what ``explain`` asks for (see :mod:`backend_gate.backend.known`).
    ``loose_texts`` are statements that are put together and that nothing seen runs; they are looked for only
    if the linker is told to.
    """

    endpoints: list[Endpoint] = []
    applications: list[str] = []
    statements: list[Sql] = []
    loose_texts: list[Sql] = []
    choices: list[Choice] = []
    escapes: list[Escape] = []
    missing_rows: list[MissingRow] = []
    error_handlers: list[ErrorHandler] = []
    clauses: list[Clause] = []
    catch_alls: list[Clause] = []
    guards: list[Guard] = []
    unreadable: list[UnreadableFile] = []
    unresolved: list[Unresolved] = []
    unmatched: list[str] = []
    known: object = None
