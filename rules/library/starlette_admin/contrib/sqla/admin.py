"""Tables of SQLAlchemy."""

from starlette_admin.base import BaseAdmin


class Admin(BaseAdmin):
    def __init__(self, session_provider, **options):
        super().__init__(**options)
        self.session_provider = session_provider

    async def _page(self, request):
        return self.session_provider.connect().execute("SELECT 1")
