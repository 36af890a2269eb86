"""Classes whose methods are routes, as far as a backend can be judged by them.

Never imported by the gate: it is read in place of the library. The receiver of each method becomes a
dependency on the class, and what the class declares becomes parameters of its constructor.
"""

import inspect
from inspect import Parameter, Signature
from typing import get_type_hints

from fastapi import Depends

VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")


def cbv(router, *urls):
    def decorator(cls):
        _construct_from_request(cls)
        members = [function for _, function in inspect.getmembers(cls, inspect.isfunction)]
        for url in urls:
            for verb in VERBS:
                function = getattr(cls, verb, None)
                if function is not None:
                    router.api_route(url, methods=[verb.upper()])(function)
        for route in router.routes:
            if route.endpoint in members:
                _receive(cls, route.endpoint)
        return cls

    return decorator


def _construct_from_request(cls):
    original = cls.__init__
    parameters = [
        parameter
        for parameter in list(inspect.signature(original).parameters.values())[1:]
        if parameter.kind not in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
    ]
    names = []
    for name, hint in get_type_hints(cls).items():
        names.append(name)
        default = getattr(cls, name, ...)
        parameters.append(Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=hint))

    def construct(self, *args, **kwargs):
        for name in names:
            setattr(self, name, kwargs.pop(name))
        original(self, *args, **kwargs)

    cls.__signature__ = Signature(parameters)
    cls.__init__ = construct


def _receive(cls, function):
    receiver, *others = inspect.signature(function).parameters.values()
    function.__signature__ = Signature(
        [
            receiver.replace(default=Depends(cls)),
            *(parameter.replace(kind=Parameter.KEYWORD_ONLY) for parameter in others),
        ]
    )
