"""What a handler may do with tokens while it has a request and a response: nothing of it is asked for."""

from fastapi import Request, Response


class AuthXDependency:
    def __init__(self, _from, request: Request, response: Response):
        self._security = _from
        self.request = request
        self.response = response

    def create_access_token(self, uid, *positional, **options):
        return self._security.create_access_token(uid)

    def create_refresh_token(self, uid, *positional, **options):
        return self._security.create_refresh_token(uid)

    def create_token_pair(self, uid, *positional, **options):
        return self._security.create_token_pair(uid)

    def set_access_cookies(self, token, response=None, max_age=None):
        self._security.set_access_cookies(token, response or self.response)

    def set_refresh_cookies(self, token, response=None, max_age=None):
        self._security.set_refresh_cookies(token, response or self.response)

    def unset_access_cookies(self, response=None):
        self._security.unset_access_cookies(response or self.response)

    def unset_refresh_cookies(self, response=None):
        self._security.unset_refresh_cookies(response or self.response)

    def unset_cookies(self, response=None):
        self._security.unset_cookies(response or self.response)

    async def get_current_subject(self):
        return await self._security.get_current_subject(request=self.request)
