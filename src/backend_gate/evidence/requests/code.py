"""The code of test files by function: what each calls, binds and gives back, and who calls it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backend_gate.backend.modules import ModuleState, ModuleTable
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir


class Binding:
    """An expression that gives a name its value: itself, or each item of it (``each``), or part ``index`` of that.

    ``at`` is where that happens. ``block`` is where it holds whatever happens, until another one does: the rest of
    its block of statements.
    """

    __slots__ = ("at", "block", "each", "index", "value")

    def __init__(
        self,
        value: ir.Expression,
        at: Position,
        block: tuple[Position, Position] | None,
        *,
        each: bool = False,
        index: int | None = None,
    ) -> None:
        self.value = value
        self.at = at
        self.block = block
        self.each = each
        self.index = index

    def holds_at(self, use: Position) -> bool:
        """Nothing that was bound before counts there."""
        return self.block is not None and self.at <= use and self.block[0] <= use <= self.block[1]


Position = tuple[int, int]
"""A line and a column."""


class Code:
    """The body of one function, or of a module outside of its functions (``node`` is ``None``).

    ``owner`` is the class that it is a method of, ``parent`` the function around it. ``gives`` are the expressions
    that it returns or yields.
    """

    def __init__(
        self,
        module: ModuleState,
        node: ir.FunctionDef | None = None,
        owner: ir.ClassDef | None = None,
        parent: Code | None = None,
    ) -> None:
        self.module = module
        self.node = node
        self.owner = owner
        self.parent = parent
        self.calls: list[ir.Call] = []
        self.bindings: dict[str, list[Binding]] = {}
        self.gives: list[ir.Expression] = []
        self.own: list[tuple[str, ir.Expression]] = []
        """What is put on the object of a method: ``self.url = …``."""
        self.parameters = {parameter.name: parameter for parameter in node.parameters} if node else {}

    @property
    def is_test(self) -> bool:
        """pytest or unittest calls it."""
        return self.node is not None and self.node.name.startswith("test")

    @property
    def fixture(self) -> str:
        """The name under which tests ask for what it gives; empty if it is no fixture."""
        for decorator in self.node.decorators if self.node is not None else []:
            call = decorator.function if isinstance(decorator, ir.Call) else decorator
            if last_name(call) != "fixture" or self.node is None:
                continue
            arguments = decorator.arguments if isinstance(decorator, ir.Call) else []
            names = [
                a.value.value for a in arguments if a.name == "name" and isinstance(a.value, ir.Constant)
            ]
            return str(names[0]) if names else self.node.name
        return ""

    @property
    def receiver(self) -> str:
        """The name of its own object (``self``), or an empty text."""
        if self.owner is None or self.node is None or not self.node.parameters:
            return ""
        if any(last_name(decorator) == "staticmethod" for decorator in self.node.decorators):
            return ""
        return self.node.parameters[0].name

    def bound_at(self, name: str, use: Position) -> list[Binding]:
        """The bindings that may have given a name its value where it is used."""
        bindings = sorted(self.bindings.get(name, ()), key=lambda binding: binding.at)
        before = [binding for binding in bindings if binding.at <= use]
        for number in range(len(before) - 1, -1, -1):
            if before[number].holds_at(use):
                return before[number:]
        return before or bindings

    def home_of(self, name: str) -> Code | None:
        """The function that a name is local to: this one, or one around it."""
        code: Code | None = self
        while code is not None and code.node is not None:
            if name in code.bindings or name in code.parameters:
                return code
            code = code.parent
        return None


class TestCode:
    """All code of the tests of one backend, and where its functions are called."""

    __test__ = False

    def __init__(self, modules: ModuleTable, paths: Iterable[str]) -> None:
        self.codes: list[Code] = []
        self.fixtures: dict[str, list[Code]] = {}
        self._calls: dict[str, list[tuple[Code, ir.Call]]] = {}
        self._named: dict[str, list[Code]] = {}
        self._own: dict[tuple[str, str], dict[str, list[tuple[Code, ir.Expression]]]] = {}
        self._tops: dict[str, Code] = {}
        self._inside: dict[tuple[int, str], Code] = {}
        for module in modules.of_files(list(paths)):
            self.codes += _codes_of(module)
        for code in self.codes:
            if code.node is None:
                self._tops[code.module.path] = code
            else:
                self._named.setdefault(code.node.name, []).append(code)
                if code.parent is not None:
                    self._inside[id(code.parent), code.node.name] = code
            if code.fixture:
                self.fixtures.setdefault(code.fixture, []).append(code)
            for call in code.calls:
                self._calls.setdefault(last_name(call.function), []).append((code, call))
            for name, value in code.own:
                held = self._own.setdefault((code.module.path, code.owner.name if code.owner else ""), {})
                held.setdefault(name, []).append((code, value))

    def calls_of(self, code: Code) -> list[tuple[Code, ir.Call]]:
        """The calls in tests that are of this function, as far as its name tells."""
        if code.node is None:
            return []
        calls = self._calls.get(code.node.name, ())
        return [(caller, call) for caller, call in calls if _may_call(caller, call.function, code)]

    def called(self, name: str) -> list[Code]:
        """All functions of this name."""
        return self._named.get(name, [])

    def fixture_for(self, code: Code, name: str) -> Code | None:
        """The fixture that gives a parameter its value: of the same file, or the nearest folder above it."""
        nearest = sorted(
            self.fixtures.get(name, ()), key=lambda other: -_common(other.module.path, code.module.path)
        )
        return next((fixture for fixture in nearest if fixture is not code), None)

    def held(self, code: Code, name: str) -> list[tuple[Code, ir.Expression]]:
        """What methods of the same class put on their object under ``name``."""
        return self._own.get((code.module.path, code.owner.name if code.owner else ""), {}).get(name, [])

    def inside(self, code: Code, name: str) -> Code | None:
        """The function called ``name`` that is defined in another one."""
        return self._inside.get((id(code), name))

    def top_of(self, code: Code) -> Code:
        """The code of the same module that is in no function."""
        return self._tops[code.module.path]


def last_name(node: ir.Expression) -> str:
    """``get`` of ``client.get``."""
    match node:
        case ir.Name(id=name) | ir.Attribute(name=name):
            return name
    return ""


def _may_call(caller: Code, callee: ir.Expression, code: Code) -> bool:
    """Whether a call by the name of a function may be of that function."""
    match callee:
        case ir.Name(id=name):
            return code.owner is None and (caller.home_of(name) is not None or caller.module.binds(name))
        case ir.Attribute(value=ir.Name(id=name)) if code.owner is None:
            return caller.home_of(name) is None and caller.module.binds(name)  # of an imported module
    return code.owner is not None


def _common(path: str, other: str) -> int:
    """How near another file's fixtures are: itself first, then folders around it from the inside out."""
    if path == other:
        return 1_000
    folder = path.rpartition("/")[0]
    return len(folder) + 1 if other.startswith(f"{folder}/") or not folder else 0


