"""What ``except`` clauses do with what they catch, on the way of a request.

Every ``try`` that a normal run of a handler or dependency has come through is read: which classes its
clauses are for, how each of them goes on, whether the text of the exception or a traceback gets into an
answer. What a clause hands to another function is not followed into an answer: it is only said that it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from backend_gate.backend.attributes import class_attribute
from backend_gate.backend.frame import Frame
from backend_gate.backend.library_models import is_library
from backend_gate.backend.model import Clause, Endpoint, Exit, Place, Step
from backend_gate.backend.responders import short_name
from backend_gate.backend.texts_of_errors import Tainted
from backend_gate.backend.trace import Attempt, RaiseEvent, exception_class, status_number, status_of
from backend_gate.backend.unbound_names import unbound_after
from backend_gate.backend.unparse import unparse
from backend_gate.backend.values import (
    Alternatives,
    Class,
    External,
    Function,
    Scope,
    Sequence,
    Unknown,
    Value,
    alternatives,
)
from backend_gate.backend.vocabulary import Vocabulary
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.runs import Run

HTTP_ERROR = "starlette.exceptions.HTTPException"
RESPONSE = "starlette.responses.Response"
_BROAD = frozenset({"builtins.Exception", "builtins.BaseException"})
_FAILED = frozenset({"error", "errors", "failed", "failure"})
_FLAGS = frozenset({"success", "ok", "succeeded"})
_STATES = frozenset({"status", "state", "result"})


def merged_clauses(shares: Iterable[list[Clause]]) -> list[Clause]:
    """The clauses that several readers have found, each once, in the order of places."""
    found: dict[Place, Clause] = {}
    for clause in (clause for clauses in shares for clause in clauses):
        known = found.setdefault(clause.place, clause)
        if known is clause:
            continue
        known.in_handler = known.in_handler and clause.in_handler
        known.endpoints += clause.endpoints
        places = {step.place for _, step in known.http_errors}
        known.http_errors += [
            (status, step) for status, step in clause.http_errors if step.place not in places
        ]
    return [found[place] for place in sorted(found)]


class ClauseReader:
    """Collects the clauses of one linked unit, each once, with the endpoints that come through it."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self.vocabulary: Vocabulary = interpreter.vocabulary
        self._found: dict[int, tuple[ir.Try, list[Clause]]] = {}

    def add(self, run: Run, endpoint: Endpoint, handler: Function | None) -> None:
        """The clauses of one run of ``endpoint``, whose handler is ``handler``."""
        for attempt in [*run.trace.attempts.values(), *run.later.attempts.values()]:
            function = attempt.frame.function
            if function is None or is_library(function.place):
                continue
            known = self._found.get(id(attempt.node))
            if known is None:
                known = self._found[id(attempt.node)] = (attempt.node, list(self._read(attempt)))
            own = handler is not None and function.node is handler.node
            for number, clause in enumerate(known[1]):
                clause.in_handler = own and (clause.in_handler or not clause.endpoints)
                if not clause.endpoints or clause.endpoints[-1] is not endpoint:
                    clause.endpoints.append(endpoint)
                self._add_errors(clause, attempt, number)

    def of(self, attempt: Attempt) -> list[Clause]:
        """The clauses of a ``try`` that was looked at, in their order."""
        known = self._found.get(id(attempt.node))
        return known[1] if known is not None else []

    def of_handler(self, function: Function) -> Clause | None:
        """What a function that is registered for every exception does with it, as a clause would."""
        node = function.node
        plain = [p for p in node.parameters if p.kind in ("normal", "positional")]
        if not isinstance(node, ir.FunctionDef) or len(plain) < len(("request", "error")):
            return None
        body = self.interpreter.modules.body(function.module.path, node)
        handler = ir.Handler(None, plain[-1].name, body, node.name_span)
        frame = Frame(function.module, Scope("function", function.module, function.scope.parent))
        clause = Clause(
            endpoints=[],
            place=Place(function.module.path, node.name_span),
            function=function.full_name,
            catches=[],
            broad=True,
            in_handler=True,
            is_async=node.is_async,
        )
        attempt = ir.Try(span=node.span, body=[], handlers=[handler], orelse=[], finalbody=[], is_star=False)
        self._read_body(clause, handler, Attempt(attempt, frame, [], []))
        return clause

    def clauses(self) -> list[Clause]:
        """All of them, in the order of places."""
        return sorted((c for _, clauses in self._found.values() for c in clauses), key=lambda c: c.place)

    def _add_errors(self, clause: Clause, attempt: Attempt, number: int) -> None:
        known = {step.place for _, step in clause.http_errors}
        for event in attempt.caught[number]:
            status = self._http_status(event)
            if status is not None and event.place not in known:
                known.add(event.place)
                step = Step(
                    event.place, f"`{short_name(event.exception)}` with status {status} is raised here"
                )
                clause.http_errors.append((status, step))

    def _http_status(self, event: RaiseEvent) -> int | None:
        if event.implicit or event.uncertain or not self._is(exception_class(event.exception), HTTP_ERROR):
            return None
        return status_of(event.exception)

    # --- one try statement -------------------------------------------------------------------------

    def _read(self, attempt: Attempt) -> Iterator[Clause]:
        function = attempt.frame.function
        if function is None:
            return
        nodes = list(expressions_in(attempt.node.body, into_functions=False))
        tried = [n for n in (_last_name(c.function) for c in nodes if isinstance(c, ir.Call)) if n]
        body = (
            self.interpreter.modules.body(function.module.path, function.node)
            if not isinstance(function.node, ir.Lambda)
            else []
        )
        cancels = any(
            isinstance(n, ir.Attribute) and n.name == "cancel"
            for n in expressions_in(body, into_functions=False)
        )
        in_loop = any(
            isinstance(n, (ir.For, ir.While))
            and any(s is attempt.node for s in expressions_in(n.body, into_functions=False))
            for n in expressions_in(body, into_functions=False)
        )
        unbound = (
            unbound_after(function.node, body, attempt.node)
            if isinstance(function.node, ir.FunctionDef) and not in_loop and not attempt.node.finalbody
            else ""
        )
        after_http = False
        for handler, value in zip(attempt.node.handlers, attempt.clauses, strict=True):
            kinds = _kinds(value)
            names = [
                kind.full_name
                if isinstance(kind, Class)
                else kind.name
                if isinstance(kind, External)
                else None
                for kind in kinds
            ]
            broad = value is None or any(name in _BROAD for name in names)
            clause = Clause(
                endpoints=[],
                place=attempt.frame.place_of(handler.span),
                function=function.full_name,
                catches=names,
                broad=broad,
                after_http=after_http,
                is_async=bool(getattr(function.node, "is_async", False)),
                tried=tried,
                awaits=any(isinstance(n, ir.Await) for n in nodes),
                parses=any(self.vocabulary.parses(name) for name in tried) or any(map(_makes_a_model, nodes)),
                only_tries=all(isinstance(one, ir.ExpressionStatement) for one in attempt.node.body),
                unbound=unbound,
                cancels=cancels,
                in_loop=in_loop,
            )
            self._read_body(clause, handler, attempt)
            yield clause
            after_http = after_http or any(
                self._is(kind, HTTP_ERROR) or isinstance(kind, Unknown) for kind in kinds
            )

    def _read_body(self, clause: Clause, handler: ir.Handler, attempt: Attempt) -> None:
        tainted = Tainted(handler)
        clause.idle = all(_is_idle(statement) for statement in handler.body)
        clause.uses = tainted.is_used
        clause.leaves_loop = any(
            isinstance(n, ir.Break) for n in expressions_in(handler.body, into_functions=False)
        )
        clause.always_raises = _always_raises(handler.body)
        clause.exits = list(self._exits(handler.body, [], handler, tainted, attempt))

    def _exits(
        self,
        block: list[ir.Statement],
        conditions: list[str],
        handler: ir.Handler,
        tainted: Tainted,
        attempt: Attempt,
    ) -> Iterator[Exit]:

        for statement in block:
            match statement:
                case ir.Raise():
                    yield self._raised(statement, conditions, handler, tainted, attempt)
                case ir.Return():
                    yield self._returned(statement, conditions, handler, tainted, attempt)
                case ir.If(test=test, body=body, orelse=orelse):
                    text = unparse(test)
                    yield from self._exits(body, [*conditions, text], handler, tainted, attempt)
                    yield from self._exits(orelse, [*conditions, f"not ({text})"], handler, tainted, attempt)
                case ir.With(body=body):
                    yield from self._exits(body, conditions, handler, tainted, attempt)
                case ir.For(body=body) | ir.While(body=body):
                    yield from self._exits(body, [*conditions, "a loop"], handler, tainted, attempt)
                case ir.Try(body=body, finalbody=final):
                    yield from self._exits([*body, *final], conditions, handler, tainted, attempt)
                case ir.Match(cases=cases):
                    for case in cases:
                        yield from self._exits(case.body, [*conditions, "a case"], handler, tainted, attempt)

    def _raised(
        self,
        statement: ir.Raise,
        conditions: list[str],
        handler: ir.Handler,
        tainted: Tainted,
        attempt: Attempt,
    ) -> Exit:
        place = attempt.frame.place(statement)
        value = statement.value
        if value is None or (isinstance(value, ir.Name) and value.id == handler.name):
            return Exit("again", place, conditions=conditions)
        found = Exit("raise", place, conditions=conditions, chained=statement.cause is not None)
        if not isinstance(value, ir.Call):
            return found
        cls = self._named(value.function, attempt)
        if not self._is(cls, HTTP_ERROR):
            return found
        found.http = True
        if isinstance(cls, Class) and class_attribute(cls, "__init__") is not None:
            return found  # what it makes of its arguments is its own matter
        found.status = self._number(_argument(value, 0, "status_code"), attempt)
        found.carries = tainted.carried(_argument(value, 1, "detail"))
        return found

    def _returned(
        self,
        statement: ir.Return,
        conditions: list[str],
        handler: ir.Handler,
        tainted: Tainted,
        attempt: Attempt,
    ) -> Exit:
        found = Exit("return", attempt.frame.place(statement), conditions=conditions)
        value = statement.value
        content = value
        if isinstance(value, ir.Call):
            if not self._is(self._named(value.function, attempt), RESPONSE):
                return found  # what a function of the project makes of it is not known
            found.http = True
            status = _argument(value, 1, "status_code")
            found.status = self._number(status, attempt) if status is not None else 200
            content = _argument(value, 0, "content")
        elif isinstance(value, (ir.TupleDisplay, ir.Await)):
            return found
        elif not _sets_status(handler.body):
            found.status = 200
        found.carries = tainted.carried(content)
        found.reports = content is not None and _reports_failure(content)
        return found

    # --- names and numbers ---------------------------------------------------------------------------

    def _named(self, node: ir.Expression, attempt: Attempt) -> Value | None:
        """The class that a plain or dotted name stands for."""
        if not isinstance(node, (ir.Name, ir.Attribute)):
            return None
        return self.interpreter.evaluate(node, attempt.frame)

    def _number(self, node: ir.Expression | None, attempt: Attempt) -> int | None:
        if node is None:
            return None
        value = self.interpreter.evaluate(node, attempt.frame) if not _calls(node) else Unknown("a call")
        return status_number(value) if not isinstance(value, Alternatives) else None

    def _is(self, cls: Value | None, base: str) -> bool:
        if isinstance(cls, Class):
            names = [
                n for external in self.vocabulary.externals(cls) for n in self.vocabulary.hierarchy(external)
            ]
            return base in names
        return isinstance(cls, External) and base in self.vocabulary.hierarchy(cls.name)


