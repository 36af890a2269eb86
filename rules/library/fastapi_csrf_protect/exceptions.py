"""Why a request is turned away; the application maps them to an answer by ``status_code``."""


class CsrfProtectError(Exception):
    def __init__(self, status_code: int, message: str):
        self.status_code = status_code
        self.message = message


class InvalidHeaderError(CsrfProtectError):
    pass


class MissingTokenError(CsrfProtectError):
    pass


class TokenValidationError(CsrfProtectError):
    pass
