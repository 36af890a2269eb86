from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sqladmin.authentication import login_required


class Admin:
    def __init__(
        self,
        app,
        engine=None,
        session_maker=None,
        base_url="/admin",
        title="Admin",
        authentication_backend=None,
        **options,
    ):
        self.app = app
        self.engine = engine
        self.authentication_backend = authentication_backend
        one = "/{identity}/{pk:path}/{column_name}"
        self.admin = Starlette(
            routes=[
                Route("/", endpoint=self.index),
                Route("/{identity}/list", endpoint=self.list),
                Route("/{identity}/details/{pk:path}", endpoint=self.details),
                Route("/{identity}/delete", endpoint=self.delete, methods=["DELETE"]),
                Route("/{identity}/create", endpoint=self.create, methods=["GET", "POST"]),
                Route("/{identity}/edit/{pk:path}", endpoint=self.edit, methods=["GET", "POST"]),
                Route("/{identity}/export/{export_type}", endpoint=self.export),
                Route("/{identity}/import", endpoint=self.import_endpoint, methods=["POST"]),
                Route("/{identity}/ajax/lookup", endpoint=self.ajax_lookup),
                Route("/login", endpoint=self.login, methods=["GET", "POST"]),
                Route("/logout", endpoint=self.logout, methods=["GET"]),
                Route(one + "/download/", endpoint=self.file_download, methods=["GET"]),
                Route(one + "/preview/", endpoint=self.file_preview, methods=["GET"]),
            ]
        )
        self.app.mount(base_url, app=self.admin, name="admin")

    def add_view(self, view):
        return None

    def _stored(self, request: Request) -> Response:
        return Response(self.engine.connect().execute("SELECT 1"))

    @login_required
    async def index(self, request: Request) -> Response:
        return self._stored(request)

    @login_required
    async def list(self, request: Request) -> Response:
        return self._stored(request)

    @login_required
    async def details(self, request: Request) -> Response:
        return self._stored(request)

    @login_required
    async def delete(self, request: Request) -> Response:
        return self._stored(request)

    @login_required
    async def create(self, request: Request) -> Response:
        return self._stored(request)

    @login_required
    async def edit(self, request: Request) -> Response:
        return self._stored(request)

    @login_required
    async def export(self, request: Request) -> Response:
        return self._stored(request)

    @login_required
    async def import_endpoint(self, request: Request) -> Response:
        return self._stored(request)

    @login_required
    async def ajax_lookup(self, request: Request) -> Response:
        return self._stored(request)

    @login_required
    async def file_download(self, request: Request) -> Response:
        return self._stored(request)

    @login_required
    async def file_preview(self, request: Request) -> Response:
        return self._stored(request)

    async def login(self, request: Request) -> Response:
        return await self.authentication_backend.login(request)

    async def logout(self, request: Request) -> Response:
        return await self.authentication_backend.logout(request)
