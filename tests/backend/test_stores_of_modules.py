"""What an answer is read from: lists and dicts that another module keeps for all requests."""

from __future__ import annotations

from pathlib import Path

import pytest
from linking import linker, verdicts
from trees import plant

from backend_gate.backend.model import Verdict
from backend_gate.settings import Settings
from judging import run

STORE = """\
MEMBERS = {}
SEEN = []
TARIFFS = {"small": 1, "large": 2}
GUESTS = {"anna": 1}
FIXED = [1, 2, 3]
NONE = ()

def check_in(name):
    GUESTS[name] = 1
"""
MAIN = """\
import kept
import kept.store as shelf
from fastapi import FastAPI
from kept import SEEN as visits
from kept.store import FIXED, GUESTS, MEMBERS, NONE, TARIFFS

app = FastAPI()

@app.get("/answer")
def answer():
    {0}
"""


def verdict(line: str) -> Verdict:
    linked = linker(
        {
            "main.py": MAIN.format(line),
            "kept/__init__.py": "from kept.store import SEEN, TARIFFS\n",
            "kept/store.py": STORE,
        }
    )
    backend = linked.run()
    linked.judge(Settings())
    (endpoint,) = backend.endpoints
    return endpoint.auth.verdict


@pytest.mark.parametrize(
    "line",
    [
        "return list(MEMBERS.values())",
        "return MEMBERS['anna']",
        "return shelf.MEMBERS",
        "return GUESTS",
        "return sorted(shelf.GUESTS)",
        "return visits",
        "return kept.SEEN",
    ],
)
def test_a_store_of_another_module(line: str) -> None:
    assert verdict(line) is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    "line",
    ["return TARIFFS", "return shelf.TARIFFS", "return kept.TARIFFS", "return sum(FIXED)", "return NONE"],
)
def test_what_another_module_says_once_and_for_all(line: str) -> None:
    assert verdict(line) is Verdict.PUBLIC_BY_NATURE


PAGE = """\
from collections import defaultdict
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

app = FastAPI()
templates = Jinja2Templates(directory="templates")
orders = {}
by_name = defaultdict(list)
pages = {}
shops = []
PRICES = {"small": 1}

class Book:
    def __init__(self):
        self.entries = []
    def write(self, order):
        self.entries.append(order)
    def read(self):
        return list(self.entries)

book = Book()

@app.on_event("startup")
def load():
    shops.append("here")

def front(name):
    if name not in pages:
        pages[name] = open(name).read()
    return pages[name]

@app.post("/orders")
def order(name: str):
    orders[name] = name
    by_name[name].append(name)
    book.write(name)

def listed():
    return "".join(orders)

@app.get("/", response_class=HTMLResponse)
def page(request: Request):
    return {0}
"""


def of_page(answer: str) -> Verdict:
    return verdicts(PAGE.replace("{0}", answer))["/"]


@pytest.mark.parametrize(
    "answer",
    [
        'f"<p>{orders}</p>"',
        '"".join(f"<li>{name}</li>" for name in orders.values())',
        'templates.TemplateResponse(request, "page.html", {"orders": orders})',
        'templates.TemplateResponse(request, "page.html", {"orders": by_name.items()})',
        'templates.TemplateResponse(request, "page.html", {"orders": book.read()})',
        'HTMLResponse("".join(book.entries))',
        "listed()",
    ],
)
def test_a_start_page_that_shows_what_others_have_left(answer: str) -> None:
    assert of_page(answer) is Verdict.UNPROTECTED


@pytest.mark.parametrize(
    "answer",
    [
        'f"<p>{len(orders)} orders</p>"',
        'templates.TemplateResponse(request, "page.html", {"prices": PRICES})',
        'templates.TemplateResponse(request, "page.html", {"shops": shops})',
        'HTMLResponse("<p>welcome</p>")',
        'front("index.html")',
    ],
)
def test_a_start_page(answer: str) -> None:
    assert of_page(answer) is Verdict.PUBLIC_BY_NATURE


BORROWING = """\
from fastapi import FastAPI
from tools import write

app = FastAPI()

class Book:
    note = write

    def __init__(self):
        self.entries = []

    def read(self):
        return list(self.entries)

book = Book()

@app.get("/")
def page():
    return book.read()
"""
TOOLS = '''\
"""Written so that nothing of it stands on the lines of a method of the other module."""


def write(book, order):
    book.entries.append(order)
'''


def test_a_method_that_a_class_has_borrowed_from_another_module(tmp_path: Path) -> None:
    root = plant(tmp_path / "shop", {"main.py": BORROWING, "tools.py": TOOLS})
    _, report = run("check", root, tmp_path / "copy")
    assert [finding["rule"] for finding in report["findings"]] == ["endpoint-without-auth"]
