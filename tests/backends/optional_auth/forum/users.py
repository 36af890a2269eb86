from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, status
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from forum.settings import settings

scheme = HTTPBearer(auto_error=False)


@dataclass
class User:
    name: str


async def maybe_user(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(scheme)],
) -> User | None:
    if credentials is None:
        return None
    return User(name=credentials.credentials)


async def user(candidate: Annotated[User | None, Depends(maybe_user)]) -> User:
    if candidate is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED)
    return candidate


async def user_or_guest(candidate: Annotated[User | None, Depends(maybe_user)]) -> User:
    if candidate is not None:
        return candidate
    if settings.allow_guests:
        return User(name="guest")
    raise HTTPException(status.HTTP_401_UNAUTHORIZED)
