"""``requires`` refuses a request whose user was not granted all scopes by the authentication middleware."""

import functools

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse


def has_required_scope(conn, scopes):
    return conn.auth.scopes


def _connection(args, kwargs):
    return kwargs.get("request") or kwargs.get("websocket") or args[0]


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
