"""Pages with the addresses of the pages around them."""

from typing import Generic, TypeVar

import fastapi_pagination.default
import fastapi_pagination.limit_offset

T = TypeVar("T")


class Page(fastapi_pagination.default.Page[T], Generic[T]):
    links: dict[str, str | None] = {}


class LimitOffsetPage(fastapi_pagination.limit_offset.LimitOffsetPage[T], Generic[T]):
    links: dict[str, str | None] = {}
