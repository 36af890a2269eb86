from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer

scheme = HTTPBearer()


def require_staff(credentials=Depends(scheme)) -> str:
    if credentials.credentials != "staff":
        raise HTTPException(status_code=403)
    return "staff"


class TimedRoute(APIRoute):
    def get_route_handler(self):
        original = super().get_route_handler()

        async def timed(request: Request):
            response = await original(request)
            response.headers["X-Timed"] = "yes"
            return response

        return timed


class StaffRouter(APIRouter):
    """Every route of such a router is for staff only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("route_class", TimedRoute)
        dependencies = [*kwargs.pop("dependencies", []), Depends(require_staff)]
        super().__init__(*args, dependencies=dependencies, **kwargs)


class VersionedRouter(APIRouter):
    """Adds the version to every path, by overriding the method that all others end in."""

    def add_api_route(self, path: str, endpoint: Any, **kwargs: Any) -> None:
        super().add_api_route("/v2" + path, endpoint, **kwargs)
