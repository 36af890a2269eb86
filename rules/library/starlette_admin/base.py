"""The pages, and the application that serves them."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from starlette_admin.auth.base import AuthMiddleware


class BaseAdmin:
    def __init__(self, title="Admin", base_url="/admin", auth_provider=None, middlewares=None, **options):
        self.base_url = base_url
        self.auth_provider = auth_provider
        self.middlewares = list(middlewares or [])
        self.routes = [
            Route("/", endpoint=self.index, methods=["GET"]),
            Route("/_api/{key}/action", endpoint=self.handle_action, methods=["POST"]),
            Route("/_api/{key}/row-action", endpoint=self.handle_row_action, methods=["POST"]),
            Route("/_api/{key}/relation-lookup", endpoint=self._render_relation_lookup, methods=["GET"]),
            Route("/_api/{key}/inline-edit", endpoint=self._handle_inline_edit, methods=["GET", "POST"]),
            Route("/_api/{key}/inline-edit/row", endpoint=self._render_inline_edit_row, methods=["GET"]),
            Route("/_api/{key}/import", endpoint=self._render_import, methods=["POST"]),
            Route("/_files/{storage}/{path:path}", endpoint=self._serve_file, methods=["GET"]),
            Route("/{key}/list", endpoint=self._render_list, methods=["GET"]),
            Route("/{key}/detail", endpoint=self._render_detail, methods=["GET"]),
            Route("/{key}/create", endpoint=self._render_create, methods=["GET", "POST"]),
            Route("/{key}/edit", endpoint=self._render_edit, methods=["GET", "POST"]),
        ]
        if auth_provider is not None:
            self.middlewares.append(Middleware(AuthMiddleware, provider=auth_provider))
            self.routes.append(Route("/login", endpoint=self.login, methods=["GET", "POST"]))
            self.routes.append(Route("/logout", endpoint=self.logout, methods=["POST"]))

    def add_view(self, view):
        return None

    def add_link(self, link):
        return None

    def mount_to(self, app, **options):
        app.mount(self.base_url, app=Starlette(routes=self.routes, middleware=self.middlewares))

    async def index(self, request: Request) -> Response:
        return await self._page(request)

    async def handle_action(self, request: Request) -> Response:
        return await self._page(request)

    async def handle_row_action(self, request: Request) -> Response:
        return await self._page(request)

    async def _render_relation_lookup(self, request: Request) -> Response:
        return await self._page(request)

    async def _handle_inline_edit(self, request: Request) -> Response:
        return await self._page(request)

    async def _render_inline_edit_row(self, request: Request) -> Response:
        return await self._page(request)

    async def _render_import(self, request: Request) -> Response:
        return await self._page(request)

    async def _serve_file(self, request: Request) -> Response:
        return await self._page(request)

    async def _render_list(self, request: Request) -> Response:
        return await self._page(request)

    async def _render_detail(self, request: Request) -> Response:
        return await self._page(request)

    async def _render_create(self, request: Request) -> Response:
        return await self._page(request)

    async def _render_edit(self, request: Request) -> Response:
        return await self._page(request)

    async def login(self, request: Request) -> Response:
        return await self.auth_provider.render_login(request)

    async def logout(self, request: Request) -> Response:
        return await self.auth_provider.render_logout(request)

    async def _page(self, request: Request) -> Response:
        raise NotImplementedError