def _kinds(value: Value | None) -> list[Value]:
    if value is None:
        return []
    return [k for one in alternatives(value) for k in (one.items if isinstance(one, Sequence) else [one])]


def _calls(node: ir.Expression) -> bool:
    return any(isinstance(n, (ir.Call, ir.Await)) for n in expressions_in([node]))


def _makes_a_model(node: ir.Node) -> bool:
    """``Order(**data)``: it fails where the data does not fit."""
    return (
        isinstance(node, ir.Call)
        and _last_name(node.function)[:1].isupper()
        and any(argument.star == "**" for argument in node.arguments)
    )


def _last_name(node: ir.Expression) -> str:
    return node.name if isinstance(node, ir.Attribute) else node.id if isinstance(node, ir.Name) else ""


def _argument(call: ir.Call, position: int, name: str) -> ir.Expression | None:
    named = next((a.value for a in call.arguments if a.name == name), None)
    if named is not None:
        return named
    plain = [a for a in call.arguments if a.name is None]
    if any(a.star for a in plain[: position + 1]) or len(plain) <= position:
        return None
    return plain[position].value


def _sets_status(block: list[ir.Statement]) -> bool:
    """``response.status_code = 500``"""
    targets = (
        t for n in expressions_in(block, into_functions=False) if isinstance(n, ir.Assign) for t in n.targets
    )
    return any(isinstance(target, ir.Attribute) and target.name == "status_code" for target in targets)


