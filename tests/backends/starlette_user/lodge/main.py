"""Who asks is found out by Starlette's middleware; a dependency looks at the user that it left."""

from typing import cast

from fastapi import Depends, FastAPI, HTTPException, Request, WebSocket
from starlette.authentication import AuthCredentials, AuthenticationBackend, BaseUser
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection


class Guest(BaseUser):
    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def is_authenticated(self) -> bool:
        return True


class Tokens(AuthenticationBackend):
    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        header = conn.headers.get("Authorization")
        if header is None:
            return None
        return AuthCredentials(), Guest(header.removeprefix("Bearer "))


async def known_guest(
    request: Request = cast(Request, None), websocket: WebSocket = cast(WebSocket, None)
) -> None:
    conn: HTTPConnection = request if request is not None else websocket
    if not isinstance(conn.user, Guest):
        raise HTTPException(401)


async def signed_in(request: Request) -> None:
    if not request.user.is_authenticated:
        raise HTTPException(401)


def create_app(locked: bool) -> FastAPI:
    app = FastAPI(middleware=[Middleware(AuthenticationMiddleware, backend=Tokens())])
    guards = [Depends(known_guest)] if locked else []

    @app.get("/rooms", dependencies=[Depends(known_guest)])
    async def rooms() -> list[str]:
        return open("rooms").read().split()

    @app.get("/keys", dependencies=[Depends(signed_in)])
    async def keys() -> list[str]:
        return open("keys").read().split()

    @app.get("/bills", dependencies=guards)
    async def bills() -> list[str]:
        return open("bills").read().split()

    return app
