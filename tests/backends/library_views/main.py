"""Views as classes, the way fastapi-utils and fastapi-restful turn them into routes."""

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi_restful.cbv import cbv as restful_view
from fastapi_utils.cbv import cbv
from pydantic import BaseModel

TOKENS: set[str] = set()


class Ship(BaseModel):
    name: str


def signed_in(request: Request) -> str:
    token = request.headers.get("authorization")
    if token not in TOKENS:
        raise HTTPException(401)
    return token


def get_fleet() -> list[str]:
    return []


ships = APIRouter(prefix="/ships")
berths = APIRouter()
moorings = APIRouter()


@cbv(ships)
class Ships:
    user: str = Depends(signed_in)
    fleet: list[str] = Depends(get_fleet)

    @ships.get("/")
    def every(self) -> list[str]:
        return self.fleet

    @ships.post("/")
    def add(self, ship: Ship) -> int:
        self.fleet.append(ship.name)
        return len(self.fleet)


@restful_view(berths)
class Berths:
    def __init__(self, fleet: list[str] = Depends(get_fleet)) -> None:
        self.fleet = fleet

    @berths.delete("/berths/{number}")  # expect: BG101
    def free(self, number: int) -> None:
        del self.fleet[number]


@cbv(moorings, "/moorings")
class Moorings:
    fleet: list[str] = Depends(get_fleet)

    def get(self) -> list[str]:
        return self.fleet

    def put(self, ship: Ship, user: str = Depends(signed_in)) -> None:
        self.fleet.append(ship.name)


app = FastAPI()
app.include_router(ships, prefix="/harbour")
app.include_router(berths)
app.include_router(moorings)
