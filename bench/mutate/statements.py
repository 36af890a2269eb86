"""Write a bound value into the text of a statement: ``execute("… = :x", {"x": x})`` becomes an f-string."""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Iterator, Sequence

import libcst as cst

from bench.mutate.model import Mutant, Operator
from bench.mutate.source import CallSite, Definition, Module, Sources, last_name
from bench.mutate.wiring import ended, parameters

_SINKS = frozenset(
    {"execute", "exec_driver_sql", "fetch", "fetchall", "fetchone", "fetchrow", "fetchval", "fetch_all",
     "fetch_one", "fetch_val", "query_first", "query_raw", "execute_raw", "scalar", "scalars"}
)  # fmt: skip
_STATEMENT = re.compile(r"^[\s(]*(select|insert|update|delete|with)\b", re.IGNORECASE)
_WORTH = re.compile(rf"\b({'|'.join(_SINKS)})\(")
_ASIDE = frozenset({"tests", "test", "testing", "migrations", "alembic", "versions", "examples", "scripts"})
_BOUND = frozenset({"parameters", "params", "values", "args"})
_TEXT = frozenset({"str", "str|None", "None|str", "Optional[str]"})
Piece = cst.SimpleString | cst.FormattedString


@dataclasses.dataclass(frozen=True)
class Bound:
    """A bound value: what stands for it in the text, which of the matches it is (from 0), and the call's
    arguments once it is written into the text."""

    placeholder: re.Pattern[str]
    occurrence: int
    value: cst.BaseExpression
    arguments: tuple[cst.Arg, ...]


def sql_mutants(sources: Sources, rng: random.Random) -> Iterator[Mutant]:
    """Statements with a bound text, from one file after the other: at most one mutant a function."""
    files = [f for f, text in sources.texts.items() if not _is_aside(f) and _WORTH.search(text)]
    rng.shuffle(files)
    waiting = [_of_file(sources, file, rng) for file in files]
    while waiting:
        left: list[Iterator[Mutant]] = []
        for mutants in waiting:
            mutant = next(mutants, None)
            if mutant is not None:
                yield mutant
                left.append(mutants)
        waiting = left


def _of_file(sources: Sources, file: str, rng: random.Random) -> Iterator[Mutant]:
    module = sources.module(file)
    seen: set[str] = set()
    sites = list(module.calls) if module else []
    rng.shuffle(sites)
    for site in sites:
        mutant = _mutant(sources, module, site) if module and site.scope not in seen else None
        if mutant is not None:
            seen.add(site.scope)
            yield mutant


def _is_aside(file: str) -> bool:
    """Whether the file lies outside what is judged as production code."""
    *folders, name = file.split("/")
    return bool(_ASIDE & set(folders)) or name.removesuffix(".py").endswith(("migrations", "migration"))


def _mutant(sources: Sources, module: Module, site: CallSite) -> Mutant | None:
    call = site.node
    if last_name(call) not in _SINKS or not call.args or call.args[0].keyword is not None:
        return None
    literal = call.args[0].value
    if isinstance(literal, cst.Call) and last_name(literal) == "text" and len(literal.args) == 1:
        literal = literal.args[0].value
    pieces = _pieces(literal)
    function = next((d for d in module.definitions if d.qualname == site.scope), None)
    if function is None or not pieces or not _STATEMENT.match(_texts(pieces[0])[0]):
        return None
    whole = "".join(text for piece in pieces for text in _texts(piece))
    for bound in _bound(call, whole):
        if not _is_text(sources, module, function, bound.value):
            continue
        value = module.code(bound.value)
        return Mutant(
            Operator.SQL,
            module.file,
            module.line(call),
            function.qualname,
            f"{value} written into the statement of {module.code(call.func)}(…)",
            call,
            _written(call, pieces, bound, value),
        )
    return None


