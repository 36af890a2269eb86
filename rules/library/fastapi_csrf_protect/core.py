"""Everybody is given the tokens that are compared: a check of them is no check of a credential."""

from starlette.requests import Request
from starlette.responses import Response


class CsrfProtect:
    @classmethod
    def load_config(cls, settings):
        return settings

    def generate_csrf(self, secret_key=None):
        return "token"

    def generate_csrf_tokens(self, secret_key=None):
        return "token", "signed token"

    def get_csrf_from_headers(self, headers):
        return "token"

    def set_csrf_cookie(self, csrf_signed_token, response: Response):
        response.set_cookie("fastapi-csrf-token", csrf_signed_token)

    def unset_csrf_cookie(self, response: Response):
        response.delete_cookie("fastapi-csrf-token")

    async def validate_csrf(self, request: Request, cookie_key=None, secret_key=None, time_limit=None):
        return None
