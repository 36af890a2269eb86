"""Who may see the pages: the project's provider says who sends a request, strangers are sent to sign in."""

from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import RedirectResponse


class AdminUser:
    def __init__(self, username="Administrator", photo_url=None):
        self.username = username
        self.photo_url = photo_url


class BaseAuthProvider:
    def __init__(self, login_path="/login", logout_path="/logout", allow_paths=None, allow_routes=None):
        self.allow_routes = ["login", "static", *(allow_routes or [])]

    async def is_authenticated(self, request):
        return False

    async def authenticate(self, request):
        # up to 0.15 a provider says yes or no, from 1.0 on it gives the user
        return await self.is_authenticated(request) or None

    async def render_login(self, request):
        await self.login(request)
        return RedirectResponse(request.url_for("admin"), status_code=303)

    async def render_logout(self, request):
        await self.logout(request)
        return RedirectResponse(request.url_for("admin"), status_code=303)


class AuthProvider(BaseAuthProvider):
    async def login(self, username, password=None, remember_me=False, request=None, response=None):
        raise NotImplementedError

    async def logout(self, request, response=None):
        raise NotImplementedError


class OAuthProvider(BaseAuthProvider):
    async def redirect_to_provider(self, request, callback_url):
        raise NotImplementedError

    async def handle_callback(self, request):
        raise NotImplementedError


class AuthMiddleware(BaseHTTPMiddleware):
    def __init__(self, app, provider):
        super().__init__(app)
        self.provider = provider
        self.allowed = provider.allow_routes

    async def dispatch(self, request, call_next):
        user = await self.provider.authenticate(request)
        # the routes are allowed by their names, which are the last parts of their paths
        if user is None and not any(request.url.path.endswith("/" + name) for name in self.allowed):
            return RedirectResponse(request.url_for("admin:login"), status_code=303)
        request.state.admin_user = user
        return await call_next(request)