def _pieces(literal: cst.BaseExpression) -> list[Piece]:
    """The string literals that a text is written as, in order; empty if it is made of anything else."""
    match literal:
        case cst.SimpleString() if "b" not in literal.prefix:
            return [literal]
        case cst.FormattedString():
            return [literal]
        case cst.ConcatenatedString(left=left, right=right):
            first, second = _pieces(left), _pieces(right)
            return first + second if first and second else []
    return []


def _texts(piece: Piece) -> list[str]:
    """The literal parts of a piece, as they stand in the source."""
    if isinstance(piece, cst.SimpleString):
        return [piece.raw_value]
    return [part.value for part in piece.parts if isinstance(part, cst.FormattedStringText)] or [""]


def _bound(call: cst.Call, text: str) -> Iterator[Bound]:
    """The values that the call binds, as far as text and arguments show which placeholder is whose."""
    first, *rest = call.args
    place = next((i for i, a in enumerate(rest) if a.keyword is None or a.keyword.value in _BOUND), None)
    if place is None:
        return
    display = rest[place].value
    if isinstance(display, cst.Dict):
        for element in display.elements:
            if isinstance(element, cst.DictElement) and isinstance(element.key, cst.SimpleString):
                name = re.escape(str(element.key.evaluated_value))
                placeholder = re.compile(rf"(?<![:\w]):{name}\b|%\({name}\)s")
                count = len(placeholder.findall(text))
                left = [e for e in display.elements if e is not element or count > 1]
                if count:
                    yield Bound(placeholder, 0, element.value, _replaced(first, rest, place, display, left))
    elif isinstance(display, cst.Tuple | cst.List):
        for mark in (re.compile(r"\?"), re.compile(r"%s")):
            if len(mark.findall(text)) == len(display.elements):
                for index, item in enumerate(display.elements):
                    left_items = [e for e in display.elements if e is not item]
                    yield Bound(mark, index, item.value, _replaced(first, rest, place, display, left_items))
    elif all(a.keyword is None and not a.star for a in rest):
        # Only the last one: the others would have to be numbered anew.
        last = re.compile(rf"\${len(rest)}\b")
        if len(last.findall(text)) == 1 and f"${len(rest) + 1}" not in text:
            yield Bound(last, 0, rest[-1].value, tuple(ended(call.args[:-1])))


def _replaced(
    first: cst.Arg,
    rest: Sequence[cst.Arg],
    place: int,
    display: cst.Dict | cst.Tuple | cst.List,
    elements: Sequence[cst.CSTNode],
) -> tuple[cst.Arg, ...]:
    if isinstance(display, cst.Tuple) and len(elements) == 1:
        elements = [elements[0].with_changes(comma=cst.Comma())]
    changed = rest[place].with_changes(value=display.with_changes(elements=elements))
    return (first, *(changed if i == place else a for i, a in enumerate(rest)))


def _is_text(sources: Sources, module: Module, function: Definition, value: cst.BaseExpression) -> bool:
    """Whether a value is text that comes from outside the function and that nothing in it restricts."""
    node = function.node
    if not isinstance(node, cst.FunctionDef):
        return False
    held = {p.name.value: p for p in parameters(node)}
    match value:
        case cst.Name(value=name) if name in held and not _is_handled(node.body, name):
            annotation = held[name].annotation
            if annotation is not None and not _says_text(module, annotation.annotation):
                return False
            return not _is_given_literals(sources, node, list(held).index(name), held[name])
        case cst.Attribute(value=cst.Name(value=name), attr=cst.Name(value=attribute)) if name in held:
            annotation = held[name].annotation
            if annotation is None or _is_handled(node.body, name):
                return False
            return any(
                _says_text(there, field)
                for there, field in _fields(sources, module, last_name(annotation.annotation), attribute)
            )
    return False


def _is_given_literals(
    sources: Sources, function: cst.FunctionDef, number: int, parameter: cst.Param
) -> bool:
    """Whether somebody calls the function, and everybody writes the parameter as a literal: no stranger's text.

    Who leaves it out gets its default.
    """
    called, name = function.name.value, parameter.name.value
    given: list[cst.BaseExpression | None] = []
    for file, text in sources.texts.items():
        module = sources.module(file) if f"{called}(" in text else None
        for site in module.calls if module is not None else ():
            if last_name(site.node) == called:
                plain = [a.value for a in site.node.args if a.keyword is None and not a.star]
                named = {a.keyword.value: a.value for a in site.node.args if a.keyword is not None}
                given.append(named.get(name, plain[number] if number < len(plain) else parameter.default))
    return bool(given) and all(isinstance(value, cst.SimpleString) for value in given)


