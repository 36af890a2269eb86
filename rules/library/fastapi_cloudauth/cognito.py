from pydantic import BaseModel

from fastapi_cloudauth.base import ScopedAuth, UserInfoAuth


class Cognito(ScopedAuth):
    pass


class CognitoClaims(BaseModel):
    username: str
    email: str | None = None


class CognitoCurrentUser(UserInfoAuth):
    user_info = CognitoClaims
