"""The object that makes tokens, reads them from requests, and gives the guards that ask for them."""

import jwt
from fastapi import Depends, HTTPException, Request, Response, WebSocket
from fastapi.security import APIKeyCookie, APIKeyHeader, APIKeyQuery, HTTPBearer

from authx.config import AuthXConfig
from authx.dependencies import AuthXDependency
from authx.exceptions import (
    AuthXException,
    InsufficientScopeError,
    JWTDecodeError,
    MissingTokenError,
    RevokedTokenError,
)
from authx.schema import RequestToken, TokenPayload, TokenResponse


def _noop_openapi_security():
    return None


class AuthX:
    def __init__(self, config=None, model=None, **options):
        self.config = config or AuthXConfig()
        self._subject_of = None
        self._is_blocked = None

    def load_config(self, config):
        self.config = config

    def handle_errors(self, app):
        async def turned_away(request, error):
            return Response(status_code=401)

        app.add_exception_handler(AuthXException, turned_away)
        app.add_exception_handler(MissingTokenError, turned_away)
        app.add_exception_handler(JWTDecodeError, turned_away)

    def set_subject_getter(self, callback):
        self._subject_of = callback
        return callback

    def set_token_blocklist(self, callback):
        self._is_blocked = callback
        return callback

    def set_callback_get_model_instance(self, callback):
        return self.set_subject_getter(callback)

    def set_callback_token_blocklist(self, callback):
        return self.set_token_blocklist(callback)

    # --- tokens ----------------------------------------------------------------------------------

    def create_access_token(self, uid, *positional, **options):
        return jwt.encode({"sub": uid, "type": "access"}, self.config.JWT_SECRET_KEY)

    def create_refresh_token(self, uid, *positional, **options):
        return jwt.encode({"sub": uid, "type": "refresh"}, self.config.JWT_SECRET_KEY)

    def create_token_pair(self, uid, *positional, **options) -> TokenResponse:
        return TokenResponse(
            access_token=self.create_access_token(uid), refresh_token=self.create_refresh_token(uid)
        )

    def set_access_cookies(self, token, response, max_age=None):
        response.set_cookie(self.config.JWT_ACCESS_COOKIE_NAME, token)

    def set_refresh_cookies(self, token, response, max_age=None):
        response.set_cookie(self.config.JWT_REFRESH_COOKIE_NAME, token)

    def unset_access_cookies(self, response):
        response.delete_cookie(self.config.JWT_ACCESS_COOKIE_NAME)

    def unset_refresh_cookies(self, response):
        response.delete_cookie(self.config.JWT_REFRESH_COOKIE_NAME)

    def unset_cookies(self, response):
        self.unset_access_cookies(response)
        self.unset_refresh_cookies(response)

    def verify_token(
        self, token: RequestToken, verify_type=True, verify_fresh=False, verify_csrf=True
    ) -> TokenPayload:
        return token.verify(
            key=self.config.JWT_SECRET_KEY, verify_type=verify_type, verify_fresh=verify_fresh
        )

    # --- tokens of requests ----------------------------------------------------------------------

    async def get_access_token_from_request(self, request: Request, locations: list[str] | None = None):
        return self._required(request, "access")

    async def get_refresh_token_from_request(self, request: Request, locations: list[str] | None = None):
        return self._required(request, "refresh")

    async def get_token_from_request(
        self,
        request: Request,
        type: str = "access",
        optional: bool = True,
        locations: list[str] | None = None,
    ):
        if optional:
            return self._found(request, type)
        return self._required(request, type)

    def _found(self, request, kind):
        name = (
            self.config.JWT_REFRESH_COOKIE_NAME if kind == "refresh" else self.config.JWT_ACCESS_COOKIE_NAME
        )
        token = (
            request.headers.get(self.config.JWT_HEADER_NAME)
            or request.cookies.get(name)
            or request.query_params.get(self.config.JWT_QUERY_STRING_NAME)
        )
        if not token:
            return None
        return RequestToken(token=token, type=kind, location="headers")

    def _required(self, request, kind):
        found = self._found(request, kind)
        if found is None:
            raise MissingTokenError
        return found

    async def _verified(self, request, kind="access", verify_type=True, verify_fresh=False):
        """Whoever has no valid token is answered 401: the library handles its own errors by then."""
        try:
            token = self._required(request, kind)
            if self._is_blocked is not None and self._is_blocked(token.token):
                raise RevokedTokenError
            return self.verify_token(token, verify_type=verify_type, verify_fresh=verify_fresh)
        except AuthXException as error:
            raise HTTPException(status_code=401) from error

    async def get_current_subject(self, request: Request):
        payload = await self._verified(request)
        return self._subject_of(payload.sub)

    # --- guards ----------------------------------------------------------------------------------

    def token_required(
        self, type="access", verify_type=True, verify_fresh=False, verify_csrf=None, locations=None
    ):
        header, cookie, query = self._schemes(type, locations)

        async def guard(
            request: Request,
            _authx_openapi_header=Depends(header),
            _authx_openapi_cookie=Depends(cookie),
            _authx_openapi_query=Depends(query),
        ):
            return await self._verified(request, type, verify_type, verify_fresh)

        return guard

    @property
    def access_token_required(self):
        return self.token_required(type="access")

    @property
    def fresh_token_required(self):
        return self.token_required(type="access", verify_fresh=True)

    @property
    def refresh_token_required(self):
        return self.token_required(type="refresh")

    def scopes_required(
        self,
        *scopes,
        all_required=True,
        verify_type=True,
        verify_fresh=False,
        verify_csrf=None,
        locations=None,
    ):
        header, cookie, query = self._schemes("access", locations)

        async def guard(
            request: Request,
            _authx_openapi_header=Depends(header),
            _authx_openapi_cookie=Depends(cookie),
            _authx_openapi_query=Depends(query),
        ):
            payload = await self._verified(request, "access", verify_type, verify_fresh)
            try:
                if not set(scopes) <= set(payload.scopes):
                    raise InsufficientScopeError
            except AuthXException as error:
                raise HTTPException(status_code=403) from error
            return payload

        return guard

    def rate_limited(self, max_requests=10, window=60, key_func=None):
        async def guard(request: Request):
            return await self._verified(request)

        return guard

    def get_dependency(self, request: Request, response: Response):
        return AuthXDependency(self, request=request, response=response)

    async def _ws_auth_required(self, websocket: WebSocket):
        return await self._verified(websocket)

    @property
    def DEPENDENCY(self):
        return Depends(self.get_dependency)

    @property
    def BUNDLE(self):
        return Depends(self.get_dependency)

    @property
    def ACCESS_REQUIRED(self):
        return Depends(self.access_token_required)

    @property
    def FRESH_REQUIRED(self):
        return Depends(self.fresh_token_required)

    @property
    def REFRESH_REQUIRED(self):
        return Depends(self.refresh_token_required)

    @property
    def ACCESS_TOKEN(self):
        async def found(request: Request):
            return self._found(request, "access")

        return Depends(found)

    @property
    def REFRESH_TOKEN(self):
        async def found(request: Request):
            return self._found(request, "refresh")

        return Depends(found)

    @property
    def CURRENT_SUBJECT(self):
        return Depends(self.get_current_subject)

    @property
    def WS_AUTH_REQUIRED(self):
        return Depends(self._ws_auth_required)

    def _schemes(self, kind, locations):
        """Described in the documentation of the interface; none of them turns anybody away."""
        locations = locations or self.config.JWT_TOKEN_LOCATION
        header = HTTPBearer(auto_error=False)
        if self.config.JWT_HEADER_NAME.lower() != "authorization":
            header = APIKeyHeader(name=self.config.JWT_HEADER_NAME, auto_error=False)
        name = (
            self.config.JWT_REFRESH_COOKIE_NAME if kind == "refresh" else self.config.JWT_ACCESS_COOKIE_NAME
        )
        cookie = APIKeyCookie(name=name, auto_error=False)
        query = APIKeyQuery(name=self.config.JWT_QUERY_STRING_NAME, auto_error=False)
        return (
            header if "headers" in locations else _noop_openapi_security,
            cookie if "cookies" in locations else _noop_openapi_security,
            query if "query" in locations else _noop_openapi_security,
        )
