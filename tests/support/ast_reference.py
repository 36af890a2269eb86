"""The intermediate form as nested tuples, made from ``ast``: a second opinion on the reader.

Only what the Python that runs the tests can parse can be compared.
"""

from __future__ import annotations

import ast
import warnings
from typing import Any

import msgspec

from backend_gate.facts import model

_operators: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.LShift: "<<", ast.RShift: ">>", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
    ast.Not: "not", ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.And: "and", ast.Or: "or",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.Gt: ">", ast.LtE: "<=", ast.GtE: ">=", ast.In: "in",
    ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip


def from_model(value: Any) -> Any:
    """A part of the intermediate form without its spans; bodies of functions decoded."""
    if isinstance(value, msgspec.Raw):
        return from_model(model.decode_block(value))
    if isinstance(value, list):
        return [from_model(item) for item in value]
    if isinstance(value, msgspec.Struct):
        fields = (
            field for field in value.__struct_fields__ if field not in {"span", "name_span", "definition"}
        )
        return (type(value).__name__, *(from_model(getattr(value, field)) for field in fields))
    return value


def from_source(text: str) -> list[Any]:
    """The same from the text of a module."""
    with warnings.catch_warnings(action="ignore"):  # unknown escapes stay as they are
        return block(ast.parse(text).body)


def block(nodes: list[ast.stmt]) -> list[Any]:
    return [statement(node) for node in nodes]


def statement(node: ast.stmt) -> Any:
    match node:
        case ast.Expr(value):
            return ("ExpressionStatement", expression(value))
        case ast.Assign(targets, value):
            return ("Assign", [expression(target) for target in targets], expression(value))
        case ast.AnnAssign(target, annotation, value):
            return ("AnnotatedAssign", expression(target), expression(annotation), optional(value))
        case ast.AugAssign(target, op, value):
            return ("AugmentedAssign", expression(target), _operators[type(op)], expression(value))
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return (
                "FunctionDef",
                node.name,
                parameters(node.args),
                [expression(decorator) for decorator in node.decorator_list],
                optional(node.returns),
                block(node.body),
                isinstance(node, ast.AsyncFunctionDef),
                is_generator(node),
                type_parameters(node),
            )
        case ast.ClassDef():
            keywords = [
                ("Argument", expression(k.value), k.arg, "" if k.arg else "**") for k in node.keywords
            ]
            return (
                "ClassDef",
                node.name,
                [argument(base) for base in node.bases] + keywords,
                [expression(decorator) for decorator in node.decorator_list],
                block(node.body),
                type_parameters(node),
            )
        case ast.Import(names):
            return ("Import", [("ImportedName", alias.name, alias.asname) for alias in names])
        case ast.ImportFrom(module, names, level):
            return ("ImportFrom", module or "", level, [("ImportedName", a.name, a.asname) for a in names])
        case ast.Return(value):
            return ("Return", optional(value))
        case ast.Raise(exc, cause):
            return ("Raise", optional(exc), optional(cause))
        case ast.Assert(test, msg):
            return ("Assert", expression(test), optional(msg))
        case ast.Pass() | ast.Break() | ast.Continue():
            return (type(node).__name__,)
        case ast.Global(names) | ast.Nonlocal(names):
            return (type(node).__name__, names)
        case ast.Delete(targets):
            return ("Delete", [expression(target) for target in targets])
        case _:
            return compound(node)


def compound(node: ast.stmt) -> Any:
    match node:
        case ast.If(test, body, orelse) | ast.While(test, body, orelse):
            return (type(node).__name__, expression(test), block(body), block(orelse))
        case ast.For(target, iterable, body, orelse) | ast.AsyncFor(target, iterable, body, orelse):
            is_async = isinstance(node, ast.AsyncFor)
            return ("For", expression(target), expression(iterable), block(body), block(orelse), is_async)
        case ast.With(items, body) | ast.AsyncWith(items, body):
            with_items = [("WithItem", expression(i.context_expr), optional(i.optional_vars)) for i in items]
            return ("With", with_items, block(body), isinstance(node, ast.AsyncWith))
        case ast.Try() | ast.TryStar():
            handlers = [("Handler", optional(h.type), h.name, block(h.body)) for h in node.handlers]
            is_star = isinstance(node, ast.TryStar)
            return ("Try", block(node.body), handlers, block(node.orelse), block(node.finalbody), is_star)
        case ast.Match(subject, cases):
            return ("Match", expression(subject), [match_case(case) for case in cases])
    raise AssertionError(f"no reference for {ast.dump(node)}")


