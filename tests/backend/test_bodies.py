"""Which parameters are bodies and how open their types are; and what handlers do with bodies nobody checks.

The table of types was compared with what FastAPI 0.165 takes from the body.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linking import linker

from backend_gate.backend.bodies import shape_of
from backend_gate.backend.model import Body
from backend_gate.backend.runs import NormalRuns
from backend_gate.backend.values import External, TypeApplication, Value
from backend_gate.settings import Settings

TYPES = """
import collections, uuid
from collections.abc import Mapping as AbcMapping, Sequence as AbcSequence
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Dict, Generic, List, Literal, Mapping, NewType, Optional
from typing import TypedDict, TypeVar, Union

from fastapi import Body, Depends, FastAPI, File, Form, Query, Request, UploadFile
from pydantic import BaseModel, ConfigDict, EmailStr, JsonValue, RootModel, TypeAdapter, create_model
from typing_extensions import TypeAliasType, TypedDict as TD2

T = TypeVar("T")
K = TypeVar("K")


class Item(BaseModel):
    name: str


class Color(str, Enum):
    red = "red"


class Label(TypedDict):
    name: str


class Late(TD2, total=False):
    name: str


Functional = TypedDict("Functional", {"name": str})
Made = create_model("Made", name=(str, ...))
Payload = NewType("Payload", dict)
Number = NewType("Number", int)
Alias = dict[str, Any]
Aliased = TypeAliasType("Aliased", dict[str, Any])


class Page(BaseModel, Generic[T]):
    items: list[T]


class Wrapper(RootModel[T], Generic[T]):
    pass


class Pair(RootModel[dict[str, K]], Generic[K]):
    pass


class Rows(RootModel[list[dict]]):
    pass


class Named(RootModel):
    root: dict[str, float]


class OpenNamed(RootModel):
    root: dict[str, Any]


class Free(BaseModel):
    model_config = ConfigDict(extra="allow")


