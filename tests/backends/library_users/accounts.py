"""Users, their sign-in and the guards of fastapi-users."""

import uuid

from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin, schemas
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, CookieTransport, JWTStrategy
from fastapi import Depends

from settings import settings
from store import UserStore


class UserRead(schemas.BaseUser[uuid.UUID]):
    nickname: str


class UserCreate(schemas.BaseUserCreate):
    nickname: str


class UserUpdate(schemas.BaseUserUpdate):
    nickname: str


class Manager(UUIDIDMixin, BaseUserManager):
    reset_password_token_secret = settings.secret
    verification_token_secret = settings.secret


async def get_store():
    yield UserStore()


async def get_manager(store: UserStore = Depends(get_store)):
    yield Manager(store)


def get_strategy() -> JWTStrategy:
    return JWTStrategy(secret=settings.secret, lifetime_seconds=3600)


bearer = AuthenticationBackend("jwt", BearerTransport("auth/login"), get_strategy)
cookie = AuthenticationBackend(
    name="cookie", transport=CookieTransport(cookie_name="session"), get_strategy=get_strategy
)
users = FastAPIUsers[object, uuid.UUID](get_manager, [bearer, cookie])

signed_in = users.current_user(active=True)
administrator = users.current_user(active=True, superuser=True)
maybe_signed_in = users.current_user(optional=True)
