"""The guards: each an object whose call depends on the places where a token may stand."""

from fastapi import HTTPException, Response, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from jose import jwt


class JwtAuthorizationCredentials:
    def __init__(self, subject, jti=None):
        self.subject = subject
        self.jti = jti

    def __getitem__(self, item):
        return self.subject[item]


class JwtAuthBase:
    class JwtAccessCookie(APIKeyCookie):
        def __init__(self, **options):
            super().__init__(name="access_token_cookie", auto_error=False, **options)

    class JwtRefreshCookie(APIKeyCookie):
        def __init__(self, **options):
            super().__init__(name="refresh_token_cookie", auto_error=False, **options)

    class JwtAccessBearer(HTTPBearer):
        def __init__(self, **options):
            super().__init__(auto_error=False, **options)

    class JwtRefreshBearer(HTTPBearer):
        def __init__(self, **options):
            super().__init__(auto_error=False, **options)

    def __init__(self, secret_key, auto_error=True, algorithm=None, **options):
        self.secret_key = secret_key
        self.auto_error = auto_error
        self.algorithm = algorithm

    def create_access_token(self, subject, expires_delta=None, unique_identifier=None):
        return jwt.encode({"subject": subject, "type": "access"}, self.secret_key)

    def create_refresh_token(self, subject, expires_delta=None, unique_identifier=None):
        return jwt.encode({"subject": subject, "type": "refresh"}, self.secret_key)

    @staticmethod
    def set_access_cookie(response: Response, access_token, expires_delta=None):
        response.set_cookie("access_token_cookie", access_token)

    @staticmethod
    def set_refresh_cookie(response: Response, refresh_token, expires_delta=None):
        response.set_cookie("refresh_token_cookie", refresh_token)

    @staticmethod
    def unset_access_cookie(response: Response):
        response.set_cookie("access_token_cookie", "")

    @staticmethod
    def unset_refresh_cookie(response: Response):
        response.set_cookie("refresh_token_cookie", "")

    async def _get_credentials(self, bearer, cookie):
        token = bearer.credentials if bearer else cookie
        if not token:
            if self.auto_error:
                raise HTTPException(status_code=401)
            return None
        try:
            payload = jwt.decode(token, self.secret_key)
        except jwt.JWTError as error:
            if self.auto_error:
                raise HTTPException(status_code=401) from error
            return None
        return JwtAuthorizationCredentials(payload["subject"], payload.get("jti"))


class JwtAccess(JwtAuthBase):
    _bearer = JwtAuthBase.JwtAccessBearer()
    _cookie = JwtAuthBase.JwtAccessCookie()


class JwtAccessBearer(JwtAccess):
    async def __call__(self, bearer: JwtAuthBase.JwtAccessBearer = Security(JwtAccess._bearer)):
        return await self._get_credentials(bearer, None)


class JwtAccessCookie(JwtAccess):
    async def __call__(self, cookie: JwtAuthBase.JwtAccessCookie = Security(JwtAccess._cookie)):
        return await self._get_credentials(None, cookie)


class JwtAccessBearerCookie(JwtAccess):
    async def __call__(
        self,
        bearer: JwtAuthBase.JwtAccessBearer = Security(JwtAccess._bearer),
        cookie: JwtAuthBase.JwtAccessCookie = Security(JwtAccess._cookie),
    ):
        return await self._get_credentials(bearer, cookie)


class JwtRefresh(JwtAuthBase):
    _bearer = JwtAuthBase.JwtRefreshBearer()
    _cookie = JwtAuthBase.JwtRefreshCookie()


class JwtRefreshBearer(JwtRefresh):
    async def __call__(self, bearer: JwtAuthBase.JwtRefreshBearer = Security(JwtRefresh._bearer)):
        return await self._get_credentials(bearer, None)


class JwtRefreshCookie(JwtRefresh):
    async def __call__(self, cookie: JwtAuthBase.JwtRefreshCookie = Security(JwtRefresh._cookie)):
        return await self._get_credentials(None, cookie)


class JwtRefreshBearerCookie(JwtRefresh):
    async def __call__(
        self,
        bearer: JwtAuthBase.JwtRefreshBearer = Security(JwtRefresh._bearer),
        cookie: JwtAuthBase.JwtRefreshCookie = Security(JwtRefresh._cookie),
    ):
        return await self._get_credentials(bearer, cookie)
