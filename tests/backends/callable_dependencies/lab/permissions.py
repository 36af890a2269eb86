import inspect
from typing import Any

from fastapi import Depends, HTTPException, Request
from fastapi.security import APIKeyHeader, SecurityScopes

header = APIKeyHeader(name="X-Badge", auto_error=False)
BADGES = {"b-1": "anna"}


class Permission:
    def allows(self, name: str) -> bool:
        return name != ""


class IsChemist(Permission):
    def allows(self, name: str) -> bool:
        return name in ("anna", "maria")


class Require:
    """An instance made with a list of permission classes."""

    def __init__(self, permissions: list[type[Permission]]) -> None:
        self.permissions = permissions

    def __call__(self, request: Request) -> str:
        name = BADGES.get(request.headers.get("Authorization", ""))
        if name is None:
            raise HTTPException(401)
        for permission in self.permissions:
            if not permission().allows(name):
                raise HTTPException(403)
        return name


def badge(optional: bool = False) -> Any:
    """A closure made by a factory, with a flag that makes it optional."""

    def read(value: str | None = Depends(header)) -> str | None:
        if value in BADGES:
            return BADGES[value]
        if optional:
            return None
        raise HTTPException(401)

    return read


class Gate:
    def __init__(self, scope: str) -> None:
        self.scope = scope

    async def enter(self, scopes: SecurityScopes, name: str = Depends(badge())) -> str:
        if self.scope not in scopes.scopes:
            raise HTTPException(403)
        return name


class Bench:
    """A class whose __init__ has dependencies of its own."""

    def __init__(self, number: int, name: str = Depends(badge())) -> None:
        self.number = number
        self.name = name


def filter_by(**fields: type) -> type:
    """A class with a generated signature."""

    class Filter:
        def __init__(self, **values: Any) -> None:
            self.values = values

    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind | None, default=None)
        for name, kind in fields.items()
    ]
    parameters.append(inspect.Parameter("by", inspect.Parameter.KEYWORD_ONLY, default=Depends(badge())))
    Filter.__signature__ = inspect.Signature(parameters)
    return Filter
