"""Asks a backend who sends a request; what the backend refuses does not reach the application."""

from starlette.authentication import AuthCredentials, AuthenticationError, UnauthenticatedUser
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse


class AuthenticationMiddleware:
    def __init__(self, app, backend, on_error=None):
        self.app = app
        self.backend = backend
        self.on_error = on_error or self.default_on_error

    async def __call__(self, scope, receive, send):
        if scope["type"] not in ["http", "websocket"]:
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        try:
            found = await self.backend.authenticate(connection)
        except AuthenticationError as error:
            response = self.on_error(connection, error)
            await response(scope, receive, send)
            return
        if found is None:
            found = AuthCredentials(), UnauthenticatedUser()
        scope["auth"], scope["user"] = found
        await self.app(scope, receive, send)

    @staticmethod
    def default_on_error(connection, error):
        return PlainTextResponse(str(error), status_code=400)
