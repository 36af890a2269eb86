"""What the interpreter makes of single statements and expressions."""

from __future__ import annotations

import pytest
from linking import linker, routes, value_of

from backend_gate.backend import budget
from backend_gate.backend.values import (
    Alternatives,
    Class,
    Constant,
    Function,
    Instance,
    Mapping,
    Sequence,
    Setting,
    TextValue,
    Unknown,
)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 'a' + 'b'", "ab"),
        ("x = f'{1}-{\"a\"}'", "1-a"),
        ("x = '%s/%s' % ('a', 'b')", "a/b"),
        ("x = '{0}{n}'.format('a', n='b')", "ab"),
        ("x = '-'.join(['a', 'b'])", "a-b"),
        ("x = '/v1/'.strip('/')", "v1"),
        ("x = [n for n in (1, 2, 3) if n > 1][0]", 2),
        ("x = {'a': 1, **{'b': 2}}['b']", 2),
        ("x = len([*range(3), 9])", 4),
        ("from typing import Annotated, get_origin\nx = get_origin(list[int]) is Annotated", False),
        ("from typing import Annotated\nclass Page: ...\nx = Page is Annotated", False),
        ("from typing import Annotated\nfrom lib import List\nx = List is Annotated", False),
        ("x = sorted(['b', 'c', 'a'])[0]", "a"),
        ("x = sorted({(2, 0): 'b', (1, 9): 'a'}, reverse=True)[0][0]", 2),
        ("x = sorted(['b', 'a'], key=len)[0]", "b"),
        ("x = 1 if not [] else 2", 1),
        ("x = None or 'default'", "default"),
        ("x = 3 in (1, 2, 3)", True),
        ("x = 'abc'[1:]", "bc"),
        ("a, *b = (1, 2, 3)\nx = b[1]", 3),
        ("x = 1\nx += 2", 3),
        ("def f(a, *, b=2):\n    return a + b\nx = f(1)", 3),
        ("def f(*args, **kw):\n    return len(args) + len(kw)\nx = f(1, *[2, 3], k=4)", 4),
        ("x = (lambda a, b=2: a * b)(4)", 8),
        ("def outer(n):\n    def inner():\n        return n\n    return inner\nx = outer(5)()", 5),
        ("class A:\n    y = 1\n    def get(self):\n        return self.y\nx = A().get()", 1),
        (("class A:\n    def __init__(self, n):\n        self.n = n\nclass B(A):\n"
         "    def __init__(self):\n        super().__init__(7)\nx = B().n"), 7),
        ("class A:\n    @property\n    def p(self):\n        return 3\nx = A().p", 3),
        ("class A:\n    @classmethod\n    def make(cls):\n        return cls\n    n = 4\nx = A.make().n", 4),
        ("from enum import Enum\nclass E(str, Enum):\n    A = 'a'\nx = f'{E.A.value}'", "a"),
        (
            "from enum import Enum\nclass P: pass\nclass E(Enum):\n    A = 'a'\n    o = P()\nx = E('a').value",
            "a",
        ),
        (
            ("from attrs import define, field\n@define\nclass C:\n    a: list = field(factory=list)\n"
            "    b: int = field(init=False)\n    def __attrs_post_init__(self):\n        self.a.append(1)\n"
            "        self.b = len(self.a)\nC()\nx = C().b"),
            1,
        ),
        (
            ("from dataclasses import dataclass, field\n@dataclass\nclass C:\n    a: int\n"
            "    b: list = field(default_factory=list)\n    def __post_init__(self):\n        self.b.append(self.a)\n"
            "C(1)\nx = C(2).b[0]"),
            2,
        ),
        ("from dataclasses import dataclass\n@dataclass\nclass P:\n    a: int\n    b: int = 2\nx = P(1).b", 2),
        ("import functools\ndef f(a, b):\n    return a + b\nx = functools.partial(f, 1)(2)", 3),
        ("x = getattr('ab', 'upper')()", "AB"),
        ("total = 0\nfor n in (1, 2, 3):\n    if n == 3:\n        break\n    total += n\nx = total", 3),
        ("match 'b':\n    case 'a':\n        x = 1\n    case 'b':\n        x = 2\n    case _:\n        x = 3", 2),
        ("try:\n    import json\n    x = 1\nexcept ImportError:\n    x = 2", 1),
        ("with open('f') as g:\n    x = 1", 1),
        ("def gen():\n    yield 1\n    yield 2\nx = list(gen())[1]", 2),
        ("if (y := 5) > 3:\n    x = y", 5),
        ("type T = int\nx = 1", 1),
    ],
)  # fmt: skip
def test_constants_fold(source: str, expected: object) -> None:
    found = value_of(source, "x")

    assert isinstance(found, Constant), found
    assert found.value == expected


