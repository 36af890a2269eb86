"""The token travels in a cookie."""

from fastapi import Response
from fastapi.security import APIKeyCookie


class CookieTransport:
    def __init__(
        self,
        cookie_name="fastapiusersauth",
        cookie_max_age=None,
        cookie_path="/",
        cookie_domain=None,
        cookie_secure=True,
        cookie_httponly=True,
        cookie_samesite="lax",
    ):
        self.cookie_name = cookie_name
        self.scheme = APIKeyCookie(name=cookie_name, auto_error=False)

    async def get_login_response(self, token):
        return Response(status_code=204)

    async def get_logout_response(self):
        return Response(status_code=204)
