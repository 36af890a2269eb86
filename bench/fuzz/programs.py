"""Random programs over the names that the linker knows: well formed, mostly senseless, often recursive.

Drawn by hypothesis, from a seed.
"""

from __future__ import annotations

import functools

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

_NAMES = ("app", "router", "other", "f", "g", "h", "A", "B", "C", "data", "db", "x", "y", "request", "self")
_CALLABLES = (
    *("FastAPI", "APIRouter", "Depends", "Security", "Query", "Body", "Header", "HTTPException", "BaseModel"),
    *(
        "text",
        "select",
        "getattr",
        "setattr",
        "type",
        "isinstance",
        "partial",
        "import_module",
        "str",
        "dict",
        "list",
    ),
    *(
        "app.get",
        "router.post",
        "app.include_router",
        "router.include_router",
        "app.mount",
        "app.add_api_route",
    ),
    *(
        "db.execute",
        "session.exec",
        "''.join",
        "'{}'.format",
        "x.append",
        "x.update",
        "request.json",
        "super",
    ),
)
_OPERATORS = ("+", "%", "or", "and", "in", "is", "|", "==", "<")
_PARAMETERS = (
    *("", "x", "x: dict", "data: A", "self, *x, **y", "x=Depends(f)", "request: Request"),
    "x: 'Annotated[A, Depends(g)]'",
)
_STATEMENTS = (
    *("pass", "break", "continue", "global x", "nonlocal x", "del x", "x, *y = y"),
    *("import main", "from . import parts", "from parts import *", "from main import app, router"),
    *("from parts import f as g", "app = FastAPI()", "router = APIRouter()"),
)
_TEXTS = (
    "'/'",
    "'/{x}'",
    "'SELECT '",
    "f'SELECT {x}'",
    "f'/{y}'",
    "'a' * 3",
    "''",
    "b'x'",
    "'\\ud800'",
    "'%s' % x",
)

name = st.sampled_from(_NAMES)
atom = st.one_of(
    name,
    st.sampled_from(_TEXTS),
    st.sampled_from(
        ("0", "-1", "None", "True", "...", "[]", "{}", "10 ** 9", "1j", "x[0]", "x[::2]", "A[int]")
    ),
)


def _calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    argument = st.one_of(
        inner,
        inner.map("*{}".format),
        st.tuples(name, inner).map("=".join),
        inner.map("**{}".format),
    )
    called = st.one_of(st.sampled_from(_CALLABLES), inner)
    return st.tuples(called, st.lists(argument, max_size=3)).map(
        lambda parts: f"{parts[0]}({', '.join(sorted(parts[1], key=_rank))})"
    )


def _rank(argument: str) -> int:
    """Where an argument may stand: in front, behind, or at the end."""
    if argument.startswith("**"):
        return 2
    return int(argument.partition("=")[0] in _NAMES)


def _expressions(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, inner)
    return st.one_of(
        _calls(inner),
        _calls(inner),
        st.tuples(inner, st.sampled_from(("+", "%", "or", "and", "in", "is", "|", "==", "<")), inner)
        .map(" ".join)
        .map("({})".format),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        two.map(lambda pair: f"{{{pair[0]}: {pair[1]}}}"),
        two.map(lambda pair: f"[{pair[0]} for x in {pair[1]}]"),
        two.map(lambda pair: f"({pair[0]} if {pair[1]} else y)"),
        two.map(lambda pair: f"({pair[0]})[{pair[1]}]"),
        st.tuples(inner, name).map(lambda pair: f"({pair[0]}).{pair[1]}"),
        inner.map(lambda value: f"(lambda x=1, *y: {value})"),
        inner.map(lambda value: f"(y := {value})"),
        inner.map(lambda value: f"f'a {{{value}}} b'" if "'" not in value and "\\" not in value else value),
    )


expression = st.recursive(atom, _expressions, max_leaves=5)


def _indented(block: list[str]) -> str:
    return "".join(f"    {line}\n" for part in block for line in part.splitlines()) or "    pass\n"


