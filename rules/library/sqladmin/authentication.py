import functools

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response


class AuthenticationBackend:
    def __init__(self, secret_key: str, **session):
        self.middlewares = []

    async def login(self, request: Request):
        raise NotImplementedError

    async def logout(self, request: Request):
        raise NotImplementedError

    async def authenticate(self, request: Request):
        raise NotImplementedError


def login_required(func):
    @functools.wraps(func)
    async def wrapper_decorator(view, request):
        backend = view.authentication_backend
        if backend is not None:
            response = await backend.authenticate(request)
            if isinstance(response, Response):
                return response
            if not bool(response):
                return RedirectResponse(request.url_for("admin:login"), status_code=302)
        return await func(view, request)

    return wrapper_decorator
