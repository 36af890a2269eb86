"""Values of expressions in tests: names of the function are followed to what is assigned or handed in, and all
else is left to the interpreter, which knows the constants of modules, settings and classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from backend_gate.backend.budget import OverBudgetError
from backend_gate.backend.frame import Frame
from backend_gate.backend.interpreter import Interpreter
from backend_gate.backend.trace import RaisedSignal
from backend_gate.backend.values import (
    Alternatives,
    Class,
    Constant,
    External,
    Instance,
    Scope,
    Sequence,
    Unknown,
    Value,
    alternatives,
)
from backend_gate.backend.values import Mapping as Dict
from backend_gate.backend.walk import expressions_in
from backend_gate.evidence.requests.code import Binding, Code, Position, TestCode, last_name, start_of
from backend_gate.evidence.requests.urls import reversed_url, urls_of
from backend_gate.facts import model as ir

REVERSING = frozenset({"url_path_for", "url_for"})

MAX_DEPTH = 6
MAX_SITES = 40
STEPS = 2_000
"""What one expression may take: a URL is put together in a few steps, what else a test does takes more."""

_Local = tuple[int, str, tuple[int, ...]]
"""A name of a function, and the bindings that count where it is used, by identity."""

Site = tuple[Code, ir.Call]
"""A call of a helper, and the function that it stands in."""


class Evaluator:
    """Evaluates expressions in the functions of tests."""

    def __init__(self, interpreter: Interpreter, tests: TestCode) -> None:
        self._interpreter = interpreter
        self._tests = tests
        self._active: set[_Local] = set()
        self._locals: dict[_Local, Value] = {}

    def value(self, code: Code, node: ir.Expression, site: Site | None = None, depth: int = 0) -> Value:
        """What an expression may be; of a helper, when it is called at ``site``."""
        if depth > MAX_DEPTH:
            return Unknown("too far away to follow")
        use = start_of(node)
        node, reversed_names = self._without_reversing(code, node, site, depth)
        scope = Scope("function", code.module)
        scope.names.update(reversed_names)
        for name in sorted({each.id for each in expressions_in([node]) if isinstance(each, ir.Name)}):
            home = code.home_of(name)
            if name == code.receiver and home is code:
                scope.names[name] = self._object(code, node, site, depth)
            elif home is not None:
                at, there = (use, site) if home is code else (None, None)
                scope.names[name] = self._local(home, name, at, there, depth)
        return self._evaluated(node, Frame(code.module, scope))

    def arguments(self, site: Site, code: Code) -> dict[str, ir.Expression]:
        """What a call hands to the parameters of a helper, by name."""
        _, call = site
        names = [p.name for p in code.parameters.values() if p.kind in ("normal", "positional")]
        if code.receiver:
            names = names[1:]
        plain = [a.value for a in call.arguments if a.name is None and not a.star]
        given = dict(zip(names, plain, strict=False))
        return given | {a.name: a.value for a in call.arguments if a.name is not None}

    def _evaluated(self, node: ir.Expression, frame: Frame) -> Value:
        try:
            with self._interpreter.budget(STEPS):
                return self._interpreter.evaluate(node, frame)
        except (OverBudgetError, RaisedSignal, RecursionError):
            return Unknown("it takes too long to follow")

    def _local(self, code: Code, name: str, use: Position | None, site: Site | None, depth: int) -> Value:
        """What a name of a function may be where it is used; ``use`` is ``None`` in a function within it."""
        bindings = code.bindings.get(name, []) if use is None else code.bound_at(name, use)
        key = (id(code), name, tuple(map(id, bindings)))
        if key in self._active:
            return Unknown("it is made of itself")
        if site is None and key in self._locals:
            return self._locals[key]
        self._active.add(key)
        try:
            found = [each for binding in bindings for each in self._bound(code, binding, site, depth)]
            replaced = use is not None and any(binding.holds_at(use) for binding in bindings)
            if name in code.parameters and not replaced:
                found += alternatives(self._parameter(code, name, site, depth))
        finally:
            self._active.discard(key)
        value = _any_of(found)
        if site is None and depth <= MAX_DEPTH // 2:
            self._locals[key] = value
        return value

    def _bound(self, code: Code, binding: Binding, site: Site | None, depth: int) -> Iterator[Value]:
        value: Value = Unknown("what an answer says")
        if not _is_answered(binding.value):
            value = self.value(code, binding.value, site, depth + 1)
        for single in alternatives(value):
            members = _items(single) if binding.each else [single]
            for member in members:
                yield from alternatives(member if binding.index is None else _part(member, binding.index))

    def _parameter(self, code: Code, name: str, site: Site | None, depth: int) -> Value:
        if code.fixture and name == "request":
            return self._request(code, depth)
        parametrised = list(self._parametrised(code, name, depth))
        if parametrised:
            return _any_of(parametrised)
        fixture = self._tests.fixture_for(code, name) if code.is_test or code.fixture else None
        if fixture is not None:
            return _any_of([
                each for given in fixture.gives
                for each in alternatives(self.value(fixture, given, None, depth + 1))
            ])  # fmt: skip
        if site is not None:
            given = self.arguments(site, code).get(name)
            if given is not None:
                return self.value(site[0], given, None, depth + 1)
            default = code.parameters[name].default
            if default is not None:
                return self.value(self._tests.top_of(code), default, None, depth + 1)
        elif not code.is_test and not code.fixture:
            sites = self._tests.calls_of(code)[:MAX_SITES]
            handed = [self._parameter(code, name, each, depth + 1) for each in sites]
            return _any_of([each for value in handed for each in alternatives(value)])
        return Unknown(f"the parameter {name}")

    def _request(self, code: Code, depth: int) -> Value:
        """What a fixture is told of: the cases that it is declared with (``@fixture(params=[…])``)."""
        made = Instance(External("pytest.FixtureRequest"))
        for decorator in code.node.decorators if code.node is not None else ():
            arguments = decorator.arguments if isinstance(decorator, ir.Call) else []
            for argument in arguments:
                if argument.name == "params":
                    cases = self.value(self._tests.top_of(code), argument.value, None, depth + 1)
                    items = [each for row in alternatives(cases) for each in _items(row)]
                    made.attributes["param"] = _any_of([_case(item, 0, 1) for item in items])
        return made

    def _parametrised(self, code: Code, name: str, depth: int) -> Iterator[Value]:
        decorators = [
            *(code.node.decorators if code.node else ()),
            *(code.owner.decorators if code.owner else ()),
        ]
        top = self._tests.top_of(code)
        for decorator in decorators:
            if not isinstance(decorator, ir.Call) or last_name(decorator.function) != "parametrize":
                continue
            names, values = (
                [a.value for a in decorator.arguments[:2] if not a.star]
                if len(decorator.arguments) > 1
                else (None, None)
            )
            if names is None or values is None:
                continue
            told = [
                part.strip()
                for url in urls_of(self.value(top, names, None, depth + 1))
                for part in str(url[0]).split(",")
            ] if isinstance(names, ir.Constant) else [
                str(_constant(item)) for item in _items(self.value(top, names, None, depth + 1))
            ]  # fmt: skip
            if name not in told:
                continue
            for row in alternatives(self.value(top, values, None, depth + 1)):
                for item in _items(row):
                    yield _case(item, told.index(name), len(told))

    def _object(self, code: Code, node: ir.Expression, site: Site | None, depth: int) -> Value:
        """``self`` of a method of tests, with what the methods of its class have put on it."""
        if code.owner is None:
            return Unknown("an object of no class")
        cls = self._evaluated(ir.Name(node.span, code.owner.name), Frame(code.module, code.module.scope))
        if not isinstance(cls, Class):
            return Unknown("an object of a class that is not followed")
        made = Instance(cls)
        for each in expressions_in([node]):
            if (
                isinstance(each, ir.Attribute)
                and isinstance(each.value, ir.Name)
                and each.value.id == code.receiver
            ):
                held = self._tests.held(code, each.name)
                values = [
                    v
                    for where, value in held
                    for v in alternatives(self.value(where, value, None, depth + 1))
                ]
                if values:
                    made.attributes[each.name] = _any_of(values)
        return made

    # --- URLs by the names of routes ---------------------------------------------------------------

    def _without_reversing(
        self, code: Code, node: ir.Expression, site: Site | None, depth: int
    ) -> tuple[ir.Expression, Mapping[str, Value]]:
        """The expression with a name in the place of each ``app.url_path_for(…)``, and what these names stand for."""
        found: dict[str, Value] = {}

        def replaced(part: ir.Expression) -> ir.Expression:
            match part:
                case ir.Call(function=ir.Attribute(name=called), arguments=arguments) if called in REVERSING:
                    name = next((a.value for a in arguments if a.name in (None, "name") and not a.star), None)
                    if name is None:
                        return part
                    values = urls_of(self.value(code, name, site, depth + 1))
                    stand_in = f"url {len(found)}"
                    found[stand_in] = _any_of([
                        reversed_url(url[0]) if len(url) == 1 and url[0] is not None else Unknown("its name")
                        for url in values
                    ])  # fmt: skip
                    return ir.Name(part.span, stand_in)
                case ir.Call(function=function, arguments=[argument]) if last_name(function) in (
                    "str",
                    "URL",
                ):
                    changed = msgspec.structs.replace(argument, value=replaced(argument.value))
                    return ir.Call(part.span, function, [changed])
                case ir.BinaryOperation():
                    return ir.BinaryOperation(
                        part.span, part.operator, replaced(part.left), replaced(part.right)
                    )
                case ir.Text(parts=parts):
                    pieces = [
                        p if isinstance(p, str) else ir.Hole(replaced(p.value), p.conversion, p.spec)
                        for p in parts
                    ]
                    return ir.Text(part.span, pieces, part.is_template)
                case ir.Await(value=value):
                    return replaced(value)
            return part

        return replaced(node), found


def _is_answered(node: ir.Expression) -> bool:
    """What the tested application has answered is known to nobody who has not run it."""
    return any(
        isinstance(each, ir.Await) or (isinstance(each, ir.Call) and last_name(each.function) == "json")
        for each in expressions_in([node])
    )


def _constant(value: Value) -> object:
    return value.value if isinstance(value, Constant) else None


def _any_of(values: list[Value]) -> Value:
    """One of several; unlike a branch of the code, a list of cases may be long."""
    different = list({_identity(value): value for value in values}.values())
    if not different:
        return Unknown("nothing is seen to give it a value")
    return different[0] if len(different) == 1 else Alternatives(tuple(different))


def _identity(value: Value) -> object:
    return ("constant", repr(value.value)) if isinstance(value, Constant) else id(value)


def _items(value: Value) -> list[Value]:
    match value:
        case Sequence(items=items):
            return [*items, Unknown("more items")] if value.open else list(items)
        case Dict():
            return [key for key, _ in value.entries.values()]
    return [Unknown("an item of what is not followed")]


def _part(value: Value, index: int) -> Value:
    if isinstance(value, Sequence) and not value.open and index < len(value.items):
        return value.items[index]
    return Unknown("a part of what is not followed")


def _case(item: Value, index: int, names: int) -> Value:
    """What a case gives to one of the names of ``parametrize``."""
    if isinstance(item, Instance) and item.arguments:  # pytest.param(…)
        return item.arguments[index] if index < len(item.arguments) else Unknown("a case")
    return item if names == 1 else _part(item, index)