def _says_text(module: Module, annotation: cst.BaseExpression) -> bool:
    return module.code(annotation).replace(" ", "").strip("\"'") in _TEXT


def _fields(
    sources: Sources, module: Module, name: str, attribute: str
) -> Iterator[tuple[Module, cst.BaseExpression]]:
    """Annotations of an attribute in the classes of that name."""
    for file, bound in sources.homes(module.file, name) if name else ():
        there = sources.module(file)
        for definition in there.named(bound) if there else ():
            if there is None or not isinstance(definition.node, cst.ClassDef):
                continue
            for line in definition.node.body.body:
                for statement in line.body if isinstance(line, cst.SimpleStatementLine) else ():
                    if isinstance(statement, cst.AnnAssign) and last_name(statement.target) == attribute:
                        yield there, statement.annotation.annotation


def _is_handled(body: cst.BaseSuite, name: str) -> bool:
    """Whether the function binds the name anew or asks whether it is among allowed ones."""
    todo: list[cst.CSTNode] = [body]
    while todo:
        node = todo.pop()
        match node:
            case cst.AssignTarget(target=cst.Name(value=bound)) if bound == name:
                return True
            case cst.Comparison(left=left, comparisons=comparisons):
                if (
                    any(isinstance(c.operator, cst.In | cst.NotIn) for c in comparisons)
                    and last_name(left) == name
                ):
                    return True
        todo.extend(node.children)
    return False


def _written(call: cst.Call, pieces: Sequence[Piece], bound: Bound, value: str) -> cst.CSTNode:
    """The call with the value in the piece that held its placeholder, and no longer bound."""
    left = bound.occurrence
    for piece in pieces:
        inside = sum(len(bound.placeholder.findall(text)) for text in _texts(piece))
        if left < inside:
            changed = call.with_changes(args=bound.arguments)
            result = changed.deep_replace(piece, _formatted(piece, bound.placeholder, left, value))
            if isinstance(result, cst.CSTNode):
                return result
        left -= inside
    raise ValueError("the placeholder is in none of the pieces")


def _formatted(piece: Piece, placeholder: re.Pattern[str], occurrence: int, value: str) -> cst.BaseExpression:
    """The piece as an f-string with the value instead of one placeholder, in SQL's quotes where they fit."""
    empty = cst.Module([])
    if isinstance(piece, cst.SimpleString):
        start, end = f"{piece.prefix.replace('u', '')}f{piece.quote}", piece.quote
        parts, literal = [piece.raw_value], [True]
    else:
        start, end = piece.start, piece.end
        parts = [
            p.value if isinstance(p, cst.FormattedStringText) else empty.code_for_node(p) for p in piece.parts
        ]
        literal = [isinstance(p, cst.FormattedStringText) for p in piece.parts]
    out: list[str] = []
    for text, is_literal in zip(parts, literal, strict=True):
        matches = list(placeholder.finditer(text)) if is_literal else []
        doubled = isinstance(piece, cst.SimpleString)
        if 0 <= occurrence < len(matches):
            found = matches[occurrence]
            quote = "" if end == "'" or text[: found.start()].endswith("'") else "'"
            head, tail = text[: found.start()], text[found.end() :]
            out.append(f"{_doubled(head, doubled)}{quote}{{{value}}}{quote}{_doubled(tail, doubled)}")
        else:
            out.append(_doubled(text, doubled))
        occurrence -= len(matches)
    return cst.parse_expression(f"{start}{''.join(out)}{end}")


def _doubled(text: str, doubled: bool) -> str:
    return text.replace("{", "{{").replace("}", "}}") if doubled else text
