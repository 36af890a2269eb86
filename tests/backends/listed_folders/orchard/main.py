"""Routers are found by looking at what lies in a folder, in the ways that people do it."""

import importlib
import importlib.util
import os
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from fastapi import FastAPI
from pydantic import Field
from pydantic_settings import BaseSettings

from orchard import presses


class Places(BaseSettings):
    extras: str = Field(default="extras")


HERE = Path(__file__).resolve().parent
app = FastAPI()


def every_tree() -> Iterator[ModuleType]:
    for file in sorted((HERE / "trees").glob("*.py")):
        if file.name != "__init__.py":
            yield importlib.import_module(f"orchard.trees.{file.stem}")


for tree in every_tree():
    app.include_router(tree.router, prefix="/trees")

for entry in sorted(os.listdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "tools"))):
    if entry.endswith(".py"):
        spec = importlib.util.spec_from_file_location(f"orchard.tools.{entry[:-3]}", HERE / "tools" / entry)
        tool = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(tool)
        tool.install(app)


def add_extras(target: FastAPI, folder: str) -> None:
    sys.path.insert(0, folder)
    for name in sorted(os.listdir(folder)):
        module = importlib.import_module(name)
        if hasattr(module, "router"):
            target.include_router(module.router, prefix="/extras")


add_extras(app, Places().extras)

for _, name, _ in pkgutil.iter_modules([str(HERE / "presses")]):
    app.include_router(importlib.import_module(f"{presses.__name__}.{name}").router)
