"""Settings that are read by small libraries: what they are unless somebody sets them decides what there is."""

from enum import Enum
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from pydantic_settings import BaseSettings
from starlette.config import Config
from starlette.datastructures import CommaSeparatedStrings

config = Config()

SHOW_LOG = config("SHOW_LOG", cast=bool, default="false")
PREFIX = config("PREFIX", default="/v1")
WATERED = config("WATERED", cast=bool, default=True)
NAMES = config("NAMES", cast=CommaSeparatedStrings, default="")
TOKENS: set[str] = set()
BEDS: dict[str, int] = {}


class Stage(Enum):
    HOME = "home"
    FIELD = "field"


class Garden(BaseSettings):
    stage: Stage = config("STAGE", default="home")


garden = Garden()


def gardener(request: Request) -> str:
    token = request.headers.get("authorization")
    if token not in TOKENS:
        raise HTTPException(401)
    return token


beds = APIRouter(prefix=PREFIX, dependencies=[Depends(gardener)] if WATERED else [])


@beds.get("/beds")
def every_bed() -> dict[str, int]:
    return BEDS


app = FastAPI()
app.include_router(beds)

if SHOW_LOG:

    @app.get("/log")
    def log(user: Annotated[str, Depends(gardener)]) -> list[str]:
        return list(BEDS)


if garden.stage is Stage.FIELD:

    @app.get("/tractors")  # expect: BG101
    def tractors() -> list[str]:
        return list(BEDS)


if garden.stage == Stage.HOME:

    @app.put("/seeds/{name}")  # expect: BG101
    def sow(name: str) -> None:
        BEDS[name] = 1