def _blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    block = st.lists(inner, min_size=1, max_size=4).map(_indented)
    decorators = st.lists(expression.map("@{}\n".format), max_size=2).map("".join)
    parameters = st.sampled_from(_PARAMETERS)
    head = st.tuples(name, parameters, expression)
    return st.one_of(
        st.tuples(decorators, st.sampled_from(("", "async ")), head, block).map(
            lambda p: f"{p[0]}{p[1]}def {p[2][0]}({p[2][1]}):\n{p[3]}"
        ),
        st.tuples(decorators, name, st.lists(expression, max_size=2), block).map(
            lambda p: f"{p[0]}class {p[1]}({', '.join(p[2])}):\n{p[3]}"
        ),
        st.tuples(expression, block, block).map(lambda p: f"if {p[0]}:\n{p[1]}else:\n{p[2]}"),
        st.tuples(name, expression, block).map(lambda p: f"for {p[0]} in {p[1]}:\n{p[2]}"),
        st.tuples(expression, block).map(lambda p: f"while {p[0]}:\n{p[1]}"),
        st.tuples(expression, name, block).map(lambda p: f"with {p[0]} as {p[1]}:\n{p[2]}"),
        st.tuples(block, expression, block).map(lambda p: f"try:\n{p[0]}except ({p[1]}) as x:\n{p[2]}"),
        st.tuples(expression, block).map(lambda p: f"match {p[0]}:\n    case [x, *y]:\n{_indented([p[1]])}"),
    )


_SIMPLE = st.one_of(
    st.tuples(name, expression).map(" = ".join),
    st.tuples(name, expression).map(" += ".join),
    st.tuples(name, expression).map(lambda p: f"{p[0]}: {p[1]} = {p[1]}"),
    st.tuples(expression, name, expression).map(lambda p: f"({p[0]}).{p[1]} = {p[2]}"),
    expression,
    expression.map("return {}".format),
    expression.map("raise {}".format),
    expression.map("yield {}".format),
    st.sampled_from(_STATEMENTS),
)
statement = st.recursive(_SIMPLE, _blocks, max_leaves=5)
_BODY = st.lists(statement, min_size=1, max_size=3).map(_indented)
_REST = st.lists(statement, max_size=5).map(lambda parts: "".join(f"{part.rstrip()}\n" for part in parts))
module = st.tuples(
    st.lists(_BODY, min_size=4, max_size=4),
    st.lists(st.sampled_from(_PARAMETERS), min_size=4, max_size=4),
    _REST,
)
_Parts = tuple[list[str], list[str], str]
_BATCH = 50
_FRAME = """\
from fastapi import *
from fastapi import APIRouter, Body, Depends, FastAPI, HTTPException, Request
from functools import partial
from importlib import import_module
from pydantic import BaseModel
from sqlalchemy import select, text

app = FastAPI()
router = APIRouter()


def f({1}):
{0}

class A(BaseModel):
{2}

@app.post("/first", dependencies=[Depends(f)])
async def g({3}):
{4}

@router.put("/{{x}}")
def h({5}):
{6}

app.include_router(router)
{7}"""


def make(run: int, number: int) -> dict[str, bytes]:
    """A program of two modules, ``main`` and ``parts``; ``number`` counts the programs of a run."""
    batch, index = divmod(number, _BATCH)
    programs = _batch(run, batch)
    return programs[index % len(programs)]


@functools.lru_cache(maxsize=4)
def _batch(run: int, batch: int) -> list[dict[str, bytes]]:
    drawn: list[dict[str, bytes]] = []

    @seed(run * 1_000_003 + batch)
    @settings(
        max_examples=_BATCH,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(module, module)
    def draw(main: _Parts, parts: _Parts) -> None:
        sources = {"main.py": _source(main), "parts.py": _source(parts)}
        drawn.append({file: source.encode("utf-8", "surrogatepass") for file, source in sources.items()})

    draw()
    return drawn


def _source(parts: _Parts) -> str:
    bodies, parameters, rest = parts
    first, second, third, _ = parameters
    return _FRAME.format(bodies[0], first, bodies[1], second, bodies[2], third, bodies[3], rest)