def match_case(case: ast.match_case) -> Any:
    values, names, is_wildcard = pattern(case.pattern)
    return ("MatchCase", values, names, optional(case.guard), block(case.body), is_wildcard)


def pattern(node: ast.pattern) -> tuple[list[Any], list[str], bool]:
    match node:
        case ast.MatchValue(value):
            return [expression(value)], [], False
        case ast.MatchSingleton(value):
            return [("Constant", value)], [], False
        case ast.MatchAs(None, name):
            return [], [name] if name else [], True
        case ast.MatchAs(ast.pattern() as inner, name):
            values, names, is_wildcard = pattern(inner)
            return values, [*names, *([name] if name else [])], is_wildcard
        case ast.MatchStar(name):
            return [], [name] if name else [], False
        case ast.MatchOr(patterns):
            parts = [pattern(inner) for inner in patterns]
            is_closed = all(part[0] or part[2] for part in parts)
            return (
                [value for part in parts for value in part[0]] if is_closed else [],
                list(dict.fromkeys(name for part in parts for name in part[1])),
                any(part[2] for part in parts),
            )
        case ast.MatchSequence(patterns):
            return [], [name for inner in patterns for name in pattern(inner)[1]], False
        case ast.MatchMapping(_, patterns, rest):
            bound = [name for inner in patterns for name in pattern(inner)[1]]
            return [], [*bound, *([rest] if rest else [])], False
        case ast.MatchClass(_, patterns, _, keyword_patterns):
            return [], [name for inner in patterns + keyword_patterns for name in pattern(inner)[1]], False
    raise AssertionError(f"no reference for {ast.dump(node)}")


def optional(node: ast.expr | None) -> Any:
    return None if node is None else expression(node)


def expression(node: ast.expr) -> Any:
    match node:
        case ast.Name(name):
            return ("Name", name)
        case ast.Constant(value):
            return constant(value)
        case ast.Attribute(value, attr):
            return ("Attribute", expression(value), attr)
        case ast.Call(func, args, keywords):
            return ("Call", expression(func), arguments(args, keywords))
        case ast.Subscript(value, index):
            return ("Subscript", expression(value), expression(index))
        case ast.Slice(lower, upper, step):
            return ("Slice", optional(lower), optional(upper), optional(step))
        case ast.List(items) | ast.Tuple(items) | ast.Set(items):
            return (type(node).__name__ + "Display", [expression(item) for item in items])
        case ast.Dict(keys, values):
            return (
                "DictDisplay",
                [("DictEntry", optional(k), expression(v)) for k, v in zip(keys, values, strict=True)],
            )
        case ast.JoinedStr():
            return joined(node)
        case ast.BinOp(left, op, right):
            return ("BinaryOperation", _operators[type(op)], expression(left), expression(right))
        case ast.BoolOp(op, values):
            operator = _operators[type(op)]
            return ("BooleanOperation", operator, flat([expression(v) for v in values], operator))
        case ast.UnaryOp(op, operand):
            return ("UnaryOperation", _operators[type(op)], expression(operand))
        case ast.Compare(left, ops, comparators):
            return (
                "Comparison",
                expression(left),
                [_operators[type(op)] for op in ops],
                [expression(right) for right in comparators],
            )
        case ast.IfExp(test, body, orelse):
            return ("Conditional", expression(test), expression(body), expression(orelse))
        case ast.Lambda(args, body):
            return ("Lambda", parameters(args), expression(body))
        case ast.ListComp(elt, generators) | ast.SetComp(elt, generators) | ast.GeneratorExp(elt, generators):
            kind = {"ListComp": "list", "SetComp": "set", "GeneratorExp": "generator"}[type(node).__name__]
            return ("Comprehension", kind, None, expression(elt), [generator(g) for g in generators])
        case ast.DictComp(key, value, generators):
            return (
                "Comprehension",
                "dict",
                expression(key),
                expression(value),
                [generator(g) for g in generators],
            )
        case ast.Await(value):
            return ("Await", expression(value))
        case ast.Yield(value):
            return ("Yield", optional(value), False)
        case ast.YieldFrom(value):
            return ("Yield", expression(value), True)
        case ast.Starred(value):
            return ("Starred", expression(value))
        case ast.NamedExpr(target, value):
            return ("NamedExpression", expression(target), expression(value))
    raise AssertionError(f"no reference for {ast.dump(node)}")


