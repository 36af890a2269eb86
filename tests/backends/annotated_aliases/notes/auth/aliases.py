from typing import Annotated, TypeVar

from fastapi import Depends

from notes.auth import guards

__all__ = ["CurrentUser", "Limit", "Of", "Store"]

T = TypeVar("T")


class Store:
    def __init__(self) -> None:
        self.texts: list[str] = []


def opened() -> Store:
    return Store()


def page_size(limit: int = 20) -> int:
    return min(limit, 100)


CurrentUser = Annotated[str, Depends(guards.user_of_session)]
Of = Annotated[T, Depends(opened)]
Limit = Annotated[int, Depends(page_size)]
