"""Where tokens stand, and what they are signed with."""

from pydantic import BaseModel


class AuthXConfig(BaseModel):
    JWT_ALGORITHM: str = "HS256"
    JWT_SECRET_KEY: str | None = None
    JWT_TOKEN_LOCATION: list[str] = ["headers"]
    JWT_HEADER_NAME: str = "Authorization"
    JWT_HEADER_TYPE: str = "Bearer"
    JWT_ACCESS_COOKIE_NAME: str = "access_token_cookie"
    JWT_REFRESH_COOKIE_NAME: str = "refresh_token_cookie"
    JWT_QUERY_STRING_NAME: str = "token"