def _codes_of(module: ModuleState) -> Iterator[Code]:
    top = Code(module)
    pending: list[Code] = []
    for number in range(len(module.facts.statements)):
        _collect([module.statement(number)], top, pending)
    yield top
    while pending:
        code = pending.pop(0)
        if code.node is not None:
            _collect(ir.decode_block(code.node.body), code, pending)
        yield code


def _collect(block: list[ir.Statement], code: Code, pending: list[Code]) -> None:
    """Note what a block does; functions in it wait in ``pending``."""
    owners: dict[int, ir.ClassDef] = {}
    blocks = dict(_blocks(block))
    for node in expressions_in(block, into_functions=False):
        around = blocks.get(id(node))
        match node:
            case ir.Call():
                code.calls.append(node)
            case ir.ClassDef(body=body):
                owners |= {id(each): node for each in body if isinstance(each, ir.FunctionDef)}
            case ir.FunctionDef():
                parent = code if code.node is not None else None
                pending.append(Code(code.module, node, owners.get(id(node)) or code.owner, parent))
            case ir.Assign(targets=targets, value=value):
                for target in targets:
                    _bind(code, target, value, end_of(node), around)
            case ir.AnnotatedAssign(target=target, value=value) if value is not None:
                _bind(code, target, value, end_of(node), around)
            case ir.AugmentedAssign(target=ir.Name() as target, operator=operator, value=value):
                whole = ir.BinaryOperation(node.span, operator, target, value)
                _bind(code, target, whole, end_of(node), around)
            case ir.NamedExpression(target=target, value=value):
                _bind(code, target, value, end_of(node), None)
            case ir.For(target=target, iterable=iterable, body=body):
                _bind(code, target, iterable, end_of(iterable), _extent(body), each=True)
            case ir.Comprehension(generators=generators):
                for generator in generators:
                    inside = (start_of(node), end_of(node))
                    _bind(code, generator.target, generator.iterable, start_of(node), inside, each=True)
            case ir.With(items=items):
                for item in items:
                    if item.target is not None:
                        _bind(code, item.target, item.value, end_of(item.value), around)
            case ir.Return(value=value) | ir.Yield(value=value) if value is not None:
                code.gives.append(value)


def start_of(node: ir.Node) -> Position:
    """Where it begins."""
    return (node.span.line, node.span.column)


def end_of(node: ir.Node) -> Position:
    """Where it ends."""
    return (node.span.end_line, node.span.end_column)


def _extent(block: list[ir.Statement]) -> tuple[Position, Position]:
    return start_of(block[0]), end_of(block[-1])


def _blocks(block: list[ir.Statement]) -> Iterator[tuple[int, tuple[Position, Position]]]:
    """Every statement of a block, by identity, with the extent of the innermost block around it."""
    pending = [block]
    while pending:
        statements = pending.pop()
        if not statements:
            continue
        extent = _extent(statements)
        for statement in statements:
            yield id(statement), extent
            match statement:
                case ir.If(body=body, orelse=orelse) | ir.While(body=body, orelse=orelse):
                    pending += [body, orelse]
                case ir.For(body=body, orelse=orelse):
                    pending += [body, orelse]
                case ir.With(body=body) | ir.ClassDef(body=body):
                    pending.append(body)
                case ir.Try(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody):
                    pending += [body, orelse, finalbody, *(handler.body for handler in handlers)]
                case ir.Match(cases=cases):
                    pending += [case.body for case in cases]


def _bind(
    code: Code,
    target: ir.Expression,
    value: ir.Expression,
    at: Position,
    block: tuple[Position, Position] | None,
    *,
    each: bool = False,
) -> None:
    match target:
        case ir.Name(id=name):
            code.bindings.setdefault(name, []).append(Binding(value, at, block, each=each))
        case ir.TupleDisplay(items=items) | ir.ListDisplay(items=items):
            for index, item in enumerate(items):
                if isinstance(item, ir.Name):
                    made = Binding(value, at, block, each=each, index=index)
                    code.bindings.setdefault(item.id, []).append(made)
        case ir.Attribute(value=ir.Name(id=owner), name=name) if owner == code.receiver:
            code.own.append((name, value))
