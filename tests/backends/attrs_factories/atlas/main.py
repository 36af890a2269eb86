"""One guard for everything, if a token is configured; by default nobody checks anything."""

import os
from dataclasses import dataclass, field

from fastapi import Depends, FastAPI, HTTPException, Security
from fastapi.security.api_key import APIKeyQuery

from atlas.factories import MapFactory, Viewer

guards = []
if os.environ.get("ATLAS_TOKEN"):  # expect: BG104
    key = APIKeyQuery(name="token", auto_error=False)

    def check_token(token: str = Security(key)) -> None:
        if token != os.environ["ATLAS_TOKEN"]:
            raise HTTPException(401)

    guards.append(Depends(check_token))

app = FastAPI(dependencies=guards)

roads = MapFactory(prefix="/roads", with_legend=True)
rivers = MapFactory(prefix="/rivers", extensions=[Viewer(), Viewer("/look")])
app.include_router(roads.router, prefix="/roads")
app.include_router(rivers.router, prefix="/rivers")


@dataclass
class Window:
    left: float
    right: float
    tags: list[str] = field(init=False, default_factory=list)
    width: float = field(init=False)

    def __post_init__(self) -> None:
        self.width = self.right - self.left


@app.get("/window")
def window(shown: Window = Depends()) -> float:
    return shown.width


@dataclass(frozen=True)
class Legend:
    window: Window = Depends()
    colour: str = Depends(lambda: "red")


@app.get("/legends")
def legends(shown: Legend = Depends()) -> str:
    return shown.colour