def constant(value: Any) -> Any:
    if value is Ellipsis:
        return ("EllipsisLiteral",)
    if isinstance(value, bytes):
        return ("BytesLiteral", value)
    if isinstance(value, complex):
        return ("Unknown", "a complex number")
    if isinstance(value, int) and value >= 2**63:
        return ("Unknown", "an integer beyond 64 bits")
    if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        return ("Unknown", "an escape that is no character")
    return ("Constant", value)


def joined(node: ast.JoinedStr) -> Any:
    parts: list[Any] = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            if part.value:
                parts.append(part.value)
            continue
        assert isinstance(part, ast.FormattedValue)
        spec: str | None = ""
        if part.format_spec is not None:
            assert isinstance(part.format_spec, ast.JoinedStr)
            texts = [str(inner.value) for inner in part.format_spec.values if isinstance(inner, ast.Constant)]
            spec = "".join(texts) if len(texts) == len(part.format_spec.values) else None
        conversion = "" if part.conversion == -1 else chr(part.conversion)
        parts.append(("Hole", expression(part.value), conversion, spec))
    if all(isinstance(part, str) for part in parts):
        return ("Constant", "".join(parts))
    return ("Text", parts, False)


def flat(values: list[Any], operator: str) -> list[Any]:
    result: list[Any] = []
    for value in values:
        if value[:2] == ("BooleanOperation", operator):
            result.extend(value[2])
        else:
            result.append(value)
    return result


def argument(node: ast.expr) -> Any:
    if isinstance(node, ast.Starred):
        return ("Argument", expression(node.value), None, "*")
    return ("Argument", expression(node), None, "")


def arguments(args: list[ast.expr], keywords: list[ast.keyword]) -> list[Any]:
    """In the order of the source, which ``ast`` splits in two."""
    pairs: list[tuple[tuple[int, int], Any]] = [((a.lineno, a.col_offset), argument(a)) for a in args]
    for keyword in keywords:
        star = "" if keyword.arg else "**"
        pairs.append(
            ((keyword.lineno, keyword.col_offset), ("Argument", expression(keyword.value), keyword.arg, star))
        )
    return [value for _, value in sorted(pairs, key=lambda pair: pair[0])]


def generator(node: ast.comprehension) -> Any:
    conditions = [expression(condition) for condition in node.ifs]
    return ("Generator", expression(node.target), expression(node.iter), conditions, bool(node.is_async))


def parameters(node: ast.arguments) -> list[Any]:
    plain = [(arg, "positional") for arg in node.posonlyargs] + [(arg, "normal") for arg in node.args]
    defaults = [None] * (len(plain) - len(node.defaults)) + list(node.defaults)
    result = [parameter(arg, kind, default) for (arg, kind), default in zip(plain, defaults, strict=True)]
    if node.vararg:
        result.append(parameter(node.vararg, "*", None))
    result += [
        parameter(arg, "keyword", default)
        for arg, default in zip(node.kwonlyargs, node.kw_defaults, strict=True)
    ]
    if node.kwarg:
        result.append(parameter(node.kwarg, "**", None))
    return result


def parameter(node: ast.arg, kind: str, default: ast.expr | None) -> Any:
    return ("Parameter", node.arg, kind, optional(node.annotation), optional(default))


def type_parameters(node: ast.AST) -> list[str]:
    return [parameter.name for parameter in getattr(node, "type_params", [])]


def is_generator(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a ``yield`` stands in the scope of the function itself."""
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            pending.extend([*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)])
        elif isinstance(node, ast.ClassDef):
            pending.extend([*node.decorator_list, *node.bases])
        elif isinstance(node, ast.Lambda):
            pending.extend([*node.args.defaults, *filter(None, node.args.kw_defaults)])
        else:
            pending.extend(ast.iter_child_nodes(node))
    return False
