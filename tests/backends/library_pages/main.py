"""A library that gives each route with a page one more dependency, when the application starts."""

from typing import Annotated, Any, Generic, TypeVar

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query
from fastapi.security import APIKeyHeader
from fastapi_pagination import LimitOffsetPage, Page, Params, add_pagination, paginate
from fastapi_pagination.cursor import CursorPage
from fastapi_pagination.customization import CustomizedPage, UseParams
from fastapi_pagination.links import Page as LinkedPage
from pydantic import BaseModel

T = TypeVar("T")
KEYS = {"a key of this example"}


class Ship(BaseModel):
    name: str


class Few(Params):
    size: int = Query(5, ge=1, le=10)


class Fleet(Page[T], Generic[T]):
    harbour: str = ""


FewShips = CustomizedPage[Page[T], UseParams(Few)]
SHIPS: list[Ship] = []


def signed_in(key: str = Depends(APIKeyHeader(name="x-key"))) -> None:
    if key not in KEYS:
        raise HTTPException(401)


app = FastAPI()
guarded = APIRouter(prefix="/guarded", dependencies=[Depends(signed_in)])


@app.post("/declared", response_model=Page[Ship])  # expect: BG101
def declared(ship: Ship):
    SHIPS.append(ship)
    return paginate(SHIPS)


@guarded.post("/returned")
def returned(ship: Ship) -> LimitOffsetPage[Ship]:
    SHIPS.append(ship)
    return paginate(SHIPS)


@guarded.get("/cursor", response_model=Annotated[CursorPage[Ship], "a page"])
async def cursor() -> Any:
    return paginate(SHIPS)


@guarded.get("/few", response_model=FewShips[Ship])
async def few() -> Any:
    return paginate(SHIPS)


@guarded.get("/fleet")
def fleet(params: Params = Depends()) -> Fleet[Ship]:
    return paginate(SHIPS, params)


@guarded.get("/linked", response_model=LinkedPage[Ship])
def linked() -> Any:
    return paginate(SHIPS)


@guarded.get("/all", response_model=list[Ship])
def all_ships() -> Any:
    return SHIPS


@guarded.get("/raw", response_model=None)
def raw() -> Page[Ship]:
    return paginate(SHIPS)


app.include_router(guarded)
add_pagination(app)


@app.delete("/later", response_model=Page[Ship], dependencies=[Depends(signed_in)])
def later():
    SHIPS.clear()
    return paginate(SHIPS)
