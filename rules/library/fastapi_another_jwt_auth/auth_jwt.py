"""The same object under a name of its own."""

import fastapi_jwt_auth.auth_jwt


class AuthJWT(fastapi_jwt_auth.auth_jwt.AuthJWT):
    pass
