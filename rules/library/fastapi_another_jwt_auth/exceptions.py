"""The same reasons as in the library that this one continues."""

from fastapi_jwt_auth.exceptions import (
    AccessTokenRequired,
    AuthJWTException,
    FreshTokenRequired,
    JWTDecodeError,
    MissingTokenError,
    RefreshTokenRequired,
    RevokedTokenError,
)
