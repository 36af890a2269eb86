"""Middleware put around applications by hand: at the top, around what is mounted, several, and made by a partial."""

from functools import partial

from fastapi import FastAPI
from starlette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError, SimpleUser
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse

CARGO: list[str] = []


class Sentry:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if not Request(scope).headers.get("authorization"):
            await JSONResponse({"detail": "who are you"}, status_code=401)(scope, receive, send)
            return
        await self.app(scope, receive, send)


class Clock:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        scope["at"] = 1
        await self.app(scope, receive, send)


class Passes(AuthenticationBackend):
    async def authenticate(self, conn):
        if "authorization" not in conn.headers:
            raise AuthenticationError("no pass")
        return AuthCredentials(["cargo"]), SimpleUser("somebody")


class Guests(AuthenticationBackend):
    async def authenticate(self, conn):
        if "authorization" not in conn.headers:
            return None
        return AuthCredentials(["cargo"]), SimpleUser("somebody")


app = FastAPI()
guarded, twice, passed, partly, timed, guests, open_ = (FastAPI() for _ in range(7))


def cargo() -> None:
    CARGO.append("cargo")


for each in (guarded, twice, passed, partly, timed, guests, open_):
    each.post("/cargo")(cargo)  # expect: BG101

with_passes = partial(AuthenticationMiddleware, backend=Passes())
app.mount("/guarded", Sentry(guarded))
app.mount("/twice", GZipMiddleware(Sentry(Clock(twice))))
app.mount("/passed", AuthenticationMiddleware(passed, backend=Passes()))
app.mount("/partly", with_passes(partly))
app.mount("/timed", Clock(timed))
app.mount("/guests", AuthenticationMiddleware(guests, backend=Guests()))
app.mount("/open", open_)