def test_both_branches_of_an_undecided_condition_are_kept() -> None:
    found = value_of("import sys\nif sys.argv:\n    x = 1\nelse:\n    x = 2", "x")

    assert isinstance(found, Alternatives)
    assert {v.value for v in found.values if isinstance(v, Constant)} == {1, 2}


def test_a_setting_is_marked_and_keeps_its_default() -> None:
    found = value_of("import os\nx = os.environ.get('PREFIX', '/api')", "x")

    assert isinstance(found, Constant)
    assert (found.value, found.setting) == ("/api", "PREFIX")


def test_a_setting_without_a_default_has_a_name() -> None:
    found = value_of("import os\nx = os.environ['SECRET']", "x")

    assert isinstance(found, Setting)
    assert found.name == "SECRET"


def test_a_partly_known_text_keeps_what_is_known() -> None:
    found = value_of("import sys\nx = f'/a/{sys.argv}/b'", "x")

    assert isinstance(found, TextValue)
    assert found.parts[0] == "/a/"
    assert found.parts[-1] == "/b"


@pytest.mark.parametrize(
    "change",
    [
        "X[k] = v",
        "(X[k]) = v",
        "a = X[k] = v",
        "X[k] += 1",
        "del X[k]",
        "X[k][0] = v",
        "X.popitem()",
        "X[k].append(v)",
    ],
)
def test_a_function_that_changes_an_entry_of_a_modules_dict_is_seen(change: str) -> None:
    found = linker({"main.py": f"X = {{}}\nY = {{}}\ndef f(k, v):\n    {change}\n    return Y[k] == v\n"})
    module = found.modules.get("main")
    assert module is not None

    assert found.interpreter.changed_names(module) == {"X"}


def test_recursion_and_endless_loops_end() -> None:
    source = "def f(n):\n    return f(n + 1)\nx = f(0)\nwhile True:\n    y = 1\n    break\n"

    assert isinstance(value_of(source, "x"), Unknown)


def test_a_statement_that_takes_too_long_is_given_up_and_reported() -> None:
    body = "\n".join("    " * depth + f"for a{depth} in range(200):" for depth in range(4))
    found = linker({"main.py": f"x = 0\n{body}\n{'    ' * 4}x += 1\ny = 2\n"})
    module = found.modules.get("main")
    assert module is not None

    found.interpreter.run_module(module)

    assert found.interpreter.unresolved
    assert "too many steps" in found.interpreter.unresolved[0].reason
    assert isinstance(module.scope.names["y"], Constant)


def test_many_long_statements_share_what_a_unit_may_take_and_short_ones_still_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(budget, "ALL_MODULES_STEPS", 40_000)
    loop = "\n".join("    " * depth + f"for a{depth} in range(200):" for depth in range(4))
    long = f"{loop}\n{'    ' * 4}x = 1\n"
    found = linker({"main.py": f"x = 0\n{long * 40}y = len([1, 2])\n"})
    module = found.modules.get("main")
    assert module is not None

    found.interpreter.run_module(module)

    assert found.interpreter.steps < 40_000 + 41 * budget.LEAST_MODULE_STEPS
    assert len(found.interpreter.unresolved) == 40
    assert isinstance(module.scope.names["y"], Constant)


def test_names_come_through_imports_aliases_stars_and_submodules() -> None:
    files = {
        "main.py": "from pkg import thing as t, sub\nfrom pkg.other import *\nx = (t, sub.deep, star)",
        "pkg/__init__.py": "from .other import thing\n",
        "pkg/other.py": "thing = 1\nstar = 3\n_hidden = 4\n",
        "pkg/sub.py": "deep = 2\n",
    }
    found = linker(files)
    module = found.modules.get("main")
    assert module is not None
    value = found.interpreter.module_attribute(module, "x")

    assert isinstance(value, Sequence)
    assert [v.value for v in value.items if isinstance(v, Constant)] == [1, 2, 3]
    assert found.interpreter.module_attribute(module, "_hidden") is None


