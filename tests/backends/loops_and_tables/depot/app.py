from importlib import import_module

from fastapi import APIRouter, Depends, FastAPI

from depot import bins, parts
from depot.guards import api_key

app = FastAPI()

ROUTERS: list[tuple[str, APIRouter]] = [("/parts", parts.router), ("/stock", bins.router)]
LAZY = {"late": "depot.late:api"}

for prefix, router in ROUTERS:
    app.include_router(router, prefix=prefix, dependencies=[Depends(api_key)])

for target in LAZY.values():
    module, _, attribute = target.partition(":")
    app.include_router(getattr(import_module(module), attribute))


def echo(text: str) -> str:
    return text.strip()


for method, path in [("GET", "/echo"), ("POST", "/shout")]:
    app.add_api_route(path, echo, methods=[method], dependencies=[Depends(api_key)])
