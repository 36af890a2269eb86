"""Pages by a mark that the page before has given."""

from typing import Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

from fastapi_pagination.bases import AbstractPage, AbstractParams

T = TypeVar("T")


class CursorParams(BaseModel, AbstractParams):
    cursor: str | None = Query(None)
    size: int = Query(50, ge=0, le=100)


class CursorPage(AbstractPage[T], Generic[T]):
    items: list[T]
    current_page: str | None = None
    previous_page: str | None = None
    next_page: str | None = None

    __params_type__ = CursorParams
