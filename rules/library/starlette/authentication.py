"""``requires`` refuses a request whose user was not granted all scopes by the authentication middleware."""

import functools

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse


class AuthCredentials:
    def __init__(self, scopes=None):
        self.scopes = [] if scopes is None else list(scopes)


class BaseUser:
    pass


class SimpleUser(BaseUser):
    def __init__(self, username):
        self.username = username

    @property
    def is_authenticated(self):
        return True

    @property
    def display_name(self):
        return self.username


class UnauthenticatedUser(BaseUser):
    @property
    def is_authenticated(self):
        return False

    @property
    def display_name(self):
        return ""


def has_required_scope(conn, scopes):
    granted = conn.auth.scopes
    if not granted:
        return False
    wanted = [scopes] if isinstance(scopes, str) else scopes
    return all(scope in granted for scope in wanted)


def _connection(args, kwargs):
    for name in ("request", "websocket"):
        if name in kwargs:
            return kwargs[name]
    return args[0]


def requires(scopes, status_code=403, redirect=None):
    def decorator(func):
        @functools.wraps(func)
        async def wrapper(*args, **kwargs):
            if not has_required_scope(_connection(args, kwargs), scopes):
                if redirect is not None:
                    return RedirectResponse(redirect, status_code=303)
                raise HTTPException(status_code=status_code)
            return func(*args, **kwargs)

        return wrapper

    return decorator
