"""The code that a module runs by itself, as a function of its own: scripts have their SQL there.

Modules run without a trace while the wiring is linked, each name when somebody asks for it. A statement of SQL
at the top of a module needs the order of a run, and must change nothing that others see.
"""

from __future__ import annotations

import re

from backend_gate.backend.modules import ModuleState, ModuleTable
from backend_gate.backend.queries.words import Words
from backend_gate.backend.values import Constant, Function, Scope
from backend_gate.backend.walk import expressions_in
from backend_gate.facts import model as ir

NAME = "<module>"
_DEFINITIONS = (ir.FunctionDef, ir.ClassDef, ir.Import, ir.ImportFrom)


def module_code(
    module: ModuleState, modules: ModuleTable, words: Words, texts: re.Pattern[bytes] | None = None
) -> Function | None:
    """The top of a module as a function, if it calls something that is named like a sink, or holds ``texts``.

    ``texts`` are looked for in lower case.

    Definitions and imports are left out: whoever needs one finds it in the module. The module is the main
    one: ``if __name__ == "__main__"`` holds.
    """
    tops = module.facts.statements
    has_texts = texts is not None and any(texts.search(bytes(top.code).lower()) for top in tops)
    if not has_texts and not _calls_some_sink(module, words):
        return None
    every = [module.statement(number) for number in range(len(module.facts.statements))]
    body: list[ir.Statement] = [s for s in every if not isinstance(s, _DEFINITIONS)]
    if not body:
        return None
    span = body[0].span
    named = ir.Parameter("__name__", "normal", None, None, span)
    node = ir.FunctionDef(
        span=span,
        name=NAME,
        name_span=span,
        definition=span,
        parameters=[named],
        decorators=[],
        returns=None,
        body=ir.encode_block([]),
        is_async=False,
        is_generator=False,
        type_parameters=[],
    )
    function = Function(modules.with_body(node, body), module, Scope("function", module, None), NAME)
    function.defaults["__name__"] = Constant("__main__")
    return function


def _calls_some_sink(module: ModuleState, words: Words) -> bool:
    """At the top of the module, outside of definitions."""
    mentioned = [name.encode() for name in module.facts.words if name in words.names]
    if not mentioned:
        return False
    for number, top in enumerate(module.facts.statements):
        code = bytes(top.code)
        if any(name in code for name in mentioned):
            statement = module.statement(number)
            if not isinstance(statement, _DEFINITIONS) and _calls_sink(statement, words):
                return True
    return False


def _calls_sink(statement: ir.Statement, words: Words) -> bool:
    """Outside of the functions that it defines."""
    return any(
        isinstance(node, ir.Call) and _last_name(node.function) in words.names
        for node in expressions_in([statement], into_functions=False)
    )


def _last_name(node: ir.Expression) -> str:
    if isinstance(node, ir.Attribute):
        return node.name
    return node.id if isinstance(node, ir.Name) else ""
