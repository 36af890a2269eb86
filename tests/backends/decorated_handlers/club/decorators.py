import time
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from fastapi import HTTPException, Request

Handler = Callable[..., Awaitable[Any]]
MEMBERS = {"m-1": "anna"}


def members_only(handler: Handler) -> Handler:
    @wraps(handler)
    async def checked(*args: Any, request: Request, **kwargs: Any) -> Any:
        if request.cookies.get("member") not in MEMBERS:
            raise HTTPException(status_code=401)
        return await handler(*args, request=request, **kwargs)

    return checked


def members_only_unwrapped(handler: Handler) -> Handler:
    async def checked(request: Request) -> Any:
        if request.cookies.get("member") not in MEMBERS:
            raise HTTPException(status_code=401)
        return await handler(request)

    return checked


def timed(name: str) -> Callable[[Handler], Handler]:
    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        async def measured(*args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter()
            try:
                return await handler(*args, **kwargs)
            finally:
                print(name, time.perf_counter() - start)

        return measured

    return decorate
