from pydantic import BaseModel

from fastapi_cloudauth.base import ScopedAuth, UserInfoAuth


class Auth0(ScopedAuth):
    pass


class Auth0Claims(BaseModel):
    username: str | None = None
    email: str | None = None


class Auth0CurrentUser(UserInfoAuth):
    user_info = Auth0Claims
