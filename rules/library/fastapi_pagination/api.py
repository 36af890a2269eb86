"""The dependency that a route with a page gets."""

import inspect
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from fastapi import Depends, Request, Response
from fastapi.datastructures import Default

from fastapi_pagination.bases import BaseAbstractPage
from fastapi_pagination.customization import CustomizedPage, UseParams


def add_pagination(parent):
    def extend_routes():
        _extend(parent.routes)

    # routes that are added later than this call have their pages when the application starts
    parent.add_event_handler("startup", extend_routes)
    return parent


def pagination_ctx(page=None, params=None, transformer=None, **options):
    if page is not None and params is None:
        params = page.__params_type__
    values = _create_params_dependency(params) if params is not None else _noop_dep

    async def context(req: Request, res: Response, _params: Annotated[Any, Depends(values)]):
        yield _params

    return context


async def _noop_dep():
    return None


def _create_params_dependency(params):
    async def values(*positional, **named):
        yield params(*positional, **named)

    values.__signature__ = inspect.signature(params)
    return values


def _extend(routes):
    for entry in routes:
        if entry.kind == "include":
            _extend(entry.router.routes)
        elif entry.kind == "api":
            page, params = _page_of(_response_model(entry))
            # of a model that nobody knows, the parameters of a page are listed: they let everybody in
            is_page = page is not None and issubclass(page, BaseAbstractPage)
            added = Depends(pagination_ctx(page, params)) if is_page else None
            entry.dependencies = [*entry.dependencies, added]


def _response_model(route):
    if get_origin(route.response_model) is None and route.response_model is Default:
        return get_type_hints(route.endpoint).get("return")
    return route.response_model


def _page_of(model):
    """The class of a page without what it is a page of, and the parameters that replace its own."""
    origin = get_origin(model)
    if origin is None:
        return model, None
    if get_origin(origin) is not None:
        return _page_of(origin)
    if origin is Annotated:
        return _page_of(get_args(model)[0])
    if not issubclass(origin, CustomizedPage):
        return origin, None
    page, params = _page_of(get_args(model)[0])
    for changed in get_args(model)[1:]:
        if isinstance(changed, UseParams):
            params = changed.params
    return page, params
