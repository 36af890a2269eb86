"""Reads the token when it is made, and checks it when it is asked to."""

import jwt
from fastapi import Request, Response

from fastapi_jwt_auth.exceptions import FreshTokenRequired, JWTDecodeError, MissingTokenError


class AuthJWT:
    def __init__(self, req: Request = None, res: Response = None):
        self._response = res
        # from the header or a cookie, by a setting that is loaded when the application starts
        self._token = req.headers.get("authorization") or req.cookies.get("access_token_cookie")

    @classmethod
    def load_config(cls, settings):
        return settings

    @classmethod
    def token_in_denylist_loader(cls, callback):
        return callback

    def create_access_token(self, subject, **options):
        return jwt.encode({"sub": subject, "type": "access"}, "secret")

    def create_refresh_token(self, subject, **options):
        return jwt.encode({"sub": subject, "type": "refresh"}, "secret")

    def set_access_cookies(self, encoded_access_token, response=None, max_age=None):
        (response or self._response).set_cookie("access_token_cookie", encoded_access_token)

    def set_refresh_cookies(self, encoded_refresh_token, response=None, max_age=None):
        (response or self._response).set_cookie("refresh_token_cookie", encoded_refresh_token)

    def unset_jwt_cookies(self, response=None):
        (response or self._response).delete_cookie("access_token_cookie")

    def jwt_required(self, auth_from="request", token=None, websocket=None, csrf_token=None):
        self._require(token or self._token)

    def jwt_refresh_token_required(self, auth_from="request", token=None, websocket=None, csrf_token=None):
        self._require(token or self._token)

    def fresh_jwt_required(self, auth_from="request", token=None, websocket=None, csrf_token=None):
        if not self._require(token or self._token)["fresh"]:
            raise FreshTokenRequired(status_code=401, message="Fresh token required")

    def jwt_optional(self, auth_from="request", token=None, websocket=None, csrf_token=None):
        if token or self._token:
            self._require(token or self._token)

    def get_raw_jwt(self, encoded_token=None):
        token = encoded_token or self._token
        return self._require(token) if token else None

    def get_jwt_subject(self):
        return self._require(self._token)["sub"] if self._token else None

    def _require(self, token):
        if not token:
            raise MissingTokenError(status_code=401, message="Missing token")
        try:
            return jwt.decode(token, "secret")
        except jwt.PyJWTError as error:
            raise JWTDecodeError(status_code=422, message=str(error)) from error