def _is_idle(statement: ir.Statement) -> bool:
    if isinstance(statement, (ir.Pass, ir.Continue)):
        return True
    return isinstance(statement, ir.ExpressionStatement) and isinstance(
        statement.value, (ir.EllipsisLiteral, ir.Constant)
    )


def _always_raises(block: list[ir.Statement]) -> bool:
    """The end of a block cannot be reached, and it does not return either."""
    for statement in block:
        match statement:
            case ir.Raise():
                return True
            case ir.Return() | ir.Continue() | ir.Break():
                return False
            case ir.If(body=body, orelse=orelse):
                if _always_raises(body) and _always_raises(orelse):
                    return True
            case ir.With(body=body) | ir.Try(body=body):
                if _always_raises(body):
                    return True
    return False


def _reports_failure(content: ir.Expression) -> bool:
    """``{"success": False}``, ``{"error": …}``, ``{"status": "error"}``."""
    if not isinstance(content, ir.DictDisplay):
        return False
    for entry in content.entries:
        key, value = entry.key, entry.value
        if not isinstance(key, ir.Constant) or not isinstance(key.value, str):
            continue
        name = key.value.lower()
        known: Any = value.value if isinstance(value, ir.Constant) else Ellipsis
        if name in _FLAGS and known is False:
            return True
        if name in ("error", "errors") and known not in (None, False, "", 0):
            return True
        if name in _STATES and isinstance(known, str) and known.lower() in _FAILED:
            return True
    return False
