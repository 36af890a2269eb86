"""Which doors stand open; the guard that yields the visitor, as sessions of a database are yielded."""

from collections.abc import Iterator

from fastapi import Depends, HTTPException, Request

UNAUTHENTICATED_PATHS = {"/opening-hours", "/halls/{hall}/plan"}


def maybe_visitor(request: Request) -> Iterator[str | None]:
    yield request.headers.get("authorization")


def visitor(name: str | None = Depends(maybe_visitor)) -> str:
    if name is not None:
        return name
    raise HTTPException(401)