class Extra(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str


class Child(Extra):
    model_config = ConfigDict(str_strip_whitespace=True)
    size: int


class Closed(Extra):
    model_config = {"extra": "forbid"}


class ByKeyword(BaseModel, extra="allow"):
    name: str


class Parent(BaseModel):
    name: str
    rest: dict[str, Any] = {}


@dataclass
class Point:
    x: int


class Plain(dict):
    pass

app = FastAPI()
"""

CASES = [
    ("x: dict", "open-mapping"),
    ("x: Dict", "open-mapping"),
    ("x: Mapping", "open-mapping"),
    ("x: AbcMapping[str, object]", "open-mapping"),
    ("x: dict[str, Any]", "open-mapping"),
    ("x: Dict[str, object]", "open-mapping"),
    ("x: dict[str, dict]", "open-mapping"),
    ("x: dict[str, list[Any]]", "open-mapping"),
    ("x: collections.OrderedDict", "open-mapping"),
    ("x: Any = Body()", "open-mapping"),
    ("x: object = Body()", "open-mapping"),
    ("x=Body()", "unannotated"),
    ("x=Body(...)", "unannotated"),
    ("x: Annotated[dict, Body()]", "open-mapping"),
    ("x: Annotated[Any, Body(embed=True)]", "open-mapping"),
    ("x: list", "open-list"),
    ("x: List[dict]", "open-list"),
    ("x: list[Any]", "open-list"),
    ("x: list[list[dict[str, Any]]]", "open-list"),
    ("x: AbcSequence[Any]", "open-list"),
    ("x: tuple[int, Any]", "open-list"),
    ("x: set[Any]", "open-list"),
    ("x: dict | str", "open-union"),
    ("x: Union[Item, dict]", "open-union"),
    ("x: Optional[dict]", "open-mapping"),
    ("x: dict | None = None", "open-mapping"),
    ("x: Item | list[dict]", "open-union"),
    ("x: Union[Item, Label]", "typed"),
    ("x: Rows", "open-root-model"),
    ("x: OpenNamed", "open-root-model"),
    ("x: Named", "typed"),
    ("x: RootModel[dict]", "open-root-model"),
    ("x: RootModel[dict[str, int]]", "typed"),
    ("x: Wrapper[dict]", "open-root-model"),
    ("x: Wrapper[Item]", "typed"),
    ("x: Pair[Any]", "open-root-model"),
    ("x: Pair[int]", "typed"),
    ("x: Alias", "open-mapping"),
    ("x: Payload", None),
    ("x: Payload = Body()", "open-alias"),
    ("x: Aliased", "open-alias"),
    ("x: Free", "open-model"),
    ("x: Extra", "extra-allowed"),
    ("x: Child", "extra-allowed"),
    ("x: Closed", "typed"),
    ("x: ByKeyword", "extra-allowed"),
    ("x: list[Extra]", "extra-allowed"),
    ("x: dict[str, float]", "typed"),
    ("x: dict[str, Item]", "typed"),
    ("x: dict[Color, list[int]]", "typed"),
    ("x: dict[str, str | int]", "typed"),
    ("x: dict[str, Literal['a']]", "typed"),
    ("x: JsonValue = Body()", "json-value"),
    ("x: dict[str, JsonValue]", "json-value"),
    ("x: list[JsonValue]", "json-value"),
    ("x: Label", "typed"),
    ("x: Late", "typed"),
    ("x: Functional", "typed"),
    ("x: Made", "typed"),
    ("x: Item", "typed"),
    ("x: Parent", "typed"),
    ("x: Page[Item]", "typed"),
    ("x: Page[dict]", "typed"),
    ("x: Point", "typed"),
    ("x: list[int]", "typed"),
    ("x: Annotated[str, Body()]", "typed"),
    ("x: str", None),
    ("x: Number", None),
    ("x: Color", None),
    ("x: uuid.UUID", None),
    ("x: EmailStr", None),
    ("x: Annotated[list[str], Query()]", None),
    ("x: Any = None", None),
    ("x: Literal['a', 'b']", None),
    ("x: Optional[int] = None", None),
    ("x: Request", None),
    ("x: Annotated[dict, Depends(lambda: {})]", None),
    ("x: Annotated[str, Form()]", "form"),
    ("x: UploadFile", "file"),
    ("x: Annotated[bytes, File()]", "file"),
    ("x: list[UploadFile]", "file"),
    ("x: Annotated[Item, Form()]", "form"),
]


def bodies(source: str, **others: str) -> list[Body]:
    """The bodies of the first endpoint of the module ``main``, judged."""
    files = {"main.py": source, **{f"{name}.py": text for name, text in others.items()}}
    linked = linker(files)
    backend = linked.run()
    linked.judge(Settings())
    return backend.endpoints[0].bodies


# --- types ---------------------------------------------------------------------------------------


def test_types() -> None:
    handlers = "".join(
        f"\n@app.post('/x{number}')\ndef f{number}({parameter}): ...\n"
        for number, (parameter, _) in enumerate(CASES)
    )
    endpoints = {e.path: e for e in linker({"main.py": TYPES + handlers}).run().endpoints}
    found: dict[str, str | None] = {}
    for number, (parameter, _) in enumerate(CASES):
        given_bodies = endpoints[f"/x{number}"].bodies
        assert len(given_bodies) <= 1
        shapes = [b.shape if b.source == "parameter" else b.source for b in given_bodies]
        found[parameter] = shapes[0] if shapes else None
    assert found == dict(CASES)


def test_type_parameters_of_new_syntax() -> None:
    source = """
from fastapi import FastAPI
from pydantic import BaseModel, RootModel

class Wrapper[T](RootModel[dict[str, T]]): ...
class Page[T](BaseModel):
    items: list[T]
type Payload = dict[str, object]

app = FastAPI()
@app.post("/")
def f(a: Wrapper[int], b: Wrapper[dict], c: Page[dict], d: Payload): ...
"""
    assert [b.shape for b in bodies(source)] == ["typed", "open-root-model", "typed", "open-mapping"]


def test_a_type_that_is_not_found_is_unresolved_and_no_finding() -> None:
    source = """
from fastapi import FastAPI
from types_elsewhere import Missing
app = FastAPI()
@app.post("/")
def f(data: Missing): ...
"""
    [body] = bodies(source, types_elsewhere="x = 1\n")
    assert (body.shape, body.untyped) == ("unresolved", False)
    assert "Missing" in body.reason


SCALARS = [External(f"builtins.{name}") for name in ("str", "int", "float", "bool")]
OPEN = [
    External("typing.Any"),
    External("builtins.dict"),
    External("builtins.list"),
    External("builtins.object"),
]


def _nested(leaves: list[External]) -> st.SearchStrategy[Value]:
    def wrap(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
        def applied(name: str, *front: Value) -> st.SearchStrategy[Value]:
            return inner.map(lambda one: TypeApplication(External(name), [*front, one]))

        return (
            applied("builtins.list")
            | applied("builtins.dict", External("builtins.str"))
            | applied("typing.Optional")
            | applied("pydantic.root_model.RootModel")
        )

    return st.recursive(st.sampled_from(leaves), wrap, max_leaves=5)


@given(_nested(SCALARS))
def test_a_type_made_of_checked_types_is_typed(kind: Value) -> None:
    assert shape_of(linker({}).interpreter, kind) == "typed"


@given(_nested(OPEN))
def test_one_open_type_inside_opens_the_whole(kind: Value) -> None:
    assert shape_of(linker({}).interpreter, kind).startswith("open-")


# --- what a handler does with a body -------------------------------------------------------------

HEAD = """
import hashlib, hmac, json, logging, orjson, os, httpx
from typing import Any
from fastapi import BackgroundTasks, Body, Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, RootModel, TypeAdapter, create_model
from sqlalchemy.orm import DeclarativeBase, Mapped

class Order(BaseModel):
    item: str
    amount: int

class Paid(BaseModel):
    key: str

class Row(DeclarativeBase):
    item: Mapped[str]

app = FastAPI()
log = logging.getLogger(__name__)
store = {}

def send(user, **options):
    return httpx.post("https://x", json=options)

def find(name):
    return store.get(name)
"""

PARAMETER = (
    HEAD
    + """
@app.post("/")
async def handler(data: dict):
"""
)

RAW = (
    HEAD
    + """
@app.post("/")
async def handler(request: Request):
"""
)


def indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.strip("\n").split("\n"))


VALIDATED = [
    "Order(**data)",
    "order = Order.model_validate(data)\nstore[order.item] = data",
    "order = Order.parse_obj(data)",
    "order = Order(**data)\nRow(**data)\nreturn data['item']",
    "order = TypeAdapter(Order).validate_python(data)",
    "[Order(**row) for row in data['rows']]",
    "for row in data.values():\n    Order.model_validate(row)",
    "data = {k: v for k, v in data.items() if v is not None}\norder = Order(**data)",
    "order = Order(item=data['item'], amount=data.get('amount'))",
    "log.info('got %s', data)\nif not data:\n    raise HTTPException(400)\norder = Order(**data)",
    "if data.get('kind') == 'paid':\n    x = Paid(**data)\nelse:\n    x = Order(**data)",
    "Model = create_model('Model', name=(str, ...))\nmodel = Model(**data)",
    "Valves = plugin.module.Valves\nvalves = Valves(**data)",
    "extra = data.pop('extra', None)\norder = Order(**data)\nstore[order.item] = extra",
    "kinds = sorted(k for k, v in data.items() if v)\nif kinds:\n    raise HTTPException(400)\nOrder(**data)",
    "order = Order(**{**data, 'amount': 1})",
    "m = data['model']\nif not m:\n    raise HTTPException(400)\nplugin.find(m)\norder = Order(**data)",
    "order = Order(**dict(data))",
    "order = Order.model_validate_json(json.dumps(data))",
    (
        "try:\n    order = Order(item=data['item'], amount=data['amount'])\nexcept Exception:\n"
        "    order = Order(item='x', amount=1)\nstore[order.item] = order.amount.real"
    ),
    "if not isinstance(data.get('item'), str):\n    raise HTTPException(422)\nstore['last'] = data['item']",
    "item = data.get('item')\nif item not in ('a', 'b'):\n    raise HTTPException(422)\nstore['last'] = item",
    # a text that only says under which key something is looked up
    "if not isinstance(data['item'], str):\n    raise HTTPException(422)\nreturn store.get(data['item'])",
    "if not isinstance(data.get('item'), str):\n    raise HTTPException(422)\nreturn data['item'] in store",
    "item = data['item']\nif not isinstance(item, str):\n    raise HTTPException(422)\nreturn store[item]",
    "item = data.get('item')\nif not isinstance(item, str):\n    raise HTTPException(422)\nstore[item] = 1",
    "if isinstance(data['item'], str) and data['item'] in store:\n    del store[data['item']]",
]

USED = [
    "store[data['item']] = 1",
    "if data.get('kind') == 'ping':\n    return 'pong'",
    "return data",
    "Row(**data)",
    "Row(**data)\norder = Order(**data)",
    "for key, value in data.items():\n    setattr(store, key, value)",
    "name = data['item']",
    "order = data['item']\nOrder(**data)",
    "if data.get('kind') == 'paid':\n    x = Paid(**data)\nelse:\n    store['x'] = data['x']",
    "store['last'] = data",
    "TypeAdapter(dict[str, Any]).validate_python(data)['item'].upper()",
    "amount = int(data['amount'])",
    # a model whose field accepts anything checks nothing of it
    "class Event(BaseModel):\n    payload: dict[str, Any]\nstore['last'] = Event(payload=data)",
    "async with httpx.AsyncClient() as client:\n    await client.post('https://x', json={'q': data['q']})",
    "httpx.post(f\"https://{data['host']}\", json=data)",
    "table = Row(item=data['item'])\nstore[table.item] = 1",
    # parts of what is sent on that are used here, and nothing has tested what they are
    "store[data['user']] = 1\nhttpx.post('https://x', json=data)",
    "limit = data['limit'] * 2\nhttpx.post('https://x', json=data)",
    "if data['meta'].get('debug'):\n    log.info('x')\nhttpx.post('https://x', json=data)",
    "if data['model'].startswith('big/'):\n    log.info('x')\nhttpx.post('https://x', json=data)",
    "if not data.get('meta'):\n    data['meta'] = {}\ndata['meta']['by'] = 'us'\nhttpx.post('https://x', json=data)",
    "rows = dict(data)\nrows['x'][0].strip()\nhttpx.post('https://x', json=rows)",
    "open(data['path'])\nhttpx.post('https://x', json=data)",
    "httpx.post('https://x', json=data)\nif not isinstance(data.get('meta'), str):\n    data['meta'].pop('x')",
    # the type of one field is tested, another one is used as it came
    "if not isinstance(data['item'], str):\n    raise HTTPException(422)\nstore[data['item']] = data['note']",
    # nothing comes of the test
    "if isinstance(data['item'], str):\n    log.info('x')\nstore[data['item']] = 1",
    "item = data['item']\nif isinstance(item, str):\n    log.info('x')\nstore[item] = 1",
    # that something is a dict says nothing about what stands in it
    "if not isinstance(data, dict):\n    raise HTTPException(422)\nstore['last'] = data",
    "meta = data['meta']\nif not isinstance(meta, dict):\n    raise HTTPException(422)\nstore['last'] = meta",
    # a client can name `user` again
    "send(user='me', **data)",
]

FORWARDED = [
    "async with httpx.AsyncClient() as client:\n    await client.post('https://x', json=data)",
    "client = httpx.AsyncClient()\nawait client.post('https://x', content=json.dumps(data).encode())",
    "data['stream'] = False\nhttpx.post('https://x', json=data)",
    "httpx.post('https://x', json={**data, 'model': 'small'})",
    "log.info('forwarding %s', data)\nhttpx.post('https://x', json=data)",
    # what a gateway looks at on the way: which model, whether it streams, and what it puts in itself
    "if data.get('stream'):\n    log.info('streams')\nhttpx.post('https://x', json=data)",
    "name = data.get('model')\nif name not in store:\n    raise HTTPException(404)\nhttpx.post(store[name], json=data)",
    "m = data.pop('model', 0)\nif not m:\n    raise HTTPException(400)\nfind(m)\nhttpx.post('https://x', json=data)",
    "data['meta'] = {}\ndata['meta']['by'] = 'us'\nhttpx.post('https://x', json=data)",
    "if isinstance(data.get('meta'), dict):\n    data['meta']['by'] = 'us'\nhttpx.post('https://x', json=data)",
    "m = data.get('m')\nif isinstance(m, str) and m.strip():\n    log.info(1)\nhttpx.post('https://x', json=data)",
    "x = dict(data)\nif isinstance(x['n'], list) and isinstance(x['n'][0], str):\n    x['n'][0].strip()\nsend('', **x)",
    "if not isinstance(data.get('meta'), dict):\n    data['meta'] = {}\ndata['meta']['by'] = 'us'\nsend('', **data)",
    "name = TypeAdapter(str).validate_python(data.get('name'))\nhttpx.post('https://x', json=data)",
    "if data.get('model') in store:\n    data['model'] = store[data['model']]\nhttpx.post('https://x', json=data)",
]


@pytest.mark.parametrize("code", VALIDATED)
def test_a_parameter_that_is_validated_inside(code: str) -> None:
    [body] = bodies(PARAMETER + indented(code), plugin="")
    assert (body.shape, body.validated, body.forwarded) == ("open-mapping", True, False)
    assert body.steps


@pytest.mark.parametrize("code", USED)
def test_a_parameter_that_is_used_as_it_came(code: str) -> None:
    [body] = bodies(PARAMETER + indented(code))
    assert (body.shape, body.validated, body.forwarded) == ("open-mapping", False, False)


@pytest.mark.parametrize("code", FORWARDED)
def test_a_parameter_that_is_passed_on_unread(code: str) -> None:
    [body] = bodies(PARAMETER + indented(code))
    assert (body.shape, body.validated, body.forwarded) == ("open-mapping", False, True)


@pytest.mark.parametrize("read", ["await request.json()", "json.loads(await request.body())"])
@pytest.mark.parametrize(
    ("code", "validated", "forwarded"),
    [(c, True, False) for c in VALIDATED]
    + [(c, False, False) for c in USED]
    + [(c, False, True) for c in FORWARDED],
)
def test_a_body_that_the_handler_reads(read: str, code: str, validated: bool, forwarded: bool) -> None:
    [body] = bodies(RAW + indented(f"data = {read}\n{code}"), plugin="")
    assert (body.shape, body.source) == ("raw-json", "request")
    assert (body.validated, body.forwarded) == (validated, forwarded)
    assert body.name == "data"


SILENT = [
    "await request.json()",
    "log.info('got %s', await request.json())",
    "data = await request.json()\nlog.info('got %s', data['item'])",
    "request.state.body = await request.json()",
    "request.scope['body'] = await request.json()",
    "copy = Request(request.scope)\ncopy.scope['body'] = await copy.json()",
    "chunks = request.stream()\nasync for chunk in chunks:\n    store['x'] = chunk",
    "body = await request.body()\nhttpx.post('https://x', content=body)",
    "body = await request.body()\nparsed = json.loads(body)\nhttpx.post('https://x', content=body)",
    "from reply_pb2 import Reply\nreply = Reply()\nreply.ParseFromString(await request.body())",
    "form = await request.form()\nupload = form['file']\nstore[upload.filename] = await upload.read()",
    "with open('x', 'wb') as target:\n    target.write(await request.body())",
]


@pytest.mark.parametrize("code", SILENT)
def test_reading_bytes_and_not_using_what_is_read_is_no_body(code: str) -> None:
    assert bodies(RAW + indented(code)) == []


SIGNED = [
    "hmac.new(b'k', await request.body(), hashlib.sha256)\nreturn (await request.json())['id']",
    "import stripe\nreturn stripe.Webhook.construct_event(await request.body(), 's', 'k')['id']",
    "from nacl import signing\nsigning.VerifyKey(b'k').verify(await request.body())\nawait request.json()",
]


@pytest.mark.parametrize("code", SIGNED)
def test_a_signed_body_is_the_senders_affair(code: str) -> None:
    [body] = bodies(RAW + indented(code))
    assert body.shape == "raw-bytes"


def test_a_form_is_a_body_too() -> None:
    [body] = bodies(RAW + indented("form = await request.form()\nstore['x'] = form['name']"))
    assert (body.shape, body.name) == ("raw-json", "form")


def test_a_form_of_a_library_checks_its_fields() -> None:
    code = """
from wtforms import Form, StringField
class OrderForm(Form):
    item = StringField()
form = OrderForm(formdata=await request.form())
if form.validate():
    store["x"] = form.item.data
"""
    assert [body.validated for body in bodies(RAW + indented(code))] == [True]


def test_a_read_behind_a_call_is_placed_at_the_call() -> None:
    source = (
        HEAD
        + """
from reading import content

@app.post("/")
async def handler(request: Request):
    order = await content(request)
    return order["item"]
"""
    )
    reading = """
async def content(request):
    text = await request.body()
    return await parse(text)

async def parse(text):
    import orjson
    return orjson.loads(text)
"""
    [body] = bodies(source, reading=reading)
    assert body.name == "order"
    assert source.split("\n")[body.place.span.line - 1].strip() == "order = await content(request)"
    assert body.steps[0].place.file == "reading.py"


def test_a_dependency_that_hands_the_body_over() -> None:
    source = (
        HEAD
        + """
async def payload(request: Request):
    return await request.json()

@app.post("/")
async def handler(data: dict = Depends(payload)):
    store["x"] = data["x"]
"""
    )
    [body] = bodies(source)
    assert (body.shape, body.validated) == ("raw-json", False)


def test_a_dependency_that_validates_is_validated_late() -> None:
    source = (
        HEAD
        + """
async def order(request: Request):
    return Order(**await request.json())

@app.post("/")
async def handler(order: Order = Depends(order)):
    store["x"] = order.item
"""
    )
    [body] = bodies(source)
    assert (body.shape, body.validated) == ("raw-json", True)


@pytest.mark.parametrize("where", ["app.post('/', dependencies=[Depends(audit)])", "app.post('/')"])
def test_a_dependency_that_only_looks_is_no_body(where: str) -> None:
    parameter = "" if "dependencies" in where else "seen=Depends(audit)"
    source = (
        HEAD
        + f"""
async def audit(request: Request):
    body = await request.json()
    store["user"] = body["user"]
    return 1

@{where}
async def handler({parameter}):
    return 1
"""
    )
    assert bodies(source) == []


def test_what_the_framework_checks_as_well_is_no_open_body() -> None:
    source = (
        HEAD
        + """
@app.post("/")
async def handler(order: Order, request: Request):
    store["x"] = (await request.json())["x"]
"""
    )
    [body] = bodies(source)
    assert (body.name, body.shape) == ("order", "typed")


def test_a_websocket_has_no_body() -> None:
    source = (
        HEAD
        + """
from fastapi import WebSocket
@app.websocket("/")
async def handler(websocket: WebSocket):
    data = await websocket.receive_json()
    store["x"] = data["x"]
"""
    )
    assert bodies(source) == []


def test_two_reads_are_one_body_with_the_worse_verdict() -> None:
    code = """
if request.headers.get("content-type") == "application/json":
    data = await request.json()
    Order(**data)
else:
    form = await request.form()
    store["x"] = form["x"]
"""
    [body] = bodies(RAW + indented(code))
    assert (body.name, body.validated) == ("form", False)


@pytest.mark.parametrize(
    "code",
    [
        "def stream():\n    yield data['x']\nreturn StreamingResponse(stream())",
        "tasks = BackgroundTasks()\ndef work(it):\n    store['x'] = it['x']\ntasks.add_task(work, data)",
    ],
)
def test_what_runs_after_the_answer_uses_the_body_too(code: str) -> None:
    [body] = bodies(RAW + indented(f"data = await request.json()\n{code}"))
    assert (body.shape, body.validated) == ("raw-json", False)


def test_a_callee_that_nobody_can_follow_leaves_the_body_unresolved() -> None:
    [body] = bodies(RAW + indented("data = await request.json()\nplugin.run(data)"), plugin="")
    assert body.shape == "unresolved"
    assert body.reason


@pytest.mark.parametrize(
    ("fills", "shape"),
    [("_run = function", "unresolved"), ("print(function)", None)],
)
def test_a_name_that_is_filled_at_the_start_is_not_none_for_good(fills: str, shape: str | None) -> None:
    head = HEAD + f"_run = None\n\ndef register(function):\n    global _run\n    {fills}\n"
    if shape is None:
        head = head.replace("    global _run\n", "")
    source = (
        head
        + RAW.removeprefix(HEAD)
        + indented(
            """
data = await request.json()
if data.pop("slow", False):
    log.info("slow")
if _run is None:
    raise HTTPException(500)
return await _run(data)
"""
        )
    )
    found = bodies(source)
    assert [body.shape for body in found] == [shape or "raw-json"]


ROUTED = """
class Routed(BaseModel):
    model: object = None
    provider: Any = None

class Strict(BaseModel, extra="forbid"):
    model: object = None

"""


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("Routed.model_validate(data)\nstore['last'] = data", ("raw-json", False, False)),
        ("Routed(**data)\nreturn data['name'] + 1", ("raw-json", False, False)),
        (
            "Routed.model_validate(data)\nawait httpx.AsyncClient().post('https://x', json=data)",
            ("raw-json", False, True),
        ),
        ("store['last'] = Routed(**data).model", ("unresolved", False, False)),
        ("Strict.model_validate(data)\nstore['last'] = data", ("raw-json", True, False)),
        ("Order.model_validate(data)\nstore['last'] = data", ("raw-json", True, False)),
    ],
)
def test_a_model_of_which_every_field_may_be_anything_checks_nothing(
    code: str, found: tuple[str, bool, bool]
) -> None:
    source = HEAD + ROUTED + RAW.removeprefix(HEAD) + indented(f"data = await request.json()\n{code}")
    [body] = bodies(source)
    assert (body.shape, body.validated, body.forwarded) == found


REBUILT = """
def picked(data):
    tools = data.get("tools")
    if isinstance(tools, list):
        log.info("%s", [tool["name"] for tool in tools])
    return {key: value for key, value in data.items() if key != "debug"}

"""


@pytest.mark.parametrize(
    ("code", "forwarded"),
    [
        ("await httpx.AsyncClient().post('https://x', json=picked(data))", True),
        ("picked(data)", False),
        # the parts that the handler reads itself count as before
        (
            "await httpx.AsyncClient().post('https://x', json=picked(data))\nstore['last'] = data['price']",
            False,
        ),
    ],
)
def test_a_body_that_is_put_together_anew_goes_on_as_a_whole(code: str, forwarded: bool) -> None:
    source = HEAD + REBUILT + RAW.removeprefix(HEAD) + indented(f"data = await request.json()\n{code}")
    [body] = bodies(source)
    assert (body.shape, body.forwarded) == ("raw-json", forwarded)


BY_TYPE = """
async def content(request):
    if request.headers.get("content-type") == "application/json":
        return await request.json()
    form = await request.form()
    if form.get("debug"):
        log.info("form")
    kind = form.get("kind")
    return {"kind": "form"}

"""


@pytest.mark.parametrize(
    ("code", "forwarded"),
    [
        ("await httpx.AsyncClient().post('https://x', json=await content(request))", True),
        ("await content(request)", False),
        ("data = await content(request)\nstore['last'] = data['price']", False),
    ],
)
def test_a_body_that_a_helper_reads_in_several_ways_is_one(code: str, forwarded: bool) -> None:
    [body] = bodies(HEAD + BY_TYPE + RAW.removeprefix(HEAD) + indented(code))
    assert (body.shape, body.forwarded) == ("raw-json", forwarded)


@pytest.mark.parametrize(
    ("entry", "code", "found"),
    [
        # a dict of the function's own is seen where it goes
        ("entry = {}", "log.info(entry)", ("unresolved", False)),
        ("entry = {}", "store['last'] = entry", ("raw-json", False)),
        ("entry = store.setdefault('a', {})", "log.info(entry)", ("raw-json", False)),
        ("entry = store", "log.info(entry)", ("raw-json", False)),
    ],
)
def test_a_dict_of_the_function_is_no_store(entry: str, code: str, found: tuple[str, bool]) -> None:
    lines = f"""
data = await request.json()
await httpx.AsyncClient().post('https://x', json=data)
{entry}
entry['model'] = data['model']
{code}
"""
    [body] = bodies(RAW + indented(lines))
    assert (body.shape, body.forwarded) == found


def test_what_is_put_into_a_dict_of_the_function_and_goes_nowhere_else_is_used() -> None:
    lines = "data = await request.json()\nentry = {}\nentry['n'] = data['n']\nreturn entry['n'] + 1"
    [body] = bodies(RAW + indented(lines))
    assert (body.shape, body.validated, body.forwarded) == ("raw-json", False, False)


def test_a_decorator_that_nobody_can_follow_does_not_hide_the_handler() -> None:
    source = (
        HEAD
        + """
from functools import wraps
from limits import limiter

def limited(function):
    @wraps(function)
    async def wrapper(*args, **kwargs):
        return await limiter[0](function)(*args, **kwargs)
    return wrapper

@app.post("/")
@limited
async def handler(request: Request):
    data = await request.json()
    return data["x"]
"""
    )
    [body] = bodies(source, limits="limiter = []\n")
    assert (body.shape, body.name) == ("raw-json", "data")


def test_a_plain_route_and_an_endpoint_class_are_read_too() -> None:
    plain = """
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.routing import Route

async def handler(request):
    data = await request.json()
    return data["x"]

class Items(HTTPEndpoint):
    async def post(self, request):
        form = await request.form()
        return form["x"]

app = Starlette(routes=[Route("/", handler, methods=["POST"]), Route("/items", Items)])
"""
    linked = linker({"main.py": plain})
    backend = linked.run()
    linked.judge(Settings())
    assert [(e.path, [b.name for b in e.bodies]) for e in backend.endpoints] == [
        ("/", ["data"]),
        ("/items", ["form"]),
    ]


def test_the_same_handler_runs_once_for_all_its_routes() -> None:
    source = (
        HEAD
        + """
@app.post("/a")
@app.post("/b")
async def handler(data: dict):
    Order(**data)
"""
    )
    linked = linker({"main.py": source})
    backend = linked.run()
    linked.judge(Settings())
    assert [[b.validated for b in e.bodies] for e in backend.endpoints] == [[True], [True]]
    runs = NormalRuns(linked.interpreter)
    found = [runs.handler(e, o) for e, o in zip(backend.endpoints, linked.operations, strict=True)]
    assert found[0] is found[1]


def test_a_method_that_is_too_deep_to_follow_leaves_what_its_object_holds_unresolved() -> None:
    steps = "".join(
        f"    async def step{n}(self):\n        return await self.step{n + 1}()\n" for n in range(12)
    )
    source = (
        HEAD
        + f"""
class Work:
    def __init__(self, data):
        self.data = data

{steps}
    async def step12(self):
        return Order(**self.data)

@app.post("/")
async def handler(request: Request):
    data = await request.json()
    return await Work(data).step0()
"""
    )
    [body] = bodies(source)
    assert body.shape == "unresolved"


def test_what_one_handler_leaves_in_a_module_is_not_there_for_the_next() -> None:
    source = """
from fastapi import FastAPI, Request
app = FastAPI()
ready = True

@app.post("/stop")
async def stop(request: Request):
    global ready
    ready = False

@app.post("/")
async def handler(request: Request):
    if not ready:
        return 1
    data = await request.json()
    return data["x"]
"""
    linked = linker({"main.py": source})
    backend = linked.run()
    linked.judge(Settings())
    assert [[b.name for b in e.bodies] for e in backend.endpoints] == [[], ["data"]]


def test_a_list_in_the_request_may_be_empty() -> None:
    source = (
        HEAD
        + """
from fastapi import File, UploadFile

@app.post("/")
async def handler(request: Request, one: list[UploadFile] | None = File(None), other: list[UploadFile] = File()):
    if one and other:
        raise HTTPException(422)
    form = await request.form()
    store["x"] = form["x"]
"""
    )
    assert [b.name for b in bodies(source) if b.source == "request"] == ["form"]


def test_a_body_among_many_ways_to_return_an_empty_one() -> None:
    ways = "".join(f"    if request.headers.get('{n}'):\n        return {{}}\n" for n in range(12))
    source = (
        HEAD
        + f"""
async def content(request):
{ways}
    return await request.json()

@app.post("/")
async def handler(request: Request):
    data = await content(request)
    store["x"] = data["x"]
"""
    )
    [body] = bodies(source)
    assert (body.name, body.shape) == ("data", "raw-json")


SCHEMAS = (
    "import jsonschema\n"
    + HEAD
    + """
def filled(value, context):
    if isinstance(value, dict):
        if value.get("__kind"):
            return context[value["__kind"]]
        return {key: filled(one, context) for key, one in value.items()}
    return value

"""
    + PARAMETER.removeprefix(HEAD)
)


@pytest.mark.parametrize(
    ("code", "validated"),
    [
        ("jsonschema.validate(filled(data, {}), json.loads(store['schema']))\nreturn data", True),
        ("V = jsonschema.validators.create(meta_schema={})\nV.check_schema(filled(data, {}))", True),
        ("jsonschema.validate(data['a'], {})\nreturn data['b']", False),
        ("return filled(data, {})", False),
    ],
)
def test_a_body_of_which_the_schema_is_known_at_run_time(code: str, validated: bool) -> None:
    [body] = bodies(SCHEMAS + indented(code))
    assert body.validated is validated


def test_a_format_of_its_own_and_a_line_in_a_trace() -> None:
    code = "import pandas\ndata = await request.body()\nreturn len(pandas.read_csv(io.BytesIO(data)))"
    assert bodies("import io\n" + RAW + indented(code)) == []
    [body] = bodies(PARAMETER + indented("span.set_inputs(data)\nhttpx.post('https://x', json=data)"))
    assert body.forwarded


# --- looked at on the way -------------------------------------------------------------------------

RELAY = (
    "import abc\n"
    + HEAD
    + """
class Gate(abc.ABC):
    def __init__(self, judge):
        self.judge = judge

    def look(self, payload):
        if not self.judge(payload):
            raise HTTPException(400)

class Gates:
    first: Gate

class Sender:
    def send(self, payload):
        if payload.get("stream"):
            return httpx.stream("POST", "https://x", json=payload)
        return httpx.post("https://x", json=payload)

    def send_to(self, payload):
        return httpx.post("https://x/" + payload["region"], json=payload)
"""
    + PARAMETER.removeprefix(HEAD)
)


@pytest.mark.parametrize(
    ("code", "forwarded"),
    [
        ("Gates().first.look(data)\nreturn Sender().send(data).status_code", True),
        ("Gates().first.look(data)\nreturn Sender().send_to(data).status_code", False),
        ("if data.get('stream'):\n    return httpx.post('https://y', json=data)\nSender().send(data)", True),
        ("url = store[data['model']]\nreturn Sender().send(data).status_code", False),
    ],
)
def test_what_carries_a_body_on_may_look_at_it(code: str, forwarded: bool) -> None:
    [body] = bodies(RELAY + indented(code))
    assert (body.validated, body.forwarded) == (False, forwarded)


BUILDER = (
    HEAD
    + """
from datetime import datetime

class Own(BaseModel):
    item: str
    def __init__(self, **given):
        super().__init__(**given)

def built(row, model):
    found = {}
    for key, value in row.items():
        if key == "at":
            found[key] = datetime.fromtimestamp(value)
        elif key == "tags":
            found[key] = [tag for tag in json.loads(value)]
        else:
            found[key] = value
    made = model.construct(**found)
    made.__init__(**found)
    return made

def unchecked(row, model):
    found = {}
    for key, value in row.items():
        found[key] = datetime.fromtimestamp(value) if key == "at" else value
    return model.construct(**found)
"""
    + PARAMETER.removeprefix(HEAD)
)


@pytest.mark.parametrize(
    ("code", "validated"),
    [
        ("store['x'] = built({**store, **data}, Order)", True),
        ("store['x'] = Own(**data)", True),
        ("store['x'] = unchecked({**store, **data}, Order)", False),
        ("Row(item=data['at'])\nstore['x'] = built({**store, **data}, Order)", False),
    ],
)
def test_a_model_that_a_callee_builds_out_of_a_body(code: str, validated: bool) -> None:
    [body] = bodies(BUILDER + indented(code))
    assert (body.validated, body.forwarded) == (validated, False)


FALLBACK = """
kind = request.query_params.get('kind') or (await request.json()).get('kind') or 'plain'
store[kind] = 1
"""


@pytest.mark.parametrize(
    ("method", "code", "found"),
    [
        ("get", FALLBACK, []),
        ("delete", "data = await request.form()\n" + FALLBACK, []),
        ("post", FALLBACK, [False]),
        ("get", "kind = (await request.json()).get('kind') or 'plain'\nstore[kind] = 1", [False]),
        ("get", "data = await request.json()\nstore['x'] = data\n" + FALLBACK, [False]),
    ],
)
def test_a_body_that_repeats_the_query_where_none_belongs(method: str, code: str, found: list[bool]) -> None:
    source = RAW.replace("@app.post", f"@app.{method}") + indented(code)
    assert [body.validated for body in bodies(source)] == found


KEPT_IN_SCOPE = """
from starlette._utils import get_route_path

async def content(request):
    known = request.scope.get("parsed")
    if known is not None:
        return known
    found = await request.json()
    request.scope["parsed"] = found
    return found

async def logged(request: Request):
    await content(request)
"""


@pytest.mark.parametrize(
    ("code", "validated"),
    [
        ("path = get_route_path(request.scope)\norder = Order(**await content(request))", True),
        ("store['x'] = request.scope['parsed']\norder = Order(**await content(request))", True),
        ("Row(**request.scope['parsed'])\norder = Order(**await content(request))", False),
    ],
)
def test_a_body_that_is_kept_in_the_scope_of_the_request(code: str, validated: bool) -> None:
    source = HEAD + KEPT_IN_SCOPE + RAW.removeprefix(HEAD) + indented(f"await content(request)\n{code}")
    [body] = bodies(source)
    assert body.validated is validated


def test_what_one_handler_leaves_in_a_list_is_no_body_of_the_next() -> None:
    source = """
from fastapi import FastAPI, Request
app = FastAPI()
seen = []

@app.post("/keep")
async def keep(request: Request):
    data = await request.json()
    seen.append(data["callback"])

@app.get("/")
async def handler(request: Request):
    return [one["name"] for one in seen]
"""
    linked = linker({"main.py": source})
    backend = linked.run()
    linked.judge(Settings())
    assert [[b.name for b in e.bodies] for e in backend.endpoints] == [["data"], []]


UNDER_CONDITIONS = """\
import sqlite3
from fastapi import FastAPI, Request
from pydantic import BaseModel

app = FastAPI()
db = sqlite3.connect("x.db")

class Ship(BaseModel):
    name: str

@app.post("/sometimes")
async def sometimes(request: Request, strict: bool = False):
    data = await request.json()
    if strict:
        Ship.model_validate(data)
    db.execute("INSERT INTO ships VALUES (?)", (data["name"],))

@app.post("/always")
async def always(request: Request, strict: bool = False):
    data = await request.json()
    Ship.model_validate(data)
    if strict:
        db.execute("INSERT INTO ships VALUES (?)", (data["name"],))

@app.post("/then")
async def then(request: Request, strict: bool = False):
    data = await request.json()
    if strict:
        Ship.model_validate(data)
        db.execute("INSERT INTO ships VALUES (?)", (data["name"],))

@app.delete("/tested")
async def tested(request: Request, number: int | None = None):
    data = await request.json()
    number = number or data.get("number")
    if data.get("all"):
        db.execute("DELETE FROM ships")
    db.execute("DELETE FROM ships WHERE number = ?", (number,))
"""


def test_a_validator_under_a_condition_covers_what_is_used_under_it() -> None:
    found = linker({"main.py": UNDER_CONDITIONS})
    backend = found.run()
    found.judge(Settings())
    validated = {e.path: [body.validated for body in e.bodies] for e in backend.endpoints}

    assert validated == {"/sometimes": [False], "/always": [True], "/then": [True], "/tested": [False]}


def test_a_copy_of_the_scope_that_keeps_the_body_is_no_store() -> None:
    code = (
        "scope = dict(request.scope)\n"
        "inner = Request(scope, request.receive)\n"
        "data = await inner.json()\n"
        "scope['headers'] = []\ninner.scope['parsed'] = data\n"
        "Response()(scope, request.receive, None)\n"
        "{}"
    )
    assert bodies(RAW + indented(code.format("return None"))) == []
    [body] = bodies(RAW + indented(code.format("store['last'] = data")))
    assert (body.shape, body.validated, body.forwarded) == ("raw-json", False, False)


AMENDS = (
    HEAD
    + """
def hard(x):
    return [[a + b + c for a in range(x)] for b in range(x) for c in range(x)]

def amend(data):
"""
    + indented("\n".join(f"v{n} = [hard(i) for i in [{n}, {n} + 1]]" for n in range(1500)))
    + """
    data["by"] = "us"
    return data

"""
    + RAW.removeprefix(HEAD)
)


@pytest.mark.parametrize(
    ("code", "shape"),
    [
        # what a call that is too long to follow has put in may be all that is used
        ("data = amend(await request.json())\nstore['last'] = data['by']", "unresolved"),
        # but a client can name `user` again, whatever else stands in it
        ("data = amend(await request.json())\nsend(user='me', **data)", "raw-json"),
    ],
)
def test_a_call_that_is_not_followed_to_its_end_gives_back_what_it_adds_to(code: str, shape: str) -> None:
    [body] = bodies(AMENDS + indented(code))
    assert (body.shape, body.validated, body.forwarded) == (shape, False, False)


@pytest.mark.parametrize(
    ("methods", "shapes"), [(["GET"], []), (["POST"], ["raw-json"]), (["GET", "POST"], ["raw-json"])]
)
def test_a_guard_that_reads_the_body_of_one_method_alone(methods: list[str], shapes: list[str]) -> None:
    source = f"""
from fastapi import FastAPI, Request
from corp import is_quiet, note

app = FastAPI()


async def guard(request: Request):
    quiet = is_quiet(request.url.path) if is_quiet is not None else True
    if not quiet and request.method == "POST":
        sent = await request.json()
        note(sent["model"])


@app.api_route("/things/{{uid}}", methods={methods})
async def things(uid: str, request: Request):
    await guard(request)
    return {{"uid": uid}}
"""
    assert [body.shape for body in bodies(source)] == shapes
