"""Class-based controllers: methods are routes, attributes of the class are dependencies."""

import inspect
from typing import Any, get_type_hints

from fastapi import APIRouter, Depends
from fastapi.params import Depends as DependsParameter
from fastapi.routing import APIRoute


def controller(router: APIRouter) -> Any:
    def decorate(cls: type) -> type:
        _inject_attributes(cls)
        methods = [function for _, function in inspect.getmembers(cls, inspect.isfunction)]
        for route in [r for r in router.routes if isinstance(r, APIRoute) and r.endpoint in methods]:
            router.routes.remove(route)
            _inject_self(cls, route.endpoint)
            router.add_api_route(
                route.path.removeprefix(router.prefix),
                route.endpoint,
                methods=list(route.methods),
                dependencies=route.dependencies[len(router.dependencies) :],
            )
        return cls

    return decorate


def _inject_attributes(cls: type) -> None:
    parameters = []
    for name, hint in get_type_hints(cls).items():
        default = getattr(cls, name, ...)
        if isinstance(default, DependsParameter):
            parameters.append(
                inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=hint, default=default)
            )

    def __init__(self: Any, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)

    cls.__signature__ = inspect.Signature(parameters)
    cls.__init__ = __init__


def _inject_self(cls: type, endpoint: Any) -> None:
    signature = inspect.signature(endpoint)
    first, *others = signature.parameters.values()
    bound = [first.replace(default=Depends(cls))]
    bound += [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in others]
    endpoint.__signature__ = signature.replace(parameters=bound)
