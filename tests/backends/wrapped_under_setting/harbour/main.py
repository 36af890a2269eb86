"""An application that is served under a prefix if one is configured, inside a second application."""

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    base_url: str = "/"
    with_reports: bool = False


settings = Settings()
router = APIRouter()


def captain(request: Request) -> str:
    name = request.headers.get("Authorization")
    if name is None:
        raise HTTPException(401)
    return name


@router.get("/berths")
def berths(name: str = Depends(captain)) -> list[str]:
    return [name]


def add_reports(app: FastAPI) -> None:
    if settings.with_reports is False:
        return

    @app.get("/reports")
    def reports(name: str = Depends(captain)) -> list[str]:
        return [name]


def create_app() -> FastAPI:
    api = FastAPI()
    api.include_router(router)

    app = FastAPI()
    app.mount("/api", api)
    add_reports(app)

    if settings.base_url and settings.base_url != "/":
        outer = FastAPI()
        outer.mount(settings.base_url, app)
        return outer
    return app


app = create_app()
