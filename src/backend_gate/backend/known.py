"""What the linker knows, by place: for ``explain FILE:LINE``, and gathered only for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from backend_gate.backend.dependencies import Dependency, handler_function
from backend_gate.backend.flatten import INCLUDED, path_text
from backend_gate.backend.model import Backend, Endpoint, Place, Step, Verdict
from backend_gate.backend.outcomes import Effect
from backend_gate.backend.values import Constant, External, Function, Instance, Sequence, Value
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.link import Linker, Operation

FEW = 8


class Fact(msgspec.Struct, frozen=True):
    """One thing that is known. ``places`` are those it is shown for; ``around`` the function or class that it is.

    ``kind`` is a noun (endpoint, dependency, router, …), ``title`` its name, ``lines`` say more as a label and a
    text each, ``steps`` how the linker came to it.
    """

    kind: str
    title: str
    places: tuple[Place, ...]
    lines: tuple[tuple[str, str], ...] = ()
    steps: tuple[Step, ...] = ()
    around: Place | None = None


def facts_of(linker: Linker) -> list[Fact]:
    """Everything that is known of the backend that ``linker`` has linked and judged."""
    return [
        *_applications(linker),
        *_endpoints(linker),
        *_dependencies(linker),
        *_statements(linker.backend),
        *_escapes(linker.backend),
        *_conditions(linker.backend),
        *(
            Fact("unresolved", "something cannot be followed here", (item.place,), (("reason", item.reason),))
            for item in linker.backend.unresolved
        ),
        *_uses(linker),
    ]


def _endpoints(linker: Linker) -> Iterator[Fact]:
    for endpoint, operation in zip(linker.backend.endpoints, linker.operations, strict=True):
        lines = [("handler", endpoint.handler), ("application", endpoint.app)]
        access = endpoint.auth.verdict.value.replace("-", " ")
        lines.append(("access", f"{access}: {endpoint.auth.reason}" if endpoint.auth.reason else access))
        if endpoint.dependencies is None:
            lines.append(("dependencies", "could not be resolved"))
        elif endpoint.dependencies:
            lines.append(("dependencies", ", ".join(endpoint.dependencies)))
        for body in endpoint.bodies:
            kind = "untyped" if body.untyped else body.shape
            reason = f" ({body.reason})" if body.reason else ""
            lines.append(("body", f"{body.name}: {body.annotation}, {kind}{reason}"))
        lines += [("only if", _condition(c.text, c.by_default)) for c in endpoint.conditions]
        yield Fact(
            "endpoint",
            _route(endpoint),
            (endpoint.registration, endpoint.place, *(b.place for b in endpoint.bodies)),
            tuple(lines),
            tuple(dict.fromkeys((*_included(operation), *endpoint.auth.steps))),
            _around(operation.function),
        )


def _included(operation: Operation) -> Iterator[Step]:
    registration = operation.registration
    router = registration.routers[-1] if registration.routers else None
    if router is not None and router.place is not None:
        yield Step(router.place, "the route is added to this router")
    for place in reversed(registration.included_at):
        yield Step(place, "the router is included here")
    for app in reversed(registration.applications):
        if app.place is not None:
            yield Step(app.place, "the application is made here")


def _dependencies(linker: Linker) -> Iterator[Fact]:
    users: dict[int, list[Endpoint]] = {}
    nodes: dict[int, Dependency] = {}
    places: dict[int, dict[Place, None]] = {}
    for endpoint, operation in zip(linker.backend.endpoints, linker.operations, strict=True):
        for node in operation.nodes():
            key = id(node.value)
            nodes.setdefault(key, node)
            if node.place is not None:
                places.setdefault(key, {})[node.place] = None
            if endpoint not in users.setdefault(key, []):
                users[key].append(endpoint)
    guards = linker.access.guards if linker.access is not None else None
    for key, node in nodes.items():
        lines = []
        steps: list[Step] = []
        if guards is not None:
            outcome = guards.dependency(node, None)
            verdict = f"a request without a credential: {outcome.effect.value}"
            lines.append(("guard", f"{verdict} ({outcome.reason})" if outcome.reason else verdict))
            if outcome.effect in (Effect.DENIES, Effect.CONDITIONAL) and not outcome.reads:
                lines.append(("", "it reads no credential, and does not count as a guard"))
            steps = outcome.steps
        if node.children:
            lines.append(("depends on", ", ".join(child.name for child in node.children)))
        if node.unresolved:
            lines.append(("unresolved", node.unresolved))
        routes = [_route(endpoint) for endpoint in users[key]]
        more = f" and {len(routes) - FEW} more" if len(routes) > FEW else ""
        lines.append(("of", ", ".join(routes[:FEW]) + more))
        function = handler_function(node.value)
        defined = (function.place,) if function is not None else ()
        yield Fact(
            "dependency",
            node.name,
            (*places.get(key, ()), *defined),
            tuple(lines),
            tuple(dict.fromkeys(steps)),
            _around(function),
        )


def _applications(linker: Linker) -> Iterator[Fact]:
    interpreter = linker.interpreter
    for made in interpreter.created:
        if made.place is None:
            continue
        router = made.attributes.get("router")
        kind, holder = ("application", router) if isinstance(router, Instance) else ("router", made)
        routes = holder.attributes.get("routes")
        items = routes.items if isinstance(routes, Sequence) else []
        included = [r for r in items if isinstance(r, Instance) and _is_include(r)]
        lines = []
        prefix = made.attributes.get("prefix")
        if isinstance(prefix, Constant) and prefix.value:
            lines.append(("prefix", str(prefix.value)))
        lines.append(("routes", f"{len(items) - len(included)} of its own, {len(included)} included routers"))
        own = holder.attributes.get("dependencies")
        if isinstance(own, Sequence) and own.items:
            lines.append(("dependencies", f"{len(own.items)} of its own, for all of its routes"))
        access = Counter(e.auth.verdict for e in linker.backend.endpoints if e.made == made.place)
        if access:
            counted = [
                f"{access[verdict]} {verdict.value.replace('-', ' ')}"
                for verdict in Verdict
                if access[verdict]
            ]
            lines.append(("access", ", ".join(counted)))
        name = interpreter.names.get(id(made), f"made in {made.place.file}")
        yield Fact(kind, name, (made.place,), tuple(lines))
        for entry in included:
            if entry.place is None:
                continue
            target = entry.attributes["router"]
            what = interpreter.names.get(id(target), "a router")
            added = path_text(entry.attributes["prefix"])
            where = (("prefix", added),) if added else ()
            yield Fact("include", f"{what} into {name}", (entry.place,), where)


def _is_include(route: Value) -> bool:
    return isinstance(route, Instance) and isinstance(route.cls, External) and route.cls.name == INCLUDED


def _statements(backend: Backend) -> Iterator[Fact]:
    for statement in backend.statements:
        lines = [("runs in", statement.function), ("through", statement.sink), ("text", statement.template)]
        lines += [
            ("value", f"{hole.expression}: {hole.origin} as {hole.position}, {hole.reason}")
            for hole in statement.holes
        ]
        reached = "reached from a request" if statement.reachable_from_request else "no handler reaches it"
        lines.append(("", reached))
        places = (statement.place, *(hole.place for hole in statement.holes))
        yield Fact("SQL statement", statement.template[:60], places, tuple(lines), tuple(statement.steps))


def _escapes(backend: Backend) -> Iterator[Fact]:
    for escape in backend.escapes:
        lines = (("of", _route(escape.endpoint)), ("kind", escape.kind))
        steps = (*escape.steps, *escape.considered)
        yield Fact("unhandled exception", escape.exception, (escape.place,), lines, steps)


def _conditions(backend: Backend) -> Iterator[Fact]:
    found: dict[Place, tuple[str, list[str]]] = {}
    for endpoint in backend.endpoints:
        for condition in endpoint.conditions:
            text = _condition(condition.text, condition.by_default)
            found.setdefault(condition.place, (text, []))[1].append(_route(endpoint))
    for place, (text, routes) in found.items():
        more = f" and {len(routes) - FEW} more" if len(routes) > FEW else ""
        yield Fact("condition", text, (place,), (("of", ", ".join(routes[:FEW]) + more),))


def _uses(linker: Linker) -> Iterator[Fact]:
    """One fact a place, with every entry that a call there led to."""
    found: dict[Place, dict[str, None]] = {}
    for place, name in linker.interpreter.uses or ():
        entry = linker.interpreter.vocabulary.origin(name)
        if entry is not None:
            found.setdefault(place, {})[entry] = None
    for place, entries in sorted(found.items()):
        yield Fact("vocabulary", next(iter(entries)), (place,), tuple(("entry", entry) for entry in entries))


def _around(function: Function | None) -> Place | None:
    if function is None or not isinstance(function.node, ir.FunctionDef):
        return None
    return Place(function.module.path, function.node.span)


def _condition(text: str, by_default: bool | None) -> str:
    state = {True: "holds by default", False: "does not hold by default", None: "not known whether it holds"}
    return f"{text} ({state[by_default]})"


def _route(endpoint: Endpoint) -> str:
    return f"{','.join(endpoint.methods)} {endpoint.path}"


def facts_at(facts: list[Fact], file: str, line: int) -> list[Fact]:
    """What is known at a line; where nothing is, what is known of the function around it."""
    exact = [fact for fact in facts if any(_covers(place, file, line) for place in fact.places)]
    if exact:
        return exact
    around = [f for f in facts if f.around is not None and _covers(f.around, file, line)]
    smallest = min((f.around.span.end_line - f.around.span.line for f in around if f.around), default=0)
    return [f for f in around if f.around and f.around.span.end_line - f.around.span.line == smallest]


def nearest(facts: list[Fact], file: str, line: int, count: int = 3) -> list[tuple[int, Fact]]:
    """The facts of a file that are nearest to a line, each with its own line, in the order of lines."""
    found = {
        (place.span.line, fact.kind, fact.title): (place.span.line, fact)
        for fact in facts
        for place in fact.places
        if place.file == file and fact.kind != "vocabulary"
    }
    by_distance = sorted(found, key=lambda key: (abs(key[0] - line), key))[:count]
    return [found[key] for key in sorted(by_distance)]


def _covers(place: Place, file: str, line: int) -> bool:
    return place.file == file and place.span.line <= line <= max(place.span.end_line, place.span.line)
