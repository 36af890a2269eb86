import os
from hmac import compare_digest

from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

CONSOLE_SECRET = os.environ.get("CONSOLE_SECRET")


class RequireToken:
    """Pure ASGI: answers 401 without calling the application."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app = app
        self.token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"authorization", b"")
        if not compare_digest(given, b"Bearer " + self.token):
            response = JSONResponse({"detail": "Not allowed"}, status_code=401)
            await response(scope, receive, send)
            return
        await self.app(scope, receive, send)


class ConsoleSecret(BaseHTTPMiddleware):
    """Active only when a secret is set."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        if CONSOLE_SECRET and request.headers.get("X-API-Key") != CONSOLE_SECRET:  # expect: BG104
            return JSONResponse({"detail": "Not allowed"}, status_code=403)
        return await call_next(request)
