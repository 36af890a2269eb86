"""The token travels in the header ``Authorization``."""

from fastapi import Response
from fastapi.security import OAuth2PasswordBearer


class BearerTransport:
    def __init__(self, tokenUrl):  # noqa: N803  the library's name
        self.scheme = OAuth2PasswordBearer(tokenUrl, auto_error=False)

    async def get_login_response(self, token):
        return Response()

    async def get_logout_response(self):
        return Response(status_code=204)
