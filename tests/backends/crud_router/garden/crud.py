from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel


class CrudRouter(APIRouter):
    """Makes the usual routes for a schema; each can be left out or get dependencies of its own."""

    def __init__(
        self,
        schema: type[BaseModel],
        *,
        prefix: str | None = None,
        list_route: bool | list[Any] = True,
        create_route: bool | list[Any] = True,
        delete_route: bool | list[Any] = True,
        **kwargs: Any,
    ) -> None:
        self.schema = schema
        self.rows: list[BaseModel] = []
        super().__init__(prefix=f"/{(prefix or schema.__name__).lower()}", **kwargs)
        if list_route:
            self._add("", self._list(), "GET", list_route)
        if create_route:
            self._add("", self._create(), "POST", create_route)
        if delete_route:
            self._add("/{index}", self._delete(), "DELETE", delete_route)

    def _add(self, path: str, endpoint: Callable[..., Any], method: str, given: bool | list[Any]) -> None:
        dependencies = [] if isinstance(given, bool) else given
        self.add_api_route(path, endpoint, methods=[method], dependencies=dependencies)

    def _list(self) -> Callable[..., Any]:
        async def route() -> int:
            return len(self.rows)

        return route

    def _create(self) -> Callable[..., Any]:
        schema = self.schema

        async def route(item: schema) -> int:
            self.rows.append(item)
            return len(self.rows)

        return route

    def _delete(self) -> Callable[..., Any]:
        async def route(index: int) -> int:
            del self.rows[index : index + 1]
            return index

        return route
