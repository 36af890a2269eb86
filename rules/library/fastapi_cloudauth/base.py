"""What all guards do: without ``auto_error`` they give nothing where they would turn away."""

import copy

from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from jose import JWTError, jwt


class CloudAuth:
    user_info = None

    def __init__(self, *positional, auto_error=True, **options):
        self.auto_error = auto_error
        self.scope_name = []

    async def __call__(
        self, http_auth: HTTPAuthorizationCredentials | None = Depends(HTTPBearer(auto_error=False))
    ):
        if http_auth is None:
            if self.auto_error:
                raise HTTPException(status_code=401)
            return None
        try:
            claims = jwt.decode(http_auth.credentials, "key of the provider")
        except JWTError as error:
            if self.auto_error:
                raise HTTPException(status_code=401) from error
            return None
        if not set(self.scope_name) <= set(claims["scope"]):
            if self.auto_error:
                raise HTTPException(status_code=403)
            return None
        return self.user_info.parse_obj(claims) if self.user_info else claims

    def claim(self, schema=None):
        clone = copy.copy(self)
        clone.user_info = schema
        return clone


class UserInfoAuth(CloudAuth):
    pass


class ScopedAuth(CloudAuth):
    def scope(self, scope_name, op=None):
        clone = copy.copy(self)
        clone.scope_name = scope_name
        return clone
