"""Parts of the application, each made when it is first asked for, of the class that a setting names."""

import importlib
import inspect
from abc import ABC
from typing import Any, TypeVar, cast

from pydantic_settings import BaseSettings

P = TypeVar("P", bound="Part")


class Settings(BaseSettings):
    gatekeeper: str | None = None
    purser: str
    log_calls: bool = False

    def required(self, name: str) -> Any:
        value = getattr(self, name)
        if value is None:
            raise ValueError(f"{name} is not set")
        return value


class Part(ABC):
    def __init__(self, parts: "Parts") -> None:
        self.parts = parts


NAMED_BY = {"ferry.gates.Gatekeeper": "gatekeeper", "ferry.gates.Purser": "purser"}


class Parts:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.made: dict[type[Part], Part] = {}

    def get(self, kind: type[P]) -> P:
        if inspect.isabstract(kind):
            key = NAMED_BY[f"{kind.__module__}.{kind.__name__}"]
            kind = load(self.settings.required(key), kind)
        if kind not in self.made:
            self.made[kind] = kind(self)
        return cast(P, self.made[kind])


def load(dotted: str, kind: type[P]) -> type[P]:
    module, name = dotted.rsplit(".", 1)
    return cast(type[P], getattr(importlib.import_module(module), name))
