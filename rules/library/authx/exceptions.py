"""Why a request is turned away: the library answers 401 to all of them, once the application handles its errors."""


class AuthXException(Exception):
    pass


class JWTDecodeError(AuthXException):
    pass


class CSRFError(AuthXException):
    pass


class TokenError(AuthXException):
    pass


class MissingTokenError(TokenError):
    pass


class TokenTypeError(TokenError):
    pass


class AccessTokenRequiredError(TokenTypeError):
    pass


class RefreshTokenRequiredError(TokenTypeError):
    pass


class FreshTokenRequiredError(TokenError):
    pass


class RevokedTokenError(TokenError):
    pass


class InsufficientScopeError(TokenError):
    pass
