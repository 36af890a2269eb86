"""Spans agree with libcst's own ``PositionProvider``, which renders the tree to find them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import libcst as cst
import msgspec
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider

from backend_gate.facts import model
from backend_gate.facts.model import decode_block
from backend_gate.facts.reader import read_source

Place = tuple[str, int, int, int, int]

_kinds: dict[type[cst.CSTNode], str] = {
    cst.Name: "Name",
    cst.Integer: "Number",
    cst.Float: "Number",
    cst.Imaginary: "Number",
    cst.Ellipsis: "EllipsisLiteral",
    cst.SimpleString: "String",
    cst.FormattedString: "String",
    cst.ConcatenatedString: "String",
    cst.TemplatedString: "String",
    cst.Attribute: "Attribute",
    cst.Call: "Call",
    cst.Subscript: "Subscript",
    cst.BinaryOperation: "BinaryOperation",
    cst.UnaryOperation: "UnaryOperation",
    cst.Comparison: "Comparison",
    cst.IfExp: "Conditional",
    cst.NamedExpr: "NamedExpression",
    cst.Await: "Await",
    cst.Yield: "Yield",
    cst.List: "ListDisplay",
    cst.Set: "SetDisplay",
    cst.Dict: "DictDisplay",
    cst.ListComp: "Comprehension",
    cst.SetComp: "Comprehension",
    cst.DictComp: "Comprehension",
    cst.Lambda: "Lambda",
    cst.Expr: "ExpressionStatement",
    cst.Assign: "Assign",
    cst.AnnAssign: "AnnotatedAssign",
    cst.AugAssign: "AugmentedAssign",
    cst.Import: "Import",
    cst.ImportFrom: "ImportFrom",
    cst.Return: "Return",
    cst.Raise: "Raise",
    cst.Assert: "Assert",
    cst.Del: "Delete",
    cst.Pass: "Pass",
    cst.Global: "Global",
    cst.For: "For",
    cst.While: "While",
    cst.With: "With",
    cst.Try: "Try",
    cst.Match: "Match",
    cst.If: "If",
    cst.FunctionDef: "FunctionDef",
    cst.ClassDef: "ClassDef",
}
# Parts that the intermediate form leaves out or keeps as plain names.
_left_out = (cst.ImportAlias, cst.TypeParameters, cst.NameItem)


def expected_places(text: str) -> Counter[Place]:
    """The places of libcst, parentheses left out."""
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    positions = wrapper.resolve(PositionProvider)
    found: Counter[Place] = Counter()
    pending: list[cst.CSTNode] = [wrapper.module]
    while pending:
        node = pending.pop()
        if isinstance(node, cst.ImportFrom):
            pass
        elif isinstance(node, cst.ExceptHandler | cst.ExceptStarHandler):
            pending.extend(child for child in node.children if child is not node.name)
        elif isinstance(node, cst.MatchCase):
            pending.append(node.body)
            if node.guard is not None:
                pending.append(node.guard)
            continue
        elif isinstance(node, cst.FormattedStringExpression):
            pending.append(node.expression)
            continue
        elif isinstance(node, cst.Attribute):
            pending.append(node.value)
        elif isinstance(node, cst.ConcatenatedString):
            current: cst.BaseExpression = node
            while isinstance(current, cst.ConcatenatedString):
                if isinstance(current.left, cst.FormattedString):
                    pending.extend(current.left.parts)
                current = current.right
            if isinstance(current, cst.FormattedString):
                pending.extend(current.parts)
        elif isinstance(node, cst.FunctionDef | cst.ClassDef | cst.Param | cst.Arg | cst.TypeAlias):
            names = {id(getattr(node, "name", None)), id(getattr(node, "keyword", None))}
            pending.extend(child for child in node.children if id(child) not in names)
        elif not isinstance(node, _left_out):
            pending.extend(node.children)
        kind = _kinds.get(type(node))
        if kind is not None:
            place = positions[node]
            start, end = place.start, place.end
            found[kind, start.line, start.column + 1, end.line, end.column + 1] += 1
    return found


def actual_places(facts: model.FileFacts) -> Counter[Place]:
    """The places of the intermediate form."""
    found: Counter[Place] = Counter()
    pending: list[object] = [decode_block(statement.code) for statement in facts.statements]
    while pending:
        value = pending.pop()
        if isinstance(value, list):
            pending.extend(value)
        elif isinstance(value, model.Hole):
            pending.append(value.value)
        elif isinstance(value, model.MatchCase):
            pending.extend([value.guard, value.body])
        elif isinstance(value, msgspec.Raw):
            pending.append(decode_block(value))
        elif isinstance(value, msgspec.Struct) and not isinstance(value, model.Span):
            pending.extend(getattr(value, field) for field in value.__struct_fields__)
        if isinstance(value, model.Node):
            kind, span = _kind(value), value.span
            if isinstance(value, model.FunctionDef | model.ClassDef):
                # libcst leaves the decorators out.
                span = model.Span(
                    value.definition.line, value.definition.column, span.end_line, span.end_column
                )
            if kind in set(_kinds.values()):
                found[kind, span.line, span.column, span.end_line, span.end_column] += 1
    return found


def _kind(node: model.Node) -> str:
    match node:
        case model.Constant(value=str()) | model.BytesLiteral() | model.Text():
            return "String"
        case model.Constant(value=bool() | None):
            return "Name"
        case model.Constant():
            return "Number"
        case model.Unknown(reason=reason):
            return "Number" if "integer" in reason or "complex" in reason else "String"
        case model.Comprehension(kind="generator"):
            return "GeneratorExp"
        case _:
            return type(node).__name__


def differences(text: str) -> tuple[Counter[Place], Counter[Place]]:
    """Places that only libcst has, and places that only the reader has."""
    facts = read_source("module.py", text.encode())
    assert facts.error is None, facts.error
    expected, actual = expected_places(text), actual_places(facts)
    return expected - actual, actual - expected


_sources = sorted((Path(__file__).parents[1] / "facts").glob("*.py")) + sorted(
    (Path(__file__).parents[2] / "src" / "backend_gate" / "facts").glob("*.py")
)


@pytest.mark.parametrize("path", _sources, ids=lambda path: path.name)
def test_spans_of_real_files_agree_with_libcst(path: Path) -> None:
    missing, extra = differences(path.read_text(encoding="utf-8"))
    assert not missing
    assert not extra
