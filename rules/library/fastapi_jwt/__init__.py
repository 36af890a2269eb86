"""Guards that read a signed token from the header, a cookie or both.

Never imported by the gate: it is read in place of the library.
"""

from fastapi_jwt.jwt import (
    JwtAccessBearer,
    JwtAccessBearerCookie,
    JwtAccessCookie,
    JwtAuthorizationCredentials,
    JwtRefreshBearer,
    JwtRefreshBearerCookie,
    JwtRefreshCookie,
)