def test_a_cycle_of_imports_is_no_cycle_of_names() -> None:
    files = {
        "a.py": "from b import late\nfirst = 1\nuse = late\n",
        "b.py": "from a import first\nlate = first\n",
    }
    found = linker(files)
    module = found.modules.get("a")
    assert module is not None
    value = found.interpreter.module_attribute(module, "use")

    assert isinstance(value, Constant)
    assert value.value == 1


def test_methods_resolve_in_pythons_order() -> None:
    source = (
        "class A:\n    def f(self):\n        return 'A'\nclass B(A):\n    pass\n"
        "class C(A):\n    def f(self):\n        return 'C'\nclass D(B, C):\n    pass\nx = D().f()"
    )
    found = value_of(source, "x")

    assert isinstance(found, Constant)
    assert found.value == "C"


def test_a_project_decorator_is_entered_and_a_librarys_kept() -> None:
    source = (
        "import functools, unknown\n"
        "def twice(f):\n    @functools.wraps(f)\n    def inner(*a):\n        return f(*a) * 2\n    return inner\n"
        "@unknown.traced(1)\n@twice\ndef g(n):\n    return n\nx = g(4)"
    )
    found = value_of(source, "x")

    assert isinstance(found, Constant)
    assert found.value == 8


def test_kinds_of_values() -> None:
    source = "class K: ...\ndef f(): ...\nk = K()\nd = {1: 2}\n"

    assert isinstance(value_of(source, "K"), Class)
    assert isinstance(value_of(source, "f"), Function)
    assert isinstance(value_of(source, "k"), Instance)
    assert isinstance(value_of(source, "d"), Mapping)


APP = {
    "app/__init__.py": "",
    "app/main.py": (
        "from fastapi import FastAPI\nfrom app import users, items\n"
        "app = FastAPI()\nfor r in (users.router, items.router):\n    app.include_router(r, prefix='/v1')\n"
    ),
    "app/users.py": (
        "from fastapi import APIRouter\nrouter = APIRouter(prefix='/users')\n"
        "@router.get('')\ndef listed(): ...\n@router.post('/{n}')\ndef made(n: int): ...\n"
    ),
    "app/items.py": "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/items')\ndef all(): ...\n",
}


def test_routes_are_in_the_order_of_registration() -> None:
    assert routes(APP) == [
        ("GET", "/v1/users", "app.users.listed"),
        ("POST", "/v1/users/{n}", "app.users.made"),
        ("GET", "/v1/items", "app.items.all"),
    ]


def test_the_order_of_files_does_not_matter() -> None:
    assert routes(dict(reversed(APP.items()))) == routes(APP)


def test_an_override_of_a_librarys_method_is_used() -> None:
    files = {
        "main.py": (
            "from fastapi import FastAPI, APIRouter\n"
            "class Slashed(APIRouter):\n    def add_api_route(self, path, endpoint, **kw):\n"
            "        super().add_api_route(path + '/', endpoint, **kw)\n"
            "router = Slashed()\n@router.get('/a')\ndef a(): ...\napp = FastAPI()\napp.include_router(router)\n"
        )
    }

    assert routes(files) == [("GET", "/a/", "main.a")]


def test_a_factory_that_nobody_calls_is_called() -> None:
    files = {
        "main.py": (
            "from fastapi import FastAPI\ndef create(debug=False):\n    app = FastAPI()\n"
            "    @app.get('/x')\n    def x(): ...\n    return app\n"
        )
    }

    assert routes(files) == [("GET", "/x", "main.create.<locals>.x")]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('["GET", 1] == ["GET", 1]', True),
        ('["GET"] == ["PUT"]', False),
        ('["GET"] != ["GET", "PUT"]', True),
        ('{"GET", "PUT"} == {"PUT", "GET"}', True),
        ('["GET"] == ("GET",)', False),
        ("[] == []", True),
    ],
)
def test_lists_and_sets_are_equal_by_what_they_hold(source: str, expected: bool) -> None:
    found = value_of(f"found = {source}", "found")

    assert isinstance(found, Constant)
    assert found.value is expected
