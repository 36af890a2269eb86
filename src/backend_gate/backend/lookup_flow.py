"""Whether a body looks at a row before it takes it for granted.

The statements of one function in order, with the names that hold a row which may not be there. Whatever may be a
test of such a name takes it off the list, in all branches: what is left was certainly not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import msgspec

from backend_gate.backend.model import Step
from backend_gate.backend.unparse import unparse
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

_CATCHING = frozenset({"Exception", "BaseException", "AttributeError", "TypeError"})
_EQUAL = frozenset({"==", "!=", "in", "not in"})
_QUIET_ROOTS = frozenset({"log", "logger", "logging", "_logger", "LOGGER", "LOG", "print"})


class Row(NamedTuple):
    """What looking something up gave, perhaps ``None``. ``keys`` are the parts of the request it is looked up by."""

    keys: frozenset[str]
    steps: tuple[Step, ...]


class Use(NamedTuple):
    """A row is taken for granted: ``node`` is what fails without it, ``text`` what the code calls the row."""

    node: ir.Node
    text: str
    row: Row


class State:
    """What holds at one moment: rows by the names that hold them, parts of the request that were found to exist,
    names with the parts of the request that they are made of and the expressions that made them, names with what
    they were asked for (``asked``: what a call gave that was given it), and cursors with what they have executed."""

    def __init__(self, rows: dict[str, Row], proved: set[str], made: dict[str, frozenset[str]]) -> None:
        self.rows = rows
        self.proved = proved
        self.made = made
        self.asked: dict[str, frozenset[str]] = {}
        self.statements: dict[str, tuple[ir.Expression, ...]] = {}
        self.executed: dict[str, frozenset[str]] = {}

    def copy(self) -> State:
        """The same, to go another way from here."""
        other = State(dict(self.rows), set(self.proved), dict(self.made))
        other.asked = dict(self.asked)
        other.statements, other.executed = dict(self.statements), dict(self.executed)
        return other

    def join(self, others: Iterable[State]) -> None:
        """What holds behind branches: a row that any of them has looked at counts as looked at."""
        for other in others:
            self.rows = {name: row for name, row in self.rows.items() if other.rows.get(name) == row}
            self.proved |= other.proved
            self.made |= other.made
            self.asked |= other.asked
            for name, made in other.statements.items():
                known = self.statements.get(name, ())
                self.statements[name] = (*known, *(one for one in made if one not in known))
            self.executed |= other.executed

    def looked_at(self, name: str) -> None:
        """The name was tested, or went where it may be."""
        row = self.rows.pop(name, None)
        self.proved |= row.keys if row is not None else self.asked.get(name, frozenset())

    def whole(self, node: ir.Expression) -> list[ir.Expression]:
        """An expression with those that made the names in it: a query with its statement."""
        found, seen = [node], set[str]()
        for one in found:
            for name in _names([one]):
                if name in self.statements and name not in seen:
                    seen.add(name)
                    found += self.statements[name]
        return found

    def keys(self, nodes: Iterable[Any]) -> frozenset[str]:
        """The parts of the request that expressions are made of."""
        if not self.made:
            return frozenset()
        found: set[str] = set()
        inner: set[int] = set()
        for node in expressions_in(list(nodes)):
            if isinstance(node, ir.Attribute) and isinstance(node.value, ir.Name):
                inner.add(id(node.value))
                found |= {f"{key}.{node.name}" for key in self.made.get(node.value.id, ())}
            elif isinstance(node, ir.Name) and id(node) not in inner:
                found |= self.made.get(node.id, frozenset())
        return frozenset(found)


class LookupFlow:
    """Reads one body. ``look_up`` says of a call which row it gives, ``proves`` what it has found to be there.

    ``spreads``: an expression is made of what is in it, and no more; ``takes``: a method of that name needs a row.
    ``guarded``: somebody around the body catches what happens where there is none.
    """

    def __init__(
        self,
        look_up: Callable[[ir.Call, State], Row | None],
        proves: Callable[[ir.Call, State, bool], frozenset[str]],
        spreads: Callable[[ir.Expression], bool],
        takes: Callable[[str], bool],
        *,
        guarded: bool,
    ) -> None:
        self._look_up = look_up
        self._proves = proves
        self._spreads = spreads
        self._takes = takes
        self._guarded = int(guarded)
        self.uses: list[Use] = []
        self.given: list[tuple[ir.Return, Row]] = []

    def read(self, body: list[ir.Statement], state: State) -> None:
        """Find the uses of rows in a body, and those that it returns as they are."""
        self._block(body, state)

    # --- statements ----------------------------------------------------------------------------------

    def _block(self, block: list[ir.Statement], state: State) -> bool:
        """Read a block; whether its end is reached."""
        return all(self._statement(statement, state) for statement in block)

    def _statement(self, node: ir.Statement, state: State) -> bool:
        match node:
            case ir.Assign(targets=targets, value=value):
                self._assign(targets, value, state)
            case ir.AnnotatedAssign(target=target, value=value) if value is not None:
                self._assign([target], value, state)
            case ir.AugmentedAssign(target=target, value=value):
                self._read([target, value], state)
            case ir.ExpressionStatement(value=value):
                self._read(value, state)
                self._execute(_plain(value), state)
            case ir.Return(value=value):
                self._return(node, value, state)
                return False
            case ir.Raise(value=value):
                self._read(value, state)
                return False
            case ir.Break() | ir.Continue():
                return False
            case ir.Assert(test=test):
                self._test(test, state)
            case ir.If():
                return self._if(node, state)
            case ir.While(test=test, body=body, orelse=orelse):
                self._test(test, state)
                self._branches([body, orelse], state, may_skip=True)
            case ir.For(iterable=iterable, body=body, orelse=orelse):
                self._read(iterable, state)
                self._branches([body, orelse], state, may_skip=True)
            case ir.With(items=items, body=body):
                for item in items:
                    self._assign([item.target] if item.target is not None else [], item.value, state)
                return self._block(body, state)
            case ir.Try():
                return self._try(node, state)
            case ir.Match(subject=subject, cases=cases):
                self._test(subject, state)
                self._branches([case.body for case in cases], state, may_skip=True)
            case ir.FunctionDef() | ir.ClassDef():
                for name in list(state.rows):
                    state.looked_at(name)  # when it runs, and what it does first, is not followed
            case ir.Delete(targets=targets):
                self._read(targets, state)
        return True

    def _assign(self, targets: list[ir.Expression], value: ir.Expression, state: State) -> None:
        call = _plain(value)
        self._read(value, state)
        row = self._look_up(call, state) if isinstance(call, ir.Call) else None
        spread = state.keys([value]) if self._spreads(value) else None
        for target in targets:
            if not isinstance(target, ir.Name):
                self._read(target, state)
                for name in _names([target]):
                    state.made.pop(name, None)
                continue
            state.rows.pop(target.id, None)
            state.made.pop(target.id, None)
            state.asked.pop(target.id, None)
            if row is not None and len(targets) == 1:
                state.rows[target.id] = row
            elif spread is not None:
                if spread:
                    state.made[target.id] = spread
                again = target.id in _names([value])
                state.statements[target.id] = (*(state.statements.get(target.id, ()) if again else ()), value)
            elif isinstance(call, ir.Call):
                state.asked[target.id] = state.keys([call])

    def _execute(self, call: Any, state: State) -> None:
        """``cursor.execute(…)``: what the cursor gives from now on."""
        match call:
            case ir.Call(function=ir.Attribute(value=ir.Name(id=name), name="execute"), arguments=arguments):
                state.statements[name] = (call,)
                state.executed[name] = state.keys([argument.value for argument in arguments])

    def _return(self, node: ir.Return, value: ir.Expression | None, state: State) -> None:
        call = _plain(value)
        if isinstance(value, ir.Name) and value.id in state.rows:
            self.given.append((node, state.rows[value.id]))
            return
        self._read(value, state)
        row = self._look_up(call, state) if isinstance(call, ir.Call) else None
        if row is not None:
            self.given.append((node, row))

    def _if(self, node: ir.If, state: State) -> bool:
        missing = _is_missing(node.test)
        if missing in state.rows and not node.orelse and all(map(_is_quiet, node.body)):
            return True  # it is noticed, and nothing follows from it
        self._test(node.test, state)
        return self._branches([node.body, node.orelse], state)

    def _branches(self, blocks: list[list[ir.Statement]], state: State, *, may_skip: bool = False) -> bool:
        """Read alternative blocks; whether what stands behind them is reached."""
        before = state.copy()
        states = []
        for block in blocks:
            own = before.copy()
            if self._block(block, own):
                states.append(own)
            else:
                state.proved |= own.proved
        if may_skip:
            states.append(before)
        if states:
            state.rows = dict(states[0].rows)
            state.join(states)
        return bool(states)

    def _try(self, node: ir.Try, state: State) -> bool:
        catches = any(_catches(handler) for handler in node.handlers)
        before = state.copy()
        self._guarded += catches
        goes_on = self._block([*node.body, *node.orelse], state)
        self._guarded -= catches
        ways = [state.copy()] if goes_on else []
        for handler in node.handlers:
            own = before.copy()
            if self._block(handler.body, own):
                ways.append(own)
        if ways:
            state.rows = dict(ways[0].rows)
            state.join(ways)
        return self._block(node.finalbody, state) and bool(ways)

    # --- expressions ---------------------------------------------------------------------------------

    def _test(self, test: ir.Expression, state: State) -> None:
        _look_at(test, state)
        self._read(test, state)
        for node in expressions_in([test]):
            if isinstance(node, ir.Call) or (isinstance(node, ir.Comparison) and _compares(node)):
                state.proved |= state.keys([node])

    def _read(self, node: Any, state: State) -> None:
        match node:
            case None | ir.Constant():
                return
            case list() | tuple():
                for one in node:
                    self._read(one, state)
            case ir.Attribute(value=value) | ir.Subscript(value=value):
                self._part(node, value, state)
                if isinstance(node, ir.Subscript):
                    self._read(node.index, state)
            case ir.Call():
                self._call(node, state)
            case ir.BooleanOperation() | ir.Comparison() | ir.UnaryOperation():
                _look_at(node, state)
                self._parts(node, state)
            case ir.Conditional(test=test, body=body, orelse=orelse):
                self._test(test, state)
                self._read([body, orelse], state)
            case ir.Name(id=name):
                state.looked_at(name)  # it goes somewhere else
            case ir.Lambda() | ir.Comprehension():
                for name in _names([node]):
                    state.looked_at(name)
                self._parts(node, state)
            case msgspec.Struct() if not isinstance(node, ir.Span):
                self._parts(node, state)

    def _parts(self, node: msgspec.Struct, state: State) -> None:
        for name in node.__struct_fields__:
            part = getattr(node, name)
            if isinstance(part, (msgspec.Struct, list, tuple)):
                self._read(part, state)

    def _part(self, node: ir.Node, value: ir.Expression, state: State) -> None:
        """``value.name``, ``value[index]``: ``value`` has to be there."""
        inner = _plain(value)
        if isinstance(inner, ir.Name):
            if inner.id in state.rows:
                self._taken(node, inner.id, state)
            return
        self._read(value, state)
        row = self._look_up(inner, state) if isinstance(inner, ir.Call) else None
        if row is not None:
            self._fails(node, unparse(value, 60), row, state)

    def _call(self, node: ir.Call, state: State) -> None:
        self._read(node.function, state)
        takes = isinstance(node.function, ir.Attribute) and self._takes(node.function.name)
        for number, argument in enumerate(node.arguments):
            value = _plain(argument.value)
            if takes and number == 0 and isinstance(value, ir.Name) and value.id in state.rows:
                self._taken(node, value.id, state)
            else:
                self._read(argument.value, state)
        state.proved |= self._proves(node, state, self._guarded > 0)

    def _taken(self, node: ir.Node, name: str, state: State) -> None:
        self._fails(node, name, state.rows.pop(name), state)

    def _fails(self, node: ir.Node, text: str, row: Row, state: State) -> None:
        state.proved |= row.keys  # what comes behind runs only if it was there
        if not self._guarded:
            self.uses.append(Use(node, text, row))


def _plain(node: Any) -> Any:
    """An expression without ``await``."""
    while isinstance(node, ir.Await):
        node = node.value
    return node


def _names(nodes: list[Any]) -> list[str]:
    return [n.id for n in expressions_in(nodes) if isinstance(n, ir.Name)]


def _look_at(test: ir.Expression, state: State) -> None:
    """A test looks at the names in it."""
    if state.rows or state.asked:
        for name in _bare_names(test):
            state.looked_at(name)


def _bare_names(test: ir.Expression) -> list[str]:
    """The names whose own value a test looks at, not only that of their parts."""
    parts = {
        id(node.value)
        for node in expressions_in([test])
        if isinstance(node, (ir.Attribute, ir.Subscript)) and isinstance(node.value, ir.Name)
    }
    return [n.id for n in expressions_in([test]) if isinstance(n, ir.Name) and id(n) not in parts]


def _is_missing(test: ir.Expression) -> str | None:
    """The name of which a test says that there is nothing: ``not row``, ``row is None``."""
    match test:
        case ir.UnaryOperation(operator="not", value=ir.Name(id=name)):
            return name
        case ir.Comparison(left=ir.Name(id=name), operators=["is" | "=="], rights=[ir.Constant(value=None)]):
            return name
    return None


def _is_quiet(statement: ir.Statement) -> bool:
    """It changes nothing: what comes behind is as it was."""
    if isinstance(statement, ir.Pass):
        return True
    if not isinstance(statement, ir.ExpressionStatement):
        return False
    value = statement.value
    if not isinstance(value, ir.Call):
        return isinstance(value, (ir.Constant, ir.EllipsisLiteral))
    root: Any = value.function
    while isinstance(root, ir.Attribute):
        root = root.value
    return isinstance(root, ir.Name) and root.id in _QUIET_ROOTS


def _compares(node: ir.Comparison) -> bool:
    """``row.owner != number``, ``number in known``: with something else than a constant."""
    constants = sum(isinstance(side, ir.Constant) for side in (node.left, *node.rights))
    return constants == 0 and not _EQUAL.isdisjoint(node.operators)


def _catches(handler: ir.Handler) -> bool:
    """A clause for what happens where there is nothing, or for everything, that makes something else of it."""
    if _is_server_fault(handler.body):
        return False
    kinds = handler.type.items if isinstance(handler.type, ir.TupleDisplay) else [handler.type]
    return any(kind is None or (isinstance(kind, ir.Name) and kind.id in _CATCHING) for kind in kinds)


def _is_server_fault(body: list[ir.Statement]) -> bool:
    """The clause raises what it has caught again, or answers with 500 as the server would."""
    last = body[-1] if body else None
    if not isinstance(last, ir.Raise) or any(
        isinstance(node, (ir.Return, ir.Continue, ir.Break))
        for node in expressions_in(body, into_functions=False)
    ):
        return False
    raises = [n for n in expressions_in(body, into_functions=False) if isinstance(n, ir.Raise)]
    return len(raises) == 1 and (
        last.value is None
        or any(
            (isinstance(n, ir.Constant) and n.value == 500)
            or (isinstance(n, ir.Attribute) and n.name.startswith(("HTTP_500", "INTERNAL_SERVER_ERROR")))
            for n in expressions_in([last.value])
        )
    )
