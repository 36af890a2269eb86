from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.routing import APIRoute

from yard.routes import router, visitors


def foreman(request: Request) -> str:
    name = request.headers.get("X-API-Key")
    if name is None:
        raise HTTPException(401)
    return name


def guarded(source: APIRouter) -> APIRouter:
    """A copy of a router whose routes ask for the foreman, without its debugging routes."""
    target = APIRouter()
    for route in source.routes:
        if isinstance(route, APIRoute) and "/debug/" not in route.path:
            route.dependencies.append(Depends(foreman))
            target.add_api_route(
                route.path, route.endpoint, methods=route.methods, dependencies=route.dependencies
            )
    return target


app = FastAPI()
app.include_router(guarded(router))
app.include_router(visitors)
