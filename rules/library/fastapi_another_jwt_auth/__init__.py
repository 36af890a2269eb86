"""An object that a handler depends on and asks for a token: what asks is the handler, by calling a method.

Never imported by the gate: it is read in place of the library.
"""

from fastapi_another_jwt_auth.auth_jwt import AuthJWT
