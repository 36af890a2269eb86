"""Pages by the number of what stands before them."""

from typing import Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

from fastapi_pagination.bases import AbstractParams, BasePage

T = TypeVar("T")


class LimitOffsetParams(BaseModel, AbstractParams):
    limit: int = Query(50, ge=1, le=100)
    offset: int = Query(0, ge=0)


class LimitOffsetPage(BasePage[T], Generic[T]):
    limit: int | None = None
    offset: int | None = None

    __params_type__ = LimitOffsetParams
