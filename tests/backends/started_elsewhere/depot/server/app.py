"""Makes the application and fills it, in two functions that another module calls."""

import os

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    pages: str = ""


settings = Settings()
STOCK: list[str] = []


def clerk(authorization: str = Header("")) -> None:
    if authorization != "Bearer depot":
        raise HTTPException(401)


def create_app(guarded: bool = False) -> FastAPI:
    return FastAPI(dependencies=[Depends(clerk)] if guarded else [])


def register_routes(app: FastAPI) -> None:
    @app.get("/crates")
    def crates() -> list[str]:
        return STOCK

    if os.path.exists(settings.pages):

        @app.get("/pages")
        def pages() -> str:
            return settings.pages


def register_tools(app: FastAPI) -> None:
    """Called by a command line that builds its list of functions at run time."""

    @app.delete("/crates")
    def empty() -> None:
        STOCK.clear()
