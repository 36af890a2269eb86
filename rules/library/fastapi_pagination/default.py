"""Pages by their number."""

from typing import Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

from fastapi_pagination.bases import AbstractParams, BasePage

T = TypeVar("T")


class Params(BaseModel, AbstractParams):
    page: int = Query(1, ge=1)
    size: int = Query(50, ge=1, le=100)


class Page(BasePage[T], Generic[T]):
    page: int | None = None
    size: int | None = None
    pages: int | None = None

    __params_type__ = Params
