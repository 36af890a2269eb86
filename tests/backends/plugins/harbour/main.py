from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules

from fastapi import Depends, FastAPI

from harbour import parts
from harbour.parts.guard import master


def add_parts(app: FastAPI) -> None:
    for name in ("quays", "tugs"):
        module = import_module(f"harbour.parts.{name}")
        app.include_router(module.router, prefix=f"/{name}", dependencies=[Depends(master)])


def add_plugins(app: FastAPI) -> None:
    for entry in entry_points(group="harbour.plugins"):
        app.include_router(entry.load(), prefix=f"/plugins/{entry.name}")


def build() -> FastAPI:
    app = FastAPI()
    add_parts(app)
    add_plugins(app)
    app.state.parts = [module.name for module in iter_modules(parts.__path__)]
    return app
