"""Names that only the body of a ``try`` gives a value, and that are read after it: not there if it failed."""

from __future__ import annotations

from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir


def unbound_after(function: ir.FunctionDef, body: list[ir.Statement], attempt: ir.Try) -> str:
    """The first name that a failure of ``attempt`` leaves without a value and that ``body`` reads next; or empty.

    Nothing is said of names that anything else in the function binds, or that belong to a scope around it.
    """
    inside = {id(node) for node in expressions_in([attempt], into_functions=False)}
    given = {target.id for target in _targets(attempt.body, set())}
    bound = {parameter.name for parameter in function.parameters}
    bound |= {target.id for target in _targets(body, inside)}
    for node in expressions_in(body, into_functions=False):
        if isinstance(node, (ir.Global, ir.Nonlocal)):
            bound |= set(node.names)
    end = (attempt.span.end_line, attempt.span.end_column)
    later = [
        node
        for node in expressions_in(body, into_functions=False)
        if isinstance(node, ir.Name) and id(node) not in inside and _start(node) >= end
    ]
    return next((node.id for node in sorted(later, key=_start) if node.id in given - bound), "")


def _targets(block: list[ir.Statement], but: set[int]) -> list[ir.Name]:
    """The names that statements of a block give a value, apart from nodes in ``but``."""
    found: list[ir.Expression] = []
    for node in expressions_in(block, into_functions=False):
        if id(node) in but:
            continue
        match node:
            case ir.Assign(targets=targets) | ir.Delete(targets=targets):
                found += targets
            case ir.AnnotatedAssign(target=target) | ir.AugmentedAssign(target=target):
                found.append(target)
            case ir.NamedExpression(target=target) | ir.For(target=target):
                found.append(target)
            case ir.With(items=items):
                found += [item.target for item in items if item.target is not None]
            case ir.Comprehension(generators=generators):
                found += [generator.target for generator in generators]
            case ir.Import(names=names) | ir.ImportFrom(names=names):
                found += [ir.Name(node.span, (one.alias or one.name).partition(".")[0]) for one in names]
            case ir.FunctionDef(name=name) | ir.ClassDef(name=name):
                found.append(ir.Name(node.span, name))
            case ir.Try(handlers=handlers):
                found += [ir.Name(node.span, one.name) for one in handlers if one.name]
            case ir.Match():
                found += [
                    one for one in expressions_in([node], into_functions=False) if isinstance(one, ir.Name)
                ]
    plain: list[ir.Name] = []
    for target in found:
        plain += [one for one in expressions_in([target]) if isinstance(one, ir.Name)]
    return plain


def _start(node: ir.Node) -> tuple[int, int]:
    return (node.span.line, node.span.column)
