"""Expressions back to text, for messages and conditions: one line, normalised, shortened when long."""

from __future__ import annotations

from backend_gate.facts import model as ir

MAX_LENGTH = 120


def unparse(node: ir.Expression | None, limit: int = MAX_LENGTH) -> str:
    """The source text of an expression, at most ``limit`` characters (then ending in ``…``)."""
    text = _text(node, 0) if node is not None else ""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _text(node: ir.Expression | None, depth: int) -> str:
    if node is None:
        return ""
    if depth > 40:
        return "…"
    down = depth + 1
    match node:
        case ir.Name(id=name):
            return name
        case ir.Constant(value=value):
            return repr(value)
        case ir.BytesLiteral(value=data):
            return repr(data)
        case ir.EllipsisLiteral():
            return "..."
        case ir.Attribute(value=value, name=name):
            return f"{_operand(value, down)}.{name}"
        case ir.Call(function=function, arguments=arguments):
            return f"{_operand(function, down)}({', '.join(_argument(a, down) for a in arguments)})"
        case ir.Subscript(value=value, index=index):
            inner = _items(index.items, down) if isinstance(index, ir.TupleDisplay) else _text(index, down)
            return f"{_operand(value, down)}[{inner}]"
        case ir.Slice(lower=lower, upper=upper, step=step):
            tail = f":{_text(step, down)}" if step is not None else ""
            return f"{_text(lower, down)}:{_text(upper, down)}{tail}"
        case ir.ListDisplay(items=items):
            return f"[{_items(items, down)}]"
        case ir.TupleDisplay(items=items):
            return f"({_items(items, down)}{',' if len(items) == 1 else ''})"
        case ir.SetDisplay(items=items):
            return f"{{{_items(items, down)}}}"
        case ir.DictDisplay(entries=entries):
            pairs = (
                f"**{_operand(e.value, down)}"
                if e.key is None
                else f"{_text(e.key, down)}: {_text(e.value, down)}"
                for e in entries
            )
            return f"{{{', '.join(pairs)}}}"
        case ir.Text(parts=parts):
            return (
                'f"'
                + "".join(p if isinstance(p, str) else f"{{{_text(p.value, down)}}}" for p in parts)
                + '"'
            )
        case ir.BinaryOperation(operator=operator, left=left, right=right):
            return f"{_operand(left, down)} {operator} {_operand(right, down)}"
        case ir.BooleanOperation(operator=operator, values=values):
            return f" {operator} ".join(_operand(v, down) for v in values)
        case ir.UnaryOperation(operator=operator, value=value):
            return f"{operator}{' ' if operator == 'not' else ''}{_operand(value, down)}"
        case ir.Comparison(left=left, operators=operators, rights=rights):
            tail = "".join(
                f" {operator} {_operand(right, down)}"
                for operator, right in zip(operators, rights, strict=True)
            )
            return _operand(left, down) + tail
        case ir.Conditional(test=test, body=body, orelse=orelse):
            return f"{_operand(body, down)} if {_operand(test, down)} else {_operand(orelse, down)}"
        case ir.Lambda(parameters=parameters, body=body):
            return f"lambda {', '.join(p.name for p in parameters)}: {_text(body, down)}"
        case ir.Comprehension(kind=kind, key=key, element=element, generators=generators):
            head = f"{_text(key, down)}: {_text(element, down)}" if key is not None else _text(element, down)
            loops = "".join(
                f" for {_text(g.target, down)} in {_text(g.iterable, down)}"
                + "".join(f" if {_text(c, down)}" for c in g.conditions)
                for g in generators
            )
            opening, closing = {"list": ("[", "]"), "generator": ("(", ")")}.get(kind, ("{", "}"))
            return f"{opening}{head}{loops}{closing}"
        case ir.Await(value=value):
            return f"await {_operand(value, down)}"
        case ir.Yield(value=value, is_from=is_from):
            return f"yield {'from ' if is_from else ''}{_text(value, down)}".rstrip()
        case ir.Starred(value=value):
            return f"*{_operand(value, down)}"
        case ir.NamedExpression(target=target, value=value):
            return f"{_text(target, down)} := {_text(value, down)}"
    return "…"


_COMPOUND = (
    ir.BinaryOperation,
    ir.BooleanOperation,
    ir.Comparison,
    ir.Conditional,
    ir.Lambda,
    ir.NamedExpression,
)


def _operand(node: ir.Expression, depth: int) -> str:
    text = _text(node, depth)
    return f"({text})" if isinstance(node, _COMPOUND) else text


def _items(items: list[ir.Expression], depth: int) -> str:
    return ", ".join(_text(item, depth) for item in items)


def _argument(argument: ir.Argument, depth: int) -> str:
    prefix = f"{argument.name}=" if argument.name else argument.star
    return prefix + _text(argument.value, depth)
