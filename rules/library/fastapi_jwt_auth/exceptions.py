"""Why a request is turned away; the application maps them to an answer by ``status_code``."""


class AuthJWTException(Exception):
    def __init__(self, status_code: int, message: str):
        self.status_code = status_code
        self.message = message


class JWTDecodeError(AuthJWTException):
    pass


class MissingTokenError(AuthJWTException):
    pass


class RevokedTokenError(AuthJWTException):
    pass


class AccessTokenRequired(AuthJWTException):
    pass


class RefreshTokenRequired(AuthJWTException):
    pass


class FreshTokenRequired(AuthJWTException):
    pass
