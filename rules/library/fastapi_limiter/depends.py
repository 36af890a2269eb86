"""Dependencies that count requests: they turn away too many, not strangers."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket


class RateLimiter:
    def __init__(self, *positional, **options):
        self.options = options

    async def __call__(self, request: Request, response: Response):
        return None


class WebSocketRateLimiter:
    def __init__(self, *positional, **options):
        self.options = options

    async def __call__(self, ws: WebSocket, context_key: str = ""):
        return None
