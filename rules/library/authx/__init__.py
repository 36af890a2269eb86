"""Guards that verify a signed token from a header, a cookie or the query, made by an object of the project.

Never imported by the gate: it is read in place of the library.
"""

from authx.config import AuthXConfig
from authx.dependencies import AuthXDependency
from authx.exceptions import InsufficientScopeError, JWTDecodeError
from authx.main import AuthX
from authx.schema import RequestToken, TokenPayload, TokenResponse
