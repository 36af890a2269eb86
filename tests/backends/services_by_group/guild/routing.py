"""A router that fills parameters by their type: it rewrites the annotations of what it registers."""

import inspect
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from guild.stores import Store


def filled(function):
    for parameter in inspect.signature(function, eval_str=True).parameters.values():
        kind = parameter.annotation
        if isinstance(kind, type) and issubclass(kind, Store):
            function.__annotations__[parameter.name] = Annotated[kind, Depends(kind.opened)]
    return function


class FillingRouter(APIRouter):
    def __init__(self, *, members_only: bool = True) -> None:
        super().__init__()
        self.members_only = members_only

    def add_api_route(self, path: str, endpoint: Any, **kwargs: Any) -> None:
        return super().add_api_route(path, filled(endpoint), **kwargs)
