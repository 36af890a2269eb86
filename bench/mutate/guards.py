"""Remove the guard of a route, of a router or of an include."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import libcst as cst

from bench.mutate import wiring
from bench.mutate.model import Endpoint, Mutant, Operator, dependencies, guards
from bench.mutate.source import CallSite, Definition, Module, Sources, last_name
from bench.mutate.wiring import Wiring

Labels = Mapping[tuple[str, str], frozenset[str]]
"""Guards that people named for a route, by method and path."""

# The catalogue's closed list: an endpoint of this kind may answer anybody, so losing its guard is no fault.
_PUBLIC = re.compile(
    r"(log[-_]?(in|out)|sign[-_]?(in|up|out)|(access[-_])?tokens?|refresh.*|register|.*password.*|.*verif.*|"
    r"mfa|otp|oauth2?|oidc|saml|sso|authorize|callback|\.well-known|jwks.*|health.*|live.*|ready.*|readiness|"
    r"ping|version|docs|redoc|openapi.*|static|favicon.*|manifest.*|webhooks?|first[-_]?install|setup)",
    re.IGNORECASE,
)


def public_by_nature(path: str) -> bool:
    """Whether a segment of the path is on the list of those that may be public, or there is no segment."""
    segments = [segment for segment in path.split("/") if segment]
    return not segments or any(_PUBLIC.fullmatch(segment) for segment in segments)


def only_guards(endpoint: Endpoint, labels: Labels) -> frozenset[str]:
    """Simple names of the guards of a protected endpoint: as people labelled it, else as the inventory says.

    Empty where it is not protected, or where something that is no dependency protects it as well.
    """
    if labels:
        return frozenset().union(*(labels.get((m, endpoint["path"]), ()) for m in endpoint["methods"]))
    if endpoint["auth"]["verdict"] != "protected":
        return frozenset()
    found = guards(endpoint)
    return found if found <= dependencies(endpoint) else frozenset()


def misplaced_mutants(
    sources: Sources, wires: Wiring, endpoints: Sequence[Endpoint], labels: Labels, rng: random.Random
) -> Iterator[Mutant]:
    """``Depends(guard)`` of single routes without its ``Depends``: the framework calls nobody then."""
    for module, function, endpoint, names in _guarded(sources, endpoints, labels, rng):
        node = function.node
        found = _bearing(module, node, wires, endpoint, names) if isinstance(node, cst.FunctionDef) else None
        for call in _marked(found.part) if found is not None else ():
            guard = call.args[0].value if len(call.args) == 1 else None
            if isinstance(guard, cst.Name) and found is not None and _is_function(sources, guard.value):
                yield Mutant(
                    Operator.MISPLACED,
                    module.file,
                    module.line(call),
                    function.qualname,
                    f"{module.code(call)} without Depends in {'|'.join(endpoint['methods'])} {endpoint['path']}",
                    call,
                    guard,
                    names & found.reach,
                )
                break


def _marked(part: cst.CSTNode) -> Iterator[cst.Call]:
    """The calls of ``Depends`` in an element or parameter."""
    todo = [part]
    while todo:
        node = todo.pop()
        if isinstance(node, cst.Call) and last_name(node) in ("Depends", "Security"):
            yield node
        todo.extend(node.children)


def _is_function(sources: Sources, name: str) -> bool:
    homes = (sources.module(file) for file, text in sources.texts.items() if f"def {name}" in text)
    return any(
        isinstance(d.node, cst.FunctionDef)
        for module in homes
        if module is not None
        for d in module.named(name)
    )


def route_mutants(
    sources: Sources, wires: Wiring, endpoints: Sequence[Endpoint], labels: Labels, rng: random.Random
) -> Iterator[Mutant]:
    """Guards of single routes, in random order: at most one mutant a handler."""
    for module, function, endpoint, names in _guarded(sources, endpoints, labels, rng):
        mutant = _route_mutant(module, function, wires, endpoint, names)
        if mutant is not None:
            yield mutant


def _guarded(
    sources: Sources, endpoints: Sequence[Endpoint], labels: Labels, rng: random.Random
) -> Iterator[tuple[Module, Definition, Endpoint, frozenset[str]]]:
    """Handlers that dependencies alone protect, with an endpoint and its guards, in random order, each once."""
    order = list(endpoints)
    rng.shuffle(order)
    seen: set[tuple[str, int]] = set()
    for endpoint in order:
        names = only_guards(endpoint, labels)
        place = (endpoint["file"], endpoint["line"])
        if not names or place in seen or public_by_nature(endpoint["path"]):
            continue
        seen.add(place)
        module = sources.module(endpoint["file"])
        function = module.function(endpoint["line"]) if module else None
        if module is not None and function is not None:
            yield module, function, endpoint, names


def _route_mutant(
    module: Module, function: Definition, wires: Wiring, endpoint: Endpoint, names: frozenset[str]
) -> Mutant | None:
    node = function.node
    if not isinstance(node, cst.FunctionDef):
        return None
    found = _bearing(module, node, wires, endpoint, names)
    if found is None:
        return None
    part, reach, decorator = found
    route = f"{'|'.join(endpoint['methods'])} {endpoint['path']}"
    what = f"{module.code(part).strip().rstrip(',')} taken from {route}"
    if isinstance(part, cst.Element) and decorator is not None:
        return Mutant(
            Operator.ROUTE_GUARD,
            module.file,
            function.line,
            function.qualname,
            what,
            decorator,
            _without_elements(decorator, {id(part)}),
            names & reach,
        )
    if isinstance(part, cst.Param) and _may_go(node.body, part.name.value):
        return Mutant(
            Operator.ROUTE_GUARD,
            module.file,
            function.line,
            function.qualname,
            what,
            node,
            _without_parameter(node, part),
            names & reach,
        )
    return None


class _Bearing(NamedTuple):
    """Where a route asks for its guards: the part of the decorator or signature, and all that it leads to."""

    part: cst.Element | cst.Param
    reach: frozenset[str]
    decorator: cst.Call | None


def _bearing(
    module: Module, node: cst.FunctionDef, wires: Wiring, endpoint: Endpoint, names: frozenset[str]
) -> _Bearing | None:
    """The one part of a route that asks for all of its guards; ``None`` if there is no such part."""
    decorator = _decorator_of(node, endpoint)
    held = wiring.listed(decorator) if decorator else None
    elements = [e for e in (held.elements if held else ()) if isinstance(e, cst.Element)]
    parts = [
        *(_Bearing(e, wires.reach(wires.of_expression(module, e.value)), decorator) for e in elements),
        *(
            _Bearing(p, wires.reach(wires.of_parameter(module, p)), decorator)
            for p in wiring.parameters(node)
        ),
    ]
    bearing = [part for part in parts if part.reach & names]
    return bearing[0] if len(bearing) == 1 and names <= bearing[0].reach else None


def _decorator_of(function: cst.FunctionDef, endpoint: Endpoint) -> cst.Call | None:
    """The decorator that registered the endpoint; ``None`` unless it is exactly one."""
    candidates = wiring.route_decorators(function)
    if len(candidates) > 1:
        path = endpoint["path"]
        candidates = [c for c in candidates if path.endswith(wiring.path_argument(c) or "\0")]
        longest = max((len(wiring.path_argument(c) or "") for c in candidates), default=0)
        candidates = [c for c in candidates if len(wiring.path_argument(c) or "") == longest]
    return candidates[0] if len(candidates) == 1 else None


def _may_go(body: cst.BaseSuite, name: str) -> bool:
    """Whether the function is as much worth guarding without the parameter as with it.

    Not if it does nothing but hand the caller back: with a stub there is nothing left to guard.
    """
    return not _reads(body, name) or (_calls(body) and not _decides(body, name))


def _decides(body: cst.BaseSuite, name: str) -> bool:
    """Whether a condition in the function looks at the parameter: then a stub would change the flow."""
    todo: list[tuple[cst.CSTNode, bool]] = [(body, False)]
    while todo:
        node, tested = todo.pop()
        if tested and isinstance(node, cst.Name) and node.value == name:
            return True
        tests: Sequence[cst.CSTNode] = ()
        match node:
            case cst.If(test=test) | cst.While(test=test) | cst.IfExp(test=test) | cst.Assert(test=test):
                tests = [test]
            case cst.CompIf(test=test):
                tests = [test]
            case cst.Match(subject=subject):
                tests = [subject]
            case cst.BooleanOperation() | cst.Comparison():
                tests = node.children
        todo.extend((child, tested or any(child is t for t in tests)) for child in node.children)
    return False


def _without_elements(call: cst.Call, gone: set[int]) -> cst.Call:
    """The call without those elements (by identity) of ``dependencies=[…]``, without the argument if none
    is left."""
    argument = wiring.keyword(call, "dependencies")
    held = wiring.listed(call)
    if argument is None or held is None:
        raise TypeError("a call with a display of dependencies was expected")
    kept = [element for element in held.elements if id(element) not in gone]
    if not kept:
        return call.with_changes(args=wiring.ended([a for a in call.args if a is not argument]))
    if isinstance(held, cst.Tuple) and len(kept) == 1:
        kept = [kept[0].with_changes(comma=cst.Comma())]
    changed = argument.with_changes(value=held.with_changes(elements=kept))
    return call.with_changes(args=[changed if a is argument else a for a in call.args])


def _without_parameter(function: cst.FunctionDef, gone: cst.Param) -> cst.FunctionDef:
    """The function without that parameter; where the body reads it, an empty object stands in."""
    params = function.params
    left = {
        group: [p for p in getattr(params, group) if p is not gone]
        for group in ("posonly_params", "params", "kwonly_params")
    }
    changes: dict[str, object] = dict(left)
    if isinstance(params.star_arg, cst.ParamStar) and not left["kwonly_params"]:
        changes["star_arg"] = cst.MaybeSentinel.DEFAULT
    if not left["posonly_params"]:
        changes["posonly_ind"] = cst.MaybeSentinel.DEFAULT
    changed = function.with_changes(params=params.with_changes(**changes))
    name = gone.name.value
    if not _reads(function.body, name) or not isinstance(function.body, cst.IndentedBlock):
        return changed
    body = list(function.body.body)
    stub = cst.parse_module(f"{name} = object()\n").body[0]
    body.insert(1 if function.get_docstring() is not None else 0, stub)
    return changed.with_changes(body=function.body.with_changes(body=body))


def _reads(body: cst.BaseSuite, name: str) -> bool:
    todo: list[cst.CSTNode] = [body]
    while todo:
        node = todo.pop()
        if isinstance(node, cst.Name) and node.value == name:
            return True
        todo.extend(node.children)
    return False


def _calls(body: cst.BaseSuite) -> bool:
    todo: list[cst.CSTNode] = [body]
    while todo:
        node = todo.pop()
        if isinstance(node, cst.Call):
            return True
        todo.extend(node.children)
    return False


def wiring_mutants(
    sources: Sources, wires: Wiring, endpoints: Sequence[Endpoint], labels: Labels, rng: random.Random
) -> Iterator[Mutant]:
    """Guards of routers, applications and includes, in random order."""
    known = frozenset().union(*(only_guards(endpoint, labels) for endpoint in endpoints))
    found: list[Mutant] = []
    for file, text in sources.texts.items():
        if "dependencies" not in text or "fastapi" not in text.lower():
            continue
        module = sources.module(file)
        for site in module.calls if module else ():
            mutant = _wiring_mutant(module, site, wires, known) if module else None
            if mutant is not None:
                found.append(mutant)
    rng.shuffle(found)
    yield from found


def _wiring_mutant(module: Module, site: CallSite, wires: Wiring, known: frozenset[str]) -> Mutant | None:
    held, operator = wiring.listed(site.node), _operator(site.node)
    if operator is None:
        return None
    if held is None:
        return _named_list_mutant(module, site, operator, wires, known)
    gone: set[int] = set()
    names: frozenset[str] = frozenset()
    for element in held.elements:
        reach = wires.reach(wires.of_expression(module, element.value)) & known
        if reach:
            gone.add(id(element))
            names |= reach
    if not gone:
        return None
    taken = ", ".join(module.code(e.value) for e in held.elements if id(e) in gone)
    return Mutant(
        operator,
        module.file,
        module.line(site.node),
        site.scope,
        f"{taken} taken from {module.code(site.node.func)}(…)",
        site.node,
        _without_elements(site.node, gone),
        names,
    )


def _named_list_mutant(
    module: Module, site: CallSite, operator: Operator, wires: Wiring, known: frozenset[str]
) -> Mutant | None:
    """``dependencies=gate``: the whole argument is taken away."""
    argument = wiring.keyword(site.node, "dependencies")
    if argument is None or not isinstance(argument.value, cst.Name | cst.Attribute):
        return None
    names = wires.reach(wires.of_expression(module, argument.value)) & known
    if not names:
        return None
    return Mutant(
        operator,
        module.file,
        module.line(site.node),
        site.scope,
        f"dependencies={module.code(argument.value)} taken from {module.code(site.node.func)}(…)",
        site.node,
        site.node.with_changes(args=wiring.ended([a for a in site.node.args if a is not argument])),
        names,
    )


def _operator(call: cst.Call) -> Operator | None:
    match call.func:
        case cst.Attribute(attr=cst.Name(value="include_router" | "mount")):
            return Operator.INCLUDE_GUARD
        case cst.Attribute(value=cst.Call(func=cst.Name(value="super")), attr=cst.Name(value="__init__")):
            return Operator.ROUTER_GUARD
    name = last_name(call)
    return Operator.ROUTER_GUARD if name.endswith(("Router", "FastAPI")) and name[:1].isupper() else None
