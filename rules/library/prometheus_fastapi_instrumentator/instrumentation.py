from starlette.requests import Request
from starlette.responses import Response


class PrometheusFastApiInstrumentator:
    def __init__(self, **options):
        self.options = options

    def instrument(self, app, **options):
        return self

    def add(self, *functions):
        return self

    def expose(
        self, app, should_gzip=False, endpoint="/metrics", include_in_schema=True, tags=None, **options
    ):
        def metrics(request: Request) -> Response:
            return Response()

        app.get(endpoint, include_in_schema=include_in_schema, tags=tags, **options)(metrics)
        return self
