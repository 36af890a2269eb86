"""Which exceptions get to the handlers that are registered for them."""

from __future__ import annotations

from textwrap import dedent

import pytest
from linking import linker

from backend_gate.backend.model import Reach
from backend_gate.settings import Settings

MAIN = """\
from fastapi import FastAPI

import errors
import work

app = FastAPI()
app.add_exception_handler(errors.Locked, work.answer)


@app.get("/")
def root():
    work.run()
"""


def reach(work: str, main: str = MAIN, errors: str = "class Locked(Exception):\n    pass\n") -> list[Reach]:
    """What becomes of the handlers of an application whose endpoint calls ``work.run``."""
    source = f"import errors\nfrom errors import Locked\n\n\nasync def answer(request, error): ...\n\n\n{dedent(work)}"
    found = linker({"main.py": main, "errors.py": errors, "work.py": source})
    found.run()
    found.judge(Settings())
    return [handler.reach for handler in found.backend.error_handlers]


@pytest.mark.parametrize(
    "work",
    [
        "def run(): ...",
        "def run():\n    try:\n        return 1\n    except Locked:\n        return 2",
        "def run(error: Locked | None = None) -> Locked | None:\n    return isinstance(error, (Locked, ValueError))",
        "STATUS = {Locked: 409}\n\n\ndef run():\n    return [STATUS[kind] for kind in STATUS]",
        "def run():\n    return 'Locked by somebody'",
    ],
)
def test_nothing_raises_it(work: str) -> None:
    assert reach(work) == [Reach.NEVER]


@pytest.mark.parametrize(
    "work",
    [
        "def run():\n    raise Locked",
        "def run():\n    raise errors.Locked('by you')",
        "def run():\n    class Mine(Locked):\n        pass\n    raise Mine",
    ],
)
def test_an_endpoint_raises_it(work: str) -> None:
    assert reach(work) == [Reach.REACHED]


@pytest.mark.parametrize(
    "work",
    [
        "KINDS = {'locked': Locked}\n\n\ndef run(): ...",
        "def run():\n    return getattr(errors, 'Locked')",
        "def run():\n    return make(Locked)",
        "from errors import Locked as Busy\n\n\ndef run(): ...\n\n\ndef other():\n    raise Busy",
    ],
)
def test_something_may_raise_it(work: str) -> None:
    assert reach(work) == [Reach.UNKNOWN]


def test_a_class_that_others_come_by_is_not_judged() -> None:
    assert reach("def run(): ...", errors="@register\nclass Locked(Exception):\n    pass\n") == []


def test_a_mounted_application_raises_it() -> None:
    mounted = MAIN.replace(
        '@app.get("/")', 'inner = FastAPI()\napp.mount("/inner", inner)\n\n\n@inner.get("/")'
    )
    other = '\n\n@app.get("/outer")\ndef outer(): ...\n'
    assert reach("def run():\n    raise Locked", mounted + other) == [Reach.ELSEWHERE]
    assert reach("def run():\n    raise Locked\n\n\ndef other():\n    raise Locked", mounted + other) == [
        Reach.UNKNOWN
    ]
