"""What all pages, and all parameters of pages, have in common."""

from typing import Generic, TypeVar

from pydantic import BaseModel

T = TypeVar("T")


class AbstractParams:
    pass


class BaseAbstractPage(BaseModel, Generic[T]):
    @classmethod
    def with_custom_options(cls, **options):
        return cls

    @classmethod
    def with_params(cls, custom_params):
        class CustomPage(cls):
            __params_type__ = custom_params

        return CustomPage


class AbstractPage(BaseAbstractPage[T], Generic[T]):
    pass


class BasePage(AbstractPage[T], Generic[T]):
    items: list[T]
    total: int | None = None
