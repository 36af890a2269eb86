from pydantic import BaseModel

from fastapi_cloudauth.base import UserInfoAuth


class FirebaseClaims(BaseModel):
    user_id: str
    email: str | None = None


class FirebaseCurrentUser(UserInfoAuth):
    user_info = FirebaseClaims
