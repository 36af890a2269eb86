"""Plain routes of a router with decorators of its own, sockets that close on strangers, a prefix from settings."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field
from pydantic_settings import BaseSettings
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Router
from starlette.websockets import WebSocket

Handler = Callable[[Request], Awaitable[Response]]
KEYS: set[str] = set()
LINES: list[str] = []


class Serving(BaseModel):
    prefix: str = "/console"


class Settings(BaseSettings):
    serving: Serving = Field(default_factory=Serving)


settings = Settings()


class Commands(Router):
    def command(self, path: str) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            async def answer(request: Request) -> Response:
                return await handler(request)

            self.add_route(path=path, endpoint=answer, methods=["POST"])
            return handler

        return register


def knows(connection: HTTPConnection) -> bool:
    return connection.query_params.get("access_token") in KEYS


commands = Commands()


@commands.command("/lines")
async def add(request: Request) -> Response:
    if not knows(request):
        raise HTTPException(401)
    LINES.append("")
    return Response()


async def follow(socket: WebSocket) -> None:
    if not knows(socket):
        await socket.close(3000)
        return
    await socket.accept()
    LINES.append(await socket.receive_text())


async def follow_if_locked(socket: WebSocket) -> None:
    """What hangs on the application is no choice of the client."""
    if socket.app.state.locked and not knows(socket):
        await socket.close(3000)
        return
    await socket.accept()
    LINES.append(await socket.receive_text())


commands.add_websocket_route("/follow", endpoint=follow)
commands.add_websocket_route("/follow/locked", endpoint=follow_if_locked)

app = FastAPI()
app.mount(settings.serving.prefix, commands)
