"""A factory that refuses to start before a store is named, which none is by default."""

import os

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

import guild.crafts.cooper
from guild.members import member
from guild.points import Group, chosen
from guild.registry import CRAFTS

try:
    MODE = os.environ["GUILD_MODE"]
except KeyError:
    MODE = "open"


def stores() -> dict[str, str]:
    return {}


def found(name: str) -> APIRouter:
    router: APIRouter
    for point in chosen(group=Group.SERVICES, name=name):
        router = point.load()
        break
    else:
        raise LookupError(name)
    return router


def with_slashes(router: APIRouter) -> None:
    for context in iter_route_contexts(router.routes):
        path = context.original_route.path
        if not path.endswith("}"):
            context.original_route.path = f"{path}/"


def assemble(urls: dict[str, str]) -> FastAPI:
    app = FastAPI()
    missing = True
    for _ in urls:
        missing = False
    if missing:
        raise RuntimeError("no store")
    for point in chosen(group=Group.SERVICES):
        router = found(point.name)
        guards = [Depends(member)] if router.members_only else []
        if MODE == "closed":
            router.routes = [r for r in router.routes if isinstance(r, APIRoute) and "POST" not in r.methods]
        with_slashes(router)
        app.include_router(router, prefix=f"/{point.name}", dependencies=guards)
    for name, craft in CRAFTS.items():
        app.include_router(craft.router(), prefix=f"/{name}")
    return app


def create() -> FastAPI:
    return assemble(stores())
