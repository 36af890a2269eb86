"""The middleware of the depot: a file of the operator says how callers prove who they are, or that nobody has to."""

import json
import os

from pydantic import BaseModel
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class GateRules(BaseModel):
    mode: str = "open"
    free_paths: list[str] = []


class Gatekeeper:
    def __init__(self, rules: GateRules) -> None:
        self.rules = rules

    @classmethod
    def from_file(cls, path: str) -> "Gatekeeper":
        with open(path, encoding="utf-8") as file:
            return cls(GateRules(**json.load(file)))

    def caller(self, request: Request) -> str | None:
        return request.headers.get("x-depot-key")


def make_gatekeeper() -> Gatekeeper:
    path = os.environ.get("DEPOT_RULES")
    if path and os.path.exists(path):
        return Gatekeeper.from_file(path)
    return Gatekeeper(GateRules(mode="open"))


class GateMiddleware(BaseHTTPMiddleware):
    def __init__(self, app, keeper: Gatekeeper) -> None:
        super().__init__(app)
        self.keeper = keeper

    async def dispatch(self, request: Request, call_next) -> Response:
        if request.url.path in self.keeper.rules.free_paths:
            return await call_next(request)
        if self.keeper.rules.mode == "open":
            return await call_next(request)
        if self.keeper.caller(request) is None:
            return JSONResponse({"detail": "Who are you?"}, status_code=401)
        return await call_next(request)
